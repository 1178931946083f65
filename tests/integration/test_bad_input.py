# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Bad input: one clear message, before the board is changed."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest
from conftest import Operator


def untouched(operator: Operator) -> bool:
    return not (operator.directory / "torch").exists()


@pytest.mark.parametrize(("variables", "words"), [
    ({"torch_version": "9.9.9"}, ["9.9.9"]),
    ({"torch_version": "2.13.77"}, ["2.13.77"]),
    ({"torch_accelerator": "cuda"}, ["cuda"]),
    ({"torch_python": "3.6"}, ["3.6"]),
    ({"torch_user": "nobody-of-this-name"}, ["nobody-of-this-name"]),
])
def test_refused_by_the_plan(local: Operator, variables: dict, words: list[str]):
    run = local.provision(**variables)
    assert run.status != 0, run.output
    assert run.verdict()["outcome"] == "refused", run.output
    for word in words:
        assert word in run.verdict()["reason"]
    assert untouched(local)


@pytest.mark.parametrize(("variables", "words"), [
    ({"torch_version": "latest"}, ["torch_version", "latest"]),
    ({"torch_accelerator": "gpu"}, ["torch_accelerator", "gpu", "cuda"]),
    ({"torch_verison": "2.9.1"}, ["torch_verison", "torch_version"]),
    ({"torch_rings": []}, ["torch_rings"]),
])
def test_wrong_request_ends_the_run(local: Operator, variables: dict, words: list[str]):
    run = local.provision(**variables)
    assert run.status != 0, run.output
    for word in words:
        assert word in run.output
    assert untouched(local)


def test_root_is_a_file(local: Operator):
    (local.directory / "torch").write_text("a file", encoding="utf-8")
    run = local.provision()
    assert run.status != 0
    assert run.verdict()["outcome"] == "refused"
    assert str(local.directory / "torch") in run.verdict()["reason"]
    assert (local.directory / "torch").read_text(encoding="utf-8") == "a file"


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

    # In the wheelhouse: noticed, set aside, fetched again.
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
