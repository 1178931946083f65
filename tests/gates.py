# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run every gate of `make test`, one after the other, and print a table with the time of each and its limit on two busy
cores, from nothing.

python tests/gates.py      # stops at the first gate that fails
"""

import subprocess
import sys
import time

import venvs

# The targets of the Makefile, each with its limit in seconds.
GATES = {"lint": 180, "sanity": 300, "units": 450, "boards": 650, "integration": 900, "molecule": 700, "vms": 300}


def main():
    rows, failed = [], False
    for gate, budget in GATES.items():
        started = time.monotonic()
        failed = subprocess.run(["make", "--no-print-directory", gate], cwd=venvs.ROOT, check=False).returncode != 0
        seconds = time.monotonic() - started
        rows.append((gate, "FAILED" if failed else "passed", seconds, budget, " over" if seconds > budget else ""))
        if failed:
            break
    rows.append(("all", "FAILED" if failed else "passed", sum(row[2] for row in rows), sum(GATES.values()), ""))
    print(f"\n{'gate':12} {'result':8} {'seconds':>8} {'budget':>8}")
    for gate, result, seconds, budget, over in rows:
        print(f"{gate:12} {result:8} {seconds:8.0f} {budget:8}{over}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
