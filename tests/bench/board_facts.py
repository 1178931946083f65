# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what a board pays for board_facts in every run, compared with `ping`: the CPU seconds of both modules with
their children, as Ansible sends them, in turn on this machine.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
ROOT = Path.home() / ".local" / "share" / "edgeai" / "torch"  # of inventories/local


def sent(module: str, arguments: str, python: str, directory: Path) -> Path:
    """The file that Ansible sends for a module: a run against this machine leaves it."""
    environment = {
        **os.environ,
        "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
        "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
        "ANSIBLE_KEEP_REMOTE_FILES": "true",
    }
    command = [str(Path(sys.executable).parent / "ansible"), "all", "-i", "localhost,", "-c", "local", "-m", module]
    command += ["-a", arguments, "-e", f"ansible_python_interpreter={python}", "-e", f"ansible_remote_tmp={directory}"]
    process = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if process.returncode:
        sys.exit(f"{module}:\n{process.stdout}{process.stderr}")
    (file,) = directory.glob(f"*/AnsiballZ_{module.rpartition('.')[2]}.py")
    return file


def cpu(python: str, file: Path) -> float:
    """Return the CPU seconds of the module and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([python, str(file)], check=True, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--python", default=sys.executable, help="the interpreter that runs the modules")
    parser.add_argument("--torch-root", type=Path, default=ROOT, help="with the environment of a converged board")
    arguments = parser.parse_args()
    python, root = arguments.python, arguments.torch_root
    manifest = (root / "current").resolve() / ".edgeai" / "manifest"
    files = len(manifest.read_bytes().splitlines()) if manifest.is_file() else 0
    with tempfile.TemporaryDirectory(prefix="edgeai-bench-") as name:
        ping = sent("ansible.builtin.ping", "", python, Path(name))
        facts = sent("edgeai.fleet.board_facts", f"torch_root={root}", python, Path(name))
        sizes = [file.stat().st_size // 1024 for file in (ping, facts)]
        rounds = [(cpu(python, ping), cpu(python, facts)) for _round in range(arguments.rounds)]
    pings, measured = zip(*rounds, strict=True)
    ratios = sorted(one / other for other, one in rounds)
    print(f"ping: {statistics.median(pings):.3f} s of CPU, {sizes[0]} KiB sent (median of {len(rounds)} rounds)")
    print(f"board_facts: {statistics.median(measured):.3f} s of CPU, {sizes[1]} KiB sent, {files} files at {root}")
    print(f"ratio: {statistics.median(ratios):.2f} (from {ratios[0]:.2f} to {ratios[-1]:.2f}; the goal is 1.3)")


if __name__ == "__main__":
    main()
