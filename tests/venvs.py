# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Virtual environments under .build, made once per set of requirements and Python.

    python3 tests/venvs.py NAME REQUIREMENTS...      # prints the environment's python
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build"
# Not the virtual environment that may be active: it may be the very one that is made anew.
BASE = getattr(sys, "_base_executable", sys.executable)
OLDEST = (3, 10)
# A Python that is not installed is a skip for a person, and a failure here.
CI = os.environ.get("CI") == "true"
# Beside ansible-core, what the unit tests need; the same pins as in requirements*.txt.
UNIT_REQUIREMENTS = ("jsonschema==4.26.0", "packaging==26.3", "py-rattler==0.28.0", "py-rattler-build==0.73.0", "pytest==9.2.0", "uv==0.13.9")


def python_of(version):
    """An installed Python X.Y: pyenv's newest X.Y.Z, else pythonX.Y of the PATH; None where there is none."""
    found = sorted((_pyenv() / "versions").glob(f"{version}.*/bin/python"), key=lambda path: [int(part) for part in path.parts[-3].split(".")])
    for candidate in [*reversed(found), shutil.which(f"python{version}")]:
        # A shim of pyenv can be on the PATH and yet not run.
        if candidate and subprocess.run([candidate, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return Path(candidate)
    return None


def ensure(name, *requirements, python=BASE):
    """The python of .build/NAME, holding these requirements: files, or requirements themselves."""
    venv = BUILD / name
    stamp = venv / ".installed"
    files = [argument for argument in requirements if argument.endswith(".txt")]
    wanted = [part for argument in requirements for part in (["-r", str(ROOT / argument)] if argument in files else [argument])]
    pins = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("requirements*.txt"))] if files else []
    digest = hashlib.sha256(repr([str(python), _version(python), requirements, pins]).encode())
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") == digest.hexdigest()):
        print(f"Setting up {venv.relative_to(ROOT)}", file=sys.stderr, flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([str(python), "-m", "venv", str(venv)], check=True)
        subprocess.run([str(venv / "bin" / "python"), "-m", "pip", "install", "-qq", *wanted], stdout=sys.stderr, check=True)
        stamp.write_text(digest.hexdigest(), encoding="utf-8")
    return venv / "bin" / "python"


def link_collection():
    """Make this checkout importable as edgeai.fleet; the collections path."""
    collections = BUILD / "collections"
    link = collections / "ansible_collections" / "edgeai" / "fleet"
    link.parent.mkdir(parents=True, exist_ok=True)
    target = os.path.relpath(ROOT, link.parent)
    if not (link.is_symlink() and os.readlink(link) == target):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
    return collections


def _pyenv():
    root = os.environ.get("PYENV_ROOT")
    return Path(root) if root else Path.home() / ".pyenv"


def _version(python):
    if str(python) == sys.executable:
        return sys.version
    return subprocess.run([str(python), "-c", "import sys; print(sys.version)"], stdout=subprocess.PIPE, text=True, check=True).stdout


def _check():
    way_out = "Install a newer one (on Debian and Ubuntu: apt-get install python3 python3-venv) or name another: make PYTHON=/path/to/python3.12 ..."
    if sys.version_info < OLDEST:
        sys.exit(f"{sys.executable} is Python {platform.python_version()}, and 3.10 or newer is needed. {way_out}")
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError as error:
        sys.exit(f"{sys.executable} cannot make virtual environments ({error}). {way_out}")


if __name__ == "__main__":
    _check()
    link_collection()
    try:
        print(ensure(sys.argv[1], *sys.argv[2:]))
    except subprocess.CalledProcessError as failure:
        command = " ".join(map(str, failure.cmd))
        sys.exit(f"{command} ended with {failure.returncode}. The lines above say why; `{sys.executable} -m pip config list` shows pip's settings.")
