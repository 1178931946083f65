# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the archive of the collection, the same bytes from the same commit.

python tools/build_archive.py [DIRECTORY]      # of what is committed or added; by default into the working directory

ansible-galaxy builds it, from a copy that has only files that git knows, and README's links lead to the tag of the
version in the repository: on Galaxy's page, relative links lead nowhere. Then the times and the order of the files are
made those of the commit: ansible-galaxy writes the present ones.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
#: The page that Galaxy shows, and its translation.
PAGES = ("README.md", "README.zh-CN.md")
FIRST = ("MANIFEST.json", "FILES.json")


def absolute_links(text: str, base: str) -> str:
    """Return a page whose relative links begin with base; those within the page stay."""
    return re.sub(r"\]\((?!https?://|#|mailto:)([^)\s]+)\)", lambda link: f"]({base}/{link[1]})", text)


def export(directory: Path, repository: Path = REPOSITORY) -> None:
    """Copy what git knows; README's links become absolute."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=repository, stdout=subprocess.PIPE, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        source, target = repository / name, directory / name
        if source.is_file() and not source.is_symlink():
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    galaxy = yaml.safe_load((directory / "galaxy.yml").read_text(encoding="utf-8"))
    for page in PAGES:
        if (directory / page).is_file():
            text = (directory / page).read_text(encoding="utf-8")
            base = f"{galaxy['repository']}/blob/v{galaxy['version']}"
            (directory / page).write_text(absolute_links(text, base), encoding="utf-8")


def commit_time(repository: Path = REPOSITORY) -> int:
    """Return SOURCE_DATE_EPOCH, or else the time of the commit."""
    if given := os.environ.get("SOURCE_DATE_EPOCH"):
        return int(given)
    command = ["git", "log", "-1", "--format=%ct"]
    return int(subprocess.run(command, cwd=repository, stdout=subprocess.PIPE, text=True, check=True).stdout)


def _as_json(value: dict) -> bytes:
    """JSON as ansible-galaxy writes it."""
    return json.dumps(value, indent=True).encode()


def reproducible(archive: bytes, time: int) -> bytes:
    """Return the archive with sorted files, and this time for all of them."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as given:
        content = {member.name: (member, given.extractfile(member)) for member in given.getmembers()}
        content = {name: (member, file.read() if file else b"") for name, (member, file) in content.items()}
    listed = json.loads(content["FILES.json"][1])
    listed["files"].sort(key=lambda file: file["name"])
    files = _as_json(listed)
    manifest = json.loads(content["MANIFEST.json"][1])
    manifest["file_manifest_file"]["chksum_sha256"] = hashlib.sha256(files).hexdigest()
    content["FILES.json"] = (content["FILES.json"][0], files)
    content["MANIFEST.json"] = (content["MANIFEST.json"][0], _as_json(manifest))
    made = io.BytesIO()
    with gzip.GzipFile(filename="", fileobj=made, mode="wb", mtime=time) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for name in [*FIRST, *sorted(content.keys() - set(FIRST))]:
                member, data = content[name]
                member.mtime, member.size, member.pax_headers = time, len(data), {}
                member.uid = member.gid = 0
                member.uname = member.gname = ""
                tar.addfile(member, io.BytesIO(data) if member.isfile() else None)
    return made.getvalue()


def build(directory: Path, repository: Path = REPOSITORY) -> Path:
    """Write the archive into a directory; return its path."""
    with tempfile.TemporaryDirectory() as scratch:
        tree, built = Path(scratch, "tree"), Path(scratch, "built")
        export(tree, repository)
        galaxy = Path(sys.executable).with_name("ansible-galaxy")
        command = [str(galaxy), "collection", "build", "--output-path", str(built), str(tree)]
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        (archive,) = built.glob("*.tar.gz")
        target = directory / archive.name
        target.write_bytes(reproducible(archive.read_bytes(), commit_time(repository)))
    return target


def main() -> None:
    path = build(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}")


if __name__ == "__main__":
    main()
