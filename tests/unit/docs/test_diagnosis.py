# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("diagnosis_table", REPOSITORY / "tools" / "diagnosis_table.py")
diagnosis_table = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(diagnosis_table)


def test_the_page_has_every_diagnosis():
    page = diagnosis_table.PAGE.read_text(encoding="utf-8")
    assert page.split(diagnosis_table.BEGIN)[1].split(diagnosis_table.END)[0] == diagnosis_table.table(), (
        "run: python tools/diagnosis_table.py"
    )


def test_variables_named_in_fixes_exist():
    import re

    import yaml

    known = set()
    for specs in REPOSITORY.glob("roles/*/meta/argument_specs.yml"):
        known |= set(yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])
    families = "|".join(path.parents[1].name for path in REPOSITORY.glob("roles/*/meta/argument_specs.yml"))
    named = {name for row in diagnosis_table.rows() for name in re.findall(rf"\b((?:{families})_\w+)\b", row["fix"])}
    assert named - known - {"torch_npu"} == set()
