# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Version specifiers without an index: is a version allowed, can any version be, and the same in fewer clauses."""

from __future__ import annotations

import re
from typing import Any

from .errors import Refused
from .packaging_shim import InvalidRequirement, InvalidSpecifier, InvalidVersion, Requirement, SpecifierSet, Version

_NEGATED = {"==": "!=", "!=": "==", ">=": "<", "<": ">=", ">": "<=", "<=": ">"}


def is_specifier(value: Any) -> bool:
    try:
        return isinstance(value, str) and SpecifierSet(value) is not None
    except InvalidSpecifier:
        return False


def is_version(value: str) -> bool:
    try:
        return Version(value) is not None
    except InvalidVersion:
        return False


def parse_requirement(text: str) -> Requirement:
    try:
        return Requirement(text)
    except InvalidRequirement as error:
        raise Refused(
            f"{text!r} is not a valid requirement: {error}", "write requirements like 'numpy<2' (PEP 508)"
        ) from error


def parse_specifier(text: str) -> SpecifierSet:
    try:
        return SpecifierSet(text)
    except InvalidSpecifier as error:
        raise Refused(
            f"{text!r} is not a version specifier", "write torch_version like '2.9.1' or '>=2.6,<2.10'"
        ) from error


def is_within(value: Any, specifier: SpecifierSet | str) -> bool:
    """Whether a version satisfies a specifier; an unknown or invalid one does not."""
    try:
        return value is not None and SpecifierSet(str(specifier)).contains(Version(str(value)), prereleases=True)
    except InvalidVersion:
        return False


def leading_release(text: str) -> str:
    """The release at the beginning of a vendor's version that PEP 440 does not know, without what follows it.

    8.0.RC2 of 8.0.RC2.alpha001, 24.1.rc2 of 24.1.rc2.b060; the text itself if it begins with none.
    """
    found = re.match(r"\d+(?:\.\d+)*(?:\.?rc\d+)?", text, re.I)
    return found[0] if found else text


def lower_bound(specifier: str) -> Version:
    """The version that a specifier begins with; 0 if it has no lower end."""
    return max(
        (
            Version(clause.version.removesuffix(".*"))
            for clause in SpecifierSet(specifier)
            if clause.operator in ("==", "~=", ">=", ">")
        ),
        default=Version("0"),
    )


def exact_versions(specifier: SpecifierSet) -> list[Version]:
    """The versions that it names with ==, without wildcards."""
    return [
        Version(clause.version) for clause in specifier if clause.operator == "==" and not clause.version.endswith(".*")
    ]


def is_negatable(specifier: str) -> bool:
    return [clause.operator in _NEGATED for clause in SpecifierSet(specifier)] == [True]


def negate_specifier(specifier: str) -> SpecifierSet:
    (clause,) = SpecifierSet(specifier)
    return SpecifierSet(_NEGATED[clause.operator] + clause.version)


def is_satisfiable(specifier: SpecifierSet, local: str | None) -> bool:
    """Whether a release (with that local label) can satisfy the specifier: tried with the versions it names and their
    successors.
    """
    points = {Version("0")}
    for clause in specifier:
        version = Version(clause.version.removesuffix(".*"))
        major, minor, micro = version.major, version.minor, version.micro
        points |= {
            version,
            *map(Version, (version.public, f"{major}.{minor}.{micro + 1}", f"{major}.{minor + 1}", f"{major + 1}")),
        }
    if local:
        points = {Version(f"{point.public}+{local}") for point in points}
    return any(specifier.contains(point, prereleases=True) for point in points)


def tidy_specifier(specifier: SpecifierSet) -> str:
    """The same specifier without redundant bounds, in the order a person would write."""
    by_kind: dict[str, list] = {"exact": [], "lower": [], "upper": [], "other": [], "not": []}
    kinds = {">=": "lower", ">": "lower", "<": "upper", "<=": "upper", "!=": "not"}
    for clause in specifier:
        pinned = clause.operator == "==" and not clause.version.endswith(".*")
        by_kind["exact" if pinned else kinds.get(clause.operator, "other")].append(clause)
    lower = sorted(by_kind["lower"], key=lambda clause: (Version(clause.version), clause.operator == ">"))[-1:]
    upper = sorted(by_kind["upper"], key=lambda clause: (Version(clause.version), clause.operator == "<="))[:1]
    rest = sorted(by_kind["other"], key=str)
    excluded = sorted(by_kind["not"], key=lambda clause: Version(clause.version.removesuffix(".*")))
    # Some releases of packaging keep the same clause twice.
    return ",".join(dict.fromkeys(map(str, (by_kind["exact"] or [*rest, *lower, *upper]) + excluded)))
