# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import copy

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status as rollout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables, report, rings
from rollout_support import GOOD, LOCK, board, converged, facts


def test_converged_board_has_its_recorded_verdict_and_is_not_due():
    state = rollout.examine(facts())
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
        (lambda b: b["workload"].update(name="root"), "made as vision, the workload's user is root"),
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
    state = rollout.examine(facts(measured=measured))
    assert state["due"]
    assert state["verdict"] is None
    assert words in state["reasons"][0]


def test_a_module_that_the_plan_wants_is_proven_or_the_board_is_due():
    given = facts()
    given[host_variables.PLANNED]["modules"] = ["tensorrt"]
    assert "tensorrt can be imported" in rollout.examine(given)["reasons"][0]
    given[host_variables.DETECTED]["ansible_facts"]["edgeai_board"]["state"]["record"]["verdict"]["checks"] = [
        {"name": "module_tensorrt", "passed": True},
        "junk",
    ]
    assert not rollout.examine(given)["due"]


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
    state = rollout.examine(given)
    assert (state["due"], state["plan"]) == (False, fallback)


def test_a_verdict_may_come_with_the_board():
    given = {
        "inventory_hostname": "pi",
        host_variables.DETECTED: {"ansible_facts": {"edgeai_board": board()}, "verdict": GOOD},
    }
    assert rollout.examine(given)["verdict"] == GOOD
    mended = {**GOOD, "reason": "mended"}
    assert rollout.examine({**given, host_variables.VERIFIED: {"verdict": mended}})["verdict"] == mended


def test_a_board_without_a_usable_record_is_judged_by_its_plan():
    """As the playbook verify leaves it: no verdict came with the board, so it was planned for, and verified unless the
    plan is a refusal.
    """
    detected = {"ansible_facts": {"edgeai_board": board()}, "verdict": None}
    given = {"inventory_hostname": "pi", host_variables.DETECTED: detected}
    assert rollout.examine(given)["verdict"] is None
    refused = {
        **facts()[host_variables.PLANNED],
        "refusal": {"reason": "its GPU does not work.", "way_out": "Restart it."},
        "expect": None,
    }
    state = rollout.examine(
        {**given, host_variables.PLANNED: refused, host_variables.VERIFIED: {"skipped": True, "changed": False}}
    )
    assert (state["verdict"]["outcome"], state["verdict"]["reason"]) == (
        "refused",
        "its GPU does not work. Restart it.",
    )
    assert (
        rollout.examine(
            {
                **given,
                host_variables.PLANNED: facts()[host_variables.PLANNED],
                host_variables.VERIFIED: {"verdict": GOOD},
            }
        )["verdict"]
        == GOOD
    )
    lost = rollout.examine(
        {
            **given,
            host_variables.PLANNED: facts()[host_variables.PLANNED],
            host_variables.VERIFIED: {"unreachable": True, "msg": "gone"},
        }
    )
    assert lost["verdict"]["outcome"] == "unreachable"


def test_a_cpu_verdict_beside_an_accelerator_that_does_not_work_is_judged_by_the_plan():
    """The record promised the CPU, before there was a card: whether the catalogue could serve that card is the plan's
    to say.
    """
    sign = {
        "kind": "cuda",
        "name": None,
        "where": "0000:01:00.0",
        "cause": "no-driver",
        "why": "no driver runs it",
        "fix": "Install one.",
    }
    given = {
        "inventory_hostname": "pi",
        host_variables.DETECTED: {"ansible_facts": {"edgeai_board": {**board(), "signs": [sign]}}, "verdict": GOOD},
    }
    assert report.unjudged({"pi": rollout.examine(given)}) == ["pi"]
    assert (
        report.unjudged(
            {
                "pi": rollout.examine(
                    {**given, host_variables.DETECTED: {"ansible_facts": {"edgeai_board": board()}, "verdict": GOOD}}
                )
            }
        )
        == []
    )
    assert report.unjudged(
        {"pi": rollout.examine({**given, host_variables.DETECTED: {**given[host_variables.DETECTED], "verdict": None}})}
    ) == ["pi"]
    refused = {
        **facts()[host_variables.PLANNED],
        "refusal": {"reason": "no driver runs it.", "way_out": "Install one."},
        "expect": None,
    }
    ended = rollout.examine({**given, host_variables.PLANNED: refused})["verdict"]
    assert (ended["outcome"], ended["satisfied"], ended["reason"]) == (
        "refused",
        False,
        "no driver runs it. Install one.",
    )
    assert rollout.examine({**given, host_variables.PLANNED: facts()[host_variables.PLANNED]})["verdict"] == GOOD


def test_the_table_shows_what_a_verdict_warns_of():
    warned = {
        **GOOD,
        "warnings": [
            "cuda:1 (GTX 1080) computes nothing, as planned:\nthe plan leaves it out",
            "UserWarning: torch's own affair",
        ],
    }
    lines = report.table({"pi": {**rollout.examine(facts()), "verdict": warned}})
    assert "pi: warning: cuda:1 (GTX 1080) computes nothing, as planned: the plan leaves it out" in lines
    assert not any("affair" in line for line in lines)
    report.table({"pi": {**rollout.examine(facts()), "verdict": {**GOOD, "warnings": None}}})


def test_unreachable_while_detecting():
    state = rollout.examine(
        {"inventory_hostname": "pi", host_variables.DETECTED: {"unreachable": True, "msg": "no\nroute\x1b[31m"}}
    )
    assert state["verdict"]["outcome"] == "unreachable"
    assert state["verdict"]["reason"] == "no route"


def test_unreachable_in_the_middle_of_the_install():
    state = rollout.examine(facts(measured=board(), **{host_variables.INSTALLED: {"unreachable": True, "msg": "gone"}}))
    assert state["verdict"]["outcome"] == "unreachable"


def test_failed_task_is_an_error_that_names_the_task():
    state = rollout.examine(facts(measured=board(), **{host_variables.FAILURE: {"task": "Install", "msg": "no space"}}))
    assert (state["verdict"]["outcome"], state["verdict"]["reason"], state["verdict"]["diagnosis"]) == (
        "error",
        "Install: no space",
        None,
    )
    state = rollout.examine(
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
    assert rollout.examine(facts(**{host_variables.PLANNED: plan}))["verdict"]["reason"] == "no wheel. Build."
    share = {"locks": {}, "boards": {"pi": {"refusal": {"reason": "only CUDA builds"}}}}
    assert rollout.examine(facts(**{host_variables.PROVIDED: share}))["verdict"]["outcome"] == "refused"


def test_reason_and_fix_of_a_refusal_are_two_sentences():
    share = {
        "locks": {},
        "boards": {"pi": {"refusal": {"reason": "it answered HTTP 401 (Unauthorized)", "way_out": "give a password"}}},
    }
    assert (
        rollout.examine(facts(**{host_variables.PROVIDED: share}))["verdict"]["reason"]
        == "it answered HTTP 401 (Unauthorized). Give a password"
    )
    share["boards"]["pi"]["refusal"]["way_out"] = "torch_relock: true resolves again"
    assert (
        "(Unauthorized). torch_relock: true"
        in rollout.examine(facts(**{host_variables.PROVIDED: share}))["verdict"]["reason"]
    )


def test_unknown_family_is_refused():
    measured = {**board(), "family": None, "warnings": ["compatible is acme,toaster"]}
    state = rollout.examine(
        {"inventory_hostname": "pi", host_variables.DETECTED: {"ansible_facts": {"edgeai_board": measured}}}
    )
    assert state["verdict"]["outcome"] == "refused"
    assert "acme,toaster" in state["verdict"]["reason"]


def test_fresh_verdict_wins_over_the_record_and_seconds_add_up():
    bad = {**rollout.verdict("error", "SIGILL"), "seconds": 4.0}
    state = rollout.examine(
        facts(**{host_variables.INSTALLED: {"seconds": 10.0}, host_variables.VERIFIED: {"verdict": bad}})
    )
    assert state["verdict"] == bad
    assert state["seconds"] == 15.0


def test_rollback_has_no_plan_and_takes_the_recorded_verdict():
    given = facts(**{host_variables.SWITCHED: {"switched": True, "seconds": 0.1}})
    del given[host_variables.PLANNED]
    assert rollout.examine(given)["verdict"] == GOOD


def test_a_record_that_lacks_something_does_not_break_the_report():
    measured = converged()
    for name in ("torch", "forced", "diagnosis", "reason"):
        measured["state"]["record"]["verdict"].pop(name)
    states = report.conclude({"pi": rollout.examine(facts(measured=measured))}, 0)
    assert "pi" in "\n".join(report.table(states))


def test_check_mode_foretells():
    verdict = report.conclude(bench(1), 0, check_mode=True)["b0"]["verdict"]
    assert verdict["outcome"] == "not_started"
    assert "torch 2.9.1 would be installed" in verdict["reason"]


def test_a_run_that_only_compiles_leaves_the_installation_to_provision():
    ended = report.conclude(failed(bench(2), "b1"), 0, purpose="build")
    assert ended["b0"]["verdict"]["reason"] == "all is there for torch 2.9.1: edgeai.fleet.provision installs it"
    assert list(report.unsatisfied(ended, purpose="build")) == ["b1"]
    assert list(report.unsatisfied(ended)) == ["b0", "b1"]


def bench(count, families=("raspberrypi",)):
    states = {}
    for number in range(count):
        name = f"b{number}"
        measured = board()
        given = facts(name, measured)
        given[host_variables.PLANNED] = {**given[host_variables.PLANNED], "family": families[number % len(families)]}
        states[name] = rollout.examine(given)
    return states


def dealt(states, steps):
    by_ring = {}
    for item in rings.rings(states, steps):
        by_ring.setdefault(item["ring"], []).append(item["host"])
    return by_ring


def test_rings_of_ten_boards_of_two_families():
    rings = dealt(bench(10, ("raspberrypi", "x86_conda")), ["canary", "30%", "50%", "100%"])
    assert rings == {0: ["b0", "b1"], 1: ["b2"], 2: ["b3", "b4"], 3: ["b5", "b6", "b7", "b8", "b9"]}


def test_every_due_board_is_dealt_once_whatever_the_steps():
    for count in (0, 1, 2, 3, 7, 30):
        for steps in (["canary"], ["canary", 1], [5, "10%"], ["canary", "10%", "50%", "100%"]):
            states = bench(count, ("raspberrypi", "x86_conda"))
            hosts = [item["host"] for item in rings.rings(states, steps)]
            assert sorted(hosts) == sorted(states)


def test_boards_that_are_done_are_in_no_ring():
    states = bench(3)
    states["done"] = rollout.examine(facts("done"))
    assert "done" not in [item["host"] for item in rings.rings(states, ["canary", "100%"])]


@pytest.mark.parametrize("steps", [[], ["canary"] * 5, ["all of them", "100%"]])
def test_unusable_rings_are_named(steps):
    with pytest.raises(rings.RolloutError):
        rings.rings(bench(10), steps)


def failed(states, *names, outcome="error"):
    states = copy.deepcopy(states)
    for name in names:
        states[name]["verdict"] = rollout.verdict(outcome, "it failed")
    return states


@pytest.mark.parametrize(
    ("names", "budget", "is_open"),
    [
        ((), 0, True),
        (("b0",), 0, False),
        (("b0",), "0", False),
        (("b0",), 1, True),
        (("b0",), "10%", True),
        (("b0", "b1"), "10%", False),
        (("b0",), "9%", False),
    ],
)
def test_gate(names, budget, is_open):
    assert rings.gate(failed(bench(10), *names), budget)["open"] is is_open


def test_unreachable_boards_count_and_refused_ones_do_not():
    assert not rings.gate(failed(bench(2), "b0", outcome="unreachable"), 0)["open"]
    assert rings.gate(failed(bench(2), "b0", outcome="refused"), 0)["open"]


def test_closed_gate_names_the_failed_board_and_the_way_on():
    reason = rings.gate(failed(bench(10), "b3"), 0)["reason"]
    assert "b3" in reason
    assert "torch_failure_budget=1" in reason


def test_every_board_ends_with_one_verdict():
    states = failed(bench(3), "b0")
    states["mute"] = rollout.examine({"inventory_hostname": "mute"})
    ended = report.conclude(states, 0)
    assert {host: state["verdict"]["outcome"] for host, state in ended.items()} == {
        "b0": "error",
        "b1": "not_started",
        "b2": "not_started",
        "mute": "error",
    }
    assert report.conclude({"mute": states["mute"]}, 0)["mute"]["verdict"]["outcome"] == "error"


def test_a_board_without_an_answer_closes_the_gate_and_is_never_one_that_was_not_started():
    states = bench(2)
    states["mute"] = rollout.examine({"inventory_hostname": "mute"})
    assert "mute" in rings.gate(states, 0)["reason"]
    assert rings.gate(states, 1)["open"]
    ended = report.conclude(states, 0)
    assert (ended["mute"]["verdict"]["outcome"], ended["b0"]["verdict"]["outcome"]) == ("error", "not_started")


@pytest.mark.parametrize(("check", "purpose"), [(True, "provision"), (False, "build"), (True, "build")])
def test_where_nothing_is_installed_a_failure_or_a_refusal_is_one(check, purpose):
    states = failed(bench(6), "b1")
    states = failed(states, "b2", outcome="refused")
    states = failed(states, "b3", outcome="unreachable")
    states["mute"] = rollout.examine({"inventory_hostname": "mute"})
    # As a rollback leaves a board without a record: it was not started, and nothing is due.
    states["b4"]["due"] = False
    ended = report.conclude(states, 9, check, purpose)
    assert list(report.unsatisfied(ended, check, purpose)) == ["b1", "b2", "b3", "b4", "mute"]


def test_the_report_keeps_no_addresses_of_a_lock():
    assert "secret" not in str(rollout.examine(facts())["lock"])


def test_table_shows_reason_cause_and_fix():
    states = report.conclude(bench(1), 0)
    states["b0"]["verdict"]["diagnosis"] = {"id": "X", "cause": "the core", "fix": "another wheel", "evidence": None}
    states["b0"]["plan"]["warnings"] = ["the GPU stays unused"]
    text = "\n".join(report.table(states))
    assert "the GPU stays unused" in text
    assert "b0" in text
    assert "the core" in text
    assert "another wheel" in text
