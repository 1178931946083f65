# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""SSH that dies and processes that are killed during an install: the environment in use keeps working, and the next run
completes the install.
"""

from __future__ import annotations

import subprocess
import time

import pytest
from playbook_runs import Operator

LAB = {
    "name": "kill",
    "vars": {"ansible_become": True, "x86_conda_provider": "venv"},
    "boards": [{"name": "board", "users": ["vision"], "vars": {"torch_user": "vision"}}],
}
WORKS = "/opt/edgeai/torch/bin/python -c 'import torch; print(torch.ones(2).sum().item())'"
#: Matches a process of the install by its arguments, but not the shell that searches for it.
BUILDING = "pgrep -f '[t]ools/uv-.* pip install'"


def ssh(lab: Operator, command: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", command],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def converged(lab: Operator) -> Operator:
    first = lab.provision()
    assert first.status == 0, first.output
    return lab


@pytest.mark.parametrize(
    "blow",
    [
        # In make test, a dead connection stands for all three.
        pytest.param("sudo pkill -9 -f '[t]ools/uv-.* pip install'", marks=pytest.mark.heavy),  # the installer
        pytest.param(
            f"sudo kill -9 $(ps -o ppid= -p $({BUILDING} | head -n 1))", marks=pytest.mark.heavy
        ),  # the module, its parent
        "sudo pkill -9 -f '[s]shd: ansible'; true",  # the connection
    ],
    ids=["installer", "module", "connection"],
)
def test_killed_in_the_middle(converged: Operator, blow: str, request: pytest.FixtureRequest):
    # Another requirement makes each case a new environment.
    extra = {"installer": "tomli", "module": "iniconfig", "connection": "pluggy"}[request.node.callspec.id]
    wanted = {"torch_requirements": ["numpy", extra]}
    before = ssh(converged, "readlink /opt/edgeai/torch/current").stdout
    with subprocess.Popen(
        converged.command("provision", **wanted),
        cwd=converged.directory,
        env=converged.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        deadline = time.monotonic() + 120
        while ssh(converged, BUILDING).returncode:
            assert process.poll() is None and time.monotonic() < deadline, process.communicate()[0]
            time.sleep(0.1)
        ssh(converged, blow)
        output = process.communicate(timeout=300)[0]
    assert process.returncode != 0, output

    assert ssh(converged, "readlink /opt/edgeai/torch/current").stdout == before
    assert ssh(converged, WORKS).stdout.strip() == "2.0"

    again = converged.provision(**wanted)
    assert again.status == 0, again.output
    assert ssh(converged, "readlink /opt/edgeai/torch/current").stdout != before
    assert ssh(converged, WORKS).stdout.strip() == "2.0"
    unfinished = "for e in /opt/edgeai/torch/envs/*; do test -e $e/.complete || echo $e; done"
    assert ssh(converged, unfinished).stdout == ""
    assert converged.provision(**wanted).changed() == 0
