# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make virtual environments under .build, once per set of requirements and Python.

python3 tests/venvs.py NAME REQUIREMENTS...      # prints the environment's python
python3 tests/venvs.py core RELEASE [PYTHON]     # the same for .build/core-X.Y.Z, with that release of ansible-core
"""

import hashlib
import os
import platform
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BUILD = ROOT / ".build"
# Not the python of an active virtual environment: that environment may be the one that is made anew.
BASE = getattr(sys, "_base_executable", sys.executable)
OLDEST = (3, 10)
# A missing Python skips tests on a person's machine, and fails them in CI.
CI = os.environ.get("CI") == "true"
# What the unit tests need in addition to ansible-core; the same pins as in requirements*.txt.
UNIT_REQUIREMENTS = (
    "cyclonedx-python-lib[json-validation]==11.12.0",
    "jsonschema==4.26.0",
    "openpyxl==3.1.5",
    "packaging==26.3",
    "prometheus_client==0.26.0",
    "py-rattler==0.28.0",
    "py-rattler-build==0.73.0",
    "pytest==9.2.0",
    "pytest-xdist==3.8.0",
    "rich==15.0.0",
    "uv==0.13.9",
    "zeroconf==0.154.0",
)


# For each release of ansible-core, the Pythons that it runs on, preferred first. requirements.txt has the pins.
CONTROL = {"2.16": ["3.12", "3.11", "3.10"], "2.19": ["3.13", "3.12", "3.11"], "2.21": ["3.13", "3.12", "3.14"]}


def python_of(version):
    """Return an installed Python X.Y: pyenv's newest X.Y.Z, else pythonX.Y of the PATH; None if there is none."""
    found = sorted(
        (_pyenv() / "versions").glob(f"{version}.*/bin/python"),
        key=lambda path: [int(part) for part in path.parts[-3].split(".")],
    )
    for candidate in [*reversed(found), shutil.which(f"python{version}")]:
        # A shim of pyenv can be on the PATH without a Python behind it.
        if candidate and subprocess.run([candidate, "-c", ""], stderr=subprocess.DEVNULL, check=False).returncode == 0:
            return Path(candidate)
    return None


def pin_of(release):
    """Return the version of ansible-core that requirements.txt pins for a release, and the other requirements."""
    lines = [
        line
        for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    ]
    pins = [re.match(r"ansible-core==(\S+?)(?:;|\s|$)", line) for line in lines]
    (version,) = [pin[1] for pin in pins if pin and pin[1].startswith(f"{release}.")]
    return version, [line for line, pin in zip(lines, pins, strict=True) if not pin]


def core(release, given=None):
    """Return the python of .build/core-X.Y.Z, which can run playbooks.

    The unit tests' environment of that name has more packages and can be used, too.
    """
    release = list(CONTROL)[-1] if release == "newest" else release
    if release not in CONTROL:
        sys.exit(
            f"CORE={release}: `make` sets up ansible-core {', '.join(CONTROL)} or newest. README says which one drives"
            " which board."
        )
    pythons = CONTROL[release]
    if given:
        version = subprocess.run(
            [given, "-c", "import sys; print('%d.%d' % sys.version_info[:2])"],
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
        python = Path(given) if version.stdout.strip() in pythons else None
        fault = f"{given} is Python {version.stdout.strip()}: leave PYTHON out, or name another"
    else:
        python = next(filter(None, map(python_of, pythons)), None)
        fault = (
            f"none of these is found. Install one (`uv python install {pythons[0]}`, or your distribution's package"
            f" with its -venv), or name one: make provision CORE={release} PYTHON=/path/to/python{pythons[0]}"
        )
    if python is None:
        sys.exit(f"ansible-core {release} runs on Python {', '.join(sorted(pythons))}, and {fault}")
    version, rest = pin_of(release)
    own = f"ansible-core=={version}"
    return ensure(f"core-{version}", own, *rest, python=python, enough=(own, *UNIT_REQUIREMENTS))


def ensure(name, *requirements, python=BASE, enough=None):
    """Return the python of .build/NAME with these requirements: files, or requirements themselves.

    An environment that was made of `enough` has them, too.
    """
    venv = BUILD / name
    stamp = venv / ".installed"
    files = [argument for argument in requirements if argument.endswith(".txt")]
    wanted = [
        part
        for argument in requirements
        for part in (["-r", str(ROOT / argument)] if argument in files else [argument])
    ]
    pins = [path.read_text(encoding="utf-8") for path in sorted(ROOT.glob("requirements*.txt"))] if files else []
    # The file, not a link to it: python3 and python3.11 are one Python. For another name of it, an environment must not
    # be made anew while somebody uses it.
    program = os.path.realpath(python)
    digest, *also = (
        hashlib.sha256(repr([program, _version(python), what, pins]).encode()).hexdigest()
        for what in (requirements, enough)
        if what
    )
    if not (stamp.is_file() and stamp.read_text(encoding="utf-8") in (digest, *also)):
        print(f"Setting up {venv.relative_to(ROOT)}", file=sys.stderr, flush=True)
        shutil.rmtree(venv, ignore_errors=True)
        subprocess.run([str(python), "-m", "venv", str(venv)], check=True)
        subprocess.run(
            [str(venv / "bin" / "python"), "-m", "pip", "install", "-qq", *wanted], stdout=sys.stderr, check=True
        )
        stamp.write_text(digest, encoding="utf-8")
    return venv / "bin" / "python"


def link_collection():
    """Make this checkout importable as edgeai.fleet; return the collections path."""
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
    return subprocess.run(
        [str(python), "-c", "import sys; print(sys.version)"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


def _check():
    way_out = (
        "Install a newer one (on Debian and Ubuntu: apt-get install python3 python3-venv) or name another: make"
        " PYTHON=/path/to/python3.12 ..."
    )
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
        print((core if sys.argv[1] == "core" else ensure)(*sys.argv[2 if sys.argv[1] == "core" else 1 :]))
    except subprocess.CalledProcessError as failure:
        command = " ".join(map(str, failure.cmd))
        sys.exit(
            f"{command} ended with {failure.returncode}. The lines above say why; `{sys.executable} -m pip config list`"
            " shows pip's settings."
        )
