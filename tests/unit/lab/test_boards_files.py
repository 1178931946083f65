# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A board's files, and what of them must be mounted; its packages; what a lab serves."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import debs
import files
import pytest
import www


def staged(tmp_path: Path, **board: object) -> list[str]:
    return files.stage({"name": "b", **board}, tmp_path / "lab.yml", tmp_path / "staging")


def test_contents(tmp_path: Path):
    (tmp_path / "recorded.txt").write_text("recorded", encoding="utf-8")
    binds = staged(
        tmp_path,
        files={
            "/etc/a": "text\0",
            "/etc/b": {"base64": "AAEC"},
            "/usr/bin/c": {"source": "recorded.txt", "mode": "0755"},
            "/usr/local/d": {"link": "../bin"},
        },
    )
    root = tmp_path / "staging" / "files"
    assert binds == []
    assert ((root / "etc/a").read_bytes(), (root / "etc/b").read_bytes()) == (b"text\0", b"\0\1\2")
    assert ((root / "usr/bin/c").read_text(encoding="utf-8"), (root / "usr/bin/c").stat().st_mode & 0o777) == (
        "recorded",
        0o755,
    )
    assert os.readlink(root / "usr/local/d") == "../bin"


def test_a_device_tree_and_more_of_it_are_one_mount(tmp_path: Path):
    binds = staged(
        tmp_path,
        model="Board",
        compatible=["a,b", "c,d"],
        files={"/sys/firmware/devicetree/base/chosen/pynq_board": "Pynq-Z2\0"},
    )
    assert binds == [f"{tmp_path}/staging/mounts/sys/firmware:/sys/firmware:ro"]
    base = tmp_path / "staging/mounts/sys/firmware/devicetree/base"
    assert {path.name: path.read_bytes() for path in base.rglob("*") if path.is_file()} == {
        "model": b"Board\0",
        "compatible": b"a,b\0c,d\0",
        "pynq_board": b"Pynq-Z2\0",
    }


def test_what_the_kernel_shows_is_mounted(tmp_path: Path):
    binds = staged(
        tmp_path, files={"/sys/class/no_such_class/x/state": "operating\n", "/proc/cpuinfo": "processor : 0\n"}
    )
    assert binds == [
        f"{tmp_path}/staging/mounts/proc/cpuinfo:/proc/cpuinfo:ro",
        f"{tmp_path}/staging/mounts/sys/class:/sys/class:ro",
    ]
    assert (tmp_path / "staging/mounts/sys/class/no_such_class/x/state").read_text(encoding="utf-8") == "operating\n"
    assert (tmp_path / "staging/mounts/proc/cpuinfo").is_file()


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("relative", "", "no absolute path"),
        ("/etc/../a", "", "no absolute path"),
        ("/sys/no_such_directory/a", "", "/sys/no_such_directory/a cannot be shown"),
        ("/etc/a", {"mode": "0755"}, "it has mode"),
        ("/etc/a", {"text": "", "base64": ""}, "it has text, base64"),
        ("/etc/a", {"text": "", "owner": "x"}, "it has text, owner"),
    ],
)
def test_wrong_files(tmp_path: Path, name: str, content: object, message: str):
    with pytest.raises(SystemExit, match=message):
        staged(tmp_path, files={name: content})


@pytest.mark.skipif(not shutil.which("dpkg-deb"), reason="dpkg-deb is not installed")
def test_packages_as_dpkg_reads_them(tmp_path: Path):
    one = {"name": "one", "version": "1:2.0-1", "depends": "two", "files": {"/usr/share/one/a": "text\n"}}
    debs.repository([one, {"name": "two", "version": "3", "installed": True}], "arm64", tmp_path)

    def dpkg(*arguments: str) -> str:
        return subprocess.run(
            ["dpkg-deb", *arguments], cwd=tmp_path, stdout=subprocess.PIPE, text=True, check=True
        ).stdout

    assert (
        dpkg("--show", "--showformat=${Package} ${Version} ${Architecture} ${Depends}", "one_2.0-1_arm64.deb")
        == "one 1:2.0-1 arm64 two"
    )
    dpkg("--extract", "one_2.0-1_arm64.deb", "extracted")
    assert (tmp_path / "extracted/usr/share/one/a").read_text(encoding="utf-8") == "text\n"
    assert (tmp_path / "installed").read_text(encoding="utf-8") == "two_3_arm64.deb\n"
    for stanza in (tmp_path / "Packages").read_text(encoding="utf-8").strip().split("\n\n"):
        fields = dict(line.split(": ", 1) for line in stanza.splitlines())
        assert (tmp_path / fields["Filename"]).stat().st_size == int(fields["Size"])


def test_served_until_stopped(tmp_path: Path):
    directory = tmp_path / "www"
    www.build({"a/b.txt": "text", "c.deb": {"deb": {"name": "c", "version": "1"}}}, directory, tmp_path / "lab.yml")
    url = www.serve(directory)
    try:
        with urllib.request.urlopen(f"{url}/a/b.txt") as answer:  # noqa: S310
            assert answer.read() == b"text"
        with urllib.request.urlopen(f"{url}/c.deb") as answer:  # noqa: S310
            assert answer.read().startswith(b"!<arch>\n")
    finally:
        www.stop(directory)
    with pytest.raises(OSError):
        for _attempt in range(100):
            urllib.request.urlopen(f"{url}/a/b.txt")  # noqa: S310
            time.sleep(0.05)
    www.stop(directory)
