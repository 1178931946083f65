# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Raspberry Pi, by its device tree; and what the firmware says about its power and its temperature."""

import os
import re

from ..common import clean
from ..installed_packages import versions
from ..swap_manager import find_manager

# Where it is not on PATH: images before Bullseye.
PLACES = ["/usr/bin", "/opt/vc/bin"]
# The bits of `vcgencmd get_throttled`; each is there a second time, 16 bits higher, for what has been since the board
# started.
THROTTLED = [
    (1 << 0, "under-voltage"),
    (1 << 1, "the frequency of its cores capped"),
    (1 << 2, "throttled"),
    (1 << 3, "at its soft temperature limit"),
]
UNDER_VOLTAGE, HOT = 1 << 0, 1 << 3


class Detector(object):
    family = "raspberrypi"
    certainty = 3  # a device tree

    def detect(self, system):
        model, compatible = system.device_tree()
        if not (model or "").startswith("Raspberry Pi ") and not any(
            entry.startswith("raspberrypi,") for entry in compatible
        ):
            return None
        chips = [entry.partition(",")[2] for entry in compatible if re.match(r"brcm,bcm\d+$", entry)]
        module = re.search(r"Compute Module \d+\w*(?: Plus)?", model or "")
        throttled = _throttled(system)
        return {
            "model": model,
            "module": module.group(0) if module else None,
            "board_id": _revision(system),
            "soc": chips[-1] if chips else None,
            "platform": {"throttled": throttled, "swap": find_manager(system.exists)},
            # apt's picamera2 and its kin are compiled for apt's numpy: an environment that sees them must not bring
            # another.
            "provided": versions(system, ("numpy",)),
            "warnings": _warnings(throttled),
        }


def _revision(system):
    """The revision code that names model, memory and maker, as `vcgencmd` and the documentation write it: 'c03111'."""
    match = re.search(r"^Revision\s*:\s*(\w+)", system.read("/proc/cpuinfo") or "", re.M)
    return clean(match.group(1)) if match else None


def _throttled(system):
    """'0x50005' as the firmware answers, or None: without the program, or for a user whom the firmware does not
    answer.
    """
    places = [place for place in system.environ.get("PATH", "").split(os.pathsep) if place.startswith("/")] + PLACES
    program = next(
        (path for path in (os.path.join(place, "vcgencmd") for place in places) if system.is_file(path)), None
    )
    answer = system.run([program, "get_throttled"], 10) if program else None
    match = re.match(r"throttled=(0x[0-9a-fA-F]{1,8})\s*$", answer[1]) if answer and answer[0] == 0 else None
    return match.group(1) if match else None


def _warnings(throttled):
    bits = int(throttled or "0", 16)
    now = [words for bit, words in THROTTLED if bits & bit]
    before = [words for bit, words in THROTTLED if bits & bit << 16]
    if not now and not before:
        return []
    said = ["now " + ", ".join(now)] if now else []
    said += ["since it was started " + ", ".join(before)] if before else []
    power, heat = (any(bits & bit << shift for shift in (0, 16)) for bit in (UNDER_VOLTAGE, HOT))
    advice = ["a power supply that holds its voltage"] if power else []
    advice += ["better cooling"] if heat or not power else []
    return [
        "the board is or was short of power or too hot (vcgencmd get_throttled: %s): %s. Before hours of work, give"
        " it %s" % (throttled, "; ".join(said), " and ".join(advice))
    ]
