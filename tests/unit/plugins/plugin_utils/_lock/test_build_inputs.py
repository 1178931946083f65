# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans of which something is compiled: what is on record, what a builder needs, and locks for Arm with 32 bits.

The index and uv are real ones.
"""

from __future__ import annotations

import gzip
import json
import shutil
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.torch_releases import (
    build_requirements,
    numpy_headers,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.build_records import BuildRecords
from index_support import make_wheel, sha256
from lock_support import needs_uv, versions
from plan_support import validate

KEY, OTHER = "0123456789abcdef", "fedcba9876543210"
TORCH = "torch-2.6.0+edgeai.k0123456789ab-cp311-cp311-linux_armv7l.whl"
NEEDED = [
    "setuptools",
    "wheel",
    "pyyaml",
    "numpy",
    "typing-extensions",
    "six",
    "packaging",
    "filelock",
    "fsspec",
    "jinja2",
    "networkx",
    "sympy",
]
# Versions where 3.0 is not allowed.
OWN = {"setuptools": "75.8.0", "typing-extensions": "4.16.0"}


def build(package="torch", version="2.6.0", key=KEY, requires=(), python_packages=(), **source):
    empty = dict.fromkeys(("git", "ref", "archive", "sha256", "filename", "directory"))
    made = {
        "key": key,
        "package": package,
        "version": version,
        "label": f"edgeai.k{key[:12]}",
        "source": {**empty, **(source or {"git": "https://github.com/pytorch/pytorch.git", "ref": f"v{version}"})},
        "features": {"cuda": False},
        "environment": {},
        "patches": [],
        "commands": [],
        "toolchain": {"cc": "gcc", "cxx": "g++"},
        "target": {"architecture": "armv7l", "libc": "2.36", "python": "3.11", "baseline": "armv7l"},
        "needs": {"memory_mib": 4096, "job_mib": 2048, "space_mib": 16384},
        "system_packages": ["cmake"],
        "python_packages": list(python_packages),
        "requires": list(requires),
    }
    validate("build", made)
    return made


VISION = build("torchvision", "0.21.0", OTHER, ["torch"])


@pytest.fixture
def zynq(plan):
    def make(*builds, **differences):
        system = {"numpy": "python3-numpy", "pyyaml": "python3-yaml"}
        common = {"action": "build", "specifier": "==2.6.0", "builds": list(builds or [build()]), "system": system}
        return plan("armv7l", system_site_packages=True, **{**common, **differences})

    return make


@pytest.fixture
def fleet(site, wheelhouse, monkeypatch):
    for name in NEEDED:
        tag = "cp311-cp311-manylinux_2_28_aarch64" if name in ("numpy", "pyyaml") else "py3-none-any"
        site.add(name, OWN.get(name, "3.0"), tag, requires=["markupsafe"] if name == "jinja2" else ())
    site.add("markupsafe", "3.0.3", "cp311-cp311-manylinux_2_28_aarch64")
    site.add("markupsafe", "3.0.2", "cp311-cp311-manylinux_2_28_aarch64")
    site.add("markupsafe", "3.0.2", "cp311-cp311-manylinux_2_31_armv7l")
    monkeypatch.setitem(TOOLS["venv"], "armv7l", TOOLS["venv"]["aarch64"])
    return wheelhouse


@pytest.fixture
def keep(wheelhouse, tmp_path):
    """Keep a finished build, as the action torch_build does."""

    def make(one=None, content="", filename=None, requires=("sympy", "jinja2"), **told):
        one = one or build()
        tag = "cp311-cp311-linux_armv7l"
        name, data = make_wheel(one["package"], f"{one['version']}+{one['label']}", tag, requires, content)
        folder = tmp_path / "builder"
        (folder / "dist").mkdir(parents=True, exist_ok=True)
        (folder / "dist" / name).write_bytes(data)
        (folder / "log").write_text("[1375/1375] Linking\n")
        finished = {
            "key": one["key"],
            "package": one["package"],
            "version": f"{one['version']}+{one['label']}",
            "total": 1375,
            "jobs": 2,
            "seconds": 9000.5,
            "resumed": 3,
            "flags": {"asked": {"USE_CUDA": "0"}, "found": {"cuda": False, "numpy": None}},
            "toolchain": {"cc": "gcc 12.2.0", "ld": None},
            "cache": {"hits": 10, "misses": 1365},
            "wheel": {"filename": filename or name, "sha256": sha256(data), "size": len(data)},
            **told,
        }
        return BuildRecords(wheelhouse.house).keep_build(
            finished, "builder", lambda name, target: shutil.copyfile(folder / name, target)
        )

    return make


# --- waiting


@needs_uv
def test_boards_wait_for_what_is_not_compiled_yet(fleet, site, zynq, plan):
    boards = {"z1": zynq(), "z2": zynq(), "pi": plan(specifier="==99")}
    result = fleet(boards)
    assert result["boards"]["z1"] == {"refusal": None, "waiting": [KEY]} == result["boards"][
        "z2"
    ] and "there is no torch ==99" in str(result["boards"]["pi"])
    (job,) = result["builds"].values()
    assert {name: job[name] for name in build()} == build() and (job["hosts"], job["archive"]) == (["z1", "z2"], None)
    # The system brings numpy and yaml; markupsafe is an older one, of which there is a wheel for 32 bits.
    assert versions({"packages": job["wheels"]}) == {
        **{name: "3.0" for name in NEEDED if name not in ("numpy", "pyyaml")},
        **OWN,
        "markupsafe": "3.0.2",
    }
    assert all((fleet.house / "sha256" / wheel["sha256"] / wheel["filename"]).is_file() for wheel in job["wheels"])
    assert any("armv7l" in wheel["filename"] for wheel in job["wheels"]) and not any(
        "aarch64" in wheel["filename"] for wheel in job["wheels"]
    )
    assert result["changed"] and result["locks"] == {}
    site.log.clear()
    again = fleet({"z1": zynq()})
    assert (
        again["builds"][KEY]["wheels"] == job["wheels"] and not again["changed"] and site.log == []
    )  # however long it takes, nobody is asked again


@needs_uv
def test_a_cmake_for_the_board_itself(fleet, site, zynq):
    site.add("cmake", "3.31.10", "py3-none-manylinux_2_17_aarch64")
    site.add("cmake", "3.31.10", "py3-none-manylinux_2_31_armv7l")
    site.add("cmake", "4.4.5", "py3-none-manylinux_2_31_armv7l")
    (job,) = fleet({"z1": zynq(build(python_packages=["cmake>=3.18,<4"]))})["builds"].values()
    assert [wheel["filename"] for wheel in job["wheels"] if wheel["name"] == "cmake"] == [
        "cmake-3.31.10-py3-none-manylinux_2_31_armv7l.whl"
    ]


@needs_uv
def test_check_mode_brings_nothing(fleet, site, zynq, tmp_path):
    before = set(tmp_path.rglob("*"))
    result = fleet({"z1": zynq()}, check=True)
    assert (
        result["boards"]["z1"]["waiting"] == [KEY]
        and result["builds"][KEY]["wheels"]
        and result["changed"]
        and "jinja2-3.0-py3-none-any.whl" in str(result)
    )
    assert set(tmp_path.rglob("*")) == before and not site.fetched()


@needs_uv
def test_the_archive_of_a_source(fleet, site, zynq):
    data = b"\x1f\x8b source"
    site.files["pytorch-v2.6.0.tar.gz"] = data
    url = f"{site.url}/files/pytorch-v2.6.0.tar.gz"
    right, wrong = (
        build(archive=url, sha256=found, filename="pytorch-v2.6.0.tar.gz", key=key)
        for found, key in ((sha256(data), KEY), ("0" * 64, OTHER))
    )
    result = fleet({"z1": zynq(right), "z2": zynq(wrong)})
    archive = result["builds"][KEY]["archive"]
    assert (fleet.house / "sha256" / sha256(data) / "pytorch-v2.6.0.tar.gz").read_bytes() == data and archive[
        "size"
    ] == len(data)
    refused = result["boards"]["z2"]["refusal"]
    assert (
        "torch 2.6.0 must be compiled" in refused["reason"]
        and f"expected {'0' * 64} (by the lock), got {sha256(data)}" in refused["reason"]
        and refused["way_out"]
    )
    assert OTHER not in result["builds"]


@needs_uv
def test_what_cannot_be_had_for_32_bits_is_refused_by_name(fleet, site, zynq):
    result = fleet({"z1": zynq(system={})})
    refused = result["boards"]["z1"]["refusal"]
    assert (
        "numpy 3.0 has no wheel for Python 3.11.2, armv7l" in refused["reason"]
        or "pyyaml 3.0 has no wheel" in refused["reason"]
    )
    assert "torch_catalogue with system" in refused["way_out"] and result["builds"] == {}


def test_boards_that_fetch_by_themselves_are_refused_before_anything_is_compiled(fleet, site, zynq):
    result = fleet({"z1": zynq()}, delivery="index")
    refused = result["boards"]["z1"]["refusal"]
    assert (
        "torch_delivery is index, but torch 2.6.0 must be compiled" in refused["reason"]
        and "torch_delivery: wheelhouse" in refused["way_out"]
    )
    assert result["builds"] == {} and site.log == []


@pytest.mark.parametrize(
    ("version", "setuptools", "without"),
    [("1.9.1", "<75.9", "sympy"), ("2.6.0", "<75.9", "dataclasses"), ("2.13.0", ">=77", "dataclasses")],
)
def test_what_python_needs_by_release(version, setuptools, without):
    requirements = build_requirements("torch", version)
    assert (
        setuptools in requirements[0]
        and not any(text.startswith(without) for text in requirements)
        and "numpy" in requirements
    )


# --- compiled


@needs_uv
def test_what_is_on_record_is_locked(fleet, site, zynq, keep):
    fleet({"z1": zynq()})
    record = keep()
    validate("build-record", record)
    result = fleet({"z1": zynq(), "z2": zynq()})
    (lock,) = result["locks"].values()
    validate("lock", lock)
    assert result["builds"] == {} and result["boards"]["z1"]["lock"] == result["boards"]["z2"]["lock"] == lock["key"]
    wheels = result["boards"]["z1"]["plan"]["wheels"]
    assert wheels == [
        {
            "filename": TORCH,
            "url": (fleet.house / "sha256" / record["sha256"] / TORCH).as_uri(),
            "sha256": record["sha256"],
        }
    ]
    assert lock["torch"] == "2.6.0+edgeai.k0123456789ab"
    assert versions(lock) == {
        "torch": lock["torch"],
        "pip": "26.0",
        "sympy": "3.0",
        "jinja2": "3.0",
        "markupsafe": "3.0.2",
    }
    assert not any("aarch64" in package["filename"] for package in lock["packages"])
    site.log.clear()
    assert not fleet({"z1": zynq()})["changed"] and site.log == []


@needs_uv
def test_requirements_for_32_bits(fleet, site, zynq, keep):
    keep(requires=())
    site.add("only-arm64", "1.0", "cp311-cp311-manylinux_2_28_aarch64")
    refused = fleet({"z1": zynq(requirements=["only-arm64"])})["boards"]["z1"]["refusal"]
    assert (
        "only-arm64 1.0 has no wheel for Python 3.11.2, armv7l, glibc 2.36" in refused["reason"]
        and "system: {only-arm64: <package" in refused["way_out"]
    )
    lock = next(
        iter(
            fleet({"z1": zynq(requirements=["only-arm64"], system={"only-arm64": "python3-only-arm64"})})[
                "locks"
            ].values()
        )
    )
    assert set(versions(lock)) == {"torch", "pip"}


@needs_uv
def test_the_boards_own_packages_stay_on_32_bits(fleet, zynq, keep):
    keep(requires=("numpy>=1.20",))
    (lock,) = fleet({"z1": zynq(system={}, provided={"numpy": "1.21.5"})})["locks"].values()
    assert set(versions(lock)) == {"torch", "pip"}


@needs_uv
def test_a_wheel_that_was_lost_or_changed_is_compiled_again(fleet, zynq, keep):
    record = keep()
    assert fleet({"z1": zynq()})["boards"]["z1"]["lock"]
    path = fleet.house / "sha256" / record["sha256"] / TORCH
    path.write_bytes(path.read_bytes() + b"!")
    assert fleet({"z1": zynq()})["boards"]["z1"] == {"refusal": None, "waiting": [KEY]}
    other = keep(content="again")
    result = fleet({"z1": zynq()})
    assert (
        result["boards"]["z1"]["plan"]["wheels"][0]["sha256"] == other["sha256"] != record["sha256"]
        and result["boards"]["z1"]["id"]
    )


@pytest.mark.parametrize("text", ["{", "{}", json.dumps({"schema": 2}), json.dumps({"schema": 1, "key": KEY})])
def test_a_damaged_record_is_no_reason_to_compile_for_hours(fleet, zynq, keep, text):
    keep()
    (fleet.house / "builds" / f"{KEY}.json").write_text(text)
    with pytest.raises(AnsibleActionFail, match=f"the build record .*{KEY}.json is damaged.*if you delete it"):
        fleet({"z1": zynq()})


@needs_uv
def test_a_plan_that_falls_back_to_a_build(fleet, site, other_site, zynq):
    """Where no channel answers, the plan in conda's place may have to wait, too."""
    other_site.status = 503
    conda = {
        "channels": [f"{other_site.url}/forge"],
        "build": "cpu",
        "virtual": {"cuda": None, "glibc": "2.36", "linux": "6.1"},
    }
    both = zynq(action="install", provider="conda", conda=conda, builds=[], system={}, otherwise=zynq())
    both["target"]["architecture"] = "x86_64"  # there are no conda packages for 32 bits
    assert fleet({"z1": both, "z2": zynq()})["boards"]["z1"] == {"refusal": None, "waiting": [KEY]}


# --- companions


@needs_uv
def test_a_companion_waits_for_its_torch_and_is_compiled_against_it(fleet, site, zynq, keep):
    both = zynq(build(), VISION, companions=["torchvision"])
    first = fleet({"z1": both, "z2": zynq()})
    assert first["boards"]["z1"]["waiting"] == [KEY, OTHER] and first["boards"]["z2"]["waiting"] == [KEY]
    assert list(first["builds"]) == [KEY] and first["builds"][KEY]["hosts"] == ["z1", "z2"]
    record = keep()
    second = fleet({"z1": both, "z2": zynq()})
    assert (
        second["boards"]["z2"]["id"]
        and second["boards"]["z1"] == {"refusal": None, "waiting": [OTHER]}
        and list(second["builds"]) == [OTHER]
    )
    wheels = {wheel["name"]: wheel for wheel in second["builds"][OTHER]["wheels"]}
    assert wheels["torch"]["sha256"] == record["sha256"] and {"sympy", "jinja2", "setuptools", "wheel"} <= set(wheels)
    keep(VISION, requires=("torch",))
    third = fleet({"z1": both})
    assert [wheel["filename"].partition("-")[0] for wheel in third["boards"]["z1"]["plan"]["wheels"]] == [
        "torch",
        "torchvision",
    ] and third["builds"] == {}
    (lock,) = third["locks"].values()
    assert {"torch", "torchvision"} <= set(versions(lock)) and versions(lock)[
        "torchvision"
    ] == f"0.21.0+{VISION['label']}"


@needs_uv
def test_a_companion_beside_a_torch_from_an_index(fleet, site, plan, keep):
    site.add("torch", "2.6.0+cpu", "cp311-cp311-manylinux_2_28_x86_64", requires=["sympy"])
    site.add("numpy", "3.0")
    board = plan("x86_64", specifier="==2.6.0", local="cpu", companions=["torchvision"], builds=[VISION])
    result = fleet({"pc": board})
    wheels = {wheel["name"]: wheel["version"] for wheel in result["builds"][OTHER]["wheels"]}
    assert (
        wheels["torch"] == "2.6.0+cpu"
        and {"sympy", "setuptools", "numpy"} <= set(wheels)
        and result["boards"]["pc"]["waiting"] == [OTHER]
    )
    name, data = make_wheel("torchvision", f"0.21.0+{VISION['label']}", "cp311-cp311-linux_x86_64", ["torch"])
    wheel = {"filename": name, "sha256": sha256(data), "size": len(data)}
    told = {
        "key": OTHER,
        "package": "torchvision",
        "total": 0,
        "jobs": None,
        "seconds": 1,
        "resumed": 0,
        "flags": {"asked": {}, "found": {}},
        "toolchain": None,
        "cache": {},
    }
    BuildRecords(fleet.house).keep_build(
        {**told, "wheel": wheel},
        "pc",
        lambda what, target: target.write_bytes(data if what.startswith("dist") else b""),
    )
    (lock,) = fleet({"pc": board})["locks"].values()
    assert (
        versions(lock)["torchvision"] == f"0.21.0+{VISION['label']}" and versions(lock)["torch"] == "2.6.0+cpu"
    )  # it need not carry torch's label


# --- records


def test_a_record_with_its_log(keep, wheelhouse):
    record = keep()
    folder = wheelhouse.house / "builds"
    assert (
        json.loads((folder / f"{KEY}.json").read_text()) == record
        and gzip.decompress((folder / f"{KEY}.log.gz").read_bytes()) == b"[1375/1375] Linking\n"
    )
    assert sorted(path.name for path in folder.iterdir()) == [f"{KEY}.json", f"{KEY}.log.gz"]
    assert (
        BuildRecords(wheelhouse.house).read_record(KEY) == record
        and BuildRecords(wheelhouse.house).read_record(OTHER) is None
    )
    assert (record["steps"], record["builder"], record["resumed"], record["version"]) == (
        1375,
        "builder",
        3,
        "2.6.0+edgeai.k0123456789ab",
    )


@pytest.mark.parametrize(
    ("told", "why"),
    [
        ({"wheel": {"filename": TORCH, "sha256": "0" * 64, "size": 1}}, "SHA-256 mismatch for .*: expected 000"),
        ({"wheel": {"filename": "../../x.whl", "sha256": "0" * 64, "size": 1}}, "which is not a valid file name"),
        ({"package": "torchvision"}, "is not a wheel of torchvision"),
        ({"key": "x"}, "its key is 'x'"),
    ],
)
def test_what_is_not_what_the_builder_says_is_not_kept(keep, wheelhouse, told, why):
    with pytest.raises(ValueError, match=why):
        keep(**told)
    assert not list(Path(wheelhouse.house).rglob("*.whl")) and not list((wheelhouse.house / "builds").glob("*.json"))


@pytest.mark.parametrize(
    ("torch", "python", "held", "expected"),
    [
        ("2.6.0", "3.11.2", "1.24.2", ["numpy>=2"]),
        ("2.3.1", "3.8.10", "1.17.4", ["numpy<1.20"]),
        ("2.1.0", "3.10.6", "1.21.5", ["numpy<2", "numpy<=1.21.5"]),
        ("2.1.0", "3.11.2", "1.26.4", ["numpy<2"]),
        ("1.10.2", "3.6.9", None, ["numpy<2"]),
    ],
)
def test_the_numpy_that_torch_is_compiled_with(torch, python, held, expected):
    assert numpy_headers(torch, python, held) == expected


@needs_uv
def test_numpy_for_a_builder_is_not_the_boards(fleet, site, plan):
    site.add("numpy", "2.4.6", "cp311-cp311-manylinux_2_28_aarch64")
    board = plan(
        "aarch64",
        action="build",
        specifier="==2.6.0",
        builds=[build()],
        system_site_packages=True,
        provided={"numpy": "1.24.2"},
        constraints=["numpy<2"],
    )
    (job,) = fleet({"kv260": board})["builds"].values()
    assert versions({"packages": job["wheels"]})["numpy"] == "3.0"
