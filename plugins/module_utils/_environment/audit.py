# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The environment in use against what was installed: every file by its hash, and the packages. Nothing is changed."""

import base64
import csv
import hashlib
import os
import re

from .._base.files import read_json, read_or_none
from .._root.layout import Layout
from .carry import Distribution
from .foreign import find_foreign_files
from .manifest import find_damage
from .status import find_problem, list_environments, read_complete, read_current, read_record

# A report is read by people; the count says how many there are.
LIMIT = 20
_ALGORITHMS = ("sha256", "sha384", "sha512")


def audit_root(root):
    """The module's result, without `changed`."""
    layout = Layout(root)
    current, warning = read_current(layout.root)
    record, another = read_record(layout.root)
    result = {
        "problem": None if list_environments(layout.root) else find_problem(layout.root),
        "warnings": [text for text in (warning, another) if text],
        "environment": os.path.basename(current["path"]) if current else None,
        "recorded": record["recorded"] if record and isinstance(record.get("recorded"), str) else None,
        "files": {"checked": 0, "unchecked": 0, "changed": _some([]), "missing": _some([]), "foreign": _some([])},
        "packages": {"added": [], "changed": [], "missing": []},
        "damage": [],
    }
    if not current:
        return result
    complete = read_complete(current["path"])
    if complete is None:
        result["damage"] = ["%s is not complete" % current["path"]]
        return result
    result["files"] = audit_files(current["path"])
    result["packages"] = audit_packages(current["path"], complete)
    result["damage"] = find_damage(current["path"])
    return result


def audit_files(env):
    """Every file that a package lists with a hash."""
    expected, unchecked, missing = {}, 0, []
    for path, digest in _listed_files(env):
        if digest is None:
            unchecked += 1
            # Bytecode is made again where it is missing.
            if not path.endswith(".pyc") and not os.path.lexists(path):
                missing.append(os.path.relpath(path, env))
        elif path not in expected:
            expected[path] = [digest]
        else:
            # Two packages list one file: the one that was installed later has won.
            expected[path].append(digest)
    changed = []
    for path in sorted(expected):
        found = [_find_hash(path, algorithm) for algorithm, _digest in expected[path]]
        if None in found:
            missing.append(os.path.relpath(path, env))
        elif not any(have == digest for have, (_algorithm, digest) in zip(found, expected[path])):
            changed.append(os.path.relpath(path, env))
    foreign = [os.path.relpath(path, env) for path in find_foreign_files(env) or []]
    return {
        "checked": len(expected),
        "unchecked": unchecked,
        "changed": _some(changed),
        "missing": _some(sorted(set(missing))),
        "foreign": _some(foreign),
    }


def audit_packages(env, complete):
    """What is installed against what the environment was made of."""
    locked = dict((wheel["name"], wheel["version"]) for wheel in complete["wheels"])
    installed = _installed_packages(env)
    # A conda package has another name than the distribution in it.
    known = set(complete.get("distributions") or locked) | set(locked)
    return {
        "added": sorted("%s %s" % (name, version) for name, version in installed if name not in known),
        "changed": [
            {"name": name, "installed": version, "locked": locked[name]}
            for name, version in installed
            if name in locked and not _is_same_version(version, locked[name])
        ],
        "missing": sorted(set(locked) - set(name for name, _version in installed)),
    }


def _installed_packages(env):
    """[(name, version)]: of conda's own list where conda installed, and of the distributions."""
    found = []
    folder = os.path.join(env, "conda-meta")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        entry = _read_mapping(os.path.join(folder, name)) if name.endswith(".json") else {}
        if isinstance(entry.get("name"), str):
            found.append((entry["name"], str(entry.get("version"))))
    of_conda = set(name for name, _version in found)
    for distribution in _distributions(env):
        if distribution.name not in of_conda and not _is_by_conda(distribution):
            stem = os.path.splitext(os.path.basename(distribution.path))[0]
            found.append((distribution.name, stem.split("-")[1] if "-" in stem else "?"))
    return found


def _distributions(env):
    """Every distribution: of one that was replaced badly, both are there."""
    for site in _sites(env):
        for name in sorted(os.listdir(site)):
            if name.endswith((".dist-info", ".egg-info")):
                yield Distribution(os.path.join(site, name))


def _sites(env):
    library = os.path.join(env, "lib")
    names = sorted(os.listdir(library)) if os.path.isdir(library) else []
    sites = [
        os.path.join(library, name, "site-packages")
        for name in names
        if name.startswith("python") and not os.path.islink(os.path.join(library, name))
    ]
    return [site for site in sites if os.path.isdir(site)]


def _is_by_conda(distribution):
    return (read_or_none(os.path.join(distribution.path, "INSTALLER")) or "").strip() == "conda"


def _listed_files(env):
    """(path, (algorithm, digest in hexadecimal) or None) of every file that a package lists."""
    inside = os.path.realpath(env) + os.sep
    for distribution in _distributions(env):
        if distribution.record is None or _is_by_conda(distribution):
            continue
        site = os.path.dirname(distribution.path)
        for row in csv.reader((read_or_none(distribution.record) or "").splitlines()):
            path = os.path.normpath(os.path.join(site, row[0])) if row else ""
            # The list belongs to whoever owns the environment: only its own files are read.
            if os.path.join(os.path.realpath(os.path.dirname(path)), "").startswith(inside):
                yield path, _parse_digest(row[1] if len(row) > 1 else "")
    folder = os.path.join(env, "conda-meta")
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else ():
        entry = _read_mapping(os.path.join(folder, name)) if name.endswith(".json") else {}
        paths = (entry.get("paths_data") or {}).get("paths") if isinstance(entry.get("paths_data"), dict) else None
        for item in paths if isinstance(paths, list) else ():
            path = os.path.normpath(os.path.join(env, str(item.get("_path")))) if isinstance(item, dict) else ""
            if os.path.join(os.path.realpath(os.path.dirname(path)), "").startswith(inside):
                digest = item.get("sha256_in_prefix") or item.get("sha256")
                linked = item.get("path_type") not in (None, "hardlink")
                yield path, None if linked or not digest else ("sha256", str(digest))


def _parse_digest(text):
    algorithm, _equals, encoded = text.partition("=")
    if algorithm not in _ALGORITHMS or not encoded:
        return None
    try:
        padded = encoded + "=" * (-len(encoded) % 4)
        digest = base64.urlsafe_b64decode(padded.encode("ascii"))
    except ValueError:
        return None
    return (algorithm, digest.hex()) if len(digest) == hashlib.new(algorithm).digest_size else None


def _find_hash(path, algorithm):
    """The digest of a file; None if there is none that can be read."""
    digest = hashlib.new(algorithm)
    try:
        with open(path, "rb") as stream:
            for block in iter(lambda: stream.read(1 << 20), b""):
                digest.update(block)
    except OSError:
        return None
    return digest.hexdigest()


def _is_same_version(one, other):
    return _normalize(one) == _normalize(other)


def _normalize(version):
    return re.sub("[-_.]+", ".", version.lower())


def _read_mapping(path):
    try:
        return read_json(path)
    except (OSError, ValueError):
        return {}


def _some(names):
    return {"count": len(names), "names": names[:LIMIT]}
