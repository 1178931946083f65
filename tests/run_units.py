# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run the unit tests on the oldest and the newest supported ansible-core, and those of board code on a real Python 3.6.

python tests/run_units.py [OPTIONS of pytest]     # everything, in the three environments
python tests/run_units.py fast                    # only tests that compute, on the newest ansible-core
python tests/run_units.py one PATH [OPTIONS]      # one file, or one test of it, on the newest ansible-core
"""

import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import venvs

UNIT = Path("tests/unit")
BOARD_TESTS = UNIT / "plugins" / "module_utils"
# They start many processes: the board's Python runs them, and boards with Python 3.11 in other tests. Two of them need
# more than Python 3.6 has.
BOARD_PROCESSES = [
    path
    for room in ("_environment", "_torch_build")
    for path in sorted((BOARD_TESTS / room).glob("test_*.py"))
    if path.name not in ("test_assemble.py", "test_conda_installer.py")
]
# They read files and compute, and _lock runs uv: no ansible-core changes their results. What asks indexes by Ansible's
# own code (_wheelhouse, network errors) runs on both.
ONCE = [
    *(UNIT / name for name in ("docs", "golden", "lab", "repository", "test_architecture.py")),
    *(UNIT / "plugins" / "plugin_utils" / name for name in ("_bundle", "_enrol", "_inventory", "_live", "_lock")),
    *(UNIT / "plugins" / "plugin_utils" / name for name in ("_model", "_wall")),
    UNIT / "plugins" / "plugin_utils" / "_playbooks" / "test_pasted_errors.py",
]
# Each ansible-core with the Pythons that it runs on, preferred first.
OLDEST, NEWEST = ("2.16.19", venvs.CONTROL["2.16"]), ("2.21.5", venvs.CONTROL["2.21"])
BOARD = "3.6"
# The last releases for Python 3.6, each by name: its pip would take newer ones that need a newer Python.
BOARD_REQUIREMENTS = [
    "attrs==22.2.0",
    "execnet==1.9.0",
    "importlib-metadata==4.8.3",
    "iniconfig==1.1.1",
    "packaging==21.3",
    "pluggy==1.0.0",
    "py==1.11.0",
    "pyparsing==3.0.9",
    "pytest==7.0.1",
    "pytest-xdist==3.0.2",
    "tomli==1.2.3",
    "typing-extensions==4.1.1",
    "zipp==3.6.0",
]
WORKERS = ["-n", "2", "--dist", "loadgroup"]
TORCH = "torch==2.13.0+cpu"
TORCH_INDEX = "https://download.pytorch.org/whl/cpu"

results = []


def main(arguments):
    started = time.monotonic()
    torch = torch_python()
    newest = core(*NEWEST)
    if arguments[:1] == ["one"]:
        return one(newest, torch, arguments[1:])
    if arguments[:1] == ["fast"]:
        command = [newest or sys.executable, "-m", "pytest", "-q", "-m", "not slow", *WORKERS, UNIT, *arguments[1:]]
        return subprocess.call(command, env=environment(torch))
    oldest = core(*OLDEST)
    board = board_side(oldest)
    runs = [("this Python", sys.executable, [UNIT])]
    if newest:
        elsewhere = BOARD_PROCESSES if board else []
        runs = [(f"core {NEWEST[0]}", newest, [*WORKERS, UNIT, *(f"--ignore={path}" for path in elsewhere)])]
    if oldest:
        # Board code is tested with core 2.16 in that environment, on the board's Python.
        elsewhere = [BOARD_TESTS, *ONCE] if newest else [BOARD_TESTS]
        runs.append((f"core {OLDEST[0]}", oldest, [*WORKERS, UNIT, *(f"--ignore={path}" for path in elsewhere)]))
    if board:
        runs.append((f"core {OLDEST[0]}'s module_utils, Python {BOARD}", board, [*WORKERS, BOARD_TESTS]))
    # Most tests wait for their own processes: three environments at a time are faster even on two cores.
    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda run: pytest(*run, torch, arguments), runs))
    for what, outcome in results:
        print(f"units: {what}: {outcome}")
    failed = any(outcome.startswith(("FAILED", "skipped") if venvs.CI else "FAILED") for what, outcome in results)
    print(f"units: {'FAILED' if failed else 'passed'} in {time.monotonic() - started:.0f} s")
    return int(failed)


def one(newest, torch, arguments):
    """Run the tests of one file; return the exit status. Integration tests run as with `make integration`."""
    if arguments[0].startswith("tests/integration"):
        images = subprocess.call([sys.executable, "tests/lab/images.py"], cwd=venvs.ROOT)
        return images or subprocess.call([sys.executable, "-m", "pytest", *arguments], env=environment(torch))
    return subprocess.call([newest or sys.executable, "-m", "pytest", *arguments], env=environment(torch))


def core(version, pythons):
    """Return the python of an environment with this ansible-core."""
    python = next(filter(None, map(venvs.python_of, pythons)), None)
    if python is None:
        results.append((f"core {version}", f"skipped: none of Python {', '.join(pythons)} is installed"))
        return None
    return venvs.ensure(f"core-{version}", f"ansible-core=={version}", *venvs.UNIT_REQUIREMENTS, python=python)


def board_side(oldest):
    """Return the python of a board.

    Ansible's module_utils run there with the board's Python: core 2.16 cannot be installed on it, but it can be
    imported.
    """
    python = venvs.python_of(BOARD)
    if python is None or oldest is None:
        results.append(
            (
                f"Python {BOARD}",
                f"skipped: {f'Python {BOARD}' if oldest else f'ansible-core {OLDEST[0]}'} is not installed",
            )
        )
        return None
    board = venvs.ensure(f"board-{BOARD}", *BOARD_REQUIREMENTS, python=python)
    link = next(board.parents[1].glob("lib/python*/site-packages")) / "ansible"
    link.unlink(missing_ok=True)
    link.symlink_to(next(oldest.parents[1].glob("lib/python*/site-packages/ansible")))
    return board


def torch_python():
    """Return a Python with torch, for the tests of the probe; None if no CPU wheel of torch is available."""
    for options in ([], ["--extra-index-url", TORCH_INDEX]):
        try:
            return venvs.ensure("torch", *options, TORCH)
        except subprocess.CalledProcessError:
            continue
    results.append(
        ("with torch", f"skipped: {TORCH} can be had neither from this machine's package index nor from {TORCH_INDEX}")
    )
    return None


def environment(torch):
    """Return the variables of a run: the collection is importable, and tests of the probe find a Python with torch."""
    found = {**os.environ, "PYTHONPATH": str(venvs.link_collection()), "PYTHONDONTWRITEBYTECODE": "1"}
    return {**found, "EDGEAI_TORCH_PYTHON": str(torch)} if torch else found


def pytest(what, python, tests, torch, arguments):
    started = time.monotonic()
    command = [python, "-m", "pytest", "-q", *tests, *arguments]
    done = subprocess.run(
        command,
        cwd=venvs.ROOT,
        env=environment(torch),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    print(f"\n== units, {what}: {python}\n{done.stdout}", flush=True)
    seconds = time.monotonic() - started
    results.append((what, f"{f'FAILED ({done.returncode})' if done.returncode else 'passed'} ({seconds:.0f} s)"))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
