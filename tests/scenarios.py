# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run Molecule's scenarios, two at a time: a board that is emulated, or waits, leaves a core to another one.

python tests/scenarios.py SCENARIO...      # one scenario shows its output at once, several only that of failures
"""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import venvs

LOGS = venvs.BUILD / "molecule"


def main(scenarios):
    started = time.monotonic()
    LOGS.mkdir(parents=True, exist_ok=True)
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda scenario: run(scenario, captured=len(scenarios) > 1), scenarios))
    for scenario, (status, seconds) in zip(scenarios, results, strict=True):
        print(f"molecule: {scenario}: {f'FAILED ({status})' if status else 'passed'} ({seconds:.0f} s)")
    failed = any(status for status, _seconds in results)
    print(f"molecule: {'FAILED' if failed else 'passed'} in {time.monotonic() - started:.0f} s")
    return int(failed)


def run(scenario, captured):
    """Return the exit status and the seconds of one scenario."""
    started = time.monotonic()
    command = ["molecule", "test", "--scenario-name", scenario]
    if not captured:
        return subprocess.run(command, cwd=venvs.ROOT, check=False).returncode, time.monotonic() - started
    path = LOGS / f"{scenario}.log"
    print(f"molecule: {scenario} begins, its output is in {path.relative_to(venvs.ROOT)}", flush=True)
    with path.open("wb") as log:
        status = subprocess.run(
            command, cwd=venvs.ROOT, stdin=subprocess.DEVNULL, stdout=log, stderr=log, check=False
        ).returncode
    if status:
        print(f"\n== molecule, {scenario}\n{path.read_text(encoding='utf-8', errors='replace')}", flush=True)
    return status, time.monotonic() - started


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
