# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for NVIDIA's driver on machines without a GPU: a compiled libcuda.so.1 and an nvidia-smi.

This file runs on Python 3.6, like the tests of board code.

For a process that runs the module, put the directory of `build` in LD_LIBRARY_PATH and the directory of `nvidia_smi`
first in PATH.
"""

import shutil
import subprocess
from pathlib import Path

HANG = "hang"
CRASH = "crash"
RTX_4090 = {"name": "NVIDIA GeForce RTX 4090", "memory": 25757220864, "capability": "8.9", "bus": "0000:01:00.0"}
RTX_3090 = {"name": "NVIDIA GeForce RTX 3090", "memory": 25438126080, "capability": "8.6", "bus": "0000:02:00.0"}
GTX_1080 = {"name": "NVIDIA GeForce GTX 1080", "memory": 8512602112, "capability": "6.1", "bus": "0000:03:00.0"}

# Like the real library, it answers 3 (not initialized) before cuInit succeeds, and CUDA_VISIBLE_DEVICES hides devices
# from it.
SOURCE = r"""
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct device { const char *name; size_t memory; int major, minor; const char *bus; };
static const struct device all[] = { @DEVICES@ {"", 0, 0, 0, ""} };
static int first, count = -1;

int cuInit(unsigned flags)
{
    const char *visible = getenv("CUDA_VISIBLE_DEVICES");
    (void)flags;
    @ACTION@
    if (@CODE@)
        return @CODE@;
    count = sizeof all / sizeof *all - 1;
    if (visible) {
        first = *visible >= '0' && *visible <= '9' ? atoi(visible) : count;
        count = first < count;
    }
    if (!count) {
        count = -1;
        return 100;
    }
    return 0;
}

int cuDriverGetVersion(int *version) { *version = @CUDA@; return 0; }
int cuDeviceGetCount(int *answer) { if (count < 0) return 3; *answer = count; return 0; }
int cuDeviceGet(int *device, int index) {
    if (index < 0 || index >= count) return 101;
    *device = first + index;
    return 0;
}
int cuDeviceTotalMem_v2(size_t *bytes, int device) { *bytes = all[device].memory; return 0; }

int cuDeviceGetName(char *name, int size, int device)
{
    strncpy(name, all[device].name, size - 1);
    name[size - 1] = 0;
    return 0;
}

int cuDeviceGetAttribute(int *value, int attribute, int device)
{
    *value = attribute == 75 ? all[device].major : attribute == 76 ? all[device].minor : 0;
    return attribute == 75 || attribute == 76 ? 0 : 1;
}

int cuDeviceGetPCIBusId(char *text, int size, int device)
{
    strncpy(text, all[device].bus, size - 1);
    text[size - 1] = 0;
    return 0;
}
"""
ACTIONS = {HANG: "sleep(600);", CRASH: "*(volatile int *)0 = 0;"}


def compiler():
    """Return a C compiler, or None."""
    return next(filter(None, map(shutil.which, ("gcc", "cc"))), None)


def build(directory, code=0, devices=(RTX_4090,), cuda="12.4", driver="550.54.14"):
    """Compile libcuda.so.<driver> and its link libcuda.so.1 in `directory`; return the path of the link.

    `code` is what cuInit returns (0, 100, 802, ...), or HANG, or CRASH. `devices` are dictionaries like RTX_4090 above.
    """
    directory = Path(str(directory))
    directory.mkdir(parents=True, exist_ok=True)
    library, source = directory / ("libcuda.so." + driver), directory / "libcuda.c"
    major, minor = (int(part) for part in cuda.split("."))
    table = "".join(
        '{{"{}", {}UL, {}, "{}"}}, '.format(
            device["name"], device["memory"], device["capability"].replace(".", ", "), device["bus"]
        )
        for device in devices
    )
    text = SOURCE.replace("@DEVICES@", table).replace("@CUDA@", str(1000 * major + 10 * minor))
    text = text.replace("@ACTION@", ACTIONS.get(code, "")).replace("@CODE@", "0" if code in ACTIONS else str(code))
    source.write_text(text)
    subprocess.run([compiler(), "-shared", "-fPIC", "-o", str(library), str(source)], check=True)
    link = directory / "libcuda.so.1"
    if link.is_symlink():
        link.unlink()
    link.symlink_to(library.name)
    return link


def nvidia_smi(directory, status=0, text="", devices=(), driver="550.54.14", cuda="12.4"):
    """Write an nvidia-smi in `directory`; return its path.

    It prints `text` and ends with `status`. With `devices`, it first prints them like a working one.
    """
    directory = Path(str(directory))
    directory.mkdir(parents=True, exist_ok=True)
    lines = [
        "#!/bin/sh",
        'for word in "$@"; do',
        '  case "$word" in --query-gpu=*) fields=$(echo "${word#*=}" | tr , " ");; esac',
        "done",
    ]
    if devices:
        lines.append(
            f'if [ -z "$fields" ]; then echo "| NVIDIA-SMI {driver}   Driver Version: {driver}   CUDA Version: {cuda}'
            ' |"; fi'
        )
    for device in devices:
        values = {
            "name": device["name"],
            "driver_version": driver,
            "memory.total": device["memory"] >> 20,
            "compute_cap": device["capability"],
            "pci.bus_id": "0000" + device["bus"],
        }
        lines.append('row=""')
        lines.append('for field in $fields; do case "$field" in')
        lines += [f'  {field}) row="$row, {value}";;' for field, value in values.items()]
        lines += ["esac; done", '[ -z "$row" ] || echo "${row#, }"']
    if text:
        lines += ["cat <<'EOF'", text.rstrip("\n"), "EOF"]
    program = directory / "nvidia-smi"
    program.write_text("\n".join([*lines, f"exit {status}"]) + "\n")
    program.chmod(0o755)
    return program
