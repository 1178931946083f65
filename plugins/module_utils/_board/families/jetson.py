# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""NVIDIA Jetson, by its device tree, or by its release file in a container."""

import re

FAMILIES = {"tegra23x": "tegra234", "tegra26x": "tegra264"}
RELEASE_FILE = "/etc/nv_tegra_release"


class Detector(object):
    family = "jetson"
    certainty = 3  # a device tree
    kinds = ("cuda",)

    def detect(self, system):
        model, compatible = system.device_tree()
        soc = _find_soc(compatible)
        # A container on a Jetson has no device tree.
        if (
            not soc
            and not (model or "").startswith("NVIDIA Jetson")
            and (compatible or not system.exists(RELEASE_FILE))
        ):
            return None
        from ..jetson_board import describe_jetson  # only a Jetson loads it

        return describe_jetson(system, soc, system.read(RELEASE_FILE))


def _find_soc(compatible):
    """'tegra234'. The SoC is the last entry of this form; carrier makers may add other entries behind it."""
    socs = [entry.partition(",")[2] for entry in compatible if re.match(r"nvidia,tegra\d+x?$", entry)]
    return FAMILIES.get(socs[-1], socs[-1]) if socs else None
