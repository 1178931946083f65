# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input: one clear message, before the board is changed."""

from __future__ import annotations

import json
import os
import subprocess
import uuid
from pathlib import Path

import pytest
import yaml
from playbook_runs import Operator


def untouched(operator: Operator) -> bool:
    return not (operator.directory / "torch").exists()


REFUSED = {
    "unknown-version": ({"torch_version": "9.9.9"}, ["9.9.9"]),
    "version-without-a-build": ({"torch_version": "2.13.77"}, ["2.13.77"]),
    "no-gpu": ({"torch_accelerator": "cuda"}, ["cuda"]),
    "old-python": ({"torch_python": "3.6"}, ["3.6"]),
    "no-such-user": ({"torch_user": "nobody-of-this-name"}, ["nobody-of-this-name"]),
    "root-is-a-file": ({}, ["is a file", "torch-root-is-a-file"]),
    "another-user": (
        {"torch_user": "root"},
        ["torch_user is root, but Ansible works as ", "without root", "Set ansible_become: true"],
    ),
    "another-owner": (
        {"torch_env_owner": "root"},
        ["torch_env_owner is root, but Ansible works as ", "without root", "Set ansible_become: true"],
    ),
}


def unprivileged(place: str) -> dict:
    """Return the variables that make this machine a board on which Ansible works without root, for any user who runs
    the tests.
    """
    become = {
        "ansible_become": True,
        "ansible_become_method": "su",
        "ansible_become_user": "nobody",
        "ansible_become_flags": "-s /bin/sh",
    }
    common = {
        "ansible_python_interpreter": "/usr/bin/python3",
        "ansible_pipelining": True,
        "torch_python": "auto",
        "torch_root": place,
    }
    return {**common, **become} if os.geteuid() == 0 else common


def test_refused_by_the_plan_each_for_its_own_reason(local: Operator):
    """A fleet in which each board has another request that cannot be satisfied."""
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    common = inventory["all"]["hosts"].pop("localhost")
    for name, (variables, _words) in REFUSED.items():
        inventory["all"]["hosts"][name] = {**common, "torch_root": str(local.directory / f"torch-{name}"), **variables}
    place = f"/var/tmp/torch-{uuid.uuid4()}"
    for name in ("another-user", "another-owner"):
        inventory["all"]["hosts"][name].update(unprivileged(place))
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    file = local.directory / "torch-root-is-a-file"
    file.write_text("a file", encoding="utf-8")

    run = local.provision()
    assert run.status != 0, run.output
    assert run.outcomes() == dict.fromkeys(REFUSED, "refused"), run.output
    for name, (_variables, words) in REFUSED.items():
        for word in words:
            assert word in run.verdict(name)["reason"]
    assert list(local.directory.glob("torch-*")) == [file] and not Path(place).exists()
    assert file.read_text(encoding="utf-8") == "a file"


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"torch_version": "latest"}, ["torch_version", "latest"]),
        ({"torch_accelerator": "gpu"}, ["torch_accelerator", "gpu", "cuda"]),
        ({"torch_rings": []}, ["torch_rings"]),
        ({"torch_build": "never"}, ["torch_build is now torch_build_policy (it is set for localhost). Rename it"]),
        ({"torch_plan": {"version": "2.9.1"}}, ["torch_plan is what this collection's roles find out, not an option"]),
    ],
)
def test_wrong_request_ends_the_run(local: Operator, variables: dict, words: list[str]):
    run = local.provision(**variables)
    assert run.status != 0, run.output
    for word in words:
        assert word in run.output
    assert untouched(local)


def test_no_space(local: Operator):
    root = local.directory / "small"
    root.mkdir()
    if os.geteuid() != 0:
        pytest.skip("a small file system is mounted by root")
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=100m", "tmpfs", str(root)], check=True)
    try:
        run = local.provision(torch_root=str(root / "torch"))
        assert run.status != 0
        assert run.verdict()["outcome"] in ("error", "refused")
        assert "MiB" in run.verdict()["reason"] or "GiB" in run.verdict()["reason"]
        assert not list(root.glob("torch/envs/*"))
    finally:
        subprocess.run(["umount", str(root)], check=True)


def test_index_unreachable(local: Operator):
    empty = local.directory / "empty"
    empty.mkdir()
    nowhere = "http://127.0.0.1:9/simple"
    run = local.provision(
        environ={"PIP_INDEX_URL": nowhere, "PIP_EXTRA_INDEX_URL": nowhere, "PIP_FIND_LINKS": str(empty)},
        wheelhouse_dir=str(local.directory / "wheelhouse"),
    )
    assert run.status != 0, run.output
    assert "127.0.0.1:9" in run.output
    assert untouched(local)


def wheel_of(lock_directory: Path, wheelhouse: Path) -> Path:
    lock = json.loads(next(lock_directory.glob("*.json")).read_text(encoding="utf-8"))
    package = next(package for package in lock["packages"] if package["name"] == "filelock")
    return wheelhouse / "sha256" / package["sha256"] / package["filename"]


def test_tampered_wheels_are_never_installed(local: Operator):
    wheelhouse = local.directory / "wheelhouse"
    first = local.provision(wheelhouse_dir=str(wheelhouse))
    assert first.status == 0, first.output

    # In the wheelhouse: the damage is found, the file is set aside and fetched again.
    artifact = wheel_of(local.directory / "locks", wheelhouse)
    genuine = artifact.read_bytes()
    artifact.write_bytes(genuine[:-1] + bytes([genuine[-1] ^ 1]))
    run = local.provision(wheelhouse_dir=str(wheelhouse))
    assert run.status == 0, run.output
    assert artifact.name in run.output and "sha256" in run.output
    assert artifact.read_bytes() == genuine

    # On the board: not used for a repair.
    root = local.directory / "torch"
    cached = root / "cache" / "artifacts" / artifact.parent.name / artifact.name
    cached.write_bytes(genuine[:-1] + bytes([genuine[-1] ^ 1]))
    next((root / "current" / "lib").glob("python3.*/site-packages/filelock/__init__.py")).unlink()
    run = local.provision(wheelhouse_dir=str(wheelhouse))
    assert run.status == 0, run.output
    assert cached.read_bytes() == genuine
