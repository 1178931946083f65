# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What ansible-builder reads from meta/: an execution environment gets what requirements.txt has for control nodes."""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import yaml
from packaging.requirements import Requirement

REPOSITORY = Path(__file__).resolve().parents[3]
# An execution environment has these itself.
OF_THE_ENVIRONMENT = {"ansible-core", "jinja2"}
PLATFORMS = {"dpkg", "rpm"}


def lines_of(path: str) -> list[str]:
    return [
        line
        for line in (REPOSITORY / path).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]


def dependencies() -> dict[str, str]:
    return yaml.safe_load((REPOSITORY / "meta/execution-environment.yml").read_text(encoding="utf-8"))["dependencies"]


def requirements(path: str) -> dict[str, Requirement]:
    return {one.name: one for one in map(Requirement, lines_of(path)) if one.name not in OF_THE_ENVIRONMENT}


def test_python_packages_are_those_of_a_control_node():
    pinned, wanted = requirements("requirements.txt"), requirements(dependencies()["python"])
    assert set(wanted) == set(pinned)
    for name, one in wanted.items():
        (pin,) = pinned[name].specifier
        assert one.specifier.contains(pin.version), name
        assert (str(one.marker) if one.marker else None) == (str(pinned[name].marker) if pinned[name].marker else None)
        # An upper bound or a pin would stand against other collections of the same environment.
        assert {part.operator for part in one.specifier} == {">="}, name


def test_system_packages_are_for_both_platforms():
    found = dict(
        re.fullmatch(r"([a-z0-9-]+) \[([a-z: ]+)\]", line).groups() for line in lines_of(dependencies()["system"])
    )
    platforms = {name: set(re.findall(r"platform:(\w+)", profile)) for name, profile in found.items()}
    assert platforms == {"openssh-client": {"dpkg"}, "openssh-clients": {"rpm"}, "sshpass": PLATFORMS}


def test_they_are_in_the_archive():
    ignored = yaml.safe_load((REPOSITORY / "galaxy.yml").read_text(encoding="utf-8"))["build_ignore"]
    paths = ["meta", "meta/execution-environment.yml", *dependencies().values()]
    # As ansible-galaxy collection build matches them: the path from the top.
    assert not [(path, pattern) for path in paths for pattern in ignored if fnmatch.fnmatch(path, pattern)]
