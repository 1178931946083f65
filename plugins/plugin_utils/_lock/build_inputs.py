# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Plans of which something is compiled: served by what is on record, or told what a builder needs in order to compile
it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from .._base.errors import Refused
from .._base.files import write_atomically
from .._catalogue.torch_releases import build_requirements, numpy_limit
from .._model.artifact import make_artifact
from .._wheelhouse.build_records import Records
from .._wheelhouse.package_index import Sources
from .named_files import Gatherer
from .wheel_lock import artifact_of, resolve, resolve_packages


class Builds:
    """Of one run."""

    def __init__(self, records: Records, relock: bool, check: bool) -> None:
        self.records = records
        self.relock = relock
        self.check = check
        self._read: dict[str, dict[str, Any] | None] = {}

    def _record(self, build: dict[str, Any]) -> dict[str, Any] | None:
        key = build["key"]
        if key not in self._read:
            self._read[key] = self.records.read(key)
        return self._read[key]

    def missing(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """What is not compiled yet of what the plan needs."""
        return [build for build in plan["builds"] if not self._record(build)]

    def startable(self, plan: dict[str, Any]) -> list[dict[str, Any]]:
        """Of that what lacks nothing that would have to be compiled first."""
        missing = self.missing(plan)
        lacking = {build["package"] for build in missing}
        return [build for build in missing if lacking.isdisjoint(build["requires"])]

    def served(self, plan: dict[str, Any]) -> dict[str, Any]:
        """The plan with the wheels of all that is compiled for it and on record."""
        compiled = [self.records.wheel(record) for build in plan["builds"] if (record := self._record(build))]
        return {**plan, "wheels": [*plan["wheels"], *compiled]} if compiled else plan

    # --- what a builder needs

    def archive(self, build: dict[str, Any]) -> dict[str, Any] | None:
        source = build["source"]
        return make_artifact(source["filename"], source["archive"], source["sha256"]) if source["archive"] else None

    def wheels(
        self, build: dict[str, Any], plan: dict[str, Any], index: Sources, place: Path, gatherer: Gatherer
    ) -> list[dict[str, Any]]:
        """The packages that it is compiled with.

        They are resolved once for a build: it may take days, and is looked after by many runs.
        """
        kept = self.records.folder / f"{build['key']}.wheels.json"
        if not self.relock:
            try:
                return json.loads(kept.read_text("utf-8"))
            except (
                OSError,
                ValueError,
            ):  # there are none, or they are not worth keeping: what is installed is verified anyway
                pass
        wheels = self._resolve(build, plan, index, place, gatherer)
        if not self.check:
            write_atomically(kept, json.dumps(wheels, indent=2, sort_keys=True) + "\n")
        return wheels

    def _resolve(
        self, build: dict[str, Any], plan: dict[str, Any], index: Sources, place: Path, gatherer: Gatherer
    ) -> list[dict[str, Any]]:
        requirements = [*build_requirements(build["package"], build["version"]), *build["python_packages"]]
        if not build["requires"]:
            constraints = [*plan["constraints"], *numpy_limit(build["version"])]
            return [
                artifact_of(package, plan)
                for package in resolve_packages(plan, requirements, constraints, {}, {}, index, place)[0]
            ]
        # Against the very torch that it will be installed beside, which is there by now.
        torch = [other for other in plan["builds"] if other["package"] in build["requires"]]
        beside = {**self.served({**plan, "builds": torch}), "companions": [], "requirements": requirements, "files": []}
        gatherer.check(beside)
        return resolve(beside, index, place, gatherer.gather(beside)[0], [])["packages"]


def refused(build: dict[str, Any], error: Refused) -> dict[str, Any]:
    return Refused(
        f"{build['package']} {build['version']} must be compiled for this board, and what that takes cannot be had:"
        f" {error}",
        error.refusal["way_out"],
    ).refusal
