# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What an audit says about each board: where it differs from its lock, and what is worth knowing. Pure functions."""

from __future__ import annotations

import datetime
import typing as t

from .._base.packaging_shim import SpecifierSet, Version
from .._catalogue.rows import BY_EVIDENCE
from .._catalogue.torch_releases import release_within
from .._rollout.board_status import find_drift, one_line, read_statuses
from .._rollout.host_variables import AUDITED, results_of

AS_LOCKED, DRIFT, UNKNOWN = "as locked", "drift", "unknown"


class Kept(t.NamedTuple):
    """The lock that the control node keeps for a plan."""

    plan: dict[str, t.Any]  # the plan in use: without conda, where the lock was made without
    lock: dict[str, t.Any] | None
    environment_id: str | None
    problem: str | None = None  # why it cannot be read


def audit_fleet(
    hostvars: t.Mapping[str, t.Any],
    hosts: t.Sequence[str],
    kept: t.Mapping[str, Kept],
    now: datetime.datetime,
    days: int,
) -> dict[str, dict[str, t.Any]]:
    """For each board: model, torch, environment, state, drift, notices, and how many files were compared."""
    statuses = read_statuses(hostvars, hosts)
    return {
        host: _audit_board(statuses[host], results_of(hostvars, host).get(AUDITED) or {}, kept.get(host), now, days)
        for host in hosts
    }


def _audit_board(
    status: dict[str, t.Any], audited: dict[str, t.Any], kept: Kept | None, now: datetime.datetime, days: int
) -> dict[str, t.Any]:
    board, verdict, plan = status["board"], status["verdict"], status["plan"]
    result: dict[str, t.Any] = {
        "model": (board or {}).get("model"),
        "torch": _torch_of(board),
        "environment": audited.get("environment"),
        "files": (audited.get("files") or {}).get("checked", 0),
        "state": UNKNOWN,
        "drift": [],
        "notices": [],
    }
    if audited.get("unreachable"):
        return {**result, "drift": [_entry("unreachable", audited.get("msg") or "the board does not answer")]}
    if board is None or (verdict and verdict["outcome"] in ("unreachable", "error")):
        reason = verdict["reason"] if verdict else "the board gave no usable answer; see the output of the run above"
        return {**result, "drift": [_entry(verdict["outcome"] if verdict else "error", reason)]}
    drift, notices = list(_find_changes(audited)), list(_find_additions(audited))
    if not audited.get("environment"):
        drift.append(_entry("environment", audited.get("problem") or "no environment is in use"))
    elif verdict and verdict["outcome"] == "refused":
        drift.append(_entry("plan", verdict["reason"]))
    elif plan and kept and kept.lock and kept.environment_id:
        reasons = find_drift(board, kept.plan, kept.environment_id)
        # The hashes have said it, and name the files.
        reasons = [text for text in reasons if not (drift and text.startswith("the environment is damaged"))]
        drift += [_entry(_kind_of(text, board), text) for text in reasons]
        notices += _find_later_torch(kept)
    elif plan:
        no_lock = "the control node has no lock for this board's plan: nothing to compare with"
        notices.append(_entry("lock", (kept and kept.problem) or no_lock))
        drift += [_entry("key", text) for text in _find_changed_keys(board)]
    notices += _find_expired(audited, plan, now, days)
    return {**result, "state": DRIFT if drift else AS_LOCKED, "drift": drift, "notices": notices}


def _find_changes(audited: dict[str, t.Any]) -> t.Iterator[dict[str, str]]:
    files, packages = audited.get("files") or {}, audited.get("packages") or {}
    for kind, words in (("changed", "differ from their wheels"), ("missing", "are missing")):
        if (found := files.get(kind) or {}).get("count"):
            yield _entry("files", f"{found['count']} files {words}: {_names(found)}")
    for package in packages.get("changed") or []:
        yield _entry(
            "packages", f"{package['name']} {package['installed']} is installed, {package['locked']} is locked"
        )
    if packages.get("missing"):
        yield _entry("packages", f"these packages are missing: {', '.join(packages['missing'][:20])}")
    # Bytecode and lists of files have no hash; their size and time say something.
    if not files.get("changed", {}).get("count") and not files.get("missing", {}).get("count"):
        for text in audited.get("damage") or []:
            yield _entry("files", text)


def _find_additions(audited: dict[str, t.Any]) -> t.Iterator[dict[str, str]]:
    files, packages = audited.get("files") or {}, audited.get("packages") or {}
    if packages.get("added"):
        yield _entry("packages", f"someone added {', '.join(packages['added'][:20])}")
    if (found := files.get("foreign") or {}).get("count"):
        yield _entry("files", f"{found['count']} files belong to no package: {_names(found)}")


def _find_later_torch(kept: Kept) -> t.Iterator[dict[str, str]]:
    plan, lock = kept.plan, kept.lock or {}
    later = release_within(SpecifierSet(plan["torch"]["specifier"]), plan["target"]["python"])
    if later and Version(later).release > Version(lock["torch"]).release:
        yield _entry(
            "torch",
            f"the catalogue allows torch {later} for this board, the lock has {lock['torch']}: torch_relock: true looks"
            " for it",
        )


def _find_expired(
    audited: dict[str, t.Any], plan: dict[str, t.Any] | None, now: datetime.datetime, days: int
) -> t.Iterator[dict[str, str]]:
    recorded = _parse_time(audited.get("recorded"))
    if recorded and (now - recorded).days > days:
        yield _entry("verdict", f"its verdict is {(now - recorded).days} days old: edgeai.fleet.verify makes a new one")
    if plan and plan["proven"] and plan["proven"]["how"] in BY_EVIDENCE:
        checked = plan["checked"]
        age = (now.date() - datetime.date.fromisoformat(checked)).days if checked else None
        if age is None or age > days:
            when = f"on {checked}, {age} days ago" if checked else "at no noted time"
            yield _entry("evidence", f"row {plan['row']} rests on evidence that was last read {when}")


def _find_changed_keys(board: dict[str, t.Any]) -> list[str]:
    record = board["state"]["record"] or {}
    before, now = record.get("key") or {}, board["key"]
    return [
        f"{name} is {now.get(name)}, the recorded verdict was made with {before.get(name)}"
        for name in sorted(set(before) | set(now))
        if record and before.get(name) != now.get(name)
    ]


def _kind_of(text: str, board: dict[str, t.Any]) -> str:
    """Driver, L4T, kernel and CANN have a kind of their own: the rest is about the environment or its verdict."""
    if any(text.startswith(f"{name} is ") for name in board["key"]):
        return "key"
    return "verdict" if "verdict" in text else "environment"


def _torch_of(board: dict[str, t.Any] | None) -> str | None:
    record = ((board or {}).get("state") or {}).get("record") or {}
    return (record.get("verdict") or {}).get("torch")


def _parse_time(text: t.Any) -> datetime.datetime | None:
    try:
        return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=datetime.timezone.utc)
    except (TypeError, ValueError):
        return None


def _names(found: dict[str, t.Any]) -> str:
    names = [str(name) for name in found.get("names") or []]
    more = found["count"] - len(names[:5])
    return ", ".join(names[:5]) + (f" and {more} more" if more > 0 else "")


def _entry(kind: str, text: str) -> dict[str, str]:
    return {"kind": kind, "text": one_line(text)}
