# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The verdict of a role that is used alone, whatever its tasks have left."""

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables, role_verdict
from rollout_support import GOOD, board, facts

FAILED = {"task": "Provision | Stop", "msg": "said so", "reason": "said so", "lines": []}
REFUSAL = {"reason": "no such torch.", "way_out": "Ask for another.", "nearly": None}


def refused() -> dict:
    left = facts(**{host_variables.FAILURE: FAILED})
    left[host_variables.PLANNED]["refusal"] = REFUSAL
    return left


def verified(**verdict: object) -> dict:
    return facts(measured=board(), **{host_variables.VERIFIED: {"verdict": {**GOOD, **verdict}}})


@pytest.mark.parametrize(
    ("left", "check", "outcome", "satisfied", "words"),
    [
        (verified(), False, "cpu", True, "works"),
        (verified(satisfied=False, reason="no GPU"), False, "cpu", False, "no GPU"),
        (verified() | {host_variables.FAILURE: FAILED}, False, "error", False, "Provision | Stop: said so"),
        (refused(), False, "refused", False, "no such torch. Ask for another."),
        (refused(), True, "refused", False, "no such torch. Ask for another."),
        (
            facts(
                **{host_variables.FAILURE: FAILED, host_variables.PROVIDED: {"boards": {"pi": {"refusal": REFUSAL}}}}
            ),
            False,
            "refused",
            False,
            "Ask for another.",
        ),
        (
            facts(**{host_variables.FAILURE: FAILED, host_variables.PROVIDED: {"boards": {"pi": {"waiting": ["k"]}}}}),
            False,
            "not_started",
            False,
            "said so",
        ),
        (
            facts(
                **{host_variables.FAILURE: FAILED, host_variables.DETECTED: {"unreachable": True, "msg": "no route"}}
            ),
            False,
            "unreachable",
            False,
            "no route",
        ),
        (facts(measured=board()), True, "not_started", False, "check mode: torch 2.9.1 would be installed"),
        (facts(), True, "cpu", True, "works"),
    ],
    ids=[
        "satisfied",
        "unsatisfied",
        "failed later",
        "refused",
        "refused in check mode",
        "refused by the lock",
        "waits",
        "lost",
        "predicted",
        "converged",
    ],
)
def test_one_verdict(left, check, outcome, satisfied, words):
    found = role_verdict.role_verdict(left, check)
    assert (found["outcome"], found["satisfied"]) == (outcome, satisfied)
    assert words in found["reason"]


def test_what_a_template_makes_of_nothing_is_nothing():
    """Before ansible-core 2.19, a template gives an empty text for null."""
    left = {
        name: ""
        for name in (
            host_variables.PLANNED,
            host_variables.PROVIDED,
            host_variables.INSTALLED,
            host_variables.VERIFIED,
            host_variables.SWITCHED,
        )
    }
    found = role_verdict.role_verdict(
        {**left, "inventory_hostname": "pi", host_variables.DETECTED: {"failed": True}, host_variables.FAILURE: FAILED}
    )
    assert (found["outcome"], found["reason"]) == ("error", "Provision | Stop: said so")
