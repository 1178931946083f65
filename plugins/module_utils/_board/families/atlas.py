# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Huawei Atlas: boards and servers with an Ascend chip. The chip decides, not the product's name."""

from ..ascend_cards import DRIVER, list_cards, list_nodes, read_version


class Detector(object):
    family = "atlas"
    certainty = 2  # a card on the bus, or its driver
    kinds = ("npu",)

    def detect(self, system):
        on_bus, nodes, driver = list_cards(system), list_nodes(system), read_version(system, DRIVER)
        if not (on_bus or nodes or driver or system.exists("/dev/davinci_manager")):
            return None
        from ..atlas_board import describe_atlas  # only a board with such a chip loads it

        return describe_atlas(system, on_bus, nodes, driver)
