# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The callback with the events of this ansible-core. tests/integration/test_live_view.py has terminals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow
REPOSITORY = Path(__file__).resolve().parents[4]
INVENTORY = """
all:
  hosts:
    here: {ansible_connection: local, ansible_python_interpreter: "{{ ansible_playbook_python }}"}
    dead: {ansible_host: 127.0.0.1, ansible_port: 1}
    bare: {ansible_connection: local, ansible_python_interpreter: /no/such/python}
  vars: {torch_root: %s}
"""


def run(directory: Path, *arguments: str, playbook: str = "edgeai.fleet.verify", **environ: str):
    (directory / "hosts.yml").write_text(INVENTORY % (directory / "root"), encoding="utf-8")
    program = Path(sys.executable).with_name("ansible-playbook")
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment.update(
        ANSIBLE_CONFIG=str(REPOSITORY / "ansible.cfg"),
        ANSIBLE_COLLECTIONS_PATH=str(REPOSITORY / ".build" / "collections"),
        ANSIBLE_STDOUT_CALLBACK="edgeai.fleet.live",
        PWD=str(directory),
        **environ,
    )
    return subprocess.run(
        [program, playbook, "-i", directory / "hosts.yml", *arguments],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_events_become_lines_and_the_log_has_everything(tmp_path):
    done = run(tmp_path)
    assert done.returncode == 2, done.stdout
    lines = done.stdout.splitlines()
    assert lines[0].startswith("3 boards; all output: ")
    assert any("here: verifying" in line for line in lines)
    assert any("dead: " in line and "127.0.0.1" in line for line in lines)
    assert any("bare: " in line and "Cause: there is no Python at" in line and "Fix: " in line for line in lines)
    assert not [line for line in lines if "PLAY" in line or "no hosts matched" in line or "Traceback" in line]
    (run_directory,) = (path for path in (tmp_path / "reports").glob("2*") if path.is_dir())
    log = (run_directory / "ansible.log").read_text(encoding="utf-8")
    assert "PLAY [Verify the boards]" in log and "PLAY RECAP" in log
    assert "Callback dispatch" not in log and "Traceback" not in log and "[DEPRECATION" not in log
    report = json.loads((run_directory / "report.json").read_text(encoding="utf-8"))
    assert set(report["boards"]) == {"here", "dead", "bare"}
    assert (run_directory / "index.html").is_file() and (tmp_path / "reports" / "index.html").is_file()


@pytest.mark.parametrize("option", ["-v", "--diff"])
def test_ansibles_own_output(tmp_path, option):
    done = run(tmp_path, option)
    assert "PLAY [Verify the boards]" in done.stdout and not list((tmp_path / "reports").glob("*/ansible.log"))


def test_an_error_before_any_board_is_shown(tmp_path):
    done = run(tmp_path, "-e", "torch_failure_budget=many")
    assert done.returncode != 0
    assert "many" in done.stdout and not (tmp_path / "reports").exists(), done.stdout


def test_a_playbook_that_never_reaches_a_board_shows_its_error(tmp_path):
    site = tmp_path / "site.yml"
    site.write_text("- hosts: \"{{ lookup('file', '/no/such/file') }}\"\n  tasks: []\n", encoding="utf-8")
    done = run(tmp_path, playbook=str(site))
    assert done.returncode != 0 and "/no/such/file" in done.stdout, done.stdout
