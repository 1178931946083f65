# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The time as locks and records write it."""

from __future__ import annotations

import datetime

FORMAT = "%Y-%m-%dT%H:%M:%SZ"


def now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).strftime(FORMAT)


def seconds_since_1970(text: str) -> int:
    """The time that now() wrote."""
    moment = datetime.datetime.strptime(text, FORMAT)
    return int(moment.replace(tzinfo=datetime.timezone.utc).timestamp())
