# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a machine can bear, what an interruption leaves behind, and processes that must be found again."""

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build import machine_limits


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
    assert machine_limits.jobs_for(machine, 4, 2048, requested=3) == 3
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
    with pytest.raises(EnvironmentProblem) as problem:
        machine_limits.check_memory({"total": 488, "swap": 100}, 4096, "compiling torch 2.6.0")
    assert str(problem.value).startswith(
        "compiling torch 2.6.0 needs 4096 MiB of memory and swap, this machine has 488 MiB and 100 MiB of swap."
    )
    assert "torch_build_swap_mib: 3608" in str(problem.value)
    machine_limits.check_memory({"total": 3792, "swap": 0}, 4096, "a board of nominal 4 GiB")


def test_too_little_space(tmp_path):
    machine_limits.check_space(str(tmp_path / "not" / "yet" / "there"), 1)
    with pytest.raises(EnvironmentProblem) as problem:
        machine_limits.check_space(str(tmp_path), 1 << 40, used_mib=7)
    assert "the build needs 1099511627776 MiB there and already uses 7 MiB of them" in str(problem.value)
