# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# The code is in plugins/action/fleet_request.py: it runs on the control node.

DOCUMENTATION = r"""
---
module: fleet_request
version_added: 0.1.0
short_description: Check what a run is asked for
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Decides which hosts of a play are in the run, by C(fleet_hosts) (a host pattern) and C(fleet_member) (V(false)
    leaves a host out).
  - Fails where an inventory cannot be read, no board is left, hosts differ in an option that holds for the whole run, a
    value is wrong, or a directory
    cannot be written to.
  - Warns of variables that look mistyped, except those that C(fleet_ignore_variables) names, and of new locks where
    some lie beside the inventory.
  - It needs no connection to a board. Run it once for all boards, and register its result as C(__fleet_run).
attributes:
  check_mode:
    support: full
    description: Directories are not tried, as nothing will be written to them.
  diff_mode:
    support: none
    description: Nothing is changed.
  platform:
    support: full
    platforms: posix
    description: The control node.
options:
  asks:
    description: Whether this run asks boards anything. Without it, nothing is checked, and the run has no boards.
    type: bool
    default: true
  checked:
    description: What this module returned in an earlier play. It is returned again, for the hosts of this play, and
      nothing is checked.
    type: dict
  writes:
    description: The variables that name the directories on the control node to which this run will write.
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
  description: Whether an earlier playbook of this run has checked a request, too.
  returned: success
  type: bool
  sample: false
started:
  description: When the run began.
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
  description: All hosts that tasks of this run may be sent to. Containers of the control node that compile are no
    boards.
  returned: success
  type: list
  elements: str
  sample: [pi-1, orin-1, builder]
request:
  description: The options that hold for the whole run.
  returned: success
  type: dict
  sample: {failure_budget: "0", repair: false}
"""
