# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The runs before, and what changed since."""

from __future__ import annotations

import json

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall import runs
from wall_support import fleet, lock, written


def summary(statuses, run="20261130T120000Z", finished="2026-11-30T12:00:00Z"):
    return runs.summarize(written(statuses, run, finished))


def test_what_changed():
    before, now = fleet(4), fleet(4)
    now["board-0"]["verdict"].update(satisfied=False, outcome="error", reason="it fails")
    before["board-1"]["verdict"].update(satisfied=False, outcome="refused", reason="no driver")
    now["board-2"]["verdict"]["torch"] = "2.10.0"
    now["board-3"]["lock"] = {**lock("2.9.1"), "id": "ffffffffffff"}
    now["new"], before["gone"] = now["board-3"], now["board-3"]
    for statuses, outcome in ((before, "error"), (now, "unreachable")):
        statuses["broken"] = fleet(10)["board-9"]
        statuses["broken"]["verdict"]["outcome"] = outcome
    found = {
        change["what"]: {board["host"]: board["text"] for board in change["boards"]}
        for change in runs.find_changes(summary(now), summary(before))
    }
    assert found == {
        "no longer satisfied": {"board-0": "it fails"},
        "satisfied now": {"board-1": "was refused: no driver"},
        "fail in another way": {"broken": "error, now unreachable: importing torch died of SIGILL"},
        "another torch": {"board-2": "2.9.1, now 2.10.0"},
        "the same torch with other packages": {"board-3": "environment 0123456789ab, now ffffffffffff"},
        "new": {"new": "Raspberry Pi 4 Model B Rev 1.4"},
        "not in this run": {"gone": "Raspberry Pi 4 Model B Rev 1.4"},
    }


def test_nothing_changed():
    assert runs.find_changes(summary(fleet(30)), summary(fleet(30))) == []
    assert runs.find_changes(summary(fleet(3)), None) == []


def test_runs_are_read_the_newest_first_and_broken_ones_are_named(tmp_path):
    for day in (1, 2, 3):
        folder = tmp_path / f"2026110{day}T120000Z"
        folder.mkdir()
        (folder / runs.SUMMARY).write_text(
            json.dumps(summary(fleet(day), folder.name, f"2026-11-0{day}T12:00:00Z")), encoding="utf-8"
        )
    (tmp_path / "latest").symlink_to("20261103T120000Z")
    (tmp_path / "index.html").write_text("page", encoding="utf-8")
    (tmp_path / "empty").mkdir()
    broken = {"20261104T120000Z": "{", "20261105T120000Z": "[]", "20261106T120000Z": '{"schema": 1}'}
    broken["20261107T120000Z"] = json.dumps({**summary(fleet(1)), "finished": 7})
    for name, text in broken.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / runs.SUMMARY).write_text(text, encoding="utf-8")
    # A report of a release without summaries.
    (tmp_path / "20261031T120000Z").mkdir()
    (tmp_path / "20261031T120000Z" / runs.REPORT).write_text(
        json.dumps(written(fleet(1), finished="2026-10-31T12:00:00Z")), encoding="utf-8"
    )
    found, unreadable = runs.read_runs(tmp_path)
    assert [run["run"] for run in found] == [
        "20261103T120000Z",
        "20261102T120000Z",
        "20261101T120000Z",
        "20261031T120000Z",
    ]
    assert sorted(sentence.split()[0] for sentence in unreadable) == sorted(broken)
    assert [run["run"] for run in runs.read_runs(tmp_path, limit=2)[0]] == ["20261103T120000Z", "20261102T120000Z"]


def test_history_and_the_last_run_of_each_board():
    earlier = [summary(fleet(1), "c"), summary(fleet(3), "b"), summary(fleet(2), "a")]
    assert runs.history_of("board-1", earlier) == [
        [1, "satisfied", "cpu", "2.9.1"],
        [2, "satisfied", "cpu", "2.9.1"],
    ]
    assert {host: index for host, (index, _board) in runs.last_known(earlier).items()} == {
        "board-0": 0,
        "board-1": 1,
        "board-2": 1,
    }


@pytest.mark.parametrize("size", [0, 1])
def test_a_huge_old_report_is_not_read(tmp_path, monkeypatch, size):
    monkeypatch.setattr(runs, "LARGEST_REPORT", size)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / runs.REPORT).write_text(json.dumps(written(fleet(1))), encoding="utf-8")
    assert runs.read_runs(tmp_path) == ([], [])
