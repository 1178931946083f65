# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send the artifacts that a board lacks, then run the module. See its documentation."""

from __future__ import annotations

from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import sent_bytes
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.heartbeat import heartbeat
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.hidden_values import split_variables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import delivery, store

display = Display()


class ActionModule(ActionBase):
    TRANSFERS_FILES = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        self._vars = task_vars or {}
        self._host = self._vars.get("inventory_hostname", "the board")
        arguments = dict(self._task.args)
        wheelhouse = arguments.pop("wheelhouse", None)
        if arguments.get("environment"):
            arguments["environment"], arguments["_secrets"] = split_variables(
                self, self._vars, arguments["environment"]
            )
        if (
            arguments.get("state", "present") != "present"
            or arguments.get("delivery", "wheelhouse") != "wheelhouse"
            or self._task.check_mode
        ):
            return self._call_module(arguments)

        arguments["_incoming_uid"] = delivery.connection_uid(self, self._host)
        first = self._call_module({**arguments, "_deliver": True})
        if not first.get("incoming"):
            return first
        if not wheelhouse:
            raise AnsibleActionFail(f"{self._host} lacks artifacts: set wheelhouse, from which they are sent")
        sent, total = 0, sum(artifact["size"] or 0 for artifact in first["missing"])
        for artifact in first["missing"]:
            path = delivery.find_artifact(Path(wheelhouse), artifact)
            display.display(f"{self._host}: sending {artifact['filename']} ({store.size_text(artifact['size'])})")
            with sent_bytes.sending(self._host, path, sent, total):
                # The name on the board is its sha256; the board verifies it again.
                self._transfer_file(str(path), f"{first['incoming']}/{artifact['sha256']}")
            sent += artifact["size"] or 0
        second = self._call_module({**arguments, "_incoming": first["incoming"]})
        # The second call does not see what the first one removed or warned of.
        second["removed"] = first.get("removed", []) + second.get("removed", [])
        second["warnings"] = first.get("warnings", []) + [
            text for text in second.get("warnings", []) if text not in first.get("warnings", [])
        ]
        return second

    def _call_module(self, arguments):
        with heartbeat(self._host, "installing"):
            return self._execute_module(
                module_name="edgeai.fleet.torch_env", module_args=arguments, task_vars=self._vars
            )
