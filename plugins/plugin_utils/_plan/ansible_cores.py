# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Which ansible-core releases support which Python on a board.

No release supports all Pythons, so a fleet may need two. The ranges come from
https://docs.ansible.com/ansible/latest/reference_appendices/release_and_maintenance.html. Modules do not start on a
Python below the range: this was tried with 2.16, 2.17, 2.18, 2.19 and 2.21 and each Python from 2.7 to 3.13. Above the
range they may work, so there is no warning. 2.16 also starts on Python 2.7, which the modules of this collection do not
support.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple, cast

from ansible.release import __version__

Minor = tuple[int, int]


class Core(NamedTuple):
    """A release of ansible-core, with the first and last Python of its boards and of its control nodes."""

    release: str
    boards: tuple[Minor, Minor]
    control: tuple[Minor, Minor]


CORES = [
    Core("2.16", ((3, 6), (3, 12)), ((3, 10), (3, 12))),
    Core("2.17", ((3, 7), (3, 12)), ((3, 10), (3, 12))),
    Core("2.18", ((3, 8), (3, 13)), ((3, 11), (3, 13))),
    Core("2.19", ((3, 8), (3, 13)), ((3, 11), (3, 13))),
    Core("2.20", ((3, 9), (3, 14)), ((3, 12), (3, 14))),
    Core("2.21", ((3, 9), (3, 14)), ((3, 12), (3, 14))),
]
#: The releases that C(make provision CORE=...) installs. 2.17 has an open CVE. The releases after 2.18 and 2.20 drive
#: the same boards.
OFFERED = [core for core in CORES if core.release in ("2.16", "2.19", "2.21")]


def core_of(version: str) -> Core:
    """The release of a version of ansible-core.

    A version that is older or newer than the table gets the ranges of the oldest or the newest release in it.
    """
    release = ".".join(version.split(".")[:2])
    # Every version of ansible-core has a minor number.
    is_older = cast(Minor, _minor_of(release)) < cast(Minor, _minor_of(CORES[0].release))
    nearest = CORES[0] if is_older else CORES[-1]
    return next((core for core in CORES if core.release == release), nearest._replace(release=release))


def _minor_of(version: str) -> Minor | None:
    match = re.match(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else None


#: The ansible-core of this control node.
HERE = core_of(__version__)


def dotted(minor: Minor) -> str:
    return ".".join(map(str, minor))


def core_span(board: Mapping[str, Any]) -> str:
    """The releases that support a board, in words."""
    fit = [core.release for core in CORES if _is_made_for(core, board)]
    if not fit:
        return "none"
    return f"{fit[0]} and later" if fit[-1] == CORES[-1].release else " to ".join(dict.fromkeys([fit[0], fit[-1]]))


def _pythons_of(board: Mapping[str, Any]) -> dict[Minor, str]:
    """The versions of a board's Pythons by minor version, the newest first."""
    found = {_minor_of(python["version"]): python["version"] for python in board["pythons"]}
    return {minor: found[minor] for minor in sorted(filter(None, found), reverse=True)}


def _can_drive(core: Core, board: Mapping[str, Any]) -> bool:
    return any(minor >= core.boards[0] for minor in _pythons_of(board))


def _is_made_for(core: Core, board: Mapping[str, Any]) -> bool:
    return any(core.boards[0] <= minor <= core.boards[1] for minor in _pythons_of(board))


def core_warnings(board: Mapping[str, Any]) -> list[str]:
    """A warning if this control node cannot drive any Python of a hypothetical board, else an empty list."""
    # A board that answered needs no warning: Ansible drives it already, whatever its Pythons are.
    hypothetical = any(warning.startswith("This board is hypothetical") for warning in board["warnings"])
    if not hypothetical or not board["pythons"] or _can_drive(HERE, board):
        return []
    newest = next(iter(_pythons_of(board).values()), board["pythons"][0]["version"])
    able = [core for core in OFFERED if _can_drive(core, board)]
    beginning = (
        f"ansible-core {HERE.release} of this control node cannot drive Python {newest} of this board, it needs"
        f" {dotted(HERE.boards[0])} or newer there"
    )
    if not able:
        return [
            f"{beginning}. No ansible-core drives it with this collection: install Python {dotted(CORES[0].boards[0])}"
            " or newer on the board."
        ]
    return [f"{beginning}: take ansible-core {able[-1].release} ({core_command(able[-1])})."]


def core_for(python: str, boards: Mapping[str, Mapping[str, Any]]) -> tuple[Core | None, list[str]]:
    """The newest release for a control node with this Python that drives most of the boards, and the names of the
    boards that it does not drive. None if no release runs on this Python.
    """
    minor = _minor_of(python)
    able = [core for core in OFFERED if minor and core.control[0] <= minor <= core.control[1]]
    if not able:
        return None, list(boards)
    undriven = {core.release: [name for name, board in boards.items() if not _can_drive(core, board)] for core in able}
    best = min(reversed(able), key=lambda core: len(undriven[core.release]))
    return best, undriven[best.release]


def core_command(core: Core, limit: list[str] | None = None) -> str:
    """How to install this ansible-core: from a clone of the repository, or with pip."""
    only = f" ARGS='--limit {','.join(limit)}'" if limit else ""
    return (
        f"make provision CORE={core.release}{only}, or pip install 'ansible-core=={core.release}.*' with Python"
        f" {dotted(core.control[1])}"
    )


def fleet_advice(boards: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """Lines about several boards: the ansible-core that supports all of them, or those that they need together."""
    able = {name: board for name, board in boards.items() if board and any(_can_drive(core, board) for core in OFFERED)}
    if len(able) < 2 or not any(core_warnings(board) for board in able.values()):
        return []
    if together := [core for core in OFFERED if all(_is_made_for(core, board) for board in able.values())]:
        core = together[-1]
        return [
            f"ansible-core {core.release} drives all these boards, {HERE.release} of this control node does not:"
            f" {core_command(core)}."
        ]
    groups = _group_boards(able)
    return [
        (f"No ansible-core supports all these boards: this fleet needs {len(groups)}, each in its own environment."),
        *(
            f"ansible-core {core.release} for {', '.join(names)}: {core_command(core, names)}."
            for core, names in groups
        ),
    ]


def _group_boards(boards: Mapping[str, Mapping[str, Any]]) -> list[tuple[Core, list[str]]]:
    """The boards grouped by the newest ansible-core that supports them, in as few groups as possible."""
    left, groups = dict(boards), []
    while left:
        # The release that supports most of the boards; if several do, the newest.
        core = max(OFFERED, key=lambda core: (sum(_is_made_for(core, board) for board in left.values()), core.release))
        names = [name for name, board in left.items() if _is_made_for(core, board)]
        if not names:  # their Python is newer than every range
            core, names = OFFERED[-1], list(left)
        groups.append((core, names))
        left = {name: board for name, board in left.items() if name not in names}
    return sorted(groups, key=lambda group: group[0].release)
