# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What a Raspberry Pi is: its model from the device tree, power and temperature as the firmware sees them."""

import re

from .._base.machine import HOT, UNDER_VOLTAGE, VCGENCMD_DIRECTORIES, describe_throttled, parse_throttled
from .._base.text import clean_line
from .common import find_program
from .installed_packages import read_installed_versions
from .swap_manager import find_manager

# By the processor in the revision code.
# https://github.com/raspberrypi/documentation (raspberry-pi/revision-codes.adoc)
CHIPS = ("bcm2835", "bcm2836", "bcm2837", "bcm2711", "bcm2712")


def describe_raspberrypi(system, model):
    """The facts of a Raspberry Pi. model: by its device tree, or by /proc/cpuinfo."""
    revision = _read_revision(system)
    chips = [entry.partition(",")[2] for entry in system.device_tree()[1] if re.match(r"brcm,bcm\d+$", entry)]
    module = re.search(r"Compute Module \d+\w*(?: Plus)?", model or "")
    throttled = _read_throttled(system)
    return {
        "model": model,
        "module": module.group(0) if module else None,
        "board_id": revision,
        "soc": chips[-1] if chips else _find_chip(revision),
        "platform": {"throttled": throttled, "swap": find_manager(system.exists)},
        # apt's picamera2 and similar packages are compiled for apt's numpy: an environment that sees them must keep
        # it.
        "provided": read_installed_versions(system, ("numpy",)),
        "warnings": _throttled_warnings(throttled),
    }


def _read_revision(system):
    """The revision code of model, memory and maker: 'c03111'."""
    match = re.search(r"^Revision\s*:\s*(\w+)", system.read("/proc/cpuinfo") or "", re.M)
    return clean_line(match.group(1)) if match else None


def _find_chip(revision):
    """The chip by the revision code: 'bcm2711'. The codes of the first boards do not have it."""
    code = int(revision, 16) if re.match(r"[0-9a-f]{1,8}$", revision or "") else 0
    chip = code >> 12 & 0xF
    return CHIPS[chip] if code >> 23 & 1 and chip < len(CHIPS) else None


def _read_throttled(system):
    """'0x50005' from the firmware, or None without the program or for a user who may not ask."""
    program = find_program(system, "vcgencmd", VCGENCMD_DIRECTORIES)
    answer = system.run([program, "get_throttled"], 10) if program else None
    return parse_throttled(answer[1]) if answer and answer[0] == 0 else None


def _throttled_warnings(throttled):
    bits = int(throttled or "0", 16)
    now, before = describe_throttled(bits), describe_throttled(bits >> 16)
    if not now and not before:
        return []
    states = ["now " + now] * bool(now) + ["since boot " + before] * bool(before)
    power, heat = (any(bits & bit << shift for shift in (0, 16)) for bit in (UNDER_VOLTAGE, HOT))
    advice = ["a power supply that holds its voltage"] if power else []
    advice += ["better cooling"] if heat or not power else []
    return [
        "the board is or was short of power or too hot (vcgencmd get_throttled: %s): %s. Before long jobs, "
        "give it %s" % (throttled, "; ".join(states), " and ".join(advice))
    ]
