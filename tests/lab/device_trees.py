# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The device trees in Debian's kernel packages: boards that nobody here described. Fetched once, and kept between runs.

for tree in fetch("arm64"): tree.name, tree.strings("/", "compatible")
"""

from __future__ import annotations

import functools
import hashlib
import lzma
import os
import re
import shutil
import struct
import subprocess
import tarfile
import urllib.request
from pathlib import Path
from typing import NamedTuple

import engine
import images

# The kernel for all boards of an architecture.
KERNELS = {"arm64": r"linux-image-[\d.-]+(?:\+deb\d+)?-arm64", "armhf": r"linux-image-[\d.-]+(?:\+deb\d+)?-armmp"}
MAGIC, BEGIN_NODE, END_NODE, PROPERTY, END = 0xD00DFEED, 1, 2, 3, 9


class Tree(NamedTuple):
    """One board: the file's name, and its properties by node, such as {'/cpus/cpu@0': {'compatible': b'...'}}."""

    name: str
    nodes: dict[str, dict[str, bytes]]

    def strings(self, node: str, key: str) -> list[str]:
        """The strings of a property; none if there is no such property."""
        value = self.nodes.get(node, {}).get(key, b"")
        return [part.decode() for part in value.split(b"\0") if part]


def fetch(arch: str, suite: str = images.SUITE) -> list[Tree]:
    """Return the boards of an architecture that Debian's kernel of a suite has a device tree for."""
    if not shutil.which("dpkg-deb"):
        engine.install("dpkg", what="dpkg-deb, which unpacks Debian's kernel,")
    found = []
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(_package(arch, suite))], stdout=subprocess.PIPE
    ) as process:
        with tarfile.open(fileobj=process.stdout, mode="r|") as archive:
            for member in archive:
                if member.isfile() and member.name.endswith(".dtb"):
                    found.append(Tree(Path(member.name).name, read(archive.extractfile(member).read())))
    return found


def read(data: bytes) -> dict[str, dict[str, bytes]]:
    """Return the properties of a flattened device tree, by node and name.

    https://github.com/devicetree-org/devicetree-specification, chapter 5.
    """
    magic, _size, structure, strings = struct.unpack_from(">IIII", data)
    if magic != MAGIC:
        raise ValueError("this is not a flattened device tree")
    nodes: dict[str, dict[str, bytes]] = {}
    path: list[str] = []
    while True:
        (token,) = struct.unpack_from(">I", data, structure)
        structure += 4
        if token == BEGIN_NODE:
            end = data.index(b"\0", structure)
            path.append(data[structure:end].decode())
            nodes["/".join(path) or "/"] = {}
            structure = end + 4 & ~3
        elif token == END_NODE:
            path.pop()
        elif token == PROPERTY:
            size, name = struct.unpack_from(">II", data, structure)
            start = strings + name
            key = data[start : data.index(b"\0", start)].decode()
            nodes["/".join(path) or "/"][key] = data[structure + 8 : structure + 8 + size]
            structure = structure + 8 + size + 3 & ~3
        elif token == END:
            return nodes


def _package(arch: str, suite: str) -> Path:
    """The newest kernel package of the suite, checked by the hash in its index."""
    index = lzma.decompress(_download(f"{images.MIRROR}/dists/{suite}/main/binary-{arch}/Packages.xz")).decode()
    kernels = [
        dict(re.findall(r"(?m)^(\S+): (.+)$", entry))
        for entry in index.split("\n\n")
        if re.match(rf"Package: {KERNELS[arch]}\n", entry)
    ]
    newest = max(kernels, key=lambda kernel: [int(number) for number in re.findall(r"\d+", kernel["Version"])])
    place = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "edgeai-fleet" / "kernels"
    path = place / Path(newest["Filename"]).name
    if not path.exists():
        data = _download(f"{images.MIRROR}/{newest['Filename']}")
        if hashlib.sha256(data).hexdigest() != newest["SHA256"]:
            raise ValueError(f"{path.name} is not the file that Debian's index names")
        place.mkdir(parents=True, exist_ok=True)
        unfinished = path.with_suffix(f".{os.getpid()}")
        unfinished.write_bytes(data)
        unfinished.replace(path)
    return path


@functools.cache
def _download(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=300) as answer:  # noqa: S310 (the mirror of the lab)
        return answer.read()
