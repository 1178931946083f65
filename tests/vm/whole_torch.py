# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small stand-in for torch that proves itself whole: `torch.whole()` reads every file of its wheel."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from environment_support import make_wheel

FILES = 150
MODULE = """
import hashlib, json, os

def whole():
    here = os.path.dirname(os.path.abspath(__file__))
    with open(os.path.join(here, "digests.json")) as stream:
        digests = json.load(stream)
    for name, digest in digests.items():
        with open(os.path.join(here, name), "rb") as stream:
            found = hashlib.sha256(stream.read()).hexdigest()
        if found != digest:
            raise SystemExit("%s is torn" % name)
    if len(digests) != FILES:
        raise SystemExit("only %d files" % len(digests))
    return VERSION
"""


def wheel(folder: Path, version: str) -> dict:
    """Make the wheel of this version, with other files than any other version; return its artifact."""
    modules = {
        f"part{part}.py": f"DATA = {hashlib.shake_256(f'{version} {part}'.encode()).hexdigest(4000)!r}\n"
        for part in range(FILES)
    }
    files = {f"torch/{name}": text for name, text in modules.items()}
    files["torch/__init__.py"] = f"__version__ = VERSION = {version!r}\nFILES = {FILES}\n{MODULE}"
    files["torch/digests.json"] = json.dumps(
        {name: hashlib.sha256(text.encode()).hexdigest() for name, text in modules.items()}
    )
    return make_wheel(folder, "torch", version, files=files)
