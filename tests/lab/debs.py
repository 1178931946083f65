# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Debian packages with the right name and version but no content, or only a few texts, and a repository of them."""

from __future__ import annotations

import hashlib
import io
import tarfile
from pathlib import Path

KEYS = {"name", "version", "depends", "files", "installed"}


def repository(packages: list[dict], arch: str, directory: Path) -> None:
    """Write the packages and their index, for a line `deb [trusted=yes] file:DIRECTORY ./`."""
    directory.mkdir(parents=True, exist_ok=True)
    index, installed = [], []
    for package in packages:
        content = build(package, arch)
        filename = f"{package['name']}_{package['version'].partition(':')[2] or package['version']}_{arch}.deb"
        (directory / filename).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        index.append(f"{_control(package, arch)}Filename: ./{filename}\nSize: {len(content)}\nSHA256: {digest}\n\n")
        if package.get("installed"):
            installed.append(f"{filename}\n")
    (directory / "Packages").write_text("".join(index), encoding="utf-8")
    # board.sh installs these before sshd starts.
    (directory / "installed").write_text("".join(installed), encoding="utf-8")


def build(package: dict, arch: str) -> bytes:
    """Return one package: an ar archive of a version, its control file and its data; the same bytes every time."""
    if unknown := set(package) - KEYS:
        raise ValueError(
            f"unknown in package {package.get('name')}: {', '.join(sorted(unknown))}. Known: {', '.join(sorted(KEYS))}."
        )
    data = {f".{path}": text for path, text in package.get("files", {}).items()}
    members = {
        "debian-binary": b"2.0\n",
        "control.tar": _tar({"./control": _control(package, arch)}),
        "data.tar": _tar(data),
    }
    archive = b"!<arch>\n"
    for name, content in members.items():
        archive += (
            f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(content):<10}`\n".encode()
            + content
            + b"\n" * (len(content) % 2)
        )
    return archive


def _control(package: dict, arch: str) -> str:
    fields = {
        "Package": package["name"],
        "Version": package["version"],
        "Architecture": arch,
        "Maintainer": "edgeai.fleet lab <lab@localhost>",
        "Depends": package.get("depends"),
        "Description": "a stand-in of the lab",
    }
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value)


def _tar(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.GNU_FORMAT) as archive:
        parents = {str(parent) for name in files for parent in Path(name).parents if str(parent) != "."}
        for parent in sorted(parents):
            directory = tarfile.TarInfo(f"./{parent}")
            directory.type, directory.mode = tarfile.DIRTYPE, 0o755
            archive.addfile(directory)
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            info.size, info.mode = len(text.encode()), 0o644
            archive.addfile(info, io.BytesIO(text.encode()))
    return buffer.getvalue()
