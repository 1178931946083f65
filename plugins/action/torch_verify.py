# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run the module with a heartbeat (the first import of torch takes minutes on a slow board), with the sources of the
user's own checks, which are files on the control node, and with the time of the control node: the clock of a board may
be wrong.
"""

from __future__ import annotations

import time
import typing as t

from ansible.plugins.action import ActionBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.heartbeat import heartbeat
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.hidden_values import split_variables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.own_checks import read_own_checks


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        arguments = {"_control_time": time.time(), **self._task.args}
        if arguments.get("environment"):
            arguments["environment"], arguments["_secrets"] = split_variables(
                self, task_vars or {}, arguments["environment"]
            )
        if arguments.get("checks"):
            arguments["_checks"] = read_own_checks(arguments["checks"])
        with heartbeat((task_vars or {}).get("inventory_hostname", "the board"), "verifying"):
            return self._execute_module(
                module_name="edgeai.fleet.torch_verify", module_args=arguments, task_vars=task_vars
            )
