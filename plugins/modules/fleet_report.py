# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_report.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_report
version_added: 0.1.0
short_description: Write the report of a run and show its table
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Gives every board of a run exactly one verdict, writes them with board, plan and lock summary to
    C(<path>/<run>/report.json) on the control node, points C(<path>/latest) at that run and prints a table.
  - C(junit.xml) beside it has the same verdicts and checks for a CI that takes a lab as a gate.
  - A board whose timings are far from those of its peers (same model, same torch), or from its own recorded ones, is
    named with the ratio.
  - It needs no connection to a board. Run it once for all boards.
attributes:
  check_mode:
    support: full
    description: The table is shown, no file is written.
  diff_mode:
    support: none
    description: A report is no change.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  boards:
    description: The status of each board, by its name, as the filter C(edgeai.fleet.internal_board_statuses) gives it.
    type: dict
    required: true
  builds:
    description: What is compiled for them in this run, as the filter C(edgeai.fleet.internal_build_progress) gives it.
    type: list
    elements: dict
    default: []
  purpose:
    description: With V(build) a board for which everything is there is no failure, although nothing was installed.
    type: str
    choices: [provision, build]
    default: provision
  started:
    description: When the run began, as C(2026-11-23T04:00:00Z).
    type: str
    required: true
  failure_budget:
    description: The failure budget of the run, to name the closed gate in the verdict of a board that was not started.
    type: str
    default: "0"
  path:
    description: Directory on the control node for all reports. It is made if missing.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Write the report
  edgeai.fleet.fleet_report:
    boards: "{{ hostvars | edgeai.fleet.internal_board_statuses(ansible_play_hosts_all) }}"
    started: "2026-11-23T04:00:00Z"
    path: ./reports
  run_once: true
"""

RETURN = r"""
path:
  description: The report that was written.
  returned: outside check mode
  type: str
  sample: /home/lab/reports/20261123T041500Z/report.json
unsatisfied:
  description: The boards that did not end as their plan promised, each with the reason.
  returned: success
  type: list
  elements: dict
  sample:
    - host: pi-7
      reason: "unreachable: connection timed out"
"""
