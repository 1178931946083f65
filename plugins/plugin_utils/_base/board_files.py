# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Files of the operator for one module: checked on the control node, sent to a directory that only root can enter, and
removed whatever happens.
"""

from __future__ import annotations

import contextlib
import os
import typing as t

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase

from .hashes import sha256_of

Result = dict[str, t.Any]


class SendingAction(ActionBase):
    """An action whose C(work) may send files to C(board_directory), on a disk: /tmp may be a small RAM disk."""

    TRANSFERS_FILES = True
    board_directory: str
    directory_mode = "0700"
    file_mode = "0600"

    def run_and_remove(self, work: t.Callable[[], Result], task_vars: dict[str, t.Any] | None) -> Result:
        """The result of C(work), after its files were removed from the board."""
        self._vars = task_vars or {}
        try:
            result = work()
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
            removed = {"failed": True, "msg": f"{self.board_directory} cannot be removed: {error}"}
        # The failure of an installer is worth more than the failure to clean up.
        if removed.get("failed") and not result.get("failed"):
            return removed
        return {**result, "changed": bool(result.get("changed") or removed.get("changed"))}

    def send(self, paths: t.Iterable[str]) -> Result | None:
        """Send files into the directory, each by its own name; the result of the step that failed, or None."""
        made = self._call_module(
            "ansible.builtin.file",
            {
                "path": self.board_directory,
                "state": "directory",
                "owner": "root",
                "group": "root",
                "mode": self.directory_mode,
            },
        )
        if made.get("failed"):
            return made
        for path in paths:
            sent = self._send_file(path, self.path_on_board(path))
            if sent.get("failed"):
                return sent
        return None

    def path_on_board(self, path: str) -> str:
        """The path on the board of a file of the control node."""
        return f"{self.board_directory}/{os.path.basename(path)}"

    def _send_file(self, path: str, target: str) -> Result:
        task = self._task.copy()
        task.args = {"src": path, "dest": target, "owner": "root", "group": "root", "mode": self.file_mode}
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

    def _remove_directory(self) -> Result:
        return self._call_module("ansible.builtin.file", {"path": self.board_directory, "state": "absent"})

    def _call_module(self, name: str, arguments: Result) -> Result:
        return self._execute_module(module_name=name, module_args=arguments, task_vars=self._vars)


def described_file(part: str, option: str, given: t.Any, keys: tuple[str, ...]) -> Result:
    """The description of a file, with an absolute path; AnsibleActionFail if it is not complete."""
    if missing := [key for key in keys if not given.get(key)] if isinstance(given, dict) else keys:
        raise AnsibleActionFail(
            f"{part} ({option}) needs {', '.join(keys[:-1])} and {keys[-1]}; it lacks {' and '.join(missing)}."
        )
    return {**given, "path": os.path.abspath(os.path.expanduser(given["path"]))}


def check_local_file(part: str, option: str, file: Result) -> None:
    """AnsibleActionFail if the file on the control node is not the one with this SHA-256."""
    try:
        found = sha256_of(file["path"])
    except OSError as error:
        raise AnsibleActionFail(
            f"{part} ({option}): {file['path']} on the control node cannot be read ({error.strerror})."
        ) from error
    if found != str(file["sha256"]).lower():
        raise AnsibleActionFail(
            f"{part} ({option}): {file['path']} on the control node has the SHA-256 {found}; {file['sha256']} is given."
        )
