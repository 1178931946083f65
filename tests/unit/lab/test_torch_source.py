# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The source tree that stands for PyTorch's: what tests lean on."""

from __future__ import annotations

import shutil
import subprocess
import tarfile
from pathlib import Path

import pytest
import torch_source
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import switching_variables

VERSION = "2.6.0"


@pytest.mark.parametrize("package", ["torch", "torchvision"])
def test_an_archive_is_the_same_every_time_and_in_one_directory(package: str, tmp_path: Path):
    files = torch_source.tree(package)
    made = [tmp_path / number / f"{package}.tar.gz" for number in ("1", "2")]
    assert len({torch_source.pack(files, archive) for archive in made}) == 1
    with tarfile.open(made[0]) as archive:
        assert {name.partition("/")[0] for name in archive.getnames()} == {package}
        assert {name.partition("/")[2] for name in archive.getnames()} == set(files)


def test_traces_of_a_build_are_no_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(torch_source, "HERE", tmp_path)
    torch_source.unpack(
        {"setup.py": b"", "build/CMakeCache.txt": b"", "torch/__pycache__/x.pyc": b""}, tmp_path / "torch_tree"
    )
    assert list(torch_source.tree("torch")) == ["setup.py"]


def test_the_tree_has_the_options_of_its_version():
    """A feature that PyTorch 2.6.0 can switch must be one that this tree can switch."""
    cmake = torch_source.tree("torch")["CMakeLists.txt"].decode()
    for feature in (
        "cuda",
        "distributed",
        "mkldnn",
        "nnpack",
        "qnnpack",
        "xnnpack",
        "fbgemm",
        "kineto",
        "openmp",
        "numpy",
        "tests",
    ):
        for variable in switching_variables(VERSION, feature):
            assert f"option({variable} " in cmake, variable


@pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
def test_a_repository_has_its_third_party_as_a_submodule(tmp_path: Path):
    files = torch_source.tree("torch")
    commit = torch_source.repository(files, tmp_path / "served" / "pytorch", f"v{VERSION}")
    clone = tmp_path / "clone"
    # Over http or git:// this needs to be allowed by nobody.
    git = ["git", "-c", "protocol.file.allow=always", "-c", "advice.detachedHead=false"]
    subprocess.run(
        [
            *git,
            "clone",
            "--quiet",
            "--branch",
            f"v{VERSION}",
            "--recurse-submodules",
            tmp_path / "served" / "pytorch.git",
            clone,
        ],
        check=True,
    )
    paths = {path.relative_to(clone): path for path in clone.rglob("*") if path.is_file()}
    cloned = {name.as_posix(): path.read_bytes() for name, path in paths.items() if ".git" not in name.parts}
    del cloned[".gitmodules"]
    assert cloned == files
    assert (
        subprocess.run(
            ["git", "-C", clone, "rev-parse", "HEAD"], stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()
        == commit
    )
