# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The page of a bundle, for people: what is in it and for which boards. It loads nothing and runs nothing."""

from __future__ import annotations

import base64
import hashlib
import typing as t
from pathlib import Path

import jinja2

TEMPLATES = Path(__file__).parent / "templates"
INSTALLER = TEMPLATES / "install.sh"


def render_page(description: t.Mapping[str, t.Any], sizes: t.Mapping[str, int]) -> str:
    """The page. C(sizes): the bytes of each part by its name. Texts are escaped, whatever boards say of themselves."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    style = (TEMPLATES / "bundle.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode("utf-8")).digest()).decode("ascii")
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    page = environment.get_template("index.html.j2").render(
        about=description, sizes=sizes, style=style, policy=policy, size_text=size_text
    )
    # Half a surrogate pair cannot be written to a file.
    return page.encode("utf-8", "replace").decode("utf-8")


def size_text(size: int) -> str:
    """A size for people."""
    return f"{size / (1 << 20):.1f} MiB" if size >= 1 << 20 else f"{-(-size // 1024)} KiB"
