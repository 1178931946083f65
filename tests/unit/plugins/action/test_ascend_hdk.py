# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action with files of a test: what is checked, sent and removed, and when.

The installation itself is tests/unit/plugins/module_utils/_setup/test_ascend_hdk.py;
tests/integration/test_ascend_hdk.py has both on a board.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest
from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure
from ansible_collections.edgeai.fleet.plugins.action.ascend_hdk import MODULE, ActionModule

COLLECTIONS = next(
    Path(place) for place in sys.path if (Path(place) / "ansible_collections" / "edgeai" / "fleet").exists()
)


class Action(ActionModule):
    """The action on a board that is a directory, where the parts that `to_install` names are not installed."""

    def __init__(self, directory: Path, to_install: list[str], check_mode: bool = False, **arguments) -> None:
        self.directory, self.to_install, self.answers, self.calls = directory, to_install, {}, []
        task = mock.Mock(check_mode=check_mode, async_val=0, args=arguments)
        super().__init__(task, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())

    def _execute_module(self, module_name, module_args, task_vars):
        step = {MODULE: "install", "ansible.builtin.file": module_args.get("state")}[module_name]
        if module_args.get("_list"):
            step = "list"
        self.calls.append(step)
        answer = self.answers.get(step)
        if isinstance(answer, BaseException):
            raise answer
        if answer:
            return answer
        if step == "list":
            return {"changed": False, "parts": self.to_install}
        if step == "install":
            self.installed = module_args
            self.there = sorted(os.listdir(self.directory)) if self.directory.exists() else []
            return {"changed": True, "parts": self.to_install}
        assert module_args["path"] == str(self.directory)
        existed = self.directory.exists()
        if not self._task.check_mode:
            if step == "absent":
                shutil.rmtree(self.directory, ignore_errors=True)
            else:
                assert module_args["mode"] == "0700"
                self.directory.mkdir(exist_ok=True)
        return {"changed": existed == (step == "absent")}

    def _send_file(self, path, target):
        self.calls.append("send")
        if "send" in self.answers:
            return self.answers["send"]
        shutil.copy(path, target)
        return {"changed": True}


@pytest.fixture
def board(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    directory = tmp_path / "board"
    monkeypatch.setattr(ActionModule, "board_directory", str(directory))
    return directory


@pytest.fixture
def files(tmp_path: Path) -> dict[str, dict[str, str]]:
    found = {}
    for part in ("driver", "firmware"):
        path = tmp_path / f"{part}.run"
        path.write_text(part, encoding="utf-8")
        digest = hashlib.sha256(part.encode()).hexdigest()
        found[part] = {"path": str(path), "sha256": digest.upper(), "version": "9.9.9"}
    return found


def test_only_what_is_not_installed_is_checked_and_sent(board: Path, files):
    os.unlink(files["driver"]["path"])
    action = Action(board, ["firmware"], create_user=True, **files)
    result = action.run()
    assert (result["changed"], result["parts"]) == (True, ["firmware"])
    assert action.calls == ["list", "directory", "send", "install", "absent"]
    assert action.there == ["firmware.run"]
    assert action.installed == {
        "driver": None,
        "firmware": {**files["firmware"], "path": str(board / "firmware.run")},
        "create_user": True,
    }
    assert not board.exists()


def test_nothing_is_sent_where_everything_is_installed(board: Path, files):
    action = Action(board, [], **files)
    action.answers["list"] = {"changed": False, "parts": [], "driver": "9.9.9"}
    assert action.run() == {"changed": False, "parts": [], "driver": "9.9.9"}
    assert action.calls == ["list", "absent"]


def test_what_a_broken_run_left_is_removed(board: Path, files):
    board.mkdir()
    action = Action(board, [], **files)
    assert action.run()["changed"]
    assert not board.exists()


def test_check_mode_checks_the_files_and_sends_nothing(board: Path, files):
    action = Action(board, ["driver", "firmware"], check_mode=True, **files)
    assert action.run()["changed"]
    assert action.calls == ["list", "install", "absent"]
    assert action.installed["driver"]["path"] == str(board / "driver.run")
    Path(files["firmware"]["path"]).write_text("other", encoding="utf-8")
    with pytest.raises(AnsibleActionFail, match="has the SHA-256"):
        Action(board, ["driver", "firmware"], check_mode=True, **files).run()


def test_another_file_is_refused_before_anything_is_sent(board: Path, files):
    Path(files["driver"]["path"]).write_text("other", encoding="utf-8")
    action = Action(board, ["driver", "firmware"], **files)
    with pytest.raises(AnsibleActionFail) as problem:
        action.run()
    digest = hashlib.sha256(b"other").hexdigest()
    assert str(problem.value) == (
        f"driver (atlas_driver): {files['driver']['path']} on the control node has the SHA-256 {digest};"
        f" {files['driver']['sha256']} is given."
    )
    os.unlink(files["driver"]["path"])
    with pytest.raises(AnsibleActionFail, match=r"cannot be read \(No such file or directory\)"):
        action.run()
    assert "directory" not in action.calls


@pytest.mark.parametrize(
    ("given", "missing"),
    [({"path": "/x.run"}, "sha256 and version"), ("/x.run", "path and sha256 and version")],
)
def test_half_a_description_is_refused(board: Path, given, missing: str):
    action = Action(board, ["driver"], driver=given)
    with pytest.raises(AnsibleActionFail) as problem:
        action.run()
    assert str(problem.value) == f"driver (atlas_driver) needs path, sha256 and version; it lacks {missing}."
    assert action.calls == []


@pytest.mark.parametrize("step", ["directory", "send", "install"])
def test_a_failure_stays_the_failure_and_leaves_no_file(board: Path, files, step: str):
    action = Action(board, ["driver", "firmware"], **files)
    action.answers[step] = {"failed": True, "msg": "No space left on device"}
    result = action.run()
    assert result["failed"]
    assert "No space left on device" in result["msg"]
    assert action.calls[-2:] == [step, "absent"]
    assert not board.exists()
    # A failure to clean up does not hide it.
    action.answers["absent"] = {"failed": True, "msg": "busy"}
    assert "No space left on device" in action.run()["msg"]


def test_a_failure_to_clean_up_is_a_failure(board: Path, files):
    action = Action(board, ["driver"], **files)
    action.answers["absent"] = {"failed": True, "msg": "busy"}
    result = action.run()
    assert (result["failed"], result["msg"]) == (True, "busy")
    action.answers["absent"] = AnsibleConnectionFailure("gone")
    assert action.run()["msg"] == f"{board} cannot be removed: gone"


def test_an_error_of_the_transfer_cleans_up_a_lost_connection_cannot(board: Path, files):
    action = Action(board, ["driver"], **files)
    action.answers["install"] = KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        action.run()
    assert (action.calls[-1], board.exists()) == ("absent", False)
    action.answers["install"] = AnsibleConnectionFailure("gone")
    with pytest.raises(AnsibleConnectionFailure):
        action.run()
    assert action.calls[-1] == "install"


def test_files_on_the_board_are_left_to_the_module(board: Path):
    action = Action(board, ["driver"], remote_src="yes", driver={"path": "/root/driver.run"})
    action.run()
    assert (action.calls, action.installed) == (["install"], {"driver": {"path": "/root/driver.run"}})


@pytest.mark.skipif(os.path.exists("/usr/local/Ascend"), reason="this machine has an Ascend driver")
def test_a_real_run_in_check_mode(files, tmp_path: Path):
    task = {"edgeai.fleet.ascend_hdk": {**files, "create_user": True}, "register": "answer"}
    told = {"ansible.builtin.copy": {"content": "{{ answer | to_json }}", "dest": str(tmp_path / "answer.json")}}
    play = [{"hosts": "all", "gather_facts": False, "tasks": [task, {**told, "check_mode": False}]}]
    (tmp_path / "play.json").write_text(json.dumps(play), encoding="utf-8")
    (tmp_path / "ansible.cfg").touch()
    python = f"ansible_python_interpreter={sys.executable}"
    command = [Path(sys.executable).with_name("ansible-playbook"), "-i", "board,", "-c", "local", "-e", python]
    process = subprocess.run(
        [*command, "--check", "play.json"],
        env={
            **os.environ,
            "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
            "PYTHONPATH": "",
        },
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    answer = json.loads((tmp_path / "answer.json").read_text(encoding="utf-8"))
    assert (answer["changed"], answer["parts"], answer["reboot_required"]) == (True, ["driver", "firmware"], True)
