# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The names of the host variables that the tasks of playbooks and roles register."""

from __future__ import annotations

# On boards.
PLANNED = "torch_plan"
INSTALLED = "torch_installed"
VERIFIED = "torch_verified"
SWITCHED = "torch_switched"
PROVIDED = "wheelhouse_result"
#: The builds and their builders, as assign_builds() returns them.
ASSIGNED = "__fleet_builds"
# On boards and builders.
DETECTED = "torch_detected"
FAILURE = "torch_failure"
#: On a builder: its builds, by key.
BUILT = "torch_builds"
#: Set in the inventory: the host is a container on the control node.
CONTAINER = "torch_build_container"
