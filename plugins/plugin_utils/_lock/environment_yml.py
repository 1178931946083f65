# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Read environment.yml strictly: nothing in it is silently ignored.

It is read on the control node, because boards have no YAML parser.
"""

from __future__ import annotations

from typing import Any

from ansible.module_utils.common.yaml import yaml_load

from .._base.messages import did_you_mean

# `name` and `prefix` are allowed and not used: the task says where the environment is.
KEYS = ("name", "channels", "dependencies", "prefix", "variables")


def read_environment_yml(text: str, path: str) -> dict[str, Any]:
    """{specs, channels, variables}; the text of a ValueError is for the user."""
    for number, line in enumerate(text.splitlines(), 1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            raise ValueError(f"{path}: line {number} is indented with a tab, which YAML forbids: use spaces")
    try:
        content = yaml_load(text)
    except Exception as error:  # of the YAML library, which ansible-core may exchange
        raise ValueError(f"{path} is not valid YAML: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise ValueError(f"{path} is not a mapping with the keys {', '.join(KEYS)}")
    for key in content:
        if key not in KEYS:
            raise ValueError(
                f"{path} has the unknown key {key!r}{did_you_mean(key, KEYS) or '; known are ' + ', '.join(KEYS)}"
            )
    variables = content.get("variables") or {}
    if not isinstance(variables, dict):
        raise ValueError(f"{path}: variables is not a mapping of names to values")
    return {
        "specs": [_read_spec(entry, path) for entry in _read_list(content, "dependencies", path)],
        "channels": [_read_text(entry, "channels", path) for entry in _read_list(content, "channels", path)],
        "variables": {str(name): str(value) for name, value in variables.items()},
    }


def _read_list(content: dict[str, Any], key: str, path: str) -> list[Any]:
    entries = content.get(key) or []
    if key == "dependencies" and not entries:
        raise ValueError(f"{path} has no dependencies")
    if not isinstance(entries, list):
        raise ValueError(f"{path}: {key} is not a list")
    return entries


def _read_spec(entry: Any, path: str) -> str:
    if isinstance(entry, dict) and set(entry) == {"pip"}:
        raise ValueError(
            f"{path} has a pip section ({', '.join(map(str, entry['pip'] or []))}): pip's packages are neither solved"
            " nor locked with the rest. Use the conda-forge packages instead, or install them with ansible.builtin.pip"
            " afterwards"
        )
    return _read_text(entry, "dependencies", path)


def _read_text(entry: Any, key: str, path: str) -> str:
    if not isinstance(entry, str) or not entry.strip():
        raise ValueError(f"{path}: {entry!r} among its {key} is not a text")
    return entry.strip()
