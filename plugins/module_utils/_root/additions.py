# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What this collection adds to a board outside torch_root, recorded before it is added: <root>/state/additions.json.

Each addition is a mapping with its kind:

    directory   path             a directory that did not exist
    group       user, group      a group that the user was not in
    package     name, manager, asked (false for what came along with it)
    swap        path, manager
    service     name
    kernel      path             a kernelspec of Jupyter
    zram                         compressed swap was disabled
    power_mode  was, set         ids of nvpmodel; `was` is the one before the first change
    vendor      name, version    what only its vendor's own program can remove
"""

import os
import time

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_json, write_json
from .layout import Layout

SCHEMA = 1
# What makes two additions of a kind the same one.
IDENTITY = {
    "directory": ("path",),
    "group": ("user", "group"),
    "package": ("name",),
    "swap": ("path",),
    "service": ("name",),
    "kernel": ("path",),
    "zram": (),
    "power_mode": (),
    "vendor": ("name",),
}


class Additions(object):
    """The record of a torch_root. `complete`: it was started before anything else was at this root. `problem`: why it
    cannot be used, or None.
    """

    def __init__(self, entries=(), complete=False, problem=None):
        self.entries = list(entries)
        self.complete = complete
        self.problem = problem

    def of(self, kind):
        return [entry for entry in self.entries if entry["kind"] == kind]


def missing_directories(path):
    """The directories that making this one would create, the outermost first."""
    missing = []
    while not os.path.lexists(path):
        missing.insert(0, path)
        path = os.path.dirname(path)
    return missing


def read_additions(root):
    """The record. Never raises, whatever is there."""
    path = Layout(root).additions
    try:
        content = read_json(path)
    except (FileNotFoundError, NotADirectoryError):
        return Additions(problem="%s does not exist" % path)
    except (OSError, ValueError) as error:
        return Additions(problem="%s cannot be read (%s)" % (path, error))
    entries = content.get("additions")
    if content.get("schema") != SCHEMA or not isinstance(entries, list) or not all(map(_is_addition, entries)):
        return Additions(problem="%s is not a record of this version" % path)
    return Additions(entries, content.get("complete") is True)


def start_record(root):
    """Make the root and its record, unless they exist. It is the first thing at a new root."""
    layout = Layout(root)
    if os.path.lexists(layout.additions):
        return
    new = [layout.envs, layout.builds, layout.record]
    created = missing_directories(root)
    complete = not any(os.path.lexists(path) for path in new)
    make_directory(layout.state)
    _write(layout, [{"kind": "directory", "path": path} for path in created], complete)


def record_additions(root, entries):
    """Record these additions as well. Call it before they are made: a crash in between leaves a record too many, which
    removal finds to be nothing.
    """
    if not entries:
        return
    start_record(root)
    known = read_additions(root)
    if known.problem:
        raise EnvironmentProblem(
            "%s: what is added to this board cannot be recorded. Correct that file; or remove it, and what was added "
            "before must be removed by hand" % known.problem
        )
    merged = list(known.entries)
    for entry in entries:
        former = next((index for index, other in enumerate(merged) if _identity(other) == _identity(entry)), None)
        if former is None:
            merged.append(dict(entry, recorded=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())))
        elif entry["kind"] == "power_mode":
            merged[former] = dict(merged[former], set=entry["set"])
    if merged != known.entries:
        _write(Layout(root), merged, known.complete)


def _write(layout, entries, complete):
    write_json(layout.additions, {"schema": SCHEMA, "complete": complete, "additions": entries})


def _identity(entry):
    return [entry["kind"]] + [entry[key] for key in IDENTITY[entry["kind"]]]


def _is_addition(entry):
    if not isinstance(entry, dict) or entry.get("kind") not in IDENTITY:
        return False
    if entry["kind"] == "power_mode" and not all(isinstance(entry.get(key), int) for key in ("was", "set")):
        return False
    return all(isinstance(entry.get(key), str) and entry[key] for key in IDENTITY[entry["kind"]])
