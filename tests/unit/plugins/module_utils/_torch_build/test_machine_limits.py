# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine can bear, what an interruption leaves behind, and processes that must be found again."""

import os
import subprocess
import sys
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._root.build_directory import acquire_lock, is_held
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build import machine_limits
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.errors import BuildProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.interruption import (
    discard_unsafe,
    move_times_to_past,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.processes import (
    clean_environment,
    find_processes,
    kill_all,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.source import EPOCH
from build_support import make_place


@pytest.fixture
def place(tmp_path):
    return make_place(tmp_path / "root")


# Boards and what worked on them: the sources are in the knowledge of https://github.com/pytorch/pytorch/issues/12644
# and 51535.
@pytest.mark.parametrize(
    "total, swap, cores, job_mib, jobs",
    [
        (488, 10240, 2, 2048, 1),  # PYNQ-Z1: only one job was seen to succeed
        (3792, 100, 4, 2048, 1),
        (3792, 2048, 4, 2048, 2),  # Pi 4 of 4 GB
        (7812, 2048, 4, 2048, 4),
        (15600, 0, 8, 4096, 3),  # CUDA
        (1900, 0, 4, 2048, 1),  # never none
    ],
)
def test_jobs(total, swap, cores, job_mib, jobs):
    assert machine_limits.jobs_for({"total": total, "swap": swap}, cores, job_mib) == jobs


def test_jobs_that_are_asked_for_and_jobs_elsewhere():
    machine = {"total": 1900, "swap": 0}
    assert machine_limits.jobs_for(machine, 4, 2048, asked=3) == 3
    assert machine_limits.count_remote_jobs(["pc/8,lzo", "pi4", "--randomize"]) == 16
    assert machine_limits.jobs_for(machine, 4, 2048, remote=16) == 3


def test_memory_within_a_container():
    files = {"/proc/meminfo": "MemTotal:  8000000 kB\nMemAvailable: 6000000 kB\nSwapTotal:  2048000 kB\n"}
    assert machine_limits.read_memory(files.get) == {"total": 7812, "swap": 2000, "available": 5859}
    files.update({"/sys/fs/cgroup/memory.max": "536870912\n", "/sys/fs/cgroup/memory.current": "209715200\n"})
    assert machine_limits.read_memory(files.get) == {"total": 512, "swap": 2000, "available": 312}
    files["/sys/fs/cgroup/memory.max"] = "max\n"
    assert machine_limits.read_memory(files.get)["total"] == 7812


def test_too_little_memory_says_how_much_swap():
    with pytest.raises(BuildProblem) as problem:
        machine_limits.check_memory({"total": 488, "swap": 100}, 4096, "compiling torch 2.6.0")
    assert str(problem.value).startswith(
        "compiling torch 2.6.0 needs 4096 MiB of memory and swap, this machine has 488 MiB and 100 MiB of swap."
    )
    assert "torch_build_swap_mib: 3608" in str(problem.value)
    machine_limits.check_memory({"total": 3792, "swap": 0}, 4096, "a board of nominal 4 GiB")


def test_too_little_space(tmp_path):
    machine_limits.check_space(str(tmp_path / "not" / "yet" / "there"), 1)
    with pytest.raises(BuildProblem) as problem:
        machine_limits.check_space(str(tmp_path), 1 << 40, used_mib=7)
    assert "the build needs 1099511627776 MiB there and already uses 7 MiB of them" in str(problem.value)


def test_times_of_the_future_move_in_their_order(tmp_path):
    now = time.time()
    times = {"source.cpp": EPOCH, "old.o": now - 100, "generated.h": now + 5000, "new.o": now + 5001}
    for name, moment in times.items():
        (tmp_path / name).write_text("")
        os.utime(str(tmp_path / name), (moment, moment))
    (tmp_path / "link").symlink_to("nowhere")
    assert 5001 <= move_times_to_past(str(tmp_path)) <= 5003
    found = dict((name, os.stat(str(tmp_path / name)).st_mtime) for name in times)
    assert sorted(found, key=found.get) == sorted(times, key=times.get)
    assert found["source.cpp"] == EPOCH and max(found.values()) <= time.time()
    assert found["new.o"] - found["generated.h"] == pytest.approx(1)
    assert move_times_to_past(str(tmp_path)) == 0


def test_a_clock_that_was_never_set(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 86400.0)
    with pytest.raises(BuildProblem, match="the clock of this machine is at 1970-01-02"):
        move_times_to_past(str(tmp_path))


def test_objects_that_a_power_cut_may_have_cheated(tmp_path):
    now = time.time()
    for name, content, moment in (
        ("good.o", b"\x7fELF...", now - 100),
        ("hollow.o", b"\0" * 100, now - 100),
        ("empty.a", b"", now - 100),
        ("young.o", b"\x7fELF...", now),
        ("young.h", b"", now),
        ("good.a", b"!<arch>\n", now - 100),
    ):
        (tmp_path / name).write_bytes(content)
        os.utime(str(tmp_path / name), (moment, moment))
    assert discard_unsafe(str(tmp_path), now - 10) == 3
    assert sorted(os.listdir(str(tmp_path))) == ["good.a", "good.o", "young.h"]


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


def test_the_lock_is_one_supervisors(place):
    assert not is_held(place)
    first = acquire_lock(place)
    assert is_held(place) and acquire_lock(place) is None
    first.close()
    assert not is_held(place)
    acquire_lock(place, seconds=1).close()
