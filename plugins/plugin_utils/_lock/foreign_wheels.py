# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Targets that uv does not know: uv resolves for a similar one, then each package's wheel is chosen for the target."""

from __future__ import annotations

from typing import Any

from .._base.packaging_shim import Version
from .._wheelhouse.package_index import Sources
from .target_platform import is_foreign
from .torch_selection import list_candidates
from .upload_times import UploadTimes


def choose_foreign_wheels(packages: list[dict[str, Any]], plan: dict[str, Any], index: Sources) -> list[str]:
    """Give each resolved package the wheels that fit the target; constraints for those of which only older ones fit."""
    limits, times = [], UploadTimes(plan, index)
    for package in packages if is_foreign(plan["target"]) else ():
        version = Version(package["version"])
        fitting = [
            candidate
            for candidate in list_candidates(package["name"], list(index.configuration.sources), index, plan["target"])
            if candidate.rank >= 0
            and candidate.version <= version
            and times.allow(package["name"], candidate.version, candidate.source, candidate.file)
        ]
        package["wheels"] = [_as_wheel(candidate.file) for candidate in fitting if candidate.version == version]
        package.pop("archive", None)
        older = [candidate.version for candidate in fitting if not candidate.version.is_prerelease]
        if older and not package["wheels"]:
            limits.append(f"{package['name']}<={max(older)}")
    return limits


def _as_wheel(file: dict[str, Any]) -> dict[str, Any]:
    """In the form of uv's pylock.toml."""
    return {
        "name": file["filename"],
        "url": file["url"],
        "size": file["size"],
        "hashes": {"sha256": file["sha256"]} if file["sha256"] else {},
    }
