# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What a Jetson is: its module from the device tree, L4T from its release file, CUDA libraries from the disk."""

import re

from .._base.text import clean_line
from .._board import jetson_software
from .common import in_container, make_sign, read_operating_system
from .nvidia_cards import MODULE, parse_module_version

# Compute capability of the SoC's GPU, and the board's name if the module is unknown.
# https://github.com/rbonghi/jetson_stats/blob/master/jtop/core/jetson_variables.py
SOCS = {
    "tegra124": ("3.2", "Jetson TK1"),
    "tegra210": ("5.3", "Jetson TX1 or Nano"),
    "tegra186": ("6.2", "Jetson TX2"),
    "tegra194": ("7.2", "Jetson Xavier"),
    "tegra234": ("8.7", "Jetson Orin"),
    "tegra264": ("11.0", "Jetson Thor"),
}
# By the p-number of the module. Boards of the first years have one p-number for module and carrier together.
# https://github.com/NVIDIA/jetson-gpio/blob/master/lib/python/Jetson/GPIO/gpio_pin_data.py, and jetson_stats as above
MODULES = [
    ("p2371-2180", "Jetson TX1"),
    ("p2180", "Jetson TX1"),
    ("p3450", "Jetson Nano"),
    ("p3448", "Jetson Nano"),
    ("p2771", "Jetson TX2"),
    ("p3310", "Jetson TX2"),
    ("p3489", "Jetson TX2"),
    ("p3636", "Jetson TX2 NX"),
    ("p2972", "Jetson AGX Xavier"),
    ("p2888", "Jetson AGX Xavier"),
    ("p3668", "Jetson Xavier NX"),
    ("p3701", "Jetson AGX Orin"),
    ("p3767-0000", "Jetson Orin NX"),
    ("p3767-0001", "Jetson Orin NX"),
    ("p3767", "Jetson Orin Nano"),
    ("p3834", "Jetson Thor"),
]
RELEASE = re.compile(r"^# *R(\d{1,3}) *\(release\), *REVISION: *(\d{1,3}(?:\.\d{1,3}){0,2})\s*,", re.M)
PACKAGE = re.compile(r"^installed (\d+(?:\.\d+){1,2})-")
NODES = ["/dev/nvmap", "/dev/nvhost-ctrl-gpu", "/dev/nvhost-gpu", "/dev/nvidia0", "/dev/nvidiactl"]


def describe_jetson(system, model, soc, release):
    """The facts of a Jetson. release: the text of its release file, or None."""
    compatible = system.device_tree()[1]
    board_id, module = _find_module(compatible)
    capability, name = SOCS.get(soc, (None, "Jetson"))
    name = next((module_name for number, module_name in MODULES if (module or "").startswith(number)), name)
    warnings = []
    if capability is None:
        warnings.append(
            "the SoC of this Jetson is unknown (compatible: %s), and so is its compute capability"
            % (", ".join(compatible) or "none")
        )
    l4t = _read_l4t(system, release, warnings)
    _check_release(system, l4t, warnings)
    platform = dict(
        jetson_software.read_versions(system),
        jetpack=jetson_software.JETPACK_OF_L4T.get(l4t),
        zram="/dev/zram" in (system.read("/proc/swaps") or ""),
        power_mode=_read_power_mode(system),
    )
    nodes = _list_nodes(system)
    # Before JetPack 6 the driver is part of the kernel and has no version.
    gpu = {
        "kind": "cuda",
        "name": name,
        "driver": parse_module_version(system.read(MODULE) or ""),
        "compute_capability": capability,
    }
    # A node that this user may not open is not a fault: a plan adds the groups that may.
    usable = any(not path.startswith("/dev/dri/") for path in nodes)
    return {
        "model": model or name,
        "module": module,
        "board_id": board_id,
        "soc": soc,
        "accelerators": (
            [dict(gpu, memory=None, cuda=platform["cuda"], nodes=nodes, groups=_groups_of_nodes(system, nodes))]
            if usable
            else []
        ),
        "signs": [] if usable else [_sign_without_nodes(system, gpu)],
        "platform": platform,
        "key": {"l4t": l4t},
        "warnings": warnings,
    }


def _find_module(compatible):
    """(board id, module): 'p3768-0000+p3767-0005-super' and 'p3767-0005'.

    The first p-number of an entry with a + is the carrier's.
    """
    entries = [entry.partition(",")[2] for entry in compatible if re.match(r"nvidia,p\d{4}-", entry)]
    alone = [entry for entry in entries if "+" not in entry] or [entry.rpartition("+")[2] for entry in entries]
    number = re.match(r"p\d{4}-\d{4}", alone[-1]) if alone else None
    return (entries[0] if entries else None), (number.group(0) if number else None)


def _read_l4t(system, text, warnings):
    """'36.4.3'.

    Only R and REVISION are reliable: BOARD is wrong on most boards, and the date's format changed.
    """
    releases = []
    for major, revision in RELEASE.findall(text or ""):
        release = ".".join([major, revision])
        if release not in releases:
            releases.append(release)
    if len(releases) == 1:
        return releases[0]
    # Derived images lack the file; its package has the release, too.
    package = _read_l4t_package(system)
    if len(releases) > 1:
        release = package if package in releases else releases[0]
        warnings.append(
            "/etc/nv_tegra_release names several releases (%s): %s is used, %s"
            % (
                ", ".join(releases),
                release,
                "as the package nvidia-l4t-core has it" if release == package else "the first of them",
            )
        )
        return release
    if text is not None:
        warnings.append(
            '/etc/nv_tegra_release does not name a release ("%s"): %s'
            % (
                clean_line(text, 60),
                ("%s from the package nvidia-l4t-core is used" % package if package else "the L4T release is unknown"),
            )
        )
    elif not package:
        warnings.append(
            "this Jetson has neither /etc/nv_tegra_release nor the package nvidia-l4t-core: the L4T release is unknown"
        )
    return package


def _read_l4t_package(system):
    answer = system.run(["dpkg-query", "-W", "-f=${db:Status-Status} ${Version}", "nvidia-l4t-core"], 20)
    version = PACKAGE.match(answer[1]) if answer and answer[0] == 0 else None
    return version.group(1) if version else None


def _check_release(system, l4t, warnings):
    """Warn about an unknown release, and about a userland of another Ubuntu release."""
    major = (l4t or "").partition(".")[0]
    if major not in jetson_software.UBUNTU_OF_L4T:
        return
    if l4t not in jetson_software.JETPACK_OF_L4T:
        warnings.append(
            "this version of the collection does not know L4T %s: it is treated like the other releases of L4T %s"
            % (l4t, major)
        )
    _check_kernel(system, l4t, jetson_software.KERNEL_OF_L4T[major], warnings)
    ubuntu, system_release = jetson_software.UBUNTU_OF_L4T[major], read_operating_system(system)
    if (system_release["id"], system_release["version_id"]) != ("ubuntu", ubuntu):
        warnings.append(
            "L4T %s ships with Ubuntu %s, but this userland is %s: NVIDIA's packages and wheels may not work on it"
            % (major, ubuntu, system_release["pretty_name"] or "another")
        )


def _check_kernel(system, l4t, own, warnings):
    """Warn about the kernel of another L4T: a container's image is older or newer than its host."""
    release = system.uname()[0]
    version = ".".join(release.split(".")[:2])
    if version != own and version in jetson_software.KERNEL_OF_L4T.values():
        warnings.append(
            "this system is of L4T %s, whose kernel is Linux %s, but Linux %s runs, which is the kernel of another "
            "L4T: NVIDIA's libraries and driver may not work together. In a container, take an image of the host's "
            "L4T; on the board itself, flash it again" % (l4t, own, release)
        )


def _list_nodes(system):
    nodes = [path for path in NODES if system.exists(path)]
    nodes += ["/dev/nvgpu/%s/ctrl" % name for name in system.listdir("/dev/nvgpu")]
    return nodes + ["/dev/dri/" + name for name in system.listdir("/dev/dri") if name.startswith("renderD")]


def _sign_without_nodes(system, gpu):
    """The sign of a GPU without device nodes: its driver is missing, or a container does not have it."""
    if in_container(system):
        why, fix = (
            "this container has no GPU device node",
            "Start the container with --runtime nvidia (on JetPack 7: --gpus all).",
        )
    else:
        why, fix = (
            "there is no GPU device node, so the GPU driver is not loaded",
            (
                "Check the kernel log (dmesg | grep -i -e nvgpu -e nvidia); boot the kernel that belongs to "
                "this L4T, or flash the board again."
            ),
        )
    return make_sign("cuda", NODES[0], "no-nodes", why, fix, gpu["name"], gpu["compute_capability"], gpu["driver"])


def _groups_of_nodes(system, nodes):
    """The groups that may open the nodes. Without them CUDA works for root only."""
    groups = set(system.group_of(path) for path in nodes)
    return sorted(group for group in groups if group and group != "root")


def _read_power_mode(system):
    """The name of the mode that nvpmodel recorded. Calling nvpmodel takes root, and a second on a busy board."""
    mode = re.match(r"pmode:(\d{1,6})", system.read(jetson_software.POWER_STATUS) or "")
    names = jetson_software.parse_power_modes(system.read(jetson_software.POWER_MODES) or "")
    return names.get(int(mode.group(1))) if mode else None
