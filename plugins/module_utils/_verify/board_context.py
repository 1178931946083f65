# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What the probe cannot see from inside its process: the board and the environment.

Only files are read; no command runs.
"""

import glob
import os
import re

from .._base.elf import find_library_that_needs
from .._base.files import read_or_none
from .._environment.carry import find_distributions
from .._environment.status import read_complete

NAMES = ("torch", "pytorch")  # PyPI's and conda's
# What works with one release of torch only.
COMPANIONS = ("torchvision", "torchaudio", "torch-npu", "torchcodec", "triton")


def count_oom_kills():
    """How many processes the kernel has killed for lack of memory since it started; None if it does not count."""
    match = re.search(r"^oom_kill (\d+)$", read_or_none("/proc/vmstat") or "", re.M)
    return int(match.group(1)) if match else None


def read_temperature():
    """The highest temperature of the kernel's thermal zones in degrees Celsius, or None."""
    zones = [read_or_none(path) or "" for path in glob.glob("/sys/class/thermal/thermal_zone*/temp")]
    # Zones that are switched off fail or give nonsense.
    degrees = [int(zone) / 1000.0 for zone in zones if re.match(r"-?\d{1,7}$", zone.strip())]
    return max((degree for degree in degrees if -50 < degree < 150), default=None)


def list_full_disks(places):
    """The file systems of these paths on which nothing can be written: "/tmp: 0 MiB free"."""
    full = {}
    for place in places:
        try:
            found, device = os.statvfs(place), os.stat(place).st_dev
        except OSError:
            continue
        free = found.f_bavail * found.f_frsize
        if free < 16 << 20:
            full.setdefault(device, "%s: %d MiB free" % (place, free >> 20))
        elif found.f_files and not found.f_favail:
            full.setdefault(device, "%s: no inodes free" % place)
    return sorted(full.values())


def compare_with_lock(python):
    """(installed version of torch, locked version) of an environment of this collection; None for any other."""
    env = os.path.dirname(os.path.dirname(python))
    wheels = (read_complete(env) or {}).get("wheels", [])
    locked = next((wheel["version"] for wheel in wheels if wheel["name"] in NAMES), None)
    if locked is None:
        return None
    return read_versions(env, ("torch",)).get("torch"), locked


def find_replaced_companions(python):
    """{name: (installed version, locked version)} of what torch works with and is not the locked one."""
    env = os.path.dirname(os.path.dirname(python))
    wheels = (read_complete(env) or {}).get("wheels", [])
    locked = dict((wheel["name"], wheel["version"]) for wheel in wheels if wheel["name"] in COMPANIONS)
    pairs = dict((name, (version, locked[name])) for name, version in read_versions(env, locked).items())
    return dict((name, pair) for name, pair in pairs.items() if is_replaced(pair))


def read_versions(env, names):
    """The versions of these distributions, as far as they are installed in the environment."""
    try:
        found = find_distributions(env)
    except OSError:
        return {}
    return dict(
        (name, os.path.basename(found[name].path)[: -len(found[name].kind)].partition("-")[2])
        for name in names
        if name in found
    )


def is_replaced(pair):
    """Whether another torch than the locked one is installed. conda's metadata for pip may lack the build's label."""
    if not pair or not pair[0]:
        return False
    installed, locked = (normalize_version(version) for version in pair)
    return locked not in (installed, installed.partition("+")[0])


def normalize_version(version):
    """A version in one spelling: nv24.08 in a file's name is nv24.8 for a resolver (PEP 440)."""
    return re.sub(r"(?<![a-z0-9])0+(?=[0-9])", "", re.sub("[-_]", ".", version.lower()))


def find_who_needs_library(library, torch_file):
    """Which file of the environment needs a library; torch's own files first."""
    if not torch_file:
        return None
    package = os.path.dirname(torch_file)
    return find_library_that_needs(library, [os.path.join(package, "lib"), package])
