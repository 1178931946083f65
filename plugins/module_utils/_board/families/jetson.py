# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""NVIDIA Jetson, by its device tree; in a container, which does not see it, by its firmware, release file or kernel."""

import re

from ..._base.text import clean_line
from ..common import PRODUCT_NAME

FAMILIES = {"tegra23x": "tegra234", "tegra26x": "tegra264"}
RELEASE_FILE = "/etc/nv_tegra_release"
# By the product's name in UEFI: 'NVIDIA Jetson AGX Orin Developer Kit', 'NVIDIA IGX Orin Development Kit'.
CHIPS = (("Xavier", "tegra194"), ("Orin", "tegra234"), ("Thor", "tegra264"))
# Patterns, which only a board with such a chip, or an Arm board without a device tree, compiles.
# Chips that are in Chromebooks, tablets, televisions and modules of other makers, too. Later ones are in Jetsons only.
CONSUMER = r"tegra(\d{2}|1[123]\d|210)$"
# The developer kits and modules with such a chip, by their compatible strings.
KITS = r"nvidia,(jetson|p2371-2180|p2180|p3450|p3448|p3449-\w+-\w+\+p3448)"
# NVIDIA's kernel, and the one of Yocto (meta-tegra). A DGX Spark has neither.
KERNEL = r"-(tegra|l4t)\b"


class Detector(object):
    family = "jetson"
    certainty = 3  # a device tree
    kinds = ("cuda",)

    def detect(self, system):
        model, compatible = system.device_tree()
        soc = _find_soc(compatible)
        if not model and not compatible and system.architecture()[0] == "aarch64":
            model, soc = _read_firmware(system)
        if not (_is_jetson(system, model or "", soc, compatible) or _is_container(system, model, compatible)):
            return None
        from ..jetson_board import describe_jetson  # only a Jetson loads it

        return describe_jetson(system, model, soc, system.read(RELEASE_FILE))


def _find_soc(compatible):
    """'tegra234'. The SoC is the last entry of this form; carrier makers may add other entries behind it."""
    socs = [entry.partition(",")[2] for entry in compatible if re.match(r"nvidia,tegra\d+x?$", entry)]
    return FAMILIES.get(socs[-1], socs[-1]) if socs else None


def _read_firmware(system):
    """(model, SoC) by UEFI, which boards from Xavier on have and containers see; (None, None) on other boards."""
    product = clean_line(system.read(PRODUCT_NAME) or "")
    if not product.startswith(("NVIDIA Jetson", "NVIDIA IGX")):
        return None, None
    return product, next((soc for name, soc in CHIPS if name in product), None)


def _is_jetson(system, model, soc, compatible):
    if "Jetson" in model:
        return True
    if not soc:
        return False
    # L4T on another board of such a chip is what NVIDIA's wheels are for.
    return (
        not re.match(CONSUMER, soc) or any(re.match(KITS, entry) for entry in compatible) or system.exists(RELEASE_FILE)
    )


def _is_container(system, model, compatible):
    """Whether this is a container on a Jetson. It has the kernel of its host, and the release file of its image."""
    if model or compatible or system.architecture()[0] not in ("aarch64", "armv7l"):
        return False
    return bool(re.search(KERNEL, system.uname()[0])) or system.exists(RELEASE_FILE)
