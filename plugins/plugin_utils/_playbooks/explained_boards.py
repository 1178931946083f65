# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What playbooks/explain.yml has found out, board by board, from what its tasks left in the boards' variables.

Pure functions, as in _rollout.
"""

from __future__ import annotations

import typing as t

from .._plan.engine import plan as planned
from .._plan.variables import completed
from .._rollout.board_status import one_line
from .._rollout.failures import diagnose, plain
from .._rollout.host_variables import DETECTED, FAILURE, PLANNED

#: A board out of a file, and what is asked for on this host.
HYPOTHETICAL = "__fleet_board"
REQUEST = "__fleet_request"


def explained(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str]) -> dict[str, dict[str, t.Any]]:
    """By name of the board: C(board) and C(plan), both None where it could not be asked or planned for, and C(error),
    which says why.
    """
    return {host: _explained(hostvars[host]) for host in hosts}


def _explained(facts: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    failure, detected = facts.get(FAILURE) or {}, facts.get(DETECTED) or {}
    board = facts.get(HYPOTHETICAL) or detected.get("board")
    plan, request = facts.get(PLANNED), facts.get(REQUEST)
    if not board or failure:
        said = (
            failure.get("reason")
            or detected.get("msg")
            or "one of its first tasks failed; the run's output above has the cause"
        )
        error, found = one_line(plain(said)), diagnose(failure) if failure else None
        if (
            found and found["confidence"]
        ):  # such as a Python of the board that this ansible-core cannot drive: which one can is in the fix
            error = f"{error.rstrip('. ')}. {one_line(found['cause'])}: {one_line(found['fix'])}"
        return {"board": board or None, "plan": None, "error": error}
    if not board["family"] and request:
        plan = planned(
            board, [], completed(request)
        )  # a board of no family has no catalogue: the plan refuses it by itself
    if not plan:
        return {"board": board, "plan": None, "error": "no plan could be made; the run's output above has the cause"}
    return {"board": board, "plan": plan, "error": None}
