# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from board_support import FakeSystem, load, well_formed


def test_a_card_on_a_board_of_another_family():
    board = load("pi5")
    for address, driver in (("0001:01:00.0", "nouveau"), ("0002:01:00.0", "nvidia")):
        board["files"].update(
            {
                "/sys/bus/pci/devices/" + address + "/vendor": "0x10de\n",
                "/sys/bus/pci/devices/" + address + "/class": "0x030000\n",
                "/sys/bus/pci/devices/" + address + "/device": "0x1cb1\n",
            }
        )
        board["links"]["/sys/bus/pci/devices/" + address + "/driver"] = "/sys/bus/pci/drivers/" + driver
        board["files"]["/sys/bus/pci/drivers/%s/bind" % driver] = ""
    told = well_formed(collect(FakeSystem(board), "/opt/x"))
    assert [(sign["where"], sign["cause"]) for sign in told["signs"]] == [("0001:01:00.0", "nouveau")]
    assert told["unserved"] == [{"name": "NVIDIA GPU 10de:1cb1", "where": "0002:01:00.0", "integrated": False}]


def test_a_chip_in_a_board_of_another_family():
    board = load("pi5")
    base = "/sys/bus/pci/devices/0001:01:00.0"
    board["files"].update({base + "/vendor": "0x19e5\n", base + "/device": "0xd500\n", base + "/class": "0x120000\n"})
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], [(sign["kind"], sign["name"], sign["where"]) for sign in found["signs"]]) == (
        "raspberrypi",
        [("npu", "Ascend310P", "0001:01:00.0")],
    )
