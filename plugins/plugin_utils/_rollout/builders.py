# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The builds of a run: which host compiles which build, its progress, and what it means for the boards that wait.

Pure functions, as in board_status.
"""

from __future__ import annotations

import re
import typing as t

from .host_variables import ASSIGNED, BUILT, CONTAINER, DETECTED, FAILURE, PROVIDED, board_of, results_of

MIB = 1 << 20
#: The status of a build that a builder still has to do with, and how the others ended.
UNFINISHED = ("running", "interrupted", "unreachable")
ENDED = {"finished": "finished", "failed": "failed", "cancelled": "been cancelled"}

Facts = t.Mapping[str, t.Any]


def board_hosts(hostvars: t.Mapping[str, Facts], hosts: t.Sequence[str]) -> list[str]:
    """The hosts that are boards, without the containers that only compile."""
    return [host for host in hosts if not hostvars[host].get(CONTAINER)]


def has_builds(hostvars: t.Mapping[str, Facts], hosts: t.Sequence[str]) -> bool:
    """Whether builds were or can be assigned in this run. The wheelhouse's result is the same on all boards."""
    facts = (results_of(hostvars, host) for host in hosts)
    provided = next((one for one in facts if one.get(PROVIDED)), {})
    return bool(provided.get(ASSIGNED) or provided.get(PROVIDED, {}).get("builds"))


def assign_builds(hostvars: t.Mapping[str, Facts], hosts: t.Sequence[str], reach: t.Sequence[str]) -> dict[str, t.Any]:
    """One builder for each build that can start now: C(builds), in the order of compiling, and C(refused) by board,
    where no host can compile the build.

    C(hosts) are the boards, C(reach) all hosts that tasks of this run can be sent to.
    A build that has been assigned in this run stays with its builder: a build that has begun does not move.
    """
    facts = {host: hostvars[host] for host in hosts}
    assigned = list(next((one[ASSIGNED]["builds"] for one in facts.values() if one.get(ASSIGNED)), []))
    keys = {build["key"] for build in assigned}
    refused: dict[str, dict[str, str]] = {}
    for job, wheelhouse in _builds_to_assign(facts):
        key = job["key"]
        if key in keys:
            continue
        builder, why = _find_builder(job, hostvars, facts, reach)
        if builder:
            assigned.append(
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
                        "reason": f"{job_name(job)} must be compiled for this board, and {why['reason']}",
                        "way_out": why["way_out"],
                    },
                )
                for host in job["hosts"]
            )
    return {"builds": assigned, "refused": refused}


def _builds_to_assign(facts: t.Mapping[str, Facts]) -> t.Collection[tuple[dict[str, t.Any], str]]:
    """The builds that boards wait for and that can start, as the wheelhouse returns them, each with the path of the
    wheelhouse on the control node.
    """
    builds: dict[str, tuple[dict[str, t.Any], str]] = {}
    for host, one in facts.items():
        provided = one.get(PROVIDED) or {}
        if ((provided.get("boards") or {}).get(host) or {}).get("waiting"):
            for key, job in (provided.get("builds") or {}).items():
                builds.setdefault(key, (job, provided["wheelhouse"]))
    return builds.values()


def _find_builder(
    job: dict[str, t.Any], hostvars: t.Mapping[str, Facts], facts: t.Mapping[str, Facts], reach: t.Sequence[str]
) -> tuple[str | None, dict[str, str]]:
    """The builder of this build; or None and why the requested torch_builder cannot compile it."""
    requested = next((name for host in job["hosts"] if (name := facts[host].get("torch_builder"))), None)
    if requested:
        why = _builder_fault(requested, job, hostvars, reach)
        return (None, why) if why else (requested, {})
    # The boards' sizes are the same in every run, so that the next run finds the build on the same board. The free
    # space of a disk is not.
    boards = {host: board for host in job["hosts"] if (board := board_of(facts[host]))}
    return max(boards, key=lambda host: _builder_strength(boards[host], job["needs"])), {}


def _builder_fault(
    builder: str, job: dict[str, t.Any], hostvars: t.Mapping[str, Facts], reach: t.Sequence[str]
) -> dict[str, str] | None:
    """Why the requested host cannot compile this build, and the fix."""
    leave_out = "or remove it: then the most powerful of the boards that need the wheel compiles it."
    if builder not in hostvars:
        return {
            "reason": f"its torch_builder {builder} is not in the inventory",
            "way_out": f"Set torch_builder to a host of the inventory, {leave_out}",
        }
    if builder not in reach:
        return {
            "reason": f"its torch_builder {builder} is not among the hosts of this run",
            "way_out": f"Add it to the run: --limit '{job['hosts'][0]},{builder}', and to fleet_hosts.",
        }
    facts = hostvars[builder]
    if facts.get(CONTAINER):
        return None  # the role torch_build creates and checks it
    board = board_of(facts)
    if board is None:
        result = facts.get(FAILURE) or facts.get(DETECTED) or {}
        text = " ".join(str(result.get("reason") or result.get("msg") or "").split())
        return {
            "reason": (f"its torch_builder {builder} gave no usable answer{': ' + text[:300] if text else ''}"),
            "way_out": f"Make it reachable, set torch_builder to another host, {leave_out}",
        }
    why = _target_mismatch(board, job)
    if why:
        return {
            "reason": f"its torch_builder {builder} cannot compile it: {why}",
            "way_out": f"Set torch_builder to a host with the same userland as the board, {leave_out}",
        }
    return None


def _target_mismatch(board: dict[str, t.Any], job: dict[str, t.Any]) -> str | None:
    """Why a wheel from this builder would not run on its target."""
    target = job["target"]
    if board["architecture"] != target["architecture"]:
        return f"its architecture is {board['architecture']}, the wheel is for {target['architecture']}"
    libc = board["libc"]
    if (
        libc["name"] != "glibc"
        or not libc["version"]
        or _version_numbers(libc["version"]) > _version_numbers(target["libc"])
    ):
        return (
            f"its C library is {libc['name']} {libc['version']}; a wheel compiled there does not run with glibc"
            f" {target['libc']}"
        )
    pythons = [python["version"] for python in board["pythons"] if python["implementation"] == "cpython"]
    if not any(_version_numbers(version)[:2] == _version_numbers(target["python"]) for version in pythons):
        return f"the wheel is for Python {target['python']}, the builder has {', '.join(pythons) or 'none'}"
    return None


def _builder_strength(board: dict[str, t.Any], needs: dict[str, int]) -> tuple[t.Any, ...]:
    memory, cores = (board["memory"]["total"] or 0) // MIB, board["cpu"]["cores"]
    jobs = min(cores, max(1, memory // max(1, needs["job_mib"])))
    return board["disk"]["total"] // MIB >= needs["space_mib"], jobs, memory, cores


def read_builds(hostvars: t.Mapping[str, Facts], facts: t.Mapping[str, Facts]) -> dict[str, dict[str, t.Any]]:
    """The assigned builds of this run, by key, each with the C(state) that its builder's tasks have registered (empty
    before that).
    """
    assigned: list[dict[str, t.Any]] = next(
        (one[ASSIGNED]["builds"] for one in facts.values() if one.get(ASSIGNED)), []
    )
    built = {
        builder: results_of(hostvars, builder).get(BUILT) or {} for builder in {build["builder"] for build in assigned}
    }
    states = {build["key"]: built[build["builder"]].get(build["key"]) or {} for build in assigned}
    # In check mode the module returns the status "none" for a build that it would start.
    return {
        build["key"]: {
            **build,
            "state": states[build["key"]] if states[build["key"]].get("status") not in (None, "none") else {},
        }
        for build in assigned
    }


def explain_waiting(keys: t.Sequence[str], builds: t.Mapping[str, dict[str, t.Any]]) -> tuple[str | None, str]:
    """The outcome of a board that waits for these builds, None before the build has begun, and the reason."""
    build = next(
        (build for key in keys if (build := builds.get(key)) and build["state"].get("status") != "finished"), None
    )
    if build is None:
        return None, "it waits for a build"
    state, job, builder = build["state"], job_name(build["job"]), build["builder"]
    if not state:
        return None, f"{job} is to be compiled on {builder}"
    if state["status"] == "failed":
        return "error", f"{job} could not be compiled on {builder}: {state['error']}"
    if state["status"] == "cancelled":
        return "not_started", f"compiling {job} on {builder} was cancelled; run again to continue it"
    if state["status"] == "unreachable":
        return (
            "not_started",
            (
                f"{job} is to be compiled on {builder}, which is unreachable: {state['error']}. A build that has begun"
                " there continues; run again"
            ),
        )
    return "not_started", f"{job} is being compiled on {builder} ({progress_text(state)}); run again"


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


def job_name(job: t.Mapping[str, t.Any]) -> str:
    return f"{job['package']} {job['version']}"


def progress_text(state: t.Mapping[str, t.Any]) -> str:
    """As C([512/1375], 2 h 5 min left)."""
    steps = f"[{state.get('done') or 0}/{state['total']}]" if state.get("total") else state.get("phase") or "just begun"
    return f"{steps}, {duration_text(state['remaining'])} left" if state.get("remaining") else steps


def duration_text(seconds: float) -> str:
    minutes, hours = round(seconds / 60), round(seconds / 3600)
    if minutes < 2:
        return f"{seconds:.0f} s"
    if minutes < 120:
        return f"{minutes} min"
    return f"{hours} h" if hours < 48 else f"{round(hours / 24)} days"


def list_builds(hostvars: t.Mapping[str, Facts], hosts: t.Sequence[str]) -> list[dict[str, t.Any]]:
    """The builds for these boards in this run, as the report keeps them."""
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
        for key, build in read_builds(hostvars, {host: results_of(hostvars, host) for host in hosts}).items()
    ]


def describe_builds(builds: t.Sequence[dict[str, t.Any]]) -> list[str]:
    """A line for each build, for the terminal."""
    lines = []
    for build in builds:
        boards = f"{len(build['hosts'])} board" + ("s" if len(build["hosts"]) > 1 else "")
        text = {
            "finished": f"compiled on {build['builder']} in {duration_text(build['seconds'] or 0)}",
            "failed": f"could not be compiled on {build['builder']}",
            "cancelled": f"cancelled on {build['builder']}",
            "unreachable": f"left to {build['builder']}, which is unreachable",
            None: f"waits for {build['builder']}",
        }.get(build["status"], f"is being compiled on {build['builder']} ({progress_text(build)})")
        lines.append(f"{job_name(build)} for {boards}: {text}")
    return lines


def _version_numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in re.findall(r"\d+", version)[:2])
