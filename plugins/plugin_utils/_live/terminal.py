# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The terminal of a run: what Ansible writes goes to a log, and the terminal has the screen or short lines.

The file descriptors 1 and 2 are replaced, so that nothing reaches the terminal by another way: warnings, tracebacks,
what ssh says. Writes to the terminal are single system calls: a thread writes, and Ansible forks processes, which must
not inherit a lock that the thread holds.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import sys
import tempfile
import typing as t
from pathlib import Path

# What terminals since the VT100 and xterm know: the second screen, the cursor, erasing.
ENTER, LEAVE = "\x1b[?1049h\x1b[?25l\x1b[H\x1b[2J", "\x1b[?25h\x1b[?1049l"
HOME, REST_OF_LINE, REST_OF_SCREEN = "\x1b[H", "\x1b[K", "\x1b[J"
LOG = "ansible.log"
#: At the end of a run that broke off, so much of the log is shown at most.
TAIL = 1 << 16


class Terminal:
    """Between begin() and end(), descriptors 1 and 2 are the log."""

    def __init__(self) -> None:
        self._saved: tuple[int, int] | None = None
        self._log: t.BinaryIO | None = None
        self._on_screen = False
        self._owner = os.getpid()
        self._mark = 0
        self.path: Path | None = None

    @property
    def is_active(self) -> bool:
        return self._saved is not None and os.getpid() == self._owner

    def begin(self) -> None:
        if self._saved is not None:
            return
        self._flush()
        self._log = t.cast(t.BinaryIO, tempfile.TemporaryFile(prefix="edgeai-fleet-"))
        self.path, self._mark = None, 0
        self._saved = (os.dup(1), os.dup(2))
        # Written line by line, so that the log is complete when the run breaks off.
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(AttributeError, ValueError):
                t.cast(t.Any, stream).reconfigure(line_buffering=True)
        self._point_to_log()

    def keep_log(self, folder: Path) -> None:
        """Continue the log in this directory."""
        if self._log is None:
            return
        path = folder / LOG
        with contextlib.suppress(OSError):  # without a directory, the log stays a temporary file
            new = t.cast(t.BinaryIO, os.fdopen(os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600), "a+b", 0))
            self._flush()
            self._log.seek(0)
            shutil.copyfileobj(self._log, new)
            self._log.close()
            self._log, self.path = new, path
            self._point_to_log()

    def mark(self) -> None:
        """What is logged from here on is shown if the run breaks off."""
        if self._log is not None:
            self._flush()
            self._mark = os.fstat(self._log.fileno()).st_size

    def tail(self) -> str:
        if self._log is None:
            return ""
        self._flush()
        size = os.fstat(self._log.fileno()).st_size
        return os.pread(self._log.fileno(), TAIL, max(self._mark, size - TAIL)).decode("utf-8", "replace")

    def end(self, show_log: bool = False) -> None:
        """Give the descriptors back; with show_log, everything that was logged goes where Ansible wanted it."""
        if not self.is_active:
            return
        self.leave_screen()
        self._flush()
        saved, self._saved = self._saved, None
        if saved is None or self._log is None:
            return
        for descriptor, original in enumerate(saved, start=1):
            os.dup2(original, descriptor)
            os.close(original)
        if show_log:
            self._log.seek(0)
            while text := self._log.read(1 << 16):
                _write_all(1, text)
        self._log.close()
        self._log = None

    # --- the terminal itself

    def is_terminal(self) -> bool:
        return os.isatty(self._saved[0] if self._saved else 1) and os.environ.get("TERM", "") not in ("", "dumb")

    def size(self) -> tuple[int, int]:
        """Columns and lines."""
        with contextlib.suppress(OSError):
            found = os.get_terminal_size(self._saved[0] if self._saved else 1)
            if found.columns and found.lines:
                return found.columns, found.lines
        return 80, 24

    def write_line(self, text: str) -> None:
        if self._saved:
            _write_all(self._saved[0], (text + "\n").encode("utf-8", "replace"))

    def draw(self, lines: t.Sequence[str]) -> None:
        """The whole screen, without a moment in which it is empty."""
        if not self._saved:
            return
        before = "" if self._on_screen else ENTER
        self._on_screen = True
        body = "\r\n".join(line + REST_OF_LINE for line in lines)
        _write_all(self._saved[0], f"{before}{HOME}{body}{REST_OF_SCREEN}".encode("utf-8", "replace"))

    def leave_screen(self) -> None:
        if self._on_screen and self._saved:
            self._on_screen = False
            _write_all(self._saved[0], LEAVE.encode())

    def watch_signals(self) -> None:
        """Give the screen back before this process is ended from outside. Ctrl-C is Ansible's."""
        for number in (signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._die)

    def _die(self, number: int, _frame: t.Any) -> None:
        if os.getpid() == self._owner:  # not a process that Ansible forked
            self.end()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    def _point_to_log(self) -> None:
        if self._log is not None:
            self._log.seek(0, os.SEEK_END)
            for descriptor in (1, 2):
                os.dup2(self._log.fileno(), descriptor)

    def _flush(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()


def _write_all(descriptor: int, text: bytes) -> None:
    with contextlib.suppress(OSError):  # a terminal that is gone must not end the run
        while text:
            text = text[os.write(descriptor, text) :]
