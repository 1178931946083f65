# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Ask NVIDIA's driver library itself.

The text of this file is run by `python -c` as a child: the library may crash or hang, and both are findings.

The arguments are `nvml` or `-`, and paths of libcuda.so.1 for where the loader does not find it. Each line of the
answer is complete by itself, so that
what was said before a crash is known.
"""

import json
import os
import sys

try:
    import ctypes
except ImportError:  # a Python that was compiled without libffi: the child says it, and the module works without
    ctypes = None

MARK = "edgeai-cuda "
DEVICES = 64
MAJOR, MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*


def write_answer(**found):
    sys.stdout.write("\n%s%s\n" % (MARK, json.dumps(found)))
    sys.stdout.flush()


def load_library(names):
    """(library, the name by which it was found, what is wrong with one that is there)."""
    broken = None
    for name in names:
        try:
            return ctypes.CDLL(name), name, None
        except OSError as error:
            if not is_absent(name, str(error)):
                broken = broken or str(error)
    return None, None, broken


def is_absent(name, error):
    """Whether the loader (glibc's, musl's) says that the library itself is not there, and not one that it needs."""
    return (
        error.startswith(name + ": cannot open shared object file")
        or error.startswith("Error loading shared library %s: No such file" % name)
        and "needed by" not in error
    )


def find_mapped_file(name):
    """The real file of a library that this process has loaded: libcuda.so.550.54.14 tells the driver's version."""
    try:
        with open("/proc/self/maps") as stream:
            return next((line.split(None, 5)[5].strip() for line in stream if "/" + name in line), None)
    except (OSError, IndexError):
        return None


def read_number(call, *arguments):
    value = ctypes.c_int(0)
    return value.value if call(ctypes.byref(value), *arguments) == 0 else None


def read_text(call, device):
    buffer = ctypes.create_string_buffer(256)
    return buffer.value.decode("utf-8", "replace") if call(buffer, 256, device) == 0 else None


def read_size(call, device):
    value = ctypes.c_size_t(0)
    return value.value if call(ctypes.byref(value), device) == 0 else None


def call_function(read, library, name, *arguments):
    """What one function of the library answers; None where the library, an old one, does not have it."""
    call = getattr(library, name, None)
    return None if call is None else read(call, *arguments)


def describe_device(cuda, index):
    device = call_function(read_number, cuda, "cuDeviceGet", index)
    if device is None:
        return {}
    major, minor = (
        call_function(read_number, cuda, "cuDeviceGetAttribute", attribute, device) for attribute in (MAJOR, MINOR)
    )
    return {
        "name": call_function(read_text, cuda, "cuDeviceGetName", device),
        "memory": call_function(read_size, cuda, "cuDeviceTotalMem_v2", device),
        "capability": None if major is None or minor is None else "%d.%d" % (major, minor),
        "bus": call_function(read_text, cuda, "cuDeviceGetPCIBusId", device),
    }


def ask_cuda(paths):
    cuda, name, broken = load_library(["libcuda.so.1"] + paths)
    if cuda is None:
        write_answer(library=None, broken=broken)
        return
    write_answer(library=find_mapped_file("libcuda.so") or name, listed="/" not in name)
    write_answer(cuda=call_function(read_number, cuda, "cuDriverGetVersion"))
    code = cuda.cuInit(0)
    write_answer(code=code)
    if code == 0:
        count = call_function(read_number, cuda, "cuDeviceGetCount") or 0
        write_answer(devices=[describe_device(cuda, index) for index in range(min(count, DEVICES))])


def ask_nvml():
    """The driver's version, which libcuda does not tell."""
    nvml, _name, _broken = load_library(["libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"])
    if nvml is not None and nvml.nvmlInit_v2() == 0:
        buffer = ctypes.create_string_buffer(96)
        if nvml.nvmlSystemGetDriverVersion(buffer, 96) == 0:
            write_answer(driver=buffer.value.decode("utf-8", "replace"))


def main(wanted, *paths):
    # What hides devices from Ansible's own session does not hide them from the board.
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    if ctypes is None:
        raise SystemExit("this Python has no ctypes")
    ask_cuda(list(paths))
    if wanted == "nvml":
        ask_nvml()


if __name__ == "__main__":
    main(*sys.argv[1:])
