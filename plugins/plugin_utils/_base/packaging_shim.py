# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The names that are used of packaging. ansible-core depends on it, so only ansible-test's import test lacks it."""

from __future__ import annotations

from typing import TYPE_CHECKING

try:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.specifiers import InvalidSpecifier, SpecifierSet
    from packaging.tags import Tag, compatible_tags, cpython_tags
    from packaging.utils import (
        InvalidSdistFilename,
        InvalidWheelFilename,
        canonicalize_name,
        parse_sdist_filename,
        parse_wheel_filename,
    )
    from packaging.version import InvalidVersion, Version
except ImportError:
    if not TYPE_CHECKING:
        InvalidRequirement = Requirement = InvalidSpecifier = SpecifierSet = Tag = compatible_tags = cpython_tags = (
            InvalidSdistFilename
        ) = None
        InvalidWheelFilename = canonicalize_name = parse_sdist_filename = parse_wheel_filename = InvalidVersion = (
            Version
        ) = None

__all__ = [
    "InvalidRequirement",
    "InvalidSdistFilename",
    "InvalidSpecifier",
    "InvalidVersion",
    "InvalidWheelFilename",
    "Requirement",
    "SpecifierSet",
    "Tag",
    "Version",
    "canonicalize_name",
    "compatible_tags",
    "cpython_tags",
    "parse_sdist_filename",
    "parse_wheel_filename",
]
