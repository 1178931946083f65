# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""List the rows whose evidence nobody has read for 90 days: run .build/test/bin/python tools/evidence_age.py.

Boards, drivers and indexes change, and a row that nobody ran is as good as its evidence. A row that ran on a board, or
in its userland, is not listed. Who reads the evidence of a row again writes the day into the row's C(checked).
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Iterator
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path.append(str(REPOSITORY / ".build" / "collections"))

from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import common_rows  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.rows import BY_EVIDENCE  # noqa: E402

DAYS = 90


def rows_of(value: object) -> Iterator[dict]:
    """The rows in the variables of a role, at any depth: those of the catalogue and those of options."""
    if isinstance(value, dict):
        if "id" in value and "proven" in value:
            yield value
        else:
            for inner in value.values():
                yield from rows_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from rows_of(inner)


def all_rows() -> list[dict]:
    """The rows of all families, and those that they have in common."""
    files = sorted(REPOSITORY.glob("roles/*/vars/**/*.yml"))
    return [*common_rows(), *rows_of([yaml.safe_load(path.read_text(encoding="utf-8")) for path in files])]


def unread(rows: list[dict], today: datetime.date) -> list[tuple[str, str]]:
    """The rows that rest on evidence which is older than DAYS, each with what is known about it: the oldest first."""
    found = []
    for row in rows:
        checked = row.get("checked") if row["proven"] in BY_EVIDENCE else str(today)
        if checked is None:
            found.append((row["id"], "never"))
        elif (today - datetime.date.fromisoformat(checked)).days > DAYS:
            found.append((row["id"], checked))
    return sorted(found, key=lambda one: (one[1] != "never", one[1], one[0]))


def main() -> None:
    rows = all_rows()
    late = unread(rows, datetime.datetime.now(tz=datetime.timezone.utc).date())
    for name, read in late:
        print(f"{read:<10} {name}")
    print(f"{len(late)} of {len(rows)} rows rest on evidence that nobody has read in {DAYS} days, or never for this.")


if __name__ == "__main__":
    main()
