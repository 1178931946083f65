# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The known families, with one detector each.

Ansible sends a board only static imports: add a new family here.
"""

# pylint: disable=unused-import  # _board/collect.py takes whatever has a Detector
from . import atlas, generic, jetson, pynq, raspberrypi, x86_conda  # noqa: F401
