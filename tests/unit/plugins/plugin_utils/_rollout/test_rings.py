# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Rings of boards, and the gate before each ring."""

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status as rollout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import report, rings
from rollout_support import due_boards, facts, with_failures


def hosts_by_ring(states, steps):
    by_ring = {}
    for item in rings.assign_rings(states, steps):
        by_ring.setdefault(item["ring"], []).append(item["host"])
    return by_ring


def test_rings_of_ten_boards_of_two_families():
    rings = hosts_by_ring(due_boards(10, ("raspberrypi", "x86_conda")), ["canary", "30%", "50%", "100%"])
    assert rings == {0: ["b0", "b1"], 1: ["b2"], 2: ["b3", "b4"], 3: ["b5", "b6", "b7", "b8", "b9"]}


def test_every_due_board_is_in_one_ring_whatever_the_steps():
    for count in (0, 1, 2, 3, 7, 30):
        for steps in (["canary"], ["canary", 1], [5, "10%"], ["canary", "10%", "50%", "100%"]):
            states = due_boards(count, ("raspberrypi", "x86_conda"))
            hosts = [item["host"] for item in rings.assign_rings(states, steps)]
            assert sorted(hosts) == sorted(states)


def test_boards_that_are_done_are_in_no_ring():
    states = due_boards(3)
    states["done"] = rollout.read_status(facts("done"))
    assert "done" not in [item["host"] for item in rings.assign_rings(states, ["canary", "100%"])]


@pytest.mark.parametrize("steps", [[], ["canary"] * 5, ["all of them", "100%"]])
def test_unusable_rings_are_named(steps):
    with pytest.raises(rings.RolloutError):
        rings.assign_rings(due_boards(10), steps)


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
    assert rings.check_gate(with_failures(due_boards(10), *names), budget)["open"] is is_open


def test_unreachable_boards_count_and_refused_ones_do_not():
    assert not rings.check_gate(with_failures(due_boards(2), "b0", outcome="unreachable"), 0)["open"]
    assert rings.check_gate(with_failures(due_boards(2), "b0", outcome="refused"), 0)["open"]


def test_closed_gate_names_the_failed_board_and_the_way_on():
    reason = rings.check_gate(with_failures(due_boards(10), "b3"), 0)["reason"]
    assert "b3" in reason
    assert "torch_failure_budget=1" in reason


def test_a_board_without_an_answer_closes_the_gate_and_is_never_one_that_was_not_started():
    states = due_boards(2)
    states["mute"] = rollout.read_status({"inventory_hostname": "mute"})
    assert "mute" in rings.check_gate(states, 0)["reason"]
    assert rings.check_gate(states, 1)["open"]
    ended = report.add_missing_verdicts(states, 0)
    assert (ended["mute"]["verdict"]["outcome"], ended["b0"]["verdict"]["outcome"]) == ("error", "not_started")
