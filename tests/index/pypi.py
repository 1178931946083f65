# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the package index has: wheels by project, architecture, Python and glibc."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import NamedTuple

from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import package_index, pip_config
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.tags import Tag, compatible_tags, cpython_tags
from packaging.utils import InvalidWheelFilename, parse_wheel_filename
from packaging.version import Version
from remote import metadata

# The names that platforms had before PEP 600.
LEGACY = {5: "manylinux1", 12: "manylinux2010", 17: "manylinux2014"}


@dataclass(frozen=True)
class Wheel:
    filename: str
    url: str
    sha256: str | None
    version: Version
    tags: frozenset[Tag]
    requires_python: str | None


class Target(NamedTuple):
    """Whose wheels are looked for."""

    architecture: str
    python: str  # 3.11
    libc: str  # the oldest glibc that they must run on


@functools.cache
def tags_of(target: Target) -> frozenset[Tag]:
    """All names by which a wheel fits the target."""
    newest = Version(target.libc).minor
    platforms = [
        f"{name}_{target.architecture}"
        for minor in range(5, newest + 1)
        for name in (f"manylinux_2_{minor}", LEGACY.get(minor))
        if name
    ]
    version, digits = tuple(map(int, target.python.split("."))), target.python.replace(".", "")
    abis = [f"cp{digits}{'m' if version < (3, 8) else ''}"]
    return frozenset([*cpython_tags(version, abis, platforms), *compatible_tags(version, f"cp{digits}", platforms)])


class Index:
    """The first index of this machine's pip configuration that is asked over the network."""

    def __init__(self) -> None:
        self.configuration = pip_config.pip_configuration()
        self._wheels: dict[str, list[Wheel]] = {}
        self._wants: dict[tuple, SpecifierSet | None] = {}
        self.source = next(
            source
            for source in self.configuration.sources
            if source.kind == "index" and source.location.startswith("http")
        )

    def wheels(self, project: str) -> list[Wheel]:
        """Every wheel of a final release of the project that was not withdrawn."""
        if project in self._wheels:
            return self._wheels[project]
        found = self._wheels[project] = []
        for file in package_index.list_files(self.source, project, self.configuration):
            try:
                version, tags = parse_wheel_filename(file["filename"])[1::2]
            except InvalidWheelFilename:
                continue
            if not (file["yanked"] or version.is_prerelease or version.local):
                found.append(
                    Wheel(file["filename"], file["url"], file["sha256"], version, tags, file["requires_python"])
                )
        return found

    def versions(self, project: str, target: Target) -> list[Version]:
        """The versions that have a wheel for the target, the oldest first."""
        python = f"{target.python}.99"
        return sorted(
            {
                wheel.version
                for wheel in self.wheels(project)
                if wheel.tags & tags_of(target) and SpecifierSet(wheel.requires_python or "").contains(python)
            }
        )

    def wants(self, project: str, version: Version, of: str, architecture: str) -> SpecifierSet | None:
        """Which versions of another project this one says it needs; None where it does not say.

        Its wheels for all Pythons are taken to say the same.
        """
        asked = project, version, of, architecture
        if asked not in self._wants:
            self._wants[asked] = self._read_wants(*asked)
        return self._wants[asked]

    def _read_wants(self, project: str, version: Version, of: str, architecture: str) -> SpecifierSet | None:
        wheel = next(
            wheel
            for wheel in self.wheels(project)
            if wheel.version == version
            and any(tag.platform.endswith(("any", architecture)) and "macos" not in tag.platform for tag in wheel.tags)
        )
        requirements = map(Requirement, metadata(wheel.url, self.configuration).get_all("Requires-Dist", []))
        return next(
            (requirement.specifier for requirement in requirements if requirement.name == of and requirement.specifier),
            None,
        )
