# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Write the report wall beside the reports: the page of a run, its summary, and the page of all runs."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from .._base import files
from . import page, runs

PAGE = "index.html"


def write_wall(
    run: Path, written: t.Mapping[str, t.Any], statuses: t.Mapping[str, dict[str, t.Any]], build_lines: t.Sequence[str]
) -> list[str]:
    """Write the pages for the run whose report is in this directory; a sentence for each earlier run that cannot be
    read.
    """
    written = {**written, "run": run.name}
    reports = run.parent
    earlier, unreadable = runs.read_runs(reports)
    earlier = [with_page(reports, one) for one in earlier if one["run"] != run.name]
    files.write_atomically(run / PAGE, page.run_page(written, statuses, earlier, build_lines))
    summary = runs.summarize(written)
    files.write_atomically(run / runs.SUMMARY, json.dumps(summary, separators=(",", ":")) + "\n")
    known = sorted([{**summary, "page": True}, *earlier], key=lambda one: (one["finished"], one["run"]), reverse=True)
    files.write_atomically(reports / PAGE, page.fleet_page(known, unreadable))
    return unreadable


def with_page(reports: Path, run: dict[str, t.Any]) -> dict[str, t.Any]:
    """The run, with C(page): whether it has one. Runs of earlier releases have none."""
    return {**run, "page": (reports / run["run"] / PAGE).is_file()}
