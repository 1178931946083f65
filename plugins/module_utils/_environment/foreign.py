# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What at a torch_root this collection or its installers wrote, and what is someone else's."""

import csv
import os
import re

from .._base.files import read_json, read_or_none, read_text, remove
from .._root.layout import parse_name
from .manifest import PATH as MANIFEST
from .manifest import list_files
from .wrapper import MARK

_TEMPORARY = re.compile(r"^\..+-[0-9a-f]{12}$")  # of write_atomic
_CACHE = re.compile(r"^(artifacts|ccache|repodata|work-.*|fetch-.*|incoming-.*)$")
_TOOLS = re.compile(r"^(uv-|py-rattler-|\.unpacking-)")
_STATE = ("record.json", "pythons.json", "lock", "additions.json", "packages.before.json")
_BOOKKEEPING = (".edgeai", ".complete", ".lock")
# What shows that a directory is an unfinished environment, and not what removal has left of one.
_UNFINISHED = ("pyvenv.cfg", "conda-meta", ".edgeai", os.path.join("bin", "python"))
# Of venv and of this collection: known without a manifest, too.
_VENV = ("pyvenv.cfg", "pip.conf", "lib64", ".gitignore", "CACHEDIR.TAG")


def is_torch_root(layout):
    """Whether this collection has worked here: a system directory given by mistake may have the same directories."""
    files = [layout.record, layout.lock, layout.additions]
    files += [os.path.join(layout.builds, name, "job.json") for name in _names(layout.builds)]
    environments = [name for name in _names(layout.envs) if parse_name(name)]
    marks = _UNFINISHED + (".complete",)
    files += [os.path.join(layout.envs, name, mark) for name in environments for mark in marks]
    return any(os.path.lexists(path) for path in files)


def sort_content(layout):
    """(what is ours: [(path, the foreign files below it)] in the order in which it can be removed, foreign paths)."""
    own, foreign = [], []
    if not is_torch_root(layout):
        return [], [os.path.join(layout.root, name) for name in _names(layout.root)]
    for path, ours in (
        (layout.current, _leads_to_environment(layout.current)),
        (layout.current + ".new", _leads_to_environment(layout.current + ".new")),
        (layout.wrapper, MARK in (read_or_none(layout.wrapper) or "")),
    ):
        if os.path.lexists(path):
            _assign(path, ours, own, foreign)
    for name in _names(layout.bin):
        if name != "python":
            _assign(os.path.join(layout.bin, name), bool(_TEMPORARY.match(name)), own, foreign)
    for name in _names(layout.envs):
        path = os.path.join(layout.envs, name)
        if parse_name(name) and os.path.isdir(path) and not os.path.islink(path):
            theirs = find_foreign_files(path)
            spared = set(theirs or ())
            if not spared or any(os.path.join(path, file) not in spared for file in _every_file(path)):
                own.append((path, spared))
            foreign += spared
        else:
            foreign.append(path)
    for name in _names(layout.tools):
        _assign(os.path.join(layout.tools, name), bool(_TOOLS.match(name)), own, foreign)
    for name in _names(layout.cache):
        _assign(os.path.join(layout.cache, name), bool(_CACHE.match(name)), own, foreign)
    for name in _names(layout.builds):
        path = os.path.join(layout.builds, name)
        _assign(path, bool(re.match("^[0-9a-f]{8,}$", name)) and os.path.isdir(path), own, foreign)
    state = _names(layout.state)
    # The lock is held meanwhile, and the record says what else is to be removed: they go last.
    for name in sorted(state, key=lambda name: (name == "lock", name == "additions.json", name)):
        _assign(os.path.join(layout.state, name), name in _STATE or bool(_TEMPORARY.match(name)), own, foreign)
    known = [layout.envs, layout.current, layout.current + ".new", layout.bin, layout.tools, layout.cache]
    known += [layout.builds, layout.state]
    foreign += [
        os.path.join(layout.root, name) for name in _names(layout.root) if os.path.join(layout.root, name) not in known
    ]
    return own, sorted(foreign)


def find_foreign_files(env):
    """Paths of files below an environment that neither its installer nor a package manager wrote.

    None: all of it is garbage of an interrupted run.
    """
    complete = os.path.exists(os.path.join(env, ".complete"))
    listed = _listed_by_manifest(env)
    if not complete and listed is None and any(os.path.lexists(os.path.join(env, name)) for name in _UNFINISHED):
        return None
    packaged = _listed_by_packages(env)
    return [
        os.path.join(env, name)
        for name in list_files(env)
        if not _is_known(name, listed, complete) and os.path.normpath(os.path.join(env, name)) not in packaged
    ]


def remove_own(path, spared):
    """Remove a path, but not the files in `spared`. What shows whose the files are goes last: after a crash the same
    files are spared.
    """
    if not spared:
        remove(path)
        return
    files = [os.path.join(path, name) for name in _every_file(path)]
    for name in sorted((name for name in files if name not in spared), key=lambda name: _is_evidence(path, name)):
        remove(name)
    for folder, _folders, _files in os.walk(path, topdown=False):
        if not os.listdir(folder):
            os.rmdir(folder)


def _is_evidence(env, path):
    relative = os.path.relpath(path, env)
    return (
        relative.split(os.sep, 1)[0] in _BOOKKEEPING,
        os.path.basename(path) == "RECORD" or relative.startswith("conda-meta"),
    )


def _is_known(name, listed, complete):
    parts = name.split(os.sep)
    if listed is not None and name in listed:
        return True
    if parts[0] in _BOOKKEEPING or "__pycache__" in parts or name.endswith(".pyc"):
        return True
    if any(part.endswith((".dist-info", ".egg-info", ".egg-link")) for part in parts):
        return True
    if listed is None and complete:
        # uv's virtualenv writes _virtualenv.py and .pth beside the packages.
        return name in _VENV or parts[0] in ("bin", "include", "share") or parts[-1].startswith("_virtualenv.")
    return False


def _listed_by_manifest(env):
    """The names in the manifest; None if it cannot be read."""
    try:
        return set(line.split(" ", 2)[2] for line in read_text(os.path.join(env, MANIFEST)).splitlines())
    except (OSError, ValueError, IndexError):
        return None


def _listed_by_packages(env):
    """Absolute paths of the files that installed distributions and conda packages list."""
    found = set()
    for folder, folders, files in os.walk(env):
        if folder.endswith(".dist-info") and "RECORD" in files:
            site = os.path.dirname(folder)
            rows = csv.reader((read_or_none(os.path.join(folder, "RECORD")) or "").splitlines())
            found.update(os.path.normpath(os.path.join(site, row[0])) for row in rows if row)
        elif os.path.relpath(folder, env) == "conda-meta":
            for name in files:
                found.add(os.path.join(folder, name))
                try:
                    listed = read_json(os.path.join(folder, name)).get("files") if name.endswith(".json") else None
                except (OSError, ValueError):
                    continue
                found.update(os.path.normpath(os.path.join(env, str(file))) for file in listed or ())
        folders[:] = [name for name in folders if name != "__pycache__"]
    return found


def _every_file(top):
    """Like list_files, with the bookkeeping."""
    for folder, folders, files in os.walk(top):
        links = [name for name in folders if os.path.islink(os.path.join(folder, name))]
        for name in files + links:
            yield os.path.relpath(os.path.join(folder, name), top)


def _leads_to_environment(link):
    try:
        target = os.readlink(link)
    except OSError:
        return False
    return os.path.dirname(target) == "envs" and parse_name(os.path.basename(target)) is not None


def _names(folder):
    return sorted(os.listdir(folder)) if os.path.isdir(folder) and not os.path.islink(folder) else []


def _assign(path, ours, own, foreign):
    if ours:
        own.append((path, set()))
    else:
        foreign.append(path)
