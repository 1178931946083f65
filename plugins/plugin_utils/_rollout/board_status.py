# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The status of each board in a rollout: its plan, what it still needs, and its verdict.

All functions are pure. They read the variables that the tasks of a run have registered on the boards, so the playbooks
need no task per board to collect them.
"""

from __future__ import annotations

import re
import typing as t

from .._model.verdict import complete_verdict, make_verdict
from . import builders, failures
from .host_variables import (
    ASSIGNED,
    DETECTED,
    FAILURE,
    INSTALLED,
    PLANS,
    PROVIDED,
    SWITCHED,
    VERIFIED,
    board_of,
    plan_of,
    results_of,
)


def find_drift(board: dict[str, t.Any], plan: dict[str, t.Any], environment_id: str) -> list[str]:
    """Why this board differs from its plan; empty for a board that needs no work."""
    state = board["state"]
    current, record = state["current"], state["record"]
    if not current:
        return ["no environment is in use yet"]
    if current["id"] != environment_id:
        return [f"environment {current['id']} is in use, the plan is {environment_id}"]
    if not (state["complete"] and state["intact"]):
        return ["the environment is damaged: " + ("; ".join(state["damage"]) or "it is not complete")]
    if not record or (record["id"], record["generation"]) != (current["id"], current["generation"]):
        return ["the environment in use has no valid recorded verdict"]
    reasons = []
    if not record["verdict"].get("satisfied") or record["verdict"].get("expect") != plan["expect"]:
        reasons.append("the recorded verdict does not satisfy the plan")
    if record["verdict"].get("user") != board["workload"]["name"]:
        reasons.append(
            f"the recorded verdict was made as user {record['verdict'].get('user')}, the workload's user is"
            f" {board['workload']['name']}"
        )
    proven = {
        check.get("name")
        for check in record["verdict"].get("checks") or []
        if isinstance(check, dict) and check.get("passed")
    }
    reasons += [
        f"the recorded verdict does not show that {module} can be imported"
        for module in plan["modules"]
        if f"module_{module}" not in proven
    ]
    reasons += [
        f"every user of the board can read the secret variables {one_line(text)}" for text in state.get("exposed", [])
    ]
    kernels, wanted = state.get("jupyter_kernels", []), plan["jupyter_kernel"]
    if wanted and not any(kernel["right"] for kernel in kernels):
        reasons.append("the environment is not registered as a kernel of Jupyter")
    reasons += [
        f"the kernel of Jupyter {one_line(kernel['path'])} is not what the plan says"
        for kernel in kernels
        if not (wanted and kernel["right"])
    ]
    before, now = record.get("key") or {}, board["key"]
    reasons += [
        f"{name} is {now.get(name)}, the recorded verdict was made with {before.get(name)}"
        for name in sorted(set(before) | set(now))
        if before.get(name) != now.get(name)
    ]
    return reasons


def read_status(
    facts: t.Mapping[str, t.Any], builds: t.Mapping[str, dict[str, t.Any]] | None = None
) -> dict[str, t.Any]:
    """The status of one board: C(board), C(plan), C(lock), C(due) (it needs work), C(reasons), C(waiting) (the keys of
    the builds that it waits for), C(verdict) (None while it is open), C(seconds).

    C(builds) are the builds of this run, as read_builds() returns them.
    """
    detected = facts.get(DETECTED) or {}
    board, plan, provided = board_of(facts), plan_of(facts), facts.get(PROVIDED) or {}
    installed, verified, switched = (facts.get(name) or {} for name in (INSTALLED, VERIFIED, SWITCHED))
    verified = verified or (
        {"verdict": detected["verdict"]} if "verdict" in detected else {}
    )  # the playbook verify gets board and verdict in one call
    failure = facts.get(FAILURE)
    share = (provided.get("boards") or {}).get(facts["inventory_hostname"]) or {}
    plan = share.get("plan") or plan  # the fallback plan, if no conda channel answers
    lock = (provided.get("locks") or {}).get(share.get("lock")) if share.get("lock") else None

    result: dict[str, t.Any] = {
        "board": board,
        "plan": plan,
        "lock": summarize_lock(lock, share.get("id")),
        "due": False,
        "reasons": [],
        "waiting": [],
        "verdict": None,
        "seconds": round(
            sum((part or {}).get("seconds") or 0.0 for part in (board, installed, verified.get("verdict"), switched)), 1
        ),
    }

    def end_with(outcome: str, reason: str, **more: t.Any) -> dict[str, t.Any]:
        expect = plan["expect"] if plan else None
        result["verdict"] = make_verdict(
            outcome, reason, expect=expect, forced=(plan or {}).get("forced") or [], **more
        )
        return result

    lost = next((part for part in (detected, installed, verified, switched) if part.get("unreachable")), None)
    if lost:
        lost = failures.read_failure(lost)
        return end_with("unreachable", one_line(lost["reason"]), diagnosis=failures.diagnose_failure(lost, board))
    if failure:
        return end_with(
            "error",
            f"{failure['task']}: {one_line(failure.get('reason') or failure['msg'])}",
            diagnosis=failures.diagnose_failure(failure, board),
        )
    if board is None:
        return result
    if wrong := ((facts.get(PLANS) or {}).get("errors") or {}).get(facts["inventory_hostname"]):
        return end_with("error", f"No plan can be made: {one_line(wrong)}")
    if verified.get("verdict") and not (plan and plan["refusal"]):
        result["verdict"] = verified["verdict"]
        return result
    if plan is None:
        if not board["family"]:
            return end_with("refused", "; ".join(board["warnings"]) or "unsupported board: it matches no known family")
        if switched and board["state"]["record"]:  # a rollback: the verdict of the environment that is in use again
            result["verdict"] = complete_verdict(board["state"]["record"])
        return result
    refusal = plan["refusal"] or share.get("refusal")
    if not refusal and share.get("waiting"):
        result["waiting"] = list(share["waiting"])
        refusal = ((facts.get(ASSIGNED) or {}).get("refused") or {}).get(facts["inventory_hostname"])
    if refusal:
        return end_with("refused", _reason_with_fix(refusal["reason"], refusal.get("way_out") or ""))
    if result["waiting"]:
        outcome, sentence = builders.explain_waiting(result["waiting"], builds or {})
        result["reasons"] = [one_line(sentence)]
        if outcome:
            build_failure: dict[str, t.Any] = next(
                (
                    state["failure"]
                    for key in result["waiting"]
                    if (state := (builds or {}).get(key, {}).get("state") or {}).get("failure")
                ),
                {},
            )
            diagnosis = (
                failures.diagnose_failure(
                    {**build_failure, "msg": f"{sentence}\n{build_failure.get('msg') or ''}"}, board
                )
                if outcome == "error"
                else None
            )
            return end_with(outcome, one_line(sentence), diagnosis=diagnosis)
        return result
    if "id" not in share:
        return result

    result["reasons"] = find_drift(board, plan, share["id"])
    result["due"] = bool(result["reasons"])
    if not result["due"]:
        result["verdict"] = complete_verdict(board["state"]["record"])
    return result


def hosts_to_repair(statuses: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    """The boards whose diagnosis names a safe repair."""
    return [
        host
        for host, status in statuses.items()
        if status["board"]
        and status["board"]["family"]
        and ((status["verdict"] or {}).get("diagnosis") or {}).get("repair")
    ]


def read_statuses(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str]) -> dict[str, dict[str, t.Any]]:
    """The status of each of these boards so far, by host."""
    facts = {host: results_of(hostvars, host) for host in hosts}
    builds = builders.read_builds(hostvars, facts)
    return {host: read_status(facts[host], builds) for host in hosts}


def plans_by_host(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str]) -> dict[str, dict[str, t.Any]]:
    """The plans of these boards, by host; a board without a plan (unreachable, failed) is left out."""
    return {host: plan for host in hosts if (plan := plan_of(results_of(hostvars, host)))}


def summarize_lock(lock: dict[str, t.Any] | None, environment_id: str | None) -> dict[str, t.Any] | None:
    """The part of a lock that a report keeps: it names every artifact, without its URLs."""
    if not lock:
        return None
    return {
        "key": lock["key"],
        "id": environment_id,
        "torch": lock["torch"],
        "packages": {
            package["name"]: {"version": package["version"], "sha256": package["sha256"]}
            for package in lock["packages"]
        },
    }


def _reason_with_fix(reason: str, way_out: str) -> str:
    """A reason and its fix as two sentences."""
    reason, way_out = reason.strip(), way_out.strip()
    if reason and reason[-1] not in ".!?:":
        reason += "."
    if way_out.split(" ")[0].isalpha() and way_out.split(" ")[0] not in ("pip", "uv"):
        way_out = way_out[0].upper() + way_out[1:]
    return f"{reason} {way_out}".strip()


def one_line(text: t.Any, limit: int = 600) -> str:
    """Text from a board on one line, without control characters."""
    cleaned = re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", str(text)).strip()
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 3] + "..."


def join_hosts(hosts: t.Sequence[str], limit: int = 5) -> str:
    """The names of hosts for a message, without those beyond the limit."""
    return ", ".join(hosts[:limit]) + (f" and {len(hosts) - limit} more" if len(hosts) > limit else "")


def gave_no_answer(status: dict[str, t.Any]) -> bool:
    """Whether detecting this board failed without a result that names the cause."""
    return status["board"] is None and status["verdict"] is None


def has_failed(status: dict[str, t.Any]) -> bool:
    end = status["verdict"]
    return (
        bool(end)
        and not status["waiting"]
        and not end["satisfied"]
        and end["outcome"] not in ("refused", "not_started")
    )
