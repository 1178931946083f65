# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Inventories that a plugin of this collection could not read, and why.

For a wrong spreadsheet, Ansible would ask its next plugin, and that one for INI files takes the lines of a CSV file for
names of hosts. So the plugin takes the file, gives no host, and notes the reason here; the check of the run fails by
that reason.
"""

from __future__ import annotations

import os

_FAULTS: dict[str, str] = {}


def note_fault(source: str, reason: str) -> None:
    _FAULTS[os.path.abspath(source)] = reason


def forget_fault(source: str) -> None:
    _FAULTS.pop(os.path.abspath(source), None)


def fault_of(source: str) -> str | None:
    return _FAULTS.get(os.path.abspath(source))
