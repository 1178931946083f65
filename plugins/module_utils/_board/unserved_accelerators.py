# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Accelerators that no catalogue of the collection has a PyTorch build for. They are reported, and change nothing else.

Numbers of USB devices: https://usb-ids.gowdy.us/.
"""

import os
import re

from .._base.text import clean_line

# Makers whose chips count in any PCI class: Hailo's is a co-processor, Coral's a system peripheral.
MAKERS = ("1e60", "1ac1", "1022", "1d0f")
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
    devices = _find_on_pci(system) + _find_on_usb(system) + _find_rockchip(system) + _find_kria(system)
    return devices + _find_accel_class(system, [device["where"] for device in devices])


def _describe_device(name, where, integrated=False):
    return {"name": clean_line(name), "where": clean_line(where), "integrated": integrated}


def _find_on_pci(system):
    devices = [
        device
        for device in system.pci_devices()
        if device["vendor"] not in SERVED and (device["class"].startswith(("03", "12")) or device["vendor"] in MAKERS)
    ]
    if not devices:
        return []
    from .unserved_cards import find_cards  # long tables, for boards with such a device

    return [_describe_device(*card) for card in find_cards(system, devices, MAKERS)]


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
