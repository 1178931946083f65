# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Child processes with clean variables, which hold the lock."""

# run_command cannot pass on descriptors, and the child must hold the lock, too.
# pylint: disable=ansible-bad-function

import os
import subprocess

from .errors import EnvironmentProblem
from .text import last_lines

# Settings for another Python must not affect this installation.
_FOREIGN = ("UV_", "PIP_", "PYTHON", "CONDA_", "VIRTUAL_ENV")


def clean_environment(temporary):
    return dict(
        ((name, value) for name, value in os.environ.items() if not name.startswith(_FOREIGN)),
        TMPDIR=temporary,  # a board's /tmp may be a small RAM disk
    )


def run(argv, temporary, lock, accept=(0,)):
    """Run to the end; (exit status, output).

    A status that is not accepted is an EnvironmentProblem with the last lines.

    lock is None for a program that writes only in `temporary`.
    """
    try:
        # AnsibleModule.run_command cannot take variables away.
        process = subprocess.Popen(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=temporary,
            env=clean_environment(temporary),
            pass_fds=(lock.descriptor,) if lock else (),
        )
        output = process.communicate()[0].decode("utf-8", "replace")
    except OSError as error:
        raise EnvironmentProblem("%s cannot be run: %s" % (argv[0], error.strerror or error)) from error
    if process.returncode not in accept:
        how = (
            "was killed by signal %d" % -process.returncode
            if process.returncode < 0
            else "ended with status %d" % process.returncode
        )
        raise EnvironmentProblem("%s %s:\n%s" % (" ".join(argv[:3]), how, last_lines(output)))
    return process.returncode, output


def compile_bytecode(env, work, lock):
    """Compile once: a user who may not write there would compile at every start."""
    compiler, library = [os.path.join(env, "bin", "python"), "-m", "compileall", "-q"], os.path.join(env, "lib")
    # Status 1: some files are not valid for this Python (templates, syntax tests); every installer ignores them.
    # From Python 3.13 on its processes use a socket in TMPDIR, and our path may be too long for a socket.
    if "Traceback" in run(["env", "-u", "TMPDIR"] + compiler + ["-j", "0", library], work, lock, accept=(0, 1))[1]:
        run(compiler + [library], work, lock, accept=(0, 1))


def python_version(python):
    """'3.11.2', as the interpreter reports it."""
    try:
        process = subprocess.Popen(
            [python, "-I", "-S", "-c", 'import sys; print("%d.%d.%d" % sys.version_info[:3])'],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        output = process.communicate()[0].decode("utf-8", "replace").strip()
    except OSError as error:
        raise EnvironmentProblem(
            "the interpreter %s cannot be run: %s. Give another torch_python" % (python, error.strerror or error)
        ) from error
    if process.returncode:
        raise EnvironmentProblem(
            "the interpreter %s does not work (status %d): %s. Give another torch_python"
            % (python, process.returncode, output[-500:])
        )
    return output
