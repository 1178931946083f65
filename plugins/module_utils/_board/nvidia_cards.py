# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""NVIDIA's cards on the PCI bus, with a driver or without, and their device nodes."""

import re

from .._base.text import clean_line

VENDOR = "10de"
MODULE = "/proc/driver/nvidia/version"  # of the loaded kernel module


def list_cards(system):
    """NVIDIA's display controllers on the PCI bus, each with its driver."""
    found = [
        device for device in system.pci_devices() if device["vendor"] == VENDOR and device["class"].startswith("03")
    ]
    return [dict(device, driver=system.pci_driver(device)) for device in found]


def list_nodes(system):
    """The device nodes of the GPUs, in the order of their numbers."""
    names = sorted(
        (name for name in system.listdir("/dev") if re.match(r"nvidia\d+$", name)), key=lambda name: int(name[6:])
    )
    return ["/dev/" + name for name in names]


def parse_module_version(text):
    """The version of the kernel module, from the text of MODULE; None if it has none."""
    match = re.search(r"Kernel Module\s+(?:for \S+\s+)?(\d[\d.]*)", text)
    return match.group(1) if match else None


def card_name(system, card):
    model = re.search(
        r"^Model:\s*(.+)", system.read("/proc/driver/nvidia/gpus/%s/information" % card["address"]) or "", re.M
    )
    if model and "Unknown" not in model.group(1):
        return clean_line(model.group(1))
    return "NVIDIA GPU %s:%s" % (VENDOR, card["device"]) if card["device"] else "NVIDIA GPU"
