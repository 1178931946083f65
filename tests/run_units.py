# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The unit tests at both ends of what is supported: the oldest and the newest ansible-core, and, for what runs on boards, a real Python 3.6."""

import os
import subprocess
import sys
import time
from pathlib import Path

import venvs

UNIT = Path("tests/unit")
# ansible-core, and the Pythons that it runs on, preferred first.
CORES = {"2.16.19": ["3.12", "3.11", "3.10"], "2.21.5": ["3.13", "3.12"]}
BOARD = "3.6"
BOARD_TESTS = [UNIT / "module_utils"]
# The last ones for Python 3.6, each by name: its pip would take newer ones that need a newer Python.
BOARD_REQUIREMENTS = [
    "attrs==22.2.0",
    "importlib-metadata==4.8.3",
    "iniconfig==1.1.1",
    "packaging==21.3",
    "pluggy==1.0.0",
    "py==1.11.0",
    "pyparsing==3.0.9",
    "pytest==7.0.1",
    "tomli==1.2.3",
    "typing-extensions==4.1.1",
    "zipp==3.6.0",
]
TORCH = "torch==2.13.0+cpu"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"

results = []


def main(arguments):
    started = time.monotonic()
    torch = torch_python()
    pytest("this Python", sys.executable, [UNIT], torch, arguments)
    cores = {}
    for core, pythons in CORES.items():
        python = next(filter(None, map(venvs.python_of, pythons)), None)
        if python is None:
            skip(f"core {core}", f"none of Python {', '.join(pythons)} is installed")
            continue
        cores[core] = venvs.ensure(f"core-{core}", f"ansible-core=={core}", *venvs.UNIT_REQUIREMENTS, python=python)
        pytest(f"core {core}", cores[core], [UNIT], torch, arguments)
    board_side(cores.get("2.16.19"), torch, arguments)
    for what, outcome, seconds in results:
        print(f"units: {what}: {outcome}" + (f" ({seconds:.0f} s)" if seconds else ""))
    failed = any(outcome.startswith(("FAILED", "skipped") if venvs.CI else "FAILED") for what, outcome, seconds in results)
    print(f"units: {'FAILED' if failed else 'passed'} in {time.monotonic() - started:.0f} s")
    return int(failed)


def board_side(core, torch, arguments):
    """On a board, Ansible's module_utils run with the board's Python: core 2.16 itself cannot be installed there, but imported it can be."""
    what = f"board side, Python {BOARD}"
    python = venvs.python_of(BOARD)
    if python is None or core is None:
        skip(what, f"Python {BOARD} is not installed" if python is None else "ansible-core 2.16 could not be set up")
        return
    shipped = venvs.BUILD / "board-side"
    shipped.mkdir(exist_ok=True)
    link = shipped / "ansible"
    link.unlink(missing_ok=True)
    link.symlink_to(next(core.parents[1].glob("lib/python*/site-packages/ansible")))
    pytest(what, venvs.ensure(f"board-{BOARD}", *BOARD_REQUIREMENTS, python=python), BOARD_TESTS, torch, arguments, shipped)


def torch_python():
    """A Python that has torch, for the tests of the probe; None where no CPU wheel of it is to be had."""
    for options in ([], ["--extra-index-url", TORCH_INDEX]):
        try:
            return venvs.ensure("torch", *options, TORCH)
        except subprocess.CalledProcessError:
            continue
    skip("with torch", f"{TORCH} can be had neither from this machine's package index nor from {TORCH_INDEX}")
    return None


def pytest(what, python, tests, torch, arguments, *paths):
    print(f"\n== units, {what}: {python}", flush=True)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(map(str, [venvs.link_collection(), *paths])), "PYTHONDONTWRITEBYTECODE": "1"}
    if torch:
        environment["EDGEAI_TORCH_PYTHON"] = str(torch)
    started = time.monotonic()
    status = subprocess.run([python, "-m", "pytest", "-q", *tests, *arguments], cwd=venvs.ROOT, env=environment, check=False).returncode
    results.append((what, f"FAILED ({status})" if status else "passed", time.monotonic() - started))


def skip(what, why):
    results.append((what, f"skipped: {why}", None))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
