# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("support_table", REPOSITORY / "tests" / "support_table.py")
support_table = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(support_table)
README = support_table.README.read_text(encoding="utf-8")


def test_support_table_is_what_the_catalogues_say():
    shown = README.split(support_table.BEGIN)[1].split(support_table.END)[0]
    assert shown == support_table.table(), "run: python tests/support_table.py"


def test_variables_of_the_readme_exist():
    known = set()
    for specs in REPOSITORY.glob("roles/*/meta/argument_specs.yml"):
        known |= set(yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])
    named = set(re.findall(r"`((?:torch|wheelhouse|raspberrypi|x86_conda)_\w+)`", README))
    modules = {path.stem for folder in ("modules", "filter", "lookup") for path in (REPOSITORY / "plugins" / folder).glob("*.py")}
    assert named - known - modules == set()


def test_every_variable_of_the_request_is_in_the_readme():
    options = yaml.safe_load((REPOSITORY / "roles/torch/meta/argument_specs.yml").read_text(encoding="utf-8"))["argument_specs"]["main"]["options"]
    assert [name for name in options if f"`{name}`" not in README] == []
