# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Commands of a board, run at the same time; one that hangs is ended."""

import os
import signal
import subprocess
import time


def run_commands(commands, environ, timeout):
    """(exit status, stdout, stderr) of each; None if it cannot be started or exceeds the common timeout in seconds."""
    deadline = time.monotonic() + timeout
    started = [_start_command(argv, environ) for argv in commands]
    return [_read_output(process, deadline) for process in started]


def _start_command(argv, environ):
    try:
        # A session of its own, so that a timeout also kills the command's children.
        # run_command has no timeout, and runs commands one after the other
        return subprocess.Popen(  # pylint: disable=ansible-bad-function
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd="/",
            env=environ,
            start_new_session=True,
        )
    except OSError:
        return None


def _read_output(process, deadline):
    if process is None:
        return None
    try:
        # A hanging command uses up the common time: the answers of the others must still be read.
        out, err = process.communicate(timeout=max(0.5, deadline - time.monotonic()))
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.stdout.close()
        process.stderr.close()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            pass  # it hangs in the kernel, like nvidia-smi with a broken driver: not even SIGKILL ends it
        return None
    return process.returncode, out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
