# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Filters are either for users, with documentation, or internal to the playbooks and roles, without."""

from __future__ import annotations

import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[4]
PACKAGE = "ansible_collections.edgeai.fleet.plugins.filter"
FILTERS = {
    name: function
    for path in (ROOT / "plugins/filter").glob("*.py")
    for name, function in importlib.import_module(f"{PACKAGE}.{path.stem}").FilterModule().filters().items()
}


def test_every_filter_is_documented_or_internal():
    documented = {path.stem for path in (ROOT / "plugins/filter").glob("*.yml")}
    assert {name for name in FILTERS if not name.startswith("internal_")} == documented


@pytest.mark.parametrize("name", sorted(name for name in FILTERS if name.startswith("internal_")))
def test_a_task_uses_each_internal_filter(name):
    files = [path for folder in ("playbooks", "roles") for path in (ROOT / folder).rglob("*.yml")]
    assert any(f"edgeai.fleet.{name}" in path.read_text(encoding="utf-8") for path in files)
