# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The list of rows whose evidence is old."""

from __future__ import annotations

import datetime
import importlib.util
from pathlib import Path

import plan_support

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("evidence_age", REPOSITORY / "tools" / "evidence_age.py")
evidence_age = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(evidence_age)
ROWS = evidence_age.all_rows()


def test_rows_are_listed_by_when_their_evidence_was_read():
    rows = [
        {"id": "of today", "proven": "recorded", "checked": "2026-11-30"},
        {"id": "just in time", "proven": "guess", "checked": "2026-09-01"},
        {"id": "late", "proven": "recorded", "checked": "2026-08-31"},
        {"id": "later", "proven": "guess", "checked": "2025-12-31"},
        {"id": "unread", "proven": "recorded", "checked": None},
        {"id": "ran", "proven": "container", "checked": None},
    ]
    assert evidence_age.unread(rows, datetime.date(2026, 11, 30)) == [
        ("unread", "never"),
        ("later", "2025-12-31"),
        ("late", "2026-08-31"),
    ]


def test_every_row_of_the_collection_is_found_and_says_it():
    ids = {row["id"] for row in ROWS}
    families = [path.parents[1].name for path in REPOSITORY.glob("roles/*/tasks/plan.yml")]
    assert families and all(row["id"] in ids for family in families for row in plan_support.catalogue(family))
    assert {"torch-2.10-no-lse", "jetson-index-jetpack6"} <= ids, "of all families; of an option"
    assert not [row["id"] for row in ROWS if row["proven"] in evidence_age.BY_EVIDENCE and "checked" not in row]
    assert not [row["id"] for row in ROWS if str(row.get("checked") or "") > str(datetime.date.today())]
