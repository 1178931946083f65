# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""The directory of a build, <root>/builds/<key>: its inputs, its state, its log."""

import fcntl
import os
import time

from .._base.files import read_json, write_json

SCHEMA = 1
RUNNING, FINISHED, FAILED, CANCELLED = "running", "finished", "failed", "cancelled"


class BuildDirectory(object):
    """The directory of one build."""

    def __init__(self, path):
        self.path = path
        self.job = os.path.join(path, "job.json")
        self.state = os.path.join(path, "state.json")
        self.log = os.path.join(path, "log")
        self.lock = os.path.join(path, "lock")
        self.program = os.path.join(path, "program")
        self.incoming = os.path.join(path, "incoming")
        self.source = os.path.join(path, "src")
        self.site = os.path.join(path, "site")
        self.cmake = os.path.join(self.site, "cmake", "data", "bin")  # the programs of the wheel cmake
        self.dist = os.path.join(path, "dist")
        self.check = os.path.join(path, "check")
        self.temporary = os.path.join(path, "tmp")
        self.statistics = os.path.join(path, "ccache.log")
        self.prefix = os.path.join(path, "distcc", "prefix")
        root = os.path.dirname(os.path.dirname(path))
        self.cache = os.path.join(root, "cache", "ccache")

    def read_state(self):
        """The state that the last supervisor wrote; {} if there is none, or it cannot be read."""
        try:
            state = read_json(self.state)
        except (OSError, ValueError):
            return {}
        return state if state.get("schema") == SCHEMA else {}

    def write_state(self, state):
        write_json(self.state, dict(state, schema=SCHEMA))


def build_directory_of(root, key):
    return BuildDirectory(os.path.join(root, "builds", key))


def is_finished(build):
    """Whether the wheel exists: one that was removed must be built again."""
    state = build.read_state()
    return state.get("status") == FINISHED and os.path.isfile(os.path.join(build.dist, state["wheel"]["filename"]))


def acquire_lock(build, seconds=0):
    """The lock of a build, an open file that the caller keeps; None if another process holds it.

    The kernel releases it when that process ends.
    """
    deadline = time.monotonic() + seconds
    stream = open(build.lock, "a")
    while not _try_flock(stream, fcntl.LOCK_EX):
        if time.monotonic() >= deadline:
            stream.close()
            return None
        time.sleep(0.05)
    return stream


def is_held(build):
    """Whether a supervisor is running. A build that was never started has no lock."""
    try:
        stream = open(build.lock)
    except FileNotFoundError:
        return False
    with stream:
        return not _try_flock(stream, fcntl.LOCK_SH)  # shared: two callers do not mistake each other for a supervisor


def _try_flock(stream, kind):
    try:
        fcntl.flock(stream, kind | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
