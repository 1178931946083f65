# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""The limits of this machine: memory, compile jobs, disk space, temperature."""

import glob
import os
import re
import shutil

from .._base.errors import EnvironmentProblem
from .._base.files import read_or_none
from .._base.machine import VCGENCMD_DIRECTORIES, describe_throttled, parse_meminfo, parse_throttled
from .processes import run

MIB = 1 << 20
# A board with 512 MB and 10 GB of swap was only seen to succeed with one job:
# https://github.com/pytorch/pytorch/issues/12644
ONE_JOB_BELOW_MIB = 1024
# With distcc only preprocessing happens here.
_REMOTE_JOB_MIB = 512
_NO_LIMIT = 1 << 60


def read_memory(read=read_or_none):
    """{'total', 'swap', 'available'} in MiB, within the limits of a container."""
    sizes = dict((name, size // MIB) for name, size in parse_meminfo(read("/proc/meminfo")).items())
    total, available = sizes.get("MemTotal", 0), sizes.get("MemAvailable", sizes.get("MemFree", 0))
    for limit, used in (
        ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory.current"),
        ("/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/memory/memory.usage_in_bytes"),
    ):
        text = (read(limit) or "").strip()
        if text.isdigit() and int(text) < _NO_LIMIT and int(text) // MIB < total:
            total = int(text) // MIB
            available = min(available, max(0, total - int((read(used) or "0").strip() or 0) // MIB))
    return {"total": total, "swap": sizes.get("SwapTotal", 0), "available": available}


def check_memory(memory, needed, what):
    """EnvironmentProblem if RAM and swap together are less than needed."""
    # The firmware of a board with nominal 4 GiB keeps some of it.
    if memory["total"] + memory["swap"] < needed * 9 // 10:
        raise EnvironmentProblem(
            "%s needs %d MiB of memory and swap, this machine has %d MiB and %d MiB of swap. Add swap"
            " (torch_build_swap_mib: %d; it wears out an SD card, a USB disk is better), or compile on another machine"
            " (torch_builder)" % (what, needed, memory["total"], memory["swap"], needed - memory["total"])
        )


def jobs_for(memory, cores, job_mib, requested=0, remote=0):
    """How many compilers may run at once: one for each core (or slot of a helper), while each has its share of RAM and
    swap.
    """
    if requested:
        return requested
    if remote:
        return max(1, min(remote, (memory["total"] + memory["swap"]) // _REMOTE_JOB_MIB))
    if memory["total"] < ONE_JOB_BELOW_MIB:
        return 1
    return max(1, min(cores, (memory["total"] + memory["swap"]) // job_mib))


def count_remote_jobs(hosts):
    """How many compilers distcc may run on its hosts: four for host/4, distcc's default for host alone."""
    return sum(int(match.group(1)) if match else 4 for match in (re.search(r"/(\d+)", host) for host in hosts))


def check_space(path, needed_mib, used_mib=0):
    """A problem if the disk has too little space; space that an interrupted build already uses counts as free."""
    while not os.path.isdir(path):
        path = os.path.dirname(path)
    free = free_mib(path)
    if free + used_mib < needed_mib:
        raise EnvironmentProblem(
            "%s has %d MiB free, the build needs %d MiB there%s. Make space, move torch_root to another disk, or"
            " compile on another machine (torch_builder)"
            % (path, free, needed_mib, " and already uses %d MiB of them" % used_mib if used_mib else "")
        )


def free_mib(path):
    disk = os.statvfs(path)
    return disk.f_bavail * disk.f_frsize // MIB


def used_mib(path):
    """The disk space of a directory."""
    total = 0
    for folder, _directories, files in os.walk(path):
        for name in files:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks * 512
            except OSError:
                continue
    return total // MIB


def read_temperature():
    """The hottest thermal zone in degrees Celsius; None without any."""
    texts = [(read_or_none(path) or "").strip() for path in glob.glob("/sys/class/thermal/thermal_zone*/temp")]
    temperatures = [int(text) / 1000.0 for text in texts if re.match(r"-?\d+$", text)]
    return round(max(temperatures), 1) if temperatures else None


def read_throttling(environment):
    """Power and heat problems that a Raspberry Pi reports now, as text."""
    program = shutil.which("vcgencmd", path=":".join(VCGENCMD_DIRECTORIES))
    value = program and parse_throttled(run([program, "get_throttled"], environment, "/", timeout=10)[1])
    return describe_throttled(int(value or "0", 16)) or None
