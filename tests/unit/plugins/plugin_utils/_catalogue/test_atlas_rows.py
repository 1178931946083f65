# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The atlas catalogue against what Huawei's pages pair with each CANN (fixtures/torch_npu.json), and against the wheels
that PyPI has: the chips in their library and their Pythons (fixtures/torch_npu_chips.json, by tools/npu_chips.py).
"""

import fnmatch
import json
import re
from pathlib import Path

import golden_support
import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.specifiers import leading_release
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version

ROOT = Path(__file__).resolve().parents[5]
FACTS = json.loads((ROOT / "tests/unit/fixtures/torch_npu.json").read_text(encoding="utf-8"))
WHEELS = json.loads((ROOT / "tests/unit/fixtures/torch_npu_chips.json").read_text(encoding="utf-8"))["releases"]
VARIABLES = yaml.safe_load((ROOT / "roles/atlas/vars/main.yml").read_text(encoding="utf-8"))
CATALOGUE = VARIABLES["__atlas_catalogue"]
PYTHONS = [f"3.{minor}" for minor in range(6, 16)]
ARCHITECTURES = ["aarch64", "x86_64"]
# The newest Python that CANN's documents have: up to 8.3, from 8.5 on.
NEWEST_BY_CANN = [(Version("8.4"), Version("3.11")), (Version("9.1.dev0"), Version("3.13"))]
# What a board's chip is called that only the PCI bus names, with one of torch_npu's names of that kind.
OF_THE_BUS = {
    "310B": "310B1",
    "310P": "310P1",
    "910": "910A",
    "910B-A2": "910B1",
    "910_93": "910_9391",
    "950": "950",
}
# Names in the libraries that no product has had: forerunners of 910_93 and 950.
UNSOLD = re.compile(r"910[CD]\d(-1)?|910_95(\d\d)?$")


class Once(yaml.SafeLoader):
    """As Ansible's, but where it warns of a key that is there twice, which overriding what is merged is, this fails."""

    def construct_mapping(self, node, deep=False):
        self.flatten_mapping(node)
        keys = [key.value for key, _value in node.value]
        assert len(keys) == len(set(keys)), f"{sorted(keys)}{node.start_mark}"
        return super().construct_mapping(node, deep)


def pinned(row):
    """The torch_npu that a row gives: the newest that it admits."""
    pins = [Requirement(text) for text in row.get("constraints", []) if text.startswith("torch-npu")]
    return max((clause.version for clause in pins[0].specifier), key=Version) if pins else None


ROWS = [row for row in CATALOGUE if pinned(row)]
BESIDE = [row for row in ROWS if "-cann8.x-" in row["id"]]


def pairings(architecture):
    return {pinned(row): row for row in ROWS if row["when"]["architecture"] == architecture and row not in BESIDE}


def pythons(row):
    return [python for python in PYTHONS if SpecifierSet(row["python"]).contains(f"{python}.1")]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_the_variables_of_nnal_are_of_the_cpp_abi_of_the_wheel(row):
    """The detector asks NNAL for the variables of the newer ABI."""
    newer = WHEELS[pinned(row)]["cxx11_abi"][row["when"]["architecture"]]
    assert row.get("replace_in_variables", {}) == ({} if newer else {"/cxx_abi_1": "/cxx_abi_0"})


def admits(row, cann):
    return SpecifierSet(row["when"]["cann"]).contains(leading_release(cann), prereleases=True)


def known(npu, architecture, cann):
    """The Pythons that table, wheels and CANN have in common."""
    table = next((fact["python"] for fact in FACTS["rows"] if fact["torch_npu"] == npu), PYTHONS)
    newest = next((python for end, python in NEWEST_BY_CANN if Version(leading_release(cann)) < end), Version("3.14"))
    both = [python for python in WHEELS[npu]["pythons"][architecture] if python in table]
    return [python for python in both if Version(python) <= newest]


def libc(npu):
    return re.search(r"manylinux_(2)_(\d+)", WHEELS[npu]["read"]["url"]).groups()


SERVED = [
    fact
    for fact in [*FACTS["rows"], *FACTS["more"]]
    if fact["torch_npu"] in WHEELS and not Version(fact["torch_npu"]).is_prerelease
]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_a_row_names_the_chips_that_its_wheel_knows_and_no_other(row):
    chips = set(WHEELS[pinned(row)]["read"]["chips"])
    every = {chip for wheel in WHEELS.values() for chip in wheel["read"]["chips"] if not UNSOLD.match(chip)}
    # Ascend950 is the beginning of all names of that kind.
    known_names = {chip for chip in every if chip in chips or ("950" in chips and chip.startswith("950"))}
    known_names |= {name for name, one in OF_THE_BUS.items() if one in chips}
    named = {
        pattern: fnmatch.filter({f"Ascend{chip}" for chip in every | set(OF_THE_BUS)}, pattern)
        for pattern in row["when"]["device"]
    }
    assert {name[6:] for names in named.values() for name in names} == known_names
    assert all(named.values()), "a pattern that names no chip"


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_what_pypi_has_of_the_tables_is_offered_and_nothing_else(architecture):
    assert sorted(pairings(architecture)) == sorted(fact["torch_npu"] for fact in SERVED)
    assert not set(pairings(architecture)) & set(FACTS["unpaired"])
    released = {release for release in WHEELS if not Version(release).is_prerelease}
    assert released - {fact["torch_npu"] for fact in SERVED} - {"2.10.0"} == set(FACTS["unpaired"])


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("fact", SERVED, ids=lambda fact: fact["torch_npu"])
def test_no_row_contradicts_the_tables(fact, architecture):
    row = pairings(architecture)[fact["torch_npu"]]
    assert row["torch"] == f"=={fact['torch']}"
    assert admits(row, fact["cann"])
    assert row["when"]["libc"] == ">=" + ".".join(libc(fact["torch_npu"]))
    assert pythons(row) == known(fact["torch_npu"], architecture, fact["cann"])
    assert Version(fact["torch_npu"]).release == Version(fact["torch"]).release
    others = {other["cann"] for other in SERVED} - {fact["cann"]}
    assert not [cann for cann in others if admits(row, cann)]


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_beside_the_table_each_torch_comes_once_from_the_branches_that_huawei_allows(architecture):
    beside = [row for row in BESIDE if row["when"]["architecture"] == architecture]
    allowed = {fact["torch_npu"] for fact in SERVED if fact["cann"] in FACTS["beside"]["branches"].values()}
    newest = {}
    for npu in sorted(allowed, key=Version):
        newest[Version(npu).base_version] = npu
    of_every_cann = "2.1.0"  # which each CANN has in its own rows
    assert {row["torch"][2:]: pinned(row) for row in beside} == {
        torch: npu for torch, npu in newest.items() if torch != of_every_cann
    }
    for row in beside:
        assert {fact["cann"] for fact in SERVED if admits(row, fact["cann"])} == set(FACTS["beside"]["cann"])
        assert pythons(row) == known(pinned(row), architecture, "8.3.RC1")
        assert CATALOGUE.index(row) > max(CATALOGUE.index(other) for other in pairings(architecture).values())


def test_cann_9_0_takes_both_releases_of_torch_npu_2_10():
    for architecture in ARCHITECTURES:
        (text,) = pairings(architecture)["2.10.0.post2"]["constraints"]
        fitting = [release for release in WHEELS if Requirement(text).specifier.contains(release)]
        assert sorted(fitting) == ["2.10.0", "2.10.0.post2"]
        assert WHEELS["2.10.0"]["read"]["chips"] == WHEELS["2.10.0.post2"]["read"]["chips"]
        assert WHEELS["2.10.0"]["pythons"] == WHEELS["2.10.0.post2"]["pythons"]


def test_no_row_overrides_what_it_merges():
    assert Once((ROOT / "roles/atlas/vars/main.yml").read_text(encoding="utf-8")).get_single_data() == VARIABLES


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_of_one_cann_the_newest_torch_comes_first(architecture):
    by_cann = {}
    for row in pairings(architecture).values():
        by_cann.setdefault(row["when"]["cann"], []).append(Version(row["torch"][2:]))
    assert all(torches == sorted(torches, reverse=True) for torches in by_cann.values())


def test_every_row_keeps_cuda_away_and_asks_for_what_torch_npu_does_not_declare():
    for row in ROWS:
        assert row["forbid"] == ["nvidia-*", "cuda-*", "triton"]
        names = {Requirement(text).name for text in row["requirements"]}
        assert {"torch-npu", "numpy", "pyyaml", "decorator", "scipy", "attrs", "psutil", "cffi", "protobuf"} <= names
        # PyPI's aarch64 builds are CUDA builds from 2.11 on, those for x86-64 always are.
        if row["when"]["architecture"] == "x86_64" or Version(row["torch"][2:]) >= Version("2.11"):
            assert row["local"] == "cpu"


# What CANN's documents say: up to 8.3, 8.5, 9.1 (that of 9.0 was not read: both neighbours take what it gets).
NUMPY = [
    ("8.3.RC1", "3.11", ["1.19.2", "1.24.0"], ["1.24.1", "2.1.2"]),
    ("8.5.0", "3.12", ["1.19.2", "1.26.4"], ["2.0.0", "2.1.2"]),
    ("8.5.0", "3.13", ["2.1.2"], ["1.26.4", "2.0.0"]),
    ("9.0.0", "3.10", ["1.23.2", "1.26.4"], ["2.1.2"]),
    ("9.1.0", "3.10", ["1.19.2", "1.26.4", "2.1.2"], []),
    ("9.1.1", "3.13", ["1.26.4", "2.1.2"], []),
]


@pytest.mark.parametrize(("cann", "python", "taken", "refused"), NUMPY)
def test_numpy_stays_within_what_cann_takes(cann, python, taken, refused):
    rows = [row for row in ROWS if admits(row, cann)]
    assert rows
    for row in rows:
        (numpy,) = [
            one
            for one in map(Requirement, row["requirements"])
            if one.name == "numpy" and (one.marker is None or one.marker.evaluate({"python_version": python}))
        ]
        assert [version for version in [*taken, *refused] if numpy.specifier.contains(version)] == taken


def test_the_refusals_name_the_cann_releases_that_are_served():
    served = {fact["cann"] for fact in SERVED}
    rows = {row["id"]: row for row in CATALOGUE}
    for name in ("atlas-no-cann", "atlas-nnrt-only", "atlas-cann-unknown"):
        assert all(cann in rows[name]["way_out"] for cann in served), name
    unknown = rows["atlas-cann-unknown"]["when"]["cann_build"]

    def refusing(cann):
        named = {name for name in ("atlas-cann-before-7", "atlas-cann-newer") if admits(rows[name], cann)}
        return named | {"atlas-cann-unknown" for pattern in unknown if fnmatch.fnmatchcase(cann, pattern)}

    for cann in {fact["cann"] for fact in FACTS["rows"]}:
        assert refusing(cann) == (set() if cann in served else {"atlas-cann-before-7"}), cann
    for cann in FAMILIES:
        assert refusing(cann) == set(), cann
    for cann in ("7.1.0", "8.0.RC4", "8.4.0", "8.6.0.alpha001", "unknown"):
        assert refusing(cann) == {"atlas-cann-unknown"}, cann
    for cann in ("9.2.0.alpha001", "9.2.0", "10.0.0"):
        assert refusing(cann) == {"atlas-cann-newer"}, cann


# Huawei's own names of patches and community builds, and the release in its table that each belongs to.
FAMILIES = {
    "8.0.RC2.alpha001": "8.0.RC2",
    "8.0.RC2.beta1": "8.0.RC2",
    "8.0.RC3.20": "8.0.RC3",
    "8.0.0.beta1": "8.0.0",
    "8.2.RC2": "8.2.RC1",
    "8.3.RC1.alpha003": "8.3.RC1",
    "8.5.0.alpha001": "8.5.0",
    "8.5.1": "8.5.0",
    "8.5.2": "8.5.0",
    "9.0.0-beta.1": "9.0.0",
    "9.0.1": "9.0.0",
    "9.1.1": "9.1.1",
    "9.1.2": "9.1.1",
}


@pytest.mark.parametrize("cann", FAMILIES)
def test_a_cann_that_the_table_lacks_gets_the_rows_of_its_family(cann):
    for architecture in ARCHITECTURES:
        rows = pairings(architecture).items()
        assert [npu for npu, row in rows if admits(row, cann)] == [
            npu for npu, row in rows if admits(row, FAMILIES[cann])
        ]


def packages_before(form, headers=False, hdk=(), cann=(), source="apt"):
    """What the role installs before driver and CANN."""
    variables = {
        **golden_support._templates("atlas"),
        "torch_board": {"platform": {"form": form}, "kernel": {"release": "5.10.0-216.aarch64"}},
        "__atlas_hdk_wanted": {"parts": list(hdk)},
        "__atlas_cann_wanted": {"parts": list(cann)},
        "__atlas_headers": {"stat": {"exists": headers}},
        "atlas_cann": {"version": "9.1.0", "from": source},
    }
    template = golden_support._trusted("{{ __atlas_packages_before }}")
    return list(Templar(loader=DataLoader(), variables=variables).template(template))


def test_what_the_installers_need_comes_before_them():
    module = ["dkms", "gcc", "make"]
    assert packages_before("card", hdk=["driver"]) == [
        "net-tools",
        "pciutils",
        *module,
        "linux-headers-5.10.0-216.aarch64",
    ]
    assert packages_before("card", headers=True, hdk=["firmware", "driver"]) == ["net-tools", "pciutils", *module]
    assert packages_before("soc", hdk=["driver"]) == ["net-tools", "pciutils"]
    assert packages_before("card", hdk=["firmware"]) == []
    assert packages_before("card") == []
    assert packages_before("soc", cann=["ops"]) == ["gcc", "g++", "make", "python3-pip"]
    assert packages_before("soc", cann=["ops"], source="dnf")[-1] == "dnf-plugins-core"
