# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Failures that users reported, with the facts of their boards: each gets its cause, and not that of its neighbours.

The texts are from public reports (the row of the diagnosis links one), and variants of them: other versions, libraries
and words of the same kind. They go through the judge as evidence of a probe, or through diagnose_text as pasted texts.
"""

import re

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import conditions
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.board_conditions import (
    describe_board,
    explain_visible,
    hides_all,
    judge_nodes,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose, diagnose_text
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.runtime_codes import (
    ASCEND,
    CUDA,
    find_ascend_codes,
    find_cuda_codes,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import add_board, judge
from ansible_collections.edgeai.fleet.plugins.modules import torch_verify
from verdict_support import failed, on_a_jetson, seen

UBUNTU = {"id": "ubuntu", "version_id": "22.04", "package_manager": "apt"}
OPENEULER = {"id": "openEuler", "version_id": "24.03", "package_manager": "dnf"}
ORIN = {"family": "jetson", "soc": "tegra234", "architecture": "aarch64", "os": UBUNTU, "platform": {"cuda": "12.6"}}
ORIN["key"] = {"l4t": "36.4.7"}
ORIN["memory"] = {"total": 8 << 30}
NANO = dict(ORIN, soc="tegra210", platform={"cuda": "10.2"}, key={"l4t": "32.7.4"}, cpu={"atomics": False})
NANO["os"] = {"id": "ubuntu", "version_id": "18.04", "package_manager": "apt"}
THOR = dict(ORIN, soc="tegra264", platform={"cuda": "13.0"}, key={"l4t": "38.2.0"})
ATLAS = {"family": "atlas", "architecture": "aarch64", "os": OPENEULER}
ATLAS["key"] = {"cann": "9.0.0", "driver": "24.1.0"}
ATLAS["accelerators"] = [{"kind": "npu"}, {"kind": "npu"}]
PC = {
    "family": "x86_conda",
    "architecture": "x86_64",
    "os": UBUNTU,
    "accelerators": [{"kind": "cuda"}],
    "cpu": {"level": 3},
}
OLD_PC = dict(PC, cpu={"level": 1})
PI5 = {"family": "raspberrypi", "architecture": "aarch64", "cpu": {"atomics": True}, "page_size": 16384}
PI5["os"] = {"id": "debian", "version_id": "12", "package_manager": "apt"}
PI4 = dict(PI5, cpu={"atomics": False}, page_size=4096)
PI32 = dict(PI4, architecture="armv7l", memory={"total": 4 << 30})
NIXOS = dict(PC, os={"id": "nixos", "package_manager": None})
ALPINE = dict(PI4, family="generic", os={"id": "alpine", "package_manager": None}, libc={"name": "musl"})
FEDORA = dict(PC, os={"id": "fedora", "version_id": "43", "package_manager": "dnf5"})
LATE = dict(
    PI4,
    warnings=["the clock of this board says 2024-01-01 00:00 UTC, the control node's 2026-11-30 00:00 UTC: signatures"],
)
COUNT = (
    "UserWarning: CUDA initialization: Unexpected error from cudaGetDeviceCount(). Did you "
    "run some cuda functions before"
    " calling NumCudaDevices() that might have already set an error? Error %s (Triggered internally at"
    " /pytorch/c10/cuda/CUDAFunctions.cpp:119.)"
)
MISSING = "ImportError: %s: cannot open shared object file: No such file or directory"
DOCKER = "root@4f1f9b455b8c:/workspace# python3 -c 'import torch'\n"


def on(board, container=False, **more):
    """Evidence of a probe on this board."""
    evidence = seen(family=board.get("family"), surroundings={}, **more)
    evidence["expect"] = more.get("expect", "cuda")
    add_board(evidence, board, container)
    return evidence


def nodes(error=None, path="/dev/nvmap", group="video", mode=0o660):
    return {"kind": "cpu", "count": 0, "nodes": [{"path": path, "group": group, "mode": mode, "error": error}]}


def cuda_missing(cause, error=None, **more):
    """What the probe tells of a board without a GPU that works."""
    return dict(nodes(error, **more), cause=cause)


NO_GPUS = "RuntimeError: No CUDA GPUs are available"


@pytest.mark.parametrize(
    ("board", "text", "identity", "words", "not_words"),
    [
        # --- Jetson
        (NANO, MISSING % "libcudart.so.10.0", "JET-28", ["CUDA 10.0", "CUDA 10.2"], ["apt-get"]),
        (ORIN, MISSING % "libcublas.so.11", "JET-28", ["CUDA 11", "CUDA 12.6"], []),
        (ORIN, MISSING % "libcusolver.so.12", "JET-07", ["libcusolver.so.12"], []),
        (NANO, DOCKER + MISSING % "libcurand.so.10", "JET-29", ["--runtime nvidia"], ["apt-get"]),
        (
            ORIN,
            "Step 7/9 : RUN python3 -c 'import torch'\n" + MISSING % "libcuda.so.1",
            "JET-35",
            ["default-runtime"],
            [],
        ),
        (ORIN, MISSING % "libnvrm_gpu.so", "JET-27", ["nvidia-l4t-core"], []),
        (
            ORIN,
            "ImportError: /lib/aarch64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by"
            " /usr/lib/aarch64-linux-gnu/nvidia/libnvdla_compiler.so)",
            "JET-22",
            ["different JetPacks", "L4T 36.4.7"],
            ["ppa"],
        ),
        (
            ORIN,
            "/lib/aarch64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by"
            " /usr/lib/aarch64-linux-gnu/nvidia/libnvrm_gpu.so)",
            "JET-22",
            ["different JetPacks"],
            [],
        ),
        (
            ORIN,
            "ImportError: /usr/lib/aarch64-linux-gnu/nvidia/libnvcudla.so: undefined symbol: _ZN5nvdla8getErrorE",
            "JET-22",
            [],
            [],
        ),
        (ORIN, "OSError: libnvsciipc.so: undefined symbol: NvSciCommonPanic", "JET-22", [], []),
        (
            ORIN,
            "ImportError: /home/u/miniforge3/envs/t/lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by"
            " /x/torch/lib/libtorch_python.so)",
            "GEN-30",
            ["conda"],
            ["ppa"],
        ),
        (
            ORIN,
            "ImportError: /lib/aarch64-linux-gnu/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by"
            " /x/torch/lib/libc10.so)",
            "JET-16",
            ["GLIBCXX_3.4.32"],
            [],
        ),
        # Ubuntu 22.04 has 3.4.30: an older one was loaded.
        (
            ORIN,
            (
                "ImportError: /opt/x/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by "
                "/x/torch/lib/libc10.so)"
            ),
            "GEN-03",
            ["an older libstdc++ is loaded first"],
            ["ppa"],
        ),
        (
            ORIN,
            "torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 20 MiB",
            "JET-23",
            ["8.0 GiB"],
            ["nvidia-smi"],
        ),
        (ORIN, "RuntimeError: CUDA error: out of memory", "JET-23", ["drop caches"], []),
        (
            ORIN,
            "RuntimeError: CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            "JET-23",
            [],
            [],
        ),
        (ORIN, "RuntimeError: cuDNN error: CUDNN_STATUS_ALLOC_FAILED", "JET-23", [], []),
        (ORIN, "cudaErrorMemoryAllocation", "JET-23", [], []),
        (ORIN, "NvMapMemAllocInternalTagged: 1075072515 error 12", "JET-11", ["drop caches"], []),
        (ORIN, "NvMapMemHandleAlloc: error 0\nNvRmMemHandleAlloc failed: Insufficient memory", "JET-11", [], []),
        (ORIN, COUNT % "801: operation not supported", "JET-08", ["video"], []),
        (ORIN, "cuInit(0) returned 100", "JET-08", [], []),
        (ORIN, DOCKER + COUNT % "801: operation not supported", "JET-30", ["--runtime nvidia"], ["usermod"]),
        (ORIN, "UserWarning: CUDA initialization: Found no NVIDIA driver on your system.", "JET-33", ["L4T"], []),
        (ORIN, "AttributeError: module 'torch.distributed' has no attribute 'ReduceOp'", "JET-24", [], []),
        (ORIN, "AttributeError: module 'torch.distributed' has no attribute 'init_process_group'", "JET-24", [], []),
        (
            PC,
            "ModuleNotFoundError: No module named 'torch._C._distributed_c10d'; 'torch._C' is not a package",
            "GEN-32",
            [],
            [],
        ),
        (ORIN, "RuntimeError: Distributed package doesn't have NCCL built in", "GEN-33", ["gloo"], []),
        (ORIN, "RuntimeError: operator torchvision::nms does not exist", "GEN-16", [], []),
        (ORIN, "RuntimeError: operator torchvision::roi_align does not exist", "GEN-16", [], []),
        (ORIN, "Could not run 'torchvision::nms' with arguments from the 'CUDA' backend", "GEN-17", [], []),
        (ORIN, "Could not run 'torchvision::roi_align' with arguments from the 'CUDA' backend", "GEN-17", [], []),
        (
            ORIN,
            "OSError: /v/torchvision/image.so: undefined symbol: _ZN3c1017RegisterOperatorsD1Ev",
            "GEN-16",
            ["torchvision"],
            [],
        ),
        (ORIN, "AttributeError: module 'numpy' has no attribute 'bool'", "GEN-20", ["numpy<1.24"], []),
        (
            ORIN,
            "AttributeError: `np.float_` was removed in the NumPy 2.0 release. Use `np.float64`",
            "GEN-28",
            ["numpy<2"],
            [],
        ),
        (
            ORIN,
            '  File "/v/lib/python3.10/site-packages/onnxruntime/capi/_pybind_state.py", line 32, in '
            "<module>\n    from .x"
            " import *  # noqa\nAttributeError: _ARRAY_API not found",
            "GEN-27",
            ["onnxruntime"],
            ["this torch was built"],
        ),
        (ORIN, "ERROR: No matching distribution found for onnxruntime-gpu", "GEN-41", ["onnxruntime-gpu"], []),
        (ORIN, "ModuleNotFoundError: No module named 'tensorrt'", "JET-34", ["/usr/bin/python3"], []),
        (
            ORIN,
            "NVIDIA Orin with CUDA capability sm_87 is not compatible with the current PyTorch installation",
            "JET-13",
            ["8.7"],
            ["5.3"],
        ),
        (
            NANO,
            "RuntimeError: CUDA error: no kernel image is available for execution on the device",
            "JET-13",
            ["5.3"],
            ["8.7"],
        ),
        (THOR, "cudaErrorNoKernelImageForDevice: no kernel image", "JET-12", ["Thor"], []),
        (ORIN, "RuntimeError: CUDA error: an illegal memory access was encountered", "CUDA-36", ["700"], []),
        # --- Ascend
        (ATLAS, MISSING % "libascend_hal.so", "NPU-21", ["driver"], ["toolkit"]),
        (ATLAS, DOCKER + MISSING % "libascend_hal.so", "NPU-48", ["mount /usr/local/Ascend/driver"], ["atlas_driver"]),
        (
            ATLAS,
            "npu-smi: error while loading shared libraries: libdrvdsmi_host.so: cannot open shared object file",
            "NPU-21",
            [],
            [],
        ),
        (
            ATLAS,
            "npu-smi: error while loading shared libraries: libc_sec.so: cannot open shared object file",
            "NPU-21",
            [],
            [],
        ),
        (ATLAS, MISSING % "libdrvdevdrv.so", "NPU-21", [], []),
        (ATLAS, MISSING % "libhccl.so", "NPU-01", [], []),
        (ATLAS, MISSING % "libruntime.so", "NPU-49", ["set_env.sh"], []),
        (ATLAS, MISSING % "libopapi.so", "NPU-49", ["CANN"], []),
        (ATLAS, MISSING % "libatb.so", "NPU-22", ["nnal"], ["apt-file"]),
        (ATLAS, MISSING % "libasdops.so", "NPU-22", ["CANN 9.0.0"], []),
        (
            ATLAS,
            "ImportError: /v/torch_npu/lib/libtorch_npu.so: undefined symbol: MsprofSysCycleTime",
            "NPU-20",
            ["CANN 9.0.0", "different releases"],
            [],
        ),
        (
            ATLAS,
            "ImportError: /v/torch_npu/lib/libop_plugin_atb.so: undefined symbol: _ZN3atb15CreateOperationINS_5infer"
            "19GroupTopkParamE",
            "NPU-20",
            [],
            [],
        ),
        (
            ATLAS,
            "export LD_LIBRARY_PATH=/usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_1/lib\nOSError:"
            " /usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_1/lib/libtbe_adapter.so: undefined symbol: _ZN3Mki2DlC1E",
            "NPU-20",
            ["NNAL"],
            ["remove that directory"],
        ),
        (
            ATLAS,
            "OSError: /usr/local/Ascend/ascend-toolkit/latest/lib64/libruntime.so: undefined symbol:"
            " halMemRetainAllocationHandle",
            "NPU-38",
            ["driver 24.1.0", "CANN 9.0.0"],
            [],
        ),
        (
            ATLAS,
            "OSError: /usr/local/Ascend/ascend-toolkit/8.0.RC3/aarch64-linux/lib64/libruntime.so: undefined symbol:"
            " _ZN12ErrorManager19ATCReportErrMessageE",
            "NPU-39",
            ["two releases of CANN"],
            [],
        ),
        (
            ATLAS,
            "ImportError: /v/mmcv/_ext.so: undefined symbol: _ZN7c10_npu10NpuRunMode9cur_mode_E",
            "NPU-54",
            ["/v/mmcv/_ext.so was compiled for another release of torch_npu"],
            [],
        ),
        (ATLAS, "[ERROR] ACL: aclInit failed, error code is 507008", "NPU-23", ["no chip"], []),
        (ATLAS, "call aclnnMatmul failed, error code is 507015", "NPU-24", ["AI core"], ["the driver"]),
        (ATLAS, "rtStreamSynchronize failed, ret=507046", "NPU-08", ["507046", "not finished in time"], []),
        (ATLAS, "the aicore execution is abnormal, error code is 507042", "NPU-24", ["507042"], []),
        (ATLAS, "aclrtSynchronizeStream, error code is 507018", "NPU-25", ["AI CPU"], []),
        (ATLAS, "NPU function error: SetDevice, error code is 507033\nE30006: x", "NPU-26", [], []),
        (ATLAS, "aclrtSetDevice failed, error code is 507899", "NPU-27", ["driver 24.1.0"], []),
        (ATLAS, "error code is 507901", "NPU-27", [], []),
        (ATLAS, "acl.rt.malloc failed, ret = 207001", "NPU-28", [], []),
        (
            ATLAS,
            "RuntimeError: NPU out of memory. Tried to allocate 2.00 GiB (NPU 0; 21 GiB total capacity)",
            "NPU-28",
            [],
            [],
        ),
        (ATLAS, "ret: 207018", "NPU-28", [], []),
        (ATLAS, "SetDevice error code is 107001", "NPU-45", ["number"], []),
        (
            ATLAS,
            "export ASCEND_RT_VISIBLE_DEVICES=4\nSetDevice error code is 107001",
            "NPU-44",
            ["highest number here is 1"],
            [],
        ),
        (ATLAS, "error code is 148049", "NPU-46", ["set_env.sh"], []),
        (ATLAS, "error code is 100039", "NPU-47", ["stub"], []),
        (ATLAS, "error code is 207006", "NPU-42", ["HwHiAiUser"], []),
        (ATLAS, "\u9519\u8bef\u7801\u4e3a507011", "NPU-08", ["a model failed"], []),
        (ATLAS, "E10001 ModuleNotFoundError: No module named 'tbe.common'", "NPU-31", ["PYTHONPATH"], []),
        (ATLAS, "EH9999: Inner Error!\nModuleNotFoundError: No module named 'decorator'", "NPU-50", ["decorator"], []),
        (ATLAS, "ModuleNotFoundError: No module named 'yaml'", "NPU-50", ["pyyaml"], []),
        (ATLAS, "RuntimeError: GEInitialize failed", "NPU-35", [], []),
        (
            ATLAS,
            "EZ1001: Tensor self not implemented for DT_BFLOAT16, should be in dtype support list [DT_FLOAT]",
            "NPU-33",
            [],
            [],
        ),
        (ATLAS, "EZ3003: the data type DT_BFLOAT16 of op Cast", "NPU-33", [], []),
        (ATLAS, "EI0006: Getting socket times out", "NPU-34", [], []),
        (ATLAS, "EI0002: the wait execution of the Notify register times out", "NPU-34", [], []),
        (ATLAS, "Unsupported SOC version: Ascend310B4", "NPU-05", ["Ascend310B4"], []),
        (
            ATLAS,
            "Dkms install failed, details in : /var/log/ascend_seclog/ascend_install.log",
            "NPU-14",
            ["dnf install kernel-devel"],
            ["apt-get"],
        ),
        (
            ATLAS,
            "make: *** /lib/modules/5.10.0-60/build: No such file or directory.  Stop.",
            "NPU-14",
            ["kernel-devel"],
            [],
        ),
        (ATLAS, "UserWarning: Can't get ascend_hal device count", "NPU-27", [], []),
        (ATLAS, "UserWarning: Found no NVIDIA driver on your system", "NPU-37", ["npu"], ["install the NVIDIA driver"]),
        # --- Arm
        (
            PI4,
            "E:Release file for http://x/InRelease is not valid yet (invalid for another 39d 6h 5min 33s)",
            "RUN-12",
            ["clock"],
            [],
        ),
        (
            PI4,
            "ssl.SSLCertVerificationError: certificate verify failed: certificate is not yet valid (_ssl.c:1006)",
            "RUN-12",
            ["clock"],
            [],
        ),
        (
            PI4,
            (
                "fatal: unable to access 'https://x/': server certificate verification failed: "
                "certificate is not yet activated"
            ),
            "RUN-12",
            [],
            [],
        ),
        (PI4, "error: invalid peer certificate: NotValidYet", "RUN-12", [], []),
        (PI4, "gpgv: Signature made in the future; Signature by key 0E98 created in the future", "RUN-12", [], []),
        (PI4, "make: warning:  Clock skew detected.  Your build may be incomplete.", "RUN-12", [], []),
        (
            LATE,
            "SSL: CERTIFICATE_VERIFY_FAILED certificate verify failed: unable to get local issuer certificate",
            "RUN-16",
            ["2024-01-01"],
            [],
        ),
        (
            PI4,
            "SSL: CERTIFICATE_VERIFY_FAILED certificate verify failed: unable to get local issuer certificate",
            "NET-01",
            ["update-ca-certificates"],
            [],
        ),
        (
            FEDORA,
            "SSL: CERTIFICATE_VERIFY_FAILED certificate verify failed: self-signed certificate",
            "NET-01",
            ["update-ca-trust"],
            ["apt-get"],
        ),
        (PI5, "ImportError: /x/y.so: ELF load command address/offset not page-aligned", "GEN-19", ["kernel8.img"], []),
        (PI5, "ELF load command address/offset not properly aligned", "GEN-19", [], []),
        (PI5, "<jemalloc>: Unsupported system page size", "GEN-19", [], []),
        (
            dict(ATLAS, page_size=65536),
            "<jemalloc>: Unsupported system page size",
            "GEN-19",
            ["64 KiB"],
            ["kernel8.img in"],
        ),
        (
            PI4,
            "ImportError: /x/y.so: ELF load command address/offset not page-aligned",
            "GEN-35",
            ["damaged"],
            ["kernel8"],
        ),
        (PI4, "ModuleNotFoundError: No module named 'libcamera'", "GEN-40", ["torch_system_site_packages"], []),
        (PI4, "ModuleNotFoundError: No module named 'RPi'", "GEN-40", [], []),
        (
            PI4,
            "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96",
            "GEN-18",
            [],
            [],
        ),
        (
            PI4,
            "RuntimeError: [enforce fail at alloc_cpu.cpp:75] DefaultCPUAllocator: can't allocate memory",
            "RUN-13",
            ["raspberrypi_swap_mib"],
            [],
        ),
        (
            PI32,
            "RuntimeError: DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 GB",
            "RUN-22",
            ["32-bit"],
            [],
        ),
        (PI4, "OSError: [Errno 30] Read-only file system: '/opt/edgeai'", "RUN-11", ["raspi-config"], []),
        (PC, "OSError: [Errno 30] Read-only file system: '/opt/edgeai'", "RUN-11", [], ["raspi-config"]),
        (
            NIXOS,
            "OSError: [Errno 30] Read-only file system: '/nix/store/x-python3/lib'",
            "RUN-17",
            ["NixOS"],
            ["raspi-config"],
        ),
        (PI4, "error: failed to create directory `/opt/x`: Read-only file system (os error 30)", "RUN-11", [], []),
        (PI4, "ImportError: /x/y.so: wrong ELF class: ELFCLASS64", "GEN-21", [], []),
        (
            NIXOS,
            "ImportError: libstdc++.so.6: cannot open shared object file: No such file or directory",
            "RUN-20",
            ["nix-ld"],
            ["apt"],
        ),
        (NIXOS, "Could not start dynamically linked executable: /opt/x/bin/python", "RUN-20", [], []),
        (
            ALPINE,
            "ImportError: Error loading shared library ld-linux-aarch64.so.1: No such file or directory",
            "RUN-21",
            ["musl"],
            ["apt"],
        ),
        (FEDORA, "ImportError: libgfortran.so.5: cannot open shared object file", "RUN-05", ["dnf provides"], ["apt"]),
        (FEDORA, "/bin/sh: python3: not found", "ANS-10", ["dnf install python3"], ["apt-get"]),
        (ALPINE, "/bin/sh: python3: not found", "ANS-10", ["apk add python3"], ["apt-get"]),
        (
            PI4,
            "ImportError: /x/libgomp-d22c30c5.so.1.0.0: cannot allocate memory in static TLS block",
            "GEN-04",
            ["LD_PRELOAD: /x/libgomp-d22c30c5.so.1.0.0"],
            [],
        ),
        (PI4, "ImportError: dlopen: cannot load any more object with static TLS", "GEN-04", [], []),
        (PI4, "libgomp: Thread creation failed: Resource temporarily unavailable", "RUN-23", ["ulimit -u"], []),
        (
            PI4,
            "UserWarning: CUDA initialization: Found no NVIDIA driver on your system",
            "GEN-14",
            ["no NVIDIA GPU"],
            ["install"],
        ),
        # --- x86
        (PC, COUNT % "802: system not yet initialized", "CUDA-10", ["nvidia-fabricmanager"], []),
        (PC, "cudaErrorSystemNotReady", "CUDA-10", [], []),
        (PC, "CUDA_ERROR_SYSTEM_NOT_READY", "CUDA-10", [], []),
        (PC, "RuntimeError: CUDA error: system not yet initialized", "CUDA-10", [], []),
        (PC, COUNT % "101: invalid device ordinal", "CUDA-11", ["MIG"], []),
        (PC, COUNT % "304: OS call failed or operation not supported on this OS", "CUDA-17", [], []),
        (PC, COUNT % "46: CUDA-capable device(s) is/are busy or unavailable", "CUDA-18", [], []),
        (PC, COUNT % "2: out of memory", "CUDA-19", [], []),
        (PC, COUNT % "803: system has unsupported display driver / cuda driver combination", "CUDA-04", [], []),
        (PC, COUNT % "804: forward compatibility was attempted on non supported HW", "CUDA-05", [], []),
        (PC, COUNT % "999: unknown error", "CUDA-03", ["nvidia_uvm"], []),
        (PC, COUNT % "36: API call is not supported in the installed CUDA driver", "CUDA-30", [], []),
        (
            PC,
            COUNT % "805: MPS client failed to connect to the MPS control daemon or the MPS server",
            "CUDA-32",
            ["MPS"],
            [],
        ),
        (PC, COUNT % "34: CUDA driver is a stub library", "CUDA-31", ["stubs"], []),
        (PC, "RuntimeError: CUDA error: uncorrectable ECC error encountered", "CUDA-33", ["ECC"], []),
        (PC, "NVRM: Xid (PCI:0000:01:00): 79, pid=1, GPU has fallen off the bus.", "CUDA-33", [], []),
        (
            PC,
            "RuntimeError: CUDA error: the provided PTX was compiled with an unsupported toolchain.",
            "CUDA-34",
            ["222"],
            [],
        ),
        (PC, "RuntimeError: Cannot re-initialize CUDA in forked subprocess", "CUDA-35", ["spawn"], []),
        (PC, "RuntimeError: CUDA error: device-side assert triggered", "CUDA-36", ["CUDA_LAUNCH_BLOCKING=1"], []),
        (PC, "ImportError: libtorch_cuda.so: undefined symbol: ncclCommRegister", "CUDA-12", ["NCCL"], []),
        (PC, "ImportError: libcusparse.so.12: undefined symbol: __nvJitLinkComplete_12_4", "CUDA-09", [], []),
        (PC, "ImportError: libtorch_cuda.so: undefined symbol: cublasLtHSHMatmulAlgoInit", "CUDA-38", ["cublasLt"], []),
        (
            PC,
            "ImportError: libcudnn_graph.so.9: undefined symbol: cudnnGetLibConfig",
            "CUDA-38",
            ["cudnnGetLibConfig"],
            [],
        ),
        (
            PC,
            (
                "Unable to load any of {libcudnn_ops.so.9.1.0, libcudnn_ops.so.9}\nInvalid handle. "
                "Cannot load symbol cudnnCreateTensorDescriptor"
            ),
            "CUDA-37",
            ["cuDNN"],
            [],
        ),
        (
            PC,
            "Could not load library libcudnn_cnn_infer.so.8. Error: libcuda.so: cannot open shared object file",
            "CUDA-37",
            ["libcudnn_cnn_infer"],
            [],
        ),
        (
            PC,
            "RuntimeError: cuDNN version incompatibility: PyTorch was compiled against (8, 5, 0) but found (8, 3, 2)",
            "CUDA-13",
            [],
            [],
        ),
        (
            PC,
            "OMP: Error #15: Initializing libiomp5.so, but found libomp.so already initialized.",
            "GEN-36",
            ["libiomp5.so"],
            [],
        ),
        (
            PC,
            "Error: mkl-service + Intel(R) MKL: MKL_THREADING_LAYER=INTEL is incompatible with libgomp.so.1 library.",
            "GEN-37",
            ["GNU"],
            [],
        ),
        (PC, "Intel MKL FATAL ERROR: Cannot load libmkl_avx2.so or libmkl_def.so.", "GEN-38", ["MKL"], []),
        (PC, "ImportError: undefined symbol: iJIT_NotifyEvent", "CONDA-01", [], []),
        (
            OLD_PC,
            (
                "RuntimeError: NumPy was built with baseline optimizations: \n(X86_V2) but your machine "
                "doesn't support:\n(X86_V2)."
            ),
            "GEN-15",
            ["numpy<2.4"],
            [],
        ),
        (OLD_PC, "torch 2.13.0\nIllegal instruction (core dumped)", "X86-02", ["x86-64-v2"], ["another torch_version"]),
        (PC, "torch 2.13.0\nIllegal instruction (core dumped)", "RUN-01", [], ["x86-64-v2"]),
        (PC, "modprobe: ERROR: could not insert 'nvidia': Key was rejected by service", "CUDA-39", ["Secure Boot"], []),
        (PC, "modprobe: ERROR: could not insert 'nvidia_uvm': Required key not available", "CUDA-39", [], []),
        (PC, "NVRM: installed in this system requires use of the NVIDIA open kernel modules.", "CUDA-40", ["open"], []),
        (PC, "modprobe: ERROR: could not insert 'nvidia': No such device", "CUDA-41", ["nouveau"], []),
        (
            PC,
            "modprobe: FATAL: Module nvidia not found in directory /lib/modules/6.8.0-35-generic",
            "CUDA-42",
            ["apt-get install linux-headers"],
            [],
        ),
        (
            FEDORA,
            "modprobe: FATAL: Module nvidia not found in directory /lib/modules/6.8.0-35",
            "CUDA-42",
            ["dnf install kernel-devel"],
            ["apt-get"],
        ),
        (
            PC,
            "NVRM: API mismatch: the client has the version 535.171, but this kernel module has the version 535.161",
            "CUDA-22",
            ["restart"],
            [],
        ),
        (
            PC,
            "export CUDA_VISIBLE_DEVICES=1\nRuntimeError: No CUDA GPUs are available",
            "CUDA-15",
            ["highest number here is 0"],
            [],
        ),
        (
            PC,
            "CUDA_VISIBLE_DEVICES=-1 python x.py\nRuntimeError: No CUDA GPUs are available",
            "CUDA-15",
            ["hides every device"],
            [],
        ),
        (
            PC,
            "os.environ['CUDA_VISIBLE_DEVICES'] = 'MIG-1234'\n" + COUNT % "100: no CUDA-capable device is detected",
            "CUDA-15",
            ["MIG"],
            [],
        ),
        # The first GPU is always there if any is: the variable is not the cause.
        (
            PC,
            "CUDA_VISIBLE_DEVICES=0 python x.py\nRuntimeError: No CUDA GPUs are available",
            "CUDA-08",
            [],
            ["CUDA_VISIBLE_DEVICES is 0"],
        ),
        # --- variants: other libraries, other words, other programs
        (
            dict(ORIN, platform={"cuda": "12.6", "cudnn": "9.3.0"}),
            MISSING % "libcudnn.so.8",
            "JET-36",
            ["cuDNN 8", "cuDNN 9.3"],
            [],
        ),
        (
            dict(ORIN, platform={"cuda": "12.6", "tensorrt": "10.3.0"}),
            MISSING % "libnvinfer.so.8",
            "JET-36",
            ["TensorRT 8", "TensorRT 10.3"],
            [],
        ),
        (ORIN, "nvidia-smi: command not found", "JET-37", ["tegrastats"], []),
        (
            ORIN,
            "RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
            "JET-38",
            ["drop caches"],
            [],
        ),
        (
            PC,
            "RuntimeError: CUDA error: CUBLAS_STATUS_NOT_INITIALIZED when calling `cublasCreate(handle)`",
            "CUDA-43",
            [],
            [],
        ),
        (ORIN, "[TensorRT] ERROR: safeRuntime.cpp (25) - Cuda Error in allocate: 2 (out of memory)", "JET-23", [], []),
        (
            PC,
            "CUDA initialization: CUDA driver initialization failed, you might not have a CUDA gpu.",
            "CUDA-44",
            [],
            [],
        ),
        (PC, "NCCL WARN Cuda failure 802 'system not yet initialized'", "CUDA-10", [], []),
        (PC, "RuntimeError: CUDA driver error: unknown error", "CUDA-03", [], []),
        (
            PC,
            "nvidia-container-cli: initialization error: nvml error: driver not loaded: unknown",
            "CUDA-45",
            ["host"],
            [],
        ),
        (
            PC,
            "nvidia-container-cli: requirement error: unsatisfied condition: cuda>=12.4",
            "CUDA-46",
            ["cuda>=12.4"],
            [],
        ),
        (PC, "nvrtc: error: failed to open libnvrtc-builtins.so.13.0.", "CUDA-47", ["NVRTC"], ["cuDNN"]),
        (PC, "Secure Boot: modprobe nvidia: Key was rejected by service", "CUDA-39", [], []),
        (OLD_PC, "Fatal glibc error: CPU does not support x86-64-v2", "X86-03", ["x86-64-v2"], []),
        (OLD_PC, "RuntimeWarning: Missing required CPU features.", "X86-04", [], []),
        (ORIN, "ValueError: Unknown CUDA arch (8.7) or GPU not supported", "BUILD-17", ["8.7"], []),
        (PI4, "E: Release file for http://x/InRelease is expired (invalid since 3d 2h)", "RUN-24", ["date"], []),
        (LATE, "E: Release file for http://x/InRelease is expired (invalid since 3d 2h)", "RUN-16", ["2024-01-01"], []),
        (ATLAS, "EZ9999: there is an aicore error exception, core id is 0", "NPU-24", [], ["driver"]),
        (ATLAS, "E39999: Inner Error! Aicpu kernel execute failed, device_id=0", "NPU-25", [], []),
        (ATLAS, "EE1001: rtGetDeviceCount execute failed, reason=[driver error:internal error]", "NPU-27", [], []),
        (ATLAS, "EL0004: Failed to allocate memory.", "NPU-28", [], []),
        (ATLAS, "dcmi module initialize failed. ret is -8012", "NPU-51", ["not ready"], []),
        (ATLAS, "AttributeError: module 'torch_npu' has no attribute '_autoload'", "NPU-52", ["_autoload"], []),
        (ATLAS, "OSError: libhccl.so: undefined symbol: rtGetDevicePhyIdByIndex", "NPU-39", [], []),
        (
            dict(PI32, memory={"total": 512 << 20}, family="pynq"),
            "DefaultCPUAllocator: not enough memory",
            "RUN-13",
            ["0.5 GiB", "pynq_swap_mib"],
            ["32-bit"],
        ),
        (
            PI4,
            "ImportError: numpy.core.multiarray failed to import",
            "GEN-42",
            ["last file of the traceback"],
            ["this torch"],
        ),
        (PI4, "RuntimeError: PyTorch was compiled without NumPy support", "BUILD-16", ["compiled without NumPy"], []),
        (
            PI32,
            "ImportError: cv2.so: undefined symbol: __atomic_fetch_add_8",
            "GEN-44",
            ["apt-get install libatomic1"],
            [],
        ),
    ],
)
def test_pasted_with_the_facts_of_the_board(board, text, identity, words, not_words):
    found = diagnose_text(text, board=board)
    assert found and found["id"] == identity
    said = found["cause"] + "; " + found["fix"]
    assert [word for word in words if word not in said] == [] and [word for word in not_words if word in said] == []
    assert not re.search(r"\{\w*\}", said)  # a word that was not filled in


@pytest.mark.parametrize(
    ("evidence", "identity", "words", "repair"),
    [
        pytest.param(
            on(ORIN, accelerator=cuda_missing(NO_GPUS, "EACCES"), start={"uid": 1001, "groups": [1001]}),
            "ACC-01",
            ["/dev/nvmap", "group video", "usermod -aG video robot"],
            "groups",
            id="the node of the Jetson is closed to the user, and no text says so",
        ),
        pytest.param(
            on(
                ORIN,
                accelerator={"kind": "cpu", "cause": NO_GPUS},
                stderr="NvRmMemInitNvmap failed: error Permission denied\n",
                start={"uid": 1001, "groups": [1001]},
            ),
            "JET-08",
            ["group video"],
            "groups",
            id="NvMap says so on stderr",
        ),
        pytest.param(
            on(ORIN, accelerator=cuda_missing(NO_GPUS), start={"uid": 0}, warnings=[COUNT % "999: unknown error"]),
            "JET-32",
            ["L4T 36.4.7"],
            None,
            id="root may open every node: no group helps",
        ),
        pytest.param(
            on(ORIN, accelerator=cuda_missing(NO_GPUS), warnings=[COUNT % "801: operation not supported"]),
            "JET-32",
            ["may open"],
            None,
            id="the user may open the nodes: it is not the group",
        ),
        pytest.param(
            on(ORIN, True, accelerator={"kind": "cpu", "cause": NO_GPUS, "nodes": []}),
            "ACC-05",
            ["--runtime nvidia", "36.4.7"],
            None,
            id="a container without the runtime",
        ),
        pytest.param(
            on(
                dict(PC, kernel="5.15.167.4-microsoft-standard-WSL2"),
                accelerator={"kind": "cpu", "cause": "RuntimeError: Found no NVIDIA driver on your system."},
            ),
            "CUDA-49",
            ["/usr/lib/wsl/lib", "Windows"],
            None,
            id="WSL, whose driver is that of Windows",
        ),
        pytest.param(
            on(
                ORIN,
                died={"stage": "import", "signal": None, "exit_status": 1, "timeout": False},
                stderr="ValueError: libnvToolsExt.so.*[0-9] not found in the system path ['/usr/lib/python38.zip']",
            ),
            "JET-07",
            ["libnvToolsExt.so"],
            None,
            id="torch's own words for a library that is missing",
        ),
        pytest.param(
            on(PC, True, accelerator={"kind": "cpu", "cause": NO_GPUS, "nodes": []}),
            "ACC-07",
            ["--gpus all"],
            None,
            id="a container of a PC without the GPU",
        ),
        pytest.param(
            on(PC, accelerator=cuda_missing(NO_GPUS, "EACCES", path="/dev/nvidia0", group="root", mode=0o600)),
            "ACC-02",
            ["mode 0600"],
            None,
            id="a node that no group may open",
        ),
        pytest.param(
            on(PC, True, accelerator=cuda_missing(NO_GPUS, "EPERM", path="/dev/nvidiactl", group="root", mode=0o666)),
            "ACC-03",
            ["device rules"],
            None,
            id="the container lost its devices when systemd was reloaded",
        ),
        pytest.param(
            on(PC, accelerator=cuda_missing(NO_GPUS, "EIO", path="/dev/nvidia0", group="root", mode=0o666)),
            "ACC-04",
            ["/dev/nvidia0"],
            None,
            id="a card behind whose node nobody answers",
        ),
        pytest.param(
            on(PC, accelerator=dict(nodes("EACCES"), cause="AssertionError: Torch not compiled with CUDA enabled")),
            "CUDA-07",
            ["CPU build"],
            None,
            id="a CPU build is the first reason, whatever the nodes are",
        ),
        pytest.param(
            on(
                PC,
                accelerator=nodes("EACCES"),
                checks=[failed("data_loader", "RuntimeError", "unable to open shared memory object </torch_1>")],
            ),
            "RUN-09",
            ["/dev/shm"],
            None,
            id="the node is no reason for the failure of another check",
        ),
        pytest.param(
            on(
                ATLAS,
                True,
                accelerator=nodes("EACCES", path="/dev/davinci0", group="HwHiAiUser"),
                warnings=["UserWarning: Can't get ascend_hal device count"],
            ),
            "ACC-01",
            ["HwHiAiUser", "--group-add"],
            "groups",
            id="nodes of the NPU in a container, 0660",
        ),
        pytest.param(
            on(
                ATLAS,
                accelerator=nodes(path="/dev/davinci0", group="HwHiAiUser"),
                warnings=["UserWarning: Can't get ascend_hal device count"],
            ),
            "NPU-41",
            ["driver 24.1.0", "CANN 9.0.0"],
            None,
            id="nodes that can be opened: driver and CANN",
        ),
        pytest.param(
            on(
                ATLAS,
                start={"environment": {"ASCEND_RT_VISIBLE_DEVICES": "5"}},
                accelerator={"kind": "cpu", "cause": None},
                warnings=["UserWarning: Can't get ascend_hal device count"],
            ),
            "NPU-40",
            ["ASCEND_RT_VISIBLE_DEVICES is 5", "ascending"],
            None,
            id="a variable that hides every NPU",
        ),
        pytest.param(
            on(
                PC,
                checks=[failed("module_torchvision", "RuntimeError", "operator torchvision::nms does not exist")],
                start={"environment": {}},
            ),
            "GEN-16",
            ["torch_companions"],
            None,
            id="a torchvision of another torch",
        ),
        pytest.param(
            on(
                ATLAS,
                stderr=(
                    "[ERROR] RUNTIME(12,python3):2026-11-30 runtime.cc:51 rtSetDevice failed, ret=507899\nall is well"
                ),
                accelerator={"kind": "cpu", "cause": "RuntimeError: Initialize:torch_npu failed"},
            ),
            "NPU-27",
            ["driver 24.1.0"],
            None,
            id="CANN's own line on stderr",
        ),
        pytest.param(
            on(
                ORIN,
                warnings=["NvMapMemAllocInternalTagged"],
                checks=[failed("lapack", "RuntimeError", "nothing known")],
            ),
            "UNKNOWN",
            ["not known"],
            None,
            id="an unknown error is not explained by a harmless word",
        ),
    ],
)
def test_judged_with_the_facts_of_the_board(evidence, identity, words, repair):
    found = judge(evidence, evidence["expect"])["diagnosis"]
    said = found["cause"] + "; " + found["fix"]
    assert found["id"] == identity
    assert [word for word in words if word not in said] == [] and found["repair"] == repair


def test_a_companion_that_was_replaced_is_named():
    checks = [failed("module_torchvision", "RuntimeError", "operator torchvision::nms does not exist")]
    evidence = on(PC, checks=checks)
    evidence["surroundings"]["companions"] = {"torchaudio": ("2.9.0", "2.9.1"), "torchvision": ("0.20.0", "0.24.1")}
    found = judge(evidence, "cuda")["diagnosis"]
    assert found["id"] == "ENV-05" and "torchvision 0.20.0" in found["cause"] and "0.24.1" in found["cause"]
    assert found["repair"] == "replaced"
    # One that takes no part in the failure is no reason for it.
    evidence["surroundings"]["companions"] = {"torchaudio": ("2.9.0", "2.9.1")}
    assert judge(evidence, "cuda")["diagnosis"]["id"] == "GEN-16"


@pytest.mark.parametrize(
    ("text", "board"),
    [
        ("HTTP error 802", PC),
        ("uploaded error 999 lines", ORIN),
        ("exit code 101 of the camera", PC),
        ("loss: 507015", ATLAS),
        ("step 207001 of 500000", ATLAS),
        ("127.0.0.1 - - error 2: no such file", PC),
        ("cuda is initialized, 100 steps", PC),
        ("EZ1001: not implemented for DT_INT64, dtype support list [DT_FLOAT,DT_BFLOAT16], not supported", ATLAS),
        ("libnvdla_compiler.so was loaded", ORIN),
        ("the page size is 16384", PI5),
        ("the certificate was renewed", LATE),
        ("Read-only memory is used for the table", PC),
        ("import decorator", ATLAS),
        ("No module named 'my_decorator'", ATLAS),
        ("OMP: Info #276: omp_set_nested routine deprecated", PC),
        ("mkl: 2024.1 was found", PC),
        ("the driver_version is 535", PC),
        ("libatb.so is loaded", ATLAS),
        ("AttributeError: module 'mytorch.distributed' has no attribute 'fast'", PC),
    ],
)
def test_look_alikes_have_no_cause(text, board):
    assert diagnose_text(text, board=board) is None


@pytest.mark.parametrize(
    ("text", "board", "not_identity"),
    [
        # the same words on other boards, or with other facts
        ("E:Release file for x is not valid yet (invalid for another 3d)", PI4, "RUN-16"),
        (MISSING % "libruntime.so", PC, "NPU-49"),
        (MISSING % "libcurand.so.10", PC, "JET-07"),
        ("NVML_SUCCESS == r INTERNAL ASSERT FAILED", PC, "JET-10"),
        ("OutOfMemoryError: CUDA out of memory", PC, "JET-23"),
        ("error code is 507899", ORIN, "NPU-27"),
        ("No module named 'tensorrt'", PC, "JET-34"),
        ("No module named 'yaml'", PC, "NPU-50"),
        ("undefined symbol: halide_error", PC, "NPU-38"),
        ("/opt/x/libfoo.so: undefined symbol: cuckoo_hash", PC, "CUDA-38"),
        ("ValueError: numpy.core.multiarray failed to import", PC, "GEN-27"),
    ],
)
def test_look_alikes_have_another_cause(text, board, not_identity):
    assert (diagnose_text(text, board=board) or {"id": None})["id"] != not_identity


def test_the_sentences_of_the_boards_facts_are_understood():
    """board_facts says in a warning what a diagnosis needs: both sides know the same words."""

    class Clock(object):
        def now(self):
            return 0.0

    found = describe_board({"warnings": conditions.warn_of_clock(Clock(), 1e9)})
    assert found["wrong_clock"] and found["clock"] == ("1970-01-01 00:00 UTC", "2001-09-09 01:46 UTC")

    class Mounts(object):
        def __init__(self, line, command=""):
            self.files = {"/proc/self/mountinfo": line, "/proc/cmdline": command}

        def read(self, path):
            return self.files.get(path)

        def realpath(self, path):
            return path

    line = "22 1 179:2 / / %s - %s %s"
    frozen = conditions.warn_of_file_system(Mounts(line % ("ro", "ext4", "/dev/x ro")), "/opt/torch", "/opt")
    lost = conditions.warn_of_file_system(
        Mounts(line % ("rw", "overlay", "overlay rw,upperdir=/over"), "overlayroot=tmpfs"), "/opt/torch", "/opt"
    )
    assert describe_board({"warnings": frozen})["read_only"] is True
    assert describe_board({"warnings": lost})["volatile"][0] == "/opt/torch"
    assert describe_board({"warnings": []})["wrong_clock"] is False and describe_board({})["wrong_clock"] is None


@pytest.mark.parametrize(
    ("value", "devices", "hidden"),
    [
        ("", 2, True),
        ("-1", 2, True),
        ("NoDevFiles", None, True),
        ("0", None, False),
        ("0,9", 1, False),
        ("1", 1, True),
        ("1", 2, False),
        ("1", None, None),
        ("1, 2", 2, False),
        ("GPU-4f1f9b45", 2, None),
        ("MIG-GPU-4f/1/0", 2, None),
    ],
)
def test_what_a_list_of_visible_devices_hides(value, devices, hidden):
    assert hides_all(value, devices) is hidden and explain_visible(value, devices)


def test_nodes_may_be_anything():
    for strange in (None, 5, "x", {}, [1, None, "x"], [{}], [{"error": 5, "mode": "x"}], [{"error": ["EACCES"]}]):
        assert judge_nodes(strange)[0] in (None, "missing", "open")
    assert judge_nodes([{"error": "EACCES", "mode": None, "group": None}])[0] == "closed"


def test_each_code_is_found_by_number_name_and_words():
    for code, (words, alone, names) in CUDA.items():
        assert find_cuda_codes("cudaGetDeviceCount() failed. Error %d: %s" % (code, words)) == {code}
        assert find_cuda_codes("RuntimeError: CUDA error: %s\nCUDA kernel errors" % words) == {code}
        assert find_cuda_codes(words) == ({code} if alone else set())
        for name in names:
            assert find_cuda_codes("it returned %s (1)" % name) == {code}
    for code in ASCEND:
        assert find_ascend_codes("call failed, error code is %d[Error]: x" % code) == [code]


def test_every_family_of_memory_error_is_known_everywhere():
    for text in ("CUDA out of memory", "CUDA error: out of memory", "CUBLAS_STATUS_ALLOC_FAILED"):
        for board, identity in ((ORIN, "JET-23"), (PC, "CUDA-14")):
            evidence = on(board, checks=[failed("convolution_cuda", "RuntimeError", text)])
            assert diagnose(evidence)["id"] == identity


def test_a_jetson_without_facts_keeps_its_first_answer():
    evidence = on_a_jetson(accelerator={"kind": "cpu", "cause": COUNT % "999: unknown error"})
    assert judge(evidence, "cuda")["diagnosis"]["id"] == "JET-08"


@pytest.mark.parametrize(("variables", "repair"), [({"CUDA_VISIBLE_DEVICES": "7"}, "variables"), ({}, None)])
def test_only_a_variable_of_the_environment_itself_is_repaired(variables, repair):
    """One of /etc/environment or of a service stays whatever is installed."""
    start = {"environment": {"CUDA_VISIBLE_DEVICES": "7"}}
    evidence = on(PC, start=start, variables=variables, accelerator={"kind": "cpu", "cause": NO_GPUS})
    found = judge(evidence, "cuda")["diagnosis"]
    assert (found["id"], found["repair"]) == ("CUDA-15", repair)


def test_numpy_for_a_newer_processor_is_repaired():
    text = "NumPy was built with baseline optimizations: \n(X86_V2) but your machine doesn't support:\n(X86_V2)."
    evidence = on(OLD_PC, checks=[failed("numpy_bridge", "RuntimeError", text)])
    assert judge(evidence)["diagnosis"]["repair"] == "numpy"


@pytest.mark.parametrize(
    ("kind", "device", "error", "words"),
    [
        ("cuda", {"name": "Tesla V100", "compute_capability": "7.0"}, None, "Tesla V100 has no bfloat16 in hardware"),
        ("cuda", {"name": "Orin", "compute_capability": "8.7"}, None, None),
        (
            "npu",
            {"name": "Ascend310P3"},
            "not implemented for DT_BFLOAT16",
            "Ascend310P3 has no bfloat16, programs need",
        ),
        ("npu", {"name": "Ascend910B3"}, None, None),
    ],
)
def test_what_a_chip_lacks_is_in_the_verdict(kind, device, error, words):
    evidence = seen(kind, accelerator={"kind": kind, "count": 1, "cause": None, "devices": [dict(device, memory=1)]})
    if error:
        evidence["checks"].append(failed("bfloat16_" + kind, "RuntimeError", error, advisory=True))
    verdict = judge(evidence, kind)
    assert verdict["satisfied"] and (not words) is (not verdict["warnings"])
    assert not words or verdict["warnings"][0].startswith(words)


OPTIONS = {"root": "/opt/edgeai/torch", "user": None, "family": None, "_control_time": 1e9, "gather_board": True}


def test_the_board_is_gathered_with_the_time_of_the_control_node(monkeypatch):
    """verify measures the board, and a clock that is wrong is a part of its facts, and of the diagnosis."""
    asked = []

    def collect(system, root, user, family=None, control_time=None):
        asked.append(control_time)
        return LATE

    monkeypatch.setattr(torch_verify, "collect", collect)
    monkeypatch.setattr(torch_verify, "read_state", lambda root: {})
    facts = torch_verify.gather_board(OPTIONS)
    assert facts == {"board": dict(LATE, state={}, seconds=0.0)}
    assert torch_verify.gather_board(dict(OPTIONS, gather_board=False)) == {}
    evidence = seen(checks=[failed("module_hub", "URLError", "CERTIFICATE_VERIFY_FAILED certificate verify failed")])
    expected = {"expect": "auto", "from": "request", "asked": "auto", "promised": None}
    verdict = torch_verify.judge_with_board(evidence, OPTIONS, facts, expected=expected, signs=())
    assert asked == [1e9] and verdict["diagnosis"]["id"] == "RUN-16"
    # Without the facts, they are measured for a verdict that is not satisfied.
    verdict = torch_verify.judge_with_board(dict(evidence, surroundings={}), OPTIONS, {}, expected=expected, signs=())
    assert asked == [1e9, 1e9] and "2024-01-01" in verdict["diagnosis"]["cause"]


def test_the_boards_own_finding_counts_for_every_verdict(monkeypatch):
    sign = {"kind": "cuda", "name": "RTX 3090", "where": "0000:01:00.0", "cause": "fabric", "why": "no fabric manager"}
    monkeypatch.setattr(
        torch_verify, "collect", lambda *_given, **_named: dict(PC, signs=[dict(sign, fix="Start it.")])
    )
    expected = {"expect": "cuda", "from": "plan", "asked": "cuda", "promised": None}
    verdict = torch_verify.judge_with_board(seen(), OPTIONS, {}, expected=expected, signs=())
    assert verdict["diagnosis"]["id"] == "SIGN-fabric" and verdict["diagnosis"]["fix"] == "Start it."
