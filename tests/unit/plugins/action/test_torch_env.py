# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action and the module together: a real ansible-playbook over the local connection."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from environment_support import SATISFIED, Bench, uv_artifact  # noqa: E402  (found by the line above)

COLLECTIONS = next(
    Path(place) for place in sys.path if (Path(place) / "ansible_collections" / "edgeai" / "fleet").exists()
)


class Board(Bench):
    """A board, its wheelhouse, and Ansible to run on it."""

    def __init__(self, folder, uv):
        super().__init__(folder, uv)
        self.wheelhouse = Path(self.folder) / "wheelhouse"
        self.artifacts = []

    def provide(self, artifact):
        target = self.wheelhouse / "sha256" / artifact["sha256"] / artifact["filename"]
        target.parent.mkdir(parents=True)
        shutil.copy(artifact["path"], target)
        return target

    def play(self, *flags, failing=False, **arguments):
        """(result of the task, what was printed)"""
        result = Path(self.folder) / "result.json"
        result.unlink(missing_ok=True)
        plain = [
            {key: value for key, value in artifact.items() if key != "path"} for artifact in [*self.artifacts, self.uv]
        ]
        if arguments.get("state", "present") == "present":
            arguments = {
                "id": "aaa",
                "python": sys.executable,
                "artifacts": plain[:-1],
                "tools": plain[-1:],
                "wheelhouse": str(self.wheelhouse),
                **arguments,
            }
        play = [
            {
                "hosts": "all",
                "gather_facts": False,
                "tasks": [
                    {
                        "edgeai.fleet.torch_env": {"root": self.root, **arguments},
                        "register": "answer",
                        "ignore_errors": failing,
                    },
                    {
                        "ansible.builtin.copy": {"content": "{{ answer | to_json }}", "dest": str(result)},
                        "check_mode": False,
                        "diff": False,
                    },
                ],
            }
        ]
        playbook = Path(self.folder) / "play.yml"
        playbook.write_text(json.dumps(play), encoding="utf-8")
        configuration = Path(self.folder) / "ansible.cfg"
        configuration.touch()
        process = subprocess.run(
            [
                Path(sys.executable).with_name("ansible-playbook"),
                "-i",
                "board-1,",
                "-c",
                "local",
                "-e",
                f"ansible_python_interpreter={sys.executable}",
                *flags,
                playbook,
            ],
            env={
                **os.environ,
                "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
                "ANSIBLE_NOCOLOR": "1",
                "ANSIBLE_CONFIG": str(configuration),
                "PYTHONPATH": "",
            },
            cwd=self.folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert process.returncode == 0, process.stdout
        return json.loads(result.read_text(encoding="utf-8")), process.stdout


@pytest.fixture(scope="module")
def uv(tmp_path_factory):
    return uv_artifact(tmp_path_factory.mktemp("uv"))


@pytest.fixture
def board(tmp_path, uv):
    board = Board(tmp_path, uv)
    board.artifacts = [board.wheel("torch", "2.9.1")]
    return board


def test_from_nothing_to_current_and_away_again(board):
    torch = board.artifacts[0]
    board.provide(torch)
    board.provide(board.uv)

    planned, output = board.play("--check", "--diff")
    assert (planned["changed"], planned["generation"], Path(board.root).exists()) == (True, 1, False)
    assert [artifact["filename"] for artifact in planned["missing"]] == [torch["filename"], board.uv["filename"]]
    assert "+    - aaa-1" in output or '+        "aaa-1"' in output

    built, output = board.play()
    assert (built["changed"], built["added"], built["missing"], "incoming" in built) == (True, ["aaa-1"], [], False)
    assert f"board-1: sending {torch['filename']} (1 KiB)" in output
    assert os.listdir(os.path.join(board.root, "cache")) == ["artifacts"]

    again, output = board.play()
    assert (again["changed"], again["generation"], "sending" in output) == (False, 1, False)

    switched = board.play(state="current", id="aaa", generation=1, verdict=SATISFIED, key={"kernel": "6.1"})[0]
    assert (switched["changed"], switched["switched"], board.link()) == (True, True, "aaa-1")
    again = board.play(state="current", id="aaa", generation=1, verdict=SATISFIED, key={"kernel": "6.1"})[0]
    assert (again["changed"], again["seconds"] < 1) == (False, True)

    os.unlink(os.path.join(board.site(board.env(1)), "torch", "__init__.py"))
    repaired, output = board.play()
    assert (repaired["changed"], repaired["generation"], "sending" in output) == (True, 2, False)
    assert "is damaged" in str(repaired["warnings"])

    gone = board.play(state="absent")[0]
    assert (gone["changed"], Path(board.root).exists()) == (True, False)


def test_a_tampered_wheelhouse_is_named_before_anything_is_sent(board):
    path = board.provide(board.artifacts[0])
    board.provide(board.uv)
    with path.open("ab") as stream:
        stream.write(b"X")
    answer, output = board.play(failing=True)
    assert answer["failed"]
    assert str(path) in answer["msg"]
    assert board.artifacts[0]["sha256"] in answer["msg"]
    assert "Remove it" in answer["msg"]
    assert "sending" not in output
    assert not Path(board.root, "envs").exists()


def test_an_artifact_that_the_wheelhouse_lacks_is_named(board):
    answer = board.play(failing=True)[0]
    assert board.artifacts[0]["filename"] in answer["msg"]


def test_what_the_first_call_noticed_is_told(board):
    """The cache held a changed artifact: it is sent again, and the person hears of it."""
    torch = board.artifacts[0]
    board.provide(torch)
    board.provide(board.uv)
    board.play()
    cached = Path(board.root, "cache", "artifacts", torch["sha256"], torch["filename"])
    cached.write_bytes(b"other")
    os.makedirs(board.env(7))
    answer, output = board.play(id="bbb")
    assert str(answer["warnings"]).count("was changed on the board") == 1
    assert answer["removed"] == ["aaa-7"]
    assert (torch["filename"] in output, f"sending {board.uv['filename']}" in output) == (True, False)


def test_the_module_says_what_it_needs(board):
    answer = board.play(failing=True, state="current", id="aaa")[0]
    assert answer["msg"] == "state=current needs generation, verdict, or rollback=true"
    answer = board.play(failing=True, state="current", rollback=True)[0]
    assert "no previous environment" in answer["msg"]
