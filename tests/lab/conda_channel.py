# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a conda channel of real packages on this machine: the running Python, and wheels under their names in
conda-forge.

    python conda_channel.py DIRECTORY [REQUIREMENT]

The channel gets Python, and PyTorch's CPU build (torch==2.13.0+cpu without a REQUIREMENT) with its requirements.
conda-forge itself builds PyTorch from source; this channel has PyTorch's own wheel, unpacked, with conda-forge's name
and metadata. An existing channel stays.
"""

from __future__ import annotations

import asyncio
import csv
import os
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile
from email.parser import HeaderParser
from pathlib import Path

import rattler_build
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename
from rattler.index import index_fs

TORCH = "torch==2.13.0+cpu"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"
PLATFORM = "linux-64"
PYTHON = "{}.{}".format(*sys.version_info[:2])
TAG = f"py{PYTHON.replace('.', '')}"
SITE = f"lib/python{PYTHON}/site-packages"
NAMES = {"torch": "pytorch"}
# Parts that programs do not need and that would make the package large.
LEFT_OUT = (
    "test",
    "idlelib",
    "tkinter",
    "turtledemo",
    "__pycache__",
    "site-packages",
    "ensurepip",
    "lib2to3",
    "config-*",
    "*.a",
)


def create(channel: Path) -> None:
    for subdir in (PLATFORM, "noarch"):
        (channel / subdir).mkdir(parents=True, exist_ok=True)


def index(channel: Path) -> None:
    asyncio.run(index_fs(str(channel)))


def add(channel: Path, name: str, version: str, build: str, depends: list[str], stage: Path, number: int = 0) -> Path:
    """Make a package of the files below `stage`."""
    made = rattler_build.assemble_package(
        name=name,
        version=version,
        target_platform=PLATFORM,
        build_string=build,
        build_number=number,
        depends=depends,
        files_dir=str(stage),
        output_dir=str(channel / PLATFORM),
        compression_level=1,
        detect_prefix=False,
    )
    return Path(made.path)


def add_files(
    channel: Path, name: str, version: str, build: str, depends: list[str], files: dict[str, str], number: int = 0
) -> Path:
    """Make a package of these texts, by their paths below the prefix."""
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            target = Path(folder, path)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
        return add(channel, name, version, build, depends, Path(folder), number)


def add_python(channel: Path) -> Path:
    """Package the Python behind this one: interpreter, standard library, and its own library if it is a shared one."""
    source = Path(sys.base_prefix)
    with tempfile.TemporaryDirectory() as folder:
        stage = Path(folder)
        (stage / "bin").mkdir()
        shutil.copy2((source / f"bin/python{PYTHON}").resolve(), stage / f"bin/python{PYTHON}")
        _find_libraries_beside(stage / f"bin/python{PYTHON}", source / "lib")
        for name in ("python", "python3"):
            (stage / "bin" / name).symlink_to(f"python{PYTHON}")
        shutil.copytree(
            source / f"lib/python{PYTHON}",
            stage / f"lib/python{PYTHON}",
            ignore=shutil.ignore_patterns(*LEFT_OUT),
            symlinks=True,
        )
        # Only files are packaged: without a file, the directory would be missing.
        (stage / SITE).mkdir()
        (stage / SITE / "README.txt").write_text("Packages are installed here.\n", encoding="utf-8")
        for library in (source / "lib").glob("libpython3*.so*"):
            shutil.copy2(library, stage / "lib" / library.name, follow_symlinks=False)
        return add(channel, "python", "{}.{}.{}".format(*sys.version_info[:3]), "local_0_cpython", [], stage)


def _find_libraries_beside(program: Path, place: Path) -> None:
    """A Python built with a shared library may look for it by the absolute path of its build: make this path relative
    to the program.
    """
    old, new = os.fsencode(place) + b"\0", b"$ORIGIN/../lib\0"
    if len(old) >= len(new):
        program.write_bytes(program.read_bytes().replace(old, new.ljust(len(old), b"\0")))


def add_wheel(channel: Path, wheel: Path, build: str) -> Path:
    """Package an unpacked wheel: its files, scripts and requirements, as conda-forge's recipes do."""
    name, version = parse_wheel_filename(wheel.name)[:2]
    with tempfile.TemporaryDirectory(dir=channel) as folder, zipfile.ZipFile(wheel) as archive:
        site = Path(folder, SITE)
        archive.extractall(site)
        info = next(site.glob("*.dist-info"))
        for data in site.glob("*.data"):
            shutil.rmtree(data)  # headers, manuals
        metadata = HeaderParser().parsestr((info / "METADATA").read_text(encoding="utf-8"))
        (info / "INSTALLER").write_text("conda\n", encoding="utf-8")
        with (info / "RECORD").open("a", newline="", encoding="utf-8") as record:
            csv.writer(record).writerow([f"{info.name}/INSTALLER", "", ""])
        depends = [f"python {PYTHON}.*", *filter(None, map(_depends, metadata.get_all("Requires-Dist", [])))]
        return add(
            channel,
            NAMES.get(name, name),
            version.base_version if version.local else str(version),
            build,
            depends,
            Path(folder),
        )


def _depends(text: str) -> str | None:
    requirement = Requirement(text)
    if requirement.marker and not requirement.marker.evaluate({"extra": ""}):
        return None
    name = canonicalize_name(requirement.name)
    versions = re.sub(r"==([^,]*)\.\*", r"\1.*", str(requirement.specifier))
    return f"{NAMES.get(name, name)} {versions}".strip()


def download(requirements: list[str], folder: Path) -> list[Path]:
    """Download the wheels of these requirements and of all that they require, by pip's own configuration."""
    pip = [
        sys.executable,
        "-m",
        "pip",
        "download",
        "-q",
        "--only-binary",
        ":all:",
        "--dest",
        str(folder),
        *requirements,
    ]
    # PyTorch's own index is used only if the other indexes do not have the build.
    if subprocess.run(pip, stderr=subprocess.DEVNULL, check=False).returncode:
        subprocess.run([*pip, "--extra-index-url", TORCH_INDEX], check=True)
    return sorted(folder.glob("*.whl"))


def make(channel: Path, torch: str = TORCH) -> None:
    """Make the whole channel under another name, then rename it: a killed run leaves no channel that looks complete."""
    if channel.is_dir():
        return
    channel.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{channel.name}-", dir=channel.parent) as folder:
        beside = Path(folder, "channel")
        create(beside)
        add_python(beside)
        (beside / "wheels").mkdir()
        for wheel in download([torch, "numpy", "pip"], beside / "wheels"):
            add_wheel(beside, wheel, f"cpu_{TAG}_0" if parse_wheel_filename(wheel.name)[0] == "torch" else f"{TAG}_0")
            wheel.unlink()
        (beside / "wheels").rmdir()
        index(beside)
        (beside / "python").write_text(f"{PYTHON}\n", encoding="ascii")
        os.rename(beside, channel)


if __name__ == "__main__":
    make(Path(sys.argv[1]).resolve(), *sys.argv[2:])
