# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Plans with builds: the wheels that are compiled already, and what a builder needs to compile the others."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

from .._base import hashes
from .._base.errors import Refused
from .._base.files import write_atomically
from .._base.packaging_shim import Requirement, canonicalize_name
from .._catalogue.torch_releases import build_requirements, numpy_headers
from .._model.artifact import make_artifact
from .._wheelhouse.build_records import BuildRecords
from .._wheelhouse.package_index import Sources
from .named_files import FileGatherer
from .wheel_lock import best_wheel_of, resolve_packages, resolve_plan


class PlannedBuilds:
    """The builds in the plans of one run."""

    def __init__(self, records: BuildRecords, relock: bool, check: bool) -> None:
        self.records = records
        self.relock = relock
        self.check = check
        self._read_record = cache(records.read_record)  # by build id

    def missing_builds(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """The builds of the plan that are not compiled yet."""
        return [build for build in plan["builds"] if not self._read_record(build["key"])]

    def startable_builds(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """The missing builds that do not depend on another missing one."""
        missing = self.missing_builds(plan)
        packages = {build["package"] for build in missing}
        return [build for build in missing if packages.isdisjoint(build["requires"])]

    def with_compiled_wheels(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan with the wheels of its builds that have a record."""
        compiled = [
            self.records.wheel_of(record) for build in plan["builds"] if (record := self._read_record(build["key"]))
        ]
        return {**plan, "wheels": [*plan["wheels"], *compiled]} if compiled else plan

    # --- what a builder needs

    def source_archive(self, build: dict[str, Any]) -> dict[str, Any] | None:
        source = build["source"]
        return make_artifact(source["filename"], source["archive"], source["sha256"]) if source["archive"] else None

    def packages_for(
        self, build: dict[str, Any], plan: dict[str, Any], index: Sources, work_folder: Path, gatherer: FileGatherer
    ) -> list[dict[str, Any]]:
        """The packages to compile with. They are resolved once per build, which may take days and many runs."""
        limit = f".{hashes.text_digest(plan['exclude_newer'], 8)}" if plan["exclude_newer"] else ""
        kept = self.records.folder / f"{build['key']}{limit}.wheels.json"
        if not self.relock:
            try:
                return json.loads(kept.read_text("utf-8"))
            except (OSError, ValueError):  # none, or damaged: resolve again
                pass
        if index.configuration.offline:
            raise Refused(
                f"{kept} is missing, which names the packages to compile with, and wheelhouse_offline is true",
                "make the bundle again",
            )
        wheels = self._resolve_packages(build, plan, index, work_folder, gatherer)
        if not self.check:
            write_atomically(kept, json.dumps(wheels, indent=2, sort_keys=True) + "\n")
        return wheels

    def _resolve_packages(
        self, build: dict[str, Any], plan: dict[str, Any], index: Sources, work_folder: Path, gatherer: FileGatherer
    ) -> list[dict[str, Any]]:
        requirements = [*build_requirements(build["package"], build["version"]), *build["python_packages"]]
        if not build["requires"]:
            limits = numpy_headers(build["version"], plan["python"]["version"], plan["provided"].get("numpy"))
            # Headers of NumPy 2 serve every NumPy that the plan allows.
            kept = [text for text in plan["constraints"] if limits != ["numpy>=2"] or not _is_of_numpy(text)]
            # The packages that the board holds are the board's: a builder is another host.
            alone = {**plan, "provided": {}}
            return [
                best_wheel_of(package, plan)
                for package in resolve_packages(alone, requirements, [*kept, *limits], {}, {}, index, work_folder)[0]
            ]
        # Against the torch that it will be installed with, which is compiled by now.
        torch = [other for other in plan["builds"] if other["package"] in build["requires"]]
        with_torch = self.with_compiled_wheels(
            {**plan, "builds": torch, "companions": [], "requirements": requirements, "files": []}
        )
        gatherer.check_plan(with_torch)
        return resolve_plan(with_torch, index, work_folder, gatherer.gather_files(with_torch)[0], [])["packages"]


def _is_of_numpy(constraint: str) -> bool:
    return canonicalize_name(Requirement(constraint).name) == "numpy"


def build_refusal(build: dict[str, Any], error: Refused) -> dict[str, Any]:
    return Refused(
        f"{build['package']} {build['version']} must be compiled for this board, but inputs of the build are missing:"
        f" {error}",
        error.way_out,
    ).refusal
