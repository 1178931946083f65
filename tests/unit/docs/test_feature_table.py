# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("feature_table", REPOSITORY / "tools" / "feature_table.py")
feature_table = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(feature_table)


@pytest.mark.parametrize("name", feature_table.TABLES)
def test_the_page_is_what_the_table_says(name):
    page = feature_table.PAGE.read_text(encoding="utf-8")
    written = page.split(feature_table.BEGIN.format(name))[1].split(feature_table.END.format(name))[0]
    assert written == feature_table.TABLES[name](), "run: python tools/feature_table.py"
