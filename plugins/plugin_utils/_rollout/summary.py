# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The end of the playbooks that make no verdict: remove and audit. Pure functions."""

from __future__ import annotations

import typing as t

from .board_status import one_line, read_statuses
from .host_variables import REMOVED, results_of

#: How many lines of a kind the terminal shows of one board; the file has all.
SHOWN = 10


def removals(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str], check_mode: bool) -> dict[str, dict[str, t.Any]]:
    """What was removed from each board, what is left, and what cannot be known."""
    statuses = read_statuses(hostvars, hosts)
    return {host: _removal(statuses[host], results_of(hostvars, host).get(REMOVED) or {}, check_mode) for host in hosts}


def _removal(status: dict[str, t.Any], removed: dict[str, t.Any], check_mode: bool) -> dict[str, t.Any]:
    result: dict[str, t.Any] = {
        name: [one_line(text) for text in removed.get(name) or []]
        for name in ("removed", "left", "unknown", "reboot_reasons")
    }
    verdict = status["verdict"]
    if removed.get("unreachable"):
        return {**result, "state": "unreachable", "reason": one_line(removed.get("msg") or "the board does not answer")}
    if verdict:
        return {**result, "state": verdict["outcome"], "reason": verdict["reason"]}
    if "removed" not in removed:
        return {
            **result,
            "state": "error",
            "reason": "the board gave no usable answer; see the output of the run above for the cause",
        }
    state = ("would be removed" if check_mode else "removed") if result["removed"] else "nothing to remove"
    return {**result, "state": state, "reason": None}


def removal_lines(boards: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    rows = [
        (host, board["state"], *(str(len(board[name])) for name in ("removed", "left", "unknown")))
        for host, board in boards.items()
    ]
    notes = []
    for host, board in boards.items():
        if board["reason"]:
            notes.append(f"{host}: {board['reason']}")
        for name, word in (
            ("removed", "removed" if board["state"] == "removed" else "would remove"),
            ("left", "left"),
            ("unknown", "not known"),
            ("reboot_reasons", "ends at the next start or login"),
        ):
            notes += shown_lines(host, word, board[name])
    return [*table(("board", "state", "removed", "left", "unknown"), rows), *([""] + notes if notes else [])]


def audit_lines(boards: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    rows = [
        (
            host,
            one_line(board["model"] or "-", 40),
            board["torch"] or "-",
            board["state"],
            str(board["files"]),
            str(len(board["drift"])),
            str(len(board["notices"])),
        )
        for host, board in boards.items()
    ]
    notes = []
    for host, board in boards.items():
        for name, word in (("drift", "drift"), ("notices", "notice")):
            notes += shown_lines(host, word, [f"{entry['kind']}: {entry['text']}" for entry in board[name]])
    head = ("board", "model", "torch", "state", "files", "drift", "notices")
    return [*table(head, rows), *([""] + notes if notes else [])]


def failed_removals(boards: t.Mapping[str, dict[str, t.Any]]) -> list[dict[str, str]]:
    return [{"host": host, "reason": board["reason"]} for host, board in boards.items() if board["reason"]]


def failed_audits(boards: t.Mapping[str, dict[str, t.Any]], strict: bool) -> list[dict[str, str]]:
    """The boards that differ from their locks, or could not be asked; with strict also those with a notice."""
    return [
        {"host": host, "reason": "; ".join(f"{entry['kind']}: {entry['text']}" for entry in found[:SHOWN])}
        for host, board in boards.items()
        if (found := board["drift"] + (board["notices"] if strict else []))
    ]


def shown_lines(host: str, word: str, texts: t.Sequence[str]) -> list[str]:
    more = [f"{host}: {word}: and {len(texts) - SHOWN} more; the file has all"] if len(texts) > SHOWN else []
    return [f"{host}: {word}: {text}" for text in texts[:SHOWN]] + more


def table(head: tuple[str, ...], rows: t.Sequence[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[column]) for row in (head, *rows)) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return [
        "  ".join(cell.ljust(width) for cell, width in zip(head, widths, strict=True)).rstrip(),
        "  ".join("-" * width for width in widths),
        *lines,
    ]
