# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Choosing torch, and the rest of it: with a real index on this machine and the real uv."""

from __future__ import annotations

import json
import re

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.errors import Refused, Unreachable
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import uv
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import lock_id
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.target_platform import tag_rank, uv_platform
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.torch_selection import choose_torch
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.wheel_lock import resolve_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.package_index import Sources
from lock_support import ARM, X86, needs_uv, refusal, versions


@pytest.fixture
def index(site, pip_settings):
    pip_settings(index_url=site.index)
    site.add("pip", "26.0")
    return Sources


@pytest.fixture
def make(index, tmp_path):
    return lambda plan: resolve_plan(plan, index(), tmp_path / "cache", {}, [])


# --- choosing torch


@pytest.mark.parametrize(
    "architecture, libc, python, filename, fits",
    [
        ("aarch64", "2.36", "3.11.2", f"torch-2.9.1-{ARM}.whl", True),
        ("aarch64", "2.27", "3.11.2", f"torch-2.9.1-{ARM}.whl", False),
        ("aarch64", "2.36", "3.12.1", f"torch-2.9.1-{ARM}.whl", False),
        ("x86_64", "2.36", "3.11.2", f"torch-2.9.1-{ARM}.whl", False),
        ("aarch64", "2.27", "3.6.9", "torch-1.10.2-cp36-cp36m-manylinux2014_aarch64.whl", True),
        ("x86_64", "2.17", "3.8.10", "numpy-1.24-cp38-cp38-manylinux_2_5_x86_64.manylinux1_x86_64.whl", True),
        ("aarch64", "2.36", "3.11.2", "x-1-cp37-abi3-manylinux2014_aarch64.whl", True),
        ("aarch64", "2.36", "3.11.2", "x-1-py2.py3-none-any.whl", True),
        ("aarch64", "2.36", "3.11.2", "x-1-cp311-cp311-linux_aarch64.whl", True),
        ("aarch64", "2.36", "3.11.2", "x-1-cp311-cp311-musllinux_1_2_aarch64.whl", False),
        ("aarch64", "2.36", "3.13.0", "x-1-cp313-cp313t-manylinux2014_aarch64.whl", False),
        ("armv7l", "2.36", "3.11.2", "torch-2.6.0+edgeai.0123456789ab-cp311-cp311-linux_armv7l.whl", True),
        ("armv7l", "2.36", "3.11.2", "x-1-cp311-cp311-manylinux_2_31_armv7l.whl", True),
        ("armv7l", "2.27", "3.6.9", "x-1-cp36-cp36m-manylinux2014_armv7l.whl", True),
        ("armv7l", "2.28", "3.11.2", "x-1-cp311-cp311-manylinux_2_31_armv7l.whl", False),
        ("armv7l", "2.36", "3.11.2", f"torch-2.9.1-{ARM}.whl", False),
        ("armv7l", "2.36", "3.11.2", "x-1-cp311-cp311-linux_armv6l.whl", False),
    ],
)
def test_tags(architecture, libc, python, filename, fits):
    assert (tag_rank(filename, {"architecture": architecture, "libc": libc, "python": python}) >= 0) is fits


@pytest.mark.parametrize(
    "libc, number", [("2.17", 17), ("2.27", 17), ("2.28", 28), ("2.30", 28), ("2.31", 31), ("2.40", 40), ("2.43", 40)]
)
def test_uv_platform(libc, number):
    assert uv_platform({"architecture": "x86_64", "libc": libc}) == f"x86_64-manylinux_2_{number}"


def test_targets_that_nothing_is_resolved_for(make, plan, site):
    assert "riscv64" in refusal(make, plan(architecture="riscv64"))["reason"]
    assert "2.15 is older than 2.17" in refusal(make, plan(libc="2.15"))["reason"]
    assert not site.log  # nothing was asked for


def test_the_newest_that_fits_is_chosen(index, plan, site):
    site.add("torch", "2.6.0", ARM)
    site.add("torch", "2.9.1", ARM)
    site.add("torch", "2.9.1", X86)
    site.add("torch", "2.10.0", ARM)
    site.add("torch", "2.9.2", ARM, yanked=True)
    site.add("torch", "2.9.3", ARM, requires_python=">=3.12")
    site.add("torch", "2.9.4", "cp312-cp312-manylinux_2_28_aarch64")
    site.add("torch", "2.9.5rc1", ARM)
    assert str(choose_torch(plan(specifier=">=2.6,<2.10"), index()).version) == "2.9.1"
    assert str(choose_torch(plan(specifier=">=2.6,!=2.10.0,!=2.9.1"), index()).version) == "2.6.0"
    assert str(choose_torch(plan(specifier="==2.9.5rc1"), index()).version) == "2.9.5rc1"


def test_the_first_source_that_has_one_wins(index, plan, site, other_site):
    site.add("torch", "2.9.1", ARM)
    other_site.add("torch", "2.8.0", ARM)
    found = choose_torch(plan(sources=[other_site.index, "configured"]), index())
    assert str(found.version) == "2.8.0" and found.source.location == other_site.index
    assert (
        str(choose_torch(plan(specifier=">=2.9", sources=[other_site.index, "configured"]), index()).version) == "2.9.1"
    )


def test_local_label(index, plan, site):
    for version in ("2.6.0", "2.6.0+cpu", "2.6.0+cu128", "2.7.0+cu128"):
        site.add("torch", version, X86)
    for local, expected in (("cpu", "2.6.0+cpu"), ("cu128", "2.7.0+cu128"), (None, "2.7.0+cu128")):
        assert str(choose_torch(plan("x86_64", local=local), index()).version) == expected


def test_an_accelerator_is_never_served_by_a_cpu_build(index, plan, site):
    for version in ("2.9.1", "2.9.1+cpu", "2.10.0+cpu"):
        site.add("torch", version, X86)
    assert str(choose_torch(plan("x86_64", accelerator="cuda"), index()).version) == "2.9.1"
    assert lock_id(plan("x86_64", accelerator="cuda")) != lock_id(plan("x86_64"))


def test_only_cuda_builds_is_a_refusal_that_explains(index, make, plan, site):
    site.add("torch", "2.9.1", X86)
    found = refusal(make, plan("x86_64", local="cpu", specifier="==2.9.1"))
    assert "there are only CUDA builds of torch ==2.9.1" in found["reason"] and site.index in found["reason"]
    assert "a CPU board gets no CUDA packages" in found["reason"]
    assert "https://download.pytorch.org/whl/cpu" in found["way_out"] and "find-links" in found["way_out"]
    option = "x86_conda_cuda_build_on_cpu: true"  # of one family's role
    assert option not in found["way_out"]
    pc = {**plan("x86_64", local="cpu", specifier="==2.9.1"), "family": "x86_conda"}
    assert option in refusal(make, pc)["way_out"]


def test_a_missing_label_names_those_there_are(make, plan, site):
    site.add("torch", "2.9.1+cu126", X86)
    found = refusal(make, plan("x86_64", local="cu128"))
    assert "+cu128" in found["reason"] and "+cu126" in found["reason"]


def test_unknown_version_lists_the_nearest(make, plan, site):
    for minor in range(12):
        site.add("torch", f"2.{minor}.0", ARM)
    site.add("torch", "2.2.9", X86)
    found = refusal(make, plan(specifier="==2.3.7"))
    assert found["reason"].startswith("there is no torch ==2.3.7") and site.index in found["reason"]
    assert found["way_out"].startswith("Available for Python 3.11.2, aarch64, glibc 2.36:")
    assert (
        "2.3.0" in found["way_out"]
        and "2.4.0" in found["way_out"]
        and "2.11.0" not in found["way_out"]
        and "2.2.9" not in found["way_out"]
    )
    assert re.search(r": 2\.11\.0, 2\.10\.0, ", refusal(make, plan(specifier=">=99"))["way_out"])


def test_a_version_for_other_targets_only(make, plan, site):
    site.add("torch", "2.9.1", ARM)
    site.add("torch", "1.10.2", "cp36-cp36m-manylinux2014_aarch64")
    found = refusal(make, plan(libc="2.27", python="3.6.9", specifier=">=2"))
    assert "has no wheel for Python 3.6.9, aarch64, glibc 2.27" in found["reason"] and ARM in found["reason"]
    assert "1.10.2" in found["way_out"]


def test_a_source_that_is_down_is_skipped_and_named(index, plan, site, other_site):
    site.add("torch", "2.9.1", ARM)
    other_site.status = 503
    sources = index()
    assert str(choose_torch(plan(sources=[other_site.index, "configured"]), sources).version) == "2.9.1"
    assert list(sources.down) == [other_site.index]
    with pytest.raises(Refused, match=f"{other_site.index} \\(down: it answered HTTP 503"):
        choose_torch(plan(sources=[other_site.index, "configured"], specifier=">=99"), sources)


def test_all_sources_down(index, plan, site, other_site):
    site.status = other_site.status = 503
    with pytest.raises(Unreachable) as caught:
        choose_torch(plan(sources=[other_site.index, "configured"]), index())
    assert site.index in str(caught.value) and other_site.index in str(caught.value) and "503" in str(caught.value)


@pytest.mark.parametrize(
    "differences, word",
    [
        ({"specifier": "newest"}, "'newest' is not a version specifier"),
        ({"requirements": ["numpy =< 2"]}, "'numpy =< 2' is not a valid requirement"),
    ],
)
def test_wrong_words(make, plan, differences, word):
    assert word in refusal(make, plan(**differences))["reason"]


# --- resolving, with the real uv


@needs_uv
def test_a_lock(make, plan, site):
    torch = site.add(
        "torch",
        "2.9.1",
        ARM,
        requires=["nvidia-cublas; platform_machine == 'x86_64'", "armish; platform_machine == 'aarch64'", "sympy"],
    )
    site.add("torch", "2.10.0", ARM)
    sympy = site.add("sympy", "1.13")
    site.add("sympy", "1.12")
    site.add("armish", "1.0", "cp311-cp311-manylinux2014_aarch64")
    site.add("armish", "1.0", "cp311-cp311-manylinux2014_x86_64")
    site.add("nvidia-cublas", "13.0")
    site.add("extra", "1.0", requires=["old; python_version < '3.8'"])
    board = plan(specifier="<2.10", requirements=["extra>=0.5"])
    lock = make(board)
    assert versions(lock) == {"torch": "2.9.1", "sympy": "1.13", "armish": "1.0", "extra": "1.0", "pip": "26.0"}
    packages = {package["name"]: package for package in lock["packages"]}
    assert packages["torch"] == torch and packages["sympy"] == sympy
    assert packages["armish"]["filename"].endswith("_aarch64.whl")
    assert (
        lock["torch"] == "2.9.1"
        and lock["key"] == lock_id(board)
        and lock["sources"] == [site.index]
        and lock["target"] == board["target"]
    )
    assert lock["tools"] == TOOLS["venv"]["aarch64"]
    assert lock["warnings"] == []


@needs_uv
def test_constraints_and_python_36(make, plan, site):
    site.add(
        "torch", "1.10.2", "cp36-cp36m-manylinux2014_aarch64", requires=['dataclasses; python_version < "3.7"', "numpy"]
    )
    site.add("torch", "2.9.1", ARM)
    site.add("pip", "21.3.1", requires_python=">=3.6")
    site.projects["pip"]["pip-26.0-py3-none-any.whl"]["requires_python"] = ">=3.9"
    site.add("dataclasses", "0.8")
    site.add("numpy", "1.19.5")
    site.add("numpy", "1.18.0")
    lock = make(plan(libc="2.27", python="3.6.9", constraints=["numpy<1.19"]))
    assert versions(lock) == {"torch": "1.10.2", "dataclasses": "0.8", "numpy": "1.18.0", "pip": "21.3.1"}


@needs_uv
def test_torch_from_find_links_only_with_the_rest_from_the_index(make, plan, site, tmp_path, pip_settings):
    site.add("torch", "2.13.0", X86, requires=["nvidia-cublas", "sympy"])
    site.add("nvidia-cublas", "13.0")
    site.add("sympy", "1.13")
    cpu = site.add("torch", "2.13.0+cpu", X86, requires=["sympy"])
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / cpu["filename"]).write_bytes(site.files[cpu["filename"]])
    del site.projects["torch"][cpu["filename"]]
    pip_settings(find_links=tmp_path / "links")
    lock = make(plan("x86_64", local="cpu", sources=[f"{site.url}/nothing/cpu", "configured"]))
    assert versions(lock) == {"torch": "2.13.0+cpu", "sympy": "1.13", "pip": "26.0"}
    torch = next(package for package in lock["packages"] if package["name"] == "torch")
    assert torch["url"].startswith("file://") and torch["sha256"] == cpu["sha256"] and torch["size"] == cpu["size"]
    assert lock["sources"] == [str(tmp_path / "links")]


@needs_uv
def test_find_links_alone_while_the_index_is_down(plan, site, tmp_path, pip_settings, other_site):
    other_site.status = 503
    pip_settings(index_url=other_site.index, find_links=f"{site.url}/links.html")
    site.add("torch", "2.9.1", ARM)
    site.add("pip", "26.0")
    index = Sources()
    assert versions(resolve_plan(plan(), index, tmp_path / "cache", {}, [])) == {"torch": "2.9.1", "pip": "26.0"}
    assert list(index.down) == [other_site.index]


@needs_uv
def test_companions_come_with_the_same_label_from_the_same_place(make, plan, site, other_site):
    other_site.add("torch", "2.6.0+cpu", X86, requires=["sympy"])
    other_site.add("sympy", "9.0")  # not for the others: that source is for torch's family
    site.add("sympy", "1.13")
    vision = other_site.add("torchvision", "0.21.0+cpu", X86, requires=["torch==2.6.0"])
    other_site.add("torchvision", "0.22.0+cpu", X86, requires=["torch==2.7.0"])
    site.add("torchvision", "0.21.0", X86, requires=["torch==2.6.0"])
    site.add("torchvision", "0.99.0", X86)
    lock = make(plan("x86_64", local="cpu", companions=["torchvision"], sources=[other_site.index, "configured"]))
    assert versions(lock) == {"torch": "2.6.0+cpu", "torchvision": "0.21.0+cpu", "sympy": "1.13", "pip": "26.0"}
    assert vision["sha256"] in [package["sha256"] for package in lock["packages"]]


@needs_uv
def test_a_companion_without_the_label_is_refused(make, plan, site):
    site.add("torch", "2.6.0+cpu", X86)
    site.add("torchvision", "0.21.0", X86, requires=["torch==2.6.0"])
    found = refusal(make, plan("x86_64", local="cpu", companions=["torchvision"]))
    assert "a +cpu build of torchvision" in found["reason"] and "leave torchvision out" in found["way_out"]


@needs_uv
def test_torchaudio_is_never_newer_than_torch(make, plan, site):
    site.add("torch", "2.9.1", ARM)
    site.add("torchaudio", "2.9.1", ARM, requires=["torch==2.9.1"])
    site.add("torchaudio", "2.11.0", ARM)
    assert versions(make(plan(companions=["torchaudio"])))["torchaudio"] == "2.9.1"


@needs_uv
def test_forbidden_packages_refuse(make, plan, site):
    site.add("torch", "2.11.0", ARM, requires=["nvidia-cublas", "triton"])
    site.add("nvidia-cublas", "13.0")
    site.add("triton", "3.0")
    found = refusal(make, plan())
    assert (
        "torch 2.11.0" in found["reason"]
        and "nvidia-cublas 13.0, triton 3.0" in found["reason"]
        and "no CUDA packages" in found["reason"]
    )
    assert "nvidia-cublas" in versions(make(plan(forbid=[])))


@needs_uv
def test_uv_explains_what_cannot_be_resolved(make, plan, site):
    site.add("torch", "2.9.1", ARM)
    found = refusal(make, plan(requirements=["absent>=3"]))
    assert (
        "torch==2.9.1, absent>=3, pip cannot be resolved together" in found["reason"]
        and "absent was not found" in found["reason"]
    )


@needs_uv
@pytest.mark.parametrize("as_json", [True, False])
def test_what_is_published_without_any_hash_is_hashed_when_it_is_locked(make, plan, site, as_json):
    site.hashes, site.json = False, as_json
    torch = site.add("torch", "2.9.1", ARM)
    assert torch["sha256"] in [package["sha256"] for package in make(plan())["packages"]]


@needs_uv
def test_what_is_published_with_a_weak_hash_only_is_refused(make, plan, site):
    site.json = False
    site.add("torch", "2.9.1", ARM)
    page = site._html
    site._html = lambda files: re.sub("#sha256=[0-9a-f]{64}", f"#md5={'0' * 32}", page(files))
    found = refusal(make, plan())
    assert "without a sha256" in found["reason"] and "find-links" in found["way_out"]


@needs_uv
def test_passwords_are_neither_in_locks_nor_in_arguments(plan, site, tmp_path, pip_settings, monkeypatch):
    site.password = "s3cret"
    site.add("torch", "2.9.1", ARM)
    site.add("pip", "26.0")
    pip_settings(index_url=f"http://me:s3cret@{site.host}/simple")
    commands = []
    run = uv.subprocess.run

    def recorded(command, check=False, **options):
        commands.append(command)
        return run(command, check=check, **options)

    monkeypatch.setattr(uv.subprocess, "run", recorded)
    lock = resolve_plan(plan(), Sources(), tmp_path / "cache", {}, [])
    assert versions(lock) == {"torch": "2.9.1", "pip": "26.0"}
    assert "s3cret" not in json.dumps(lock) and "s3cret" not in str(commands) and commands
    with pytest.raises(Refused) as caught:
        resolve_plan(plan(requirements=["absent"]), Sources(), tmp_path / "cache", {}, [])
    assert "s3cret" not in str(caught.value)


@needs_uv
def test_tools_come_from_the_mirror_where_there_is_one(make, plan, site, monkeypatch):
    site.add("torch", "2.9.1", ARM)
    tool = site.add("uv", "0.13.9")
    monkeypatch.setitem(TOOLS["venv"], "aarch64", [{**tool, "url": "https://files.pythonhosted.org/x.whl"}])
    assert make(plan())["tools"] == [tool]


def test_uv_is_asked_for_when_it_is_missing(monkeypatch):
    monkeypatch.setitem(uv.sys.modules, "uv", None)
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(RuntimeError, match="-m pip install uv"):
        uv.find_uv()


@needs_uv
def test_a_torch_that_was_built_for_numpy_1_gets_no_numpy_2(make, plan, site):
    for version in ("1.26.4", "2.4.0"):
        site.add("numpy", version)
    for version in ("2.2.2", "2.3.0"):
        site.add("torch", version, ARM)
    assert versions(make(plan(specifier="==2.2.2", requirements=["numpy"])))["numpy"] == "1.26.4"
    assert versions(make(plan(specifier="==2.3.0", requirements=["numpy"])))["numpy"] == "2.4.0"
