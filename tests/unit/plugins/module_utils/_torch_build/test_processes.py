# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Processes of a build."""

import os
import subprocess
import sys
import time

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.processes import (
    clean_environment,
    find_processes,
    kill_all,
)
from build_support import make_place


def test_every_process_of_a_build_is_found_and_ended(place):
    other = make_place(os.path.join(os.path.dirname(place.path), "other"))
    program = (
        'import subprocess, sys, time; subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],'
        " start_new_session=True); time.sleep(600)"
    )
    mine, others = (
        subprocess.Popen([sys.executable, "-c", program], env=clean_environment(where)) for where in (place, other)
    )
    try:
        deadline = time.time() + 30
        while len(find_processes(place)) < 2 or len(find_processes(other)) < 2:
            assert time.time() < deadline
            time.sleep(0.05)
        # Its parent gone, nothing but its variable tells whose it is.
        mine.kill()
        mine.wait()
        assert len(find_processes(place)) == 1
        kill_all(place)
        assert find_processes(place) == []
        assert len(find_processes(other)) == 2
    finally:
        kill_all(place)
        kill_all(other)
        others.wait()
