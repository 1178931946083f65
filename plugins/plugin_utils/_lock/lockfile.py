# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The lock: a plan made exact, every artifact by URL and sha256. Its name, its content, and how it is kept."""

from __future__ import annotations

import fnmatch
import json
import re
import urllib.parse
from pathlib import Path
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base import files, hashes
from .._base.packaging_shim import Version, parse_wheel_filename
from .._model.lock import KEYS, OPTIONAL_KEYS, SCHEMA

_CONDA = re.compile(r"(?P<name>[a-z0-9_.][a-z0-9_.-]*)-(?P<version>[^/-]+)-[^/-]+\.(conda|tar\.bz2)")


def lock_id(plan: dict[str, Any]) -> str:
    """Boards with the same id share a lock. The order of sources counts, that of requirements does not."""
    wish = {
        "schema": SCHEMA,
        **{
            name: plan[name]
            for name in ("target", "torch", "accelerator", "provider", "sources", "provided", "mirrors")
        },
        "conda": (
            plan["conda"] and {**plan["conda"], "virtual": {**plan["conda"]["virtual"], "linux": None}}
        ),  # a new kernel needs no new lock
        **{name: sorted(set(plan[name])) for name in ("companions", "requirements", "constraints", "forbid")},
        # Where this control node keeps compiled wheels does not matter.
        "wheels": sorted(
            [wheel["filename"], "" if _is_compiled(wheel, plan) else wheel["url"], wheel["sha256"] or ""]
            for wheel in plan["wheels"]
        ),
        **({"system": sorted(plan["system"])} if plan["system"] else {}),
        "files": sorted(wanted["filename"] for wanted in plan["files"]),
        **({"exclude_newer": plan["exclude_newer"]} if plan["exclude_newer"] else {}),
    }
    return hashes.text_digest(redact(hashes.canonical_json(wish)), 16)  # a new password needs no new lock


def _is_compiled(wheel: dict[str, Any], plan: dict[str, Any]) -> bool:
    return any(f"+{build['label']}-" in wheel["filename"] for build in plan["builds"])


def environment_id(plan: dict[str, Any], lock: dict[str, Any]) -> str:
    """Environments with the same id are the same: artifacts, interpreter, system packages on sys.path, variables."""
    return hashes.text_digest(
        hashes.canonical_json(
            {
                "provider": plan["provider"],
                "packages": sorted(
                    [package["name"], package["version"], package["sha256"]] for package in lock["packages"]
                ),
                "python": [plan["python"]["path"], plan["python"]["version"]],
                "system_site_packages": plan["system_site_packages"],
                "paths": plan["paths"],
                "environment": plan["environment"],
            }
        ),
        12,
    )


def forbidden_packages(plan: dict[str, Any], packages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The packages that the plan forbids."""
    return [
        package
        for package in packages
        if any(fnmatch.fnmatchcase(package["name"], pattern) for pattern in plan["forbid"])
    ]


# --- on the disk


def render_lock(lock: dict[str, Any]) -> str:
    """The lock as it is kept: stable, and readable in a diff."""
    return json.dumps(lock, indent=2, sort_keys=True) + "\n"


def _names_package(artifact: dict[str, Any]) -> bool:
    """Whether the file name matches the artifact's name and version."""
    filename = artifact["filename"]
    if filename.endswith(".whl"):
        name, version = parse_wheel_filename(filename)[:2]
        return name == artifact["name"] and version == Version(artifact["version"])
    conda = _CONDA.fullmatch(filename)
    return conda is not None and (conda["name"], conda["version"]) == (artifact["name"], artifact["version"])


def artifact_fault(artifact: Any, is_file: bool = False) -> str | None:
    try:
        if not files.is_file_name(artifact["filename"]) or not (
            artifact["name"] == artifact["filename"] if is_file else _names_package(artifact)
        ):
            return f"the file name {artifact['filename']!r} does not match {artifact['name']} {artifact['version']}"
        if not hashes.is_sha256(artifact["sha256"]):
            return f"{artifact['filename']} has no sha256"
        if urllib.parse.urlsplit(artifact["url"]).scheme not in ("http", "https", "file"):
            return f"{artifact['filename']} has no URL"
        if any(not isinstance(artifact[word], (int, type(None))) for word in ("size", "unpacked")):
            return f"the sizes of {artifact['filename']} are not numbers"
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return f"an artifact is incomplete ({error!r})"
    return None


def read_lock(path: Path, key: str) -> dict[str, Any] | None:
    """A kept lock; None if there is none. ValueError says what is wrong with a damaged one."""
    try:
        text = path.read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise ValueError(f"it cannot be read: {error}") from error
    return parse_lock(text, key)


def parse_lock(text: str, key: str) -> dict[str, Any]:
    """A lock from its text. ValueError says what is wrong with a damaged one."""
    try:
        lock = json.loads(text)
    except ValueError as error:
        raise ValueError(f"it cannot be read: {error}") from error
    if not isinstance(lock, dict) or lock.get("schema") != SCHEMA:
        raise ValueError(f"it is not a lock of schema {SCHEMA}")
    if lock.get("key") != key:
        raise ValueError(f"its key is {lock.get('key')!r}, not that of its file name")
    if set(lock) - OPTIONAL_KEYS != KEYS:
        raise ValueError("its entries are not those of a lock")
    if not lock["packages"] or not all(isinstance(lock[kind], list) for kind in ("packages", "tools", "files")):
        raise ValueError("it has no packages")
    faults = [
        *map(artifact_fault, lock["packages"] + lock["tools"]),
        *(artifact_fault(artifact, is_file=True) for artifact in lock["files"]),
    ]
    if fault := next(filter(None, faults), None):
        raise ValueError(fault)
    return lock
