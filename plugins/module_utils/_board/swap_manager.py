# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The distribution's program that manages swap."""

DPHYS_CONFIG = "/etc/dphys-swapfile"


DPHYS_PROGRAMS = ["/sbin/dphys-swapfile", "/usr/sbin/dphys-swapfile"]


RPI_SWAP = ["/etc/rpi/swap.conf", "/usr/lib/systemd/system-generators/rpi-swap-generator"]


def find_manager(exists):
    """'rpi-swap', 'dphys-swapfile', or None if no program manages swap; exists(path) tests for a file."""
    if any(map(exists, RPI_SWAP)):
        return "rpi-swap"
    # The configuration alone stays when the package is removed.
    if exists(DPHYS_CONFIG) and any(map(exists, DPHYS_PROGRAMS)):
        return "dphys-swapfile"
    return None
