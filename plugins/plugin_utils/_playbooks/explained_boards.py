# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The boards and plans that playbooks/explain.yml shows, from the variables that its tasks have registered.

Pure functions, as in _rollout.
"""

from __future__ import annotations

import typing as t

from .._plan import engine, variables
from .._rollout.board_status import one_line
from .._rollout.failures import diagnose_failure, plain_text
from .._rollout.host_variables import DETECTED, FAILURE, PLANS, board_of, plan_of, results_of

#: The torch_ variables of a host.
REQUEST = "__fleet_request"


def explain_boards(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str]) -> dict[str, dict[str, t.Any]]:
    """By host: C(board), C(plan), and C(error): why the board could not be detected or planned for (both are None)."""
    return {host: _explain_board(results_of(hostvars, host)) for host in hosts}


def _explain_board(facts: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    failure, detected = facts.get(FAILURE) or {}, facts.get(DETECTED) or {}
    board, plan, request = board_of(facts), plan_of(facts), facts.get(REQUEST)
    if not board or failure:
        reason = (
            failure.get("reason")
            or detected.get("msg")
            or "one of its first tasks failed; see the output of the run above for the cause"
        )
        error, diagnosis = one_line(plain_text(reason)), diagnose_failure(failure) if failure else None
        # Such as a Python of the board that this ansible-core does not support: the fix names one that does.
        if diagnosis and diagnosis["confidence"]:
            error = f"{error.rstrip('. ')}. {one_line(diagnosis['cause'])}: {one_line(diagnosis['fix'])}"
        return {"board": board or None, "plan": None, "error": error}
    if not board["family"] and request:
        # Without a family there is no catalogue: the plan is a refusal.
        plan = engine.plan(board, [], variables.completed_request(request))
    if not plan:
        errors = (facts.get(PLANS) or {}).get("errors", {})
        error = errors.get(facts["inventory_hostname"], "no plan could be made; see the output of the run above")
        return {"board": board, "plan": None, "error": error}
    return {"board": board, "plan": plan, "error": None}
