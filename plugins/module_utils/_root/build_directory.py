# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Where a build keeps what it is made of, and what is known of it: <root>/builds/<key>."""

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
        self.cmake = os.path.join(self.site, "cmake", "data", "bin")  # where the wheel of that name has its programs
        self.dist = os.path.join(path, "dist")
        self.check = os.path.join(path, "check")
        self.temporary = os.path.join(path, "tmp")
        self.statistics = os.path.join(path, "ccache.log")
        self.prefix = os.path.join(path, "distcc", "prefix")
        root = os.path.dirname(os.path.dirname(path))
        self.cache = os.path.join(root, "cache", "ccache")

    def read_state(self):
        """What the last supervisor wrote; {} if there was none, or if what is there is not readable."""
        try:
            state = read_json(self.state)
        except (OSError, ValueError):
            return {}
        return state if state.get("schema") == SCHEMA else {}

    def write_state(self, state):
        write_json(self.state, dict(state, schema=SCHEMA))


def build_directory_of(root, key):
    return BuildDirectory(os.path.join(root, "builds", key))


def is_finished(place):
    """Whether there is a wheel: one that was cleared away is to be made again."""
    state = place.read_state()
    return state.get("status") == FINISHED and os.path.isfile(os.path.join(place.dist, state["wheel"]["filename"]))


def acquire_lock(place, seconds=0):
    """The lock of a build, an open file that must be kept; None if somebody else has it.

    The kernel frees it with its holder.
    """
    deadline = time.monotonic() + seconds
    stream = open(place.lock, "a")
    while not _try_flock(stream, fcntl.LOCK_EX):
        if time.monotonic() >= deadline:
            stream.close()
            return None
        time.sleep(0.05)
    return stream


def is_held(place):
    """Whether a supervisor is at work. The lock of a build that was never started is nobody's."""
    try:
        stream = open(place.lock)
    except FileNotFoundError:
        return False
    with stream:
        return not _try_flock(stream, fcntl.LOCK_SH)  # shared: two that look do not take each other for a supervisor


def _try_flock(stream, kind):
    try:
        fcntl.flock(stream, kind | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
