# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status as rollout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables
from rollout_support import GOOD, LOCK, board, converged, facts


def test_converged_board_has_its_recorded_verdict_and_is_not_due():
    state = rollout.read_status(facts())
    assert not state["due"]
    assert state["verdict"] == GOOD


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b: b["state"].update(current=None), "no environment is in use"),
        (lambda b: b["state"]["current"].update(id="old"), "environment old is in use, the plan is abc"),
        (lambda b: b["state"].update(intact=False, damage=["torch/x.py is missing"]), "torch/x.py is missing"),
        (lambda b: b["state"].update(complete=False), "not complete"),
        (lambda b: b["state"].update(record=None), "no valid record"),
        (lambda b: b["state"]["record"].update(generation=2), "no valid record"),
        (lambda b: b["state"]["record"]["verdict"].update(satisfied=False), "does not satisfy"),
        (lambda b: b["state"]["record"]["verdict"].update(expect="cuda"), "does not satisfy"),
        (lambda b: b["workload"].update(name="root"), "made as user vision, the workload's user is root"),
        (
            lambda b: b["state"].update(exposed=["HF_TOKEN of environment abc-1"]),
            "can read the secret variables HF_TOKEN of environment abc-1",
        ),
        (lambda b: b["key"].update(kernel="6.12"), "kernel is 6.12, the recorded verdict was made with 6.6"),
        (lambda b: b["key"].update(driver="580"), "driver is 580"),
    ],
)
def test_each_drift_makes_the_board_due_and_names_itself(change, words):
    measured = converged()
    change(measured)
    state = rollout.read_status(facts(measured=measured))
    assert state["due"]
    assert state["verdict"] is None
    assert words in state["reasons"][0]


def test_a_module_that_the_plan_wants_is_proven_or_the_board_is_due():
    given = facts()
    given[host_variables.PLANNED]["modules"] = ["tensorrt"]
    assert "does not show that tensorrt can be imported" in rollout.read_status(given)["reasons"][0]
    given[host_variables.DETECTED]["ansible_facts"]["edgeai_board"]["state"]["record"]["verdict"]["checks"] = [
        {"name": "module_tensorrt", "passed": True},
        "junk",
    ]
    assert not rollout.read_status(given)["due"]


@pytest.mark.parametrize(
    ("wanted", "kernels", "words"),
    [
        (True, [], "is not registered as a kernel of Jupyter"),
        (True, [{"path": "/a", "right": False}], "is not registered as a kernel of Jupyter"),
        (True, [{"path": "/a", "right": True}, {"path": "/b", "right": False}], "Jupyter /b is not what the plan says"),
        (False, [{"path": "/a", "right": True}], "the kernel of Jupyter /a is not what the plan says"),
        (True, [{"path": "/a", "right": True}], None),
        (False, [], None),
    ],
)
def test_the_kernel_of_jupyter_is_as_the_plan_says_or_the_board_is_due(wanted, kernels, words):
    measured = converged()
    measured["state"]["jupyter_kernels"] = kernels
    given = facts(measured=measured)
    given[host_variables.PLANNED]["jupyter_kernel"] = wanted
    reasons = rollout.read_status(given)["reasons"]
    assert words in reasons[0] if words else reasons == []


def test_the_plan_that_a_board_falls_back_to_counts():
    fallback = {**facts()[host_variables.PLANNED], "expect": "cpu", "warnings": ["no channel answers"]}
    given = facts(
        **{
            host_variables.PROVIDED: {
                "locks": {"k": LOCK},
                "boards": {"pi": {"lock": "k", "id": "abc", "plan": fallback}},
            }
        }
    )
    given[host_variables.PLANNED]["expect"] = "cuda"
    state = rollout.read_status(given)
    assert (state["due"], state["plan"]) == (False, fallback)


def test_a_verdict_may_come_with_the_board():
    given = {
        "inventory_hostname": "pi",
        host_variables.DETECTED: {"ansible_facts": {"edgeai_board": board()}, "verdict": GOOD},
    }
    assert rollout.read_status(given)["verdict"] == GOOD
    repaired = {**GOOD, "reason": "repaired"}
    assert rollout.read_status({**given, host_variables.VERIFIED: {"verdict": repaired}})["verdict"] == repaired


def test_a_board_without_a_usable_record_is_judged_by_its_plan():
    """As the playbook verify leaves it: no verdict came with the board, so it was planned for, and verified unless the
    plan is a refusal.
    """
    detected = {"ansible_facts": {"edgeai_board": board()}, "verdict": None}
    given = {"inventory_hostname": "pi", host_variables.DETECTED: detected}
    assert rollout.read_status(given)["verdict"] is None
    refused = {
        **facts()[host_variables.PLANNED],
        "refusal": {"reason": "its GPU does not work.", "way_out": "Restart it."},
        "expect": None,
    }
    state = rollout.read_status(
        {**given, host_variables.PLANNED: refused, host_variables.VERIFIED: {"skipped": True, "changed": False}}
    )
    assert (state["verdict"]["outcome"], state["verdict"]["reason"]) == (
        "refused",
        "its GPU does not work. Restart it.",
    )
    assert (
        rollout.read_status(
            {
                **given,
                host_variables.PLANNED: facts()[host_variables.PLANNED],
                host_variables.VERIFIED: {"verdict": GOOD},
            }
        )["verdict"]
        == GOOD
    )
    lost = rollout.read_status(
        {
            **given,
            host_variables.PLANNED: facts()[host_variables.PLANNED],
            host_variables.VERIFIED: {"unreachable": True, "msg": "gone"},
        }
    )
    assert lost["verdict"]["outcome"] == "unreachable"


def test_a_board_without_a_plan_because_of_its_variables():
    made = {"plans": {}, "boards": {}, "errors": {"pi": "torch_version is 'newest'"}}
    status = rollout.read_status({**facts(), host_variables.PLANNED: None, host_variables.PLANS: made})
    assert (status["verdict"]["outcome"], status["verdict"]["reason"]) == (
        "error",
        "No plan can be made: torch_version is 'newest'",
    )


def test_the_plan_is_that_of_fleet_plan_unless_a_role_made_one():
    own = facts()[host_variables.PLANNED]
    made = {"plans": {"1": {**own, "expect": "cuda"}}, "boards": {"pi": "1"}, "errors": {}}
    assert rollout.read_status({**facts(), host_variables.PLANS: made})["plan"] == own
    planned = rollout.read_status({**facts(), host_variables.PLANNED: None, host_variables.PLANS: made})
    assert planned["plan"]["expect"] == "cuda" and planned["due"]


def test_unreachable_while_detecting():
    state = rollout.read_status(
        {"inventory_hostname": "pi", host_variables.DETECTED: {"unreachable": True, "msg": "no\nroute\x1b[31m"}}
    )
    assert state["verdict"]["outcome"] == "unreachable"
    assert state["verdict"]["reason"] == "no route"


def test_unreachable_in_the_middle_of_the_install():
    state = rollout.read_status(
        facts(measured=board(), **{host_variables.INSTALLED: {"unreachable": True, "msg": "gone"}})
    )
    assert state["verdict"]["outcome"] == "unreachable"


def test_failed_task_is_an_error_that_names_the_task():
    state = rollout.read_status(
        facts(measured=board(), **{host_variables.FAILURE: {"task": "Install", "msg": "no space"}})
    )
    assert (state["verdict"]["outcome"], state["verdict"]["reason"], state["verdict"]["diagnosis"]) == (
        "error",
        "Install: no space",
        None,
    )
    state = rollout.read_status(
        facts(
            measured=board(),
            **{
                host_variables.FAILURE: {
                    "task": "Detect",
                    "msg": "SyntaxError: future feature annotations is not defined",
                }
            },
        )
    )
    assert state["verdict"]["diagnosis"]["id"] == "ANS-01"


def test_refusals_of_plan_and_lock():
    plan = {
        "family": "raspberrypi",
        "expect": None,
        "refusal": {"reason": "no wheel.", "way_out": "Build."},
        "forced": [],
    }
    assert rollout.read_status(facts(**{host_variables.PLANNED: plan}))["verdict"]["reason"] == "no wheel. Build."
    share = {"locks": {}, "boards": {"pi": {"refusal": {"reason": "only CUDA builds"}}}}
    assert rollout.read_status(facts(**{host_variables.PROVIDED: share}))["verdict"]["outcome"] == "refused"


def test_reason_and_fix_of_a_refusal_are_two_sentences():
    share = {
        "locks": {},
        "boards": {"pi": {"refusal": {"reason": "it answered HTTP 401 (Unauthorized)", "way_out": "give a password"}}},
    }
    assert (
        rollout.read_status(facts(**{host_variables.PROVIDED: share}))["verdict"]["reason"]
        == "it answered HTTP 401 (Unauthorized). Give a password"
    )
    share["boards"]["pi"]["refusal"]["way_out"] = "torch_relock: true resolves again"
    assert (
        "(Unauthorized). torch_relock: true"
        in rollout.read_status(facts(**{host_variables.PROVIDED: share}))["verdict"]["reason"]
    )


def test_unknown_family_is_refused():
    measured = {**board(), "family": None, "warnings": ["compatible is acme,toaster"]}
    state = rollout.read_status(
        {"inventory_hostname": "pi", host_variables.DETECTED: {"ansible_facts": {"edgeai_board": measured}}}
    )
    assert state["verdict"]["outcome"] == "refused"
    assert "acme,toaster" in state["verdict"]["reason"]


def test_fresh_verdict_wins_over_the_record_and_seconds_add_up():
    bad = {**make_verdict("error", "SIGILL"), "seconds": 4.0}
    state = rollout.read_status(
        facts(**{host_variables.INSTALLED: {"seconds": 10.0}, host_variables.VERIFIED: {"verdict": bad}})
    )
    assert state["verdict"] == bad
    assert state["seconds"] == 15.0


def test_rollback_has_no_plan_and_takes_the_recorded_verdict():
    given = facts(**{host_variables.SWITCHED: {"switched": True, "seconds": 0.1}})
    del given[host_variables.PLANNED]
    assert rollout.read_status(given)["verdict"] == GOOD


def test_the_report_keeps_no_addresses_of_a_lock():
    assert "secret" not in str(rollout.read_status(facts())["lock"])
