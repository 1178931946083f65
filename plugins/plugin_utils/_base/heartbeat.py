# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A module prints nothing until it ends: meanwhile the control node shows that it is still at work."""

from __future__ import annotations

import contextlib
import threading
import time
import typing as t

from ansible.utils.display import Display

from . import progress

SECONDS = 20

display = Display()


@contextlib.contextmanager
def heartbeat(host: str, doing: str) -> t.Iterator[None]:
    """Every 20 seconds a line such as C(pi-3: installing, 40 s), until the block ends. The live view has a clock."""
    if progress.is_on():
        progress.append({"host": host, "doing": doing})
        yield
        return
    done, started = threading.Event(), time.monotonic()

    def beat() -> None:
        while not done.wait(SECONDS):
            display.display(f"{host}: {doing}, {time.monotonic() - started:.0f} s")

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
