# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the operator's .run files, sends those that the board needs, and removes them after the installation.

See the module's documentation.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.parsing.convert_bool import boolean
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.board_files import (
    SendingAction,
    check_local_file,
    described_file,
)

MODULE = "edgeai.fleet.ascend_hdk"
PARTS = ("driver", "firmware")
KEYS = ("path", "sha256", "version")


class ActionModule(SendingAction):
    board_directory = "/var/lib/edgeai-fleet/hdk"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        if boolean(arguments.pop("remote_src", False)):
            self._vars = task_vars or {}
            return self._call_module(MODULE, arguments)
        files = {
            part: described_file(part, f"atlas_{part}", arguments[part], KEYS) for part in PARTS if arguments.get(part)
        }
        return self.run_and_remove(lambda: self._install_parts(arguments, files), task_vars)

    def _install_parts(self, arguments: dict[str, Any], files: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The module's result, or that of the transfer which failed."""
        state = self._call_module(MODULE, {**arguments, "_list": True})
        if state.get("failed") or not state["parts"]:
            return state
        needed = {part: files[part] for part in state["parts"]}
        for part, file in needed.items():
            check_local_file(part, f"atlas_{part}", file)
        if not self._task.check_mode and (failed := self.send(file["path"] for file in needed.values())):
            return failed
        sent = {part: {**file, "path": self.path_on_board(file["path"])} for part, file in needed.items()}
        return self._call_module(MODULE, {**arguments, **dict.fromkeys(PARTS), **sent})
