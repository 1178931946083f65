# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The atlas catalogue against Huawei's table of torch_npu releases and the wheels that PyPI has of them
(fixtures/torch_npu.json).
"""

import json
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[5]
FACTS = json.loads((ROOT / "tests/unit/fixtures/torch_npu.json").read_text(encoding="utf-8"))
VARIABLES = yaml.safe_load((ROOT / "roles/atlas/vars/main.yml").read_text(encoding="utf-8"))
CATALOGUE = VARIABLES["__atlas_catalogue"]
PYTHONS = [f"3.{minor}" for minor in range(6, 16)]
NEWEST_FOR_OLD_CANN = Version("3.11")  # CANN up to 8.5


class Once(yaml.SafeLoader):
    """As Ansible's, but where it warns of a key that is there twice, which overriding what is merged is, this fails."""

    def construct_mapping(self, node, deep=False):
        self.flatten_mapping(node)
        keys = [key.value for key, _value in node.value]
        assert len(keys) == len(set(keys)), f"{sorted(keys)}{node.start_mark}"
        return super().construct_mapping(node, deep)


def pinned(row):
    """The torch_npu that a row gives."""
    pins = [Requirement(text) for text in row.get("constraints", []) if text.startswith("torch-npu")]
    return str(next(iter(pins[0].specifier)).version) if pins else None


def pairings(architecture):
    return {pinned(row): row for row in CATALOGUE if pinned(row) and row["when"]["architecture"] == architecture}


def pythons(row):
    return [python for python in PYTHONS if SpecifierSet(row["python"]).contains(f"{python}.1")]


def known(fact):
    """The Pythons that table, wheels and CANN have in common."""
    old = Version(fact["cann"]) <= Version("8.5.0")
    both = [python for python in fact["python"] if python in fact["wheels"]["python"]]
    return [python for python in both if not old or Version(python) <= NEWEST_FOR_OLD_CANN]


SERVED = [fact for fact in FACTS["rows"] if "wheels" in fact]


@pytest.mark.parametrize("architecture", ["aarch64", "x86_64"])
def test_what_pypi_has_of_the_table_is_offered_and_nothing_else(architecture):
    assert sorted(pairings(architecture)) == sorted(fact["torch_npu"] for fact in SERVED)
    assert not set(pairings(architecture)) & set(FACTS["unpaired"])


@pytest.mark.parametrize("architecture", ["aarch64", "x86_64"])
@pytest.mark.parametrize("fact", SERVED, ids=lambda fact: fact["torch_npu"])
def test_no_row_contradicts_the_table(fact, architecture):
    row = pairings(architecture)[fact["torch_npu"]]
    assert row["torch"] == f"=={fact['torch']}"
    assert Version(row["when"]["cann"].removeprefix("==")) == Version(fact["cann"])
    assert row["when"]["libc"] == f">={fact['wheels']['libc']}"
    assert pythons(row) == known(fact)
    assert Version(fact["torch_npu"]).release == Version(fact["torch"]).release


def test_no_row_overrides_what_it_merges():
    assert Once((ROOT / "roles/atlas/vars/main.yml").read_text(encoding="utf-8")).get_single_data() == VARIABLES


@pytest.mark.parametrize("architecture", ["aarch64", "x86_64"])
def test_of_one_cann_the_newest_torch_comes_first(architecture):
    order = [(Version(row["when"]["cann"][2:]), Version(row["torch"][2:])) for row in pairings(architecture).values()]
    by_cann = {cann: [torch for other, torch in order if other == cann] for cann, _torch in order}
    assert all(torches == sorted(torches, reverse=True) for torches in by_cann.values())


def test_every_row_keeps_cuda_away_and_asks_for_what_torch_npu_does_not_declare():
    for row in [*pairings("aarch64").values(), *pairings("x86_64").values()]:
        assert row["forbid"] == ["nvidia-*", "cuda-*", "triton"]
        names = {Requirement(text).name for text in row["requirements"]}
        assert {"torch-npu", "numpy", "pyyaml", "decorator", "scipy", "attrs", "psutil", "cffi", "protobuf"} <= names
        # PyPI's aarch64 builds are CUDA builds from 2.11 on, those for x86-64 always are.
        if row["when"]["architecture"] == "x86_64" or Version(row["torch"][2:]) >= Version("2.11"):
            assert row["local"] == "cpu"


def test_numpy_stays_within_what_cann_takes():
    for row in pairings("aarch64").values():
        numpy = [Requirement(text) for text in row["requirements"] if text.startswith("numpy")]
        if Version(row["when"]["cann"][2:]) <= Version("8.5.0"):
            assert [str(requirement) for requirement in numpy] == ["numpy<=1.24.0,>=1.19.2"]
        else:
            for python in pythons(row):
                assert len([one for one in numpy if one.marker.evaluate({"python_version": python})]) == 1


def test_the_refusals_name_the_cann_releases_that_are_served():
    served = {fact["cann"] for fact in SERVED}
    rows = {row["id"]: row for row in CATALOGUE}
    for name in ("atlas-no-cann", "atlas-nnrt-only", "atlas-cann-unknown"):
        assert all(cann in rows[name]["way_out"] for cann in served), name
    unknown = SpecifierSet(rows["atlas-cann-unknown"]["when"]["cann"])
    older = SpecifierSet(rows["atlas-cann-before-7"]["when"]["cann"])
    for cann in {fact["cann"] for fact in FACTS["rows"]} - {"6.3.RC3.1"}:  # no version to PEP 440
        assert not unknown.contains(cann, prereleases=True), cann
        assert older.contains(cann, prereleases=True) is (cann not in served), cann
    for cann in ("8.5.1", "8.3.RC2", "9.0.0-beta.1", "9.2.0"):
        assert unknown.contains(cann, prereleases=True), cann
