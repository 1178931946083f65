# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System packages by dnf: Debian's own, on a board that says it is openEuler, from a local repository of stub packages
with the real names.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playbook_runs import Operator

pytestmark = pytest.mark.heavy  # Debian's dnf and 70 packages that it needs
LAB = {"name": "dnf", "vars": {"ansible_become": True}, "boards": [{"name": "board"}]}
# What a plan can name by Debian's names, and what openEuler calls it.
ASKED = ["libopenblas0", "build-essential", "kernel-devel"]
NAMES = {"openblas", "gcc", "gcc-c++", "make", "kernel-devel"}
SETUP = r"""
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update && apt-get -qqy --no-install-recommends install dnf python3-dnf createrepo-c rpm
mkdir -p /srv/stubs /etc/yum.repos.d && cd /srv/stubs
for name in openblas gcc gcc-c++ make kernel-devel; do
    cat > "$name.spec" <<END
Name: $name
Version: 1
Release: 1
Summary: stub
License: none
BuildArch: noarch
%description
stub
%files
END
    rpmbuild -bb --quiet --define "_topdir /srv/stubs" "$name.spec" 2> /dev/null
done
createrepo_c -q .
printf '[stubs]\nname=stubs\nbaseurl=file:///srv/stubs\ngpgcheck=0\n' > /etc/yum.repos.d/stubs.repo
printf 'ID="openEuler"\nVERSION_ID="22.03"\nPRETTY_NAME="openEuler 22.03 LTS"\n' > /etc/os-release
"""
PLAYBOOK = [
    {
        "hosts": "board",
        "gather_facts": False,
        "tasks": [
            {"edgeai.fleet.board_facts": {"as_fact": False}, "register": "found"},
            {
                "ansible.builtin.include_role": {
                    "name": "edgeai.fleet.torch",
                    "tasks_from": "packages",
                    "rolespec_validate": False,
                },
                "vars": {"torch_board": "{{ found.board }}", "torch_system_package_names": ASKED},
            },
        ],
    }
]


def on_board(lab: Operator, command: str) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


@pytest.fixture(scope="module")
def openeuler(lab: Operator) -> Operator:
    script = lab.directory / "setup.sh"
    script.write_text(SETUP, encoding="utf-8")
    with script.open() as stream:
        subprocess.run(
            ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", "sudo sh -s"], stdin=stream, check=True
        )
    return lab


def install(lab: Operator, *options: str, **variables: object) -> tuple[int, int, str]:
    """Return the exit status of a run, the number of tasks that changed something, and its output."""
    playbook = lab.directory / "packages.yml"
    playbook.write_text(yaml.safe_dump(PLAYBOOK), encoding="utf-8")
    process = subprocess.run(
        [
            Path(sys.executable).with_name("ansible-playbook"),
            playbook,
            "-i",
            lab.inventory,
            "-e",
            json.dumps(variables),
            *options,
        ],
        cwd=lab.directory,
        env=lab.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return process.returncode, sum(map(int, re.findall(r"changed=(\d+)", process.stdout))), process.stdout


def installed(lab: Operator) -> set[str]:
    return set(on_board(lab, r"sudo rpm -qa --qf '%{NAME}\n'").split()) & NAMES


def test_dnf_installs_what_the_plan_names_once(openeuler: Operator):
    status, changed, output = install(openeuler, torch_system_packages="require")
    assert status == 2 and "Packages | Check that they are installed" in output
    status, changed, output = install(openeuler, "--check")
    assert (status, changed, installed(openeuler)) == (0, 1, set()), output
    status, changed, output = install(openeuler)
    assert (status, changed, installed(openeuler)) == (0, 1, NAMES), output
    status, changed, output = install(openeuler)
    assert (status, changed) == (0, 0), output
    status, changed, output = install(openeuler, torch_system_packages="require")
    assert (status, changed) == (0, 0), output


def test_a_system_without_a_known_package_manager_is_told_what_it_needs(openeuler: Operator):
    on_board(openeuler, "sudo sh -c 'cd /usr/bin && mkdir away && mv dnf* yum* apt-get away/ 2>/dev/null || true'")
    try:
        status, _changed, output = install(openeuler)
        assert status == 2
        words = " ".join(output.split())
        assert (
            "Install by hand what this needs of the system: OpenBLAS (libopenblas.so.0) (Debian: libopenblas0)" in words
        )
        assert "no package manager that is known" in words
    finally:
        on_board(openeuler, "sudo sh -c 'mv /usr/bin/away/* /usr/bin/ && rmdir /usr/bin/away'")
