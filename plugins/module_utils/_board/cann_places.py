# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The directories where Huawei's CANN may be installed: by its own installer, conda or pip."""

import os
import re

from .._base.text import numbers_in

SYSTEM = "/usr/local/Ascend"
# Root's installer remembers its --install-path here, and accepts no other later.
INSTALL_INFO = "/etc/Ascend/ascend_cann_install.info"
# The home of the driver's own user: ignored, unless that user will run PyTorch.
DRIVERS_HOME = "/home/HwHiAiUser"
CONDAS = ("miniconda3", "anaconda3", "miniforge3", "mambaforge", "miniconda", "anaconda", "conda")


def list_bases(system):
    """The existing directories that may hold CANN, in the order in which they count: the system's, root's recorded one,
    those of the user who will run PyTorch and of the running user, and environments of conda and pip.
    """
    homes = _list_homes(system)
    prefixes = _list_conda_environments(system, homes)
    bases = [SYSTEM] + _read_recorded(system) + [os.path.join(home, "Ascend") for home in homes]
    # https://www.hiascend.com/document/detail/en/CANNCommunityEdition/910/softwareinst/instg/instg_0093.html
    bases += [os.path.join(prefix, "Ascend") for prefix in prefixes]
    bases += _list_pip_directories(system, homes, prefixes)
    return [base for index, base in enumerate(bases) if base not in bases[:index] and system.listdir(base)]


def _list_homes(system):
    running = system.find_account(system.uid())
    workload = system.find_account(system.torch_user) if system.torch_user else running
    homes = [workload["home"]] if workload else []
    if running and running["home"] != DRIVERS_HOME:
        homes.append(running["home"])
    return [home for home in homes if home.startswith("/")]


def _read_recorded(system):
    paths = re.findall(r"^\s*\w*Install_Path\w*\s*=\s*(/\S*)", system.read(INSTALL_INFO) or "", re.M | re.I)
    return [path.rstrip("/") for path in paths]


def _list_conda_environments(system, homes):
    """The prefixes of conda's environments: those that conda lists for a user, and those in the usual places."""
    found = []
    for home in homes:
        lines = (system.read(os.path.join(home, ".conda/environments.txt")) or "").split("\n")[:200]
        found += [line.strip().rstrip("/") for line in lines if line.startswith("/")]
    for place in homes + ["/opt", "/usr/local"]:
        for root in [os.path.join(place, name) for name in system.listdir(place) if name in CONDAS]:
            found.append(root)
            found += [os.path.join(root, "envs", name) for name in system.listdir(os.path.join(root, "envs"))]
    return found


def _list_pip_directories(system, homes, prefixes):
    """pip puts ascend-cann-toolkit into site-packages/ascend:
    https://www.hiascend.com/document/detail/zh/CANNCommunityEdition/910beta3/softwareinst/instg/instg_0104.html
    """
    roots = ["/usr", "/usr/local"] + [os.path.join(home, ".local") for home in homes] + prefixes
    roots += [os.path.join("/usr/local", name) for name in system.listdir("/usr/local") if name.startswith("python3")]
    return [
        os.path.join(root, "lib", python, packages, "ascend")
        for root in roots
        for python in sorted(system.listdir(os.path.join(root, "lib")), key=numbers_in, reverse=True)
        if python.startswith("python3")
        for packages in ("site-packages", "dist-packages")
    ]
