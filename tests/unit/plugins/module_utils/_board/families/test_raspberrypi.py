# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only a Raspberry Pi has; whole boards are in fixtures/boards."""

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from board_support import FakeSystem, load

VCGENCMD = "/usr/bin/vcgencmd get_throttled"


@pytest.mark.parametrize(
    "model, compatible, module, soc",
    [
        ("Raspberry Pi Model B Plus Rev 1.2", ["raspberrypi,model-b-plus", "brcm,bcm2835"], None, "bcm2835"),
        ("Raspberry Pi Zero W Rev 1.1", ["raspberrypi,model-zero-w", "brcm,bcm2835"], None, "bcm2835"),
        ("Raspberry Pi 2 Model B Rev 1.1", ["raspberrypi,2-model-b", "brcm,bcm2836"], None, "bcm2836"),
        ("Raspberry Pi Zero 2 W Rev 1.0", ["raspberrypi,model-zero-2-w", "brcm,bcm2837"], None, "bcm2837"),
        ("Raspberry Pi 3 Model B Rev 1.2", ["raspberrypi,3-model-b", "brcm,bcm2837"], None, "bcm2837"),
        ("Raspberry Pi 3 Model B Plus Rev 1.3", ["raspberrypi,3-model-b-plus", "brcm,bcm2837"], None, "bcm2837"),
        (
            "Raspberry Pi Compute Module 3 Plus Rev 1.0",
            ["raspberrypi,3-compute-module", "brcm,bcm2837"],
            "Compute Module 3 Plus",
            "bcm2837",
        ),
        ("Raspberry Pi 4 Model B Rev 1.4", ["raspberrypi,4-model-b", "brcm,bcm2711"], None, "bcm2711"),
        ("Raspberry Pi 400 Rev 1.0", ["raspberrypi,400", "brcm,bcm2711"], None, "bcm2711"),
        (
            "Raspberry Pi Compute Module 4 Rev 1.0",
            ["raspberrypi,4-compute-module", "brcm,bcm2711"],
            "Compute Module 4",
            "bcm2711",
        ),
        ("Raspberry Pi 5 Model B Rev 1.0", ["raspberrypi,5-model-b", "brcm,bcm2712"], None, "bcm2712"),
        ("Raspberry Pi 500 Rev 1.0", ["raspberrypi,500", "brcm,bcm2712"], None, "bcm2712"),
        (
            "Raspberry Pi Compute Module 5 Rev 1.0",
            ["raspberrypi,5-compute-module", "brcm,bcm2712"],
            "Compute Module 5",
            "bcm2712",
        ),
    ],
)
def test_every_model(model, compatible, module, soc):
    board = load("pi4_bookworm")
    board["files"]["/sys/firmware/devicetree/base/model"] = model + "\0"
    board["files"]["/sys/firmware/devicetree/base/compatible"] = "".join(entry + "\0" for entry in compatible)
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["model"], found["module"], found["soc"]) == ("raspberrypi", model, module, soc)


@pytest.mark.parametrize(
    "revision, soc",
    [("c03114", "bcm2711"), ("d04170", "bcm2712"), ("a02082", "bcm2837"), ("900092", "bcm2835"), ("000e", None)],
)
def test_a_container_sees_no_device_tree(revision, soc):
    board = load("pi4_bookworm")
    for name in ("model", "compatible"):
        del board["files"]["/sys/firmware/devicetree/base/" + name]
    board["files"]["/proc/cpuinfo"] = board["files"]["/proc/cpuinfo"].replace("c03114", revision)
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["model"], found["soc"], found["board_id"]) == (
        "raspberrypi",
        "Raspberry Pi 4 Model B Rev 1.4",
        soc,
        revision,
    )


def test_a_pi_that_boots_with_uefi():
    board = load("pi4_bookworm")
    for name in ("model", "compatible"):
        del board["files"]["/sys/firmware/devicetree/base/" + name]
    del board["files"]["/proc/cpuinfo"]
    board["files"]["/sys/class/dmi/id/product_name"] = "Raspberry Pi 4 Model B\n"
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["model"]) == ("raspberrypi", "Raspberry Pi 4 Model B")


def test_an_emulated_userland_on_a_pi():
    board = load("pi4_bookworm")
    for name in ("model", "compatible"):
        del board["files"]["/sys/firmware/devicetree/base/" + name]
    board["commands"]["dpkg --print-architecture"] = [0, "amd64\n", ""]
    assert collect(FakeSystem(board), "/opt/x")["family"] == "x86_conda"


def throttled(answer):
    board = load("pi4_under_voltage")
    board["commands"].pop(VCGENCMD)
    if answer is not None:
        board["commands"][VCGENCMD] = [0, answer, ""]
    found = collect(FakeSystem(board), "/opt/x")
    return found["platform"]["throttled"], found["warnings"]


@pytest.mark.parametrize(
    "bits, now, before, advice",
    [
        ("0x1", "under-voltage", None, "a power supply that holds its voltage"),
        ("0x2", "CPU frequency capped", None, "better cooling"),
        ("0xc", "throttled, at the soft temperature limit", None, "better cooling"),
        ("0x50000", None, "under-voltage, throttled", "a power supply that holds its voltage"),
        (
            "0xE0008",
            "at the soft temperature limit",
            "CPU frequency capped, throttled, at the soft temperature limit",
            "better cooling",
        ),
        (
            "0x80001",
            "under-voltage",
            "at the soft temperature limit",
            "a power supply that holds its voltage and better cooling",
        ),
    ],
)
def test_what_the_firmware_says(bits, now, before, advice):
    said = "; ".join(text for text in (now and "now " + now, before and "since boot " + before) if text)
    expected = (
        "the board is or was short of power or too hot (vcgencmd get_throttled: %s): %s. Before long jobs, "
        "give it %s" % (bits, said, advice)
    )
    assert throttled("throttled=%s\n" % bits) == (bits, [expected])


@pytest.mark.parametrize(
    "answer",
    [
        None,
        "",
        "throttled=\n",
        "throttled=0xZZ\n",
        'error=1 error_msg="Command not registered"\n',
        "throttled=0x123456789\n",
    ],
)
def test_a_firmware_that_says_nothing_of_use(answer):
    assert throttled(answer) == (None, [])


@pytest.mark.parametrize("bits", ["0x0", "0x10", "0x100000"])
def test_nothing_to_complain_of(bits):
    assert throttled("throttled=%s\n" % bits) == (bits, [])


def test_the_firmware_is_asked_once():
    system = FakeSystem(load("pi4_under_voltage"))
    collect(system, "/opt/x")
    assert system.started.count(["/usr/bin/vcgencmd", "get_throttled"]) == 1
