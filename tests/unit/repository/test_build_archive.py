# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive: the same bytes from the same commit, and README's links for Galaxy's page."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import json
import tarfile
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("build_archive", REPOSITORY / "tools" / "build_archive.py")
build_archive = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(build_archive)


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("[a](docs/a.md#b)", "[a](https://x/blob/v1/docs/a.md#b)"),
        ("[a](LICENSE)", "[a](https://x/blob/v1/LICENSE)"),
        ("[a](#use-it)", "[a](#use-it)"),
        ("[a](https://semver.org)", "[a](https://semver.org)"),
        ("`a[0](b c)`", "`a[0](b c)`"),
    ],
)
def test_links_lead_to_the_tag(link, made):
    assert build_archive.absolute_links(f"x {link} y", "https://x/blob/v1") == f"x {made} y"


def archive(names, *, time, owner, listed):
    """An archive as ansible-galaxy builds it, at some time, by some user, in some order."""
    files = json.dumps({"files": [{"name": name} for name in listed], "format": 1}, indent=True).encode()
    manifest = {"file_manifest_file": {"name": "FILES.json", "chksum_sha256": hashlib.sha256(files).hexdigest()}}
    content = {"MANIFEST.json": json.dumps(manifest).encode(), "FILES.json": files, **dict.fromkeys(names, b"text")}
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        folder = tarfile.TarInfo("plugins")
        folder.type, folder.mode, folder.mtime = tarfile.DIRTYPE, 0o755, time
        tar.addfile(folder)
        for name, data in content.items():
            member = tarfile.TarInfo(name)
            member.size, member.mtime, member.uname, member.uid = len(data), time, owner, time
            tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


def test_two_builds_are_the_same_bytes():
    first = archive(["b.md", "plugins/a.py"], time=1700000000.5, owner="alice", listed=["plugins/a.py", "b.md"])
    second = archive(["plugins/a.py", "b.md"], time=1800000000, owner="bob", listed=["b.md", "plugins/a.py"])
    made = build_archive.reproducible(first, 1600000000)
    assert first != second and made == build_archive.reproducible(second, 1600000000)
    with tarfile.open(fileobj=io.BytesIO(made)) as tar:
        assert tar.getnames() == ["MANIFEST.json", "FILES.json", "b.md", "plugins", "plugins/a.py"]
        assert {(member.mtime, member.uid, member.uname) for member in tar} == {(1600000000, 0, "")}
        assert tar.getmember("plugins").isdir() and tar.getmember("plugins").mode == 0o755
        files, manifest = (tar.extractfile(name).read() for name in ("FILES.json", "MANIFEST.json"))
        assert tar.extractfile("b.md").read() == b"text"
    # ansible-galaxy collection verify compares this.
    assert json.loads(manifest)["file_manifest_file"]["chksum_sha256"] == hashlib.sha256(files).hexdigest()


def test_the_time_is_that_of_the_commit(monkeypatch):
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1234")
    assert build_archive.commit_time() == 1234
