# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Files that a plan names one by one: brought to the control node under their real names and verified, before anything
is resolved.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base.errors import Refused
from .._base.files import is_file_name
from .._base.packaging_shim import InvalidWheelFilename, parse_wheel_filename
from .._model.artifact import make_artifact
from .._wheelhouse.store import FetchFailed, Mismatch, Wheelhouse
from .._wheelhouse.wheel_files import wheel_version
from .pins import Pins
from .target_platform import tag_rank, tags_of, words


class Explicit(NamedTuple):
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
                f"{wheel['filename']!r} is not the file name of a wheel: {error}", "correct the row of the catalogue"
            ) from error
        by_project.setdefault(name, []).append((tag_rank(wheel["filename"], plan["target"]), wheel))
    chosen = []
    for project, ranked in by_project.items():
        fitting = [entry for entry in ranked if entry[0] >= 0]
        if not fitting:
            raise Refused(
                f"the catalogue gives a {project} that does not fit {words(plan['target'])}: it is for "
                + tags_of([wheel["filename"] for _rank, wheel in ranked], plan["target"]),
                "use another Python (torch_python), or correct the row of the catalogue",
            )
        chosen.append(min(fitting, key=lambda entry: entry[0])[1])
    return chosen


class Gatherer:
    """Gathers for all plans of a run: what two of them want is fetched once."""

    def __init__(self, wheelhouse: Wheelhouse, pins: Pins, place: Wheelhouse) -> None:
        self.wheelhouse = wheelhouse
        self.pins = pins
        self.place = place  # where files go: the wheelhouse, in check mode one that is thrown away

    def check(self, plan: dict[str, Any]) -> None:
        """Refuse what must not even be fetched: what nobody vouches for."""
        wanted = [*chosen_wheels(plan), *plan["files"]]
        for file in wanted:
            if not is_file_name(file["filename"]):
                raise Refused(f"{file['filename']!r} is not the name of a file", "correct the row of the catalogue")
        unknown = [file for file in wanted if not self.pins.expected(file)]
        if unknown and not plan["trust_on_first_use"]:
            raise self.pins.unknown(unknown)

    def gather(self, plan: dict[str, Any]) -> tuple[dict[str, Explicit], list[dict[str, Any]]]:
        """The plan's wheels by project, verified and at hand; and the artifacts of its files."""
        wheels: dict[str, Explicit] = {}
        for wanted in chosen_wheels(plan):
            explicit, name = self._provided(wanted), parse_wheel_filename(wanted["filename"])[0]
            try:
                version = wheel_version(explicit.path, wanted["filename"])
            except ValueError as error:
                raise Refused(
                    f"{wanted['filename']} from {redact(wanted['url'])} is another thing: {error}",
                    "correct the row of the catalogue",
                ) from error
            wheels[name] = explicit._replace(artifact={**explicit.artifact, "name": name, "version": version})
        return wheels, [self._file(wanted) for wanted in plan["files"]]

    def contradicted(self, plan: dict[str, Any], lock: dict[str, Any]) -> None:
        """Refuse a kept lock that has another file than the pins or the catalogue say by now."""
        locked = {artifact["filename"]: artifact["sha256"] for artifact in [*lock["packages"], *lock["files"]]}
        for wanted in [*plan["wheels"], *plan["files"]]:
            expected = self.pins.expected(wanted) if wanted["filename"] in locked else None
            if expected and expected[0] != locked[wanted["filename"]]:
                raise Refused(
                    f"the lock {lock['key']} has {wanted['filename']} with sha256 {locked[wanted['filename']]}, but"
                    f" {expected[1]} says {expected[0]}; the file is {redact(wanted['url'])}",
                    f"if {expected[1]} is right, lock again with torch_relock: true; else correct it",
                )

    def _file(self, wanted: dict[str, Any]) -> dict[str, Any]:
        expected = self.pins.expected(wanted)
        # In check mode a file is only fetched to learn its hash: nobody looks into it.
        return (
            make_artifact(wanted["filename"], wanted["url"], expected[0])
            if expected and self.pins.check
            else self._provided(wanted).artifact
        )

    def _provided(self, wanted: dict[str, Any]) -> Explicit:
        expected = self.pins.expected(wanted)
        if not expected:
            return self._trusted(wanted)
        artifact = make_artifact(wanted["filename"], wanted["url"], expected[0])
        if self.wheelhouse.has(artifact):
            path = self.wheelhouse.path(artifact)
            return Explicit({**artifact, "size": path.stat().st_size}, path)
        failed = self.place.provide([artifact]).get(artifact["sha256"])
        if isinstance(failed, Mismatch):
            raise self.pins.mismatch(wanted, failed.found)
        if failed:
            raise _out_of_reach(failed)
        return Explicit(artifact, self.place.path(artifact))

    def _trusted(self, wanted: dict[str, Any]) -> Explicit:
        try:
            artifact = self.place.fetch_first(make_artifact(wanted["filename"], wanted["url"], ""))
        except FetchFailed as failed:
            raise _out_of_reach(failed) from failed
        self.pins.record(wanted, artifact["sha256"])
        return Explicit(artifact, self.place.path(artifact))


def _out_of_reach(failed: FetchFailed) -> Refused:
    return Refused(
        str(failed), "make that place reachable from the control node, or name a mirror of it (torch_mirrors)"
    )
