# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What a Zynq board is: its chip, PYNQ with its own Python environment, the Xilinx runtime."""

import re

from .._base.text import clean_line
from .installed_packages import read_installed_versions

VENV = "/usr/local/share/pynq-venv"
# Packages of the board that an environment sees and must not replace.
PROVIDED = ("pynq", "numpy")


def describe_pynq(system, board, soc, named):
    """The facts of a Zynq board. board: PYNQ's name in the device tree; named: the one by compatible and model."""
    if not soc:
        # pynq itself distinguishes the two by nothing else.
        soc = {"armv7l": "zynq-7000", "aarch64": "zynqmp"}.get(system.architecture()[0])
    site = _find_venv_site(system)
    paths = [site] if site else []
    provided = read_installed_versions(system, PROVIDED, paths)
    xrt = _find_xrt(system)
    return {
        "model": system.device_tree()[0],
        "module": named if board in (None, "Unknown") else board,
        "soc": soc,
        "platform": {
            "pynq": provided.get("pynq"),
            "revision": _read_revision(system),
            "venv": VENV if site else None,
            "fpga_manager": clean_line(system.read("/sys/class/fpga_manager/fpga0/state") or "") or None,
            "overlays": system.exists("/sys/kernel/config/device-tree/overlays"),
            "zocl": system.exists("/sys/module/zocl") and system.exists("/dev/dri/renderD128"),
            "xrt": xrt,
        },
        "variables": {"XILINX_XRT": xrt} if xrt else {},
        "paths": paths,
        "provided": provided,
    }


def _read_revision(system):
    """The release of the image, a date to 3.0 and a number later: 'Release 2022_09_28 5202a3b'."""
    for path in ("/home/xilinx/REVISION", "/boot/REVISION"):
        lines = (system.read(path) or "").splitlines()
        if lines and clean_line(lines[0]):
            return clean_line(lines[0])
    return None


def _find_venv_site(system):
    """The packages of PYNQ's own virtual environment, or None."""
    if not system.exists(VENV + "/pyvenv.cfg"):
        return None
    names = [name for name in system.listdir(VENV + "/lib") if re.match(r"python3\.\d+$", name)]
    # A release upgrade leaves the directory of the former Python.
    names.sort(key=lambda name: int(name.partition(".")[2]))
    return "%s/lib/%s/site-packages" % (VENV, names[-1]) if names else None


def _find_xrt(system):
    """The path of the Xilinx runtime, which pynq reads from a variable that only login shells set; or None."""
    match = re.search(r"^\s*export XILINX_XRT=(/[\w/.-]*)\s*$", system.read("/etc/profile.d/xrt_setup.sh") or "", re.M)
    if match:
        return match.group(1)
    return "/opt/xilinx/xrt" if system.exists("/opt/xilinx/xrt/setup.sh") else None
