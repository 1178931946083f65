# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switching, rolling back, pruning, removing, and the wrapper."""

import json
import os
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from ansible_collections.edgeai.fleet.plugins.module_utils._root.build_directory import acquire_lock, build_directory_of
from environment_support import SATISFIED, UNSATISFIED, Bench, uv_artifact


@pytest.fixture(scope="module")
def uv(tmp_path_factory):
    return uv_artifact(tmp_path_factory.mktemp("uv"))


@pytest.fixture
def bench(tmp_path, uv):
    return Bench(tmp_path, uv)


def build(bench, identity, version, **others):
    return bench.present([bench.wheel("torch", version)], id=identity, **others)


def record(bench):
    with open(os.path.join(bench.root, "state", "record.json")) as stream:
        return json.load(stream)


def test_switches_only_if_satisfied(bench):
    first = build(bench, "aaa", "1.0")
    bench.current(first)
    second = build(bench, "bbb", "2.0")
    refused = bench.current(second, verdict=UNSATISFIED, key={"driver": "550"})
    assert (refused["changed"], refused["switched"], bench.link(), record(bench)["id"]) == (
        False,
        False,
        "aaa-1",
        "aaa",
    )
    with open(os.path.join(second["path"], ".edgeai", "verdict.json")) as stream:
        assert json.load(stream) == {"verdict": UNSATISFIED, "key": {"driver": "550"}}
    switched = bench.current(second)
    assert (switched["changed"], switched["switched"], bench.link()) == (True, True, "bbb-1")
    assert switched["previous"] == record(bench)["previous"] == {"id": "aaa", "generation": 1}
    assert (switched["diff"]["before"]["current"], switched["diff"]["after"]["current"]) == ("aaa-1", "bbb-1")
    assert switched["diff"]["after"]["packages"] == ["torch 2.0"]
    again = bench.current(second)
    assert (again["changed"], again["switched"], again["previous"]) == (False, False, {"id": "aaa", "generation": 1})


def test_the_current_one_loses_its_proof(bench):
    """Verified again and found broken: it stays current, but the record must not pass it for proven."""
    built = build(bench, "aaa", "1.0")
    bench.current(built)
    result = bench.current(built, verdict=UNSATISFIED)
    assert (result["changed"], result["switched"], bench.link()) == (True, False, "aaa-1")
    assert record(bench)["verdict"] == UNSATISFIED
    assert not bench.current(built, verdict=UNSATISFIED)["changed"]


def test_another_key_is_a_change_another_time_is_not(bench):
    built = build(bench, "aaa", "1.0")
    bench.current(built, key={"driver": "550"})
    assert not bench.current(built, verdict=dict(SATISFIED, seconds=3), key={"driver": "550"})["changed"]
    assert bench.current(built, key={"driver": "560"})["changed"]


def test_refuses_what_is_not_complete(bench):
    built = build(bench, "aaa", "1.0")
    bench.current(built)
    os.makedirs(os.path.join(bench.env(1, "bbb"), "bin"))
    with pytest.raises(EnvironmentProblem, match="bbb-1 is not complete"):
        bench.current({"id": "bbb", "generation": 1})
    assert bench.link() == "aaa-1"


def test_rolls_back_and_forth(bench):
    with pytest.raises(EnvironmentProblem, match="no previous environment"):
        bench.rollback()
    bench.current(build(bench, "aaa", "1.0"), verdict=dict(SATISFIED, reason="first"), key={"driver": "1"})
    with pytest.raises(EnvironmentProblem, match="no previous environment"):
        bench.rollback()
    bench.current(build(bench, "bbb", "2.0"), key={"driver": "2"})
    back = bench.rollback()
    assert (back["changed"], back["id"], bench.link(), back["previous"]) == (
        True,
        "aaa",
        "aaa-1",
        {"id": "bbb", "generation": 1},
    )
    assert (record(bench)["verdict"]["reason"], record(bench)["key"]) == ("first", {"driver": "1"})
    assert bench.rollback()["id"] == "bbb"


def test_a_rollback_to_what_is_gone(bench):
    bench.current(build(bench, "aaa", "1.0"))
    bench.current(build(bench, "bbb", "2.0"))
    ensure_absent(bench.options(id="aaa"), False)
    with pytest.raises(EnvironmentProblem, match="aaa-1 is gone"):
        bench.rollback()
    assert bench.link() == "bbb-1"


def test_a_lost_record_is_made_again(bench):
    """The verdict stored in the environment still says what may be rolled back to."""
    bench.current(build(bench, "aaa", "1.0"))
    os.unlink(os.path.join(bench.root, "state", "record.json"))
    second = bench.current(build(bench, "bbb", "2.0"))
    assert second["previous"] == {"id": "aaa", "generation": 1}


def test_prunes_what_nobody_needs(bench):
    for number in range(1, 5):
        last = bench.current(build(bench, "env%d" % number, "%d.0" % number))
    assert last["removed"] == ["env2-1"]
    assert sorted(os.listdir(os.path.join(bench.root, "envs"))) == ["env3-1", "env4-1"]
    cached = [
        name for folder, folders, names in os.walk(os.path.join(bench.root, "cache", "artifacts")) for name in names
    ]
    assert sorted(cached) == ["torch-3.0-py3-none-any.whl", "torch-4.0-py3-none-any.whl", bench.uv["filename"]]
    assert os.listdir(os.path.join(bench.root, "tools")) == ["uv-0.0.1"]


def test_keeps_as_many_as_asked(bench):
    for number in range(1, 5):
        bench.current(build(bench, "env%d" % number, "%d.0" % number), keep=3)
    assert sorted(os.listdir(os.path.join(bench.root, "envs"))) == ["env2-1", "env3-1", "env4-1"]


@pytest.mark.parametrize("how", ["running", "standing"])
def test_spares_what_a_process_uses(bench, how):
    first = build(bench, "aaa", "1.0")
    bench.current(first)
    python, place = (first["python"], None) if how == "running" else (sys.executable, first["path"])
    process = subprocess.Popen(
        [python, "-c", "print(1, flush=True); input()"], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        process.stdout.readline()
        bench.current(build(bench, "bbb", "2.0"))
        third = build(bench, "ccc", "3.0")
        assert bench.current(third)["removed"] == []
        assert os.path.exists(first["path"])
    finally:
        process.communicate(b"\n")
    later = bench.current(third)
    assert (later["removed"], os.path.exists(first["path"])) == (["aaa-1"], False)


def test_the_wrapper_resolves_current_once(bench):
    first = build(bench, "aaa", "1.0", environment={"GREETING": "it's $HOME"})
    second = build(bench, "bbb", "2.0")
    bench.current(first)
    wrapper = os.path.join(bench.root, "bin", "python")
    code = "\n".join(
        [
            'print("up", flush=True)',
            "input()",
            "import os, sys, torch",
            'print(torch.__version__, sys.prefix, os.environ["EDGEAI_ENVIRONMENT"], os.environ["GREETING"])',
        ]
    )
    process = subprocess.Popen([wrapper, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout.readline() == b"up\n"  # it has resolved `current` by now
    bench.current(second)
    output = process.communicate(b"\n")[0].decode().strip()
    path = os.path.realpath(first["path"])
    assert output == "1.0 %s %s it's $HOME" % (path, path)
    constraint = subprocess.check_output(
        [wrapper, "-c", 'import os; print(open(os.environ["UV_CONSTRAINT"]).read())']
    ).decode()
    assert constraint.startswith("torch @ file:///")
    assert "torch-2.0" in constraint


def test_the_wrapper_is_repaired_and_says_what_is_missing(bench):
    built = build(bench, "aaa", "1.0")
    bench.current(built)
    wrapper = os.path.join(bench.root, "bin", "python")
    with open(wrapper, "a") as stream:
        stream.write("echo extra\n")
    assert bench.current(built)["changed"]
    assert not bench.current(built)["changed"]
    os.unlink(os.path.join(bench.root, "current"))
    process = subprocess.Popen([wrapper, "-c", "1"], stderr=subprocess.PIPE)
    assert "there is no current environment" in process.communicate()[1].decode()
    assert process.returncode == 1


def test_a_link_that_leads_elsewhere_is_passed_over(bench):
    bench.current(build(bench, "aaa", "1.0"))
    link = os.path.join(bench.root, "current")
    os.unlink(link)
    os.symlink("/usr", link)
    state = read_state(bench.root)
    assert (state["current"], len(state["warnings"])) == (None, 1)
    os.unlink(link)
    os.symlink("envs/gone-1", link)
    state = read_state(bench.root)
    assert (state["complete"], state["intact"]) == (False, False)
    assert "gone-1 is missing" in state["damage"][0]


def test_absent_one_and_all(bench):
    first = build(bench, "aaa", "1.0")
    bench.current(first)
    build(bench, "bbb", "2.0")
    with pytest.raises(EnvironmentProblem, match="is the current environment"):
        ensure_absent(bench.options(id="aaa"), False)
    one = ensure_absent(bench.options(id="bbb"), False)
    assert (one["changed"], one["removed"], ensure_absent(bench.options(id="bbb"), False)["changed"]) == (
        True,
        ["bbb-1"],
        False,
    )
    assert os.path.exists(first["path"])
    everything = ensure_absent(bench.options(id=None), False)
    assert (everything["changed"], os.path.exists(bench.root)) == (True, False)
    assert not ensure_absent(bench.options(id=None), False)["changed"]


def test_absent_takes_builds_along_but_not_one_that_runs(bench):
    build(bench, "aaa", "1.0")
    place = build_directory_of(bench.root, "0123456789abcdef")
    os.makedirs(place.path)
    supervisor = acquire_lock(place)
    with pytest.raises(EnvironmentProblem, match="Build 0123456789abcdef is still running in .*; cancel it first"):
        ensure_absent(bench.options(id=None), False)
    supervisor.close()
    ensure_absent(bench.options(id=None), False)
    assert not os.path.exists(bench.root)


def test_absent_leaves_what_others_put_there(bench):
    build(bench, "aaa", "1.0")
    mine = os.path.join(bench.root, "notes.txt")
    open(mine, "w").close()
    ensure_absent(bench.options(id=None), False)
    assert os.listdir(bench.root) == ["notes.txt"]
