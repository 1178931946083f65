# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import re
from pathlib import Path

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import control_node, layout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import package_index, pip_config
from bundle_support import keep_wheel
from lock_support import needs_uv

REPOSITORY = Path(__file__).resolve().parents[5]
TARGET = {"architecture": "x86_64", "libc": "2.28", "python": "3.11"}
NEW, OLD = {"pythons": [{"version": "3.13.5"}]}, {"pythons": [{"version": "3.6.9"}]}


def test_targets():
    assert control_node.parse_target("3.12", "aarch64") == {"architecture": "aarch64", "libc": "2.28", "python": "3.12"}
    assert control_node.parse_target("3.12", "manylinux_2_35_x86_64")["libc"] == "2.35"
    assert control_node.parse_target(None, None)["python"].startswith("3.")
    for python, name, words in (
        ("3.12.1", "x86_64", "bundle_python is '3.12.1'"),
        ("3.12", "armv7l", "bundle_platform is 'armv7l'"),
        ("3.12", "macosx_11_0_arm64", "bundle_platform is"),
    ):
        with pytest.raises(layout.BundleError, match=words):
            control_node.parse_target(python, name)


@pytest.mark.parametrize(
    ("python", "boards", "core", "undriven"),
    [
        ("3.13", {"new": NEW}, "2.21", []),
        ("3.12", {"new": NEW, "old": OLD}, "2.16", []),
        ("3.11", {"new": NEW}, "2.19", []),
        ("3.13", {"new": NEW, "old": OLD}, "2.21", ["old"]),
        ("3.12", {}, "2.21", []),
    ],
)
def test_the_ansible_core_that_drives_most_boards(python, boards, core, undriven):
    assert control_node.choose_core({**TARGET, "python": python}, boards) == (core, undriven)


def test_no_ansible_core_for_a_python():
    # 3.10, read as a number.
    with pytest.raises(layout.BundleError, match=r"No ansible-core runs on Python 3\.1 .*2\.21 on Python 3\.12 to"):
        control_node.choose_core({**TARGET, "python": "3.1"}, {})


def test_packages_are_those_that_a_checkout_installs():
    lines = (REPOSITORY / "requirements.txt").read_text(encoding="utf-8").splitlines()
    names = {re.split("[=<>;]", line, maxsplit=1)[0] for line in lines if not line.startswith("#")}
    wanted = control_node.requirements_of({**TARGET, "python": "3.10"}, "2.16")
    assert {re.split("[=<>]", line, maxsplit=1)[0] for line in wanted} == {*names, "pip"}
    pinned = {line for line in wanted if line.startswith(("uv=", "py-rattler="))}
    assert pinned <= set(lines), "the control node's tools are those of the boards"


@needs_uv
@pytest.mark.slow
def test_wheels_for_another_control_node(site, pip_settings, tmp_path):
    pip_settings(index_url=site.index)
    for name in ("jinja2", "openpyxl", "packaging", "pip", "rich", "zeroconf"):
        site.add(name, "1.0")
    site.add("uv", "0.13.9")
    site.add("py-rattler", "0.28.0", "cp310-abi3-manylinux_2_17_x86_64")
    site.add("ansible-core", "2.19.1", requires=["pyyaml"])
    site.add("ansible-core", "2.21.1", requires=["pyyaml"])
    for tag in ("cp311-cp311-manylinux_2_28_x86_64", "cp311-cp311-manylinux_2_28_aarch64"):
        site.add("pyyaml", "6.0", tag)
    index = package_index.Sources(pip_config.pip_configuration())
    packages = control_node.resolve_control_node(TARGET, {"new": NEW}, index, tmp_path)
    found = {wheel["name"]: wheel for wheel in packages.wheels}
    assert (packages.core, packages.undriven, found["ansible-core"]["version"]) == ("2.19", [], "2.19.1")
    assert found["pyyaml"]["filename"].endswith("x86_64.whl") and found["pip"]["sha256"]
    assert control_node.still_serves(packages.wheels, TARGET, "2.19")
    for other, core in (({**TARGET, "python": "3.12"}, "2.19"), (TARGET, "2.16")):
        assert not control_node.still_serves(packages.wheels, other, core)
    assert not control_node.still_serves([one for one in packages.wheels if one["name"] != "rich"], TARGET, "2.19")
    assert not control_node.still_serves(None, TARGET, "2.19")
    with pytest.raises(layout.BundleError, match="bundle_python, bundle_platform.*cannot be resolved"):
        control_node.resolve_control_node({**TARGET, "architecture": "aarch64"}, {}, index, tmp_path)


def test_what_pip_installs_is_named_by_hash(tmp_path):
    wheel = keep_wheel(tmp_path, "rich", "1.0")
    assert control_node.render_requirements([wheel]) == f"rich==1.0 --hash=sha256:{wheel['sha256']}\n"
    assert control_node.render_target(TARGET) == "python=3.11\narchitecture=x86_64\nglibc=2.28\n"
