# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Make the plans of all boards."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import fleet_plans, run_options


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "hosts": {"type": "list", "elements": "str", "required": True},
                "tolerant": {"type": "bool", "default": False},
            }
        )
        made = fleet_plans.plan_fleet(
            run_options.read_hosts(arguments["hosts"], task_vars or {}, self._templar),
            lambda role: self._templar.copy_with_new_env(available_variables=role).template,
        )
        if made["errors"] and not arguments["tolerant"]:
            return {**result, "failed": True, "msg": fleet_plans.error_text(made["errors"])}
        return {**result, **made, "changed": False}
