# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A lab whose board is a virtual machine, and tables that are printed after the tests."""

from __future__ import annotations

import subprocess
from pathlib import Path

import vm
from playbook_runs import Operator

#: Rows of tables, printed after the tests: (title, header, rows).
TABLES: list[tuple[str, tuple, list[tuple]]] = []


class VirtualBoard(Operator):
    """A person at the control node whose lab has one board, a virtual machine."""

    def __init__(self, directory: Path) -> None:
        super().__init__(directory, directory / "state" / "hosts.yml")
        self.machine = vm.Machine(directory / "state" / "machines" / "board")

    def ssh(self, command: str, **options: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            ["ssh", "-F", self.inventory.parent / "ssh_config", "board", command],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            **options,
        )

    def root(self, command: str) -> str:
        """Return what a command of root says on the board; it must succeed."""
        done = self.ssh("sudo sh -s", input=command)
        assert done.returncode == 0, f"{command}: {done.stdout}"
        return done.stdout.strip()
