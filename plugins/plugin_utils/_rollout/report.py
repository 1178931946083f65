# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How a run ends: one verdict for each board, the table, and the boards that failed."""

from __future__ import annotations

import re
import typing as t

from .._model.verdict import make_verdict
from .board_status import gave_no_answer, one_line
from .rings import check_gate


def hosts_to_plan(statuses: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    """The verified boards that need a plan before they can be judged: no state record says what to expect, or torch
    works on the CPU only although the board has an accelerator, which the catalogue may support.
    """
    return [
        host
        for host, status in statuses.items()
        if status["board"]
        and status["board"]["family"]
        and (
            status["verdict"] is None
            or (
                status["verdict"]["satisfied"]
                and status["verdict"]["outcome"] == "cpu"
                and bool(status["board"].get("signs"))
            )
        )
    ]


def add_missing_verdicts(
    statuses: t.Mapping[str, dict[str, t.Any]], budget: t.Any, check_mode: bool = False, purpose: str = "provision"
) -> dict[str, dict[str, t.Any]]:
    """Every board with exactly one verdict. A board still without one was not started, or left the run without a
    recorded failure.
    """
    gate: dict[str, t.Any] = check_gate(statuses, budget) if purpose == "provision" else {"open": True}
    ended = {}
    for host, status in statuses.items():
        if status["verdict"] is None:
            torch, reasons = (status["lock"] or {}).get("torch"), status["reasons"]
            if gave_no_answer(status):
                reason = "the board gave no usable answer; see the output of the run above for the cause"
            elif check_mode and status["due"]:
                reason = f"check mode: torch {torch} would be installed and verified, because {reasons[0]}"
            elif check_mode and status["waiting"]:
                reason = f"check mode: {reasons[0]}, then installed and verified"
            elif purpose == "build" and status["due"]:
                reason = f"everything for torch {torch} is fetched; edgeai.fleet.provision installs it"
            elif not gate["open"]:
                reason = gate["reason"]
            elif status["waiting"]:
                reason = f"{reasons[0]}, but the run ended before that; run again"
            else:
                reason = "the run ended before it reached this board; run again"
            outcome = "error" if gave_no_answer(status) else "not_started"
            status = {**status, "verdict": make_verdict(outcome, reason, expect=(status["plan"] or {}).get("expect"))}
        ended[host] = status
    return ended


def failed_boards(
    statuses: t.Mapping[str, dict[str, t.Any]], check_mode: bool = False, purpose: str = "provision"
) -> dict[str, dict[str, t.Any]]:
    """The boards that failed this run.

    Predictions of check mode, and boards on which a run that only compiles installs nothing, do not count.
    """

    def is_predicted(status: dict[str, t.Any]) -> bool:
        to_do = status["due"] or status["waiting"] if check_mode else status["due"] and purpose == "build"
        return status["verdict"]["outcome"] == "not_started" and bool(to_do)

    return {
        host: status
        for host, status in statuses.items()
        if not status["verdict"]["satisfied"] and not is_predicted(status)
    }


def table_lines(statuses: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    """The result for the terminal: a line for each board, then the reasons of the boards that are not satisfied."""
    head = ("board", "model", "torch", "outcome", "satisfied", "seconds")
    rows = [head]
    for host, status in statuses.items():
        board, end = status["board"] or {}, status["verdict"]
        rows.append(
            (
                host,
                one_line(board.get("model") or "-", 40),
                end["torch"] or "-",
                end["outcome"],
                "yes" if end["satisfied"] else "no",
                f"{status['seconds']:.1f}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = []
    for host, status in statuses.items():
        board, end = status["board"] or {}, status["verdict"]
        notes += [
            f"{host}: warning: {one_line(warning)}"
            for warning in [*board.get("warnings", []), *(status["plan"] or {}).get("warnings", [])]
        ]
        # Warnings of torch itself ("UserWarning: ...") are in the report only.
        notes += [
            f"{host}: warning: {one_line(warning)}"
            for warning in end["warnings"] or []
            if not re.match(r"\w*Warning: ", str(warning))
        ]
        notes += [f"{host}: slow: {one_line(sentence)}" for sentence in status.get("trend", [])]
        if not end["satisfied"]:
            notes.append(f"{host}: {end['reason']}")
            if end["diagnosis"]:
                notes += [f"  cause: {end['diagnosis']['cause']}", f"  fix:   {end['diagnosis']['fix']}"]
        elif end["forced"]:
            notes.append(f"{host}: {end['reason']}")
    return lines + ([""] + notes if notes else [])
