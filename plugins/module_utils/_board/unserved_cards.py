# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""GPUs and accelerators on the PCI bus that no catalogue of the collection has a PyTorch build for.

Names and numbers of devices: https://github.com/pciutils/pciids/blob/master/pci.ids (2026-08-22)
"""

import re

from .._base.text import clean_line

# Intel GPUs on cards. All other Intel GPUs are in the processor.
INTEL_CARDS = [
    (0x0201, 0x0201),
    (0x0B69, 0x0B6E),
    (0x0BD0, 0x0BDB),
    (0x4905, 0x4909),
    (0x4F80, 0x4F88),
    (0x5690, 0x56C2),
    (0xE200, 0xE2FF),
]
# AMD GPUs in the processor or the chipset: Kaveri, Raven Ridge to Strix Halo, and before them Llano,
# Bobcat, Kabini, Carrizo, Trinity, RS880.
AMD_PROCESSORS = [
    (0x791E, 0x796F),
    (0x9610, 0x9616),
    (0x9710, 0x9715),
    (0x1114, 0x1114),
    (0x1304, 0x131D),
    (0x13C0, 0x13C0),
    (0x1506, 0x150E),
    (0x1586, 0x1586),
    (0x15BF, 0x15E7),
    (0x1636, 0x164F),
    (0x1681, 0x1681),
    (0x1900, 0x1902),
    (0x9640, 0x964F),
    (0x9802, 0x980A),
    (0x9830, 0x985F),
    (0x9874, 0x9874),
    (0x98E4, 0x98E4),
    (0x9900, 0x99A4),
]
# Display controllers of server management, which cannot compute: Rage XL, ES1000.
AMD_SCREENS = (0x4752, 0x515E, 0x5969)
# More memory than firmware reserves for a processor's graphics by default; known chips do not depend on it.
SHARED = 1 << 30
# By PCI vendor and device, or vendor alone.
CHIPS = {
    "1e60:2864": "Hailo-8",
    "1e60:45c4": "Hailo-10H",
    "1e60": "Hailo accelerator",
    "1ac1:089a": "Google Coral Edge TPU",
    "8086:643e": "Intel NPU",
    "8086:7d1d": "Intel NPU",
    "8086:ad1d": "Intel NPU",
    "8086:b03e": "Intel NPU",
    "1022:1502": "AMD XDNA NPU",
    "1022:17f0": "AMD XDNA NPU",
    "1da3": "Intel Gaudi (Habana) accelerator",
    "1e52": "Tenstorrent accelerator",
    "1f9d": "Axelera Metis",
    "1d0f:7064": "AWS Inferentia",
    "1d0f:7164": "AWS Trainium",
    "1d0f:7264": "AWS Inferentia2",
    "1d0f:7364": "AWS Trainium2",
}


def find_cards(system, devices, makers):
    """[(name, where, integrated)] of these devices on the bus. makers: those whose chips count in any PCI class."""
    return [found for found in (_find_card(system, device, makers) for device in devices) if found]


def _find_card(system, device, makers):
    vendor, number = device["vendor"], device["number"]
    label = "%s:%s" % (vendor, device["device"]) if device["device"] else vendor
    if device["class"].startswith("03") and vendor in ("1002", "8086"):
        if vendor == "1002" and number in AMD_SCREENS:
            return None
        integrated = (
            _is_amd_in_processor(system, device)
            if vendor == "1002"
            else not _is_within(number, INTEL_CARDS) and device["address"].startswith("0000:00:")
        )
        return _gpu_name(system, device, label), device["address"], integrated
    name = CHIPS.get(label) or CHIPS.get(vendor)
    if device["class"].startswith("12") or name and vendor in makers:
        words = "AMD Instinct" if vendor == "1002" else "processing accelerator"
        return name or words + " " + label, device["address"], False
    return None


def _gpu_name(system, device, label):
    product = clean_line(system.read("/sys/bus/pci/devices/%s/product_name" % device["address"]) or "")
    if product:
        return product if "AMD" in product or device["vendor"] != "1002" else "AMD " + product
    if device["vendor"] == "1002":
        return "AMD GPU " + label
    return (
        "Intel Arc GPU " if _is_within(device["number"], [(0x5690, 0x56BF), (0xE200, 0xE2FF)]) else "Intel GPU "
    ) + label


def _is_within(number, ranges):
    return any(first <= number <= last for first, last in ranges)


def _is_amd_in_processor(system, device):
    if _is_within(device["number"], AMD_PROCESSORS) or device["address"].startswith("0000:00:01."):
        return True
    # A heuristic for processors that are newer than the list.
    memory = (system.read("/sys/bus/pci/devices/%s/mem_info_vram_total" % device["address"]) or "").strip()
    return bool(re.match(r"\d{1,15}$", memory)) and int(memory) <= SHARED
