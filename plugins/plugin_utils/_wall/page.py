# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The pages: one self-contained file each, of jinja2 templates. A page loads nothing, and runs only its own script."""

from __future__ import annotations

import base64
import functools
import hashlib
import json
import typing as t
from pathlib import Path

import jinja2
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from . import runs as earlier_runs
from .board_data import UNKNOWN, VERDICTS, RunBoards

TEMPLATES = Path(__file__).parent / "templates"
#: How many boards a list of the page names; the script's own list has all.
NAMED = 25


def run_page(
    written: t.Mapping[str, t.Any],
    statuses: t.Mapping[str, dict[str, t.Any]],
    before: t.Sequence[t.Mapping[str, t.Any]],
    build_lines: t.Sequence[str] = (),
) -> str:
    """The page of one run. C(before) are the summaries of the runs before, the newest first."""
    boards, lines, slim = RunBoards(statuses), [], []
    failed: list[dict[str, t.Any]] = []
    more_failed = 0
    for board, host in zip(boards, statuses, strict=True):
        board["history"] = earlier_runs.history_of(host, before)
        if statuses[host]["board"] is None:  # it did not answer; a run before knows what it is
            board["model"] = next((run["boards"][host]["model"] for run in before if host in run["boards"]), UNKNOWN)
        lines.append(_json(board))
        slim.append({name: board[name] for name in ("model", "verdict", "torch")})
        if board["verdict"] != "satisfied":
            if len(failed) < NAMED:
                failed.append(board)
            else:
                more_failed += 1
    now = earlier_runs.summarize(written)
    data = {"kind": "run", "runs": [_run_line(run) for run in before]}
    data.update(plans=boards.plans.values, locks=boards.locks.values)
    return _render(
        "run.html.j2",
        _with_boards(data, lines),
        run=now["run"],
        started=now["started"],
        finished=now["finished"],
        counts=_counts(slim),
        models=_models(slim),
        failed=failed,
        more_failed=more_failed,
        changes=earlier_runs.find_changes(now, before[0] if before else None),
        before=_run_line(before[0]) if before else None,
        builds=build_lines,
        named=NAMED,
    )


def fleet_page(runs: t.Sequence[t.Mapping[str, t.Any]], unreadable: t.Sequence[str] = ()) -> str:
    """The page of all runs: the last verdict of each board, and the runs."""
    lines, slim = [], []
    for host, (index, last) in sorted(earlier_runs.last_known(runs).items()):
        board = {"host": host, **{name: last[name] for name in ("model", "verdict", "outcome", "torch", "reason")}}
        slim.append(board)
        lines.append(_json({**board, "run": index, "history": earlier_runs.history_of(host, runs)}))
    return _render(
        "fleet.html.j2",
        _with_boards({"kind": "fleet", "runs": [_run_line(run) for run in runs]}, lines),
        counts=_counts(slim),
        models=_models(slim),
        lines=[{**_run_line(run), "counts": _counts(run["boards"].values())} for run in runs],
        unreadable=unreadable,
    )


def _json(value: t.Any) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def _with_boards(data: dict[str, t.Any], boards: t.Sequence[str]) -> str:
    """The data of a page, with the boards, each JSON already."""
    return f'{{"boards":[{",".join(boards)}],{_json(data)[1:]}'


def _run_line(run: t.Mapping[str, t.Any]) -> dict[str, t.Any]:
    return {"run": run["run"], "finished": run["finished"], "page": bool(run.get("page"))}


def _counts(boards: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """How many boards have each verdict, in the order of VERDICTS."""
    numbers = dict.fromkeys(VERDICTS, 0)
    for board in boards:
        if board["verdict"] in numbers:  # a summary may have been edited
            numbers[board["verdict"]] += 1
    return [
        {"key": key, "sign": sign, "words": words, "number": numbers[key]} for key, (sign, words) in VERDICTS.items()
    ]


def _models(boards: t.Iterable[t.Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    groups: dict[str, list[t.Mapping[str, t.Any]]] = {}
    for board in boards:
        groups.setdefault(board["model"], []).append(board)
    return [
        {
            "model": model,
            "number": len(group),
            "counts": _counts(group),
            "torch": sorted({board["torch"] for board in group} - {""}),
        }
        for model, group in sorted(groups.items())
    ]


def _render(template: str, data: str, **variables: t.Any) -> str:
    # As in the report: URLs without their passwords.
    variables = json.loads(redact(json.dumps(variables)))
    style, script = _asset("wall.css"), _asset("wall.js")
    policy = "; ".join(
        [
            "default-src 'none'",
            f"style-src 'sha256-{_digest(style)}'",
            f"script-src 'sha256-{_digest(script)}'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    return (
        _environment()
        .get_template(template)
        .render(data=_inert(redact(data)), style=style, script=script, policy=policy, verdicts=VERDICTS, **variables)
    )


def _inert(text: str) -> str:
    """JSON that cannot end or open an element of HTML, wherever it came from."""
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    # Half a surrogate pair cannot be written to a file.
    return text.encode("utf-8", "replace").decode("utf-8")


@functools.cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@functools.cache
def _asset(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
