# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import PLAYBOOKS

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("support_table", REPOSITORY / "tools" / "support_table.py")
support_table = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(support_table)
README = support_table.README.read_text(encoding="utf-8")
CATALOGUE = support_table.CATALOGUE.read_text(encoding="utf-8")
FAMILIES = "|".join(support_table.family_names())


@pytest.mark.parametrize(
    ("path", "part", "make"), support_table.PARTS, ids=[part for _path, part, _make in support_table.PARTS]
)
def test_tables_are_what_catalogues_and_golden_table_say(path, part, make):
    assert support_table.generated_part(path, part) == make(), "run: .build/test/bin/python tools/support_table.py"


@pytest.mark.parametrize(
    ("family", "names"),
    [
        ("jetson", ["TX2", "Nano", "Xavier NX", "AGX Xavier", "Orin Nano", "Orin NX", "AGX Orin", "Thor"]),
        ("raspberrypi", ["Zero 2 W", "3", "4", "5", "Compute Module 3+", "32-bit", "64-bit", "Bookworm", "Trixie"]),
        ("pynq", ["PYNQ-Z1", "PYNQ-Z2", "Ultra96", "ZCU104", "KV260", "PYNQ 2.7", "PYNQ 3.0"]),
        ("atlas", ["Atlas 200", "200 DK", "200I DK A2", "300I Pro", "300I Duo", "910"]),
        (
            "generic",
            ["Orange Pi 5", "Radxa Rock 5B", "i.MX 8M", "BeagleBone AI-64", "GH200", "DGX Spark", "VisionFive 2"],
        ),
        (
            "x86_conda",
            [
                "PC without a GPU",
                "NVIDIA GPU",
                "Ubuntu 18.04",
                "Ubuntu 20.04",
                "Ubuntu 22.04",
                "Debian 12",
                "driver 580",
            ],
        ),
    ],
)
def test_readers_find_their_board(family, names):
    (section,) = [
        part
        for part in support_table.generated_part(support_table.README, "support table").split("### ")
        if f"`{family}`" in part
    ]
    assert [name for name in names if not re.search(rf"\b{re.escape(name)}(?!\w)", section)] == []


def test_variables_of_the_documents_exist():
    known = set(PLAYBOOKS)
    for specs in REPOSITORY.glob("roles/*/meta/argument_specs.yml"):
        known |= set(yaml.safe_load(specs.read_text(encoding="utf-8"))["argument_specs"]["main"]["options"])
    named = set(re.findall(rf"`((?:torch|wheelhouse|{FAMILIES})_\w+)`", README + CATALOGUE))
    modules = {
        path.stem
        for folder in ("modules", "filter", "lookup")
        for path in (REPOSITORY / "plugins" / folder).glob("*.py")
    }
    # The result of a role is not an option.
    assert named - known - modules - set(support_table.family_names()) == {"torch_verdict"}


def test_every_variable_of_the_request_is_in_the_readme():
    options = yaml.safe_load((REPOSITORY / "roles/torch/meta/argument_specs.yml").read_text(encoding="utf-8"))[
        "argument_specs"
    ]["main"]["options"]
    assert [name for name in options if f"`{name}`" not in README] == []
