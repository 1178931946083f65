# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_explain.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_explain
version_added: 0.1.0
short_description: Print what each board would get, and write it to a JSON file
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbook C(edgeai.fleet.explain), which is what users run.
  - Prints a block of lines for each board, made by the filter P(edgeai.fleet.fleet_explain#filter), and writes O(path)
    if it is set.
  - The module needs no connection to a board. Run it once for all boards.
  - The module fails if no board could be detected.
attributes:
  check_mode:
    support: full
    description: Nothing is changed on a board. O(path) is written in check mode as well.
  diff_mode:
    support: none
    description: Nothing is changed.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  boards:
    description:
      - By name of the board, a dictionary with C(board), C(plan) and C(error), as the filter
        C(edgeai.fleet.internal_explained_boards) gives it.
      - Without O(boards), the module only checks that O(path) can be written.
    type: dict
  path:
    description:
      - A JSON file on the control node with the one key C(boards). It has C(board) and C(plan) of each board by its
        name, as in C(report.json). A refusal is C(plan.refusal).
      - For a board that could not be detected, both are V(null), and C(error) says why.
      - A relative path starts at the current directory. The file is written whole or not at all, without the passwords
        of URLs.
    type: path
seealso:
  - plugin: edgeai.fleet.fleet_explain
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Print what this board would get
  edgeai.fleet.fleet_explain:
    boards: "{{ {inventory_hostname: {'board': ansible_facts['edgeai_board'], 'plan': my_plan, 'error': none}} }}"
    path: explained.json
"""

RETURN = r"""
# It returns nothing but what every module does.
"""
