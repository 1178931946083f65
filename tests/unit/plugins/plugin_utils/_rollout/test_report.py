# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How a run ends: one verdict for each board, the table, which boards failed."""

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status as rollout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables, report
from rollout_support import GOOD, board, converged, due_boards, facts, with_failures


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
    assert report.hosts_to_plan({"pi": rollout.read_status(given)}) == ["pi"]
    assert (
        report.hosts_to_plan(
            {
                "pi": rollout.read_status(
                    {**given, host_variables.DETECTED: {"ansible_facts": {"edgeai_board": board()}, "verdict": GOOD}}
                )
            }
        )
        == []
    )
    assert report.hosts_to_plan(
        {
            "pi": rollout.read_status(
                {**given, host_variables.DETECTED: {**given[host_variables.DETECTED], "verdict": None}}
            )
        }
    ) == ["pi"]
    refused = {
        **facts()[host_variables.PLANNED],
        "refusal": {"reason": "no driver runs it.", "way_out": "Install one."},
        "expect": None,
    }
    ended = rollout.read_status({**given, host_variables.PLANNED: refused})["verdict"]
    assert (ended["outcome"], ended["satisfied"], ended["reason"]) == (
        "refused",
        False,
        "no driver runs it. Install one.",
    )
    assert rollout.read_status({**given, host_variables.PLANNED: facts()[host_variables.PLANNED]})["verdict"] == GOOD


def test_the_table_shows_what_a_verdict_warns_of():
    warned = {
        **GOOD,
        "warnings": [
            "cuda:1 (GTX 1080) computes nothing, as planned:\nthe plan leaves it out",
            "UserWarning: torch's own affair",
        ],
    }
    lines = report.table_lines({"pi": {**rollout.read_status(facts()), "verdict": warned}})
    assert "pi: warning: cuda:1 (GTX 1080) computes nothing, as planned: the plan leaves it out" in lines
    assert not any("affair" in line for line in lines)
    report.table_lines({"pi": {**rollout.read_status(facts()), "verdict": {**GOOD, "warnings": None}}})


def test_warnings_of_a_board_are_its_own():
    states = {host: {**rollout.read_status(facts()), "verdict": GOOD} for host in ("a", "b", "c")}
    states["b"]["board"] = {**states["b"]["board"], "warnings": ["the clock is wrong"]}
    states["c"]["board"] = None
    lines = report.table_lines(states)
    assert [line for line in lines if "the clock is wrong" in line] == ["b: warning: the clock is wrong"]


def test_a_record_that_lacks_something_does_not_break_the_report():
    measured = converged()
    for name in ("torch", "forced", "diagnosis", "reason"):
        measured["state"]["record"]["verdict"].pop(name)
    states = report.add_missing_verdicts({"pi": rollout.read_status(facts(measured=measured))}, 0)
    assert "pi" in "\n".join(report.table_lines(states))


def test_check_mode_predicts():
    verdict = report.add_missing_verdicts(due_boards(1), 0, check_mode=True)["b0"]["verdict"]
    assert verdict["outcome"] == "not_started"
    assert "torch 2.9.1 would be installed" in verdict["reason"]


def test_a_run_that_only_compiles_leaves_the_installation_to_provision():
    ended = report.add_missing_verdicts(with_failures(due_boards(2), "b1"), 0, purpose="build")
    assert (
        ended["b0"]["verdict"]["reason"] == "everything for torch 2.9.1 is fetched; edgeai.fleet.provision installs it"
    )
    assert list(report.failed_boards(ended, purpose="build")) == ["b1"]
    assert list(report.failed_boards(ended)) == ["b0", "b1"]


def test_every_board_ends_with_one_verdict():
    states = with_failures(due_boards(3), "b0")
    states["mute"] = rollout.read_status({"inventory_hostname": "mute"})
    ended = report.add_missing_verdicts(states, 0)
    assert {host: state["verdict"]["outcome"] for host, state in ended.items()} == {
        "b0": "error",
        "b1": "not_started",
        "b2": "not_started",
        "mute": "error",
    }
    assert report.add_missing_verdicts({"mute": states["mute"]}, 0)["mute"]["verdict"]["outcome"] == "error"


@pytest.mark.parametrize(("check", "purpose"), [(True, "provision"), (False, "build"), (True, "build")])
def test_where_nothing_is_installed_a_failure_or_a_refusal_is_one(check, purpose):
    states = with_failures(due_boards(6), "b1")
    states = with_failures(states, "b2", outcome="refused")
    states = with_failures(states, "b3", outcome="unreachable")
    states["mute"] = rollout.read_status({"inventory_hostname": "mute"})
    # As a rollback leaves a board without a record: it was not started, and nothing is due.
    states["b4"]["due"] = False
    ended = report.add_missing_verdicts(states, 9, check, purpose)
    assert list(report.failed_boards(ended, check, purpose)) == ["b1", "b2", "b3", "b4", "mute"]


def test_table_shows_reason_cause_and_fix():
    states = report.add_missing_verdicts(due_boards(1), 0)
    states["b0"]["verdict"]["diagnosis"] = {"id": "X", "cause": "the core", "fix": "another wheel", "evidence": None}
    states["b0"]["plan"]["warnings"] = ["the GPU stays unused"]
    text = "\n".join(report.table_lines(states))
    assert "the GPU stays unused" in text
    assert "b0" in text
    assert "the core" in text
    assert "another wheel" in text
