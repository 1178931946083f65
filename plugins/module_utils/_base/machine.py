# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""What Linux and the makers' programs say of a board, in one place: memory, architecture, throttling."""

import re

# Python's name of an architecture, by Debian's; names that are not here are the same in both.
MACHINES = {
    "amd64": "x86_64",
    "arm64": "aarch64",
    "armhf": "armv7l",
    "armel": "armv6l",
    "i386": "i686",
    "ppc64el": "ppc64le",
}
# Where vcgencmd is if it is not on PATH: images before Bullseye have it in the second.
VCGENCMD_DIRECTORIES = ["/usr/bin", "/opt/vc/bin"]
# The bits of `vcgencmd get_throttled`; each is there a second time, 16 bits higher, for the time since the start:
# https://www.raspberrypi.com/documentation/computers/os.html#get_throttled
UNDER_VOLTAGE, HOT = 1 << 0, 1 << 3
_THROTTLED = [
    (UNDER_VOLTAGE, "under-voltage"),
    (1 << 1, "CPU frequency capped"),
    (1 << 2, "throttled"),
    (HOT, "at the soft temperature limit"),
]


def parse_meminfo(text):
    """{name: bytes} from the text of /proc/meminfo."""
    return dict((name, int(value) * 1024) for name, value in re.findall(r"^(\w+):\s+(\d+) kB", text or "", re.M))


def parse_throttled(output):
    """The number that `vcgencmd get_throttled` printed, as it writes it ('0x50005'), or None."""
    match = re.match(r"throttled=(0x[0-9a-fA-F]{1,8})\s*$", output)
    return match.group(1) if match else None


def describe_throttled(bits):
    return ", ".join(words for bit, words in _THROTTLED if bits & bit)
