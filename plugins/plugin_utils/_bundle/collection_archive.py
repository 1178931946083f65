# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The archive of this collection, as ansible-galaxy installs it: from a checkout, or from an installed collection."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import subprocess
import sys
import tarfile
import tempfile
import typing as t
from pathlib import Path

from .._base import hashes
from .layout import BundleError

ROOT = Path(__file__).resolve().parents[3]
#: What the collection is. A checkout may have other files: an inventory with passwords, caches.
PARTS = ("CHANGELOG.rst", "LICENSE", "README.md", "docs", "examples", "meta", "playbooks", "plugins", "roles")
MANIFEST, FILES = "MANIFEST.json", "FILES.json"
_SECONDS = 300

Files = dict[str, tuple[bytes, int]]


def make_archive(root: Path = ROOT, parts: t.Collection[str] | None = PARTS) -> tuple[str, bytes]:
    """The file name and the content, which depends on nothing but the collection's files.

    parts: what counts of a checkout; None: all of it, for a copy of what git knows. Of an installed collection
    everything was published.
    """
    if (root / MANIFEST).is_file():
        manifest, listed, files = _installed_files(root)
    else:
        manifest, listed, files = _built_files(root)
        if parts is not None:
            listed["files"] = [one for one in listed["files"] if one["name"].partition("/")[0] in (".", *parts)]
    listed["files"].sort(key=lambda entry: entry["name"])
    list_text = _render(listed)
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(list_text).hexdigest()
    stream = io.BytesIO()
    # Without times and owners: the same collection is always the same file.
    with (
        gzip.GzipFile(fileobj=stream, mode="wb", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as archive,
    ):
        _add(archive, MANIFEST, _render(manifest), 0o644)
        _add(archive, FILES, list_text, 0o644)
        for entry in listed["files"]:
            if entry["name"] != ".":
                _add(archive, entry["name"], *files.get(entry["name"], (None, 0o755)))
    about = manifest["collection_info"]
    return f"{about['namespace']}-{about['name']}-{about['version']}.tar.gz", stream.getvalue()


def _render(content: t.Any) -> bytes:
    return json.dumps(content, indent=1, sort_keys=True).encode() + b"\n"


def _add(archive: tarfile.TarFile, name: str, content: bytes | None, mode: int) -> None:
    """A file, or a directory where there is no content."""
    member = tarfile.TarInfo(name)
    member.mode = mode
    if content is None:
        member.type = tarfile.DIRTYPE
        archive.addfile(member)
    else:
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))


def _installed_files(root: Path) -> tuple[dict[str, t.Any], dict[str, t.Any], Files]:
    """MANIFEST.json and FILES.json of an installed collection, and the files that they name, as they were published."""
    manifest, listed = (json.loads((root / name).read_text("utf-8")) for name in (MANIFEST, FILES))
    files: Files = {}
    for entry in listed["files"]:
        if entry["ftype"] != "file":
            continue
        path = root / entry["name"]
        if not path.is_file() or hashes.sha256_of(path) != entry["chksum_sha256"]:
            raise BundleError(
                f"{path} is not as it was published: a bundle takes the collection as it is installed here. Install the"
                " collection again (ansible-galaxy collection install --force)."
            )
        files[entry["name"]] = (path.read_bytes(), _mode(path.stat().st_mode))
    return manifest, listed, files


def _built_files(root: Path) -> tuple[dict[str, t.Any], dict[str, t.Any], Files]:
    """The same, of the archive that ansible-galaxy builds from a checkout."""
    with tempfile.TemporaryDirectory(prefix="edgeai-fleet-") as folder:
        command = [sys.executable, "-m", "ansible", "galaxy", "collection", "build", str(root), "--output-path", folder]
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=_SECONDS, check=False, stdin=subprocess.DEVNULL
        )
        built = list(Path(folder).glob("*.tar.gz"))
        if done.returncode != 0 or len(built) != 1:
            said = " ".join((done.stderr or done.stdout).split())[-400:]
            raise BundleError(f"ansible-galaxy cannot build the archive of the collection in {root}: {said}")
        files: Files = {}
        with tarfile.open(built[0]) as archive:
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    files[member.name] = (stream.read(), _mode(member.mode))
    return json.loads(files[MANIFEST][0]), json.loads(files[FILES][0]), files


def _mode(mode: int) -> int:
    return 0o755 if mode & 0o100 else 0o644
