# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The conditions of a row (C(when)), and whether a board meets them."""

from __future__ import annotations

import fnmatch
import math
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .._base.packaging_shim import SpecifierSet, Version
from .._base.specifiers import is_specifier, is_within, leading_release, lower_bound


class Condition(NamedTuple):
    # 'words': one of these (patterns allowed); 'version': a specifier; 'flag': a boolean; 'known': whether the value is
    # known and not false
    kind: str
    label: str
    read: Callable[[dict], Any]  # from the board, or from one accelerator if `device`
    device: bool = False
    hardware: bool = False  # a property of the accelerator itself: no driver changes it
    fixed: bool = False  # a property of the board itself: no installation changes it
    # What is compared of a value, if it is not all of it. Messages have the whole value.
    part: Callable[[str], str] | None = None


CONDITIONS = {
    "family": Condition("words", "the family", lambda board: board["family"], fixed=True),
    "architecture": Condition("words", "the userland's architecture", lambda board: board["architecture"], fixed=True),
    # Another libc satisfies no version, and messages show it with its name.
    "libc": Condition(
        "version",
        "glibc",
        lambda board: (
            board["libc"]["version"]
            if board["libc"]["name"] in ("glibc", None)
            else "{name} {version}".format(**board["libc"])
        ),
    ),
    "libc_name": Condition("words", "the C library", lambda board: board["libc"]["name"]),
    "os_id": Condition("words", "the operating system", lambda board: board["os"]["id"]),
    "os_version": Condition("version", "the version of the operating system", lambda board: board["os"]["version_id"]),
    "soc": Condition("words", "the SoC", lambda board: board["soc"], fixed=True),
    "model": Condition("words", "the model", lambda board: board["model"], fixed=True),
    "module": Condition("words", "the module", lambda board: board["module"], fixed=True),
    "board_id": Condition("words", "the board id", lambda board: board["board_id"], fixed=True),
    "atomics": Condition("flag", "LSE atomics of the CPU", lambda board: board["cpu"]["atomics"], fixed=True),
    "memory": Condition("version", "the memory in bytes", lambda board: board["memory"]["total"], fixed=True),
    "page_size": Condition("version", "the page size in bytes", lambda board: board["page_size"]),
    "l4t": Condition("version", "the L4T release", lambda board: board["key"]["l4t"]),
    # A community build or a patch of a release candidate, such as 8.0.RC2.alpha001, counts as the release.
    "cann": Condition("version", "the CANN release", lambda board: board["key"]["cann"], part=leading_release),
    "cann_build": Condition("words", "the whole name of the CANN release", lambda board: board["key"]["cann"]),
    "device": Condition("words", "the accelerator", lambda device: device["name"], True, True),
    "driver": Condition("version", "the driver", lambda device: device["driver"], True, part=leading_release),
    "cuda": Condition("version", "the newest CUDA of the driver", lambda device: device["cuda"], True),
    "device_memory": Condition(
        "version", "the accelerator's memory in bytes", lambda device: device["memory"], True, True
    ),
    "compute_capability": Condition(
        "version", "the compute capability", lambda device: device["compute_capability"], True, True
    ),
}
# A mapping of conditions on values that only one family has; its detector names them.
PLATFORM = "platform"


def as_list(wanted: str | list[str]) -> list[str]:
    return [wanted] if isinstance(wanted, str) else list(wanted)


def asks_version(wanted: Any) -> bool:
    """Whether a condition on the platform is a version specifier: it begins with an operator."""
    return isinstance(wanted, str) and wanted.startswith(tuple("<>=!~"))


def _of_platform(name: str, wanted: Any) -> Condition:
    kind = "known" if isinstance(wanted, bool) else "version" if asks_version(wanted) else "words"
    return Condition(kind, name, lambda board: board["platform"].get(name))


def conditions_of(row: dict) -> Iterator[tuple[Condition, Any]]:
    """The conditions of a row, each with the wanted value."""
    for key, wanted in row.get("when", {}).items():
        if key == PLATFORM:
            yield from ((_of_platform(name, value), value) for name, value in wanted.items())
        else:
            yield CONDITIONS[key], wanted


def is_wanted_of_platform(wanted: Any) -> bool:
    """Whether this is a valid condition on a value of the platform."""
    if asks_version(wanted):
        return is_specifier(wanted)
    return (
        isinstance(wanted, bool)
        or bool(wanted)
        and all(isinstance(word, str) and word for word in (wanted if isinstance(wanted, list) else [wanted]))
    )


def _is_met(condition: Condition, subject: dict, wanted: Any) -> bool:
    value = _compared(condition, subject)
    if condition.kind == "flag":
        return value is wanted
    if condition.kind == "known":
        return bool(value) is wanted
    if condition.kind == "version":
        return is_within(value, wanted)
    return value is not None and any(fnmatch.fnmatchcase(str(value), pattern) for pattern in as_list(wanted))


def _compared(condition: Condition, subject: dict) -> Any:
    value = condition.read(subject)
    return condition.part(value) if condition.part and value is not None else value


def _value_words(value: Any) -> str:
    return (
        {None: "not known", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)
    )


def _difference_words(condition: Condition, subjects: list[dict], wanted: Any) -> str:
    values = ", ".join(dict.fromkeys(_value_words(condition.read(subject)) for subject in subjects)) or "none"
    return f"{condition.label}: {values}; the row needs {_wanted_words(wanted)}"


def _wanted_words(wanted: Any) -> str:
    return _value_words(wanted) if isinstance(wanted, bool) else " or ".join(as_list(wanted))


class Unmet(NamedTuple):
    """The first condition that a board does not meet."""

    held: int  # how many conditions before it are met
    why: str
    wanted: str | None  # the wanted version


def match_row(row: dict, board: dict) -> tuple[list[dict], Unmet | None]:
    """The accelerators that a row serves, and the first condition that the board does not meet.

    One accelerator must meet all conditions on accelerators.
    """
    devices = [device for device in board["accelerators"] if row.get("accelerator") in (None, device["kind"])]
    for index, (condition, wanted) in enumerate(conditions_of(row)):
        subjects = devices if condition.device else [board]
        fitting = [subject for subject in subjects if _is_met(condition, subject, wanted)]
        if not fitting:
            return [], Unmet(
                index, _difference_words(condition, subjects, wanted), wanted if condition.kind == "version" else None
            )
        if condition.device:
            devices = fitting
    return devices, None


def distance_to(row: dict, board: dict) -> tuple[int, int, bool, float]:
    """How far a board is from a row, comparable.

    First how many conditions on its hardware the board is known not to meet, then how many others, then whether the
    first version that is not met is one of an older family X.Y (an upgrade is nearer), and last how far it is from the
    wanted one. What is no version is further than any.
    """
    unmet = list(_unmet_of(row, board))
    hardware = sum(_is_about_hardware(condition) and values != [] for condition, _wanted, values in unmet)
    older, apart = False, 0.0
    if unmet:
        condition, wanted, values = unmet[0]
        is_version = condition.kind == "version"
        older = is_version and bool(values) and _is_older_family(lower_bound(wanted), values[0])
        apart = min(_gap(value, wanted) for value in values or [None]) if is_version else math.inf
    return hardware, len(unmet) - hardware, older, apart


def hardware_difference(row: dict, board: dict) -> str | None:
    """The first condition on an accelerator's hardware that the board is known not to meet, in words, or None."""
    devices = [device for device in board["accelerators"] if row.get("accelerator") in (None, device["kind"])]
    return next(
        (
            _difference_words(condition, devices, wanted)
            for condition, wanted, values in _unmet_of(row, board)
            if condition.hardware and values
        ),
        None,
    )


def _is_about_hardware(condition: Condition) -> bool:
    return condition.fixed or condition.hardware


def _unmet_of(row: dict, board: dict) -> Iterator[tuple[Condition, Any, list]]:
    """The conditions that a board does not meet, each with what is wanted and the values that are known."""
    devices = [device for device in board["accelerators"] if row.get("accelerator") in (None, device["kind"])]
    for condition, wanted in conditions_of(row):
        subjects = devices if condition.device else [board]
        values = [_compared(condition, subject) for subject in subjects]
        if not any(_is_met(condition, subject, wanted) for subject in subjects):
            yield condition, wanted, [value for value in values if value is not None]


def _is_older_family(version: Version, value: Any) -> bool:
    return is_within(value, f">{version}") and not is_within(value, f"=={version.major}.{version.minor}.*")


def _gap(value: Any, wanted: str) -> int:
    """How far a version is from the nearest one that a specifier names; an unknown one counts as 0."""

    def number(version: Any) -> int:
        parts = [int(part) for part in re.findall(r"\d+", str(version or ""))[:3]]
        return sum(part * 10**place for part, place in zip(parts, (10, 5, 0), strict=False))

    bounds = [clause.version for clause in SpecifierSet(wanted) if clause.operator != "!="]
    return min((abs(number(value) - number(bound)) for bound in bounds), default=0)


def is_for(row: dict, board: dict) -> bool:
    return match_row(row, board)[1] is None


def unknown_for(row: dict, board: dict, hardware: bool = False) -> list[str]:
    """The facts that a row depends on and that nobody knows of this board; none if it holds, or does not. With
    `hardware`, none either if one of them is a version of something that is installed.

    What a family's detector did not find (`platform`) is not there, and not unknown.
    """
    unmet = list(_unmet_of(row, board))
    return (
        [f"{condition.label} ({_wanted_words(wanted)})" for condition, wanted, _values in unmet]
        if all(not values and condition in CONDITIONS.values() for condition, _wanted, values in unmet)
        and (not hardware or all(_is_about_hardware(condition) for condition, _wanted, _values in unmet))
        and not (any(condition.device for condition, _wanted, _values in unmet) and not board["accelerators"])
        else []
    )


def is_for_architecture(row: dict, board: dict) -> bool:
    """Whether a row is for the architecture of the board's userland, which no driver changes."""
    wanted = row.get("when", {}).get("architecture")
    return wanted is None or _is_met(CONDITIONS["architecture"], board, wanted)


def difference_of(row: dict, device: dict) -> str | None:
    """The first condition on accelerators that this one does not meet, in words; None if it meets all."""
    return next(
        (
            _difference_words(condition, [device], wanted)
            for condition, wanted in conditions_of(row)
            if condition.device and not _is_met(condition, device, wanted)
        ),
        None,
    )


def can_be_for(row: dict, hardware: dict) -> bool:
    """Whether a row can serve hardware (name, memory, compute capability); unknown values fit."""
    return all(
        condition.read(hardware) is None or _is_met(condition, hardware, wanted)
        for condition, wanted in conditions_of(row)
        if condition.hardware
    )


def may_serve(row: dict, device: dict) -> bool:
    """Whether a row serves an accelerator; unknown values of its hardware fit."""
    return all(
        (condition.hardware and condition.read(device) is None) or _is_met(condition, device, wanted)
        for condition, wanted in conditions_of(row)
        if condition.device
    )


def is_about(row: dict, hardware: dict) -> bool:
    """Whether a row has conditions on hardware only, and this hardware meets them."""
    asked = list(conditions_of(row))
    return bool(asked) and all(
        condition.hardware and _is_met(condition, hardware, wanted) for condition, wanted in asked
    )
