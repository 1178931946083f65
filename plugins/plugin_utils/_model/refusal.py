# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The keys of a refusal, in a plan or in a result of the wheelhouse."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


def make_refusal(reason: str, way_out: str, nearly: Sequence[dict] = ()) -> dict[str, Any]:
    """Why a board gets nothing, the fix, and the rejected candidates, each as {row, why}."""
    return {"reason": reason, "nearly": list(nearly), "way_out": way_out}
