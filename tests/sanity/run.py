# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""`ansible-test sanity` with the oldest and the newest supported ansible-core, over every Python that they know and
that is installed.

python tests/sanity/run.py                # the oldest and the newest
python tests/sanity/run.py 2.18.19        # another release

ansible-test resolves links and writes into the tree: it gets an exported copy under .build/sanity, and a HOME of its
own there. One for each ansible-core: both run at the same time, as each uses one processor only.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
import venvs

SANITY = venvs.BUILD / "sanity"
DOWNLOADS = "ci-files.testing.ansible.com"
# For each core: the Pythons that it runs on, preferred first; those that it tests; the pips that its environments begin
# with.
CORES = {
    "2.16.19": (["3.12", "3.11", "3.10"], ["3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12"], ["23.1.2", "21.3.1"]),
    "2.21.5": (["3.13", "3.12"], ["3.9", "3.10", "3.11", "3.12", "3.13"], ["25.2"]),
}
# The releases between them, for a run that names one. Their pips come from ansible-test's own download; of 2.19 it is
# known which one.
OTHERS = {
    "2.17.14": (["3.12", "3.11", "3.10"], ["3.7", "3.8", "3.9", "3.10", "3.11", "3.12"], []),
    "2.18.19": (["3.13", "3.12", "3.11"], ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"], []),
    "2.19.14": (["3.13", "3.12", "3.11"], ["3.8", "3.9", "3.10", "3.11", "3.12", "3.13"], ["24.2"]),
    "2.20.10": (["3.13", "3.12"], ["3.9", "3.10", "3.11", "3.12", "3.13"], []),
}


def main(named):
    started = time.monotonic()
    unknown = [core for core in named if core not in CORES | OTHERS]
    if unknown:
        sys.exit(f"{', '.join(unknown)}: sanity runs with ansible-core {', '.join([*CORES, *OTHERS])}.")
    with ThreadPoolExecutor(len(CORES)) as pool:
        ended = list(pool.map(check_with, named or CORES))
    failed = any(one for one, _line in ended)
    for _failed, line in ended:
        print(f"sanity: {line}")
    print(f"sanity: {'FAILED' if failed else 'passed'} in {time.monotonic() - started:.0f} s")
    return int(failed)


def check_with(core):
    """Return whether this ansible-core's tests failed, and a line about them."""
    controllers, targets, pips = (CORES | OTHERS)[core]
    directory = SANITY / core
    tree, home = directory / "ansible_collections" / "edgeai" / "fleet", directory / "home"
    export(tree)
    pip_configuration(home)
    controller = next(filter(None, map(venvs.python_of, controllers)), None)
    pythons = {target: python for target in targets if (python := venvs.python_of(target))}
    missing = [target for target in targets if target not in pythons]
    if controller is None:
        return venvs.CI, f"core {core}: skipped, none of Python {', '.join(controllers)} is installed"
    ansible_test = venvs.ensure(
        f"core-{core}", f"ansible-core=={core}", *venvs.UNIT_REQUIREMENTS, python=controller
    ).with_name("ansible-test")
    if not reachable(DOWNLOADS):
        bootstrap(ansible_test.with_name("python"), pips, home)
    path = [str(ansible_test.parent), *(str(python.parent) for python in pythons.values()), os.environ["PATH"]]
    environment = {**os.environ, "HOME": str(home), "PATH": os.pathsep.join(path)}
    print(f"core {core}: ansible-test sanity, Python {', '.join(pythons)}", flush=True)
    status = sanity(core, ansible_test, tree, environment)
    skipped = f"; skipped, because not installed: Python {', '.join(missing)}" if missing else ""
    end = f"FAILED ({status})" if status else "no findings"
    return status != 0 or bool(missing) and venvs.CI, f"core {core}, Python {', '.join(pythons)}: {end}{skipped}"


def sanity(core, ansible_test, tree, environment):
    """Return the exit status of all tests.

    Their names and findings are shown; everything else, of which pip's part is long, goes to the log.
    """
    command, log = [ansible_test, "sanity", "--venv", "--color", "no"], SANITY / f"{core}.log"
    with log.open("w", encoding="utf-8") as file:
        with subprocess.Popen(
            command, cwd=tree, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            for line in process.stdout:
                file.write(line)
                if line.startswith(("Running", "ERROR", "FATAL", "See documentation")):
                    print(f"core {core}: {line}", end="", flush=True)
    if process.returncode:
        print(f"The whole output is in {log}", flush=True)
    return process.returncode


def export(tree):
    """Copy what belongs to the repository, committed or not, and make it a git repository: ansible-test asks git what
    to look at.
    """
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=venvs.ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    tree.mkdir(parents=True, exist_ok=True)
    # The former export goes, and tests/output stays: it is ignored, and holds environments that ansible-test uses
    # again.
    for command in (["init", "--quiet"], ["rm", "-r", "--force", "--quiet", "--ignore-unmatch", "."]):
        subprocess.run(["git", *command], cwd=tree, check=True)
    for name in filter(None, listed.stdout.decode().split("\0")):
        source, copy = venvs.ROOT / name, tree / name
        # A link serves a tool in the checkout and is no part of the collection; a missing file is deleted and not yet
        # committed.
        if source.is_file() and not source.is_symlink():
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, copy)
    subprocess.run(["git", "add", "--all"], cwd=tree, check=True)


def pip_configuration(home):
    """Take this machine's pip configuration into the private HOME: ansible-test drops the variables, and HOME hides the
    user's file.
    """
    listed = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    options = {}
    for line in listed.splitlines():
        key, value = line.split("=", 1)
        section, name = key.rsplit(".", 1)
        options.setdefault("global" if section == ":env:" else section, {})[name] = value.strip("'").replace(
            "\\n", "\n    "
        )
    target = home / ".config" / "pip" / "pip.conf"
    target.parent.mkdir(parents=True, exist_ok=True)
    sections = (
        f"[{section}]\n" + "".join(f"{name} = {value}\n" for name, value in values.items())
        for section, values in options.items()
    )
    target.write_text("\n".join(sections), encoding="utf-8")


def reachable(host):
    try:
        socket.create_connection((host, 443), timeout=5).close()
    except OSError:
        return False
    return True


def bootstrap(python, pips, home):
    """Where get-pip.py cannot be downloaded: a script in its place that installs the same pip from its wheel, which the
    index has.
    """
    cache = home / ".ansible" / "test" / "cache"
    cache.mkdir(parents=True, exist_ok=True)
    for version in pips:
        wheel = cache / f"pip-{version}-py3-none-any.whl"
        if not wheel.exists():
            subprocess.run(
                [python, "-m", "pip", "download", "-qq", "--no-deps", "--dest", cache, f"pip=={version}"], check=True
            )
        script = cache / f"get_pip_{version.replace('.', '_')}.py"
        script.write_text(
            "import runpy, sys\n"
            f"wheel = {str(wheel)!r}\n"
            "sys.path.insert(0, wheel)\n"
            "sys.argv = ['pip', 'install', '--disable-pip-version-check', '--no-index', wheel]\n"
            "runpy.run_module('pip', run_name='__main__', alter_sys=True)\n",
            encoding="utf-8",
        )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
