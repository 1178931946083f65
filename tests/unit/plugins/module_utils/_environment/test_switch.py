# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Switching, rolling back, pruning, removing, and the wrapper."""

import json
import os

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from environment_support import SATISFIED, UNSATISFIED


def test_switches_only_if_satisfied(bench):
    first = bench.build_torch("aaa", "1.0")
    bench.current(first)
    second = bench.build_torch("bbb", "2.0")
    refused = bench.current(second, verdict=UNSATISFIED, key={"driver": "550"})
    assert (refused["changed"], refused["switched"], bench.link(), bench.record()["id"]) == (
        False,
        False,
        "aaa-1",
        "aaa",
    )
    with open(os.path.join(second["path"], ".edgeai", "verdict.json")) as stream:
        assert json.load(stream) == {"verdict": UNSATISFIED, "key": {"driver": "550"}}
    switched = bench.current(second)
    assert (switched["changed"], switched["switched"], bench.link()) == (True, True, "bbb-1")
    assert switched["previous"] == bench.record()["previous"] == {"id": "aaa", "generation": 1}
    assert (switched["diff"]["before"]["current"], switched["diff"]["after"]["current"]) == ("aaa-1", "bbb-1")
    assert switched["diff"]["after"]["packages"] == ["torch 2.0"]
    again = bench.current(second)
    assert (again["changed"], again["switched"], again["previous"]) == (False, False, {"id": "aaa", "generation": 1})


def test_the_current_one_loses_its_proof(bench):
    """Verified again and found broken: it stays current, but the record must not pass it for proven."""
    built = bench.build_torch("aaa", "1.0")
    bench.current(built)
    result = bench.current(built, verdict=UNSATISFIED)
    assert (result["changed"], result["switched"], bench.link()) == (True, False, "aaa-1")
    assert bench.record()["verdict"] == UNSATISFIED
    assert not bench.current(built, verdict=UNSATISFIED)["changed"]


def test_another_key_is_a_change_another_time_is_not(bench):
    built = bench.build_torch("aaa", "1.0")
    bench.current(built, key={"driver": "550"})
    assert not bench.current(built, verdict=dict(SATISFIED, seconds=3), key={"driver": "550"})["changed"]
    assert bench.current(built, key={"driver": "560"})["changed"]


def test_refuses_what_is_not_complete(bench):
    built = bench.build_torch("aaa", "1.0")
    bench.current(built)
    os.makedirs(os.path.join(bench.env(1, "bbb"), "bin"))
    with pytest.raises(EnvironmentProblem, match="bbb-1 is not complete"):
        bench.current({"id": "bbb", "generation": 1})
    assert bench.link() == "aaa-1"


def test_rolls_back_and_forth(bench):
    with pytest.raises(EnvironmentProblem, match="no previous environment"):
        bench.rollback()
    bench.current(bench.build_torch("aaa", "1.0"), verdict=dict(SATISFIED, reason="first"), key={"driver": "1"})
    with pytest.raises(EnvironmentProblem, match="no previous environment"):
        bench.rollback()
    bench.current(bench.build_torch("bbb", "2.0"), key={"driver": "2"})
    back = bench.rollback()
    assert (back["changed"], back["id"], bench.link(), back["previous"]) == (
        True,
        "aaa",
        "aaa-1",
        {"id": "bbb", "generation": 1},
    )
    assert (bench.record()["verdict"]["reason"], bench.record()["key"]) == ("first", {"driver": "1"})
    assert bench.rollback()["id"] == "bbb"


def test_a_rollback_to_what_is_gone(bench):
    bench.current(bench.build_torch("aaa", "1.0"))
    bench.current(bench.build_torch("bbb", "2.0"))
    ensure_absent(bench.options(id="aaa"), False)
    with pytest.raises(EnvironmentProblem, match="aaa-1 is gone"):
        bench.rollback()
    assert bench.link() == "bbb-1"


def test_a_lost_record_is_made_again(bench):
    """The verdict stored in the environment still says what may be rolled back to."""
    bench.current(bench.build_torch("aaa", "1.0"))
    os.unlink(os.path.join(bench.root, "state", "record.json"))
    second = bench.current(bench.build_torch("bbb", "2.0"))
    assert second["previous"] == {"id": "aaa", "generation": 1}
