# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""state=present and absent with prefix: a conda environment that is changed in place."""

import glob
import json
import os
import tempfile

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_text, remove, write_json
from .._base.processes import compile_bytecode
from .._environment.assemble import find_owner, give_to
from .._environment.present import call_locked
from .._root.layout import Layout
from .packages import KEYS, RECORD, by_name, fetch_packages, read_conda_record
from .rattler_source import Rattler


def check_prefix(prefix):
    """EnvironmentProblem unless this is a conda environment, empty or missing: nothing else is changed or removed."""
    if not os.path.isabs(prefix) or len(prefix.split()) != 1:
        raise EnvironmentProblem("prefix %r is not an absolute path without white space" % prefix)
    if os.path.lexists(prefix) and not os.path.isdir(prefix):
        raise EnvironmentProblem("prefix %s is not a directory: choose another one" % prefix)
    if (
        os.path.isdir(prefix)
        and os.listdir(prefix)
        and not os.path.isfile(os.path.join(prefix, "conda-meta", "history"))
    ):
        raise EnvironmentProblem(
            "prefix %s is neither empty nor a conda environment (it has no conda-meta/history): choose another one"
            % prefix
        )


def remove_prefix(options, check_mode):
    prefix = options["prefix"]
    check_prefix(prefix)
    before = by_name(_read_installed(prefix))
    exists = os.path.lexists(prefix)
    if exists and not check_mode:
        # conda-meta last: after an interruption the next run still recognises a conda environment.
        for name in sorted(os.listdir(prefix), key=lambda name: name == "conda-meta"):
            remove(os.path.join(prefix, name))
        os.rmdir(prefix)
    return {"changed": exists, "removed": [prefix] if exists else [], "warnings": []}, before, []


def ensure_prefix(options, request, check_mode):
    """(result, packages before by name, packages after)."""
    check_prefix(options["prefix"])
    owner = find_owner(options["owner"])
    layout = Layout(os.path.expanduser("~/.cache/edgeai-fleet/conda"))
    return call_locked(
        layout, options, check_mode, lambda lock: _ensure_packages(layout, options, request, owner, lock)
    )


def _ensure_packages(layout, options, request, owner, lock):
    prefix = options["prefix"]
    before = by_name(_read_installed(prefix))
    result = {"changed": False, "path": prefix, "python": os.path.join(prefix, "bin", "python"), "warnings": []}
    record = read_conda_record(prefix, "request", str)
    with Rattler(layout, options, lock) as rattler:
        unchanged = record and record["request"] == request.digest and not options["update"]
        packages = record["packages"] if unchanged else request.solve(layout, rattler, persistent=bool(lock))
        after = by_name(packages)
        same = [name for name in after if name in before and _is_same(before[name], after[name])]
        result["changed"] = len(same) != len(after) or set(before) != set(after)
        if result["changed"]:
            rattler.get_installer()
        if not lock:
            return result, before, packages
        if result["changed"]:
            new, result["warnings"] = fetch_packages(
                layout, [package for package in packages if package["name"] not in same], request
            )
            make_directory(layout.cache)
            with tempfile.TemporaryDirectory(prefix="work-", dir=layout.cache) as work:
                make_directory(prefix)
                files = [dict(package, path=layout.artifact(package)) for package in new]
                rattler.get_installer().replace_packages(
                    prefix, files + [{"keep": before[name]["meta"]} for name in same], work, lock
                )
                if os.path.exists(result["python"]):
                    compile_bytecode(prefix, work, lock)
        if result["changed"] or not record or record["request"] != request.digest:
            make_directory(os.path.join(prefix, ".edgeai"))
            write_json(
                os.path.join(prefix, RECORD),
                {
                    "request": request.digest,
                    "packages": [dict((key, package[key]) for key in KEYS) for package in packages],
                },
            )
        if owner is not None and os.geteuid() == 0 and (result["changed"] or os.stat(prefix).st_uid != owner.pw_uid):
            result["changed"] = True
            give_to(prefix, owner)
    return result, before, packages


def _is_same(installed, package):
    return installed["filename"] == package["filename"] and any(
        package[name] and package[name] == installed[name] for name in ("sha256", "md5")
    )


def _read_installed(prefix):
    """The packages of a prefix, from its conda-meta."""
    packages = []
    for path in sorted(glob.glob(os.path.join(prefix, "conda-meta", "*.json"))):
        try:
            meta = json.loads(read_text(path))
            packages.append(
                {
                    "name": meta["name"],
                    "version": meta["version"],
                    "build": meta["build"],
                    "filename": meta["fn"],
                    "url": meta.get("url"),
                    "sha256": meta.get("sha256"),
                    "md5": meta.get("md5"),
                    "size": meta.get("size"),
                    "meta": path,
                }
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise EnvironmentProblem(
                "%s cannot be read (%r): the environment is damaged; remove it (state: absent) and create it again"
                % (path, error)
            ) from error
    return packages
