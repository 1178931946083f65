# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Run a playbook as a person does, and read its results."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
LAB = REPOSITORY / "tests" / "lab" / "boards.py"


class Run:
    """One ansible-playbook run: its exit status, its output and its report."""

    def __init__(self, process: subprocess.CompletedProcess, reports: Path, before: set[Path]) -> None:
        self.status = process.returncode
        self.output = process.stdout
        written = sorted(set(reports.glob("*/report.json")) - before - set(reports.glob("latest/report.json")))
        self.report = json.loads(written[-1].read_text(encoding="utf-8")) if written else None

    def verdict(self, board: str = "localhost") -> dict:
        assert self.report, self.output
        return self.report["boards"][board]["verdict"]

    def outcomes(self) -> dict[str, str]:
        assert self.report, self.output
        return {name: board["verdict"]["outcome"] for name, board in self.report["boards"].items()}

    def changed(self) -> int:
        """Return how many tasks changed something, over all boards."""
        return sum(int(number) for number in re.findall(r"changed=(\d+)", self.output))


class Operator:
    """A person at the control node, with a separate directory."""

    def __init__(self, directory: Path, inventory: Path) -> None:
        self.directory, self.inventory = directory, inventory

    def command(self, playbook: str, *arguments: str, **variables: object) -> list[str]:
        extra = ["-e", json.dumps(variables)] if variables else []
        return [
            str(Path(sys.executable).with_name("ansible-playbook")),
            f"edgeai.fleet.{playbook}",
            "-i",
            str(self.inventory),
            *arguments,
            *extra,
        ]

    def environment(self, **more: str) -> dict[str, str]:
        # Ansible also finds collections in PYTHONPATH: a run must use only the one that it names.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {
            **inherited,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
            "PWD": str(self.directory),
            "ANSIBLE_NOCOLOR": "1",
            **more,
        }

    def run(self, playbook: str, *arguments: str, environ: dict[str, str] | None = None, **variables: object) -> Run:
        return self._started(self.command(playbook, *arguments, **variables), environ)

    def play(
        self, plays: list[dict], *arguments: str, environ: dict[str, str] | None = None, **variables: object
    ) -> Run:
        """A run of a playbook of the person's own."""
        playbook = self.directory / "own.yml"
        playbook.write_text(yaml.safe_dump(plays), encoding="utf-8")
        program, _ours, *rest = self.command("own", *arguments, **variables)
        return self._started([program, str(playbook), *rest], environ)

    def _started(self, command: list[str], environ: dict[str, str] | None) -> Run:
        reports = self.directory / "reports"
        before = set(reports.glob("*/report.json"))
        process = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(**(environ or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Run(process, reports, before)

    def provision(self, *arguments: str, environ: dict[str, str] | None = None, **variables: object) -> Run:
        return self.run("provision", *arguments, environ=environ, **variables)
