# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the operator's .run files or the repository's key, sends what the board needs, and removes it afterwards.

See the module's documentation.
"""

from __future__ import annotations

import os
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.board_files import (
    SendingAction,
    check_local_file,
    described_file,
)

MODULE = "edgeai.fleet.ascend_cann"
PARTS = ("toolkit", "ops", "nnal")
KEYS = ("path", "sha256")


class ActionModule(SendingAction):
    board_directory = "/var/lib/edgeai-fleet/cann"
    # The installers may run as another user than root, who has to read them.
    directory_mode = "0711"
    file_mode = "0644"

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        files = {}
        for part, file in (arguments.get("files") or {}).items():
            if file:
                files[part] = described_file(part, f"atlas_cann.files.{part}", file, KEYS)
        return self.run_and_remove(lambda: self._install_parts(arguments, files), task_vars)

    def _install_parts(self, arguments: dict[str, Any], files: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The module's result, or that of the transfer which failed."""
        arguments = {**arguments, "directory": self.board_directory}
        key = arguments.get("key")
        if key:
            key = os.path.abspath(os.path.expanduser(key))
            if not os.path.isfile(key):
                raise AnsibleActionFail(f"atlas_cann.key: {key} on the control node is not a file.")
            arguments["key"] = self.path_on_board(key)
        sizes = {part: os.path.getsize(file["path"]) for part, file in files.items() if os.path.exists(file["path"])}
        state = self._call_module(MODULE, {**arguments, "_list": True, "_sizes": sizes})
        if state.get("failed") or not state["parts"]:
            return state
        needed = {part: files[part] for part in state["parts"] if part in files}
        for part, file in needed.items():
            check_local_file(part, f"atlas_cann.files.{part}", file)
        if self._task.check_mode:
            return {**state, "changed": True}
        sent = {part: {**file, "path": self.path_on_board(file["path"])} for part, file in needed.items()}
        if failed := self.send([*(file["path"] for file in needed.values()), *([key] if key else [])]):
            return failed
        return self._call_module(MODULE, {**arguments, "files": sent or None})
