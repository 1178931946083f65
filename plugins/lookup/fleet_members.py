# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

DOCUMENTATION = r"""
name: fleet_members
short_description: The hosts of a play of this collection's playbooks
version_added: 0.1.0
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Internal to the playbooks of this collection.
  - Returns the boards that M(edgeai.fleet.fleet_request) has registered as C(__fleet_run) in this run, or V(all) if all
    hosts of the run are boards.
  - If M(edgeai.fleet.fleet_request) did not run (no host, C(--tags), C(--start-at-task)), the run ends with an error
    that says why. Ansible would skip a play without hosts, and end with status 0.
  - Options such as C(--list-hosts) and C(--syntax-check) run no task. With them, the lookup returns all hosts.
options:
  _terms:
    description: The name of a group, which is returned instead of the boards, or nothing if the group is empty.
    type: list
    elements: str
    required: false
  required:
    description: Whether a group without a host in C(--limit) is an error.
    type: bool
    default: false
  again:
    description: Whether the lookup returns no hosts unless an earlier playbook of this run has checked its options.
    type: bool
    default: false
  building:
    description: Whether the lookup returns no hosts unless boards of this run wait for builds.
    type: bool
    default: false
seealso:
  - module: edgeai.fleet.fleet_request
"""

EXAMPLES = r"""
- name: Use the boards of this run
  hosts: "{{ query('edgeai.fleet.fleet_members') }}"
"""

RETURN = r"""
_raw:
  description: Patterns for the hosts of a play.
  type: list
  elements: str
"""

# ruff: noqa: E402 (Ansible wants the documentation before the imports)

from ansible import context
from ansible.errors import AnsibleLookupError
from ansible.plugins.lookup import LookupBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import RUN, known_options
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import inventory_sources
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.builders import has_builds


class LookupModule(LookupBase):
    def run(self, terms, variables=None, **kwargs):
        self.set_options(var_options=variables, direct=kwargs)
        # This process forks one for each task of each board: what it has read need not be read there again.
        known_options()
        group = variables["groups"].get(terms[0], []) if terms else variables["groups"]["all"]
        # The hosts of a play are patterns. The name of a group is one; the name of a host may not be (with a blank).
        whole = [terms[0] if terms else "all"] if group else []
        if any(context.CLIARGS.get(option) for option in ("listhosts", "listtasks", "listtags", "syntax")):
            return whole
        # The run is registered for localhost; with --limit, for all hosts of the limit.
        hostvars, left = variables.get("hostvars"), variables.get("ansible_play_hosts_all") or []
        run = next(
            (
                run
                for host in ("localhost", *left[:1])
                if hostvars is not None and (run := hostvars[host].get(RUN)) and "hosts" in run
            ),
            None,
        )
        required = self.get_option("required")
        if run is None or (required and not set(group).intersection(left)):
            # Ansible would call an AnsibleError unhandled.
            raise AnsibleLookupError(self._why_no_hosts(variables, required or not left))
        if self.get_option("again") and not run.get("again"):
            return []
        if self.get_option("building") and not has_builds(hostvars, run["hosts"]):
            return []
        return whole if terms or set(run["hosts"]) == set(left) else run["hosts"]

    def _why_no_hosts(self, variables, lost):
        if variables["groups"]["all"] or {"explain_facts", "bundle_facts"}.intersection(variables):
            limit, tags, skipped = (variables.get(f"ansible_{option}") for option in ("limit", "run_tags", "skip_tags"))
            return inventory_sources.why_unchecked(
                limit if lost else None, tags or (), skipped or (), context.CLIARGS.get("start_at_task")
            )
        sources = [str(source) for source in variables.get("ansible_inventory_sources") or []]
        return inventory_sources.why_no_board(
            sources,
            inventory_sources.missing_sources(sources),
            inventory_sources.unread_sources(sources, self._loader, lambda source: True),
        )
