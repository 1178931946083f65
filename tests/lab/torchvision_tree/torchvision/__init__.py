# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A namesake of torchvision, linked to a namesake of torch."""

import torch  # noqa: F401

from ._C import _sum  # noqa: F401
from .version import __version__  # noqa: F401
