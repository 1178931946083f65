# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write tests/unit/fixtures/torch_npu_chips.json: which Ascend chips each torch_npu on PyPI knows, for which Pythons it
has wheels, and of which C++ ABI they are.

    python3 tools/npu_chips.py

The names are the strings of libtorch_npu.so: torch_npu looks the chip's name up in a table of them, and fails with
"Unsupported soc version" for any other. One wheel of each release is read, and of that only the library: byte ranges of
the file, checked against the zip archive's CRC-32. The SHA-256 is the index's, of the whole wheel. Releases that are in
the file already are not read again.

The C++ ABI of std::string (_GLIBCXX_USE_CXX11_ABI) is that of the function of torch which the library calls for a
failed check. One wheel of each architecture is read for it, up to that name.
"""

from __future__ import annotations

import datetime
import io
import json
import re
import sys
import urllib.request
import zipfile
from pathlib import Path

DATA = Path(__file__).resolve().parents[1] / "tests/unit/fixtures/torch_npu_chips.json"
INDEX = "https://pypi.org/simple/torch-npu/"
LIBRARY = "torch_npu/lib/libtorch_npu.so"
WHEEL = re.compile(r"torch_npu-([^-]+)-cp3(\d+)-cp3\d+-.*?(aarch64|x86_64)\.whl")
# A whole C string: other strings contain such names, too. Ascend950 stands for all names that begin with it.
CHIP = re.compile(rb"\0Ascend((?:310|910|950)[A-Za-z0-9_-]*)(?=\0)")

# c10::detail::torchCheckFail(char const*, char const*, unsigned int, std::string const&), in both ABIs.
CHECK_FAIL = re.compile(rb"_ZN3c106detail14torchCheckFailEPKcS\w*jRK(Ss|NSt7__cxx1112basic_string)")


class RangedFile(io.RawIOBase):
    """A file behind a URL, read by byte ranges: enough for zipfile, which reads the end first."""

    def __init__(self, url: str, size: int) -> None:
        self.url, self.size, self.position = url, size, 0

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True

    def tell(self) -> int:
        return self.position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self.position = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.size}[whence]
        return self.position

    def readinto(self, buffer: memoryview) -> int:
        wanted = min(len(buffer), self.size - self.position)
        if wanted <= 0:
            return 0
        last = self.position + wanted - 1
        headers = {"Range": f"bytes={self.position}-{last}"}
        request = urllib.request.Request(self.url, headers=headers)  # noqa: S310 (https, from the index)
        with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 (the same)
            if answer.status != 206:
                raise OSError(f"{self.url}: the server sends no byte ranges (status {answer.status})")
            data = answer.read()
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)


def read_index() -> list[dict]:
    request = urllib.request.Request(INDEX, headers={"Accept": "application/vnd.pypi.simple.v1+json"})
    with urllib.request.urlopen(request, timeout=120) as answer:  # noqa: S310 (the constant above)
        return json.load(answer)["files"]


def wheels_by_release(files: list[dict]) -> dict[str, dict[str, dict[str, dict]]]:
    """{release: {architecture: {Python: file}}}, without yanked files."""
    found: dict[str, dict[str, dict[str, dict]]] = {}
    for file in files:
        match = WHEEL.fullmatch(file["filename"])
        if match and not file["yanked"]:
            release, minor, architecture = match.groups()
            found.setdefault(release, {}).setdefault(architecture, {})[f"3.{minor}"] = file
    return found


def chips_of(file: dict) -> list[str]:
    """The names of chips in the library of this wheel."""
    remote = io.BufferedReader(RangedFile(file["url"], file["size"]), 4 << 20)
    with zipfile.ZipFile(remote) as archive:
        return sorted({match.decode() for match in CHIP.findall(archive.read(LIBRARY))})


def cxx11_abi_of(file: dict) -> bool | None:
    """Whether the library wants the torch of this wheel to have the C++11 ABI; None if it does not say."""
    remote = io.BufferedReader(RangedFile(file["url"], file["size"]), 4 << 20)
    with zipfile.ZipFile(remote) as archive, archive.open(LIBRARY) as library:
        before = b""
        while block := library.read(4 << 20):
            if match := CHECK_FAIL.search(before + block):
                return match[1] != b"Ss"
            before = block[-200:]
    return None


def text_of(releases: dict[str, dict]) -> str:
    """The data file, with one release per line."""
    lines = ",\n".join(f"  {json.dumps(release)}: {json.dumps(found)}" for release, found in releases.items())
    return f'{{\n "index": {json.dumps(INDEX)},\n "releases": {{\n{lines}\n }}\n}}\n'


def by_number(python: str) -> int:
    return int(python.partition(".")[2])


def main() -> None:
    known = json.loads(DATA.read_text("utf-8")) if DATA.exists() else {}
    releases = {}
    for release, wheels in sorted(wheels_by_release(read_index()).items()):
        pythons = {architecture: sorted(wheels[architecture], key=by_number) for architecture in sorted(wheels)}
        architecture = "aarch64" if "aarch64" in wheels else "x86_64"
        file = wheels[architecture][pythons[architecture][0]]
        read = known.get("releases", {}).get(release, {}).get("read", {})
        if read.get("sha256") != file["hashes"]["sha256"]:
            read = {
                "url": file["url"],
                "sha256": file["hashes"]["sha256"],
                "uploaded": file["upload-time"][:10],
                "date": datetime.datetime.now(datetime.timezone.utc).date().isoformat(),
                "chips": chips_of(file),
            }
            print(release, ", ".join(read["chips"]), file=sys.stderr, flush=True)
        abi = known.get("releases", {}).get(release, {}).get("cxx11_abi", {})
        if sorted(abi) != sorted(wheels):
            abi = {name: cxx11_abi_of(wheels[name][pythons[name][0]]) for name in sorted(wheels)}
            print(release, abi, file=sys.stderr, flush=True)
        releases[release] = {"pythons": pythons, "cxx11_abi": abi, "read": read}
        DATA.write_text(text_of(releases), "utf-8")


if __name__ == "__main__":
    main()
