# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""System packages: which ones an installation has added, and their removal without that of any other package."""

import os
import re

from .._base.errors import EnvironmentProblem
from .._base.files import read_json, remove, write_json
from .._base.text import last_words
from .._root.additions import record_additions, start_record
from .._root.layout import Layout

DPKG, RPM, PACMAN = "dpkg", "rpm", "pacman"
DATABASES = {"apt": DPKG, "dnf": RPM, "dnf5": RPM, "yum": RPM, "zypper": RPM, "pacman": PACMAN}
_LISTS = {
    DPKG: ["dpkg-query", "-W", "-f", "${db:Status-Abbrev} ${binary:Package}\\n"],
    RPM: ["rpm", "-qa", "--qf", "ii  %{NAME}\\n"],
    PACMAN: ["pacman", "-Qq"],
}
# None of them removes a package that was not named.
_TRIES = {
    DPKG: ["dpkg", "--no-act", "--purge"],
    RPM: ["rpm", "-e", "--test"],
    PACMAN: ["pacman", "-R", "--print", "--noconfirm"],
}
_REMOVALS = {DPKG: ["dpkg", "--purge"], RPM: ["rpm", "-e"], PACMAN: ["pacman", "-R", "--noconfirm"]}


def bare(name):
    """A package without its architecture, as operators name it."""
    return name.split(":")[0]


class PackageDatabase(object):
    """The packages of a board. run(argv) returns (exit status, stdout, stderr)."""

    def __init__(self, run, manager):
        if manager not in DATABASES:
            raise EnvironmentProblem(
                "the package manager %s is not known here; known are: %s" % (manager, ", ".join(sorted(DATABASES)))
            )
        self.run, self.kind = run, DATABASES[manager]

    def installed(self):
        argv = _LISTS[self.kind]
        status, out, err = self.run(argv)
        is_empty = self.kind == PACMAN and status == 1 and not (out + err).strip()  # how pacman says that it has none
        if status and not is_empty:
            raise EnvironmentProblem("`%s` ended with status %d: %s" % (" ".join(argv), status, last_words(err or out)))
        if self.kind == PACMAN:
            return set(out.split())
        return set(line.split()[1] for line in out.splitlines() if line.startswith("ii"))

    def split_removable(self, names):
        """(packages that can be removed, {package: why not}): not those that a package of someone else needs."""
        kept, left = {}, sorted(names)
        while left:
            status, out, err = self.run(_TRIES[self.kind] + left)
            if not status:
                break
            blocked = self._blocked(left, err + "\n" + out)
            if not blocked:
                raise EnvironmentProblem(
                    "`%s` ended with status %d: %s"
                    % (" ".join(_TRIES[self.kind] + left), status, last_words(err.strip() or out))
                )
            kept.update(blocked)
            left = [name for name in left if name not in blocked]
        return left, kept

    def _blocked(self, names, output):
        if self.kind != DPKG:
            # They tell capabilities, not packages: without a certain answer all stay.
            needed = re.search(r"^.*(?:needed by|required by).*$", output, re.M)
            return dict((name, needed.group(0).strip()) for name in names) if needed else {}
        known = dict((bare(name), name) for name in names)
        reasons = {}
        for match in re.finditer(r"^dpkg: error processing package (\S+) \(--purge\):\n((?: .*\n?)*)", output, re.M):
            name = known.get(bare(match.group(1)))
            before = output[: match.start()]
            needed = re.findall(r"^ +(\S+) depends on %s\b.*$" % re.escape(bare(match.group(1))), before, re.M)
            if name:
                why = "needed by %s" % ", ".join(sorted(set(needed)))
                reasons[name] = why if needed else last_words(match.group(2))
        return reasons

    def remove(self, names):
        argv = _REMOVALS[self.kind] + names
        status, out, err = self.run(argv)
        left = self.installed().intersection(names)
        if status or left:
            raise EnvironmentProblem(
                "`%s` ended with status %d and left %s: %s"
                % (" ".join(argv), status, ", ".join(sorted(left)) or "nothing", last_words(err.strip() or out))
            )


def begin_installation(database, root, names, check_mode=False):
    """Before an installation: the names that are missing. If there are any, what is installed now is noted."""
    before = _before_path(root)
    installed = database.installed()
    if os.path.lexists(before) and not check_mode:
        _finish_interrupted(before, installed, root, database)
    missing = sorted(set(names) - set(map(bare, installed)) - installed)
    if missing and not check_mode:
        start_record(root)
        write_json(before, {"asked": missing, "installed": sorted(installed)})
    return missing


def end_installation(database, root):
    """After it, also a failed one: record what was added; return it."""
    before = _before_path(root)
    noted = _read_noted(before)
    if not noted:
        return []
    added = sorted(database.installed() - set(noted["installed"]))
    record_additions(root, _entries(added, noted["asked"], database.kind))
    remove(before)
    return added


def _finish_interrupted(before, installed, root, database):
    """A run ended in the middle of an installation. Others may have installed packages since: only what it asked for by
    name is its own.
    """
    noted = _read_noted(before) or {"asked": [], "installed": []}
    added = [name for name in installed - set(noted["installed"]) if bare(name) in noted["asked"]]
    record_additions(root, _entries(sorted(added), noted["asked"], database.kind))
    remove(before)


def _entries(names, asked, kind):
    return [
        {"kind": "package", "name": name, "manager": kind, "asked": bare(name) in asked or name in asked}
        for name in names
    ]


def _read_noted(path):
    try:
        noted = read_json(path)
    except (OSError, ValueError):
        return None
    lists = [noted.get(key) for key in ("asked", "installed")]
    return noted if all(isinstance(one, list) and all(isinstance(name, str) for name in one) for one in lists) else None


def _before_path(root):
    return os.path.join(Layout(root).state, "packages.before.json")
