# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This module util is private to the edgeai.fleet collection.
"""Versioned environments on a board: built at their final path, switched atomically."""

from ._layout import environment_path
from ._state import load_variables, read_state

__all__ = ('environment_path', 'load_variables', 'read_state')
