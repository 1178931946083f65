# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How a run ends: one verdict for each board, the table, who failed."""

from __future__ import annotations

import re
import typing as t

from .._model.verdict import make_verdict
from .board_status import answerless, one_line
from .rings import gate


def unjudged(states: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    """The verified boards of which only a plan can tell whether they satisfy: no record promised anything, or the CPU
    stands in for an accelerator
    that does not work, and that the catalogue may be able to serve."""
    return [
        host
        for host, state in states.items()
        if state["board"]
        and state["board"]["family"]
        and (
            state["verdict"] is None
            or (
                state["verdict"]["satisfied"]
                and state["verdict"]["outcome"] == "cpu"
                and bool(state["board"].get("signs"))
            )
        )
    ]


def conclude(
    states: t.Mapping[str, dict[str, t.Any]], budget: t.Any, check_mode: bool = False, purpose: str = "provision"
) -> dict[str, dict[str, t.Any]]:
    """Every board with exactly one verdict: those still without one were not started, or fell out of the run in a way
    no task recorded.
    """
    closed: dict[str, t.Any] = gate(states, budget) if purpose == "provision" else {"open": True}
    concluded = {}
    for host, state in states.items():
        if state["verdict"] is None:
            if answerless(state):
                reason, outcome = (
                    "the board gave no answer that could be used; the run's output above has the cause",
                    "error",
                )
            elif check_mode and state["due"]:
                reason, outcome = (
                    (
                        f"check mode: torch {state['lock']['torch']} would be installed and verified, because"
                        f" {state['reasons'][0]}"
                    ),
                    "not_started",
                )
            elif check_mode and state["waiting"]:
                reason, outcome = f"check mode: {state['reasons'][0]}, then installed and verified", "not_started"
            elif purpose == "build" and state["due"]:
                reason, outcome = (
                    f"all is there for torch {state['lock']['torch']}: edgeai.fleet.provision installs it",
                    "not_started",
                )
            elif not closed["open"]:
                reason, outcome = closed["reason"], "not_started"
            elif state["waiting"]:
                reason, outcome = f"{state['reasons'][0]}, and the run ended before that; run it again", "not_started"
            else:
                reason, outcome = "the run ended before this board was served; run it again", "not_started"
            state = {**state, "verdict": make_verdict(outcome, reason, expect=(state["plan"] or {}).get("expect"))}
        concluded[host] = state
    return concluded


def unsatisfied(
    states: t.Mapping[str, dict[str, t.Any]], check_mode: bool = False, purpose: str = "provision"
) -> dict[str, dict[str, t.Any]]:
    """The boards that did not end as this run was to end.

    What check mode only foretells is no failure, nor is what a run that compiles leaves to install.
    """

    def foretold(state: dict[str, t.Any]) -> bool:
        to_do = state["due"] or state["waiting"] if check_mode else state["due"] and purpose == "build"
        return state["verdict"]["outcome"] == "not_started" and bool(to_do)

    return {host: state for host, state in states.items() if not state["verdict"]["satisfied"] and not foretold(state)}


def table(states: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    """The result on one screen: a line for each board, then the reasons of those that are not satisfied."""
    head = ("board", "model", "torch", "outcome", "satisfied", "seconds")
    rows = [head]
    for host, state in states.items():
        board, end = state["board"] or {}, state["verdict"]
        rows.append(
            (
                host,
                one_line(board.get("model") or "-", 40),
                end["torch"] or "-",
                end["outcome"],
                "yes" if end["satisfied"] else "no",
                f"{state['seconds']:.1f}",
            )
        )
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    notes = []
    for host, state in states.items():
        end = state["verdict"]
        notes += [
            f"{host}: warning: {one_line(warning)}"
            for warning in [*board.get("warnings", []), *(state["plan"] or {}).get("warnings", [])]
        ]
        # What torch itself warned of ("UserWarning: ...") is in the report only.
        notes += [
            f"{host}: warning: {one_line(warning)}"
            for warning in end["warnings"] or []
            if not re.match(r"\w*Warning: ", str(warning))
        ]
        notes += [f"{host}: slow: {one_line(sentence)}" for sentence in state.get("trend", [])]
        if not end["satisfied"]:
            notes.append(f"{host}: {end['reason']}")
            if end["diagnosis"]:
                notes += [f"  cause: {end['diagnosis']['cause']}", f"  fix:   {end['diagnosis']['fix']}"]
        elif end["forced"]:
            notes.append(f"{host}: {end['reason']}")
    return lines + ([""] + notes if notes else [])
