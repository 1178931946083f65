# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_explain.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_explain
version_added: 0.1.0
short_description: Print what each board would get
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Prints the lines that the filter P(edgeai.fleet.fleet_explain#filter) made for each board, one block for each.
  - It needs no connection to a board. Run it once for all boards.
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
  boards:
    description: By name of the board, its lines.
    type: dict
    required: true
seealso:
  - plugin: edgeai.fleet.fleet_explain
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Print what this board would get
  edgeai.fleet.fleet_explain:
    boards: "{{ {inventory_hostname: my_plan | edgeai.fleet.fleet_explain(ansible_facts['board'])} }}"
"""

RETURN = r"""
# It returns nothing but what every module does.
"""
