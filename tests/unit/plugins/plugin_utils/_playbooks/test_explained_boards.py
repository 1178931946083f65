# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What explain.yml has found out, from what its tasks have left."""

from __future__ import annotations

from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import completed_request
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.explained_boards import explain_boards

PC = board({"board": "PC"})


def of(**facts: object) -> dict:
    return explain_boards({"one": {"inventory_hostname": "one", **facts}}, ["one"])["one"]


def test_a_board_and_its_plan():
    plan = {"refusal": None}
    assert of(torch_detected={"board": PC}, torch_plan=plan) == {"board": PC, "plan": plan, "error": None}
    assert of(__fleet_board=PC, torch_plan=plan) == {"board": PC, "plan": plan, "error": None}


def test_what_is_cached_is_not_known():
    assert of(
        ansible_facts={"edgeai_board": PC}, edgeai_board=PC, torch_detected={"unreachable": True, "msg": "no\nroute"}
    ) == {
        "board": None,
        "plan": None,
        "error": "no route",
    }


def test_a_failure_is_the_error():
    assert of(torch_failure={"reason": "no Python"})["error"] == "no Python"
    assert "one of its first tasks failed" in of()["error"]
    assert "no plan could be made" in of(__fleet_board=PC)["error"]


def test_a_plan_that_fleet_plan_made():
    plan = {"refusal": None}
    made = {"plans": {"1": plan}, "boards": {"one": "1"}, "errors": {}}
    assert of(torch_detected={"board": PC}, __fleet_plans=made) == {"board": PC, "plan": plan, "error": None}
    made = {"plans": {}, "boards": {}, "errors": {"one": "torch_version is 'x'"}}
    assert of(torch_detected={"board": PC}, __fleet_plans=made) == {
        "board": PC,
        "plan": None,
        "error": "torch_version is 'x'",
    }


def test_a_board_of_no_family_is_refused():
    found = of(torch_detected={"board": {**PC, "family": None}}, __fleet_request=completed_request({}))
    assert found["error"] is None and found["plan"]["refusal"]["reason"]
