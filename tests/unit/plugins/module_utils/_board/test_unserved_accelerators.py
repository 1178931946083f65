# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Accelerators that no catalogue serves: named, and nothing else."""

import copy

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import unserved_cards
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from board_support import FakeSystem, load, well_formed

PCI = "/sys/bus/pci/devices/"


def seen(fixture="pi5", files=(), links=()):
    board = copy.deepcopy(load(fixture))
    board["files"].update(files)
    board["links"].update(links)
    found = well_formed(collect(FakeSystem(board), "/opt/x"))
    assert found["accelerators"] == found["signs"] == [], "nothing here changes anything else"
    return found["unserved"]


def on_pci(address, vendor, device, kind, **more):
    files = dict(
        (PCI + address + "/" + name, text)
        for name, text in dict(more, vendor="0x%s\n" % vendor, device="0x%s\n" % device).items()
    )
    return dict(files, **{PCI + address + "/class": "0x%s00\n" % kind})


@pytest.mark.parametrize(
    "address, vendor, device, kind, name, integrated",
    [
        ("0000:03:00.0", "1002", "744c", "0300", "AMD GPU 1002:744c", False),
        ("0000:c1:00.0", "1002", "74a1", "1200", "AMD Instinct 1002:74a1", False),
        ("0000:c1:00.0", "1002", "740f", "0380", "AMD GPU 1002:740f", False),
        ("0000:05:00.0", "1002", "15bf", "0300", "AMD GPU 1002:15bf", True),
        ("0000:04:00.0", "1002", "1638", "0300", "AMD GPU 1002:1638", True),
        ("0000:00:01.0", "1002", "9901", "0300", "AMD GPU 1002:9901", True),
        ("0000:00:02.0", "8086", "a780", "0300", "Intel GPU 8086:a780", True),
        ("0000:00:02.0", "8086", "46d1", "0300", "Intel GPU 8086:46d1", True),
        ("0000:03:00.0", "8086", "56a0", "0300", "Intel Arc GPU 8086:56a0", False),
        ("0000:03:00.0", "8086", "e20b", "0300", "Intel Arc GPU 8086:e20b", False),
        ("0000:29:00.0", "8086", "0bd5", "0380", "Intel GPU 8086:0bd5", False),
        ("0000:00:0b.0", "8086", "7d1d", "1200", "Intel NPU", False),
        ("0001:01:00.0", "1e60", "2864", "0b40", "Hailo-8", False),
        ("0001:01:00.0", "1e60", "45c4", "0b40", "Hailo-10H", False),
        ("0001:01:00.0", "1ac1", "089a", "0880", "Google Coral Edge TPU", False),
        ("0000:81:00.0", "1da3", "1020", "1200", "Intel Gaudi (Habana) accelerator", False),
        ("0000:81:00.0", "abcd", "1020", "1200", "processing accelerator abcd:1020", False),
    ],
)
def test_on_the_pci_bus(address, vendor, device, kind, name, integrated):
    assert seen(files=on_pci(address, vendor, device, kind)) == [
        {"name": name, "where": address, "integrated": integrated}
    ]


@pytest.mark.parametrize(
    "vendor, device, kind",
    [
        ("1002", "515e", "0300"),
        ("1a03", "2000", "0300"),
        ("102b", "0538", "0300"),
        ("1af4", "1050", "0380"),
        ("19e5", "1711", "0300"),
        ("8086", "10d3", "0200"),
        ("1002", "ab38", "0403"),
        ("1d0f", "ec20", "0200"),
        ("", "", ""),
    ],
)
def test_what_cannot_compute_is_not_named(vendor, device, kind):
    assert seen(files=on_pci("0000:03:00.0", vendor, device, kind)) == []


def test_a_kunpeng_host_is_no_atlas():
    board = copy.deepcopy(load("x86_no_gpu"))
    board["files"].update(on_pci("0000:07:00.0", "19e5", "1711", "0300"))
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["signs"]) == ("x86_conda", [])


def test_a_name_of_the_drivers_and_the_memory_of_an_unknown_processor():
    card = on_pci(
        "0000:03:00.0", "1002", "ffff", "0300", product_name="Radeon PRO W9999\n", mem_info_vram_total="34342961152\n"
    )
    assert seen(files=card) == [{"name": "AMD Radeon PRO W9999", "where": "0000:03:00.0", "integrated": False}]
    assert (
        seen(files=on_pci("0000:03:00.0", "1002", "ffff", "0300", mem_info_vram_total="536870912\n"))[0]["integrated"]
        is True
    )


def test_on_usb():
    base = "/sys/bus/usb/devices/2-1"
    for label in ("1a6e:089a", "18d1:9302"):
        files = dict(zip((base + "/idVendor", base + "/idProduct"), [part + "\n" for part in label.split(":")]))
        assert seen(files=files) == [{"name": "Google Coral USB Accelerator", "where": base, "integrated": False}]
    assert seen(files={base + "/idVendor": "18d1\n", base + "/idProduct": "4ee1\n"}) == []


@pytest.mark.parametrize(
    "fixture, files, name, where",
    [
        (
            "unknown_arm",
            {"/sys/firmware/devicetree/base/npu@fdab0000/compatible": "rockchip,rk3588-rknpu\0"},
            "Rockchip NPU (RKNPU)",
            "/sys/firmware/devicetree/base/npu@fdab0000",
        ),
        (
            "unknown_arm",
            {"/sys/class/devfreq/fdab0000.npu/governor": "rknpu_ondemand\n"},
            "Rockchip NPU (RKNPU)",
            "/sys/class/devfreq/fdab0000.npu",
        ),
        ("unknown_arm", {"/dev/rknpu": ""}, "Rockchip NPU (RKNPU)", "/dev/rknpu"),
        ("pynq_kv260_ubuntu", {"/dev/dpu": ""}, "AMD (Xilinx) DPU", "/dev/dpu"),
        ("pynq_kv260_ubuntu", {"/sys/class/uio/uio4/name": "DPUCZDX8G\n"}, "AMD (Xilinx) DPU", "/sys/class/uio/uio4"),
    ],
)
def test_in_the_soc(fixture, files, name, where):
    assert seen(fixture, files) == [{"name": name, "where": where, "integrated": False}]
    assert seen(fixture) == []


def test_what_linux_calls_an_accelerator_is_named_once():
    link = {
        "/sys/class/accel/accel0/device": "/sys/devices/pci0000:00/0000:00:0b.0",
        "/sys/class/accel/accel0/device/driver": "/sys/bus/pci/drivers/intel_vpu",
    }
    files = {"/sys/bus/pci/drivers/intel_vpu": "", "/sys/class/accel/accel0/dev": ""}
    assert seen(files=files, links=link) == [
        {"name": "accelerator of the driver intel_vpu", "where": "/dev/accel/accel0", "integrated": False}
    ]
    files.update(on_pci("0000:00:0b.0", "8086", "7d1d", "1200"))
    assert [device["name"] for device in seen(files=files, links=link)] == ["Intel NPU"]


def test_the_ranges_are_ranges():
    for first, last in unserved_cards.INTEL_CARDS + unserved_cards.AMD_PROCESSORS:
        assert 0 < first <= last <= 0xFFFF
