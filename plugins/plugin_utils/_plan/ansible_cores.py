# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Which ansible-core drives which Python on a board: none drives all of them, so a bench may need two.

The ranges are those of https://docs.ansible.com/ansible/latest/reference_appendices/release_and_maintenance.html. Below
the first Python a module does not
start at all: tried, each of 2.16, 2.17, 2.18, 2.19 and 2.21 with each Python from 2.7 to 3.13. Above the last one it
may well work, so this is no reason to
warn. 2.16 starts on Python 2.7 too, which the modules of this collection do not know.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ansible.release import __version__

Minor = tuple[int, int]


class Core(NamedTuple):
    """A release of ansible-core: the first and the last Python of the boards that it drives, and of the control nodes
    that it runs on.
    """

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
# : Those that C(make provision CORE=...) sets up. 2.17 has an open CVE; 2.18 and 2.20 drive nothing that the next one
# does not.
OFFERED = [core for core in CORES if core.release in ("2.16", "2.19", "2.21")]


def core_of(version: str) -> Core:
    """The release of this version.

    One that is older or newer than all here drives, as far as is known, what the oldest or the newest here drives.
    """
    release = ".".join(version.split(".")[:2])
    number, oldest = _minor_of(release), _minor_of(CORES[0].release)
    assert number is not None and oldest is not None  # every ansible-core has both
    nearest = CORES[0] if number < oldest else CORES[-1]
    return next((core for core in CORES if core.release == release), nearest._replace(release=release))


def _minor_of(version: str) -> Minor | None:
    match = re.match(r"(\d+)\.(\d+)", version)
    return (int(match[1]), int(match[2])) if match else None


#: That of this control node.
HERE = core_of(__version__)


def dotted(minor: Minor) -> str:
    return ".".join(map(str, minor))


def core_span(board: Mapping[str, Any]) -> str:
    """The releases that are made for a board, in words."""
    fit = [core.release for core in CORES if _is_made_for(core, board)]
    if not fit:
        return "none"
    return f"{fit[0]} and later" if fit[-1] == CORES[-1].release else " to ".join(dict.fromkeys([fit[0], fit[-1]]))


def _pythons_of(board: Mapping[str, Any]) -> dict[Minor, str]:
    """The Pythons of a board, of which Ansible takes one that it knows; the newest first."""
    found = {_minor_of(python["version"]): python["version"] for python in board["pythons"]}
    return {minor: found[minor] for minor in sorted(filter(None, found), reverse=True)}


def _can_drive(core: Core, board: Mapping[str, Any]) -> bool:
    return any(minor >= core.boards[0] for minor in _pythons_of(board))


def _is_made_for(core: Core, board: Mapping[str, Any]) -> bool:
    return any(core.boards[0] <= minor <= core.boards[1] for minor in _pythons_of(board))


def _is_hypothetical(board: Mapping[str, Any]) -> bool:
    # A board that has answered was driven, whatever its Pythons are.
    return any(warning.startswith("This board is hypothetical") for warning in board["warnings"])


def core_warnings(board: Mapping[str, Any]) -> list[str]:
    """What is to be said of a board that need not exist yet, if this control node could not drive its Python."""
    if not _is_hypothetical(board) or not board["pythons"] or _can_drive(HERE, board):
        return []
    newest = next(iter(_pythons_of(board).values()), board["pythons"][0]["version"])
    able = [core for core in OFFERED if _can_drive(core, board)]
    needed = f"it needs {dotted(HERE.boards[0])} or newer there"
    beginning = f"ansible-core {HERE.release} of this control node cannot drive Python {newest} of this board, {needed}"
    if not able:
        return [
            f"{beginning}. No ansible-core drives it with this collection: install Python {dotted(CORES[0].boards[0])}"
            " or newer on the board."
        ]
    return [f"{beginning}: take ansible-core {able[-1].release} ({core_command(able[-1])})."]


def core_command(core: Core, limit: list[str] | None = None) -> str:
    """How a person comes by this ansible-core: from a clone of the repository, and without one."""
    only = f" ARGS='--limit {','.join(limit)}'" if limit else ""
    return (
        f"make provision CORE={core.release}{only}, or pip install 'ansible-core=={core.release}.*' with Python"
        f" {dotted(core.control[1])}"
    )


def fleet_advice(boards: Mapping[str, Mapping[str, Any] | None]) -> list[str]:
    """What is to be said once of several boards: which ansible-core drives all of them, or which ones they need if one
    is not enough.
    """
    able = {name: board for name, board in boards.items() if board and any(_can_drive(core, board) for core in OFFERED)}
    if len(able) < 2 or not any(core_warnings(board) for board in able.values()):
        return []
    together = [core for core in OFFERED if all(_is_made_for(core, board) for board in able.values())]
    if together:
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
    """The boards by the newest ansible-core that is made for them, in as few groups as there must be."""
    left, groups = dict(boards), []
    while left:
        # The one that drives most of them; of equals the newest.
        core = max(OFFERED, key=lambda core: (sum(_is_made_for(core, board) for board in left.values()), core.release))
        names = [name for name, board in left.items() if _is_made_for(core, board)]
        if not names:  # newer than all that is known
            core, names = OFFERED[-1], list(left)
        groups.append((core, names))
        left = {name: board for name, board in left.items() if name not in names}
    return sorted(groups, key=lambda group: group[0].release)
