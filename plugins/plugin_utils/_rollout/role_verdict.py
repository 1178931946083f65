# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdict of a board that a family's role has served by itself, where no playbook keeps books.

A pure function, as in _rollout.
"""

from __future__ import annotations

import typing as t

from .._model.verdict import make_verdict
from . import board_status, report
from .host_variables import FAILURE


def verdict(left: t.Mapping[str, t.Any], check_mode: bool = False) -> dict[str, t.Any]:
    """The verdict from what the tasks of one call have left: by name, what they registered.

    What the role stops at is kept as a failed task, and only that: a refusal stays a refusal, and what waits for a
    build was not started.
    """
    found = {name: value or None for name, value in left.items()}  # before 2.19, a template makes a text of nothing
    state, failure = board_status.examine({**found, FAILURE: None}), found.get(FAILURE)
    if failure and state["waiting"]:
        return make_verdict("not_started", board_status.one_line(failure["reason"]), expect=state["plan"]["expect"])
    if failure and (state["verdict"] or {}).get("outcome") not in ("refused", "unreachable"):
        state = board_status.examine(found)
    host = left["inventory_hostname"]
    return report.conclude({host: state}, "100%", check_mode)[host]["verdict"]
