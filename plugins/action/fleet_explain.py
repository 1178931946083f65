# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print what each board would get, in lines that no callback folds or quotes, and write it to a JSON file."""

from __future__ import annotations

import json
import tempfile
import typing as t
from pathlib import Path

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.files import write_atomically
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import ansible_cores, explanation

display = Display()


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec({"boards": {"type": "dict"}, "path": {"type": "path"}})
        boards, path = arguments["boards"], _checked_path(arguments["path"]) if arguments["path"] else None
        if boards is None:
            return {**result, "changed": False}
        blocks = [[name, *(f"  {line}" for line in _board_lines(board))] for name, board in boards.items()]
        blocks += filter(None, [ansible_cores.fleet_advice({name: board["board"] for name, board in boards.items()})])
        display.display("\n" + "\n\n".join(map("\n".join, blocks)))
        if path:
            # Board and plan as in a report, and the error, if any.
            entries = {
                name: {key: board[key] for key in ("board", "plan", "error") if key != "error" or board[key]}
                for name, board in boards.items()
            }
            text = json.dumps({"boards": entries}, indent=2, sort_keys=True)
            try:
                write_atomically(path, redact(text) + "\n")
            except OSError as error:
                raise AnsibleActionFail(_unwritable_message(path, error)) from None
        if boards and all(board["board"] is None for board in boards.values()):
            name, board = next(iter(boards.items()))
            raise AnsibleActionFail(f"No board could be detected. {name}: {board['error']}")
        return {**result, "changed": False}


def _board_lines(board: dict[str, t.Any]) -> list[str]:
    if board["error"]:
        return [f"{'cannot be detected' if board['board'] is None else 'cannot be explained'}: {board['error']}"]
    return explanation.explain(board["plan"], board["board"], every_candidate=display.verbosity > 0)


def _checked_path(path: str) -> Path:
    """The path of the JSON file, checked before any board is reached. A device or a pipe is not replaced by a file."""
    target = Path(path).absolute()  # by the real current directory, whatever PWD says
    try:
        target = target.resolve()
        if target.exists() and not target.is_file():
            raise OSError(f"it is {'a directory' if target.is_dir() else 'not a regular file'}")
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, up to Python 3.12
        raise AnsibleActionFail(_unwritable_message(target, error)) from None
    return target


def _unwritable_message(path: Path, error: Exception) -> str:
    return (
        f"explain_json: {path} cannot be written: {getattr(error, 'strerror', None) or error}. Name a file in an"
        " existing directory that you can write to."
    )
