# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""All device trees of Debian's kernels, through the real detectors and the real catalogues."""

from __future__ import annotations

import collections
from typing import NamedTuple

import device_trees
import golden_support
import pytest
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.board import empty_board
from board_support import FakeSystem, load, well_formed

pytestmark = pytest.mark.heavy  # 100 MB of kernels

BASE = "/sys/firmware/devicetree/base"
#: By the compatible string of a core: implementer, part, and whether it has LSE atomics. A core that is not listed has
#: them: the makers' own ones of arm64 boards, newer than ARMv8.0.
CORES = {
    "arm,cortex-a35": (0x41, 0xD04, False),
    "arm,cortex-a53": (0x41, 0xD03, False),
    "arm,cortex-a55": (0x41, 0xD05, True),
    "arm,cortex-a57": (0x41, 0xD07, False),
    "arm,cortex-a72": (0x41, 0xD08, False),
    "arm,cortex-a73": (0x41, 0xD09, False),
    "arm,cortex-a76": (0x41, 0xD0B, True),
    "arm,cortex-a7": (0x41, 0xC07, False),
    "arm,cortex-a9": (0x41, 0xC09, False),
    "arm,arm1176jzf-s": (0x41, 0xB76, False),
    "nvidia,tegra132-denver": (0x4E, 0x000, False),
}
JETSONS = {"tegra124-jetson-tk1.dtb", "tegra210-p2371-2180.dtb", "tegra210-p3450-0000.dtb"}
#: Answers that say nothing.
EMPTY = ("See why each candidate was rejected", "Correct the catalogue", "decide")


class Found(NamedTuple):
    tree: device_trees.Tree
    board: dict
    plan: dict


def system(tree: device_trees.Tree, arch: str) -> FakeSystem:
    """A Debian on this board: its tree, and the cpuinfo of its cores."""
    made = load("unknown_arm")
    cores = [tree.strings(node, "compatible") for node in tree.nodes if node.startswith("/cpus/cpu@")]
    known = [CORES[entry] for core in cores for entry in core if entry in CORES]
    atomics = arch == "arm64" and (not known or all(has for *_part, has in known))
    old = any("arm,arm1176jzf-s" in core for core in cores)
    features = "half thumb fastmult vfp edsp neon vfpv3" if arch == "armhf" else "fp asimd crc32" + " atomics" * atomics
    made["machine"] = "aarch64" if arch == "arm64" else "armv6l" if old else "armv7l"
    made["pointer_size"] = 8 if arch == "arm64" else 4
    made["hwcap"] = (1 << 8) * atomics if arch == "arm64" else 0
    made["commands"]["dpkg --print-architecture"] = [0, f"{arch}\n", ""]
    made["files"]["/proc/cpuinfo"] = "".join(
        f"processor\t: {number}\nFeatures\t: {features}\nCPU implementer\t: {maker:#x}\nCPU part\t: {part:#x}\n\n"
        for number, (maker, part, _has) in enumerate(known)
    )
    fake = FakeSystem(made)
    for path in [path for path in fake.files if path.startswith(BASE)]:
        del fake.files[path]
    for node, properties in tree.nodes.items():
        # As deep as a detector looks.
        if node.count("/") <= 1:
            for key, value in properties.items():
                fake.files[f"{BASE}{node.rstrip('/')}/{key}"] = value
    return fake


@pytest.fixture(scope="module")
def found() -> list[Found]:
    results = []
    for arch in device_trees.KERNELS:
        for tree in device_trees.fetch(arch):
            board = well_formed(collect(system(tree, arch), "/opt/edgeai/torch"))
            whole = {**empty_board(), **board}
            plan = torch_plan(whole, *golden_support.arguments(board["family"], whole, {}, {}))
            results.append(Found(tree, board, plan))
    return results


def names(found: list[Found], family: str) -> list[str]:
    return [one.tree.name for one in found if one.board["family"] == family]


def test_every_tree_has_a_family(found: list[Found]):
    counted = collections.Counter(one.board["family"] for one in found)
    print(dict(counted))
    assert len(found) > 1400
    assert (counted["raspberrypi"], counted["pynq"], counted["jetson"]) == (25, 24, 3)
    assert counted["generic"] == len(found) - 25 - 24 - 3


def test_the_families_are_right(found: list[Found]):
    assert all("-rpi-" in name for name in names(found, "raspberrypi"))
    assert [name for name in names(found, "generic") if "-rpi-" in name] == []
    assert set(names(found, "jetson")) == JETSONS
    zynq = {one.tree.name for one in found if any("xlnx,zynq" in entry for entry in one.board["compatible"])}
    assert set(names(found, "pynq")) == zynq
    # Chromebooks, a tablet, a television, reference boards: of the same chips as a Jetson.
    tegra = [one for one in found if one.tree.name.startswith("tegra") and one.tree.name not in JETSONS]
    assert len(tegra) > 10 and {one.board["family"] for one in tegra} == {"generic"}


def test_a_board_is_told_by_its_own_words(found: list[Found]):
    for one in found:
        assert [one.board["model"]] == (one.tree.strings("/", "model") or [one.board["cpu"]["model"]]), one.tree.name
        assert one.board["soc"], one.tree.name
        assert one.board["warnings"] == [] or one.board["family"] == "jetson", (one.tree.name, one.board["warnings"])


def test_every_board_has_a_plan_or_a_fix_with_content(found: list[Found]):
    rows = collections.Counter()
    for one in found:
        refusal = one.plan["refusal"]
        rows[(one.board["family"], one.board["architecture"], one.plan["row"] or refusal["reason"])] += 1
        if refusal:
            assert len(refusal["way_out"]) > 40, one.tree.name
            assert not any(words in refusal["way_out"] for words in EMPTY), (one.tree.name, refusal)
        elif one.board["architecture"] == "aarch64":
            # No board of these has an NVIDIA GPU in its tree but the Jetsons.
            lse = one.board["cpu"]["atomics"]
            assert one.plan["row"] == ("aarch64-lse" if lse else "aarch64-no-lse"), one.tree.name
            assert ("!=2.10.*" in one.plan["torch"]["specifier"]) is not lse, one.tree.name
        else:
            assert (one.board["architecture"], one.plan["action"]) == ("armv7l", "build"), one.tree.name
    for row, count in sorted(rows.items()):
        print(count, *row)


@pytest.mark.parametrize(
    ("name", "row"),
    [
        ("rk3568-rock-3a.dtb", "aarch64-lse"),
        ("rk3399-rockpro64.dtb", "aarch64-no-lse"),
        ("meson-g12b-odroid-n2-plus.dtb", "aarch64-no-lse"),
        ("imx8mp-evk.dtb", "aarch64-no-lse"),
        ("am335x-boneblack.dtb", "generic-32-bit"),
        ("exynos5422-odroidxu4.dtb", "generic-32-bit"),
    ],
)
def test_boards_that_people_have(found: list[Found], name: str, row: str):
    assert [one.plan["row"] for one in found if one.tree.name == name] == [row]
