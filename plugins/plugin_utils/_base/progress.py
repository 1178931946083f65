# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What runs on the control node says how far it is: JSON lines, which the live view reads.

A callback sees only the beginning and the end of a task. Ansible forks a process for each task of each host, so what
the callback sets here is known there. Without a live view, nothing is written.
"""

from __future__ import annotations

import contextlib
import dataclasses
import json
import os
import time
import typing as t
from pathlib import Path

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

FILE = "events.jsonl"
DIRECTORY = "progress"
#: Longer lines are left out: a line that is written at once is never mixed with another.
LONGEST = 1 << 16


@dataclasses.dataclass
class _Setting:
    path: Path | None = None
    run: Path | None = None


_setting = _Setting()


def turn_on(path: Path | None, run: Path | None = None) -> None:
    """Let this process and those that it forks append to this file; None ends that.

    C(run) is the directory of the run's report, if it has been made.
    """
    _setting.path, _setting.run = path, run


def is_on() -> bool:
    return _setting.path is not None


def run_directory() -> Path | None:
    return _setting.run


def make_run_directory(reports: Path, moment: str) -> Path:
    """A new directory for the reports of a run, named by a time such as C(2026-11-23T04:00:00Z)."""
    stamp, attempt = moment.replace(":", "").replace("-", ""), 0
    while True:
        run = reports / (stamp if not attempt else f"{stamp}-{attempt}")
        try:
            run.mkdir(parents=True)
            return run
        except FileExistsError:  # two runs in the same second
            attempt += 1


def append(event: t.Mapping[str, t.Any]) -> None:
    """Append an event. A full disk must not stop the work that it is about."""
    if _setting.path is None:
        return
    line = (
        redact(json.dumps({"at": round(time.time(), 2), **event}, separators=(",", ":"), default=str)) + "\n"
    ).encode()
    if len(line) > LONGEST:
        return
    with contextlib.suppress(OSError):
        descriptor = os.open(_setting.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            os.write(descriptor, line)
        finally:
            os.close(descriptor)


def append_lines(name: str, text: str) -> None:
    """A text of any length, in events of this name with whole lines."""
    part: list[str] = []
    size = 0
    for line in text.split("\n"):
        short = line[: LONGEST // 16]
        if size + len(short) > LONGEST // 16:
            append({name: "\n".join(part)})
            part, size = [], 0
        part.append(short)
        size += len(short) + 1
    append({name: "\n".join(part)})


class Reader:
    """The events of a file from where they were read last; a line that is not complete is left for later."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._position = 0

    def read(self) -> list[dict[str, t.Any]]:
        try:
            with self.path.open("rb") as stream:
                stream.seek(self._position)
                text = stream.read()
        except OSError:
            return []
        whole = text[: text.rfind(b"\n") + 1]
        self._position += len(whole)
        found = []
        for line in whole.splitlines():
            # A file system without an atomic append (NFS) may mix lines.
            with contextlib.suppress(ValueError):
                event = json.loads(line)
                if isinstance(event, dict):
                    found.append(event)
        return found
