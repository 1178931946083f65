# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The release cool-down, torch_exclude_newer: files that were uploaded later than a moment are not considered."""

from __future__ import annotations

import datetime
import re

from .clock import FORMAT

_HOURS = {"hour": 1, "day": 24, "week": 7 * 24}
_SPAN = re.compile(r"(\d{1,5})\s*(hour|day|week)s?", re.IGNORECASE | re.ASCII)
_LONGEST = 10 * 365 * 24  # hours: before that, no wheel of torch for a board of today was uploaded
_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)(?:[T ](?P<time>\d\d:\d\d(?::\d\d)?)(?:\.\d+)?(?P<zone>Z|[+-]\d\d:\d\d)?)?", re.ASCII
)


def read_moment(text: str) -> datetime.datetime | None:
    """A date or a time of ISO 8601 (without a zone: in UTC), as indexes write upload-time; None for anything else."""
    found = _MOMENT.fullmatch(text)
    if not found:
        return None
    zone = "+00:00" if found["zone"] in (None, "Z") else found["zone"]
    try:
        return datetime.datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00'}{zone}").astimezone(
            datetime.timezone.utc
        )
    except (ValueError, OverflowError):
        return None


def read_cool_down(text: str) -> str:
    """The cool-down, equal for values of one meaning: empty, a span in hours or days, or a moment in UTC.

    ValueError says what is allowed.
    """
    text = text.strip()
    span = _SPAN.fullmatch(text)
    hours = int(span[1]) * _HOURS[span[2].lower()] if span else 0
    if 0 < hours <= _LONGEST:
        number, unit = (hours, "hour") if hours % 24 else (hours // 24, "day")
        return f"{number} {unit}{'' if number == 1 else 's'}"
    moment = None if span else read_moment(text)
    if text and not moment:
        raise ValueError(
            "it must be a time span such as '14 days' (hours, days or weeks, of 10 years at most), a date such as"
            " '2026-11-01' (its beginning, in UTC), or empty"
        )
    return moment.strftime(FORMAT) if moment else ""


def cutoff_of(cool_down: str, now: datetime.datetime) -> datetime.datetime | None:
    """The moment before which a file must have been uploaded, for what read_cool_down() returned; None: any."""
    span = _SPAN.fullmatch(cool_down)
    if span:
        return now.replace(microsecond=0) - datetime.timedelta(hours=int(span[1]) * _HOURS[span[2]])
    return read_moment(cool_down)


def cool_down_words(cool_down: str) -> str:
    """What the cool-down does, for the reasons of a plan."""
    until = f"more than {cool_down} before the lock is made" if _SPAN.fullmatch(cool_down) else f"before {cool_down}"
    return (
        f"Indexes give only files that were uploaded {until} (torch_exclude_newer); an existing lock with this limit is"
        " kept."
    )
