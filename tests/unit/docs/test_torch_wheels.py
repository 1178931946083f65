# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The catalogue's rows against what PyPI's wheels of torch say about themselves (tools/data/torch_wheels.json)."""

from __future__ import annotations

import importlib.util
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

import plan_support
import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import common_rows, versions_by_python
from packaging.specifiers import SpecifierSet
from packaging.version import Version

REPOSITORY = Path(__file__).resolve().parents[3]
sys.path.append(str(REPOSITORY / "tests/index"))
SPECIFICATION = importlib.util.spec_from_file_location("torch_wheels", REPOSITORY / "tools" / "torch_wheels.py")
torch_wheels = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(torch_wheels)

DATA = json.loads(torch_wheels.DATA.read_text(encoding="utf-8"))
FAMILIES = sorted(path.parents[1].name for path in REPOSITORY.glob("roles/*/tasks/plan.yml"))
ROWS = {family: [*common_rows(), *plan_support.catalogue(family)] for family in FAMILIES}
# The compute capabilities of NVIDIA's GPUs for PCs, servers and Jetsons that a build of torch 2 may have code for.
CAPABILITIES = "3.7 5.0 5.2 6.0 6.1 7.0 7.5 8.0 8.6 8.9 9.0 10.0 10.3 12.0 12.1".split()
# The oldest driver for a major release of CUDA:
# https://docs.nvidia.com/deploy/cuda-compatibility/minor-version-compatibility.html
OLDEST_DRIVER = {"11": "450", "12": "525", "13": "580"}
GLIBC = {"manylinux1": 5, "manylinux2010": 12, "manylinux2014": 17}


class Offer(NamedTuple):
    """What a row promises of one wheel."""

    family: str
    row: dict
    python: str
    wheel: dict

    def __str__(self) -> str:
        return f"{self.row['id']}-{self.wheel['architecture']}-{self.python}-{self.wheel['version']}"


def is_on_pypi(row: dict) -> bool:
    """Whether torch comes from there: PyPI has no labels."""
    apart = row.get("provider") == "conda" or row.get("action") == "build" or "wheels" in row or "local" in row
    return "accelerator" in row and "refuse" not in row and not apart and "configured" in row.get("sources", [])


def architectures(row: dict) -> list[str]:
    named = row.get("when", {}).get("architecture", [])
    return [named] if isinstance(named, str) else named


def known_bad(family: str, row: dict, wheel: dict) -> bool:
    """Whether a row that holds for every board of the architecture refuses this wheel."""
    return any(
        set(bad.get("when", {})) <= {"architecture"}
        and wheel["architecture"] in (architectures(bad) or [wheel["architecture"]])
        and bad.get("accelerator") in (None, row["accelerator"])
        and "configured" in bad.get("sources", ["configured"])
        and SpecifierSet(bad.get("torch", "")).contains(wheel["version"])
        for bad in ROWS[family]
        if "refuse" in bad
    )


def offers() -> list[Offer]:
    found = []
    for family, rows in ROWS.items():
        for row in filter(is_on_pypi, rows):
            for wheel in DATA["wheels"]:
                if wheel["architecture"] not in architectures(row) or known_bad(family, row, wheel):
                    continue
                for python in ["3.6", "3.7", "3.8", *(f"3.{minor}" for minor in range(9, 20))]:
                    versions = versions_by_python(row)
                    wanted = SpecifierSet(row["torch"]) & SpecifierSet(
                        versions.get(python, "<0") if versions is not None else ""
                    )
                    if SpecifierSet(row.get("python", "")).contains(f"{python}.99") and wanted.contains(
                        wheel["version"]
                    ):
                        found.append(Offer(family, row, python, wheel))
    return found


OFFERS = offers()


def runs(capability: str, code: list[str]) -> bool:
    """Whether a GPU runs one of these binaries: those of its major, of its minor or an older one."""
    wanted = Version(capability)
    return any(Version(one).major == wanted.major and Version(one) <= wanted for one in code)


def served(row: dict) -> list[str]:
    return [
        capability
        for capability in CAPABILITIES
        if SpecifierSet(row["when"].get("compute_capability", "")).contains(capability)
    ]


def least(specifier: str) -> Version | None:
    return max((Version(clause.version) for clause in SpecifierSet(specifier) if clause.operator == ">="), default=None)


def test_there_are_offers_of_every_kind():
    assert {offer.row["accelerator"] for offer in OFFERS} == {"cpu", "cuda", "npu"}
    assert {"x86-cuda12.4", "x86-cuda13", "jetson-jetpack7-pypi"} <= {offer.row["id"] for offer in OFFERS}


def test_every_offer_has_a_wheel_for_its_python():
    wrong = [str(offer) for offer in OFFERS if offer.python not in offer.wheel["pythons"]]
    assert not wrong


def test_every_wheel_runs_on_the_glibc_that_is_asked_for():
    wrong = []
    for offer in OFFERS:
        names = [re.fullmatch(r"(manylinux\d+|manylinux_2_(\d+))_.+", name) for name in offer.wheel["platforms"]]
        oldest = min(int(name[2]) if name[2] else GLIBC[name[1]] for name in names if name)
        if least(offer.row["when"]["libc"]) < Version(f"2.{oldest}"):
            wrong.append(str(offer))
    assert not wrong


def test_a_build_is_for_what_the_row_promises():
    """A CUDA build for CUDA, of which the driver is one that the row asks for; for the CPU and the NPU none."""
    wrong = []
    for offer in OFFERS:
        cuda = offer.wheel["cuda"]
        if offer.row["accelerator"] == "cuda" and offer.family != "jetson":  # a Jetson's L4T stands for its driver
            driver = cuda and OLDEST_DRIVER[cuda.partition(".")[0]]
            if not driver or least(offer.row["when"].get("driver", "")) < Version(driver):
                wrong.append((str(offer), cuda))
        elif (offer.row["accelerator"] == "cuda") != bool(cuda):
            wrong.append((str(offer), cuda))
    assert not wrong


def test_a_build_has_code_for_every_card_of_the_row():
    wrong = [
        (str(offer), capability)
        for offer in OFFERS
        if offer.row["accelerator"] == "cuda" and offer.family != "jetson"
        for capability in served(offer.row)
        if not runs(capability, offer.wheel["capabilities"])
    ]
    assert not wrong


def test_code_for_thor_and_none_for_orin():
    """What the rows of JetPack 7 rest on: 11.0 is in the Arm builds for CUDA 13, 8.7 is not."""
    builds = [wheel for wheel in DATA["wheels"] if wheel["architecture"] == "aarch64" and wheel["cuda"]]
    assert builds and all("11.0" in wheel["capabilities"] and "8.7" not in wheel["capabilities"] for wheel in builds)


INDEXES = [row for row in ROWS["x86_conda"] if str(row.get("local", "")).startswith("cu")]


@pytest.mark.parametrize("row", INDEXES, ids=lambda row: row["id"])
def test_a_build_of_an_index_has_the_code_that_pytorch_says(row):
    """PyTorch's own table is of its newest release; of a CUDA that it no longer builds for it says nothing."""
    cuda = f"{row['local'][2:4]}.{row['local'][4:]}"
    if cuda not in DATA["releases"]["code"]:
        newest = max(Version(wheel["version"]) for wheel in DATA["wheels"])
        assert not SpecifierSet(row["torch"]).contains(newest), f"PyTorch no longer builds for CUDA {cuda}"
        return
    assert [one for one in served(row) if not runs(one, DATA["releases"]["code"][cuda])] == []


# --- Reading a wheel


def test_the_code_of_a_library():
    flags = b"\0sm_50 sm_60 sm_90a compute_90\0sm_86\0sm_50 sm_60\0"
    assert torch_wheels.code_of(flags) == ["5.0", "6.0", "9.0"]
    assert torch_wheels.code_of(b"\0nothing of CUDA\0") == []
    assert torch_wheels.code_of(b"sm_80 sm_100 sm_120") == ["8.0", "10.0", "12.0"]


def test_what_pytorch_says_of_its_releases():
    source = "X = 1\nPYTORCH_RELEASES_CODE_CC: dict[str, set[int]] = {'12.6': {50, 90}, '13.0': {75, 100, 120}}\n"
    assert torch_wheels.releases_of(source) == {"12.6": ["5.0", "9.0"], "13.0": ["7.5", "10.0", "12.0"]}
    with pytest.raises(LookupError, match="PYTORCH_RELEASES_CODE_CC"):
        torch_wheels.releases_of("X = {}")


def test_every_fact_says_where_it_was_read():
    for one in [*DATA["wheels"], DATA["releases"]]:
        assert re.fullmatch(r"https://\S+\.whl", one["url"]) and re.fullmatch(r"[0-9a-f]{64}", one["sha256"])
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", one["read"])
