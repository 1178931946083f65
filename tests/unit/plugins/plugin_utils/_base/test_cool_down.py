# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What torch_exclude_newer may be, and the moment that it means."""

from __future__ import annotations

import datetime

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.cool_down import (
    cool_down_words,
    cutoff_of,
    read_cool_down,
    read_moment,
)

NOW = datetime.datetime(2026, 11, 30, 12, 0, 0, 5, tzinfo=datetime.timezone.utc)


@pytest.mark.parametrize(
    "text, same, cutoff",
    [
        ("14 days", "14 days", "2026-11-16T12:00:00+00:00"),
        ("2 weeks", "14 days", "2026-11-16T12:00:00+00:00"),
        (" 336 Hours ", "14 days", "2026-11-16T12:00:00+00:00"),
        ("1day", "1 day", "2026-11-29T12:00:00+00:00"),
        ("36 hours", "36 hours", "2026-11-29T00:00:00+00:00"),
        ("1 hour", "1 hour", "2026-11-30T11:00:00+00:00"),
        ("2026-11-01", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01T02:00:00+02:00", "2026-11-01T00:00:00Z", "2026-11-01T00:00:00+00:00"),
        ("2026-11-01 10:30", "2026-11-01T10:30:00Z", "2026-11-01T10:30:00+00:00"),
    ],
)
def test_values_of_one_meaning_are_equal(text, same, cutoff):
    assert read_cool_down(text) == same == read_cool_down(same)
    assert cutoff_of(same, NOW).isoformat() == cutoff


def test_no_limit():
    assert read_cool_down(" ") == "" and cutoff_of("", NOW) is None


@pytest.mark.parametrize(
    "text",
    ["14", "days", "-1 days", "0 days", "99999 weeks", "1.5 days", "14 months", "2026-13-01", "2026-02-30", "yesterday"]
    + ["2026-11-01T25:00:00Z", "0001-01-01T00:00:00+23:59", "١٤ days", "14 days ago", "2026-11-01\n"[:-1] + "x"],
)
def test_anything_else_is_refused(text):
    with pytest.raises(ValueError, match="it must be a time span such as '14 days'"):
        read_cool_down(text)


@pytest.mark.parametrize(
    "text, moment",
    [
        ("2026-11-16T12:00:00.123456789Z", "2026-11-16T12:00:00+00:00"),
        ("2026-11-16T12:00:00", "2026-11-16T12:00:00+00:00"),
        ("16 Nov 2026", None),
        ("", None),
    ],
)
def test_upload_times_of_indexes(text, moment):
    found = read_moment(text)
    assert (found and found.isoformat()) == moment


def test_words():
    assert "more than 14 days before the lock is made" in cool_down_words("14 days")
    assert "before 2026-11-01T00:00:00Z (torch_exclude_newer)" in cool_down_words("2026-11-01T00:00:00Z")
