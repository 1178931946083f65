# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Checks the operator's .run files, sends those that the board needs, and removes them after the installation.

See the module's documentation.
"""

from __future__ import annotations

import contextlib
import os
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.module_utils.parsing.convert_bool import boolean
from ansible.plugins.action import ActionBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.hashes import sha256_of

MODULE = "edgeai.fleet.ascend_hdk"
PARTS = ("driver", "firmware")
KEYS = ("path", "sha256", "version")
# Only root can write there, and it is on a disk: /tmp may be a small RAM disk.
BOARD_DIRECTORY = "/var/lib/edgeai-fleet/hdk"


class ActionModule(ActionBase):
    TRANSFERS_FILES = True

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        self._vars = task_vars or {}
        arguments = dict(self._task.args)
        if boolean(arguments.pop("remote_src", False)):
            return self._call_module(MODULE, arguments)
        files = {part: file_of(part, arguments[part]) for part in PARTS if arguments.get(part)}
        try:
            result = self._install_parts(arguments, files)
        except AnsibleConnectionFailure:
            raise
        except BaseException:
            with contextlib.suppress(AnsibleError):
                self._remove_directory()
            raise
        # Also when nothing was sent: an earlier run whose connection died may have left files.
        try:
            removed = self._remove_directory()
        except AnsibleError as error:
            removed = {"failed": True, "msg": f"{BOARD_DIRECTORY} cannot be removed: {error}"}
        # The failure of an installer is worth more than the failure to clean up.
        if removed.get("failed") and not result.get("failed"):
            return removed
        return {**result, "changed": bool(result.get("changed") or removed.get("changed"))}

    def _install_parts(self, arguments: dict[str, Any], files: dict[str, dict[str, Any]]) -> dict[str, Any]:
        """The module's result, or that of the transfer which failed."""
        state = self._call_module(MODULE, {**arguments, "_list": True})
        if state.get("failed") or not state["parts"]:
            return state
        for part in state["parts"]:
            check_file(part, files[part])
        there = {
            part: {**files[part], "path": f"{BOARD_DIRECTORY}/{os.path.basename(files[part]['path'])}"}
            for part in state["parts"]
        }
        if not self._task.check_mode:
            made = self._call_module(
                "ansible.builtin.file",
                {"path": BOARD_DIRECTORY, "state": "directory", "owner": "root", "group": "root", "mode": "0700"},
            )
            if made.get("failed"):
                return made
            for part, file in there.items():
                sent = self._send_file(files[part]["path"], file["path"])
                if sent.get("failed"):
                    return sent
        return self._call_module(MODULE, {**arguments, **dict.fromkeys(PARTS), **there})

    def _send_file(self, path: str, target: str) -> dict[str, Any]:
        task = self._task.copy()
        task.args = {"src": path, "dest": target, "owner": "root", "group": "root", "mode": "0600"}
        action = self._shared_loader_obj.action_loader.get(
            "ansible.legacy.copy",
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        return action.run(task_vars=self._vars)

    def _remove_directory(self) -> dict[str, Any]:
        return self._call_module("ansible.builtin.file", {"path": BOARD_DIRECTORY, "state": "absent"})

    def _call_module(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._execute_module(module_name=name, module_args=arguments, task_vars=self._vars)


def file_of(part: str, given: Any) -> dict[str, Any]:
    """The description of a file, with an absolute path; AnsibleActionFail if it is not complete."""
    if missing := [key for key in KEYS if not given.get(key)] if isinstance(given, dict) else KEYS:
        raise AnsibleActionFail(
            f"{part} (atlas_{part}) needs path, sha256 and version; it lacks {' and '.join(missing)}."
        )
    return {**given, "path": os.path.abspath(os.path.expanduser(given["path"]))}


def check_file(part: str, file: dict[str, Any]) -> None:
    """AnsibleActionFail if the file on the control node is not the one with this SHA-256."""
    try:
        found = sha256_of(file["path"])
    except OSError as error:
        raise AnsibleActionFail(
            f"{part} (atlas_{part}): {file['path']} on the control node cannot be read ({error.strerror})."
        ) from error
    if found != str(file["sha256"]).lower():
        raise AnsibleActionFail(
            f"{part} (atlas_{part}): {file['path']} on the control node has the SHA-256 {found}; {file['sha256']} is"
            " given."
        )
