# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure twenty boards over SSH: the cost of the first run for the control node, and a run on converged boards
compared with `ansible -m ping`.

Both are timed in turn in one run, so that the ratio of their wall times holds on a busy machine. CPU seconds are those
of the control node (ansible and its ssh processes), for each board.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]


def timed(command: list[str], directory: Path, environment: dict[str, str]) -> tuple[float, float, str]:
    """Return the wall seconds and CPU seconds of the command and its children, and its output."""
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.run(
        command,
        cwd=directory,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{process.stdout}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, process.stdout


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--boards", type=int, default=20)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    bins = Path(sys.executable).parent
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
    }
    with tempfile.TemporaryDirectory(prefix="edgeai-bench-") as name:
        directory = Path(name)
        lab = yaml.safe_load((REPOSITORY / "tests" / "lab" / "bench.yml").read_text(encoding="utf-8"))
        lab["boards"][0]["count"] = arguments.boards
        (directory / "lab.yml").write_text(yaml.safe_dump(lab), encoding="utf-8")
        boards = [
            sys.executable,
            str(REPOSITORY / "tests" / "lab" / "boards.py"),
            "{}",
            "--lab",
            str(directory / "lab.yml"),
            "--state-dir",
            str(directory / "state"),
        ]
        subprocess.run([word.format("create") for word in boards], check=True)
        try:
            environment["PWD"] = name
            inventory = ["-i", str(directory / "state" / "hosts.yml")]
            ping = [str(bins / "ansible"), "boards", "-m", "ansible.builtin.ping", *inventory]
            provision = [
                str(bins / "ansible-playbook"),
                "edgeai.fleet.provision",
                *inventory,
                "-e",
                f"wheelhouse_dir={directory}/wheelhouse",
            ]
            wall, cpu, output = timed(provision, directory, environment)
            fetched = re.findall(r"^fetching (\S+\.whl)", output, re.M)
            print(
                f"first run      {wall:8.1f} s wall, {cpu / arguments.boards:6.2f} s CPU of the control node per board"
            )
            print(f"downloads      {len(fetched)} for {len(set(fetched))} artifacts and {arguments.boards} boards")
            pings, runs, cpus = [], [], []
            for _round in range(arguments.rounds):
                pings.append(timed(ping, directory, environment)[0])
                wall, cpu, output = timed(provision, directory, environment)
                if re.search(r"changed=[1-9]", output) or "sending" in output:
                    sys.exit(f"a converged board was changed, or was sent something:\n{output}")
                runs.append(wall)
                cpus.append(cpu)
            ratios = [run / ping for run, ping in zip(runs, pings, strict=True)]
            print(f"ping           {statistics.median(pings):8.1f} s wall (median of {arguments.rounds})")
            cpu = statistics.median(cpus) / arguments.boards
            print(
                f"second run     {statistics.median(runs):8.1f} s wall, {cpu:6.2f} s CPU of the control node per board"
            )
            print(
                f"ratio          {statistics.median(ratios):8.2f} (from {min(ratios):.2f} to {max(ratios):.2f}; at most"
                " 3, the goal is 1.5)"
            )
        finally:
            subprocess.run([word.format("destroy") for word in boards], check=True)


if __name__ == "__main__":
    main()
