# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a page says of its boards."""

from __future__ import annotations

import json

from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall import board_data
from wall_support import fleet, hostile


def test_boards_share_what_is_equal():
    boards = board_data.RunBoards(fleet(500))
    listed = list(boards)
    (plan,), (lock,) = boards.plans.values, boards.locks.values
    assert "gets: torch ==2.9.1 for the CPU" in plan
    assert "why: Row pi-2.9 (recorded): the newest that this core runs" in plan
    assert {board["plan"] for board in listed} == {0, None} and len(listed) == 500
    identity, key, torch, packages = lock
    assert (identity, key, torch) == ("0123456789ab", "0123456789abcdef", "2.9.1")
    assert ("torch", "2.9.1", f"{5:064x}") in packages
    assert len(json.dumps(listed)) < 500 * 4000


def test_a_board_has_its_facts_checks_and_diagnosis():
    boards = list(board_data.RunBoards(fleet(20)))
    good, failed, lost = boards[1], boards[9], boards[16]
    assert ["L4T", "36.4.3"] in good["facts"]
    assert good["checks"][3] == ["tensor_product", True, 2e-6, 1e-3, 0.01, False]
    assert good["skipped"] == [["lapack", "no LAPACK"]]
    assert good["conditions"] == [
        ["load before the checks", "25% of the cores"],
        ["temperature before and after", "50 °C and 60 °C"],
        ["memory of the checks", "300 MiB"],
    ]
    assert good["speeds"][0][:3] == ["classifier", "cpu", 20.0]
    assert (failed["verdict"], failed["diagnosis"]["fix"]) == ("error", "take torch 2.5.1")
    assert (lost["verdict"], lost["model"], lost["facts"], lost["plan"], lost["lock"]) == (
        "unreachable",
        "unknown model",
        [],
        None,
        None,
    )


def test_a_verdict_that_works_but_is_not_what_was_promised_is_one_of_its_own():
    assert board_data.verdict_key({"satisfied": False, "outcome": "cpu"}) == "other"
    assert board_data.verdict_key({"satisfied": True, "outcome": "npu"}) == "satisfied"
    assert board_data.verdict_key({"satisfied": False, "outcome": "not_started"}) == "not_started"


def test_texts_of_boards_are_single_lines_without_control_characters():
    (board,) = board_data.RunBoards({"x": hostile()})
    assert "\n" not in board["reason"] and "\x1b" not in board["reason"]
    long = hostile()
    long["verdict"]["checks"][0]["value"] = "x" * 100000
    (board,) = board_data.RunBoards({"x": long})
    assert len(board["checks"][0][2]) == board_data.LONGEST


def test_what_a_record_of_a_board_lacks_or_has_wrong_breaks_nothing():
    status = hostile()
    status["verdict"].update(
        checks=["junk", {"name": "import"}], diagnosis="junk", warnings=None, skipped=None, timings={"import": True}
    )
    (board,) = board_data.RunBoards({"x": status})
    assert (board["checks"], board["diagnosis"], board["timings"]) == ([], None, {})
