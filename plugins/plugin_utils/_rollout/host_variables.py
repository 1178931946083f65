# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The names of the host variables that the tasks of playbooks and roles register."""

from __future__ import annotations

import typing as t

# On boards.
#: The plans of all boards, as edgeai.fleet.fleet_plan returns them; and a board's own, if a role made it.
PLANS = "__fleet_plans"
PLANNED = "torch_plan"
INSTALLED = "torch_installed"
VERIFIED = "torch_verified"
SWITCHED = "torch_switched"
PROVIDED = "wheelhouse_result"
#: What the playbooks remove and audit leave.
REMOVED = "torch_removed"
AUDITED = "torch_audited"
#: The builds and their builders, as assign_builds() returns them.
ASSIGNED = "__fleet_builds"
# On boards and builders.
DETECTED = "torch_detected"
FAILURE = "torch_failure"
#: On a builder: its builds, by key.
BUILT = "torch_builds"
#: Set in the inventory: the host is a container on the control node.
CONTAINER = "torch_build_container"

#: A board from a file of facts.
HYPOTHETICAL = "__fleet_board"


def results_of(hostvars: t.Any, host: str) -> t.Mapping[str, t.Any]:
    """The variables of a host as its tasks have left them. No template is evaluated: results have none, and for many
    hosts it takes long.
    """
    return hostvars.raw_get(host) if hasattr(hostvars, "raw_get") else hostvars[host]


def plan_of(facts: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    """The plan of this board, or None."""
    plans = facts.get(PLANS) or {}
    return facts.get(PLANNED) or plans.get("plans", {}).get(plans.get("boards", {}).get(facts["inventory_hostname"]))


def board_of(facts: t.Mapping[str, t.Any]) -> dict[str, t.Any] | None:
    """The board as it was detected in this run, or as a file describes it."""
    detected = facts.get(DETECTED) or {}
    found = (detected.get("ansible_facts") or {}).get("edgeai_board") or detected.get("board")
    return facts.get(HYPOTHETICAL) or found
