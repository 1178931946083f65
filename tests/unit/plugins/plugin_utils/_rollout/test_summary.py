# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The tables of remove and audit, and which boards fail."""

from __future__ import annotations

from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables, summary

REMOVED = {
    "changed": True,
    "removed": [f"environment {number}" for number in range(12)],
    "left": ["/opt/edgeai/torch/notes.txt"],
    "unknown": [],
    "reboot_reasons": ["the groups of ml in its open sessions"],
}


def removals(check_mode=False, **boards):
    facts = {host: {"inventory_hostname": host, **left} for host, left in boards.items()}
    return summary.removals(facts, list(facts), check_mode)


def test_what_was_removed_and_what_is_left():
    boards = removals(one={host_variables.REMOVED: REMOVED}, two={host_variables.REMOVED: {"removed": []}})
    assert [board["state"] for board in boards.values()] == ["removed", "nothing to remove"]
    assert summary.failed_removals(boards) == []
    lines = summary.removal_lines(boards)
    assert lines[2].split() == ["one", "removed", "12", "1", "0"]
    assert "one: removed: environment 9" in lines and "one: removed: environment 10" not in lines
    assert "one: removed: and 2 more; the file has all" in lines
    assert "one: left: /opt/edgeai/torch/notes.txt" in lines
    assert lines[-1] == "one: ends at the next start or login: the groups of ml in its open sessions"
    assert len(boards["one"]["removed"]) == 12


def test_check_mode_says_would():
    boards = removals(check_mode=True, one={host_variables.REMOVED: {**REMOVED, "removed": ["swap file /swap"]}})
    assert boards["one"]["state"] == "would be removed"
    assert "one: would remove: swap file /swap" in summary.removal_lines(boards)


def test_a_board_that_failed_fails():
    boards = removals(
        gone={host_variables.REMOVED: {"unreachable": True, "msg": "no\x1b route"}},
        broken={host_variables.FAILURE: {"task": "Remove what was added", "reason": "in use", "msg": "in use"}},
        silent={},
    )
    assert [board["state"] for board in boards.values()] == ["unreachable", "error", "error"]
    reasons = {failed["host"]: failed["reason"] for failed in summary.failed_removals(boards)}
    assert reasons["gone"] == "no  route" and reasons["broken"] == "Remove what was added: in use"
    assert "no usable answer" in reasons["silent"]


def test_audits():
    entry = {"kind": "files", "text": "1 files differ"}
    board = {"model": "Pi", "torch": None, "state": "drift", "files": 9, "drift": [entry], "notices": []}
    boards = {"one": board, "two": {**board, "state": "as locked", "drift": [], "notices": [entry]}}
    lines = summary.audit_lines(boards)
    assert lines[2].split() == ["one", "Pi", "-", "drift", "9", "1", "0"]
    assert lines[-2:] == ["one: drift: files: 1 files differ", "two: notice: files: 1 files differ"]
    assert [failed["host"] for failed in summary.failed_audits(boards, strict=False)] == ["one"]
    assert [failed["host"] for failed in summary.failed_audits(boards, strict=True)] == ["one", "two"]
