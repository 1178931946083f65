# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdicts of the runs before: each run leaves a small summary beside its report, and the next ones read it."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from .._rollout.board_status import one_line
from .board_data import UNKNOWN, verdict_key

SUMMARY, REPORT = "summary.json", "report.json"
SCHEMA = 1
#: How many earlier runs a page knows.
RUNS = 30
#: A report without a summary is of an earlier release: a larger one is not read.
LARGEST_REPORT = 64 << 20
LONGEST_REASON = 200


def summarize(written: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    """The summary of a report."""
    return {
        "schema": SCHEMA,
        **{name: written[name] for name in ("run", "started", "finished")},
        "boards": {
            host: {
                "model": one_line((board["board"] or {}).get("model") or UNKNOWN),
                "verdict": verdict_key(board["verdict"]),
                "outcome": board["verdict"]["outcome"],
                "torch": one_line(board["verdict"]["torch"] or ""),
                "lock": (board["lock"] or {}).get("id"),
                "reason": one_line(board["verdict"]["reason"], LONGEST_REASON),
            }
            for host, board in written["boards"].items()
        },
    }


def read_runs(reports: Path, limit: int = RUNS) -> tuple[list[dict[str, t.Any]], list[str]]:
    """The summaries of the last runs, the newest first; and a sentence for each file that cannot be read."""
    found: list[dict[str, t.Any]] = []
    unreadable: list[str] = []
    # The names begin with the time: of many runs, only the last are opened.
    folders = sorted((path for path in reports.iterdir() if path.is_dir() and not path.is_symlink()), reverse=True)
    for folder in folders:
        if len(found) == limit:
            break
        try:
            if summary := _read_summary(folder):
                found.append({**summary, "run": folder.name})
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            # Anybody may have edited these files.
            unreadable.append(
                f"{folder.name} is not among the earlier runs: {one_line(f'{type(error).__name__}: {error}', 200)}"
            )
    return sorted(found, key=lambda run: (run["finished"], run["run"]), reverse=True), unreadable


def _read_summary(folder: Path) -> dict[str, t.Any] | None:
    if (folder / SUMMARY).is_file():
        summary = json.loads((folder / SUMMARY).read_text(encoding="utf-8"))
        return _check(summary) if summary["schema"] == SCHEMA else None
    report = folder / REPORT
    if not report.is_file() or report.stat().st_size > LARGEST_REPORT:
        return None
    return _check(summarize(json.loads(report.read_text(encoding="utf-8"))))


def _check(summary: dict[str, t.Any]) -> dict[str, t.Any]:
    """The summary, if its parts have the types that the pages need."""
    texts = [summary[name] for name in ("run", "started", "finished")]
    for board in summary["boards"].values():
        texts += [board[name] for name in ("model", "verdict", "outcome", "torch", "reason")]
        texts += [board["lock"]] if board["lock"] is not None else []
    if wrong := [text for text in texts if not isinstance(text, str)]:
        raise ValueError(f"{wrong[0]!r} is not a text")
    return summary


def find_changes(now: t.Mapping[str, t.Any], before: t.Mapping[str, t.Any] | None) -> list[dict[str, t.Any]]:
    """What changed since the run before: C(what), and the C(boards), each with a sentence."""
    if before is None:
        return []
    new, old = now["boards"], before["boards"]
    both = [host for host in new if host in old]

    def named(what: str, found: dict[str, str]) -> dict[str, t.Any]:
        return {"what": what, "boards": [{"host": host, "text": text} for host, text in found.items()]}

    groups = [
        named(
            "no longer satisfied",
            {host: new[host]["reason"] for host in both if old[host]["verdict"] == "satisfied" != new[host]["verdict"]},
        ),
        named(
            "satisfied now",
            {
                host: f"was {old[host]['outcome']}: {old[host]['reason']}"
                for host in both
                if new[host]["verdict"] == "satisfied" != old[host]["verdict"]
            },
        ),
        named(
            "fail in another way",
            {
                host: f"{old[host]['outcome']}, now {new[host]['outcome']}: {new[host]['reason']}"
                for host in both
                if "satisfied" not in (old[host]["verdict"], new[host]["verdict"])
                and old[host]["outcome"] != new[host]["outcome"]
            },
        ),
        named(
            "another torch",
            {
                host: f"{old[host]['torch']}, now {new[host]['torch']}"
                for host in both
                if old[host]["torch"] and new[host]["torch"] and old[host]["torch"] != new[host]["torch"]
            },
        ),
        named(
            "the same torch with other packages",
            {
                host: f"environment {old[host]['lock']}, now {new[host]['lock']}"
                for host in both
                if old[host]["lock"]
                and new[host]["lock"]
                and old[host]["lock"] != new[host]["lock"]
                and old[host]["torch"] == new[host]["torch"]
            },
        ),
        named("new", {host: new[host]["model"] for host in new if host not in old}),
        named("not in this run", {host: old[host]["model"] for host in old if host not in new}),
    ]
    return [group for group in groups if group["boards"]]


def history_of(host: str, runs: t.Sequence[t.Mapping[str, t.Any]]) -> list[list[t.Any]]:
    """The verdicts of a board in these runs: the run's index, and the key, outcome and torch."""
    return [
        [index, board["verdict"], board["outcome"], board["torch"]]
        for index, run in enumerate(runs)
        if (board := run["boards"].get(host))
    ]


def last_known(runs: t.Sequence[t.Mapping[str, t.Any]]) -> dict[str, tuple[int, dict[str, t.Any]]]:
    """For each board that any run knows, the index of its last run, and what that run says of it."""
    found: dict[str, tuple[int, dict[str, t.Any]]] = {}
    for index, run in enumerate(runs):
        for host, board in run["boards"].items():
            found.setdefault(host, (index, board))
    return found
