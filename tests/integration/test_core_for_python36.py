# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""`make provision CORE=2.16`: the ansible-core that drives a real Python 3.6."""

from __future__ import annotations

import os
import subprocess

import pytest
import run_units
import venvs
import yaml
from playbook_runs import REPOSITORY, Operator


def make(operator: Operator, *words: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["make", "-C", str(REPOSITORY), "provision", f"INVENTORY={operator.inventory}", *words],
        env=operator.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def test_make_drives_python_36_with_the_core_that_reaches_it(local: Operator, oldest_core):
    old = venvs.python_of(run_units.BOARD)
    if old is None:
        message = f"Python {run_units.BOARD} is not installed"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    inventory["all"]["hosts"]["localhost"]["ansible_python_interpreter"] = str(old)
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")

    run = make(local, "CORE=2.16", "ARGS=--check -vv")
    assert run.returncode == 0, run.stdout
    assert f"[core {run_units.OLDEST[0]}]" in run.stdout and "would be installed" in run.stdout

    wrong = make(local, "CORE=2.15")
    assert wrong.returncode != 0
    assert "CORE=2.15: `make` sets up ansible-core 2.16, 2.19, 2.21 or newest." in wrong.stdout, wrong.stdout
