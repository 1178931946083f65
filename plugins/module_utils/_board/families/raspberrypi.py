# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Raspberry Pi, by its device tree; in a container, which does not see it, by /proc/cpuinfo; with UEFI, by that."""

import re

from ..._base.text import clean_line
from ..common import PRODUCT_NAME

# An emulated userland of another architecture also sees the cpuinfo of its host.
ARCHITECTURES = ("aarch64", "armv7l", "armv6l")


class Detector(object):
    family = "raspberrypi"
    certainty = 3  # a device tree

    def detect(self, system):
        model, compatible = system.device_tree()
        if not model and not compatible and system.architecture()[0] in ARCHITECTURES:
            model = _read_cpuinfo_model(system) or clean_line(system.read(PRODUCT_NAME) or "")
        if not (model or "").startswith("Raspberry Pi ") and not any(
            entry.startswith("raspberrypi,") for entry in compatible
        ):
            return None
        from ..raspberrypi_board import describe_raspberrypi  # only a Raspberry Pi loads it

        return describe_raspberrypi(system, model)


def _read_cpuinfo_model(system):
    """'Raspberry Pi 4 Model B Rev 1.4'; None on other boards."""
    found = re.search(r"^Model\s*:\s*(\S.*)$", system.read("/proc/cpuinfo") or "", re.M)
    return clean_line(found.group(1)) if found else None
