# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What is read the same way on every board."""

import os
import re

from .._base.machine import parse_meminfo
from .._base.text import clean_line

HWCAP_ATOMICS = 1 << 8
PRODUCT_NAME = "/sys/class/dmi/id/product_name"  # by the firmware of computers with UEFI
# Cores that have only numbers in /proc/cpuinfo, by (implementer, part).
CORES = {
    (0x41, 0xB76): "ARM1176",
    (0x41, 0xC07): "Cortex-A7",
    (0x41, 0xC09): "Cortex-A9",
    (0x41, 0xD03): "Cortex-A53",
    (0x41, 0xD04): "Cortex-A35",
    (0x41, 0xD05): "Cortex-A55",
    (0x41, 0xD07): "Cortex-A57",
    (0x41, 0xD08): "Cortex-A72",
    (0x41, 0xD0B): "Cortex-A76",
    (0x41, 0xD42): "Cortex-A78AE",
    (0x48, 0xD01): "TSV110",
    (0x4E, 0x003): "Denver 2",
    (0x4E, 0x004): "Carmel",
}


def read_kernel(system):
    release, machine = system.uname()
    return {"release": release, "machine": machine}


def read_os_release(system):
    """The values of os-release by name; None for an empty one."""
    values = {}
    for line in (system.read("/etc/os-release") or system.read("/usr/lib/os-release") or "").splitlines():
        name, separator, value = line.partition("=")
        if separator:
            values[name.strip()] = clean_line(value.strip().strip("'\"")) or None
    return values


# Program -> the package manager, as Ansible names it. The first that is there, if the distribution does not say more.
PACKAGE_MANAGERS = [
    ("/usr/bin/dnf5", "dnf5"),
    ("/usr/bin/dnf", "dnf"),
    ("/usr/bin/yum", "yum"),
    ("/usr/bin/zypper", "zypper"),
    ("/usr/bin/pacman", "pacman"),
    ("/usr/bin/apt-get", "apt"),
]


def read_package_manager(system, values):
    """The package manager by which the system itself is installed, or None. Others may be there, too: Debian has a
    package dnf, Fedora one of apt.
    """
    names = [values.get("ID")] + (values.get("ID_LIKE") or "").split()
    if {"debian", "ubuntu", "raspbian"}.intersection(names):
        return "apt"
    return next((name for program, name in PACKAGE_MANAGERS if system.exists(program)), None)


def read_operating_system(system):
    values = read_os_release(system)
    return {
        "id": values.get("ID"),
        "version_id": values.get("VERSION_ID"),
        "codename": values.get("VERSION_CODENAME"),
        "pretty_name": values.get("PRETTY_NAME"),
        "package_manager": read_package_manager(system, values),
    }


def read_libc(system):
    glibc = system.glibc_version()
    if glibc:
        return {"name": "glibc", "version": clean_line(glibc).rpartition(" ")[2]}
    for name in system.listdir("/lib"):
        if name.startswith("ld-musl-"):
            # Started without a program, musl's loader prints its version and fails.
            answer = system.run(["/lib/" + name], 20)
            version = re.search(r"Version ([\d.]+)", answer[2]) if answer else None
            return {"name": "musl", "version": version.group(1) if version else None}
    return {"name": None, "version": None}


def read_cpu(system):
    fields = {}
    for line in (system.read("/proc/cpuinfo") or "").splitlines():
        name, separator, value = line.partition(":")
        if separator:
            fields.setdefault(name.strip(), []).append(value.strip())
    return {"model": _cpu_model(fields), "cores": system.count_cores(), "atomics": _has_atomics(system, fields)}


def _cpu_model(fields):
    # A processor may have cores of two makers, as a TX2 has.
    parts = zip(fields.get("CPU implementer", []), fields.get("CPU part", []))
    names = [CORES.get((_parse_number(implementer), _parse_number(part))) for implementer, part in parts]
    if names and all(names):
        return " + ".join(name for index, name in enumerate(names) if name not in names[:index])
    return clean_line((fields.get("model name") or fields.get("Processor") or [""])[0]) or None


def _has_atomics(system, fields):
    """Whether the core has ARMv8.1's LSE atomics; some PyTorch wheels end with SIGILL without them.

    None on other architectures.
    """
    if system.architecture()[0] != "aarch64":
        return None
    hwcap = system.read_hwcap() if system.pointer_size() == 8 else None
    if hwcap is not None:
        return bool(hwcap & HWCAP_ATOMICS)
    features = fields.get("Features")
    return "atomics" in features[0].split() if features else None


def _parse_number(text):
    try:
        return int(text, 0)
    except ValueError:
        return None


def read_memory(system):
    """(memory, swap) in bytes."""
    values = parse_meminfo(system.read("/proc/meminfo"))
    available = values.get("MemAvailable", values.get("MemFree"))
    return (
        {"total": values.get("MemTotal"), "available": available},
        {"total": values.get("SwapTotal"), "free": values.get("SwapFree")},
    )


def read_disk_space(system, path):
    """The disk space at path, which may not exist yet."""
    path = os.path.abspath(path)
    while not system.exists(path) and path != "/":
        path = os.path.dirname(path)
    total, free = system.disk_space(path) or (None, None)
    return {"path": path, "total": total, "free": free}


def read_users(system, torch_user):
    """(user, workload): the current user, and the user who will run PyTorch."""
    uid = system.uid()
    # A container may run as a uid without a name: the user exists nevertheless.
    running = system.find_account(uid) or {"name": str(uid), "uid": uid, "groups": []}
    account = system.find_account(torch_user) if torch_user else running
    return {"name": running["name"], "uid": uid, "root": uid == 0}, {
        "name": torch_user or running["name"],
        "exists": account is not None,
        "uid": account["uid"] if account else None,
        "groups": account["groups"] if account else [],
    }


def find_program(system, name, places):
    """The program in PATH, or else in places that are on the PATH of login sessions only."""
    places = [place for place in system.environ.get("PATH", "").split(os.pathsep) if place.startswith("/")] + places
    return next((path for path in (os.path.join(place, name) for place in places) if system.is_file(path)), None)


def in_container(system):
    """Whether this is a container: drivers and devices are then the host's matter."""
    return (
        system.exists("/.dockerenv")
        or system.exists("/run/.containerenv")
        or bool((system.read("/run/systemd/container") or "").strip())
        or bool(re.search(r"docker|kubepods|containerd|libpod|/lxc", system.read("/proc/1/cgroup") or ""))
    )


def read_firmware_model(system):
    """What the firmware of a computer says that it is, or else its processor; None without either."""
    parts = [clean_line(system.read(path) or "") for path in ("/sys/class/dmi/id/sys_vendor", PRODUCT_NAME)]
    parts = [part for part in parts if not BLANKS.search(part)]
    return " ".join(parts) or read_cpu(system)["model"]


def make_sign(kind, where, cause, why, fix, name=None, compute_capability=None, driver=None):
    """An accelerator that was detected but cannot be used now; docs/schemas/board.schema.json lists the causes."""
    return {
        "kind": kind,
        "name": name,
        "where": where,
        "compute_capability": compute_capability,
        "driver": driver,
        "cause": cause,
        "why": why.rstrip("."),
        "fix": fix,
    }


# Placeholders in firmware that the maker did not fill in.
BLANKS = re.compile(
    r"to be filled|o\.e\.m\.|default string|system (product|manufacturer)|not"
    r" (specified|applicable)|^(none|n/a|unknown|undefined)?$",
    re.I,
)
