# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A lock of wheels as pylock.toml, for the programs of others: uv and pip install from it, pip-audit checks it.

The format: https://packaging.python.org/en/latest/specifications/pylock-toml/
"""

from __future__ import annotations

import json
from typing import Any

from .._base import urls
from .._base.packaging_shim import canonicalize_name

CREATED_BY = "edgeai.fleet"


def pylock_name(key: str) -> str:
    """The file's name; the format prescribes its beginning and its end."""
    return f"pylock.{key}.toml"


def render_pylock(lock: dict[str, Any]) -> str | None:
    """The file's text; None for a lock of conda packages, which the format cannot express."""
    if lock["provider"] != "venv":
        return None
    target = lock["target"]
    python = ".".join(target["python"].split(".")[:2])  # what wheels are made for
    marker = (
        f"sys_platform == 'linux' and platform_machine == '{target['architecture']}' and python_version == '{python}'"
    )
    lines = [
        'lock-version = "1.0"',
        f"environments = [{_quoted(marker)}]",
        f"requires-python = {_quoted(f'=={python}.*')}",
        f"created-by = {_quoted(CREATED_BY)}",
    ]
    for package in sorted(lock["packages"], key=lambda package: package["name"]):
        path = urls.local_path(package["url"])
        wheel = {
            "name": package["filename"],
            **({"path": str(path)} if path else {"url": package["url"]}),
            **({"size": package["size"]} if package["size"] is not None else {}),
        }
        inner = ", ".join(
            f"{key} = {value if isinstance(value, int) else _quoted(value)}" for key, value in wheel.items()
        )
        lines += [
            "",
            "[[packages]]",
            f"name = {_quoted(canonicalize_name(package['name']))}",
            f"version = {_quoted(package['version'])}",
            "wheels = [",
            f"    {{ {inner}, hashes = {{ sha256 = {_quoted(package['sha256'])} }} }},",
            "]",
        ]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A basic string of TOML: a string of JSON, in which DEL may not stand as it is."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
