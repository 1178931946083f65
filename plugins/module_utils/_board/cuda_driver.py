# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Query NVIDIA's driver library directly.

The text of this file runs in a child with `python -c`: the library may crash or hang, and both are results.

The arguments are `nvml` or `-`, and paths of libcuda.so.1 in case the loader does not find it. Each line of the answer
is complete, so that the answers before a crash are known.
"""

import json
import os
import sys

try:
    import ctypes
except ImportError:  # a Python that was compiled without libffi: the child reports it, and the module works without
    ctypes = None

MARK = "edgeai-cuda "
DEVICES = 64
MAJOR, MINOR = 75, 76  # CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_*


def write_answer(**found):
    sys.stdout.write("\n%s%s\n" % (MARK, json.dumps(found)))
    sys.stdout.flush()


def load_library(names):
    """(library, the name by which it was found, the error of one that exists but cannot be loaded)."""
    broken = None
    for name in names:
        try:
            return ctypes.CDLL(name), name, None
        except OSError as error:
            if not is_absent(name, str(error)):
                broken = broken or str(error)
    return None, None, broken


def is_absent(name, error):
    """Whether the loader (glibc's, musl's) reports that the library itself is missing, not one that it needs."""
    return (
        error.startswith(name + ": cannot open shared object file")
        or error.startswith("Error loading shared library %s: No such file" % name)
        and "needed by" not in error
    )


def find_mapped_file(name):
    """The real file of a loaded library: libcuda.so.550.54.14 contains the driver's version."""
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
    """The answer of one function of the library; None if an old library lacks it."""
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
    """The driver's version, which libcuda does not have."""
    nvml, _name, _broken = load_library(["libnvidia-ml.so.1", "/usr/lib/wsl/lib/libnvidia-ml.so.1"])
    if nvml is not None and nvml.nvmlInit_v2() == 0:
        buffer = ctypes.create_string_buffer(96)
        if nvml.nvmlSystemGetDriverVersion(buffer, 96) == 0:
            write_answer(driver=buffer.value.decode("utf-8", "replace"))


def main(wanted, *paths):
    # This variable of Ansible's session must not hide devices of the board.
    os.environ.pop("CUDA_VISIBLE_DEVICES", None)
    if ctypes is None:
        raise SystemExit("this Python has no ctypes")
    ask_cuda(list(paths))
    if wanted == "nvml":
        ask_nvml()


if __name__ == "__main__":
    main(*sys.argv[1:])
