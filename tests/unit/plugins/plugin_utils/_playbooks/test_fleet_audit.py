# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an audit says of a board: drift, notices, or that nobody can know."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.plan import empty_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.fleet_audit import Kept, audit_fleet
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables
from rollout_support import LOCK, converged

NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.timezone.utc)
SOME = {"count": 0, "names": []}
CLEAN = {
    "environment": "abc-1",
    "recorded": "2026-11-29T04:00:00Z",
    "problem": None,
    "files": {"checked": 9, "unchecked": 2, "changed": SOME, "missing": SOME, "foreign": SOME},
    "packages": {"added": [], "changed": [], "missing": []},
    "damage": [],
}
PLAN = {
    **empty_plan("raspberrypi"),
    "expect": "cpu",
    "torch": {"specifier": "==2.9.1", "local": None},
    "target": {"python": "3.11"},
    "row": "pi-wheels",
    "proven": {"how": "recorded", "here": [], "elsewhere": []},
    "checked": "2026-11-01",
}


def audit(measured=None, days=90, **more):
    audited, plan, kept = (
        more.pop(name, usual) for name, usual in (("audited", CLEAN), ("plan", PLAN), ("kept", LOCK))
    )
    facts = {
        "inventory_hostname": "pi",
        host_variables.DETECTED: {"board": measured or converged()},
        host_variables.PLANNED: plan,
        host_variables.AUDITED: audited,
        **more,
    }
    locks = {"pi": Kept(plan, kept, "abc" if kept else None)} if plan else {}
    return audit_fleet({"pi": facts}, ["pi"], locks, NOW, days)["pi"]


def test_as_locked():
    found = audit()
    assert (found["state"], found["drift"], found["notices"]) == ("as locked", [], [])
    assert (found["torch"], found["files"], found["environment"]) == ("2.9.1", 9, "abc-1")


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (
            {"files": {**CLEAN["files"], "changed": {"count": 7, "names": list("abcdefg")}}},
            "files",
            "7 files differ from their wheels: a, b, c, d, e and 2 more",
        ),
        ({"files": {**CLEAN["files"], "missing": {"count": 1, "names": ["x"]}}}, "files", "are missing: x"),
        ({"damage": ["bin/python points to no interpreter"]}, "files", "points to no interpreter"),
        (
            {"packages": {"added": [], "missing": [], "changed": [{"name": "n", "installed": "2", "locked": "1"}]}},
            "packages",
            "n 2 is installed, 1 is locked",
        ),
        ({"packages": {"added": [], "missing": ["numpy"], "changed": []}}, "packages", "missing: numpy"),
        ({"environment": None, "problem": None}, "environment", "no environment is in use"),
    ],
)
def test_each_difference_on_the_board_is_drift(change, kind, words):
    found = audit(audited={**CLEAN, **change})
    assert (found["state"], [entry["kind"] for entry in found["drift"]]) == ("drift", [kind])
    assert words in found["drift"][0]["text"]


@pytest.mark.parametrize(
    ("change", "kind", "words"),
    [
        (lambda b: b["key"].update(l4t="36.4.7"), "key", "l4t is 36.4.7, the recorded verdict was made with None"),
        (lambda b: b["key"].update(driver="580"), "key", "driver is 580"),
        (lambda b: b["state"]["current"].update(id="old"), "environment", "old is in use, the plan is abc"),
        (lambda b: b["state"]["record"]["verdict"].update(satisfied=False), "verdict", "does not satisfy"),
    ],
)
def test_each_difference_from_the_lock_is_drift(change, kind, words):
    measured = converged()
    change(measured)
    (entry,) = audit(measured)["drift"]
    assert entry["kind"] == kind and words in entry["text"]


def test_notices_are_no_drift():
    more = {
        "files": {**CLEAN["files"], "foreign": {"count": 1, "names": ["a.ipynb"]}},
        "packages": {"added": ["tomli 2.5.0"], "changed": [], "missing": []},
        "recorded": "2026-01-01T04:00:00Z",
    }
    plan = {**PLAN, "torch": {"specifier": ">=2.9", "local": None}, "checked": "2026-01-01"}
    found = audit(audited={**CLEAN, **more}, plan=plan)
    assert found["state"] == "as locked"
    assert [entry["kind"] for entry in found["notices"]] == ["packages", "files", "torch", "verdict", "evidence"]
    assert "the lock has 2.9.1: torch_relock: true" in found["notices"][2]["text"]
    assert "333 days old" in found["notices"][3]["text"]
    evidence = "row pi-wheels rests on evidence that was last read on 2026-01-01, 333 days ago"
    assert evidence in found["notices"][4]["text"]
    assert not audit(audited={**CLEAN, "recorded": "2026-01-01T04:00:00Z"}, days=400)["notices"]


def test_a_row_that_ran_has_no_evidence_to_expire():
    ran = {**PLAN, "proven": {**PLAN["proven"], "how": "hardware"}, "checked": None}
    assert not audit(plan=ran)["notices"]
    assert "at no noted time" in audit(plan={**PLAN, "checked": None})["notices"][0]["text"]


def test_without_a_lock_the_driver_still_counts():
    measured = converged()
    measured["key"].update(driver="580")
    found = audit(measured, kept=None)
    assert [entry["kind"] for entry in (*found["drift"], *found["notices"])] == ["key", "lock"]


def test_a_plan_that_is_refused_now_is_drift():
    refusal = {"reason": "its GPU has no driver", "way_out": "install it"}
    (entry,) = audit(plan={**PLAN, "refusal": refusal})["drift"]
    assert entry == {"kind": "plan", "text": "its GPU has no driver. Install it"}


def test_a_board_that_nobody_can_judge():
    gone = {"unreachable": True, "msg": "no route\x1b[31m"}
    assert audit(**{host_variables.DETECTED: gone})["drift"][0]["kind"] == "unreachable"
    found = audit(audited=gone)
    assert found["state"] == "unknown" and found["drift"] == [{"kind": "unreachable", "text": "no route [31m"}]
    failed = audit(**{host_variables.FAILURE: {"task": "Detect", "reason": "no Python", "msg": "no Python"}})
    assert failed["drift"][0]["text"] == "Detect: no Python"
    empty = audit(**{host_variables.DETECTED: None, host_variables.PLANNED: None})
    assert "no usable answer" in empty["drift"][0]["text"]
