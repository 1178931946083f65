# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What the facts of a board mean for a diagnosis: conditions that tell causes apart, and commands of its system.

None is a condition that is not known: a board may be described by a person, and any fact may be missing.
"""

import re

PAGE = 4096
# The newest version of GLIBCXX that the libstdc++ of a distribution has, as N of GLIBCXX_3.4.N.
LIBSTDCXX = {
    ("ubuntu", "18.04"): 25,
    ("ubuntu", "20.04"): 28,
    ("ubuntu", "22.04"): 30,
    ("ubuntu", "24.04"): 33,
    ("debian", "10"): 25,
    ("debian", "11"): 28,
    ("debian", "12"): 30,
    ("debian", "13"): 33,
}
LIBSTDCXX.update(
    (("raspbian", release), newest) for (name, release), newest in list(LIBSTDCXX.items()) if name[0] == "d"
)
# Systems whose package manager Ansible's facts do not name.
MANAGERS = {"nixos": "nix", "alpine": "apk"}
COMMANDS = {
    "apt": "apt-get install %s",
    "dnf": "dnf install %s",
    "dnf5": "dnf install %s",
    "yum": "yum install %s",
    "zypper": "zypper install %s",
    "pacman": "pacman -S %s",
    "apk": "apk add %s",
    "nix": "add %s to environment.systemPackages in the system's configuration",
    "unknown": "install %s with the system's package manager",
    None: "install the package %s (apt-get install %s on Debian and Ubuntu)",
}
# Names of a package with other managers than apt.
NAMES = {
    "dnf": {
        "linux-headers-$(uname -r)": "kernel-devel-$(uname -r)",
        "ca-certificates": "ca-certificates",
        "libgomp1": "libgomp",
        "libstdc++6": "libstdc++",
        "libopenblas0": "openblas",
        "libnuma1": "numactl-libs",
        "build-essential": "gcc gcc-c++ make",
        "python3-dev": "python3-devel",
        "g++": "gcc-c++",
        "libatomic1": "libatomic",
    },
    "zypper": {
        "build-essential": "gcc gcc-c++ make",
        "python3-dev": "python3-devel",
        "g++": "gcc-c++",
        "linux-headers-$(uname -r)": "kernel-default-devel",
    },
    "pacman": {
        "build-essential": "base-devel",
        "python3-dev": "python",
        "python3-numpy": "python-numpy",
        "g++": "gcc",
        "libatomic1": "gcc-libs",
        "python3": "python",
        "linux-headers-$(uname -r)": "linux-headers",
        "libgomp1": "gcc-libs",
    },
    "apk": {
        "build-essential": "build-base",
        "python3-numpy": "py3-numpy",
        "libatomic1": "libatomic",
        "libgomp1": "libgomp",
        "libstdc++6": "libstdc++",
        "linux-headers-$(uname -r)": "linux-lts-dev",
    },
    "nix": {"libgomp1": "libgcc.lib", "libstdc++6": "stdenv.cc.cc.lib"},
}
NAMES["dnf5"] = NAMES["yum"] = NAMES["dnf"]
# How a company's certificate becomes one of the system.
TRUST = {
    "apt": "update-ca-certificates",
    "apk": "update-ca-certificates",
    "zypper": "update-ca-certificates",
    "dnf": "update-ca-trust",
    "dnf5": "update-ca-trust",
    "yum": "update-ca-trust",
    "pacman": "update-ca-trust",
    "nix": "security.pki.certificateFiles",
    None: "update-ca-certificates",
}
# The compute capability of Tegra's GPUs.
CAPABILITIES = {"tegra210": "5.3", "tegra186": "6.2", "tegra194": "7.2", "tegra234": "8.7", "tegra264": "11.0"}
# What _board/conditions.py says of the board.
CLOCK = re.compile(
    r"^the clock of this board says (\S{1,20} \S{1,20} UTC), the control node's (\S{1,20} \S{1,20} UTC):"
)
READ_ONLY = re.compile(r"^the file system of (\S{1,300}) \(.{1,300}\) is mounted read-only")
VOLATILE = re.compile(r"^what is installed at (\S{1,300}) is lost at the next start: (.{1,300}?)\. ")
# Errors of open() on a device node, and what they mean.
CLOSED, FORBIDDEN, DEAD = ("EACCES",), ("EPERM",), ("ENXIO", "ENODEV", "EIO")


class Install(object):
    """{install[package]} in a fix: the command that installs it here. The name is Debian's."""

    def __init__(self, manager):
        self.manager = manager if manager in COMMANDS else "unknown"

    def __getitem__(self, package):
        command = COMMANDS[self.manager]
        return command.replace("%s", NAMES.get(self.manager, {}).get(package, package))


def describe_board(board, container=None):
    """The conditions of the board, as board_facts returns it or a person describes it; `container`: whether this is
    one.
    """
    platform, key, system = board.get("platform") or {}, board.get("key") or {}, board.get("os") or {}
    cpu, libc, memory = board.get("cpu") or {}, board.get("libc") or {}, board.get("memory") or {}
    accelerators = [device for device in board.get("accelerators") or [] if isinstance(device, dict)]
    warnings = [str(warning) for warning in board.get("warnings") or []]
    identity, page = system.get("id"), board.get("page_size")
    clock, read_only, volatile = (find_first(pattern, warnings) for pattern in (CLOCK, READ_ONLY, VOLATILE))
    return {
        "soc": board.get("soc"),
        "cuda": platform.get("cuda") or next((device.get("cuda") for device in accelerators), None),
        "cudnn": platform.get("cudnn"),
        "tensorrt": platform.get("tensorrt"),
        "l4t": key.get("l4t"),
        "cann": key.get("cann"),
        "driver": key.get("driver"),
        "container": container,
        "manager": system.get("package_manager") or MANAGERS.get(identity) or ("unknown" if system else None),
        "system": identity,
        "newest_libstdcxx": LIBSTDCXX.get((identity, system.get("version_id"))),
        "libc": libc.get("name"),
        "glibc": libc.get("version") if libc.get("name") == "glibc" else None,
        "large_pages": page > PAGE if isinstance(page, int) else None,
        "old_cpu": cpu["level"] < 2 if isinstance(cpu.get("level"), int) else None,
        "memory": memory.get("total") if isinstance(memory.get("total"), int) else None,
        "large_memory": memory["total"] > 2 << 30 if isinstance(memory.get("total"), int) else None,
        "devices": len(accelerators) or None,
        "wrong_clock": clock is not None if warnings or "warnings" in board else None,
        "clock": clock,
        "read_only": read_only is not None if "warnings" in board else None,
        "volatile": volatile,
        "facts": "warnings" in board,
        "wsl": "microsoft" in str(board.get("kernel") or "").lower(),
    }


def find_first(pattern, texts):
    """The groups of the first match, or None."""
    return next((found.groups() for found in map(pattern.match, texts) if found), None)


def judge_nodes(nodes):
    """(what the device nodes of accelerators allow the workload's user, the node that decides it).

    The nodes are as the probe tried them. `open`: all of them; `closed`: a group may; `locked`: no group may;
    `forbidden`: the kernel refuses this container or service; `dead`: there is no device behind; `missing`: there are
    none; None: they were not tried.
    """
    if not isinstance(nodes, list):
        return None, None
    nodes = [node for node in nodes if isinstance(node, dict)]
    if not nodes:
        return "missing", None
    for errors, found in ((CLOSED, "closed"), (FORBIDDEN, "forbidden"), (DEAD, "dead")):
        node = next((node for node in nodes if node.get("error") in errors), None)
        if node is not None:
            mode = node.get("mode")
            groups_may = not isinstance(mode, int) or mode & 0o060 == 0o060
            return ("locked" if found == "closed" and not groups_may else found), node
    return "open", None


def hides_all(value, devices):
    """Whether a variable such as CUDA_VISIBLE_DEVICES leaves no device: None where only the driver knows."""
    first = str(value).partition(",")[0].strip()
    if first in ("", "NoDevFiles", "none") or first.startswith("-"):
        return True
    if not first.isdigit():
        return None
    if int(first) == 0:
        return False
    return int(first) >= devices if devices else None


def explain_visible(value, devices):
    """What such a variable does, in words."""
    first = str(value).partition(",")[0].strip()
    if hides_all(value, None):
        return "which hides every device"
    if first.startswith("MIG"):
        return "a MIG instance, which must exist: nvidia-smi -L lists them"
    if not first.isdigit():
        return "which must be the beginning of a UUID that nvidia-smi -L lists"
    if devices and int(first) >= devices:
        return "and the highest number here is %d: the list ends at the first device that is not there" % (devices - 1)
    return "and the list ends at the first device that is not there"
