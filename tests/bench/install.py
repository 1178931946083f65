# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare installing torch, bytecode included, by the module torch_env with `pip install` of the same wheels. Also time
a rollback.

The wheels are those that `make provision` locked and fetched for this machine: run that first. Each round does both, in
turn.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


def module(directory: Path, **arguments: object) -> dict:
    """Run torch_env on this machine; return its result."""
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
        "ANSIBLE_CALLBACK_RESULT_FORMAT": "json",
        "ANSIBLE_NOCOLOR": "1",
    }
    process = subprocess.run(
        [
            str(Path(sys.executable).with_name("ansible")),
            "localhost",
            "-i",
            "localhost,",
            "-c",
            "local",
            "-e",
            f"ansible_python_interpreter={sys.executable}",
            "-m",
            "edgeai.fleet.torch_env",
            "-a",
            json.dumps(arguments),
        ],
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if process.returncode:
        sys.exit(process.stdout + process.stderr)
    return json.loads(process.stdout[process.stdout.index("=> {") + 3 :])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    report = json.loads((REPOSITORY / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))["boards"][
        "localhost"
    ]
    lock = json.loads((REPOSITORY / "locks" / f"{report['lock']['key']}.json").read_text(encoding="utf-8"))
    python, wheelhouse = report["plan"]["python"]["path"], None
    for cache in (os.environ.get("XDG_CACHE_HOME"), Path.home() / ".cache"):
        if cache and (Path(cache) / "edgeai-fleet" / "wheelhouse").is_dir():
            wheelhouse = Path(cache) / "edgeai-fleet" / "wheelhouse"
            break
    if not wheelhouse:
        sys.exit("There is no wheelhouse yet: run `make provision` first.")
    wheels = [str(wheelhouse / "sha256" / package["sha256"] / package["filename"]) for package in lock["packages"]]
    ours, pips, backs = [], [], []
    with tempfile.TemporaryDirectory(prefix="edgeai-bench-") as name:
        root, venv = Path(name) / "torch", Path(name) / "venv"
        present = {
            "state": "present",
            "root": str(root),
            "python": python,
            "wheelhouse": str(wheelhouse),
            "artifacts": lock["packages"],
            "tools": lock["tools"],
        }
        for number in range(rounds + 1):
            built = module(Path(name), id=f"{number:012x}", **present)
            shutil.rmtree(venv, ignore_errors=True)
            started = time.monotonic()
            subprocess.run([python, "-m", "venv", str(venv)], check=True)
            subprocess.run(
                [
                    str(venv / "bin" / "python"),
                    "-m",
                    "pip",
                    "install",
                    "-q",
                    "--no-index",
                    "--no-deps",
                    "--no-cache-dir",
                    *wheels,
                ],
                check=True,
            )
            if number:  # the first round warms the page cache and delivers the artifacts
                ours.append(built["seconds"])
                pips.append(time.monotonic() - started)
            verdict = {
                "schema": 1,
                "outcome": "cpu",
                "satisfied": True,
                "reason": "a benchmark",
                "expect": "cpu",
                "forced": [],
            }
            module(
                Path(name),
                state="current",
                root=str(root),
                id=f"{number:012x}",
                generation=built["generation"],
                verdict=verdict,
                key={},
            )
            if number:
                backs.append(module(Path(name), state="current", rollback=True, root=str(root))["seconds"])
    ratios = [pip / own for pip, own in zip(pips, ours, strict=True)]
    print(f"pip install    {statistics.median(pips):6.1f} s (venv, wheels, bytecode; median of {rounds})")
    print(f"torch_env      {statistics.median(ours):6.1f} s (hashes, environment, wheels, bytecode, manifest, sync)")
    print(
        f"ratio          {statistics.median(ratios):6.2f} (from {min(ratios):.2f} to {max(ratios):.2f}; at least 1.8)"
    )
    print(f"rollback       {statistics.median(backs):6.2f} s of work on the board (under 1)")


if __name__ == "__main__":
    main()
