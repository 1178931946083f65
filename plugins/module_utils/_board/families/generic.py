# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Every Linux board that no other detector knows: single-board computers, Arm servers, other architectures."""

from ..common import read_firmware_model
from ..nvidia_traces import find_gpus


class Detector(object):
    family = "generic"
    certainty = 0  # any other detector knows more
    kinds = ("cuda",)

    def detect(self, system):
        accelerators, signs, warnings = find_gpus(system)
        model, compatible = system.device_tree()
        return {
            "model": model or read_firmware_model(system),
            # The last entry is the chip's: 'rockchip,rk3588s', 'fsl,imx8mp', 'ti,j721e'.
            "soc": compatible[-1].rpartition(",")[2] if compatible else None,
            "accelerators": accelerators,
            "signs": signs,
            "warnings": warnings,
        }
