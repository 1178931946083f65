# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""x86_64 computers, with or without NVIDIA GPUs."""

from ..common import read_firmware_model
from ..nvidia_traces import find_gpus


class Detector(object):
    family = "x86_conda"
    certainty = 1  # the architecture alone decides
    kinds = ("cuda",)

    def detect(self, system):
        if system.architecture()[0] != "x86_64":
            return None
        accelerators, signs, warnings = find_gpus(system)
        return {
            "model": read_firmware_model(system),
            "accelerators": accelerators,
            "signs": signs,
            "warnings": warnings,
        }
