# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_report.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_report
version_added: 0.1.0
short_description: Write the report of a run and print its table
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbooks of this collection.
  - Gives every board of a run exactly one verdict, writes the verdicts with board, plan and lock summary to
    C(<path>/<run>/report.json) on the control node, links C(<path>/latest) to that run and prints a table.
  - Writes the same verdicts and checks to C(<path>/<run>/junit.xml), for a CI that tests on a fleet, and to
    C(<path>/<run>/metrics.prom), for the textfile collector of Prometheus's node_exporter. For each satisfied board,
    C(<path>/<run>/sbom/<host>.cdx.json) is a bill of materials in CycloneDX 1.6.
  - Writes the same as a page for a browser, C(<path>/<run>/index.html), and a page of all runs, C(<path>/index.html).
    Each is one file that loads nothing. C(<path>/<run>/summary.json) is what the pages of later runs read.
  - Names each board that is much slower than boards of the same model with the same torch, or than its own recorded
    timings, with the ratio.
  - The module needs no connection to a board. Run it once for all boards.
attributes:
  check_mode:
    support: full
    description: The table is printed, no file is written.
  diff_mode:
    support: none
    description: A report does not count as a change.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  hosts:
    description: The boards of the run. What its tasks have registered on them, and on their builders, is reported.
    type: list
    elements: str
    required: true
  purpose:
    description: With V(build), a board whose wheels are all fetched does not fail, although nothing is installed on it.
    type: str
    choices: [provision, build]
    default: provision
  started:
    description: When the run began, as C(2026-11-23T04:00:00Z).
    type: str
    required: true
  failure_budget:
    description: The failure budget of the run. The verdict of a board that was not started names it.
    type: str
    default: "0"
  path:
    description: Directory on the control node for all reports. It is created if missing.
    type: path
    required: true
"""

EXAMPLES = r"""
- name: Write the report
  edgeai.fleet.fleet_report:
    hosts: "{{ ansible_play_hosts_all }}"
    started: "2026-11-23T04:00:00Z"
    path: ./reports
  run_once: true
"""

RETURN = r"""
path:
  description: The path of the report.
  returned: outside check mode
  type: str
  sample: /home/lab/reports/20261123T041500Z/report.json
page:
  description: The path of the page for a browser.
  returned: outside check mode
  type: str
  sample: /home/lab/reports/20261123T041500Z/index.html
unsatisfied:
  description: The boards that failed this run, each with the reason.
  returned: success
  type: list
  elements: dict
  sample:
    - host: pi-7
      reason: "unreachable: connection timed out"
"""
