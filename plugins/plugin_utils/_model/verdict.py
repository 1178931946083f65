# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The keys of a verdict; docs/schemas/verdict.schema.json describes them.

Boards make their verdicts with module_utils/_verify/verdict.py.
"""

from __future__ import annotations

import typing as t


def make_verdict(outcome: str, reason: str, **more: t.Any) -> dict[str, t.Any]:
    """A verdict without a probe: the board was refused, unreachable or not started, or a task failed."""
    return {
        "schema": 1,
        "outcome": outcome,
        "satisfied": False,
        "reason": reason,
        "expect": None,
        "expect_from": None,
        "level": None,
        "forced": [],
        "torch": None,
        "python": None,
        "user": None,
        "devices": [],
        "features": {},
        "checks": [],
        "skipped": [],
        "timings": {},
        "conditions": {},
        "stages": [],
        "died": None,
        "diagnosis": None,
        "warnings": [],
        "environment": {},
        "seconds": 0.0,
        **more,
    }


def complete_verdict(record: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The verdict of a state record, with all keys: a board may have stored only some of them."""
    return {**make_verdict("error", "the board's state record gives no reason"), **record["verdict"]}
