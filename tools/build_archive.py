# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Build the archive of the collection, the same bytes from the same commit.

python tools/build_archive.py [DIRECTORY]      # of what is committed or added; by default into the working directory

It is made as for a bundle, from a copy that has only files that git knows. README's links lead to the tag of the
version in the repository: on Galaxy's page, relative links lead nowhere.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(REPOSITORY / "tests"))

import venvs  # noqa: E402  (found by the line above)

# The collection is found by the next line, and its import follows it (E402).
sys.path.insert(0, str(venvs.link_collection()))

from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle.collection_archive import make_archive  # noqa: E402

#: The page that Galaxy shows, and its translation.
PAGES = ("README.md", "README.zh-CN.md")


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


def build(directory: Path, repository: Path = REPOSITORY) -> Path:
    """Write the archive into a directory; return its path."""
    with tempfile.TemporaryDirectory() as scratch:
        export(Path(scratch), repository)
        filename, content = make_archive(Path(scratch), parts=None)
    target = directory / filename
    target.write_bytes(content)
    return target


def main() -> None:
    path = build(Path(sys.argv[1] if len(sys.argv) > 1 else "."))
    print(f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path}")


if __name__ == "__main__":
    main()
