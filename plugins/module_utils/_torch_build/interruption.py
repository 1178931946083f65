# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Repairs to a build tree after an interruption: times in the future, and files that a power cut truncated."""

import os
import time

from .._base.errors import EnvironmentProblem
from .source import EPOCH

_OBJECTS = (".o", ".a", ".so", ".obj")
_ELF, _AR, _THIN = b"\x7fELF", b"!<ar", b"!<th"


def clock_offset():
    """Changes only when the clock is set, by as much."""
    return time.time() - time.monotonic()


def move_times_to_past(tree):
    """Shift the times of built files into the past, in their order, if some are in the future; by how many seconds.

    A board without a battery starts with an old clock. ninja would see every new file as older than its inputs and
    build it again and again.
    """
    now = time.time()
    if now < EPOCH:
        raise EnvironmentProblem(
            "the clock of this machine is at %s: set it, or wait until it is set from the network"
            % time.strftime("%Y-%m-%d", time.gmtime(now))
        )
    built = [(path, stat) for path, stat in _walk_files(tree) if stat.st_mtime > EPOCH]
    ahead = max([stat.st_mtime for _path, stat in built] or [0]) - now
    if ahead <= 0:
        return 0
    shift = int(ahead) + 1
    for path, stat in built:
        os.utime(path, (stat.st_atime, max(EPOCH + 1, stat.st_mtime - shift)), follow_symlinks=False)
    return shift


def discard_unsafe(tree, safe_until):
    """Remove object files that may be truncated after a power cut, newer than the last sync or without a valid header;
    how many.
    """
    unsafe = [
        path
        for path, stat in _walk_files(tree)
        if path.endswith(_OBJECTS) and (stat.st_mtime > safe_until or _lacks_header(path))
    ]
    for path in unsafe:
        os.unlink(path)
    return len(unsafe)


def _lacks_header(path):
    with open(path, "rb") as stream:
        return stream.read(4) not in (_ELF, _AR, _THIN)


def _walk_files(tree):
    for folder, _directories, files in os.walk(tree):
        for name in files:
            path = os.path.join(folder, name)
            if not os.path.islink(path):
                yield path, os.stat(path)
