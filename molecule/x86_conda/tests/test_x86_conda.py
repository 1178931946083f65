# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A conda environment without conda: solved and locked here, installed over SSH, proven, and rolled back.

The order matters: the last test switches the environment.
"""

import json
import os
import subprocess
import sys
from pathlib import Path

ROOT = "/opt/edgeai/torch"
PROJECT = Path(__file__).resolve().parents[3]


def test_the_record_says_satisfied(record):
    verdict = record["verdict"]
    assert (verdict["satisfied"], verdict["outcome"], verdict["died"]) == (True, "cpu", None), verdict["reason"]
    assert verdict["user"] == "vision"


def test_torch_multiplies_for_the_user_of_the_workload(multiply, record):
    assert multiply("vision") == (record["verdict"]["torch"].split("+")[0], 27.0)


def test_the_lock_names_conda_packages(state):
    lock = json.loads(next((state / "locks").glob("*.json")).read_text(encoding="utf-8"))
    assert lock["provider"] == "conda"
    assert all(
        package["filename"].endswith(".conda") and package["url"].startswith("file:///") for package in lock["packages"]
    )
    assert [tool["name"] for tool in lock["tools"]] == ["py-rattler"]
    assert any(
        package["filename"].startswith("pytorch-") and "-cpu_" in package["filename"] for package in lock["packages"]
    )


def test_conda_knows_the_prefix(host):
    # conda recognizes an environment by this file. The JSON files describe its packages.
    assert host.file(f"{ROOT}/current/conda-meta/history").is_file
    found = json.loads(host.check_output(f"cat {ROOT}/current/conda-meta/pytorch-*.json"))
    assert (found["name"], found["channel"].startswith("file:///")) == ("pytorch", True)
    assert "lib/python" in " ".join(found["files"])


def test_activated_it_is_the_python_of_the_shell(host):
    # What `conda activate` does to a shell: PATH and CONDA_PREFIX.
    with host.sudo("vision"):
        env = host.check_output(f"readlink -f {ROOT}/current")
        code = "import sys, torch; print(sys.prefix, torch.__file__)"
        prefix, torch = host.check_output(
            f"env CONDA_PREFIX={env} PATH={env}/bin:/usr/bin:/bin python -c '{code}'"
        ).split()
        assert prefix == env
        assert torch.startswith(env + "/lib/")


def test_a_later_pip_keeps_torch(host):
    assert host.file(f"{ROOT}/current/.edgeai/constraints.txt").content_string.startswith("torch==2.")
    with host.sudo():
        version = host.check_output(f"{ROOT}/current/bin/python -m pip --version")
        assert f"{ROOT}/envs/" in version or "site-packages" in version
        kept = host.run(f"{ROOT}/current/bin/python -m pip install --no-index --dry-run torch==1.13.1")
    assert kept.rc != 0
    assert "constraint" in kept.stdout + kept.stderr or "conflict" in (kept.stdout + kept.stderr).lower()


def test_no_conda_and_no_cuda_is_on_the_board(host):
    assert not host.exists("conda")
    assert host.check_output(f"find -L {ROOT}/current/conda-meta -name 'cuda*' -o -name 'nvidia*'") == ""


def test_another_request_is_built_beside_it_and_rolled_back(host, provision, state):
    before = host.file(f"{ROOT}/current").linked_to
    status, boards = provision(torch_environment={"OMP_NUM_THREADS": "1"})
    assert (status, boards["pc"]["verdict"]["satisfied"]) == (0, True)
    after = host.file(f"{ROOT}/current").linked_to
    assert after != before
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": f"{PROJECT}/ansible.cfg",
        "ANSIBLE_COLLECTIONS_PATH": f"{PROJECT}/.build/collections",
    }
    playbook = Path(sys.executable).with_name("ansible-playbook")
    subprocess.run(
        [playbook, "edgeai.fleet.rollback", "-i", state / "hosts.yml"], cwd=PROJECT, env=environment, check=True
    )
    assert host.file(f"{ROOT}/current").linked_to == before
    with host.sudo("vision"):
        assert host.check_output(f"{ROOT}/bin/python -c 'import torch; print(torch.ones(2).sum().item())'") == "2.0"
