# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The recipes of the catalogues: what they ask for, every release that they are for can be built with."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import feature_variables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.packaging_shim import SpecifierSet
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import versions_by_python
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.torch_releases import RELEASES, is_for_python

ROLES = Path(__file__).resolve().parents[5] / "roles"
FIVE = (
    "cuda",
    "distributed",
    "mkldnn",
    "nnpack",
    "qnnpack",
)  # once NO_CUDA, NO_DISTRIBUTED, NO_MKLDNN, NO_NNPACK, NO_QNNPACK


def catalogue(family):
    for path in sorted((ROLES / family / "vars").rglob("*.yml")):
        rows = yaml.safe_load(path.read_text(encoding="utf-8")).get(f"__{family}_catalogue")
        if rows:
            return rows
    return []


ROWS = [
    (family, row)
    for family in ("jetson", "pynq", "raspberrypi")
    for row in catalogue(family)
    if row.get("action") == "build" and "refuse" not in row
]
COMPILED = pytest.mark.parametrize(("family", "row"), ROWS, ids=[row["id"] for _family, row in ROWS])
PYTHONS = [f"3.{minor}" for minor in range(6, 15)]


def releases(row, python):
    specifier = SpecifierSet(row["torch"]) & SpecifierSet((versions_by_python(row) or {}).get(python, ""))
    return [torch for torch in RELEASES if specifier.contains(torch)]


@COMPILED
def test_every_release_of_a_recipe_can_be_told_what_it_asks_for(family, row):
    rendered = [
        feature_variables(torch, row["build"]["features"])
        for torch in RELEASES
        if SpecifierSet(row["torch"]).contains(torch)
    ]
    assert rendered and all(rendered)
    for variables in rendered:
        assert variables.get("USE_CUDA") == ("1" if row["accelerator"] == "cuda" else "0")


@COMPILED
def test_a_recipe_says_for_each_python_what_knows_it(family, row):
    for python in versions_by_python(row) or {}:
        if SpecifierSet(row.get("python", "")).contains(f"{python}.0"):
            unknown = [torch for torch in releases(row, python) if not is_for_python(torch, python)]
            assert unknown == [], f"Python {python}"


@COMPILED
def test_there_is_something_to_choose(family, row):
    """What auto takes is a release that some Python of the row has."""
    auto = SpecifierSet(row.get("auto", ""))
    fitting = [
        python
        for python in PYTHONS
        if SpecifierSet(row.get("python", "")).contains(f"{python}.0")
        and (not row.get("by_python") or python in versions_by_python(row))
    ]
    assert any(
        auto.contains(torch) and is_for_python(torch, python) for python in fitting for torch in releases(row, python)
    )


@pytest.mark.parametrize("family", ["pynq", "raspberrypi"])
def test_boards_without_a_gpu_are_built_without_the_five(family):
    for of, row in ROWS:
        if of == family:
            assert {name: row["build"]["features"].get(name) for name in FIVE} == dict.fromkeys(FIVE, False), row["id"]


def test_what_is_built_for_cuda_is_only_for_who_asks_for_it_and_says_that_it_is_a_guess():
    cuda = [row for _family, row in ROWS if row["accelerator"] == "cuda"]
    assert cuda and all(row["asked"] is True and row["proven"] == "guess" for row in cuda)


def test_every_jetson_that_can_be_built_for_has_its_compute_capability():
    """TORCH_CUDA_ARCH_LIST: https://github.com/rbonghi/jetson_stats, CUDA_TABLE."""
    found = {
        row["when"]["soc"]: row["build"]["environment"]["TORCH_CUDA_ARCH_LIST"]
        for row in catalogue("jetson")
        if "build" in row and "accelerator" not in row
    }
    assert found == {"tegra210": "5.3", "tegra186": "6.2", "tegra194": "7.2", "tegra234": "8.7", "tegra264": "11.0"}
