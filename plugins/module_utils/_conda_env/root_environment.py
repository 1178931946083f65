# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""state=present with root: a versioned conda environment envs/<id>-<generation>; the id is a digest of its packages."""

import hashlib
import os

from .._base.files import write_json
from .._environment.assemble import find_owner
from .._environment.manifest import find_damage
from .._environment.present import call_locked, check_options, check_root, ensure_locked
from .._environment.status import list_environments, read_complete, read_current
from .._root.layout import Layout, environment_path
from .packages import KEYS, RECORD, by_name, fetch_packages, read_conda_record
from .rattler_source import Rattler


def ensure_root(options, request, check_mode):
    """(what ensure_present returns, packages before by name, packages after)."""
    layout = Layout(options["root"])
    check_root(layout.root)
    owner = find_owner(options["owner"])
    return call_locked(
        layout, options, check_mode, lambda lock: _ensure_environment(layout, options, request, owner, lock)
    )


def _ensure_environment(layout, options, request, owner, lock):
    kept = _find_record(layout, request.digest)
    before = by_name(kept["packages"] if kept else _current_packages(layout))
    with Rattler(layout, options, lock) as rattler:
        reused = kept and not options["update"]
        packages = kept["packages"] if reused else request.solve(layout, rattler, persistent=bool(lock))
        warnings = []
        intact = _find_intact(layout, packages)
        python = options["python"]
        if intact:
            packages = intact["packages"]
        elif not lock and any(not package["sha256"] or not package["size"] for package in packages):
            # The id needs the sha256 of every package, and a lock may have only MD5: it is known after the download.
            return (
                {"changed": True, "id": None, "generation": None, "path": None, "python": None, "warnings": []},
                before,
                packages,
            )
        else:
            python = rattler.get_installer().python
            if lock:
                packages, warnings = fetch_packages(layout, packages, request)
        environment = dict(
            options,
            id=_environment_id(packages),
            provider="conda",
            python=python,
            artifacts=packages,
            tools=rattler.tools,
            delivery="index",
            paths=[],
            system_site_packages=False,
            _deliver=False,
            _incoming=None,
        )
        check_options(environment)
        result = ensure_locked(layout, environment, owner, lock)
        result["warnings"] = warnings + result["warnings"]
        if lock:
            _write_record(result["path"], request.digest, packages)
    return result, before, packages


def _environment_id(packages):
    return hashlib.sha256(
        repr(sorted((package["filename"], package["sha256"]) for package in packages)).encode()
    ).hexdigest()[:12]


def _find_intact(layout, packages):
    """The record of an intact environment of exactly these packages, or None."""
    identity = _environment_id(packages)
    for item in list_environments(layout.root):
        path = environment_path(layout.root, item["id"], item["generation"])
        if item["complete"] and item["id"] == identity and not find_damage(path):
            return read_conda_record(path, "requests", list)
    return None


def _find_record(layout, digest):
    """The record of the newest environment for this request, or None."""
    records = []
    for item in list_environments(layout.root):
        path = environment_path(layout.root, item["id"], item["generation"])
        record = read_conda_record(path, "requests", list) if item["complete"] else None
        if record and digest in record["requests"]:
            records.append((os.path.getmtime(os.path.join(path, ".complete")), item["generation"], record))
    return max(records, key=lambda entry: entry[:2])[2] if records else None


def _current_packages(layout):
    current = read_current(layout.root)[0]
    complete = current and read_complete(current["path"])
    record = current and read_conda_record(current["path"], "requests", list)
    if record:
        return record["packages"]
    return [dict(wheel, build="") for wheel in complete["wheels"]] if complete else []


def _write_record(path, digest, packages):
    record = read_conda_record(path, "requests", list)
    requests = sorted(set((record or {"requests": []})["requests"]) | set([digest]))
    if not record or record["requests"] != requests:
        write_json(
            os.path.join(path, RECORD),
            {"requests": requests, "packages": [dict((key, package[key]) for key in KEYS) for package in packages]},
        )
