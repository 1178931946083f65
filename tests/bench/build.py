# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Compare the module torch_build with the bare `setup.py bdist_wheel` with the same flags and jobs, in CPU seconds of
the whole builder.

The builder is a container of the lab that does nothing else. The kernel counts all CPU time in it: of sshd, the module,
the supervisor, ccache (with an empty cache) and the compilers. The source is the lab's tree with PyTorch's build
interface. Each round does both, in turn.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "lab")]

import boards  # noqa: E402
import engine  # noqa: E402
import torch_source  # noqa: E402

NAME = "bench-build"
ROOT, BARE = "/opt/edgeai/torch", "/opt/bare"
FEATURES = {"cuda": False, "distributed": False, "mkldnn": False, "nnpack": False, "qnnpack": False}
FLAGS = {"USE_CUDA": "0", "USE_DISTRIBUTED": "0", "USE_MKLDNN": "0", "USE_NNPACK": "0", "USE_PYTORCH_QNNPACK": "0"}


class Builder:
    """A container of the lab, over SSH and by the counters of its kernel."""

    def __init__(self, directory: Path, jobs: int, kernels: int) -> None:
        self.directory, self.jobs = directory, jobs
        self.environment = {"BUILD_KERNELS": str(kernels)}
        description = directory / "lab.yml"
        description.write_text(
            json.dumps({"name": NAME, "boards": [{"name": "builder", "image": "builder"}]}), encoding="utf-8"
        )
        self.lab, self.state = boards.load(description), directory / "state"
        self.inventory = boards.create(self.lab, self.state)
        self.container = engine.ensure().containers.get(f"edgeai-{NAME}-builder")
        source = torch_source.unpack(torch_source.tree("torch"), directory / "source")
        packed = subprocess.run(["tar", "-C", source, "-c", "."], stdout=subprocess.PIPE, check=True).stdout
        self.ssh("sudo mkdir -p /srv/torch && sudo tar -C /srv/torch -x", packed)

    def ssh(self, command: str, given: bytes = b"") -> None:
        done = subprocess.run(
            ["ssh", "-F", self.state / "ssh_config", "builder", command],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        if done.returncode:
            sys.exit(f"{command}: {done.stdout.decode()}")

    def cost(self, work: Callable[[], None]) -> tuple[float, float]:
        """Return the CPU seconds of the container and the wall seconds that the work takes."""
        before, began = self._used(), time.monotonic()
        work()
        took = time.monotonic() - began
        return (self._used() - before) / 1e9, took

    def _used(self) -> int:
        return self.container.stats(stream=False)["cpu_stats"]["cpu_usage"]["total_usage"]

    def bare(self) -> None:
        """Build as PyTorch's README says."""
        variables = {
            **FLAGS,
            **self.environment,
            "MAX_JOBS": str(self.jobs),
            "PYTORCH_BUILD_VERSION": "2.6.0",
            "PYTORCH_BUILD_NUMBER": "1",
            "USE_CCACHE": "0",
        }
        words = " ".join(f"{name}={value}" for name, value in variables.items())
        self.ssh(f"sudo sh -c 'cp -r /srv/torch {BARE} && cd {BARE} && env {words} python3 setup.py bdist_wheel'")

    def module(self) -> None:
        arguments = {
            "root": ROOT,
            "key": "b" * 16,
            "version": "2.6.0",
            "label": "edgeai.b",
            "source": {"directory": "/srv/torch"},
            "features": FEATURES,
            "environment": self.environment,
            "python": "/usr/bin/python3",
            "jobs": self.jobs,
            "memory_mib": 64,
            "space_mib": 1,
            "nice": 0,
            "wheelhouse": str(self.directory / "wheelhouse"),
        }
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
        }
        done = subprocess.run(
            [
                str(Path(sys.executable).with_name("ansible")),
                "builder",
                "-i",
                str(self.inventory),
                "--become",
                "-m",
                "edgeai.fleet.torch_build",
                "-a",
                json.dumps(arguments),
            ],
            cwd=self.directory,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        if done.returncode:
            sys.exit(done.stdout)

    def clear(self) -> None:
        self.ssh(f"sudo rm -rf {ROOT} {BARE}")
        for record in (self.directory / "wheelhouse" / "builds").glob("*"):
            record.unlink()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--kernels", type=int, default=200, help="how many objects of about a second each")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edgeai-bench-") as name:
        builder = Builder(Path(name), arguments.jobs, arguments.kernels)
        try:
            rounds = []
            for number in range(arguments.rounds):
                both = [("bare", builder.bare), ("module", builder.module)]
                costs = {what: builder.cost(work) for what, work in (both if number % 2 else reversed(both))}
                rounds.append(costs)
                builder.clear()
                print(
                    ", ".join(f"{what} {cpu:.1f} CPU s, {wall:.1f} s" for what, (cpu, wall) in sorted(costs.items())),
                    flush=True,
                )
        finally:
            boards.destroy(builder.lab, builder.state)
    best = {}
    for what in ("bare", "module"):
        cpu, wall = zip(*(costs[what] for costs in rounds), strict=True)
        best[what] = min(cpu)
        print(
            f"{what:8} {best[what]:8.1f} CPU s at best, {statistics.median(cpu):8.1f} in the median,"
            f" {statistics.median(wall):7.1f} s"
        )
    # On a core that is shared with other work, the same instructions cost up to a third more: the best round is the
    # most accurate.
    print(f"overhead {100 * (best['module'] / best['bare'] - 1):8.2f} % of CPU, best against best (at most 2)")


if __name__ == "__main__":
    main()
