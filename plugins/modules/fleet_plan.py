# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_plan.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_plan
version_added: 0.1.0
short_description: Make the plans of all boards of a run
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbooks of this collection.
  - Makes the plan of each board from the facts that this run has detected, from the catalogue of the board's family and
    from the host's variables, as P(edgeai.fleet.torch_plan#filter) does it for one board. Equal boards with equal
    variables have one plan, which is made once.
  - A board that was not detected, or belongs to no family, gets no plan.
  - The module needs no connection to a board. Run it once for all boards, and register its result as
    C(__fleet_plans).
attributes:
  check_mode:
    support: full
    description: Nothing is changed.
  diff_mode:
    support: none
    description: Nothing is changed.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  hosts:
    description: The boards.
    type: list
    elements: str
    required: true
  tolerant:
    description: Whether the other boards get their plans if the variables of some boards are wrong. With V(false), the
      module fails, and names all boards with wrong variables.
    type: bool
    default: false
seealso:
  - plugin: edgeai.fleet.torch_plan
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Plan for all boards
  edgeai.fleet.fleet_plan:
    hosts: "{{ ansible_play_hosts_all }}"
  register: __fleet_plans
  run_once: true
"""

RETURN = r"""
plans:
  description: The plans, each by a name that is valid in this result only.
  returned: success
  type: dict
  sample: {"1": {"torch": {"specifier": ">=2.6"}}}
boards:
  description: The name of each board's plan.
  returned: success
  type: dict
  sample: {"pi-1": "1", "pi-2": "1"}
errors:
  description: Why a board has no plan, by board.
  returned: success
  type: dict
  sample: {}
"""
