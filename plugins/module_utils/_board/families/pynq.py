# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Xilinx Zynq boards, by their device tree, with the PYNQ software or without."""

import re

# By its prefix: 'xlnx,zynqmp-zcu104-revC', 'xlnx,zynq-7000'.
SOCS = [("xlnx,zynqmp", "zynqmp"), ("xlnx,zynq-7", "zynq-7000")]
MAKERS = ("xlnx,", "avnet,", "Zynq ")  # the beginnings of what BOARDS recognizes: its patterns are compiled for these
# PYNQ's names of boards, by the compatible string, or by the model where upstream has no binding.
BOARDS = [
    (r"xlnx,zynqmp-(zcu\d+)(?<!zcu100)\b", lambda found: found.upper()),
    (r"(avnet,ultra96|xlnx,zynqmp-zcu100)", lambda found: "Ultra96"),
    (r"xlnx,zynqmp-sk-(\w+)", lambda found: found.upper()),
    (r"xlnx,zynqmp-smk?-(k\d+)", lambda found: found.upper()),
    (r"Zynq PYNQ-(Z\d) Development Board", lambda found: "Pynq-" + found),
]


class Detector(object):
    family = "pynq"
    certainty = 3  # a device tree

    def detect(self, system):
        model, compatible = system.device_tree()
        board = _read_pynq_board(system)
        soc = next((name for prefix, name in SOCS if any(entry.startswith(prefix) for entry in compatible)), None)
        named = _find_board_name(compatible, model)
        if not (board or soc or named):
            return None
        from ..pynq_board import describe_pynq  # only a Zynq board loads it

        return describe_pynq(system, board, soc, named)


def _read_pynq_board(system):
    """The board's name in the device tree, by which pynq recognizes its boards; 'Unknown' if it was not filled in."""
    for base in ("/sys/firmware/devicetree/base", "/proc/device-tree"):
        strings = system.read_strings(base + "/chosen/pynq_board")
        if strings:
            return strings[0]
    return None


def _find_board_name(compatible, model):
    for text in [text for text in compatible + [model or ""] if text.startswith(MAKERS)]:
        for pattern, name in BOARDS:
            match = re.match(pattern, text)
            if match:
                return name(match.group(1))
    return None
