# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""conda's platform names and virtual packages, by which packages require properties of the machine."""

from .._base.errors import EnvironmentProblem

PLATFORMS = {"x86_64": "linux-64", "aarch64": "linux-aarch64"}


def platform_of(architecture):
    if architecture not in PLATFORMS:
        raise EnvironmentProblem(
            "conda packages are supported on %s, and this is %s: use a virtual environment"
            % (" and ".join(sorted(PLATFORMS)), architecture)
        )
    return PLATFORMS[architecture]


def virtual_packages(architecture, glibc, linux, cuda):
    """[[name, version, build]], complete, so that the machine that solves does not add its own.

    __archspec is the bare architecture, so that no build is chosen that needs a newer processor.
    """
    return [
        ["__unix", "0", "0"],
        ["__linux", linux or "0", "0"],
        ["__glibc", glibc, "0"],
        ["__archspec", "1", architecture],
    ] + ([["__cuda", cuda, "0"]] if cuda else [])
