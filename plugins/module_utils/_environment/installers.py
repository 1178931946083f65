# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The installers of wheels: uv from its verified wheel, or pip from its own where uv cannot run."""

import os
import re
import zipfile
from urllib.request import pathname2url

from .._base.errors import EnvironmentProblem
from .._base.files import file_crc, make_directory, write_atomic
from .._base.processes import compile_bytecode, run
from .conda_installer import choose_rattler


def unpack_uv(layout, artifact):
    """The path of uv's program, extracted from its wheel (already verified) unless an intact one exists."""
    program = os.path.join(layout.tools, tool_name(artifact), "uv")
    with zipfile.ZipFile(layout.artifact(artifact)) as wheel:
        member = next((info for info in wheel.infolist() if re.match(r"^[^/]+\.data/scripts/uv$", info.filename)), None)
        if member is None:
            raise EnvironmentProblem("%s contains no program uv" % artifact["filename"])
        if os.path.isfile(program) and os.path.getsize(program) == member.file_size and file_crc(program) == member.CRC:
            return program
        make_directory(os.path.dirname(program))
        with wheel.open(member) as source:
            write_atomic(program, source, 0o755)
    return program


def tool_name(artifact):
    return "%s-%s" % (artifact["name"], artifact["version"])


def file_url(path):
    return "file://" + pathname2url(path)


def write_requirements(layout, artifacts, work):
    path = os.path.join(work, "requirements.txt")
    # Bare URLs: the form that every pip reads, back to that of Python 3.6. The installer verifies the hash once more.
    write_atomic(
        path,
        "".join(
            "%s --hash=sha256:%s\n" % (file_url(layout.artifact(artifact)), artifact["sha256"])
            for artifact in artifacts
        ),
    )
    return path


def system_flags(options):
    return ["--system-site-packages"] if options["system_site_packages"] else []


class Uv(object):
    def __init__(self, layout, program):
        self.layout = layout
        self.program = program

    def create(self, env, options, work, lock):
        run(
            [
                self.program,
                "venv",
                "--python",
                options["python"],
                "--no-project",
                "--no-config",
                "--offline",
                "--no-python-downloads",
                "--cache-dir",
                os.path.join(work, "uv"),
            ]
            + system_flags(options)
            + [env],
            work,
            lock,
        )

    def install(self, env, artifacts, version, work, lock):
        # The cache is removed with this build: with a lasting one, hard links would share files among generations, and
        # damage in place would reach the next generation, its repair, too.
        # uv's compiler script needs Python 3.7.
        old = version < (3, 7)
        run(
            [
                self.program,
                "pip",
                "install",
                "--python",
                os.path.join(env, "bin", "python"),
                "--no-config",
                "--offline",
                "--no-index",
                "--no-deps",
                "--link-mode",
                "hardlink",
                "--cache-dir",
                os.path.join(work, "uv"),
                "--no-progress",
                "--color",
                "never",
            ]
            + ([] if old else ["--compile-bytecode"])
            + ["-r", write_requirements(self.layout, artifacts, work)],
            work,
            lock,
        )
        if old:
            compile_bytecode(env, work, lock)


class Pip(object):
    """python -m venv and pip run from its own wheel: slower, but it runs everywhere."""

    def __init__(self, layout, wheel):
        self.layout = layout
        self.wheel = layout.artifact(wheel)

    def create(self, env, options, work, lock):
        run([options["python"], "-m", "venv", "--without-pip"] + system_flags(options) + [env], work, lock)

    def install(self, env, artifacts, version, work, lock):
        # --ignore-installed: with system site packages pip would skip packages that the system has.
        run(
            [
                os.path.join(env, "bin", "python"),
                os.path.join(self.wheel, "pip"),
                "--isolated",
                "install",
                "--no-index",
                "--no-deps",
                "--ignore-installed",
                "--no-cache-dir",
                "--no-warn-script-location",
                "-r",
                write_requirements(self.layout, artifacts, work),
            ],
            work,
            lock,
        )


def choose_installer(layout, options, work, lock):
    """(installer, warnings): rattler for conda packages; for wheels uv if the lock has it and it runs on this board,
    else pip.
    """
    warnings = []
    if options["provider"] == "conda":
        return choose_rattler(layout, options), warnings
    uv = next((tool for tool in options["tools"] if tool["name"] == "uv"), None)
    if uv:
        program = unpack_uv(layout, uv)
        try:
            run([program, "--version"], work, lock)
            return Uv(layout, program), warnings
        except EnvironmentProblem as error:
            warnings.append("uv cannot run on this board, pip is used instead (slower): %s" % error)
    pip = next((artifact for artifact in options["artifacts"] if artifact["name"] == "pip"), None)
    if pip is None:
        raise EnvironmentProblem(
            "no installer: %s and pip is not among the artifacts"
            % (warnings[0] if warnings else "uv is not among the tools")
        )
    return Pip(layout, pip), warnings
