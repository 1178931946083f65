# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Huawei's Ascend chips on the PCI bus and in /dev, with a driver or without."""

import re

from .._base.text import clean_line

VENDOR = "19e5"
# The chip by its PCI device id, if npu-smi does not answer. Only npu-smi knows the full name. 910B alone is the name of
# a chip of the first generation; the 910B of the A2 has a digit, which the bus does not tell.
DEVICES = {
    "0xd100": "310",
    "0xd105": "310B",
    "0xd107": "310B",
    "0xd500": "310P",
    "0xd801": "910",
    "0xd802": "910B-A2",
    "0xd803": "910_93",
    "0xd806": "950",
}
FIRST_GENERATION = "910"
# Names of npu-smi that do not tell the generation: an A3 is "Ascend910" to it, as in
# https://github.com/vllm-project/vllm-ascend/issues/2534
VAGUE = ("910", "910B")
# Engines of Kunpeng processors; the one for compression is in the class of accelerators: 19e5:a250 in
# https://github.com/torvalds/linux/blob/master/drivers/crypto/hisilicon/zip/zip_main.c
KUNPENG = "0xa2"
DRIVER = "/usr/local/Ascend/driver/version.info"


def list_cards(system):
    """[(PCI address, chip)] of Huawei's accelerators on the bus; not display controllers, which belong to server
    management.
    """
    devices = [
        (device["address"], "0x" + device["device"], device["class"])
        for device in system.pci_devices()
        if device["vendor"] == VENDOR
    ]
    return [
        (address, DEVICES.get(number))
        for address, number, kind in devices
        if not kind.startswith("03") and not number.startswith(KUNPENG) and (kind.startswith("12") or number in DEVICES)
    ]


def name_chip(told, on_bus):
    """The name of a chip from npu-smi's name and the PCI bus's, None if unknown: the bus decides the generation."""
    if told not in VAGUE:
        return told or on_bus
    if on_bus is None:
        return "910_93" if told == "910" else told
    return told if on_bus == FIRST_GENERATION else on_bus


def list_nodes(system):
    """The names of the chips' own device nodes, in the order of their numbers."""
    names = (name for name in system.listdir("/dev") if re.match(r"davinci\d+$", name))
    return sorted(names, key=lambda name: int(name[7:]))


def read_version(system, path):
    """The version in an info file of the driver or the firmware, or None."""
    match = re.search(r"^\s*version\s*=\s*(\S+)", system.read(path) or "", re.M | re.I)
    return clean_line(match.group(1), 60) if match else None
