# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Files that a plan names one by one: fetched under their real names and verified before anything is resolved."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base.errors import Refused
from .._base.files import is_file_name
from .._base.packaging_shim import InvalidWheelFilename, parse_wheel_filename
from .._model.artifact import make_artifact
from .._wheelhouse import store, wheel_files
from .pins import Pins
from .target_platform import tag_rank, tags_of, target_text


class NamedWheel(NamedTuple):
    artifact: dict[str, Any]
    path: Path


def chosen_wheels(plan: dict[str, Any]) -> list[dict[str, Any]]:
    """Of the plan's wheels, the one of each project that fits the target best."""
    by_project: dict[str, list[tuple[int, dict[str, Any]]]] = {}
    for wheel in plan["wheels"]:
        try:
            name = parse_wheel_filename(wheel["filename"])[0]
        except InvalidWheelFilename as error:
            raise Refused(
                f"{wheel['filename']!r} is not a valid wheel file name: {error}", "correct the row of the catalogue"
            ) from error
        by_project.setdefault(name, []).append((tag_rank(wheel["filename"], plan["target"]), wheel))
    chosen = []
    for project, ranked in by_project.items():
        fitting = [entry for entry in ranked if entry[0] >= 0]
        if not fitting:
            raise Refused(
                f"the {project} wheel of the catalogue does not fit {target_text(plan['target'])}: it is for "
                + tags_of([wheel["filename"] for _rank, wheel in ranked], plan["target"]),
                "use another Python (torch_python), or correct the row of the catalogue",
            )
        chosen.append(min(fitting, key=lambda entry: entry[0])[1])
    return chosen


class FileGatherer:
    """Fetches the named files of all plans of a run, each once."""

    def __init__(self, wheelhouse: store.Wheelhouse, pins: Pins, destination: store.Wheelhouse) -> None:
        self.wheelhouse = wheelhouse
        self.pins = pins
        self.destination = destination  # where files go: the wheelhouse, in check mode a temporary one

    def check_plan(self, plan: dict[str, Any]) -> None:
        """Refuse files without a known sha256 before they are fetched."""
        wanted = [*chosen_wheels(plan), *plan["files"]]
        for file in wanted:
            if not is_file_name(file["filename"]):
                raise Refused(f"{file['filename']!r} is not a valid file name", "correct the row of the catalogue")
        unknown = [file for file in wanted if not self.pins.expected_sha256(file)]
        if unknown and not plan["trust_on_first_use"]:
            raise self.pins.refuse_unknown(unknown)

    def gather_files(self, plan: dict[str, Any]) -> tuple[dict[str, NamedWheel], list[dict[str, Any]]]:
        """The plan's wheels by project, verified and fetched; and the artifacts of its files."""
        wheels: dict[str, NamedWheel] = {}
        for wanted in chosen_wheels(plan):
            explicit, name = self._fetch_wanted(wanted), parse_wheel_filename(wanted["filename"])[0]
            try:
                version = wheel_files.wheel_version(explicit.path, wanted["filename"])
            except ValueError as error:
                raise Refused(
                    f"{wanted['filename']} from {redact(wanted['url'])} is not the named wheel: {error}",
                    "correct the row of the catalogue",
                ) from error
            wheels[name] = explicit._replace(artifact={**explicit.artifact, "name": name, "version": version})
        return wheels, [self._file_artifact(wanted) for wanted in plan["files"]]

    def check_kept_lock(self, plan: dict[str, Any], lock: dict[str, Any]) -> None:
        """Refuse a kept lock whose sha256 of a file differs from the one in the pins or the catalogue now."""
        locked = {artifact["filename"]: artifact["sha256"] for artifact in [*lock["packages"], *lock["files"]]}
        for wanted in [*plan["wheels"], *plan["files"]]:
            expected = self.pins.expected_sha256(wanted) if wanted["filename"] in locked else None
            if expected and expected[0] != locked[wanted["filename"]]:
                raise Refused(
                    f"the lock {lock['key']} has {wanted['filename']} with sha256 {locked[wanted['filename']]}, but"
                    f" {expected[1]} says {expected[0]}; the file is {redact(wanted['url'])}",
                    f"if {expected[1]} is right, lock again with torch_relock: true; otherwise correct it",
                )

    def _file_artifact(self, wanted: dict[str, Any]) -> dict[str, Any]:
        expected = self.pins.expected_sha256(wanted)
        # In check mode a file is only fetched if its hash is unknown.
        return (
            make_artifact(wanted["filename"], wanted["url"], expected[0])
            if expected and self.pins.check
            else self._fetch_wanted(wanted).artifact
        )

    def _fetch_wanted(self, wanted: dict[str, Any]) -> NamedWheel:
        expected = self.pins.expected_sha256(wanted)
        if not expected:
            try:
                artifact = self.destination.fetch_first(make_artifact(wanted["filename"], wanted["url"], ""))
            except store.FetchFailed as failed:
                raise _fetch_refusal(failed) from failed
            self.pins.record_pin(wanted, artifact["sha256"])
            return NamedWheel(artifact, self.destination.path_of(artifact))
        artifact = make_artifact(wanted["filename"], wanted["url"], expected[0])
        if self.wheelhouse.has(artifact):
            path = self.wheelhouse.path_of(artifact)
            return NamedWheel({**artifact, "size": path.stat().st_size}, path)
        error = self.destination.fetch_all([artifact]).get(artifact["sha256"])
        if isinstance(error, store.Mismatch):
            raise self.pins.refuse_mismatch(wanted, error.found)
        if error:
            raise _fetch_refusal(error)
        return NamedWheel(artifact, self.destination.path_of(artifact))


def _fetch_refusal(failed: store.FetchFailed) -> Refused:
    return Refused(str(failed), "make that URL reachable from the control node, or name a mirror of it (torch_mirrors)")
