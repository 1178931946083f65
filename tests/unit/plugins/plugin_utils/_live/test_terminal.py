# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Descriptors 1 and 2 of a process, tried in a process of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.terminal import ENTER, LEAVE

pytestmark = pytest.mark.slow
BEGIN = """
import os, subprocess, sys, time
from pathlib import Path
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.terminal import Terminal
folder = Path(sys.argv[1])
terminal = Terminal()
print("before", flush=True)
terminal.begin()
print("held back")
"""


def run(code, folder, **options):
    command = [sys.executable, "-c", BEGIN + textwrap.dedent(code), str(folder)]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    return subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options
    )


def output(code, folder):
    process = run(code, folder)
    text, _none = process.communicate(timeout=60)
    assert process.returncode == 0, text
    return text


def test_what_anyone_writes_goes_to_the_log(tmp_path):
    code = """
        terminal.keep_log(folder)
        print("later")
        print("warning", file=sys.stderr)
        subprocess.run(["sh", "-c", "echo child; echo child error >&2"])
        if os.fork() == 0:
            print("forked", flush=True)
            terminal.end()
            os._exit(0)
        os.wait()
        terminal.write_line("shown")
        terminal.end()
        print("after")
    """
    assert output(code, tmp_path) == "before\nshown\nafter\n"
    log = tmp_path / "ansible.log"
    assert log.read_text(encoding="utf-8") == "held back\nlater\nwarning\nchild\nchild error\nforked\n"
    assert log.stat().st_mode & 0o777 == 0o600


def test_a_run_that_is_not_shown_gets_its_output(tmp_path):
    assert output("terminal.end(show_log=True)\nprint('after')", tmp_path) == "before\nheld back\nafter\n"


def test_the_tail_begins_at_the_mark(tmp_path):
    code = """
        terminal.mark()
        print("the error")
        tail = terminal.tail()
        terminal.end()
        print(repr(tail))
    """
    assert output(code, tmp_path) == "before\n'the error\\n'\n"


def test_a_directory_that_cannot_be_written_leaves_the_log_where_it_is(tmp_path):
    code = "terminal.keep_log(folder / 'none')\nprint('more')\nterminal.end(show_log=True)"
    assert output(code, tmp_path) == "before\nheld back\nmore\n"


def test_the_screen_is_left_once(tmp_path):
    code = "terminal.draw(['a', 'b'])\nterminal.draw(['c'])\nterminal.end()\nterminal.end()\nprint('after')"
    text = output(code, tmp_path)
    assert text.count(ENTER) == text.count(LEAVE) == 1
    assert text.endswith(f"{LEAVE}after\n")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_killed_run_leaves_the_screen(tmp_path, number):
    code = "terminal.watch_signals()\nterminal.draw(['a'])\n(folder / 'ready').touch()\ntime.sleep(60)"
    process = run(code, tmp_path)
    while not (tmp_path / "ready").exists():
        time.sleep(0.05)
    process.send_signal(number)
    text, _none = process.communicate(timeout=30)
    assert text.endswith(LEAVE) and process.returncode == -number
