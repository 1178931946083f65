# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_request.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_request
version_added: 0.1.0
short_description: Check the options of a run and select its boards
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbooks of this collection.
  - Selects the hosts of the run by C(fleet_hosts) (a host pattern) and C(fleet_member) (V(false) excludes a host).
  - Fails if an inventory cannot be read, no board is left, hosts differ in an option of the whole run, a value is
    wrong, or a directory is not writable.
  - Warns of variables that look mistyped, except those in C(fleet_ignore_variables), and of a run that would make new
    locks although there are some next to the inventory.
  - The module needs no connection to a board. Run it once for all boards, and register its result as C(__fleet_run).
attributes:
  check_mode:
    support: full
    description: The module does not check whether directories are writable, because check mode writes nothing.
  diff_mode:
    support: none
    description: Nothing is changed.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  asks:
    description: Whether this run connects to boards. With V(false), nothing is checked, and the run has no boards.
    type: bool
    default: true
  checked:
    description: The result of this module in an earlier play. The module returns it again, for the hosts of this play,
      and checks nothing.
    type: dict
  writes:
    description: The variables with the directories on the control node that this run writes to.
    type: list
    elements: str
    choices: [torch_reports, wheelhouse_dir, wheelhouse_locks]
    default: []
seealso:
  - plugin: edgeai.fleet.fleet_members
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Check the request
  edgeai.fleet.fleet_request:
    writes: [torch_reports]
  register: __fleet_run
  run_once: true
"""

RETURN = r"""
again:
  description: Whether an earlier playbook of this run has checked its options, too.
  returned: success
  type: bool
  sample: false
writes:
  description: The variables with the directories that this run writes to, as given.
  returned: success
  type: list
  elements: str
  sample: [torch_reports]
started:
  description: When the run started.
  returned: success
  type: str
  sample: "2026-11-23T04:00:00Z"
hosts:
  description: The boards of this run.
  returned: success
  type: list
  elements: str
  sample: [pi-1, orin-1]
members:
  description: All hosts of this run, those that only compile included.
  returned: success
  type: list
  elements: str
  sample: [pi-1, orin-1, builder]
request:
  description: The options of the whole run.
  returned: success
  type: dict
  sample: {failure_budget: "0", repair: false}
"""
