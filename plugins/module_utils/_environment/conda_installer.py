# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The installer of conda packages: rattler, which needs no conda.

The prefix has conda-meta, so that conda recognises it as an environment.
"""

import os
import shutil
import tempfile
import zipfile

from .._base.errors import EnvironmentProblem
from .._base.files import file_crc, make_directory, remove
from .._base.processes import compile_bytecode, python_version, run
from .._rattler.call import ask_worker
from .._rattler.platform import platform_of

TOOL = "py-rattler"
# Its wheels are for the stable interface of Python 3.10.
OLDEST = (3, 10)


def check_rattler_python(python):
    """EnvironmentProblem if this interpreter is too old for rattler. The environment has its own."""
    version = python_version(python)
    if tuple(int(part) for part in version.split("."))[:2] < OLDEST:
        raise EnvironmentProblem(
            "py-rattler, which installs conda packages, needs Python %d.%d or newer, and %s is %s: give another"
            " torch_python, or use a virtual environment" % (OLDEST + (python, version))
        )


def find_conda_python(artifacts):
    """The version of Python in these packages."""
    version = next((artifact["version"] for artifact in artifacts if artifact["name"] == "python"), None)
    if version is None:
        raise EnvironmentProblem("the packages of this conda environment do not include python")
    return version


def unpack_rattler(layout, artifact):
    """rattler's directory, unpacked from its wheel (already verified) unless an intact one exists."""
    folder = os.path.join(layout.tools, "%s-%s" % (artifact["name"], artifact["version"]))
    with zipfile.ZipFile(layout.artifact(artifact)) as wheel:
        if all(_is_whole(folder, info) for info in wheel.infolist()):
            return folder
        make_directory(layout.tools)
        partial = tempfile.mkdtemp(prefix=".unpacking-", dir=layout.tools)
        try:
            wheel.extractall(partial)
            os.chmod(partial, 0o755)
            remove(folder)
            os.rename(partial, folder)
        except BaseException:
            remove(partial)
            raise
    return folder


def _is_whole(folder, info):
    path = os.path.join(folder, info.filename)
    return os.path.isfile(path) and os.path.getsize(path) == info.file_size and file_crc(path) == info.CRC


class Conda(object):
    """Installs with rattler. python: the interpreter that runs it; rattler: its directory, None if that interpreter has
    rattler installed.
    """

    def __init__(self, layout, python, rattler):
        self.layout = layout
        self.python = python
        self.rattler = rattler

    def create(self, env, options, work, lock):
        if options["system_site_packages"]:
            raise EnvironmentProblem("a conda environment cannot see the system's packages: use a virtual environment")
        make_directory(env)

    def install(self, env, artifacts, version, work, lock):
        packages = [
            {
                "path": self.layout.artifact(artifact),
                "sha256": artifact["sha256"],
                "url": artifact.get("url") or "file://" + self.layout.artifact(artifact),
                "md5": artifact.get("md5"),
            }
            for artifact in artifacts
        ]
        # As with uv, the cache is removed with this build: it shares its files with the environment.
        self.replace_packages(env, packages, work, lock)
        shutil.rmtree(os.path.join(work, "pkgs"))
        compile_bytecode(env, work, lock)

    def replace_packages(self, env, packages, work, lock):
        """Make these packages, and no other, the content of the prefix."""
        ask_worker(
            {
                "do": "install",
                "packages": packages,
                "prefix": env,
                "cache": os.path.join(work, "pkgs"),
                "platform": platform_of(os.uname().machine),
            },
            self.python,
            self.rattler,
            work,
            lambda argv: run(argv, work, lock),
        )


def choose_rattler(layout, options):
    """The installer with the lock's rattler, else with the interpreter's own."""
    tool = next((tool for tool in options["tools"] if tool["name"] == TOOL), None)
    return Conda(layout, options["python"], unpack_rattler(layout, tool) if tool else None)
