# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Who compiles what for a bench, how far that is, and what it means for the boards that wait.

Pure functions, as in _rollout.
"""

from __future__ import annotations

import re
import typing as t

from .host_variables import BUILT, CONTAINER, DEALT, DETECTED, FAILURE, PROVIDED

MIB = 1 << 20
#: The status of a build that a builder still has to do with, and how the others ended.
UNFINISHED = ("running", "interrupted", "unreachable")
ENDED = {"finished": "finished", "failed": "failed", "cancelled": "been cancelled"}

Facts = t.Mapping[str, t.Any]


def served(hostvars: t.Mapping[str, Facts], hosts: t.Sequence[str]) -> list[str]:
    """The hosts that are boards: a container that was made to compile is none."""
    return [host for host in hosts if not hostvars[host].get(CONTAINER)]


def deal(hostvars: t.Mapping[str, Facts], hosts: t.Sequence[str], reach: t.Sequence[str]) -> dict[str, t.Any]:
    """One builder for each build that can start now: C(builds), in the order of compiling, and by board the C(refused),
    whose build nobody can do.

    C(hosts) are the boards, C(reach) all hosts that tasks of this run can be sent to.
    What was dealt before in this run stays with its builder: a build that has begun does not move.
    """
    facts = {host: hostvars[host] for host in hosts}
    dealt = list(next((one[DEALT]["builds"] for one in facts.values() if one.get(DEALT)), []))
    keys = {build["key"] for build in dealt}
    refused: dict[str, dict[str, str]] = {}
    for job, wheelhouse in _startable(facts):
        key = job["key"]
        if key in keys:
            continue
        builder, why = _builder(job, hostvars, facts, reach)
        if builder:
            dealt.append(
                {
                    "key": key,
                    "builder": builder,
                    "hosts": list(job["hosts"]),
                    "job": dict(job),
                    "wheelhouse": wheelhouse,
                }
            )
        else:
            refused.update(
                (
                    host,
                    {
                        "reason": f"{name(job)} must be compiled for this board, and {why['reason']}",
                        "way_out": why["way_out"],
                    },
                )
                for host in job["hosts"]
            )
    return {"builds": dealt, "refused": refused}


def _startable(facts: t.Mapping[str, Facts]) -> t.Collection[tuple[dict[str, t.Any], str]]:
    """The builds that boards wait for and that lack nothing, as the wheelhouse tells them, and where on the control
    node that is.
    """
    found: dict[str, tuple[dict[str, t.Any], str]] = {}
    for host, one in facts.items():
        provided = one.get(PROVIDED) or {}
        if ((provided.get("boards") or {}).get(host) or {}).get("waiting"):
            for key, job in (provided.get("builds") or {}).items():
                found.setdefault(key, (job, provided["wheelhouse"]))
    return found.values()


def _builder(
    job: dict[str, t.Any], hostvars: t.Mapping[str, Facts], facts: t.Mapping[str, Facts], reach: t.Sequence[str]
) -> tuple[str | None, dict[str, str]]:
    """The builder of this build; or None and what speaks against the one that was asked for."""
    asked = next((asked for host in job["hosts"] if (asked := facts[host].get("torch_builder"))), None)
    if asked:
        why = _unfit(asked, job, hostvars, reach)
        return (None, why) if why else (asked, {})
    # They all wait for it: each of them has what it was planned with. Their sizes are the same in every run, so that
    # the next one finds the build
    # where it is; what is free on a disk is not.
    boards = {host: board for host in job["hosts"] if (board := _board(facts[host]))}
    return max(boards, key=lambda host: _strength(boards[host], job["needs"])), {}


def _unfit(
    builder: str, job: dict[str, t.Any], hostvars: t.Mapping[str, Facts], reach: t.Sequence[str]
) -> dict[str, str] | None:
    """Why the host that was asked for cannot compile this, and the way out."""
    leave_out = "or leave it out: then the strongest of the boards that need it compiles."
    if builder not in hostvars:
        return {
            "reason": f"its torch_builder {builder} is not in the inventory",
            "way_out": f"Set torch_builder to a host of the inventory, {leave_out}",
        }
    if builder not in reach:
        return {
            "reason": f"its torch_builder {builder} is not among the hosts of this run",
            "way_out": f"Name it, too: --limit '{job['hosts'][0]},{builder}', and in fleet_hosts.",
        }
    facts = hostvars[builder]
    if facts.get(CONTAINER):
        return None  # the role makes it, and then sees what it is
    board = _board(facts)
    if board is None:
        told = facts.get(FAILURE) or facts.get(DETECTED) or {}
        said = " ".join(str(told.get("reason") or told.get("msg") or "").split())
        return {
            "reason": (
                f"its torch_builder {builder} gave no answer that could be used{': ' + said[:300] if said else ''}"
            ),
            "way_out": f"Make it reachable, set torch_builder to another host, {leave_out}",
        }
    why = _mismatch(board, job)
    if why:
        return {
            "reason": f"its torch_builder {builder} cannot do that: {why}",
            "way_out": f"Set torch_builder to one with the board's userland, {leave_out}",
        }
    return None


def _mismatch(board: dict[str, t.Any], job: dict[str, t.Any]) -> str | None:
    """Why a wheel that this machine makes would not run where it is needed."""
    target = job["target"]
    if board["architecture"] != target["architecture"]:
        return f"it is {board['architecture']}, the wheel is for {target['architecture']}"
    libc = board["libc"]
    if libc["name"] != "glibc" or not libc["version"] or _numbers(libc["version"]) > _numbers(target["libc"]):
        return (
            f"its C library is {libc['name']} {libc['version']}, and what is compiled there does not run with glibc"
            f" {target['libc']}"
        )
    pythons = [python["version"] for python in board["pythons"] if python["implementation"] == "cpython"]
    if not any(_numbers(version)[:2] == _numbers(target["python"]) for version in pythons):
        return f"the wheel is for Python {target['python']}, it has {', '.join(pythons) or 'none'}"
    return None


def _strength(board: dict[str, t.Any], needs: dict[str, int]) -> tuple[t.Any, ...]:
    memory, cores = (board["memory"]["total"] or 0) // MIB, board["cpu"]["cores"]
    jobs = min(cores, max(1, memory // max(1, needs["job_mib"])))
    return board["disk"]["total"] // MIB >= needs["space_mib"], jobs, memory, cores


def progress(hostvars: t.Mapping[str, Facts], facts: t.Mapping[str, Facts]) -> dict[str, dict[str, t.Any]]:
    """What was dealt in this run, by key, each with the C(state) that its builder's tasks have left (empty: none)."""
    dealt: list[dict[str, t.Any]] = next((one[DEALT]["builds"] for one in facts.values() if one.get(DEALT)), [])
    built = {builder: hostvars[builder].get(BUILT) or {} for builder in {build["builder"] for build in dealt}}
    states = {build["key"]: built[build["builder"]].get(build["key"]) or {} for build in dealt}
    # In check mode the module says of what it would start that there is none.
    return {
        build["key"]: {
            **build,
            "state": states[build["key"]] if states[build["key"]].get("status") not in (None, "none") else {},
        }
        for build in dealt
    }


def waiting(keys: t.Sequence[str], builds: t.Mapping[str, dict[str, t.Any]]) -> tuple[str | None, str]:
    """What there is to say of a board that waits for these builds, and its outcome, which is None while nothing has
    been begun.
    """
    build = next(
        (build for key in keys if (build := builds.get(key)) and build["state"].get("status") != "finished"), None
    )
    if build is None:
        return None, "it waits for what must be compiled"
    state, what, where = build["state"], name(build["job"]), build["builder"]
    if not state:
        return None, f"{what} is to be compiled on {where}"
    if state["status"] == "failed":
        return "error", f"{what} could not be compiled on {where}: {state['error']}"
    if state["status"] == "cancelled":
        return "not_started", f"compiling {what} on {where} was cancelled; run again to go on with it"
    if state["status"] == "unreachable":
        return (
            "not_started",
            (
                f"{what} is to be compiled on {where}, which cannot be reached: {state['error']}. What was begun there"
                " goes on; run again"
            ),
        )
    return "not_started", f"{what} is being compiled on {where} ({how_far(state)}); run again"


def next_step(
    builds: t.Mapping[str, t.Mapping[str, t.Any]], key: str, may_wait: bool, check_mode: bool
) -> dict[str, str | None]:
    """What a builder does now for this build: C(step) is C(start), C(wait) (start it unless it runs, and wait for its
    end) or C(skip), with the C(reason).

    C(builds) are all builds that this builder has begun in this run, by key.
    """
    status = (builds.get(key) or {}).get("status")
    others = [other for other, build in builds.items() if other != key and build.get("status") in UNFINISHED]
    if others:
        reason = f"build {others[0]} is {builds[others[0]]['status']}; two builds at once would share the memory"
    elif status in ENDED:
        reason = f"the build has already {ENDED[status]} in this run"
    elif check_mode and key in builds:
        reason = "check mode has already predicted this build"
    else:
        return {"step": "wait" if may_wait else "start", "reason": None}
    return {"step": "skip", "reason": reason}


def with_failed_build(
    builds: t.Mapping[str, t.Mapping[str, t.Any]], key: str, result: t.Mapping[str, t.Any], failure: dict[str, t.Any]
) -> dict[str, t.Mapping[str, t.Any]]:
    """The builds of a builder after the C(failure) of a task for this one; a finished build stays finished."""
    if (builds.get(key) or {}).get("status") == "finished":
        return dict(builds)
    build = result.get("build") or {}
    error = build.get("error") or f"{failure['task']}: {failure['reason']}"
    return {**builds, key: {**build, "status": "failed", "failure": failure, "error": error}}


def name(job: t.Mapping[str, t.Any]) -> str:
    return f"{job['package']} {job['version']}"


def how_far(state: t.Mapping[str, t.Any]) -> str:
    """As C([512/1375], 2 h 5 min left)."""
    steps = f"[{state.get('done') or 0}/{state['total']}]" if state.get("total") else state.get("phase") or "just begun"
    return f"{steps}, {duration(state['remaining'])} left" if state.get("remaining") else steps


def duration(seconds: float) -> str:
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 2:
        return f"{seconds:.0f} s"
    if minutes < 120:
        return f"{minutes} min"
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"


def listed(builds: t.Mapping[str, dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The builds of a run, as its report keeps them."""
    kept = ("status", "done", "total", "seconds", "remaining", "wheel", "error")
    return [
        {
            "key": key,
            "package": build["job"]["package"],
            "version": build["job"]["version"],
            "builder": build["builder"],
            "hosts": build["hosts"],
            **{part: build["state"].get(part) for part in kept},
        }
        for key, build in builds.items()
    ]


def sentences(builds: t.Sequence[dict[str, t.Any]]) -> list[str]:
    """A line for each build, for the screen."""
    lines = []
    for build in builds:
        boards = f"{len(build['hosts'])} board" + ("s" if len(build["hosts"]) > 1 else "")
        told = {
            "finished": f"compiled on {build['builder']} in {duration(build['seconds'] or 0)}",
            "failed": f"could not be compiled on {build['builder']}",
            "cancelled": f"cancelled on {build['builder']}",
            "unreachable": f"is left to {build['builder']}, which cannot be reached",
            None: f"waits for {build['builder']}",
        }.get(build["status"], f"is being compiled on {build['builder']} ({how_far(build)})")
        lines.append(f"{name(build)} for {boards}: {told}")
    return lines


def _board(facts: Facts) -> dict[str, t.Any] | None:
    detected = facts.get(DETECTED) or {}
    return (detected.get("ansible_facts") or {}).get("edgeai_board")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
