# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plans for conda made exact: the real solver on a small real channel."""

from __future__ import annotations

import datetime
import hashlib
import json
from pathlib import Path

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.errors import Unreachable
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.packaging_shim import SpecifierSet
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.urls import local_path
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import conda_lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.conda_specs import package_spec, version_spec
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import lock_id
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.package_index import Sources
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.pip_config import Configuration, Source
from lock_support import refusal, versions


@pytest.fixture
def index(tmp_path):
    return Sources(Configuration(sources=(Source("links", str(tmp_path)),)))


@pytest.fixture
def conda_plan(plan, conda_channel):
    channel, lab = conda_channel

    def make(build="cpu", cuda=None, channels=(channel,), **others):
        conda = {
            "channels": [Path(place).as_uri() if str(place).startswith("/") else place for place in channels],
            "build": build,
            "virtual": {"cuda": cuda, "glibc": "2.36", "linux": "6.1.0"},
        }
        return plan(
            "x86_64",
            **{"provider": "conda", "conda": conda, "python": lab.PYTHON, "accelerator": build, "forbid": [], **others},
        )

    return make


def test_a_lock_names_every_package_by_url_and_hash(conda_plan, index, tmp_path, conda_channel):
    wanted = conda_plan(specifier=">=2.7", requirements=["numpy<2"])
    lock = conda_lock.resolve_conda_plan(wanted, index, tmp_path)
    assert (lock["key"], lock["provider"], lock["torch"], lock["files"]) == (lock_id(wanted), "conda", "2.7.1", [])
    assert {name: version for name, version in versions(lock).items() if name != "python"} == {
        "numpy": "1.26.4",
        "pip": "25.0",
        "pytorch": "2.7.1",
    }
    for package in lock["packages"]:
        assert package["sha256"] == hashlib.sha256(local_path(package["url"]).read_bytes()).hexdigest()
        assert package["filename"].endswith(".conda") and package["size"] == local_path(package["url"]).stat().st_size
    assert [tool["filename"] for tool in lock["tools"]] == [tool["filename"] for tool in TOOLS["conda"]["x86_64"]]


@pytest.mark.parametrize(
    "build, cuda, taken",
    [("cpu", None, "cpu_"), ("cpu", "12.8", "cpu_"), ("cuda", "12.8", "cuda126_"), ("cuda", "13.0", "cuda126_")],
)
def test_the_build_is_chosen_on_purpose(conda_plan, index, tmp_path, build, cuda, taken):
    lock = conda_lock.resolve_conda_plan(conda_plan(build, cuda), index, tmp_path)
    torch = next(package for package in lock["packages"] if package["name"] == "pytorch")
    assert torch["filename"].startswith(f"pytorch-2.7.1-{taken}")
    assert ("cuda-version" in versions(lock)) == (build == "cuda")


@pytest.mark.parametrize("cuda", ["12.4", None])
def test_a_driver_too_old_is_refused_with_the_way_out(conda_plan, index, tmp_path, cuda):
    answer = refusal(conda_lock.resolve_conda_plan, conda_plan("cuda", cuda), index, tmp_path)
    assert (
        "needs a newer NVIDIA driver" in answer["reason"]
        and f"CUDA {cuda or 'of an unknown version'}" in answer["reason"]
    )
    assert "525 for CUDA 12" in answer["way_out"]


def test_packages_are_older_than_the_limit(conda_plan, index, tmp_path, own_conda_channel):
    old, fresh = (int(datetime.datetime(2026, month, 1).timestamp() * 1000) for month in (10, 11))
    for path in own_conda_channel[0].glob("*/repodata.json"):
        data = json.loads(path.read_text("utf-8"))
        for package in data["packages.conda"].values():
            package["indexed_timestamp"] = fresh if package["version"] == "2.7.1" else old
        path.write_text(json.dumps(data), "utf-8")
        for other in path.parent.glob("repodata*.zst"):  # which rattler would read first
            other.unlink()
    for limit, torch, moment in (("", "2.7.1", None), ("2026-10-15T00:00:00Z", "2.7.0", "2026-10-15T00:00:00Z")):
        wish = conda_plan(channels=[own_conda_channel[0]], exclude_newer=limit)
        lock = conda_lock.resolve_conda_plan(wish, index, tmp_path / (torch + limit))
        assert (lock["torch"], lock.get("uploaded_before")) == (torch, moment)
    # As it was made, a moment ago:
    answer = refusal(conda_lock.resolve_conda_plan, conda_plan(exclude_newer="14 days"), index, tmp_path)
    assert "cutoff" in answer["reason"] and "shorten torch_exclude_newer" in answer["way_out"]


def test_what_no_channel_has_is_named(conda_plan, index, tmp_path, conda_channel):
    answer = refusal(conda_lock.resolve_conda_plan, conda_plan(requirements=["nosuch>=3"]), index, tmp_path)
    assert "no channel has nosuch >=3" in answer["reason"] and str(conda_channel[0]) in answer["reason"]
    assert (
        "no channel has pytorch >=3"
        in refusal(conda_lock.resolve_conda_plan, conda_plan(specifier=">=3"), index, tmp_path)["reason"]
    )
    assert (
        "no channel has python 3.1.*"
        in refusal(conda_lock.resolve_conda_plan, conda_plan(python="3.1"), index, tmp_path)["reason"]
    )


def test_a_conflict_is_one_line(conda_plan, index, tmp_path):
    answer = refusal(
        conda_lock.resolve_conda_plan, conda_plan(requirements=["numpy>=2"], constraints=["numpy<2"]), index, tmp_path
    )
    assert "numpy" in answer["reason"] and "\n" not in answer["reason"]


def test_a_constraint_brings_nothing_in(conda_plan, index, tmp_path):
    assert "cuda-version" not in versions(
        conda_lock.resolve_conda_plan(conda_plan(constraints=["cuda-version>=12,<13"]), index, tmp_path)
    )
    lock = conda_lock.resolve_conda_plan(
        conda_plan("cuda", "13.0", constraints=["cuda-version<12.7", "numpy<2"]), index, tmp_path
    )
    assert versions(lock)["cuda-version"] == "12.6" and "numpy" not in versions(lock)


@pytest.mark.parametrize("place", ["http://127.0.0.1:9/conda", "file:///no/such/channel"])
def test_a_channel_that_does_not_answer(conda_plan, index, tmp_path, place):
    with pytest.raises(Unreachable, match=f"the channel {place} cannot be read: "):
        conda_lock.resolve_conda_plan(conda_plan(channels=[place]), index, tmp_path)


def test_strictly_the_first_channel_that_has_a_name(conda_plan, index, tmp_path, conda_channel):
    channel, lab = conda_channel
    first = tmp_path / "first"
    lab.create(first)
    lab.add_files(first, "numpy", "1.0", f"{lab.TAG}_0", [], {"share/numpy": "x"})
    lab.index(first)
    lock = conda_lock.resolve_conda_plan(conda_plan(channels=[first, channel], requirements=["numpy"]), index, tmp_path)
    assert versions(lock)["numpy"] == "1.0"
    assert (
        "numpy"
        in refusal(
            conda_lock.resolve_conda_plan,
            conda_plan(channels=[first, channel], requirements=["numpy>=2"]),
            index,
            tmp_path,
        )["reason"]
    )


@pytest.mark.parametrize(
    "place", ["https://repo.anaconda.com/pkgs/main", "https://conda.anaconda.org/anaconda", "defaults"]
)
def test_the_defaults_are_refused_with_their_reason(conda_plan, index, tmp_path, place):
    assert (
        "CondaToSNonInteractiveError"
        in refusal(conda_lock.resolve_conda_plan, conda_plan(channels=[place]), index, tmp_path)["reason"]
    )


def test_a_forbidden_package(conda_plan, index, tmp_path):
    answer = refusal(
        conda_lock.resolve_conda_plan, conda_plan(forbid=["cuda-*"], requirements=["cuda-version"]), index, tmp_path
    )
    assert "cuda-version 12.6" in answer["reason"]


def test_without_rattler_the_channel_cannot_be_asked(conda_plan, index, tmp_path, monkeypatch):
    monkeypatch.setattr(conda_lock.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Unreachable, match="is not installed on the control node: .* install .*py-rattler"):
        conda_lock.resolve_conda_plan(conda_plan(), index, tmp_path)


@pytest.mark.parametrize(
    "pep440, conda",
    [
        ("", "*"),
        ("==2.9.1", "==2.9.1"),
        ("==2.9.*", "2.9.*"),
        ("===2.9.1", "==2.9.1"),
        ("==2.9.1+cpu", "==2.9.1"),
        ("~=2.9.0", "~=2.9.0"),
        (">=2.6,<2.10", "<2.10,>=2.6"),
        ("!=2.9.*", "!=2.9.*"),
    ],
)
def test_version_specifiers(pep440, conda):
    assert version_spec(SpecifierSet(pep440)) == conda


X86 = {"architecture": "x86_64", "python": "3.11", "libc": "2.36"}


def test_requirements():
    assert package_spec("Typing_Extensions>4", X86) == "typing-extensions >4"
    assert package_spec("torch", X86) == "pytorch *"
    assert package_spec('tomli; python_version < "3.11"', X86) is None
    assert (
        package_spec(
            'tomli; python_full_version >= "3.11.0" and platform_machine == "x86_64" and sys_platform == "linux"', X86
        )
        == "tomli *"
    )
    assert "is not a valid requirement" in refusal(package_spec, "-e .", X86)["reason"]
    assert "extras" in refusal(package_spec, "ray[tune]", X86)["reason"]
    assert "a URL" in refusal(package_spec, "x @ https://example.com/x.whl", X86)["reason"]


@pytest.mark.parametrize(
    "family, said, unsaid",
    [
        ("x86_conda", "x86_conda_provider: venv", "torch_python"),
        ("jetson", "ask for a torch_python or torch_version that the board has wheels for", "x86_conda"),
    ],
)
@pytest.mark.parametrize(
    "asked", [{"requirements": ["numpy[extra]"]}, {"requirements": ["no-such-package"]}, {"channels": ["defaults"]}]
)
def test_what_does_without_conda_is_an_option_of_this_family(conda_plan, index, tmp_path, family, said, unsaid, asked):
    """A Jetson has conda packages where no wheel fits, and none of the options of a PC."""
    wanted = {**conda_plan(**asked), "family": family}
    way_out = refusal(conda_lock.resolve_conda_plan, wanted, index, tmp_path)["way_out"]
    assert said in way_out and unsaid not in way_out
