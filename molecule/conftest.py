# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Fixtures of the scenarios' tests: the state records of the boards, and provisioning again with another request."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[1]
ROOT = "/opt/edgeai/torch"


@pytest.fixture
def state(request):
    """Return the directory with the files that the lab and the runs wrote on this machine: hosts.yml, reports."""
    return PROJECT / ".build" / "lab" / request.path.parents[1].name


@pytest.fixture
def record(host):
    """Return the state record on the board."""
    with host.sudo():
        return json.loads(host.file(f"{ROOT}/state/record.json").content_string)


@pytest.fixture
def provision(state):
    """Provision the same boards with another request; return the exit status and the report's boards."""

    def run(**request):
        playbook = Path(sys.executable).with_name("ansible-playbook")
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": f"{PROJECT}/ansible.cfg",
            "ANSIBLE_COLLECTIONS_PATH": f"{PROJECT}/.build/collections",
        }
        command = [playbook, "edgeai.fleet.provision", "-i", state / "hosts.yml", "-e", json.dumps(request)]
        done = subprocess.run(command, cwd=PROJECT, env=environment, check=False)
        return (
            done.returncode,
            json.loads((state / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))["boards"],
        )

    return run


@pytest.fixture
def multiply(host):
    """Start a program as its user would, through the wrapper; return torch's version and a product."""

    def run(user):
        code = (
            "import torch; ones = torch.ones(3, 3); print(torch.__version__.split('+')[0], (ones @ ones).sum().item())"
        )
        with host.sudo(user):
            version, product = host.check_output(f'{ROOT}/bin/python -c "{code}"').split()
        return version, float(product)

    return run
