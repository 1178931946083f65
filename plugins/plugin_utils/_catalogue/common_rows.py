# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Rows and tables that are not of one family: common_rows.yml for all families, row_tables.yml for several."""

from __future__ import annotations

import functools
from pathlib import Path

from ansible.module_utils.common.yaml import yaml_load


@functools.cache
def _read_content(name: str) -> dict:
    return yaml_load(Path(__file__).with_name(name).read_text(encoding="utf-8"))


def common_rows() -> list[dict]:
    return _read_content("common_rows.yml")["rows"]


def row_tables() -> dict[str, list[dict]]:
    """The tables that `rows` of a catalogue can name: rows that several families have."""
    return _read_content("row_tables.yml")


def version_tables() -> dict[str, dict[str, str]]:
    """The tables that `by_python` of a row can name: the versions of torch by minor version of Python."""
    return _read_content("common_rows.yml")["by_python"]


def versions_by_python(row: dict) -> dict[str, str] | None:
    table = row.get("by_python")
    return version_tables()[table] if isinstance(table, str) else table
