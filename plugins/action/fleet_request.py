# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Check the options of a run before it connects to a board."""

from __future__ import annotations

import datetime
import typing as t

from ansible.errors import AnsibleError
from ansible.inventory.manager import InventoryManager
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import variables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import (
    inventory_sources,
    own_checks,
    run_options,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import rings

display = Display()


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "asks": {"type": "bool", "default": True},
                "checked": {"type": "dict"},
                "writes": {
                    "type": "list",
                    "elements": "str",
                    "choices": ["torch_reports", "wheelhouse_dir", "wheelhouse_locks"],
                    "default": [],
                },
            }
        )
        if arguments["checked"]:
            return {**result, **arguments["checked"]}
        try:
            run = (
                self._check_run(task_vars or {}, arguments["writes"])
                if arguments["asks"]
                else {"members": [], "hosts": [], "request": {}}
            )
        except (AnsibleError, rings.RolloutError) as error:
            return {**result, "failed": True, "msg": str(error)}  # not raised: a wrong option needs no traceback
        again = bool((task_vars or {}).get(variables.RUN))
        return {
            **result,
            **run,
            "again": again,
            "writes": arguments["writes"],
            "started": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "changed": False,
        }

    def _check_run(self, task_vars: dict[str, t.Any], writes: list[str]) -> dict[str, t.Any]:
        sources = [str(source) for source in task_vars.get("ansible_inventory_sources") or []]
        # With --limit the play has the hosts of the limit, otherwise localhost only.
        names = task_vars["ansible_play_hosts_all"] if "ansible_limit" in task_vars else task_vars["groups"]["all"]
        self._check_inventories(sources, names, task_vars)

        hosts = {host.host: host for host in run_options.read_hosts(names, task_vars, self._templar)}
        members, boards = run_options.select_hosts(
            hosts, lambda pattern: self._match_hosts(pattern, task_vars["groups"])
        )
        for warning in run_options.typo_warnings({host: hosts[host] for host in members}):
            display.warning(warning)
        options = run_options.run_wide_options({host: hosts[host] for host in boards})
        rings.assign_rings({}, options["torch_rings"])
        rings.check_gate({}, options["torch_failure_budget"])
        # A mistake on the first board is mostly one on all boards; the verdict of a board names its own mistakes.
        first = hosts[boards[0]]
        variables.gather_request({**first.raw, variables.RUN: {}}, first.template)

        for paths in {tuple(hosts[host].get("torch_checks")) for host in boards if "torch_checks" in hosts[host]}:
            own_checks.read_own_checks(paths)

        if "wheelhouse_locks" in writes and (
            warning := run_options.forgotten_locks(run_options.expand_path(options["wheelhouse_locks"]), sources)
        ):
            display.warning(warning)
        if not self._task.check_mode:
            for name in writes:
                run_options.check_writable(name, run_options.expand_path(options[name]))
        return {
            "members": members,
            "hosts": boards,
            "request": {name.removeprefix("torch_"): value for name, value in options.items()},
        }

    def _check_inventories(self, sources: list[str], names: list[str], task_vars: dict[str, t.Any]) -> None:
        """Fail if an inventory cannot be read: Ansible itself continues without its boards."""

        def gave_hosts(source: str) -> bool:
            return any(
                task_vars["hostvars"].raw_get(host).get("inventory_file") == source
                for host in task_vars["groups"]["all"]
            )

        absent, broken = (
            inventory_sources.missing_sources(sources),
            inventory_sources.unread_sources(sources, self._loader, gave_hosts),
        )
        if not names:
            raise run_options.RunError(inventory_sources.why_no_board(sources, absent, broken))
        faults = inventory_sources.describe_faults(absent, broken)
        if faults:
            raise run_options.RunError(
                f"Not all inventories can be read: {faults}. Their boards would be missing from the run."
            )

    def _match_hosts(self, pattern: str, groups: dict[str, list[str]]) -> list[str]:
        manager = InventoryManager(self._loader, parse=False)
        for group, hosts in groups.items():
            manager.add_group(group)
            for host in hosts:
                manager.add_host(host, group=group)
        # A list: in one string, Ansible takes either commas or colons as separators.
        return [host.name for host in manager.get_hosts(pattern.split(","))]
