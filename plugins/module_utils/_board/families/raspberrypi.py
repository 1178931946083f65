# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Raspberry Pi, by its device tree."""


class Detector(object):
    family = "raspberrypi"
    certainty = 3  # a device tree

    def detect(self, system):
        model, compatible = system.device_tree()
        if not (model or "").startswith("Raspberry Pi ") and not any(
            entry.startswith("raspberrypi,") for entry in compatible
        ):
            return None
        from ..raspberrypi_board import describe_raspberrypi  # only a Raspberry Pi loads it

        return describe_raspberrypi(system)
