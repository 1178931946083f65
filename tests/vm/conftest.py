# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boards that boot: virtual machines of the lab, which end with the tests."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
import yaml
from playbook_runs import LAB
from virtual_boards import TABLES, VirtualBoard


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest):
    """The virtual machine that the test module describes in LAB, as a lab with one board named `board`."""
    directory = tmp_path_factory.mktemp("lab")
    description = directory / "lab.yml"
    description.write_text(yaml.safe_dump(request.module.LAB), encoding="utf-8")
    command = [sys.executable, str(LAB), "{}", "--lab", str(description), "--state-dir", str(directory / "state")]
    subprocess.run([*(word.format("create") for word in command), f"--owner={os.getpid()}"], check=True)
    yield VirtualBoard(directory)
    subprocess.run([word.format("destroy") for word in command], check=True)


def pytest_terminal_summary(terminalreporter) -> None:
    for title, header, rows in TABLES:
        terminalreporter.section(title)
        widths = [max(len(str(row[column])) for row in (header, *rows)) for column in range(len(header))]
        for row in (header, *rows):
            terminalreporter.line("  ".join(f"{cell!s:{width}}" for cell, width in zip(row, widths, strict=True)))
