# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What the live view knows of a run."""

from __future__ import annotations

from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.fleet_state import Fleet

SATISFIED = {"outcome": "cpu", "satisfied": True, "torch": "2.9.1", "reason": "torch 2.9.1 works", "diagnosis": None}
FAILED = {
    **SATISFIED,
    "outcome": "error",
    "satisfied": False,
    "reason": "importing torch died of SIGILL",
    "diagnosis": {"id": "ARM-01", "cause": "the core", "fix": "another wheel"},
}


def fleet(number=3, budget="0"):
    return Fleet([f"b{index}" for index in range(number)], budget, ["canary", "50%", "100%"], started=100.0)


def test_a_board_from_detection_to_verdict():
    seen = fleet()
    board = seen.boards["b0"]
    seen.begin_board("b0", "board_facts", "Detect each board", 101.0)
    assert (board.stands, board.phase()) == ("working", "detecting")
    seen.end_board("b0", "board_facts", {"ansible_facts": {"edgeai_board": {"model": "Raspberry Pi 4"}}})
    assert (board.stands, board.model) == ("idle", "Raspberry Pi 4")
    seen.begin_board("b0", "torch_env", "Install the environment", 110.0)
    seen.progress({"host": "b0", "sent": 60 << 20, "total": 240 << 20})
    assert board.phase() == "sending 60 of 240 MiB (25 %)"
    seen.progress({"host": "b0", "sent": 240 << 20, "total": 240 << 20})
    seen.progress({"host": "b0", "doing": "installing"})
    assert (board.phase(), board.since) == ("installing", 110.0)
    seen.end_board("b0", "torch_env", {})
    seen.begin_board("b0", "torch_verify", "Verify", 120.0)
    seen.end_board("b0", "torch_verify", {"verdict": SATISFIED})
    assert (board.stands, board.torch, board.since) == ("satisfied", "2.9.1", 120.0)
    # What follows does not make it idle, nor is its verdict told twice.
    seen.begin_board("b0", "torch_env", "Switch", 121.0)
    assert board.phase() == "switching to the new environment"
    seen.end_board("b0", "torch_env", {})
    seen.progress({"host": "b0", "verdict": SATISFIED})
    assert board.stands == "satisfied"
    assert seen.take_news() == ["b0: installing", "b0: verifying", "b0: \N{CHECK MARK} torch 2.9.1 works"]
    assert seen.take_news() == []


def test_a_build_shows_its_steps():
    seen = fleet()
    seen.begin_board("b1", "torch_build", "Compile", 100.0)
    seen.progress({"host": "b1", "doing": "compiling: compile [512/1375], 2 h left, 2 jobs"})
    assert seen.boards["b1"].phase() == "compiling: compile [512/1375], 2 h left, 2 jobs"


def test_failures_have_cause_and_fix():
    seen = fleet()
    seen.fail_board("b0", "Install", {"msg": "write error: No space left on device"}, unreachable=False)
    failure = seen.failures["b0"]
    assert failure.reason == "Install: write error: No space left on device"
    assert "no space left" in failure.cause and "free disk space" in failure.fix
    seen.fail_board("b1", "Detect", {"msg": "ssh: connect to host 192.0.2.1 port 22: Connection refused"}, True)
    seen.end_board("b2", "torch_verify", {"verdict": FAILED})
    assert [seen.boards[name].stands for name in ("b0", "b1", "b2")] == ["failed", "unreachable", "failed"]
    assert (seen.failures["b2"].cause, seen.failures["b2"].fix) == ("the core", "another wheel")
    assert len([line for line in seen.take_news() if "Cause: " in line and "Fix: " in line]) == 3
    assert seen.head(160.0) == "60 s, gate open, 3 failed, budget 0"
    # The report's verdict of the same failure is not a new one.
    seen.progress({"host": "b2", "verdict": FAILED})
    assert seen.take_news() == []
    # A repair that helps ends it.
    seen.end_board("b2", "torch_verify", {"verdict": SATISFIED})
    assert list(seen.failures) == ["b0", "b1"]


def test_refusals_of_plans_and_locks():
    seen = fleet()
    refusal = {"reason": "no driver", "way_out": "Install one."}
    seen.plans({"boards": {"b0": "x", "b1": "y"}, "plans": {"x": {"refusal": refusal}, "y": {"refusal": None}}})
    seen.locks(
        {
            "boards": {"b0": {"refusal": refusal}, "b1": {"lock": "k"}, "b2": {"waiting": ["build"]}},
            "locks": {"k": {"torch": "2.9.1"}},
        }
    )
    assert (seen.boards["b0"].stands, seen.boards["b1"].torch) == ("refused", "2.9.1")
    assert seen.boards["b2"].phase() == "waits for a build"
    assert seen.take_news() == ["b0: \N{BALLOT X} refused: no driver Fix: Install one."]


def test_rings_and_the_gate():
    seen = fleet(budget="1")
    for group in ("fleet_ring_0_0", "fleet_ring_0_1", "fleet_ring_0_1", "fleet_waiting_1"):
        seen.assign_ring(group)
    seen.begin_ring(1)
    assert seen.head(100.0) == "0 s, ring 2 of 3 (2 boards), gate open, 0 failed, budget 1"
    seen.gate({"open": True, "reason": None})
    seen.gate({"open": False, "reason": "the rollout stopped before this board: 2 failed"})
    seen.gate({"open": False, "reason": "the rollout stopped before this board: 2 failed"})
    assert "gate closed" in seen.head(100.0)
    assert seen.take_news() == [
        "ring 2 of 3: 2 boards",
        "the gate is closed: the rollout stopped before this board: 2 failed",
    ]


def test_counts_and_who_is_not_idle():
    seen = fleet(5)
    seen.fail_board("b0", "x", {"msg": "broken"}, False)
    seen.begin_board("b3", "board_facts", "Detect", 100.0)
    assert seen.count_words() == "5 boards: 1 working, 3 idle, 1 failed"
    assert [board.host for board in seen.busy()] == ["b3", "b0"]


def test_untrusted_texts_and_strangers_break_nothing():
    seen = fleet(1)
    seen.begin_board("localhost", "board_facts", "x", 0.0)
    seen.end_board("localhost", "board_facts", {})
    seen.fail_board("localhost", "x", {}, False)
    for event in (
        {},
        {"host": "b0", "sent": "x", "total": None},
        {"host": 7, "doing": 8},
        {"host": "b0", "verdict": {}},
    ):
        seen.progress(event)
    seen.begin_board("b0", "board_facts", "x", 0.0)
    seen.end_board("b0", "board_facts", {"ansible_facts": {"edgeai_board": {"model": "\x1b[2J\nevil\u0000" * 99}}})
    model = seen.boards["b0"].model
    assert "\x1b" not in model and "\n" not in model and len(model) == 60
    seen.progress({"doing": "fetching \x1b[31mx"})
    seen.progress({"doing": "x 35 %"})
    assert "\x1b" not in seen.step and seen.step == "x 35 %"
    assert seen.take_news()[-1] == "fetching  [31mx"
