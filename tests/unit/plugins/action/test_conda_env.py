# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""conda_env as a playbook runs it: what is read on the control node, and what is said of it before the board is
asked.
"""

import json
import os
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.environment_yml import read_environment_yml

GOOD = """\
name: vision
channels: [conda-forge, nodefaults]
dependencies:
  - python=3.11
  - pytorch =2.7
variables: {OMP_NUM_THREADS: 2}
prefix: /home/somebody/envs/vision
"""


def test_environment_yml():
    assert read_environment_yml(GOOD, "x.yml") == {
        "specs": ["python=3.11", "pytorch =2.7"],
        "channels": ["conda-forge", "nodefaults"],
        "variables": {"OMP_NUM_THREADS": "2"},
    }


@pytest.mark.parametrize(
    "text, what",
    [
        ("dependencies:\n  - numpy\n  - pip:\n    - torch\n", "x.yml has a pip section (torch)"),
        ("dependancies: [numpy]\n", "unknown key 'dependancies'; did you mean dependencies?"),
        ("dependencies: [numpy]\nplatforms: [linux-64]\n", "unknown key 'platforms'; known are name, channels"),
        ("dependencies:\n\t- numpy\n", "line 2 is indented with a tab"),
        ("name: x\n", "has no dependencies"),
        ("dependencies: numpy\n", "dependencies is not a list"),
        ("dependencies: [3]\n", "3 among its dependencies is not a text"),
        ("- numpy\n", "is not a mapping"),
        ("dependencies: [numpy\n", "x.yml is not valid YAML"),
        ("dependencies: [numpy]\nvariables: [A]\n", "variables is not a mapping"),
    ],
)
def test_what_is_wrong_with_an_environment_yml_is_one_sentence(text, what):
    with pytest.raises(ValueError, match="x.yml") as caught:
        read_environment_yml(text, "x.yml")
    assert what in str(caught.value) and "\n" not in str(caught.value)


@pytest.fixture
def run(tmp_path):
    """The task by ansible itself, on this machine: its result."""

    def call(check=False, **arguments):
        arguments.setdefault("root", str(tmp_path / "root"))
        arguments.setdefault("python", sys.executable)
        task = {
            "edgeai.fleet.conda_env": {name: value for name, value in arguments.items() if value is not None},
            "register": "answer",
            "check_mode": check,
        }
        tell = {"ansible.builtin.copy": {"content": "{{ answer | to_json }}", "dest": str(tmp_path / "answer.json")}}
        (tmp_path / "play.json").write_text(
            json.dumps([{"hosts": "localhost", "gather_facts": False, "tasks": [{"block": [task], "always": [tell]}]}])
        )
        environment = {
            **os.environ,
            "HOME": str(tmp_path),
            "ANSIBLE_LOCAL_TEMP": str(tmp_path / "local"),
            "ANSIBLE_COLLECTIONS_PATH": __file__.rpartition("/ansible_collections/")[0],
            "ANSIBLE_REMOTE_TEMP": str(tmp_path / "remote"),
            "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
            "CONDA_OVERRIDE_CUDA": "",
        }
        (tmp_path / "hosts").write_text(
            f"localhost ansible_connection=local ansible_python_interpreter={sys.executable}\n"
        )
        (tmp_path / "ansible.cfg").write_text("[defaults]\n")
        command = [os.path.join(sys.prefix, "bin", "ansible-playbook"), "-i", "hosts", "play.json"]
        done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert "PLAY RECAP" in done.stdout, done.stdout + done.stderr
        return json.loads((tmp_path / "answer.json").read_text())

    return call


def test_an_environment_yml_goes_round(run, conda_channel, tmp_path):
    channel, lab = conda_channel
    (tmp_path / "environment.yml").write_text(
        f'channels: ["{channel}"]\ndependencies: [python={lab.PYTHON}, pytorch=2.7]\nvariables: {{OMP_NUM_THREADS:'
        " 2}\n"
    )
    planned = run(check=True, environment_yml="environment.yml")
    assert planned["changed"] and not (tmp_path / "root").exists()
    made = run(environment_yml="environment.yml")
    assert (made["changed"], made["accelerator"], made["id"]) == (True, "cpu", planned["id"])
    assert json.loads((tmp_path / "root" / "envs" / f"{made['id']}-1" / ".edgeai" / "variables.json").read_text()) == {
        "OMP_NUM_THREADS": "2"
    }
    assert not run(environment_yml="environment.yml")["changed"]
    # Its lock is the same environment.
    (tmp_path / "env.lock").write_text(made["explicit"])
    again = run(lock="env.lock")
    assert (again["changed"], again.get("id"), again.get("msg")) == (False, made["id"], None)


@pytest.mark.parametrize(
    "arguments, what",
    [
        ({}, "set are: none"),
        ({"specs": ["numpy"], "lock": "x.lock"}, "set are: specs and lock"),
        ({"environment_yml": "nowhere.yml"}, "nowhere.yml"),
        ({"specs": ["numpy"], "root": None}, "root, prefix"),
        ({"specs": ["numpy"], "prefix": "/x"}, "mutually exclusive"),
        ({"specs": ["numpy"], "channels": ["defaults"]}, "CondaToSNonInteractiveError"),
    ],
)
def test_bad_arguments_are_one_message(run, tmp_path, arguments, what):
    result = run(**arguments)
    assert result["failed"] and what in result["msg"] and "\n" not in result["msg"].strip()
    assert not (tmp_path / "root").exists()
