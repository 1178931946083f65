# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The screen at any size."""

from __future__ import annotations

import re

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live import screen
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.fleet_state import Fleet

pytest.importorskip("rich", reason="without rich there is no screen")
MODELS = ("Raspberry Pi 4 Model B", "NVIDIA Jetson Orin Nano Developer Kit", "\u5f00\u53d1\u677f with wide letters")


def fleet(number):
    made = Fleet([f"board-{index}" for index in range(number)], "5%", ["canary", "10%", "50%", "100%"], started=0.0)
    for index in range(number):
        made.begin_board(f"board-{index}", "board_facts", "Detect", 1.0)
        made.end_board(f"board-{index}", "board_facts", {"board": {"model": MODELS[index % 3]}})
    for index in range(min(20, number)):
        made.begin_board(f"board-{index}", "torch_env", "Install", 2.0)
    made.progress({"host": "board-1", "sent": 120 << 20, "total": 240 << 20})
    made.fail_board(f"board-{number - 1}", "Install", {"msg": "No space left on device"}, False)
    made.begin_step("Install, verify and switch")
    return made


@pytest.mark.parametrize("number", [1, 5, 30, 1000])
@pytest.mark.parametrize("size", [(160, 50), (80, 24), (40, 12), (20, 6), (3, 2)])
def test_no_line_is_too_long_and_there_are_not_too_many(number, size):
    lines = screen.render(fleet(number), 100.0, *size, "reports/x/ansible.log", colours=False)
    assert 0 < len(lines) <= size[1]
    assert max(screen.Text(line).cell_len for line in lines) <= size[0]


def test_a_small_fleet_has_a_line_for_each_board():
    text = "\n".join(screen.render(fleet(5), 60.0, 160, 50, "reports/x/ansible.log", colours=False))
    for part in (
        "5 boards: 4 working, 1 failed",
        "board-1",
        "sending 120 of 240 MiB (50 %)",
        "58 s",
        "cause: no space left",
        "fix: free disk space",
        "now: Install, verify and switch",
        "reports/x/ansible.log",
    ):
        assert part in text, part


def test_a_thousand_boards_are_summarized_by_model():
    text = "\n".join(screen.render(fleet(1000), 100.0, 160, 50, colours=False))
    assert re.search(r"Raspberry Pi 4 Model B +334 +7 +1", text)
    assert "board-19 " in text and "board-20 " not in text and "board-999" in text
    short = "\n".join(screen.render(fleet(1000), 100.0, 80, 20, colours=False))
    assert re.search(r"and \d+ more that are not idle", short)


def test_the_closed_gate_is_said():
    seen = fleet(3)
    seen.gate({"open": False, "reason": "2 failed, torch_failure_budget allows 1"})
    assert "2 failed, torch_failure_budget allows 1" in "\n".join(screen.render(seen, 9.0, 100, 30, colours=False))


def test_colours_are_not_the_only_sign_and_no_text_is_markup():
    seen = fleet(3)
    seen.begin_step("[red]step[/red] \N{SNOWMAN} :smile:")
    plain, coloured = (screen.render(seen, 100.0, 100, 30, colours=colours) for colours in (False, True))
    assert not any("\x1b" in line for line in plain) and any("\x1b[" in line for line in coloured)
    assert [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in coloured] == plain
    assert "[red]step[/red] \N{SNOWMAN} :smile:" in "\n".join(plain)
    assert any(line.startswith("\N{BALLOT X} board-2") for line in plain)
