# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
name: fleet_members
short_description: The boards of a run, for the hosts of a play
version_added: 0.1.0
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - The boards that M(edgeai.fleet.fleet_request) has registered as C(__fleet_run) in this run.
  - Where it has not, which is so without any host, with C(--tags), C(--start-at-task) and the like, the run ends with an error that says why.
    A play without hosts would be skipped instead, and the run would end with status 0.
  - A listing (C(--list-hosts), C(--syntax-check)) runs no task, so that all hosts are given.
options:
  _terms:
    description: The name of a group. Its hosts are given instead, none if there is no such group.
    type: list
    elements: str
    required: false
  checked:
    description: Whether M(edgeai.fleet.fleet_request) must have run. Without it, the group must have a host that C(--limit) leaves.
    type: bool
    default: true
seealso:
  - module: edgeai.fleet.fleet_request
"""

EXAMPLES = r"""
- name: Do something with the boards of this run
  hosts: "{{ query('edgeai.fleet.fleet_members') }}"
"""

RETURN = r"""
_raw:
  description: Names of hosts.
  type: list
  elements: str
"""

# ruff: noqa: E402 (Ansible wants the documentation before the imports)

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils import _inventory
from ansible_collections.edgeai.fleet.plugins.plugin_utils._request import RUN


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        group = list(variables["groups"].get(terms[0], [])) if terms else None
        if any(context.CLIARGS.get(option) for option in ("listhosts", "listtasks", "listtags", "syntax")):
            return ["all"] if group is None else group
        reached = variables.get("ansible_play_hosts_all") or []  # what --limit leaves
        if not self.get_option("checked"):
            found, hosts = set(group or []).intersection(reached), group
        else:
            # A task that runs once registers for all hosts of its play: the first that is asked has it.
            hostvars = variables.get("hostvars") or {}
            found = next((run for host in reached if (run := hostvars[host].get(RUN)) and "hosts" in run), None)
            hosts = found["hosts"] if found and group is None else group
        if not found:
            raise AnsibleLookupError(self._why(variables))
        return list(hosts)

    def _why(self, variables):
        if variables["groups"]["all"]:
            limit, tags, skipped = (variables.get(f"ansible_{option}") for option in ("limit", "run_tags", "skip_tags"))
            return _inventory.unchecked(limit, tags or (), skipped or (), context.CLIARGS.get("start_at_task"))
        sources = [str(source) for source in variables.get("ansible_inventory_sources") or []]
        return _inventory.no_board(sources, _inventory.missing(sources), _inventory.unread(sources, self._loader, lambda source: True))
