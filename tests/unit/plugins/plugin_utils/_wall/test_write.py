# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The files of the wall."""

from __future__ import annotations

import json

from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall import write
from wall_support import fleet, written


def write_run(reports, name, finished, number):
    run = reports / name
    run.mkdir(parents=True)
    statuses = fleet(number)
    report = written(statuses, name, finished)
    (run / "report.json").write_text(json.dumps(report), encoding="utf-8")
    return write.write_wall(run, report, statuses, ["torch 2.9.1 for 3 boards: compiled on pi-1"])


def test_each_run_has_its_page_and_all_runs_have_one(tmp_path):
    assert write_run(tmp_path, "20261101T120000Z", "2026-11-01T12:00:00Z", 3) == []
    first = (tmp_path / "20261101T120000Z" / "index.html").read_text(encoding="utf-8")
    assert "There is no earlier run" in first and "compiled on pi-1" in first
    write_run(tmp_path, "20261102T120000Z", "2026-11-02T12:00:00Z", 5)
    second = (tmp_path / "20261102T120000Z" / "index.html").read_text(encoding="utf-8")
    assert "2 new" in second and 'href="../20261101T120000Z/index.html"' in second
    both = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert 'href="20261101T120000Z/index.html"' in both and 'href="20261102T120000Z/index.html"' in both
    assert not list(tmp_path.rglob(".*"))


def test_a_page_can_be_written_again(tmp_path):
    run = tmp_path / "20261101T120000Z"
    write_run(tmp_path, run.name, "2026-11-01T12:00:00Z", 3)
    text = (run / "index.html").read_text(encoding="utf-8")
    statuses = fleet(3)
    write.write_wall(
        run,
        written(statuses, run.name, "2026-11-01T12:00:00Z"),
        statuses,
        ["torch 2.9.1 for 3 boards: compiled on pi-1"],
    )
    assert (run / "index.html").read_text(encoding="utf-8") == text


def test_a_run_that_cannot_be_read_is_named(tmp_path):
    (tmp_path / "20261001T120000Z").mkdir(parents=True)
    (tmp_path / "20261001T120000Z" / "summary.json").write_text("{", encoding="utf-8")
    (sentence,) = write_run(tmp_path, "20261101T120000Z", "2026-11-01T12:00:00Z", 1)
    assert sentence.startswith("20261001T120000Z is not among the earlier runs: ")
