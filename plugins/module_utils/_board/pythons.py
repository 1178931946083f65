# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The Python interpreters of a board; Ansible's is only one of them."""

import os
import re

from .._base.text import clean_line, numbers_in

NAME = re.compile(r"^python3(?:\.(\d+))?$")
ANSWER = re.compile(r"^([a-z]+) (\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?)\+? ([01])(?: (/.*))?\s*$")
QUESTION = """
import os, sys
library = os.path.dirname(os.__file__)
marker = os.path.join(library, 'EXTERNALLY-MANAGED')
print(sys.implementation.name, sys.version.split()[0], int(os.path.exists(marker)), library * library.isprintable())
"""
# All run at the same time. The limit is long, because a start takes seconds on a busy emulated board, and an
# interpreter that is missing once would change the plan.
TIMEOUT = 60


def find_pythons(system, torch_python=None, workload=None, answers=None):
    """(pythons, warnings). workload: the account that must be able to run the interpreters, if it is not the current
    user's. answers: the options of KeptAnswers, if interpreters need not be started that have answered before.
    """
    warnings = []
    wanted_path = os.path.expanduser(torch_python) if torch_python and "/" in torch_python else None
    own = system.own_interpreter()
    found = {}
    order = []
    for path, is_default in _candidate_paths(system, wanted_path, own["path"]):
        if not system.is_file(path):
            warnings.append("%s is not a file: it is skipped" % clean_line(path))
            continue
        # pyenv's shims and other wrappers are scripts; the interpreters behind them are found in their own directories.
        kind = (
            "the interpreter of a virtual environment"
            if _is_in_environment(system, path)
            else "a script"
            if system.read_bytes(path, 2) == b"#!"
            else None
        )
        if kind:
            if path == wanted_path:
                warnings.append(
                    "torch_python: %s is %s: give the real interpreter behind it" % (clean_line(path), kind)
                )
            continue
        real = system.realpath(path)
        if real not in found:
            found[real] = {"path": path, "default": False}
            order.append(real)
        found[real]["default"] = found[real]["default"] or is_default
        if path == wanted_path:
            found[real]["path"] = path

    if workload:
        barriers = {}
        for real in order:
            barriers.setdefault(_find_barrier(system, real, workload), []).append(real)
        order = barriers.pop(None, [])
        for barrier, closed in sorted(barriers.items()):
            names = ", ".join(clean_line(found[real]["path"]) for real in closed)
            warnings.append(
                "interpreters that the user %s cannot run because of the mode of %s are skipped: %s"
                % (workload["name"], clean_line(barrier), names)
            )

    known = {own["path"]: dict((name, own[name]) for name in ("version", "implementation", "externally_managed"))}
    kept = None
    if answers and any(real not in known for real in order):
        from .python_answers import KeptAnswers  # most boards have one interpreter

        kept = KeptAnswers(**answers)
        for real in order:
            known[real] = known.get(real) or kept.recall(system, real)
    asked = [real for real in order if not known.get(real)]
    failures, new = {}, {}
    commands = [[found[real]["path"], "-I", "-S", "-c", QUESTION] for real in asked]
    for real, answer in zip(asked, system.run_all(commands, TIMEOUT)):
        match = ANSWER.match(answer[1]) if answer and answer[0] == 0 else None
        if not match:
            failures[real] = _describe_failure(answer)
            continue
        implementation, version, marked, library = match.groups()
        known[real] = {"implementation": implementation, "version": version, "externally_managed": marked == "1"}
        if library:
            new[real] = {"implementation": implementation, "version": version, "library": library}
    if kept:
        kept.keep(system, new)
    pythons = []
    for real in order:
        if real in failures:
            warnings.append("%s does not work (%s): it is skipped" % (clean_line(found[real]["path"]), failures[real]))
        else:
            pythons.append(dict(known[real], path=found[real]["path"], default=found[real]["default"]))
    # Of several `python3` on PATH, the default is the first that works.
    defaults = [python for python in pythons if python["default"]]
    for python in defaults[1:]:
        python["default"] = False
    return pythons, warnings


def _candidate_paths(system, wanted, own):
    """(path, whether it is a `python3` of PATH), in order of preference."""
    on_path = _drop_duplicates(
        system.realpath(place) for place in system.environ.get("PATH", "").split(os.pathsep) if place.startswith("/")
    )
    places = on_path + ["/usr/bin", "/usr/local/bin"]
    # The current user's home, from the password database: under sudo, HOME may be another user's, and root must not run
    # files from there.
    account = system.find_account(system.uid())
    if account:
        versions = os.path.join(account["home"], ".pyenv", "versions")
        places += [
            os.path.join(versions, name, "bin")
            for name in sorted(system.listdir(versions), key=numbers_in, reverse=True)
        ]
    # Huawei's documents, images and deployer build a Python in a directory of its own there.
    for place, beginning in (("/usr/local", "python3"), ("/opt", "python")):
        names = [name for name in system.listdir(place) if name.startswith(beginning)]
        places += [os.path.join(place, name, "bin") for name in sorted(names, key=numbers_in, reverse=True)]

    defaults, others = [], []
    for place in _drop_duplicates(system.realpath(place) for place in places):
        # python3 first, then the newest
        names = sorted(
            (name for name in system.listdir(place) if NAME.match(name)),
            key=lambda name: (name != "python3", [-n for n in numbers_in(name)]),
        )
        for name in names:
            path = os.path.join(place, name)
            if name == "python3" and place in on_path:
                defaults.append((path, True))
            else:
                others.append((path, False))
    return defaults + others + [(path, False) for path in (wanted, own) if path]


def _drop_duplicates(values):
    seen = []
    for value in values:
        if value not in seen:
            seen.append(value)
    return seen


def _is_in_environment(system, path):
    directory = os.path.dirname(path)
    return any(system.exists(os.path.join(place, "pyvenv.cfg")) for place in (directory, os.path.dirname(directory)))


def _find_barrier(system, path, account):
    """The first part of a path that an account may not pass, by the mode bits; None if it may run the file."""
    part = ""
    for name in path.split("/")[1:]:
        part = part + "/" + name
        entry = system.stat(part)
        if account["uid"] == 0 or entry is None:
            continue
        shift = 6 if entry.st_uid == account["uid"] else 3 if entry.st_gid in account["gids"] else 0
        if not entry.st_mode >> shift & 1:
            return part
    return None


def _describe_failure(answer):
    if answer is None:
        return "it cannot be started, or gave no answer within %d s" % TIMEOUT
    status, out, err = answer
    last_line = clean_line((err.strip() or out.strip()).split("\n")[-1])
    cause = "killed by signal %d" % -status if status < 0 else "exit status %d" % status
    return "%s: %s" % (cause, last_line) if last_line else cause
