# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what the report wall costs with many boards: 5,000 compared with 500, in turn.

writing    report.json's data to the pages of a run and of all runs, with ten runs before, CPU
opening    from the address to the list of boards, in Chromium
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [
    str(REPOSITORY / "tests"),
    str(REPOSITORY / "tests" / "unit" / "support"),
    str(REPOSITORY / "tests" / "lab"),
]

import venvs  # noqa: E402  (found by the line above)

# The collection is found by the next line, and its imports follow it (E402).
sys.path.insert(0, str(venvs.link_collection()))

from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall.runs import SUMMARY, summarize  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall.write import write_wall  # noqa: E402
from chromium import find_chromium  # noqa: E402
from wall_support import fleet, written  # noqa: E402

FEW, MANY, BEFORE, ROUNDS = 500, 5000, 10, 5
MOST = 12


def prepare(reports: Path, number: int) -> dict:
    """Runs before, and the boards of the run that is measured."""
    statuses = fleet(number)
    for day in range(1, BEFORE + 1):
        name = f"202610{day:02}T120000Z"
        (reports / name).mkdir(parents=True)
        summary = summarize(written(statuses, name, f"2026-10-{day:02}T12:00:00Z"))
        (reports / name / SUMMARY).write_text(json.dumps(summary), encoding="utf-8")
    return statuses


def writing_seconds(reports: Path, statuses: dict) -> float:
    run = reports / "20261130T120000Z"
    run.mkdir(exist_ok=True)
    started = time.process_time()
    write_wall(run, written(statuses), statuses, [])
    return time.process_time() - started


def opening_seconds(browser, reports: Path, number: int) -> float:
    page = browser.new_page()
    started = time.monotonic()
    page.goto(f"file://{reports}/20261130T120000Z/index.html")
    page.get_by_role("status").get_by_text(f"{number} of {number} boards").wait_for()
    seconds = time.monotonic() - started
    page.close()
    return seconds


def show(what: str, costs: dict[int, list[float]]) -> bool:
    """Whether many cost too much. Means: a short measurement is often lucky on a busy machine, a long one never."""
    few, many = statistics.mean(costs[FEW]), statistics.mean(costs[MANY])
    print(f"{what} {MANY} boards: {many:.2f} s, {many / few:.1f} times that with {FEW} (at most {MOST})", flush=True)
    return many / few > MOST


def main() -> int:
    writing: dict[int, list[float]] = {FEW: [], MANY: []}
    opening: dict[int, list[float]] = {FEW: [], MANY: []}
    with tempfile.TemporaryDirectory(prefix="edgeai-bench-") as name:
        folders = {number: Path(name) / str(number) for number in writing}
        fleets = {number: prepare(folder, number) for number, folder in folders.items()}
        for _round in range(ROUNDS):
            for number, times in {FEW: MANY // FEW, MANY: 1}.items():
                writing[number] += [writing_seconds(folders[number], fleets[number]) for _time in range(times)]
        failed = show("writing, CPU:", writing)
        size = (folders[MANY] / "20261130T120000Z" / "index.html").stat().st_size
        print(f"the page of {MANY} boards: {size / (1 << 20):.1f} MiB")
        program = find_chromium()
        if program is None:
            print("opening: skipped, no Chromium is found")
            return int(failed)
        from playwright.sync_api import sync_playwright

        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
            for _round in range(ROUNDS):
                for number, folder in folders.items():
                    opening[number].append(opening_seconds(browser, folder, number))
            browser.close()
    return int(show("opening:", opening) or failed)


if __name__ == "__main__":
    sys.exit(main())
