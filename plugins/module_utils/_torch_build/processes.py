# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""The processes of a build: start them, and find all of them again."""

# run_command cannot take variables away, nor read a pipe while a process runs.
# pylint: disable=ansible-bad-function

import contextlib
import os
import signal
import subprocess
import time

from .._base.errors import EnvironmentProblem
from .._base.text import last_lines

# Every process of a build has the build's directory in this variable: orphans are found by it.
MARK = "EDGEAI_TORCH_BUILD"
# Kept from the user who started the build: proxies and certificates.
_KEPT = (
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "GIT_SSL_CAINFO",
    "QEMU_CPU",
)
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def clean_environment(place):
    """Variables for all processes of a build, for the same wheel from the same inputs.

    `clean_environment` in _base/processes.py only removes the variables of other Pythons from those of an installer.
    This one starts from none: a build must not depend on the login that starts it, and its processes carry MARK.
    """
    kept = dict((name, os.environ[name]) for name in _KEPT if name in os.environ)
    return dict(
        kept,
        **{
            MARK: place.path,
            "PATH": _PATH,
            "HOME": place.path,
            "LANG": "C.UTF-8",
            "LC_ALL": "C.UTF-8",
            "TMPDIR": place.temporary,
            "PYTHONNOUSERSITE": "1",
            "PYTHONUNBUFFERED": "1",
        },
    )


def run(argv, environment, cwd, timeout=None):
    """Run a short command to its end: (exit status, output). Status 127 if there is no such command."""
    try:
        process = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=cwd,
            env=environment,
            timeout=timeout,
            check=False,
        )
    except OSError as error:
        return 127, "%s: %s" % (argv[0], error.strerror)
    except subprocess.TimeoutExpired as error:
        return -signal.SIGKILL, "%s\nit did not end within %d s" % (
            (error.output or b"").decode("utf-8", "replace"),
            timeout,
        )
    return process.returncode, process.stdout.decode("utf-8", "replace")


def must_run(argv, environment, cwd, what):
    """The output of a command; EnvironmentProblem if it fails."""
    status, output = run(argv, environment, cwd)
    if status:
        raise EnvironmentProblem(
            "%s: `%s` ended with status %d: %s" % (what, " ".join(argv), status, last_lines(output))
        )
    return output


def find_processes(place):
    """The pids of a build's running processes, without this one."""
    mark = ("%s=%s" % (MARK, place.path)).encode()
    pids = []
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            # It may have ended, or belong to another user.
            with contextlib.suppress(OSError), open("/proc/%s/environ" % name, "rb") as stream:
                if mark in stream.read().split(b"\0"):
                    pids.append(int(name))
    return pids


def kill_all(place, seconds=60):
    """Kill every process of a build, and those that they start meanwhile, and wait for their end."""
    deadline = time.time() + seconds
    while True:
        left = find_processes(place)
        if not left:
            return
        if time.time() > deadline:
            raise EnvironmentProblem(
                "processes of the build in %s do not end: %s" % (place.path, ", ".join(map(str, left)))
            )
        for pid in left:
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        time.sleep(0.05)
