# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The content of common_rows.yml: rows and tables for all families."""

from __future__ import annotations

import functools
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load


@functools.cache
def _read_content() -> dict:
    return yaml_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def common_rows() -> list[dict]:
    return _read_content()["rows"]


def version_tables() -> dict[str, dict[str, str]]:
    """The tables that `by_python` of a row can name: the versions of torch by minor version of Python."""
    return _read_content()["by_python"]


def versions_by_python(row: dict) -> dict[str, str] | None:
    table = row.get("by_python")
    return version_tables()[table] if isinstance(table, str) else table
