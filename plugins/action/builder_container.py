# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import is_secret, mask_secrets, pack


class ActionModule(ActionBase):
    """Move passwords of mirrors and tokens in variables to where Ansible does not show them."""

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments, secrets = dict(self._task.args), {}
        if isinstance(variables := arguments.get("environment"), dict):
            secrets["environment"] = {name: value for name, value in variables.items() if is_secret(name, value)}
            arguments["environment"] = {
                name: value for name, value in variables.items() if name not in secrets["environment"]
            }
        if mask_secrets(arguments.get("mirrors")) != arguments.get("mirrors"):
            secrets["mirrors"], arguments["mirrors"] = arguments["mirrors"], mask_secrets(arguments["mirrors"])
        if any(secrets.values()):
            arguments["_secrets"] = pack(secrets)
        return self._execute_module(
            module_name="edgeai.fleet.builder_container", module_args=arguments, task_vars=task_vars
        )
