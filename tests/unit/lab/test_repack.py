# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A wheel under another name must pass for one that was built so."""

from __future__ import annotations

import base64
import csv
import hashlib
import importlib.metadata
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import wheels

FILES = {
    "torch/__init__.py": "from torch.version import __version__\n",
    "torch/version.py": (
        "from typing import Optional\n\n__all__ = ['__version__', 'cuda']\n__version__ = '2.9.1+cpu'\ncuda:"
        " Optional[str] = None\n"
    ),
    "torch/odd, name.txt": "a comma\n",
    "torch-2.9.1.dist-info/METADATA": (
        "Metadata-Version: 2.1\nName: torch\nVersion: 2.9.1\nRequires-Dist: sympy\n\nVersion: 2.9.1 is a text here\n"
    ),
    "torch-2.9.1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-any\n",
    "torch-2.9.1.data/scripts/torchrun": "#!python\n",
    "torch-2.9.1.dist-info/RECORD": "nothing of this is taken over\n",
}
NEW = "torch-2.5.0a0+872d972e41.nv24.8-py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64.whl"


@pytest.fixture
def wheel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = tmp_path / "torch-2.9.1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name, text in FILES.items():
            entry = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            entry.external_attr = (0o755 if "scripts" in name else 0o644) << 16
            archive.writestr(entry, text)
    return path


def test_consistent_in_itself(wheel: Path):
    with zipfile.ZipFile(wheels.repack(wheel, NEW)) as archive:
        names = archive.namelist()
        record = {
            row[0]: row[1:]
            for row in csv.reader(
                archive.read("torch-2.5.0a0+872d972e41.nv24.8.dist-info/RECORD").decode().splitlines()
            )
        }
        contents = {name: archive.read(name) for name in names}
        assert archive.getinfo("torch-2.5.0a0+872d972e41.nv24.8.data/scripts/torchrun").external_attr >> 16 & 0o111
    assert sorted(record) == sorted(names) and len(names) == len(FILES)
    assert not any("2.9.1" in name for name in names)
    for name, (digest, size) in record.items():
        if not name.endswith("RECORD"):
            expected = base64.urlsafe_b64encode(hashlib.sha256(contents[name]).digest()).rstrip(b"=").decode()
            assert (digest, size) == (f"sha256={expected}", str(len(contents[name])))
    metadata = contents["torch-2.5.0a0+872d972e41.nv24.8.dist-info/METADATA"].decode()
    assert metadata == FILES["torch-2.9.1.dist-info/METADATA"].replace(
        "Version: 2.9.1\n", "Version: 2.5.0a0+872d972e41.nv24.8\n", 1
    )
    tags = contents["torch-2.5.0a0+872d972e41.nv24.8.dist-info/WHEEL"].decode().splitlines()[2:]
    assert tags == ["Tag: py3-none-manylinux_2_17_x86_64", "Tag: py3-none-manylinux2014_x86_64"]


def test_installed_it_reports_the_new_version(wheel: Path, tmp_path: Path):
    target = tmp_path / "site-packages"
    repacked = wheels.repack(wheel, "torch-2.5.0a0+872d972e41.nv24.8-py3-none-any.whl")
    subprocess.run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target", target, repacked],
        check=True,
    )
    (distribution,) = importlib.metadata.distributions(name="torch", path=[str(target)])
    assert distribution.version == "2.5.0a0+872d972e41.nv24.8"
    reported = subprocess.run(
        [sys.executable, "-c", "import torch; print(torch.__version__)"],
        cwd=target,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert reported.stdout.strip() == distribution.version


def test_the_same_bytes_every_time(wheel: Path):
    first = wheels.repack(wheel, NEW)
    content = first.read_bytes()
    first.unlink()
    assert wheels.repack(wheel, NEW).read_bytes() == content


@pytest.mark.parametrize("filename", ["torch.whl", "torch-2.5.0.tar.gz", "torch-2.5.0-cp311-linux_x86_64.whl"])
def test_a_name_that_is_none(wheel: Path, filename: str):
    with pytest.raises(SystemExit, match="no file name of a wheel"):
        wheels.repack(wheel, filename)


def test_a_wheel_whose_name_lies(wheel: Path):
    lying = wheel.rename(wheel.with_name("torch-2.9.2-py3-none-any.whl"))
    with pytest.raises(SystemExit, match="METADATA"):
        wheels.repack(lying, NEW)
