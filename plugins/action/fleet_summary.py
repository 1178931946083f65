# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Show and write what the playbooks remove and audit found on each board."""

from __future__ import annotations

import datetime
import json
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import clock, files, hidden_values
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.fleet_locks import FleetLocks
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import environment_id
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import fleet_audit
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status, summary
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import pip_config

display = Display()
FOLDERS = {"remove": "removals", "audit": "audits"}


def write_summary(folder: pathlib.Path, written: dict[str, t.Any]) -> pathlib.Path:
    """Write C(<folder>/<time>.json), whole or not at all, and link C(latest.json) to it."""
    folder.mkdir(parents=True, exist_ok=True)
    stamp, attempt = written["finished"].replace(":", "").replace("-", ""), 0
    path = folder / f"{stamp}.json"
    while path.exists():  # two runs that ended in the same second
        attempt += 1
        path = folder / f"{stamp}-{attempt}.json"
    files.write_atomically(path, redact(json.dumps(written, indent=2, sort_keys=True)) + "\n")
    link = folder / f".latest-{path.name}"
    link.symlink_to(path.name)
    link.replace(folder / "latest.json")
    return path


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "hosts": {"type": "list", "elements": "str", "required": True},
                "purpose": {"type": "str", "choices": ["audit", "remove"], "required": True},
                "started": {"type": "str", "required": True},
                "path": {"type": "path", "required": True},
                "wheelhouse": {"type": "path"},
                "locks": {"type": "path"},
                "days": {"type": "int", "default": 90},
                "strict": {"type": "bool", "default": False},
            }
        )
        # Read here, not handed over by a template: that would go through every word about every board.
        hostvars, hosts, check = (task_vars or {})["hostvars"], arguments["hosts"], self._task.check_mode
        if arguments["purpose"] == "remove":
            boards = summary.removals(hostvars, hosts, check)
            lines, failed = summary.removal_lines(boards), summary.failed_removals(boards)
        else:
            kept = self._read_kept(task_vars or {}, hosts, arguments)
            now = datetime.datetime.now(datetime.timezone.utc)
            boards = fleet_audit.audit_fleet(hostvars, hosts, kept, now, arguments["days"])
            lines, failed = summary.audit_lines(boards), summary.failed_audits(boards, arguments["strict"])
        # The terminal first: a full disk must not lose the result.
        display.display("\n".join(["", *lines]))
        if not check:
            written = {
                "schema": 1,
                "purpose": arguments["purpose"],
                "started": arguments["started"],
                "finished": clock.now(),
                "boards": boards,
            }
            folder = pathlib.Path(arguments["path"]) / FOLDERS[arguments["purpose"]]
            try:
                result["path"] = str(write_summary(folder, written))
            except OSError as error:
                raise AnsibleActionFail(
                    f"The result cannot be written to {folder}: {error}. Set torch_reports to a directory that you can"
                    " write to."
                ) from error
            display.display(f"\nWritten: {result['path']}")
        return {**result, "unsatisfied": failed, "changed": False}

    def _read_kept(
        self, task_vars: dict[str, t.Any], hosts: list[str], arguments: dict[str, t.Any]
    ) -> dict[str, fleet_audit.Kept]:
        """The locks that are kept for the plans of these boards. None is made."""
        fleet_locks = FleetLocks(
            pip_config.pip_configuration(),
            pathlib.Path(arguments["wheelhouse"]).absolute(),
            pathlib.Path(arguments["locks"]).absolute(),
            relock=False,
            check=True,
            say=display.display,
        )
        kept = {}
        for host, plan in board_status.plans_by_host(task_vars["hostvars"], hosts).items():
            if plan["refusal"]:
                continue
            if hidden_values.is_hiding(plan):
                plan = hidden_values.hidden_of(self, task_vars, [host]).with_secrets(plan)
            try:
                serving, lock = fleet_locks.kept_for(plan)
            except ValueError as error:
                kept[host] = fleet_audit.Kept(plan, None, None, str(error))
            else:
                kept[host] = fleet_audit.Kept(serving, lock, environment_id(serving, lock) if lock else None)
        return kept
