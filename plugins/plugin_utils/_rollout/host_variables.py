# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The names of what tasks leave in the hosts' variables, for those that read them."""

from __future__ import annotations

# What the tasks register, by the names that the playbooks and the torch role use.
PLANNED = "torch_plan"


INSTALLED = "torch_installed"


VERIFIED = "torch_verified"


SWITCHED = "torch_switched"


# What tasks leave in the hosts' variables: on boards and builders.
DETECTED = "torch_detected"


PROVIDED = "wheelhouse_result"


FAILURE = "torch_failure"


#: What was dealt to whom, as deal() gave it; on all boards.
DEALT = "__fleet_builds"


#: How far each build is, by key; on its builder.
BUILT = "torch_builds"


#: What makes a host of the inventory a container of the control node.
CONTAINER = "torch_build_container"
