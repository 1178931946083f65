# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How much of a file that is being sent has been read: neither sftp nor scp tells Ansible."""

from __future__ import annotations

import contextlib
import os
import threading
import typing as t
from pathlib import Path

from . import progress

SECONDS = 1.0
PROC = Path("/proc")


@contextlib.contextmanager
def sending(host: str, path: Path, before: int, total: int) -> t.Iterator[None]:
    """Until the block ends, report the bytes sent: those C(before) this file, and what was read of it so far.

    Where the system does not say (Linux does), whole files are reported.
    """
    if not progress.is_on():
        yield
        return
    done, size = threading.Event(), path.stat().st_size

    def watch() -> None:
        while not done.wait(SECONDS):
            progress.append({"host": host, "sent": before + min(size, read_position(path)), "total": total})

    progress.append({"host": host, "sent": before, "total": total})
    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
    progress.append({"host": host, "sent": before + size, "total": total})


def read_position(path: Path, process: int | None = None) -> int:
    """The position in this file of this process or one that it started; 0 if none has it open."""
    wanted = os.path.realpath(path)
    queue = [process or os.getpid()]
    while queue:
        current = queue.pop()
        base = PROC / str(current)
        with contextlib.suppress(OSError, ValueError):  # a process may end at any time
            for link in (base / "fd").iterdir():
                if os.path.realpath(link) == wanted:
                    for line in (base / "fdinfo" / link.name).read_text(encoding="ascii").splitlines():
                        if line.startswith("pos:"):
                            return int(line.split()[1])
        with contextlib.suppress(OSError, ValueError):
            for task in (base / "task").iterdir():
                queue += map(int, (task / "children").read_text(encoding="ascii").split())
    return 0
