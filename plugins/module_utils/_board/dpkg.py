# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Debian's name of the architecture of the userland."""

import re

from .._base.text import clean_line
from .common import find_program, read_os_release

PROGRAM = "/usr/bin/dpkg"
# Not /var/lib/dpkg/arch: it lists foreign architectures, and is missing where there are none.
STATUS = "/var/lib/dpkg/status"
LIMIT = 64 << 20


def read_dpkg_architecture(system):
    """What `dpkg --print-architecture` prints; None without a dpkg that works."""
    recorded = _read_record(system)
    if recorded:
        return recorded
    answer = system.run(["dpkg", "--print-architecture"], 20)
    return (clean_line(answer[1]) or None) if answer and answer[0] == 0 else None


def _read_record(system):
    """The architecture of the installed package dpkg, which Debian and its derivatives compile into the program; None
    if another program may answer: then it must be asked.
    """
    program = find_program(system, "dpkg", [])
    if program is None or system.realpath(program) != PROGRAM or system.read_bytes(PROGRAM, 4) != b"\x7fELF":
        return None
    release = read_os_release(system)
    if not set(["debian", "ubuntu"]) & set([release.get("ID")] + (release.get("ID_LIKE") or "").split()):
        return None
    data = system.read_bytes(STATUS, LIMIT) or b""
    start = data.find(b"\nPackage: dpkg\n") + 1
    record = data[start : data.find(b"\n\n", start)].decode("utf-8", "replace") if start else ""
    found = re.search(r"^Architecture: ([a-z0-9-]+)$", record, re.M)
    return found.group(1) if found and re.search(r"^Status: \w+ ok installed$", record, re.M) else None
