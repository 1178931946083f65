# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdict of a board after a family's role, without the playbooks of this collection.

A pure function, as in board_status.
"""

from __future__ import annotations

import typing as t

from .._model.verdict import make_verdict
from . import board_status, report
from .host_variables import FAILURE


def role_verdict(left: t.Mapping[str, t.Any], check_mode: bool = False) -> dict[str, t.Any]:
    """The verdict from the variables that the tasks of the role have registered, by name.

    The role always stops with a failed task, even if the board is refused, unreachable or waits for a build.
    """
    # Before ansible-core 2.19, a template makes an empty string of None.
    registered = {name: value or None for name, value in left.items()}
    status, failure = board_status.read_status({**registered, FAILURE: None}), registered.get(FAILURE)
    if failure and status["waiting"]:
        return make_verdict("not_started", board_status.one_line(failure["reason"]), expect=status["plan"]["expect"])
    if failure and (status["verdict"] or {}).get("outcome") not in ("refused", "unreachable"):
        status = board_status.read_status(registered)
    host = left["inventory_hostname"]
    return report.add_missing_verdicts({host: status}, "100%", check_mode)[host]["verdict"]
