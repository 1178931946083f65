# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System packages on a board whose dpkg was cut off: apt refuses to work there, and the next run completes it. Other
failures of apt stay what they are.
"""

from __future__ import annotations

import re
import subprocess

import pytest
from playbook_runs import Operator

LAB = {
    "name": "dpkg",
    "vars": {"ansible_become": True},
    "boards": [{"name": "board", "apt": [{"name": "libone", "version": "1"}, {"name": "libtwo", "version": "1"}]}],
}
# What dpkg leaves in its journal when the power fails while it configures a package.
CUT_OFF = r"""
dpkg --unpack /lab/apt/libone_1_amd64.deb
cat >/var/lib/dpkg/updates/0000 <<END
Package: libone
Status: install ok half-configured
Version: 1
Architecture: amd64
Maintainer: lab
Description: a stand-in of the lab
END
"""


def root(lab: Operator, command: str) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", "sudo sh -s"],
        input=command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


def install(lab: Operator, *names: str, options: tuple[str, ...] = ()) -> tuple[int, int, str]:
    """Return the exit status of a run, the number of tasks that changed something, and its output."""
    role = {"name": "edgeai.fleet.torch", "tasks_from": "packages"}
    told = {"torch_system_package_names": list(names), "__torch_board": {"os": {"package_manager": "apt"}}}
    tasks = [{"name": "Packages", "ansible.builtin.include_role": role, "vars": told}]
    run = lab.play([{"name": "Packages", "hosts": "board", "gather_facts": False, "tasks": tasks}], *options)
    return run.status, run.changed(), run.output


@pytest.fixture
def cut_off(lab: Operator) -> Operator:
    root(lab, "dpkg --purge libone libtwo")
    root(lab, CUT_OFF)
    assert "dpkg was interrupted" in root(lab, "apt-get install --yes libtwo")
    return lab


def test_the_next_run_completes(cut_off: Operator):
    status, _changed, output = install(cut_off, "libone", "libtwo", options=("--check",))
    assert status == 0, output
    assert "dpkg was interrupted" in root(cut_off, "apt-get install --yes libtwo")
    status, changed, output = install(cut_off, "libone", "libtwo")
    assert (status, changed) == (0, 2), output
    assert root(cut_off, "dpkg --audit") == ""
    assert root(cut_off, "dpkg-query -W -f '${db:Status-Abbrev}' libone libtwo").split() == ["ii", "ii"]
    # Nothing is missing: apt is not even asked, which may read package lists from the network.
    status, changed, output = install(cut_off, "libone", "libtwo")
    assert (status, changed) == (0, 0) and re.search(r"TASK \[.*Install them by apt\] \*+\nskipping", output), output


def test_another_failure_is_told_as_it_is(lab: Operator):
    status, changed, output = install(lab, "libnowhere")
    assert (status, changed) == (2, 0)
    assert "No package matching 'libnowhere' is available" in output
    assert "Complete what a power cut interrupted" not in output
