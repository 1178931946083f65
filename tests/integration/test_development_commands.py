# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The commands of docs/development.md, exactly as documented."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import venvs
from playbook_runs import REPOSITORY

PAGE = (REPOSITORY / "docs" / "development.md").read_text(encoding="utf-8")
COMMANDS = [
    shlex.split(line, comments=True)
    for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL)
    for line in block.replace("$ ", "").splitlines()
]
TARGETS = re.findall(r"^\| `(make [^`]+)` \|", PAGE, re.MULTILINE)
# The variables of a person's shell, not those of this test.
ENVIRONMENT = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS", "PYTEST"))}


def output_of(*command: str) -> str:
    environment = REPOSITORY / ".build" / "test" / ".installed"
    made = environment.stat().st_mtime_ns
    done = subprocess.run(
        command,
        cwd=REPOSITORY,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    assert environment.stat().st_mtime_ns == made, f"these tests' own environment was made anew:\n{done.stdout}"
    return done.stdout


def test_one_python_has_one_environment():
    """From within the tests' environment, and by another name of the same Python."""
    base = os.path.realpath(venvs.BASE)
    names = [name for name in Path(base).parent.glob("python3*") if os.path.realpath(name) == base]
    for python in (sys.executable, *names):
        assert output_of("make", "--no-print-directory", "test-env", f"PYTHON={python}") == ""


def test_one_file_runs_alone():
    (command,) = [command for command in COMMANDS if command[:2] == ["make", "one"]]
    assert re.search(r"\d+ passed", output_of(*command))


def test_fast_runs_no_slow_test():
    shown = output_of("make", "fast", "ARGS=--collect-only -qq")
    assert "test_engine.py" in shown and "_environment/test_present.py" not in shown


def test_pytest_itself_runs_as_written():
    (command,) = [command for command in COMMANDS if "pytest" in command]
    assert "golden" in output_of("env", *command, "--collect-only", "-qq")


@pytest.mark.parametrize("target", TARGETS)
def test_targets_exist(target):
    output_of("make", "--dry-run", *shlex.split(target)[1:])
