# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Accelerators that no catalogue of the collection has a PyTorch build for. They are reported, and change nothing else.

Names and numbers of devices: https://github.com/pciutils/pciids/blob/master/pci.ids (2026-08-22) and
https://usb-ids.gowdy.us/.
"""

import os
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
# Makers whose chips count in any PCI class: Hailo's is a co-processor, Coral's a system peripheral.
ANY_CLASS = [name for name in CHIPS if name.partition(":")[0] in ("1e60", "1ac1", "1022", "1d0f")]
USB = {
    "1a6e:089a": "Google Coral USB Accelerator",
    "18d1:9302": "Google Coral USB Accelerator",
    "03e7:2485": "Intel Movidius Myriad X",
    "03e7:2150": "Intel Movidius Myriad 2",
    "03e7:f63b": "Intel Movidius Myriad X",
}
# Vendors whose accelerators the collection supports, and reports as accelerators or signs.
SERVED = ("10de", "19e5")


def find_unserved(system):
    """[{name, where, integrated}]; integrated: a processor's own graphics."""
    devices = [device for device in map(lambda device: _find_on_pci(system, device), system.pci_devices()) if device]
    devices += _find_on_usb(system) + _find_rockchip(system) + _find_kria(system)
    return devices + _find_accel_class(system, [device["where"] for device in devices])


def _describe_device(name, where, integrated=False):
    return {"name": clean_line(name), "where": clean_line(where), "integrated": integrated}


def _find_on_pci(system, device):
    vendor, number = device["vendor"], device["number"]
    label = "%s:%s" % (vendor, device["device"]) if device["device"] else vendor
    if vendor in SERVED:
        return None
    if device["class"].startswith("03") and vendor in ("1002", "8086"):
        if vendor == "1002" and number in AMD_SCREENS:
            return None
        integrated = (
            _is_amd_in_processor(system, device)
            if vendor == "1002"
            else not _is_within(number, INTEL_CARDS) and device["address"].startswith("0000:00:")
        )
        return _describe_device(_gpu_name(system, device, label), device["address"], integrated)
    name = CHIPS.get(label) or CHIPS.get(vendor)
    if device["class"].startswith("12") or label in ANY_CLASS or vendor in ANY_CLASS:
        return _describe_device(
            name or ("AMD Instinct" if vendor == "1002" else "processing accelerator") + " " + label, device["address"]
        )
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


def _find_on_usb(system):
    base, found = "/sys/bus/usb/devices", []
    for name in system.listdir(base):
        label = ":".join(
            (system.read("%s/%s/%s" % (base, name, key)) or "").strip().lower() for key in ("idVendor", "idProduct")
        )
        if label in USB:
            found.append(_describe_device(USB[label], "%s/%s" % (base, name)))
    return found


def _find_rockchip(system):
    base = "/sys/firmware/devicetree/base"
    places = [
        "%s/%s" % (base, name)
        for name in system.listdir(base)
        if name.startswith("npu@")
        and any(entry.startswith("rockchip,") for entry in system.read_strings("%s/%s/compatible" % (base, name)))
    ]
    places += ["/dev/rknpu"] if system.exists("/dev/rknpu") else []
    if not places and any(entry.startswith("rockchip,") for entry in system.device_tree()[1]):
        places = [
            "/sys/class/devfreq/" + name for name in system.listdir("/sys/class/devfreq") if name.endswith(".npu")
        ]
    return [_describe_device("Rockchip NPU (RKNPU)", places[0])] if places else []


def _find_kria(system):
    """The DPU of an AMD (Xilinx) overlay, if the kernel shows it."""
    places = ["/dev/" + name for name in system.listdir("/dev") if re.match(r"dpu\d*$", name)]
    places += [
        "/sys/class/uio/" + name
        for name in system.listdir("/sys/class/uio")
        if re.search(r"\bdpu|dpuczdx", clean_line(system.read("/sys/class/uio/%s/name" % name) or "").lower())
    ]
    return [_describe_device("AMD (Xilinx) DPU", places[0])] if places else []


def _find_accel_class(system, known_paths):
    """Devices of Linux's class for compute accelerators, by their driver's name."""
    base, found = "/sys/class/accel", []
    for name in system.listdir(base):
        device = "%s/%s/device" % (base, name)
        driver = clean_line(os.path.basename(system.realpath(device + "/driver")))
        # A Rockchip NPU with the kernel's own driver (rocket) is in this class, too.
        if (
            os.path.basename(system.realpath(device)).lower() in known_paths
            or driver in ("rocket", "rknpu")
            or not system.exists(device + "/driver")
        ):
            continue
        found.append(_describe_device("accelerator of the driver %s" % driver, "/dev/accel/" + name))
    return found
