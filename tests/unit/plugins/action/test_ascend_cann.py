# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action with files of a test: what is checked, sent and removed, and when. A board with real installers is
tests/integration/test_cann_from_bare.py.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.edgeai.fleet.plugins.action.ascend_cann import MODULE, ActionModule


class Action(ActionModule):
    """The action on a board that is a directory, where the parts that C(missing) names are not installed."""

    def __init__(self, directory: Path, missing: list[str], check_mode: bool = False, **arguments) -> None:
        self.board_directory, self.missing, self.calls, self.fault = str(directory), missing, [], None
        task = mock.Mock(check_mode=check_mode, async_val=0, args={"version": "9.1.0", **arguments})
        super().__init__(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())

    def _execute_module(self, module_name, module_args, task_vars):
        if module_name != MODULE:
            directory, absent = Path(self.board_directory), module_args["state"] == "absent"
            existed = directory.exists()
            self.calls.append(module_args["state"])
            if absent:
                shutil.rmtree(directory, ignore_errors=True)
            else:
                directory.mkdir(mode=0o711)
            return {"changed": existed == absent}
        self.calls.append("list" if module_args.get("_list") else "install")
        if self.fault == self.calls[-1]:
            return {"failed": True, "msg": "the NPU is in use"}
        if module_args.get("_list"):
            self.listed = module_args
            return {"changed": False, "parts": self.missing}
        self.installed, self.there = module_args, sorted(os.listdir(self.board_directory))
        return {"changed": True, "parts": self.missing}

    def _send_file(self, path, target):
        self.calls.append("send")
        shutil.copy(path, target)
        return {"changed": True}


@pytest.fixture
def board(tmp_path: Path) -> Path:
    return tmp_path / "board"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, dict[str, str]]:
    found = {}
    for part in ("toolkit", "ops"):
        path = tmp_path / f"{part}.run"
        path.write_text(part, encoding="utf-8")
        found[part] = {"path": str(path), "sha256": hashlib.sha256(part.encode()).hexdigest().upper()}
    return found


def test_only_what_is_missing_is_checked_and_sent(board: Path, files):
    os.unlink(files["toolkit"]["path"])
    action = Action(board, ["ops"], source="run", files={**files, "nnal": None})
    result = action.run()
    assert (result["changed"], result["parts"]) == (True, ["ops"])
    assert action.calls == ["list", "directory", "send", "install", "absent"]
    assert action.there == ["ops.run"] and action.listed["_sizes"] == {"ops": 3}
    assert action.installed["files"] == {"ops": {**files["ops"], "path": str(board / "ops.run")}}
    assert not board.exists()


def test_the_key_of_a_repository_is_sent(board: Path, tmp_path: Path):
    (tmp_path / "key.asc").write_text("key", encoding="utf-8")
    action = Action(board, ["toolkit"], source="apt", key=str(tmp_path / "key.asc"))
    assert action.run()["changed"]
    assert action.there == ["key.asc"] and action.installed["key"] == str(board / "key.asc")


@pytest.mark.parametrize("check_mode", [True, False])
def test_a_converged_board_gets_nothing(board: Path, files, check_mode: bool):
    action = Action(board, [], check_mode, source="run", files=files)
    assert action.run() == {"changed": False, "parts": []}
    assert action.calls == ["list", "absent"]


def test_check_mode_checks_the_files_and_sends_nothing(board: Path, files):
    action = Action(board, ["toolkit"], True, source="run", files=files)
    assert action.run() == {"changed": True, "parts": ["toolkit"]}
    assert action.calls == ["list", "absent"]
    files["toolkit"]["sha256"] = "0" * 64
    with pytest.raises(AnsibleActionFail, match=r"toolkit \(atlas_cann\.files\.toolkit\).*has the SHA-256"):
        Action(board, ["toolkit"], True, source="run", files=files).run()


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"files": {"ops": {"path": "x"}}}, r"ops \(atlas_cann\.files\.ops\) needs path and sha256; it lacks sha256"),
        ({"files": {"ops": "x.run"}}, "it lacks path and sha256"),
        ({"key": "/nowhere/key.asc"}, r"atlas_cann\.key: /nowhere/key\.asc on the control node is not a file"),
    ],
)
def test_what_is_not_complete_is_named(board: Path, given, words):
    with pytest.raises(AnsibleActionFail, match=words):
        Action(board, ["ops"], source="run", **given).run()


@pytest.mark.parametrize("fault", ["list", "install"])
def test_a_failure_stays_the_failure_and_leaves_nothing(board: Path, files, fault: str):
    action = Action(board, ["toolkit", "ops"], source="run", files=files)
    action.fault = fault
    result = action.run()
    assert result["failed"] and result["msg"] == "the NPU is in use"
    assert not board.exists() and ("send" in action.calls) == (fault == "install")
