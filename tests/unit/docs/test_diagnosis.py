# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast
import importlib.util
import re
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("diagnosis_table", REPOSITORY / "tools" / "diagnosis_table.py")
diagnosis_table = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(diagnosis_table)


def test_the_page_has_every_diagnosis():
    page = diagnosis_table.PAGE.read_text(encoding="utf-8")
    assert page.split(diagnosis_table.BEGIN)[1].split(diagnosis_table.END)[0] == diagnosis_table.markdown_table(), (
        "run: python tools/diagnosis_table.py"
    )


def test_each_diagnosis_has_its_page():
    pages = {path.name: path.read_text(encoding="utf-8") for path in diagnosis_table.PAGES.glob("*")}
    assert pages == diagnosis_table.pages(), "run: python tools/diagnosis_table.py"


def test_a_page_shows_what_a_person_sees():
    for row in diagnosis_table.load_table():
        symptoms = diagnosis_table.symptoms_of(row)
        if "text" in row:
            assert symptoms and re.search(row["text"], symptoms[0]), row["id"]
        assert not re.search(r"\{(?!print)\w*\}", "".join(diagnosis_table.answer_of(row, symptoms))), row["id"]
        page = diagnosis_table.page_of(row)
        assert row["evidence"] in page and all(symptom in page for symptom in symptoms)


def test_what_is_proven_names_a_test_that_causes_it():
    for row in diagnosis_table.load_table():
        assert ("test" in row) is (row["confidence"] == "proven"), row["id"]
        if "test" in row:
            path, name = row["test"].split("::")
            source = (REPOSITORY / path).read_text(encoding="utf-8")
            functions = {node.name for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)}
            assert name in functions and f'"{row["id"]}"' in source, row["test"]


def test_variables_named_in_fixes_exist():
    options = {}
    for specs in REPOSITORY.glob("roles/*/meta/argument_specs.yml"):
        options.update(yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])
    families = "|".join(path.parents[1].name for path in REPOSITORY.glob("roles/*/meta/argument_specs.yml"))
    fixes = " ".join(row["fix"] for row in diagnosis_table.load_table())
    assert set(re.findall(rf"\b((?:{families})_\w+)\b", fixes)) - options.keys() - {"torch_npu"} == set()
    for name, value in re.findall(rf"\b((?:{families})_\w+): ([\w-]+)", fixes):
        assert value in options[name].get("choices", [value]), f"{name}: {value}"
