# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""One writer per torch_root at a time, even if a connection died and its installer still runs."""

import errno
import fcntl
import json
import os
import time

from .._base.errors import EnvironmentProblem
from .additions import start_record


class Lock(object):
    """An exclusive flock on <root>/state/lock.

    The lock belongs to the open file, so a child that inherits `descriptor` keeps it when this process is killed: the
    next run waits for an orphaned installer that still writes.
    """

    def __init__(self, path, timeout):
        self.path = path
        self.timeout = timeout
        self.descriptor = None

    def __enter__(self):
        start_record(os.path.dirname(os.path.dirname(self.path)))
        deadline = time.time() + self.timeout
        while not self._try_acquire():
            if time.time() >= deadline:
                raise EnvironmentProblem(
                    "another run is active: %s; waited %d s for it. Let it finish or stop it, then run again"
                    % (self._describe_holder(), self.timeout)
                )
            time.sleep(0.2)
        os.ftruncate(self.descriptor, 0)
        os.pwrite(
            self.descriptor,
            json.dumps({"pid": os.getpid(), "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}).encode(),
            0,
        )
        return self

    def __exit__(self, *unused):
        os.close(self.descriptor)
        self.descriptor = None

    def _try_acquire(self):
        descriptor = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # state=absent removes the file that it holds: the file that was opened may not be the lock any more.
            if os.path.samestat(os.fstat(descriptor), os.stat(self.path)):
                self.descriptor, descriptor = descriptor, None
                return True
        except OSError as error:
            if error.errno not in (errno.EWOULDBLOCK, errno.ENOENT):
                raise
        finally:
            if descriptor is not None:
                os.close(descriptor)
        return False

    def _describe_holder(self):
        try:
            with open(self.path) as stream:
                holder = json.load(stream)
            pid, since = int(holder["pid"]), holder["since"]
        except (OSError, ValueError, KeyError, TypeError):
            return "its process is unknown; the lock is %s" % self.path
        orphan = "" if os.path.exists("/proc/%d" % pid) else " (that process has ended, but a child of it still runs)"
        return "process %d has held %s since %s%s" % (pid, self.path, since, orphan)
