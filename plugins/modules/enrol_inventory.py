# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/enrol_inventory.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: enrol_inventory
version_added: 0.1.0
short_description: Write boards that are taken in to an inventory
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbook C(enrol) of this collection.
  - Prints the boards with the fingerprints of their host keys, and adds them to the file at O(path), whole or not at
    all. What is in the file stays as it is, with its comments. A board that is there already is not added.
  - The module needs no connection to a board. Run it once for all boards.
attributes:
  check_mode:
    support: full
    description: No file is written.
  diff_mode:
    support: full
    description: Shows the lines that are added.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  path:
    description: An inventory in YAML (C(.yml), C(.yaml)) or a spreadsheet as CSV (C(.csv)); it is made if it is
      missing. Empty writes nothing.
    type: str
    default: ''
  group:
    description: The group of the inventory to add the boards to. Empty is none.
    type: str
    default: ''
  hosts:
    description: The boards of the run, which M(edgeai.fleet.enrol_board) has asked. Empty checks the file only.
    type: list
    elements: str
    default: []
  accepted:
    description: Whether the operator has accepted the boards. Otherwise they are printed only.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Write them
  edgeai.fleet.enrol_inventory:
    path: lab.yml
    hosts: "{{ ansible_play_hosts }}"
    accepted: true
  run_once: true
"""

RETURN = r"""
path:
  description: The path of the file, or empty.
  returned: success
  type: str
  sample: /home/lab/lab.yml
"""
