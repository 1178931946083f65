# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boards that no other family takes."""

import json

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.cuda_driver import MARK
from board_support import FakeSystem, load, well_formed

TREE = "/sys/firmware/devicetree/base/"
DMI = "/sys/class/dmi/id/"


def board(model=None, compatible=(), **files):
    """An Arm board with this device tree, or with none."""
    made = load("unknown_arm")
    for name in ("model", "compatible"):
        del made["files"][TREE + name]
    if model:
        made["files"][TREE + "model"] = model + "\0"
    if compatible:
        made["files"][TREE + "compatible"] = "".join(entry + "\0" for entry in compatible)
    made["files"].update(files)
    return made


def detect(made, family=None):
    return well_formed(collect(FakeSystem(made), "/opt/x", family=family))


@pytest.mark.parametrize(
    "model, compatible, soc",
    [
        ("Orange Pi 5", ("xunlong,orangepi-5", "rockchip,rk3588s"), "rk3588s"),
        ("Hardkernel ODROID-N2Plus", ("hardkernel,odroid-n2-plus", "amlogic,s922x", "amlogic,g12b"), "g12b"),
        ("NXP i.MX8MPlus EVK board", ("fsl,imx8mp-evk", "fsl,imx8mp"), "imx8mp"),
        ("BeagleBoard.org BeagleBone AI-64", ("beagle,j721e-beagleboneai64", "ti,j721e"), "j721e"),
        ("A board", (), None),
    ],
)
def test_a_board_by_its_device_tree(model, compatible, soc):
    found = detect(board(model, compatible))
    assert (found["family"], found["model"], found["soc"], found["warnings"]) == ("generic", model, soc, [])


def test_a_computer_without_a_device_tree():
    made = board(**{DMI + "sys_vendor": "GIGABYTE\n", DMI + "product_name": "R272-P30-JG\n"})
    found = detect(made)
    assert (found["family"], found["model"], found["soc"], found["accelerators"]) == (
        "generic",
        "GIGABYTE R272-P30-JG",
        None,
        [],
    )


@pytest.mark.parametrize(
    "device, capability", [("NVIDIA GH200 480GB", "9.0"), ("NVIDIA GB10", "12.1"), ("NVIDIA RTX A4000", "8.6")]
)
def test_an_arm_computer_with_a_gpu(device, capability):
    made = board()
    made["release"] = "6.11.0-1016-nvidia"
    made["files"].update(
        {
            "/dev/nvidia0": "",
            "/usr/lib/aarch64-linux-gnu/libcuda.so.1": "",
            "/proc/driver/nvidia/version": "NVRM version: Open Kernel Module for aarch64  580.95.05\n",
        }
    )
    lines = [
        {"library": "/usr/lib/aarch64-linux-gnu/libcuda.so.580.95.05", "listed": True},
        {"cuda": 13000},
        {"code": 0},
        {"devices": [{"name": device, "memory": 1 << 37, "capability": capability, "bus": "0009:01:00.0"}]},
    ]
    made["commands"][made["interpreter"]["path"] + " -I -S -c"] = [
        0,
        "".join("%s%s\n" % (MARK, json.dumps(line)) for line in lines),
        "",
    ]
    found = detect(made)
    assert found["family"] == "generic"
    (gpu,) = found["accelerators"]
    assert (gpu["kind"], gpu["name"], gpu["compute_capability"], gpu["driver"], gpu["cuda"]) == (
        "cuda",
        device,
        capability,
        "580.95.05",
        "13.0",
    )
    assert found["key"]["driver"] == "580.95.05"


def test_a_card_without_a_driver_is_a_sign():
    made = board()
    card = "/sys/bus/pci/devices/000d:01:00.0/"
    made["files"].update({card + "vendor": "0x10de\n", card + "class": "0x030000\n", card + "device": "0x2230\n"})
    assert [(sign["kind"], sign["cause"]) for sign in detect(made)["signs"]] == [("cuda", "no-driver")]


def test_another_architecture():
    made = board("StarFive VisionFive 2 v1.3B", ("starfive,visionfive-2-v1.3b", "starfive,jh7110"))
    made["machine"], made["hwcap"] = "riscv64", None
    made["commands"] = {"dpkg --print-architecture": [0, "riscv64\n", ""]}
    found = detect(made)
    assert (found["family"], found["architecture"], found["cpu"]["atomics"]) == ("generic", "riscv64", None)


@pytest.mark.parametrize("name", ["pi5", "jetson_orin_nano", "pynq_kv260_ubuntu", "atlas_310b1", "x86_no_gpu"])
def test_every_other_detector_knows_more(name):
    assert detect(load(name))["family"] != "generic"
    assert detect(load(name), family="generic")["family"] == "generic"
