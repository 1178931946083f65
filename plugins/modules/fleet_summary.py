# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_summary.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_summary
version_added: 0.1.0
short_description: Show and write what the playbooks remove and audit found
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbooks of this collection.
  - Prints a line for each board and what was removed, or where it differs from its lock, and writes the same as JSON to
    C(<path>/removals) or C(<path>/audits). C(latest.json) is a link to the last one.
  - The module needs no connection to a board. Run it once for all boards.
attributes:
  check_mode:
    support: full
    description: The table is printed, no file is written.
  diff_mode:
    support: none
    description: A summary does not count as a change.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  hosts:
    description: The boards of the run. What its tasks have registered on them is summarized.
    type: list
    elements: str
    required: true
  purpose:
    description: Which playbook this is the end of.
    type: str
    choices: [audit, remove]
    required: true
  started:
    description: When the run began, as C(2026-11-23T04:00:00Z).
    type: str
    required: true
  path:
    description: Directory on the control node for all reports. It is created if missing.
    type: path
    required: true
  wheelhouse:
    description: The wheelhouse. Required with O(purpose=audit).
    type: path
  locks:
    description: Directory of the locks with which the boards are compared. Required with O(purpose=audit).
    type: path
  days:
    description: After how many days a verdict, and the evidence of a row that nobody ran, count as old.
    type: int
    default: 90
  strict:
    description: Whether a board with a notice fails, too.
    type: bool
    default: false
"""

EXAMPLES = r"""
- name: Show what was removed
  edgeai.fleet.fleet_summary:
    hosts: "{{ ansible_play_hosts_all }}"
    purpose: remove
    started: "2026-11-23T04:00:00Z"
    path: ./reports
  run_once: true
"""

RETURN = r"""
path:
  description: The path of the file.
  returned: outside check mode
  type: str
  sample: /home/lab/reports/audits/20261123T041500Z.json
unsatisfied:
  description: The boards that failed this run, each with the reason.
  returned: success
  type: list
  elements: dict
  sample:
    - host: pi-7
      reason: "unreachable: connection timed out"
"""
