# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How a rollout decides: what each board still needs, in which ring it is served, when to stop, and with which verdict
it ends.

All functions are pure. Their input is what the tasks of a run left in the boards' variables, so the
playbooks need no task per board to keep books.
"""

from __future__ import annotations

import re
import typing as t

from .._model.verdict import complete_verdict, make_verdict
from . import builders, failures
from .host_variables import DEALT, DETECTED, FAILURE, INSTALLED, PLANNED, PROVIDED, SWITCHED, VERIFIED


def drift(board: dict[str, t.Any], plan: dict[str, t.Any], environment_id: str) -> list[str]:
    """Why this board is not (or no longer) what its plan says; empty for a board on which nothing is to be done."""
    state = board["state"]
    current, record = state["current"], state["record"]
    if not current:
        return ["no environment is in use yet"]
    if current["id"] != environment_id:
        return [f"environment {current['id']} is in use, the plan is {environment_id}"]
    if not (state["complete"] and state["intact"]):
        return ["the environment is damaged: " + ("; ".join(state["damage"]) or "it is not complete")]
    if not record or (record["id"], record["generation"]) != (current["id"], current["generation"]):
        return ["there is no valid record of a verdict for the environment in use"]
    reasons = []
    if not record["verdict"].get("satisfied") or record["verdict"].get("expect") != plan["expect"]:
        reasons.append("the recorded verdict does not satisfy the plan")
    if record["verdict"].get("user") != board["workload"]["name"]:
        reasons.append(
            f"the recorded verdict was made as {record['verdict'].get('user')}, the workload's user is"
            f" {board['workload']['name']}"
        )
    proven = {
        check.get("name")
        for check in record["verdict"].get("checks") or []
        if isinstance(check, dict) and check.get("passed")
    }
    reasons += [
        f"that {module} can be imported is not in the recorded verdict"
        for module in plan["modules"]
        if f"module_{module}" not in proven
    ]
    reasons += [
        f"every user of the board can read the secret variables {one_line(text)}" for text in state.get("exposed", [])
    ]
    before, now = record.get("key") or {}, board["key"]
    reasons += [
        f"{name} is {now.get(name)}, the recorded verdict was made with {before.get(name)}"
        for name in sorted(set(before) | set(now))
        if before.get(name) != now.get(name)
    ]
    return reasons


def examine(facts: t.Mapping[str, t.Any], builds: t.Mapping[str, dict[str, t.Any]] | None = None) -> dict[str, t.Any]:
    """Put one board's results together: C(board), C(plan), C(lock), C(due) (it needs work), C(reasons), C(verdict)
    (None while it is open), C(seconds).

    C(builds) is how far the builds of the bench are; C(waiting) becomes the keys of those that this board waits for.
    """
    detected = facts.get(DETECTED) or {}
    board = (detected.get("ansible_facts") or {}).get("edgeai_board")
    plan, provided = facts.get(PLANNED), facts.get(PROVIDED) or {}
    installed, verified, switched = (facts.get(name) or {} for name in (INSTALLED, VERIFIED, SWITCHED))
    verified = verified or (
        {"verdict": detected["verdict"]} if "verdict" in detected else {}
    )  # the playbook verify asks both in one call
    failure = facts.get(FAILURE)
    share = (provided.get("boards") or {}).get(facts["inventory_hostname"]) or {}
    plan = share.get("plan") or plan  # what it falls back to, where conda channels do not answer
    lock = (provided.get("locks") or {}).get(share.get("lock")) if share.get("lock") else None

    result: dict[str, t.Any] = {
        "board": board,
        "plan": plan,
        "lock": summary(lock, share.get("id")),
        "due": False,
        "reasons": [],
        "waiting": [],
        "verdict": None,
        "seconds": round(
            sum((part or {}).get("seconds") or 0.0 for part in (board, installed, verified.get("verdict"), switched)), 1
        ),
    }

    def ended(outcome: str, reason: str, **more: t.Any) -> dict[str, t.Any]:
        expect = plan["expect"] if plan else None
        result["verdict"] = make_verdict(
            outcome, reason, expect=expect, forced=(plan or {}).get("forced") or [], **more
        )
        return result

    lost = next((part for part in (detected, installed, verified, switched) if part.get("unreachable")), None)
    if lost:
        told = failures.failure(lost)
        return ended("unreachable", one_line(told["reason"]), diagnosis=failures.diagnose(told, board))
    if failure:
        return ended(
            "error",
            f"{failure['task']}: {one_line(failure.get('reason') or failure['msg'])}",
            diagnosis=failures.diagnose(failure, board),
        )
    if board is None:
        return result
    if verified.get("verdict") and not (plan and plan["refusal"]):
        result["verdict"] = verified["verdict"]
        return result
    if plan is None:
        if not board["family"]:
            return ended(
                "refused", "; ".join(board["warnings"]) or "this machine is of no family that the collection knows"
            )
        if switched and board["state"]["record"]:  # a rollback: the verdict of the environment that is in use again
            result["verdict"] = complete_verdict(board["state"]["record"])
        return result
    refusal = plan["refusal"] or share.get("refusal")
    if not refusal and share.get("waiting"):
        result["waiting"] = list(share["waiting"])
        refusal = ((facts.get(DEALT) or {}).get("refused") or {}).get(facts["inventory_hostname"])
    if refusal:
        return ended("refused", _sentences(refusal["reason"], refusal.get("way_out") or ""))
    if result["waiting"]:
        outcome, sentence = builders.waiting(result["waiting"], builds or {})
        result["reasons"] = [one_line(sentence)]
        if outcome:
            said: dict[str, t.Any] = next(
                (
                    state["failure"]
                    for key in result["waiting"]
                    if (state := (builds or {}).get(key, {}).get("state") or {}).get("failure")
                ),
                {},
            )
            diagnosis = (
                failures.diagnose({**said, "msg": f"{sentence}\n{said.get('msg') or ''}"}, board)
                if outcome == "error"
                else None
            )
            return ended(outcome, one_line(sentence), diagnosis=diagnosis)
        return result
    if "id" not in share:
        return result

    result["reasons"] = drift(board, plan, share["id"])
    result["due"] = bool(result["reasons"])
    if not result["due"]:
        result["verdict"] = complete_verdict(board["state"]["record"])
    return result


def repairable(states: t.Mapping[str, dict[str, t.Any]]) -> list[str]:
    """The boards whose diagnosis has a remedy that can do no harm."""
    return [
        host
        for host, state in states.items()
        if state["board"]
        and state["board"]["family"]
        and ((state["verdict"] or {}).get("diagnosis") or {}).get("repair")
    ]


def boards(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str]) -> dict[str, dict[str, t.Any]]:
    """What is known of each of these boards so far."""
    facts = {host: hostvars[host] for host in hosts}
    builds = builders.progress(hostvars, facts)
    return {host: examine(facts[host], builds) for host in hosts}


def builds(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str]) -> list[dict[str, t.Any]]:
    """What is compiled for these boards in this run, and how far it is."""
    return builders.listed(builders.progress(hostvars, {host: hostvars[host] for host in hosts}))


def plans(hostvars: t.Mapping[str, t.Any], hosts: t.Sequence[str]) -> dict[str, dict[str, t.Any]]:
    """The plans of these boards, by name; a board without one (lost, failed) is left out."""
    return {host: hostvars[host][PLANNED] for host in hosts if hostvars[host].get(PLANNED)}


def summary(lock: dict[str, t.Any] | None, environment_id: str | None) -> dict[str, t.Any] | None:
    """The part of a lock that a report keeps: enough to name every artifact, without its addresses."""
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


def _sentences(reason: str, way_out: str) -> str:
    """A reason and what to do, which come from many hands, as two sentences."""
    reason, way_out = reason.strip(), way_out.strip()
    if reason and reason[-1] not in ".!?:":
        reason += "."
    if way_out.split(" ")[0].isalpha() and way_out.split(" ")[0] not in ("pip", "uv"):
        way_out = way_out[0].upper() + way_out[1:]
    return f"{reason} {way_out}".strip()


def one_line(text: t.Any, limit: int = 600) -> str:
    """Text from a board on one line, without control characters: a report and a terminal are no place for them."""
    cleaned = re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", str(text)).strip()
    return cleaned if len(cleaned) <= limit else cleaned[: limit - 3] + "..."


def answerless(state: dict[str, t.Any]) -> bool:
    """Whether Ansible lost this board when it was asked what it is, and no task could say why."""
    return state["board"] is None and state["verdict"] is None


def has_failed(state: dict[str, t.Any]) -> bool:
    end = state["verdict"]
    return (
        bool(end) and not state["waiting"] and not end["satisfied"] and end["outcome"] not in ("refused", "not_started")
    )
