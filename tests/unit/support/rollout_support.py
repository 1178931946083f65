# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Variables of boards after a run, for the tests of rollouts."""

from __future__ import annotations

import copy

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status as rollout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import host_variables

KEY = {"kernel": "6.6", "driver": None, "l4t": None, "cann": None}
GOOD = {
    **make_verdict("cpu", "works"),
    "satisfied": True,
    "expect": "cpu",
    "torch": "2.9.1",
    "user": "vision",
    "seconds": 3.0,
}
LOCK = {
    "key": "k",
    "torch": "2.9.1",
    "packages": [{"name": "torch", "version": "2.9.1", "sha256": "0" * 64, "url": "https://secret@host/"}],
}


def board(**state):
    return {
        "family": "raspberrypi",
        "model": "Raspberry Pi 4",
        "key": dict(KEY),
        "warnings": [],
        "seconds": 1.0,
        "workload": {"name": "vision"},
        "state": {"current": None, "complete": False, "intact": False, "damage": [], "record": None, **state},
    }


def converged():
    return board(
        current={"id": "abc", "generation": 1},
        complete=True,
        intact=True,
        record={"id": "abc", "generation": 1, "verdict": dict(GOOD), "key": dict(KEY)},
    )


def facts(name="pi", measured=None, **more):
    measured = measured or converged()
    return {
        "inventory_hostname": name,
        host_variables.DETECTED: {"ansible_facts": {"edgeai_board": measured}},
        host_variables.PLANNED: {
            "family": "raspberrypi",
            "expect": "cpu",
            "refusal": None,
            "forced": [],
            "modules": [],
            "jupyter_kernel": False,
            "warnings": [],
        },
        host_variables.PROVIDED: {"locks": {"k": LOCK}, "boards": {name: {"lock": "k", "id": "abc"}}},
        **more,
    }


def due_boards(count, families=("raspberrypi",)):
    states = {}
    for number in range(count):
        name = f"b{number}"
        measured = board()
        given = facts(name, measured)
        given[host_variables.PLANNED] = {**given[host_variables.PLANNED], "family": families[number % len(families)]}
        states[name] = rollout.read_status(given)
    return states


def with_failures(states, *names, outcome="error"):
    states = copy.deepcopy(states)
    for name in names:
        states[name]["verdict"] = make_verdict(outcome, "it failed")
    return states
