# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import subprocess
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System


def test_run():
    system = System()
    assert system.run(["sh", "-c", "echo out; echo err >&2; exit 3"], 20) == (3, "out\n", "err\n")
    assert system.run(["/nonexistent/program"], 20) is None
    assert system.run(["sh", "-c", "kill -ILL $$"], 20)[0] == -4


def test_run_ends_what_hangs_and_what_it_started(tmp_path):
    started = time.monotonic()
    answers = System().run_all(
        [["sh", "-c", "sleep 300 & echo $! > %s; wait" % (tmp_path / "pid")], ["echo", "quick"], ["sleep", "300"]], 1
    )
    assert answers == [None, (0, "quick\n", ""), None]
    assert time.monotonic() - started < 10
    pid = (tmp_path / "pid").read_text().strip()
    for _attempt in range(100):
        status = System().read("/proc/%s/stat" % pid)
        if status is None or status.rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child of a command that was ended still runs")


def test_hwcap_is_what_the_loader_was_given():
    # Not getauxval(): glibc answers for AT_HWCAP with bits of its own on x86.
    shown = subprocess.check_output(["true"], env=dict(os.environ, LD_SHOW_AUXV="1")).decode()
    hwcap = [line.split()[1] for line in shown.splitlines() if line.startswith("AT_HWCAP:")]
    if not hwcap:
        pytest.skip("this C library does not show its auxiliary vector")
    assert System().read_hwcap() == int(hwcap[0], 16)
