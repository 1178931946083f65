# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Traces of NVIDIA's cards and driver: without any, nothing else of NVIDIA is loaded or started. On a Jetson, its own
detector looks for the GPU.
"""

import os
import re

from .common import find_program, in_container
from .nvidia_cards import MODULE, list_cards, list_nodes

# nvidia-smi is not on every PATH: WSL has a directory of its own.
PLACES = ["/usr/bin", "/usr/local/bin", "/usr/lib/wsl/lib"]
WSL = "/usr/lib/wsl/lib"
# Directories that the loader does not always search: WSL, Debian's alternatives, Kubernetes' device plugins, NixOS.
LIBRARIES = [
    WSL,
    "/usr/lib/x86_64-linux-gnu",
    "/usr/lib/aarch64-linux-gnu",
    "/usr/lib64",
    "/usr/lib",
    "/usr/lib/x86_64-linux-gnu/nvidia/current",
    "/usr/lib/aarch64-linux-gnu/nvidia/current",
    "/usr/lib64/nvidia",
    "/usr/local/nvidia/lib64",
    "/run/opengl-driver/lib",
]


def find_gpus(system):
    """(accelerators, signs, warnings) of CUDA. Without a trace of NVIDIA, no process is started."""
    seen = find_traces(system)
    if not seen["traces"] and not seen["libraries"]:
        return [], [], []
    from . import nvidia  # only with a trace of NVIDIA

    return nvidia.find_gpus(system, seen)


def find_traces(system):
    """What there is of NVIDIA: cards, the driver's module, nodes, program and libraries."""
    path = [place for place in system.environ.get("LD_LIBRARY_PATH", "").split(os.pathsep) if place.startswith("/")]
    module = system.read(MODULE)
    seen = {
        "cards": list_cards(system),
        "program": find_program(system, "nvidia-smi", PLACES),
        "module": module or "",
        "loaded": module is not None or system.exists("/sys/module/nvidia"),
        "nodes": list_nodes(system),
        "wsl": system.exists("/dev/dxg") and system.is_file(WSL + "/libcuda.so.1"),
        "libraries": [
            place
            for place in (os.path.join(place, "libcuda.so.1") for place in path + LIBRARIES)
            if system.is_file(place)
        ],
        # A driver's library in LD_LIBRARY_PATH is meant to be used; cuda-compat's and the stub are not the driver's.
        "named": any(
            system.is_file(os.path.join(place, "libcuda.so.1"))
            for place in path
            if not re.search(r"compat|stubs", place)
        ),
        "bus": bool(system.pci_devices()),
        "container": in_container(system),
    }
    # A libcuda.so.1 alone is no trace of a card: development packages contain it, too.
    seen["traces"] = [
        trace
        for trace in (
            [card["address"] for card in seen["cards"]]
            + [seen["program"]]
            + [MODULE] * seen["loaded"]
            + seen["nodes"]
            + ["/dev/dxg"] * seen["wsl"]
        )
        if trace
    ]
    return seen
