# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""NVIDIA's software on a Jetson: the JetPack of an L4T release, and the versions of CUDA and its libraries."""

import json
import re

from .._base.text import clean_line

# Two lists, which agree but for 36.5.0 (here as in the first) and the numbers of 39:
# https://github.com/rbonghi/jetson_stats/blob/master/jtop/core/jetson_variables.py
# https://github.com/dusty-nv/jetson-containers/blob/master/jetson_containers/l4t_version.py
JETPACK_OF_L4T = {
    "32.1.0": "4.2",
    "32.2.0": "4.2.1",
    "32.2.1": "4.2.2",
    "32.2.3": "4.2.3",
    "32.3.1": "4.3",
    "32.4.2": "4.4 DP",
    "32.4.3": "4.4",
    "32.4.4": "4.4.1",
    "32.5.0": "4.5",
    "32.5.1": "4.5.1",
    "32.5.2": "4.5.1",
    "32.6.1": "4.6",
    "32.7.1": "4.6.1",
    "32.7.2": "4.6.2",
    "32.7.3": "4.6.3",
    "32.7.4": "4.6.4",
    "32.7.5": "4.6.5",
    "32.7.6": "4.6.6",
    "34.1.0": "5.0 DP",
    "34.1.1": "5.0.1 DP",
    "35.1.0": "5.0.2",
    "35.2.1": "5.1",
    "35.3.1": "5.1.1",
    "35.4.1": "5.1.2",
    "35.5.0": "5.1.3",
    "35.6.0": "5.1.4",
    "35.6.1": "5.1.5",
    "35.6.2": "5.1.5",
    "35.6.3": "5.1.5",
    "35.6.4": "5.1.6",
    "36.2.0": "6.0 DP",
    "36.3.0": "6.0",
    "36.4.0": "6.1",
    "36.4.2": "6.1",
    "36.4.3": "6.2",
    "36.4.4": "6.2.1",
    "36.4.7": "6.2.1",
    "36.5.0": "6.2.2",
    "38.2.0": "7.0",
    "38.2.1": "7.0",
    "38.2.2": "7.0",
    "38.4.0": "7.1",
    "39.0.0": "7.2 EA",
    "39.2.0": "7.2",
    "39.2.1": "7.2.1",
}
# The Ubuntu release of each L4T. Images by others differ, so it is used only for a warning.
UBUNTU_OF_L4T = {"32": "18.04", "34": "20.04", "35": "20.04", "36": "22.04", "38": "24.04", "39": "24.04"}

# The kernel of each L4T. JetPack 6 and later also work with kernels of others.
# https://docs.nvidia.com/jetson/archives/ (release notes)
KERNEL_OF_L4T = {"32": "4.9", "34": "5.10", "35": "5.10", "36": "5.15", "38": "6.8", "39": "6.8"}

CUDA = "/usr/local/cuda"
# JetPack 7 has the file layout of servers (SBSA).
LIBRARIES = [
    "/usr/lib/aarch64-linux-gnu",
    CUDA + "/lib64",
    CUDA + "/targets/aarch64-linux/lib",
    CUDA + "/targets/sbsa-linux/lib",
    "/usr/local/lib",
    "/usr/lib",
]
CUDNN_HEADERS = [
    "/usr/include/cudnn_version.h",
    "/usr/include/aarch64-linux-gnu/cudnn_version.h",
    "/usr/include/aarch64-linux-gnu/cudnn_version_v9.h",
]
POWER_STATUS = "/var/lib/nvpmodel/status"
POWER_MODES = "/etc/nvpmodel.conf"


def read_versions(system):
    """The versions of installed libraries, None for missing ones; and whether apt has NVIDIA's CUDA repository."""
    files = [name for place in LIBRARIES for name in system.listdir(place)]
    runtime = _find_library_version(files, "libcudart")
    return {
        "cuda": _read_cuda_version(system)
        or (".".join(runtime.split(".")[:2]) if runtime and "." in runtime else None),
        "cudnn": _find_library_version(files, "libcudnn") or _read_cudnn_header(system),
        "tensorrt": _find_library_version(files, "libnvinfer"),
        "cusparselt": _find_library_version(files, "libcusparseLt"),
        "cuda_repository": any(
            re.match(r"cuda-.*\.(list|sources)$", name) for name in system.listdir("/etc/apt/sources.list.d")
        ),
    }


def parse_power_modes(text):
    """{2: 'MAXN_SUPER'} from /etc/nvpmodel.conf."""
    modes = {}
    for words in re.findall(r"^\s*<\s*POWER_MODEL\s+([^>]*)>", text, re.M):
        values = dict(word.split("=", 1) for word in words.split() if "=" in word)
        if re.match(r"\d{1,6}$", values.get("ID", "")) and values.get("NAME"):
            modes[int(values["ID"])] = clean_line(values["NAME"])
    return modes


def _read_cuda_version(system):
    """The toolkit's version as its own file has it: 12.6, never 12.6.11."""
    try:
        text = str(json.loads(system.read(CUDA + "/version.json") or "")["cuda"]["version"])
    except (ValueError, KeyError, TypeError):
        text = (system.read(CUDA + "/version.txt") or "").replace("CUDA Version", "")
    version = re.match(r"\s*(\d{1,3}\.\d{1,3})\b", text)
    return version.group(1) if version else None


def _find_library_version(files, library):
    """The longest, then the highest version in the names of a library's files."""
    pattern = re.compile(re.escape(library) + r"\.so\.(\d{1,4}(?:\.\d{1,4}){0,3})$")
    versions = [match.group(1) for match in map(pattern.match, files) if match]
    return (
        max(versions, key=lambda version: (version.count("."), [int(part) for part in version.split(".")]))
        if versions
        else None
    )


def _read_cudnn_header(system):
    for path in CUDNN_HEADERS:
        numbers = dict(re.findall(r"^#define CUDNN_(MAJOR|MINOR|PATCHLEVEL) (\d{1,4})", system.read(path) or "", re.M))
        if len(numbers) == 3:
            return ".".join(numbers[name] for name in ("MAJOR", "MINOR", "PATCHLEVEL"))
    return None
