# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A stand-in for a vendor's server on the control node: a web server for a lab's files, alive until the lab is
destroyed.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import debs
import files
import wheels

START_TIMEOUT = 10
KINDS = {"repack", "deb"}


def build(content: dict, directory: Path, description: Path) -> None:
    """Write the files of the server: by path, a content (files.py), {repack: [what to fetch, its new file name]} or
    {deb: a package (debs.py)}.
    """
    directory.mkdir(parents=True, exist_ok=True)
    for path, entry in content.items():
        target = directory / path
        kind = next(iter(entry)) if isinstance(entry, dict) and len(entry) == 1 else None
        if kind not in KINDS:
            files.write(entry, target, description)
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        if kind == "repack":
            wanted, filename = entry["repack"]
            # A copy: changes by a test must not reach the cache.
            shutil.copyfile(wheels.repack(wheels.fetch(wanted, filename), filename), target)
        else:
            target.write_bytes(debs.build(entry["deb"], "all"))


def serve(directory: Path) -> str:
    """Start a server for this directory on a free port of 127.0.0.1; return its URL. It outlives this process until
    `stop`.
    """
    log, state = directory.with_suffix(".log"), directory.with_suffix(".pid")
    command = [sys.executable, "-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", str(directory)]
    with log.open("wb") as output:
        server = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, start_new_session=True
        )
    state.write_text(str(server.pid), encoding="utf-8")
    deadline = time.monotonic() + START_TIMEOUT
    while not (found := re.search(r"port (\d+)", log.read_text(encoding="utf-8"))):
        if server.poll() is not None or time.monotonic() > deadline:
            sys.exit(f"The server for {directory} does not start: {log.read_text(encoding='utf-8')}")
        time.sleep(0.05)
    return f"http://127.0.0.1:{found[1]}"


def stop(directory: Path) -> None:
    """End this directory's server, if it has one."""
    try:
        pid = int(directory.with_suffix(".pid").read_text(encoding="utf-8"))
        # After a reboot, another process may have this number.
        if os.fsencode(directory) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            os.kill(pid, signal.SIGTERM)
    except (FileNotFoundError, ProcessLookupError):
        pass
