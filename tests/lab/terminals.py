# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A terminal of any size in which a program runs, as a person sees it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import termios
import time
from pathlib import Path

import pyte


class RunningTerminal:
    """A program that has a terminal; C(raw) is everything that it wrote."""

    def __init__(self, command: list[str], directory: Path, environment: dict[str, str], size: tuple[int, int]) -> None:
        self.raw, self.status = b"", None
        self.screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self.screen)
        self._pid, self._fd = pty.fork()
        if self._pid == 0:
            try:
                os.chdir(directory)
                os.execvpe(command[0], command, environment)  # noqa: S606 (the test gives the command)
            finally:
                os._exit(127)
        self.resize(*size)

    def resize(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
        self.screen.resize(lines, columns)

    def press(self, keys: bytes) -> None:
        os.write(self._fd, keys)

    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.screen.display)

    def read(self, seconds: float = 0.2) -> bool:
        """Read what the program writes in this time; False after its end."""
        if self.status is not None:
            return False
        ready, _write, _error = select.select([self._fd], [], [], seconds)
        if ready:
            try:
                found = os.read(self._fd, 65536)
            except OSError:  # how Linux reports that the other end is closed
                found = b""
            if not found:
                _pid, status = os.waitpid(self._pid, 0)
                self.status = os.waitstatus_to_exitcode(status)
                return False
            self.raw += found
            self._stream.feed(found)
        return True

    def wait_for(self, text: str, seconds: float = 120) -> str:
        """The screen as soon as it has this text."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            alive = self.read()
            if text in self.text():
                return self.text()
            assert alive, f"the program ended with {self.status}, before {text!r}:\n{self.text()}"
        raise AssertionError(f"no {text!r} within {seconds} s:\n{self.text()}")

    def wait(self, seconds: float = 180) -> int:
        """The exit status."""
        deadline = time.monotonic() + seconds
        while self.read():
            assert time.monotonic() < deadline, f"the program did not end within {seconds} s:\n{self.text()}"
        return self.status

    def close(self) -> None:
        if self.status is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        os.close(self._fd)
