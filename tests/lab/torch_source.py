# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sources of torch and torchvision that compile in a minute: PyTorch's build interface without PyTorch, as a directory,
an archive or a repository.

    pack(tree("torch"), directory / "pytorch-v2.6.0.tar.gz")     # its sha256, the same every time
    repository(tree("torch"), directory / "pytorch", "v2.6.0")   # its third_party is a submodule

A tree is a dictionary of paths and contents: a test removes or adds files to make it wrong.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import subprocess
import tarfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUBMODULE = "third_party/fp16"
#: The time of all files, so that an archive that is made twice is the same.
DATE = 1577836800
TRACES = {"__pycache__", "build"}


def tree(package: str) -> dict[str, bytes]:
    """Return the files of the source of torch or torchvision."""
    top = HERE / f"{package}_tree"
    paths = (
        path for path in sorted(top.rglob("*")) if path.is_file() and not TRACES & set(path.parts[len(top.parts) :])
    )
    return {path.relative_to(top).as_posix(): path.read_bytes() for path in paths}


def pack(files: dict[str, bytes], archive: Path) -> str:
    """Write a `.tar.gz` with all files below one directory of its name, as releases have it; return its sha256."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for name, content in sorted(files.items()):
            info = tarfile.TarInfo(f"{archive.name.removesuffix('.tar.gz')}/{name}")
            info.size, info.mode, info.mtime = len(content), 0o644, DATE
            tar.addfile(info, io.BytesIO(content))
    packed = gzip.compress(buffer.getvalue(), mtime=DATE)
    archive.parent.mkdir(parents=True, exist_ok=True)
    archive.write_bytes(packed)
    return hashlib.sha256(packed).hexdigest()


def unpack(files: dict[str, bytes], directory: Path) -> Path:
    """Write the files to a directory."""
    for name, content in files.items():
        path = directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return directory


def repository(files: dict[str, bytes], directory: Path, tag: str) -> str:
    """Make the bare repositories DIRECTORY.git and, for its submodule, DIRECTORY-fp16.git; return the commit of the
    tag.

    The submodule's address is relative, as it can be on one server: `git daemon --base-path` serves both.
    """
    inside = {
        name.removeprefix(f"{SUBMODULE}/"): content
        for name, content in files.items()
        if name.startswith(f"{SUBMODULE}/")
    }
    outside = {name: content for name, content in files.items() if not name.startswith(f"{SUBMODULE}/")}
    address = f"../{directory.name}-fp16.git"
    outside[".gitmodules"] = f'[submodule "{SUBMODULE}"]\n\tpath = {SUBMODULE}\n\turl = {address}\n'.encode()
    module = _commit(inside, directory.with_name(f"{directory.name}-fp16"), tag, None)
    return _commit(outside, directory, tag, module)


def _commit(files: dict[str, bytes], directory: Path, tag: str, submodule: str | None) -> str:
    """Make DIRECTORY.git, a repository with one commit; return the commit."""
    unpack(files, directory)
    bare = directory.with_name(f"{directory.name}.git")
    who = {
        f"GIT_{role}_{what}": value
        for role in ("AUTHOR", "COMMITTER")
        for what, value in (("NAME", "lab"), ("EMAIL", "lab@localhost"), ("DATE", f"{DATE} +0000"))
    }

    def git(*words: str) -> str:
        command = ["git", f"--git-dir={bare}", f"--work-tree={directory}", *words]
        return subprocess.run(
            command, env={**os.environ, **who}, stdout=subprocess.PIPE, text=True, check=True
        ).stdout.strip()

    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", str(bare)], check=True)
    git("add", "--all")
    if submodule:
        git("update-index", "--add", "--cacheinfo", f"160000,{submodule},{SUBMODULE}")
    git("commit", "--quiet", "--message", tag)
    git("tag", tag)
    return git("rev-parse", "HEAD")
