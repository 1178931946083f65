# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The families that are known: one detector each.

Ansible sends a board only what is imported statically; a new family is one more name here.
"""

# pylint: disable=unused-import  # _collect.py takes whatever has a Detector
from ansible_collections.edgeai.fleet.plugins.module_utils._board import (  # noqa: F401
    _atlas,
    _jetson,
    _pynq,
    _raspberrypi,
    _x86_conda,
)
