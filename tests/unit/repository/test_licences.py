# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each file says its licence: in a header, or REUSE.toml says it (https://reuse.software)."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

tomllib = pytest.importorskip("tomllib", reason="Python 3.11")
REPOSITORY = Path(__file__).resolve().parents[3]
LICENCE = "GPL-3.0-or-later"
# In two parts, because reuse reads this file, too.
HEADER = re.compile("SPDX-License-" + r"Identifier: (\S+)")


def tracked():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPOSITORY, stdout=subprocess.PIPE, check=False).stdout
    names = listed.decode().split("\0")
    # reuse ignores empty files, too.
    return [name for name in names if name and _has_content(REPOSITORY / name)]


def _has_content(path):
    return path.is_symlink() or path.is_file() and path.stat().st_size > 0


def annotated():
    (annotation,) = tomllib.loads((REPOSITORY / "REUSE.toml").read_text(encoding="utf-8"))["annotations"]
    assert annotation["SPDX-License-Identifier"] == LICENCE and annotation["SPDX-FileCopyrightText"]
    return annotation["path"]


def pattern(path):
    """A path of REUSE.toml as a regular expression: ** is anything, * stays in its folder."""
    parts = re.split(r"(\*\*|\*)", path)
    return re.compile("".join({"**": ".*", "*": "[^/]*"}.get(part, re.escape(part)) for part in parts))


def licence_of(name):
    path = REPOSITORY / name
    if path.is_symlink():
        return None
    found = HEADER.search(path.read_bytes()[:2000].decode("utf-8", errors="replace"))
    return found and found[1]


def test_every_file_has_a_licence():
    names = tracked()
    if not names:
        pytest.skip("no git repository")
    patterns = [pattern(path) for path in annotated()]
    licences = {name: licence_of(name) for name in names if not name.startswith("LICENSES/")}
    assert {found for found in licences.values() if found} == {LICENCE}
    silent = [
        name for name, found in licences.items() if not found and not any(one.fullmatch(name) for one in patterns)
    ]
    assert silent == [], "add a header as its neighbours have it, or a path to REUSE.toml"


def test_programs_have_headers_and_no_path_of_theirs_is_annotated():
    paths = annotated()
    # A pattern that covered programs would make the test above pass for any of them.
    assert not any(
        pattern(path).fullmatch(f"plugins/modules/new.{kind}") for path in paths for kind in ("py", "sh", "c")
    )
    assert not any(pattern(path).fullmatch("tools/new.py") for path in paths)


def test_every_path_is_needed():
    names = tracked()
    if not names:
        pytest.skip("no git repository")
    assert [path for path in annotated() if not any(pattern(path).fullmatch(name) for name in names)] == []


def test_the_text_of_the_licence_is_there():
    text = (REPOSITORY / "LICENSE").read_text(encoding="utf-8")
    assert text == (REPOSITORY / f"LICENSES/{LICENCE}.txt").read_text(encoding="utf-8")
    assert "GNU GENERAL PUBLIC LICENSE" in text and "Version 3" in text
