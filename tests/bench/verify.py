# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what a proof costs: the probe at its levels compared with `python -c 'import torch;
torch.cuda.is_available()'` in the same environment, in turn.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests"))

import venvs  # noqa: E402

sys.path.insert(0, str(venvs.link_collection()))

from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import run_probe  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import judge  # noqa: E402


def bare(python: str) -> float:
    started = time.monotonic()
    subprocess.run([python, "-c", "import torch; torch.cuda.is_available()"], check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - started


def proof(python: str, level: str) -> float:
    started = time.monotonic()
    verdict = judge(run_probe(python, level=level))
    if not verdict["satisfied"]:
        sys.exit(f"{python}: {verdict['reason']}")
    return time.monotonic() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument(
        "--python", default=str(venvs.BUILD / "torch" / "bin" / "python"), help="an interpreter that has torch"
    )
    arguments = parser.parse_args()
    python = arguments.python
    bare(python)  # fills the page cache
    rounds = [(bare(python), proof(python, "quick"), proof(python, "standard")) for _round in range(arguments.rounds)]
    imports, quick, standard = zip(*rounds, strict=True)
    print(f"import torch: {statistics.median(imports):.2f} s (median of {len(rounds)} rounds)")
    for level, seconds, bound in (("quick", quick, 1.15), ("standard", standard, 2.0)):
        ratios = sorted(proven / single for proven, single in zip(seconds, imports, strict=True))
        print(
            f"{level}: {statistics.median(seconds):.2f} s, {statistics.median(ratios):.2f} times the import"
            f" ({ratios[0]:.2f} to {ratios[-1]:.2f}; asked: at most {bound})"
        )


if __name__ == "__main__":
    main()
