# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The control node that a bundle is for: its platform, and the packages that it needs, as wheels."""

from __future__ import annotations

import platform
import re
import sys
import typing as t
from collections.abc import Mapping
from pathlib import Path

from .._base.errors import Refused
from .._lock.installer_tools import TOOLS
from .._lock.target_platform import tag_rank
from .._lock.wheel_lock import best_wheel_of, resolve_packages
from .._plan import ansible_cores
from .._wheelhouse.package_index import Sources
from .layout import BundleError

#: The glibc of Debian 10 and RHEL 8; wheels for it also run on later ones.
GLIBC = "2.28"
_PLATFORM = re.compile(r"(?:manylinux_(?P<major>2)_(?P<minor>\d{2})_)?(?P<architecture>x86_64|aarch64)")
_PYTHON = re.compile(r"3\.\d{1,2}")


class Packages(t.NamedTuple):
    """What a control node installs: the wheels, the release of ansible-core, and the boards that it cannot drive."""

    wheels: list[dict[str, t.Any]]
    core: str
    undriven: list[str]


def parse_target(python: str | None, name: str | None) -> dict[str, str]:
    """The platform of the control node, as the target of a lock; by default that of this one."""
    python = python or "{}.{}".format(*sys.version_info[:2])
    if not _PYTHON.fullmatch(python):
        raise BundleError(f"bundle_python is {python!r}. It must be the Python of the control node, such as '3.11'.")
    name = name or platform.machine()
    found = _PLATFORM.fullmatch(name)
    if not found:
        raise BundleError(
            f"bundle_platform is {name!r}. It must be x86_64 or aarch64 (for glibc {GLIBC} or later), or the platform"
            " of wheels, such as manylinux_2_31_x86_64."
        )
    libc = f"2.{int(found['minor'])}" if found["minor"] else GLIBC
    return {"architecture": found["architecture"], "libc": libc, "python": python}


def requirements_of(target: Mapping[str, str], core: str) -> list[str]:
    """What a run needs on a control node, as requirements.txt of the repository has it. uv and py-rattler have the
    versions that boards get.
    """
    tools = [tool for kind in TOOLS.values() for tool in kind[target["architecture"]]]
    return [
        f"ansible-core=={core}.*",
        "jinja2",
        "openpyxl",
        "packaging",
        "pip",
        "rich",
        "zeroconf",
        *(f"{tool['name']}=={tool['version']}" for tool in tools),
        *(["tomli"] if target["python"] == "3.10" else []),
    ]


def choose_core(target: Mapping[str, str], boards: Mapping[str, Mapping[str, t.Any]]) -> tuple[str, list[str]]:
    """The release of ansible-core for this Python that drives most of the boards, and the boards that it does not."""
    core, undriven = ansible_cores.core_for(target["python"], boards)
    if core is None:
        offered = ", ".join(
            f"{one.release} on Python {ansible_cores.dotted(one.control[0])} to {ansible_cores.dotted(one.control[1])}"
            for one in ansible_cores.OFFERED
        )
        raise BundleError(f"No ansible-core runs on Python {target['python']} (bundle_python): {offered}.")
    return core.release, undriven


def resolve_control_node(
    target: dict[str, str], boards: Mapping[str, Mapping[str, t.Any]], index: Sources, work_folder: Path
) -> Packages:
    """The wheels for this control node, locked by URL and hash. BundleError if there are none for it."""
    core, undriven = choose_core(target, boards)
    plan = {"target": target, "provided": {}, "system": {}, "mirrors": {}, "exclude_newer": ""}
    try:
        found, _said = resolve_packages(plan, requirements_of(target, core), [], {}, {}, index, work_folder)
        wheels = [best_wheel_of(package, plan) for package in found]
    except Refused as error:
        raise BundleError(
            f"The packages of the control node (bundle_python, bundle_platform) cannot be resolved: {error}. To do:"
            f" {error.way_out}."
        ) from error
    return Packages(sorted(wheels, key=lambda wheel: wheel["name"]), core, undriven)


def still_serves(packages: t.Any, target: dict[str, str], core: str) -> bool:
    """Whether the wheels that a bundle has already are those of this control node: they are kept then."""
    if not isinstance(packages, list) or not packages:
        return False
    names = {wheel["name"] for wheel in packages}
    wanted = {re.split("[=<>]", line, maxsplit=1)[0] for line in requirements_of(target, core)}
    has_core = any(wheel["name"] == "ansible-core" and wheel["version"].startswith(f"{core}.") for wheel in packages)
    return has_core and wanted <= names and all(tag_rank(wheel["filename"], target) >= 0 for wheel in packages)


def render_requirements(wheels: list[dict[str, t.Any]]) -> str:
    """For pip: exactly these wheels, each by its hash."""
    return "".join(f"{wheel['name']}=={wheel['version']} --hash=sha256:{wheel['sha256']}\n" for wheel in wheels)


def render_target(target: Mapping[str, str]) -> str:
    """For install.sh, one value in a line."""
    return "".join(f"{name}={target[key]}\n" for name, key in _TARGET_KEYS)


_TARGET_KEYS = (("python", "python"), ("architecture", "architecture"), ("glibc", "libc"))
