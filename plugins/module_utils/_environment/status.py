# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The state of a torch_root: cheap enough for every board in every run (stat only, no hashing, no children)."""

import os
import pwd
import stat

from .._base.files import read_json
from .._root.jupyter_kernel import find_kernels
from .._root.layout import Layout, environment_name, environment_path, environment_python, parse_name
from .manifest import find_damage
from .variables import find_exposed

COMPLETE = ".complete"


def user_name(uid):
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def find_problem(root):
    """Why nothing can be installed at this root, as a sentence, or None."""
    who = "user %s (uid %d)" % (user_name(os.geteuid()), os.geteuid())
    fix = "choose another torch_root, or run with the rights to write there (become)"
    if not os.path.isabs(root):
        return "torch_root %s is not an absolute path: give one that begins with /" % root
    if len(root.split()) != 1 or ":" in root:
        # pip and uv take lists of constraint files separated by white space, a shebang line and PATH break too.
        return "torch_root %r holds white space or a colon: choose a path without them" % root
    existing = root
    while not os.path.lexists(existing):
        existing = os.path.dirname(existing)
    if not os.path.isdir(existing):
        kind = (
            "a link that leads nowhere"
            if os.path.islink(existing) and not os.path.exists(existing)
            else "a file, not a directory"
        )
        return "torch_root %s cannot be used: %s is %s; remove it or choose another torch_root" % (root, existing, kind)
    if not os.access(existing, os.W_OK | os.X_OK):
        if existing == root:
            return "torch_root %s is not writable by %s; %s" % (root, who, fix)
        return "torch_root %s cannot be created: %s is not writable by %s; %s" % (root, existing, who, fix)
    return _find_foreign(Layout(root))


def _find_foreign(layout):
    """In a system directory given by mistake (/usr, /var), bin/python must not be replaced, nor the cache removed."""
    foreign = None
    if os.path.lexists(layout.current) and not os.path.islink(layout.current):
        foreign = layout.current
    elif not os.path.isdir(layout.envs) and not os.path.isdir(layout.state):
        # An earlier build leaves its compiler's cache there.
        cache = [layout.cache] if not os.path.isdir(layout.cache) or os.listdir(layout.cache) != ["ccache"] else []
        foreign = next(
            (path for path in [layout.bin, layout.tools] + cache + [layout.current] if os.path.lexists(path)), None
        )
    if foreign:
        return (
            "torch_root %s contains %s, which this collection did not create; choose a directory for torch_root that is"
            " empty or does not exist" % (layout.root, foreign)
        )
    return None


def read_complete(path):
    """The content of an environment's `.complete`, or None if the environment is not finished."""
    try:
        complete = read_json(os.path.join(path, COMPLETE))
    except (OSError, ValueError):
        return None
    return complete if (complete.get("id"), complete.get("generation")) == parse_name(os.path.basename(path)) else None


def list_environments(root):
    """All environments below root, oldest generation of each id first."""
    try:
        names = os.listdir(Layout(root).envs)
    except OSError:
        return []
    parsed = sorted(filter(None, (parse_name(name) for name in names)))
    return [
        {
            "id": identity,
            "generation": generation,
            "complete": read_complete(environment_path(root, identity, generation)) is not None,
        }
        for identity, generation in parsed
    ]


def read_current(root):
    """({id, generation, path, python} of the environment that the link points to or None, a warning or None)."""
    link = Layout(root).current
    try:
        target = os.readlink(link)
    except OSError:
        return None, None
    parsed = parse_name(os.path.basename(target))
    if parsed is None or target != os.path.join("envs", environment_name(*parsed)):
        return None, "%s points to %s, which is not an environment of this collection; it is ignored" % (link, target)
    path = environment_path(root, *parsed)
    return {"id": parsed[0], "generation": parsed[1], "path": path, "python": environment_python(path)}, None


def read_record(root):
    """(state/record.json or None, a warning or None)."""
    path = Layout(root).record
    try:
        record = read_json(path)
    except (FileNotFoundError, NotADirectoryError):
        return None, None
    except (OSError, ValueError) as error:
        return None, "%s cannot be read (%s): the environment counts as not verified" % (path, error)
    if (
        record.get("schema") != 1
        or not _names_environment(record)
        or not isinstance(record.get("verdict"), dict)
        or not _names_environment(record.get("previous") or record)
    ):
        return None, "%s is not a record of this version: the environment counts as not verified" % path
    return record, None


def _names_environment(mapping):
    return (
        isinstance(mapping, dict) and isinstance(mapping.get("id"), str) and isinstance(mapping.get("generation"), int)
    )


def read_state(root):
    """STATE: see docs/schemas. Never raises, whatever is at root."""
    state = {
        "root": root,
        "problem": find_problem(root),
        "current": None,
        "complete": False,
        "intact": False,
        "damage": [],
        "record": None,
        "environments": list_environments(root),
        "exposed": [],
        "jupyter_kernels": find_kernels(root),
        "warnings": [],
    }
    state["current"], warning = read_current(root)
    state["record"], another = read_record(root)
    state["warnings"] = [text for text in (warning, another) if text]
    for item in state["environments"]:
        names = find_exposed(environment_path(root, item["id"], item["generation"]))
        if names:
            state["exposed"].append(
                "%s of environment %s" % (", ".join(names), environment_name(item["id"], item["generation"]))
            )
    if state["current"]:
        path = state["current"]["path"]
        state["complete"] = read_complete(path) is not None
        state["damage"] = (
            find_damage(path)
            if state["complete"]
            else ["%s is %s" % (path, "not complete" if _is_directory(path) else "missing")]
        )
        state["intact"] = not state["damage"]
    return state


def _is_directory(path):
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False
