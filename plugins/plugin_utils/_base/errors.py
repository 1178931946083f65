# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Errors that more than one room raises or reports."""

from __future__ import annotations

from typing import Any

from .network_errors import fix_for


class Refused(Exception):
    """This plan gets no lock; other plans are not affected."""

    def __init__(self, reason: str, way_out: str) -> None:
        super().__init__(reason)
        self.refusal: dict[str, Any] = {"reason": reason, "nearly": [], "way_out": way_out}

    @property
    def way_out(self) -> str:
        return self.refusal["way_out"]


class Unreachable(Refused):
    """No source of torch answered."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason, fix_for(reason))
