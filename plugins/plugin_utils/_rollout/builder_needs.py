# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What a build needs on its builder: an interpreter, and swap during the build."""

from __future__ import annotations

import typing as t

MIB = 1 << 20
# The smallest swap that the module swap_space creates.
_LEAST_SWAP_MIB = 16


def builder_needs(board: t.Mapping[str, t.Any], spec: t.Mapping[str, t.Any], swap_mib: t.Any) -> dict[str, t.Any]:
    """C(python), the path of an interpreter for the wheel or None, and C(swap_mib), the swap to create."""
    pythons = [
        python["path"]
        for python in board["pythons"]
        if python["implementation"] == "cpython" and python["version"].startswith(spec["target"]["python"] + ".")
    ]
    return {
        "python": pythons[0] if pythons else None,
        "swap_mib": swap_to_make(
            int(swap_mib), spec["needs"]["memory_mib"], board["memory"]["total"] or 0, board["swap"]["total"] or 0
        ),
    }


def swap_to_make(requested_mib: int, needed_mib: int, memory: int, swap: int) -> int:
    """The swap in MiB: the requested size, or, if that is negative, the memory that is missing for the build if memory
    and swap together are too small.

    The swap on the board does not reduce the size, because it may be the swap that this build has created.
    """
    if requested_mib >= 0:
        return requested_mib
    missing = needed_mib - memory // MIB
    return max(missing, _LEAST_SWAP_MIB) if missing > swap // MIB else 0
