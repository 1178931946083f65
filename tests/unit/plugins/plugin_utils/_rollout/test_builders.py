# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Who compiles what, and what it means for the boards that wait."""

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status as rollout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import builders, host_variables, report, rings

TORCH, VISION = "a" * 16, "b" * 16


def machine(cores=4, memory=4096, disk=60000, **more):
    return {
        "family": "raspberrypi",
        "model": "Raspberry Pi 4",
        "warnings": [],
        "seconds": 1.0,
        "architecture": "armv7l",
        "libc": {"name": "glibc", "version": "2.36"},
        "pythons": [{"version": "3.11.2", "implementation": "cpython", "path": "/usr/bin/python3"}],
        "cpu": {"cores": cores},
        "memory": {"total": memory * builders.MIB},
        "disk": {"total": disk * builders.MIB},
        **more,
    }


def build(*hosts, key=TORCH, package="torch", version="2.6.0"):
    return {
        "key": key,
        "package": package,
        "version": version,
        "target": {"architecture": "armv7l", "libc": "2.36", "python": "3.11", "baseline": "armv7l"},
        "needs": {"memory_mib": 4096, "job_mib": 2048, "space_mib": 16384},
        "wheels": [],
        "archive": None,
        "hosts": list(hosts),
    }


def fleet(boards, *jobs, waiting=(TORCH,), **of_all):
    """The variables of boards that wait; each is given as its machine, or as all its variables."""
    shares = {host: {"refusal": None, "waiting": list(waiting)} for host in boards}
    provided = {"locks": {}, "wheelhouse": "/cache", "builds": {job["key"]: job for job in jobs}, "boards": shares}
    plan = {"family": "raspberrypi", "expect": "cpu", "refusal": None, "forced": [], "modules": [], "warnings": []}
    return {
        host: {
            "inventory_hostname": host,
            host_variables.DETECTED: {"ansible_facts": {"edgeai_board": board}},
            host_variables.PLANNED: plan,
            host_variables.PROVIDED: provided,
            **of_all,
        }
        for host, board in boards.items()
    }


def assign(hostvars, hosts=None, reach=None):
    hosts = list(hostvars) if hosts is None else hosts
    return builders.assign_builds(hostvars, hosts, list(hostvars) if reach is None else reach)


def chosen(hostvars, **more):
    found = assign(hostvars, **more)
    assert found["refused"] == {}
    return [(one["key"], one["builder"]) for one in found["builds"]]


def refusal(hostvars, host, **more):
    found = assign(hostvars, **more)
    assert found["builds"] == []
    return " ".join(found["refused"][host].values())


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (machine(), machine(cores=8, memory=16384)),
        (machine(cores=8, memory=2048), machine(cores=4, memory=8192)),  # eight cores, and memory for one compiler
        (machine(cores=8, memory=16384, disk=10000), machine()),  # no room for it
        (machine(), machine(memory=6000)),
    ],
)
def test_the_strongest_board_compiles(one, other):
    assert chosen(fleet({"one": one, "other": other}, build("one", "other"))) == [(TORCH, "other")]
    assert chosen(fleet({"other": other, "one": one}, build("other", "one"))) == [(TORCH, "other")]


def test_of_equals_the_first_of_the_inventory_compiles_whatever_is_free():
    boards = {"one": machine(), "other": machine()}
    boards["one"]["disk"]["free"], boards["other"]["disk"]["free"] = 0, 1 << 40
    assert chosen(fleet(boards, build("one", "other"))) == [(TORCH, "one")]


def test_a_board_whose_memory_is_not_known_can_compile():
    assert chosen(fleet({"one": machine(memory=0)}, build("one"))) == [(TORCH, "one")]


def test_nothing_is_assigned_if_no_board_waits():
    assert assign(fleet({"one": machine()}, build("one"), waiting=())) == {"builds": [], "refused": {}}
    assert assign(
        {"lost": {"inventory_hostname": "lost", host_variables.DETECTED: {"unreachable": True, "msg": "gone"}}}
    ) == {
        "builds": [],
        "refused": {},
    }


def test_one_builder_compiles_for_several_keys_in_order():
    other = build("two", key=VISION)
    hostvars = fleet({"one": machine(), "two": machine()}, build("one"), other, torch_builder="server")
    hostvars["server"] = {
        "inventory_hostname": "server",
        host_variables.DETECTED: {"ansible_facts": {"edgeai_board": machine(cores=64, memory=1 << 17)}},
    }
    assert chosen(hostvars, hosts=["one", "two"]) == [(TORCH, "server"), (VISION, "server")]


def server(board=None, **facts):
    hostvars = fleet({"one": machine()}, build("one"), torch_builder="server")
    given = {} if board is None else {host_variables.DETECTED: {"ansible_facts": {"edgeai_board": board}}}
    return {**hostvars, "server": {"inventory_hostname": "server", **given, **facts}}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"architecture": "aarch64"}, "its architecture is aarch64, the wheel is for armv7l"),
        (
            {"libc": {"name": "glibc", "version": "2.41"}},
            "its C library is glibc 2.41; a wheel compiled there does not run with glibc 2.36",
        ),
        ({"libc": {"name": "musl", "version": None}}, "its C library is musl None"),
        (
            {"pythons": [{"version": "3.13.5", "implementation": "cpython", "path": "/usr/bin/python3"}]},
            "the wheel is for Python 3.11, the builder has 3.13.5",
        ),
        (
            {"pythons": [{"version": "3.11.2", "implementation": "pypy", "path": "/usr/bin/pypy3"}]},
            "the wheel is for Python 3.11, the builder has none",
        ),
    ],
)
def test_a_builder_with_another_userland_is_refused_with_both_values(change, words):
    said = refusal(server(machine(**change)), "one", hosts=["one"])
    assert said.startswith(
        "torch 2.6.0 must be compiled for this board, and its torch_builder server cannot compile it: " + words
    )


def test_an_older_c_library_on_the_builder_is_right():
    assert chosen(server(machine(libc={"name": "glibc", "version": "2.9"})), hosts=["one"]) == [(TORCH, "server")]


def test_a_builder_that_is_not_there():
    hostvars = fleet({"one": machine()}, build("one"), torch_builder="sever")
    assert "its torch_builder sever is not in the inventory" in refusal(hostvars, "one")
    assert "--limit 'one,server'" in refusal(server(machine()), "one", hosts=["one"], reach=["one"])
    lost = server(**{host_variables.DETECTED: {"unreachable": True, "msg": "no route\nto host"}})
    assert "server gave no usable answer: no route to host Make it reachable" in refusal(lost, "one", hosts=["one"])
    failed = server(**{host_variables.FAILURE: {"task": "Ask", "msg": "no Python"}})
    assert "no usable answer: no Python" in refusal(failed, "one", hosts=["one"])


def test_a_container_is_made_when_it_is_needed():
    hostvars = server(**{host_variables.CONTAINER: {"suite": "bookworm", "architecture": "armhf"}})
    assert chosen(hostvars, hosts=["one"]) == [(TORCH, "server")]
    assert builders.board_hosts(hostvars, ["one", "server"]) == ["one"]
    hostvars["one"][host_variables.CONTAINER] = {}
    assert builders.board_hosts(hostvars, ["one", "server"]) == ["one"], "an empty one is none"


def test_assigned_builds_stay_and_later_builds_are_added():
    hostvars = fleet({"one": machine(), "two": machine(cores=64, memory=1 << 17)}, build("one", "two"))
    first = {
        "builds": [{"key": TORCH, "builder": "one", "hosts": ["one", "two"], "job": build("one", "two")}],
        "refused": {},
    }
    hostvars["one"][host_variables.ASSIGNED] = first
    assert chosen(hostvars) == [(TORCH, "one")]
    hostvars["one"][host_variables.PROVIDED]["builds"] = {
        VISION: build("one", "two", key=VISION, package="torchvision", version="0.21.0")
    }
    assert chosen(hostvars) == [(TORCH, "one"), (VISION, "two")]


# --- boards that wait
# --------------------------------------------------------------------------------------------------


def waiting_status(state, waiting=(TORCH, VISION), companion=None):
    """The state of a board while its build is so far."""
    hostvars = fleet({"pi": machine()}, build("pi"), waiting=waiting)
    jobs = {TORCH: build("pi"), VISION: build("pi", key=VISION, package="torchvision", version="0.21.0")}
    known = {TORCH: state, **({VISION: companion} if companion is not None else {})}
    hostvars["pi"][host_variables.ASSIGNED] = {
        "builds": [{"key": key, "builder": "server", "hosts": ["pi"], "job": jobs[key]} for key in known],
        "refused": {},
    }
    hostvars["server"] = {
        "inventory_hostname": "server",
        host_variables.BUILT: {key: one for key, one in known.items() if one},
    }
    return rollout.read_statuses(hostvars, ["pi"])["pi"]


@pytest.mark.parametrize(
    ("state", "outcome", "words"),
    [
        (
            {"status": "running", "done": 512, "total": 1375, "remaining": 7400},
            "not_started",
            "torch 2.6.0 is being compiled on server ([512/1375], 2 h left); run again",
        ),
        (
            {"status": "interrupted", "phase": "source"},
            "not_started",
            "torch 2.6.0 is being compiled on server (source); run again",
        ),
        (
            {"status": "failed", "error": "USE_CUDA is 1, asked was 0"},
            "error",
            "torch 2.6.0 could not be compiled on server: USE_CUDA is 1, asked was 0",
        ),
        (
            {"status": "cancelled"},
            "not_started",
            "compiling torch 2.6.0 on server was cancelled; run again to continue it",
        ),
        (
            {"status": "unreachable", "error": "no\nroute"},
            "not_started",
            (
                "torch 2.6.0 is to be compiled on server, which is unreachable: no route. A build that has begun there"
                " continues; run again"
            ),
        ),
    ],
)
def test_a_board_that_waits_ends_by_its_build(state, outcome, words):
    verdict = waiting_status(state)["verdict"]
    assert (verdict["outcome"], verdict["reason"], verdict["satisfied"]) == (outcome, words, False)


def test_a_failed_build_is_diagnosed():
    said = waiting_status({"status": "failed", "error": "SyntaxError: future feature annotations is not defined"})
    assert said["verdict"]["diagnosis"]["id"] == "ANS-01"


def test_after_torch_the_reason_names_its_companion():
    said = waiting_status(
        {"status": "finished"}, companion={"status": "running", "done": 3, "total": 40, "remaining": 30}
    )
    assert said["verdict"]["reason"] == "torchvision 0.21.0 is being compiled on server ([3/40], 30 s left); run again"


def test_before_the_start_the_verdict_is_open_and_the_board_is_in_no_ring():
    said = waiting_status({})
    assert (said["verdict"], said["due"], said["waiting"]) == (None, False, [TORCH, VISION])
    assert rings.assign_rings({"pi": said}, ["canary", "100%"]) == []
    predicted = report.add_missing_verdicts({"pi": said}, 0, check_mode=True)
    assert (
        predicted["pi"]["verdict"]["reason"]
        == "check mode: torch 2.6.0 is to be compiled on server, then installed and verified"
    )
    assert report.failed_boards(predicted, check_mode=True) == {}
    ended = report.add_missing_verdicts({"pi": said}, 0)
    assert (
        ended["pi"]["verdict"]["reason"]
        == "torch 2.6.0 is to be compiled on server, but the run ended before that; run again"
    )
    assert list(report.failed_boards(ended, purpose="build")) == ["pi"], "nothing was compiled for it"


def test_a_board_without_a_builder_is_refused():
    hostvars = fleet(
        {"pi": machine()},
        build("pi"),
        **{
            host_variables.ASSIGNED: {
                "builds": [],
                "refused": {"pi": {"reason": "no builder.", "way_out": "Name one."}},
            }
        },
    )
    verdict = rollout.read_statuses(hostvars, ["pi"])["pi"]["verdict"]
    assert (verdict["outcome"], verdict["reason"]) == ("refused", "no builder. Name one.")


def test_a_failed_build_does_not_close_the_gate():
    states = {"pi": waiting_status({"status": "failed", "error": "it broke"})}
    assert rings.check_gate(states, 0)["open"], "nothing was tried on the board"


def test_the_report_names_every_build():
    hostvars = fleet({"pi": machine(), "two": machine()}, build("pi", "two"))
    jobs = {TORCH: build("pi", "two"), VISION: build("pi", key=VISION, package="torchvision", version="0.21.0")}
    hostvars["pi"][host_variables.ASSIGNED] = {
        "builds": [{"key": key, "builder": "pi", "hosts": job["hosts"], "job": job} for key, job in jobs.items()],
        "refused": {},
    }
    hostvars["pi"][host_variables.BUILT] = {
        TORCH: {"status": "finished", "seconds": 11000.0, "wheel": {"filename": "x.whl", "sha256": "0" * 64, "size": 1}}
    }
    kept = builders.list_builds(hostvars, ["pi", "two"])
    assert [(one["key"], one["status"], one["seconds"]) for one in kept] == [
        (TORCH, "finished", 11000.0),
        (VISION, None, None),
    ]
    assert builders.describe_builds(kept) == [
        "torch 2.6.0 for 2 boards: compiled on pi in 3 h",
        "torchvision 0.21.0 for 1 board: waits for pi",
    ]
    hostvars["pi"][host_variables.BUILT] = {
        TORCH: {"status": "running", "done": 1, "total": 9, "remaining": 600},
        VISION: {"status": "failed", "error": "x"},
    }
    assert builders.describe_builds(builders.list_builds(hostvars, ["pi", "two"])) == [
        "torch 2.6.0 for 2 boards: is being compiled on pi ([1/9], 10 min left)",
        "torchvision 0.21.0 for 1 board: could not be compiled on pi",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (89, "89 s"),
        (90, "2 min"),
        (7100, "118 min"),
        (7300, "2 h"),
        (100000, "28 h"),
        (260000, "3 days"),
    ],
)
def test_duration(seconds, words):
    assert builders.duration_text(seconds) == words


@pytest.mark.parametrize(
    ("builds", "may_wait", "check_mode", "step", "words"),
    [
        ({}, False, False, "start", None),
        ({}, True, False, "wait", None),
        ({}, True, True, "wait", None),
        ({TORCH: {"status": "running"}}, True, False, "wait", None),
        ({TORCH: {"status": None}}, True, False, "wait", None),
        ({TORCH: {"status": "unreachable"}}, True, False, "wait", None),
        ({TORCH: {"status": "none"}}, True, True, "skip", "check mode has already predicted"),
        ({TORCH: {"status": "finished"}}, True, False, "skip", "already finished"),
        ({TORCH: {"status": "failed"}}, True, False, "skip", "already failed"),
        ({TORCH: {"status": "cancelled"}}, False, False, "skip", "been cancelled"),
        ({VISION: {"status": "finished"}}, False, False, "start", None),
        ({VISION: {"status": "failed"}}, True, False, "wait", None),
        ({VISION: {"status": "running"}}, True, False, "skip", f"build {VISION} is running"),
        ({VISION: {"status": "interrupted"}}, False, False, "skip", "is interrupted"),
        ({VISION: {"status": "unreachable"}, TORCH: {"status": "running"}}, True, False, "skip", "is unreachable"),
    ],
)
def test_what_a_builder_does_next(builds, may_wait, check_mode, step, words):
    found = builders.next_step(builds, TORCH, may_wait, check_mode)
    assert found["step"] == step
    assert words in found["reason"] if words else found["reason"] is None


def test_a_failed_task_fails_the_build_unless_it_is_finished():
    failure = {"task": "Install packages", "reason": "no space", "msg": "no space", "lines": []}
    builds = {VISION: {"status": "finished"}}
    failed = builders.with_failed_build(builds, TORCH, {"msg": "no space"}, failure)
    assert failed == {
        VISION: {"status": "finished"},
        TORCH: {"status": "failed", "failure": failure, "error": "Install packages: no space"},
    }
    result = {"build": {"status": "running", "done": 3, "error": "gcc died"}}
    assert builders.with_failed_build({}, TORCH, result, failure)[TORCH] == {
        "status": "failed",
        "done": 3,
        "failure": failure,
        "error": "gcc died",
    }
    assert builders.with_failed_build(builds, VISION, {}, failure) == builds


@pytest.mark.parametrize(
    ("results", "expected"),
    [
        ({}, False),
        ({"wheelhouse_result": {"builds": {}}}, False),
        ({"wheelhouse_result": {"failed": True}}, False),
        ({"wheelhouse_result": {"builds": {"k": {}}}}, True),
        ({"wheelhouse_result": {"builds": {}}, "__fleet_builds": {"builds": []}}, True),
    ],
)
def test_whether_builders_are_needed(results, expected):
    assert builders.has_builds({"lost": {}, "pi": results}, ["lost", "pi"]) is expected
