# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people paste into forums, and what the playbook diagnose says of it."""

from __future__ import annotations

import time

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text, find_torch
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis_table import TABLE
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.runtime_codes import (
    find_ascend_codes,
    find_cuda_codes,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import pasted_errors

PI4 = {"family": "raspberrypi", "architecture": "aarch64", "cpu": {"atomics": False}, "soc": None}
PI5 = {**PI4, "cpu": {"atomics": True}}
PC = {"family": "x86_conda", "architecture": "x86_64", "cpu": {"atomics": None}, "soc": None}
THOR = {"family": "jetson", "architecture": "aarch64", "cpu": {"atomics": True}, "soc": "tegra264"}
ORIN = {**THOR, "soc": "tegra234"}
INSTALLED = """pi@raspberrypi:~ $ pip install torch==2.4.0
Looking in indexes: https://pypi.org/simple, https://www.piwheels.org/simple
Collecting torch==2.4.0
  Downloading torch-2.4.0-cp311-cp311-manylinux2014_aarch64.whl (89.7 MB)
     \x1b[38;2;114;156;31m━━━━━━━━━━━━━━━━\x1b[0m \
\x1b[32m89.7/89.7 MB\x1b[0m \x1b[31m3.2 MB/s\x1b[0m eta \x1b[36m0:00:00\x1b[0m
Successfully installed MarkupSafe-3.0.2 filelock-3.16.1 sympy-1.13.3 torch-2.4.0 typing-extensions-4.12.2
pi@raspberrypi:~ $ python3 -c "import torch"
Illegal instruction
"""
NOT_FOUND = (
    "ERROR: Could not find a version that satisfies the requirement torch (from versions: none)\nERROR: No matching"
    " distribution found for torch\n"
)
TWO_CAUSES = "RuntimeError: CUDA error: no kernel image is available for execution on the device"


@pytest.mark.parametrize(
    ("text", "facts", "identity"),
    [
        (INSTALLED, {"board": PI4}, "ARM-01"),
        (INSTALLED, {"board": PI5}, "RUN-01"),
        (INSTALLED, {"board": PC}, "RUN-01"),
        ("torch 2.10.0\n非法指令（核心已转储）", {"board": PI4}, "ARM-02"),
        (
            (
                ">>> import torch\n>>> torch.__version__\n'2.0.0+cpu'\nzsh: illegal hardware instruction (core dumped) "
                " python3"
            ),
            {"board": PI4},
            "ARM-03",
        ),
        (
            "fish: Job 1, 'python3 x.py' terminated by signal SIGILL (Illegal instruction)\ntorch==1.13.0",
            {"board": PI4},
            "ARM-05",
        ),
        ("subprocess.CalledProcessError: Command '['python']' died with <Signals.SIGILL: 4>.", {}, "RUN-01"),
        ("./train.sh: line 12:  4711 Killed                  python3 train.py --batch 64", {}, "RUN-02"),
        ("Killed", {}, "RUN-02"),
        ("train.service: Main process exited, code=killed, status=9/KILL", {}, "RUN-02"),
        ("container exited with code 137", {}, "RUN-02"),
        ("[ 1234.5] Out of memory: Killed process 4711 (python3) total-vm:8123456kB", {}, "RUN-10"),
        ("Process finished with exit code 137 (interrupted by signal 9: SIGKILL)", {"family": "jetson"}, "RUN-02"),
        (
            (
                "c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\nninja: build"
                " stopped: subcommand failed."
            ),
            {},
            "GEN-09",
        ),
        ("AssertionError: Torch not compiled with CUDA enabled", {"family": "jetson"}, "JET-03"),
        ("AssertionError: Torch not compiled with CUDA enabled", {"board": PC}, "CUDA-07"),
        ("AssertionError: Torch not compiled with CUDA enabled", {"family": "raspberrypi"}, "GEN-14"),
        (
            "(base) me@pc:~$ python t.py\nAssertionError: Torch not compiled with CUDA enabled",
            {"family": "x86_conda"},
            "CONDA-04",
        ),
        # wrapped by a mail, quoted by another one
        (
            "> > The NVIDIA driver on your system is too\n> > old (found version 12060).\n",
            {"family": "jetson"},
            "JET-04",
        ),
        (
            (
                "UserWarning: CUDA initialization: The NVIDIA driver on your system is too\nold (found version 12060)."
                " Please update"
            ),
            {"board": PC},
            "CUDA-02",
        ),
        # cut by a terminal of 80 columns
        (
            (
                "ImportError: /home/user/.local/lib/python3.8/site-packages/torch/lib/libtorch_cp\nu.so: "
                "cannot open shared object file: No such file or directory"
            ),
            {},
            "RUN-05",
        ),
        # a network that fails is no index without the wheel
        (
            "WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL:"
            " CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate in certificate chain"
            " (_ssl.c:1124)'))': /whl/torch_stable.html\n" + NOT_FOUND,
            {"board": PC},
            "NET-01",
        ),
        (
            "WARNING: Retrying after connection broken by 'ProxyError('Cannot connect to proxy.', OSError('Tunnel"
            " connection failed: 407 Proxy Authentication Required'))': /simple/torch/\n" + NOT_FOUND,
            {},
            "NET-02",
        ),
        (
            "WARNING: pip is configured with locations that require TLS/SSL, however the ssl module in Python is not"
            " available.\n" + NOT_FOUND,
            {},
            "NET-03",
        ),
        (
            "WARNING: Retrying after connection broken by"
            " 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object at 0x7f>: Failed to establish"
            " a new connection: [Errno -3] Temporary failure in name resolution')': /simple/torch/\n" + NOT_FOUND,
            {"board": PI4},
            "NET-04",
        ),
        (
            (
                "pip._vendor.urllib3.exceptions.ReadTimeoutError: HTTPSConnectionPool(host='files.pythonhosted.org',"
                " port=443): Read timed out."
            ),
            {},
            "NET-05",
        ),
        (
            (
                "CondaHTTPError: HTTP 000 CONNECTION FAILED for url"
                " <https://repo.anaconda.com/pkgs/main/linux-64/current_repodata.json>"
            ),
            {},
            "NET-05",
        ),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE.", {"board": PI4}, "NET-06"),
        (
            (
                "WARNING: Retrying (Retry(total=4)) after connection broken by 'ReadTimeoutError(...)':"
                " /simple/torch/\nERROR: torch-1.10.0-cp36-cp36m-linux_aarch64.whl is not a supported wheel on this"
                " platform."
            ),
            {"family": "jetson"},
            "GEN-07",
        ),
        ("ERROR: No matching distribution found for torch-npu==2.1.0", {"family": "atlas"}, "GEN-06"),
        # compiled against another torch: torch itself is whole
        (
            (
                'import torch\nTraceback (most recent call last):\n  File "/v/site-packages/torch/__init__.py", line 9,'
                ' in <module>\n  File "/v/pytorch3d/renderer/blending.py", line 10, in <module>\n    from pytorch3d'
                " import _C\nImportError: libtorch_cuda_cu.so: cannot open shared object file: No such file or"
                " directory"
            ),
            {"board": PC},
            "GEN-24",
        ),
        ("ImportError: libc10_cuda.so: cannot open shared object file: No such file or directory", {}, "GEN-24"),
        (
            (
                "import torch\nimport flash_attn\nImportError: /v/flash_attn_2_cuda.cpython-310-x86_64-linux-gnu.so:"
                " undefined symbol: _ZN3c105ErrorC2ENS_14S"
            ),
            {"board": PC},
            "GEN-23",
        ),
        (
            (
                "ImportError: torch_npu/lib/libtorch_npu.so: undefined symbol:"
                " _ZN5torch8autograd13_wrap_outputsERKSt6vector"
            ),
            {"family": "atlas"},
            "NPU-29",
        ),
        (
            "ImportError: torch_npu/lib/libtorch_npu.so: undefined symbol: MsprofSysCycleTime",
            {"family": "atlas"},
            "NPU-20",
        ),
        (
            "import torch\nmodel = torch.compile(model)\nAttributeError: module 'torch' has no attribute 'compile'",
            {"family": "jetson"},
            "GEN-22",
        ),
        (
            "import torch\nfrom torch._six import inf\nModuleNotFoundError: No module named 'torch._six'",
            {"board": PC},
            "GEN-22",
        ),
        (
            (
                '>>> import torch\nTraceback (most recent call last):\n  File "<stdin>", line 1, in <module>\n  File'
                ' "/v/torch/__init__.py", line 81, in <module>\n    from torch._C import *\nModuleNotFoundError: No'
                " module named 'torch._C'"
            ),
            {"board": PC},
            "ENV-03",
        ),
        (
            (
                'import torch\n  File "/v/torch/__init__.py", line 1938, in __getattr__\nAttributeError: module'
                " 'torch' has no attribute 'npu'"
            ),
            {"family": "atlas"},
            "NPU-30",
        ),
        # the same words on other boards
        ("AssertionError: Torch not compiled with CUDA enabled", {"family": "atlas"}, "NPU-37"),
        (
            "RuntimeError: NVML_SUCCESS == r INTERNAL ASSERT FAILED at CUDACachingAllocator.cpp",
            {"board": PC},
            "CUDA-21",
        ),
        (
            "RuntimeError: NVML_SUCCESS == r INTERNAL ASSERT FAILED at CUDACachingAllocator.cpp",
            {"board": ORIN},
            "JET-10",
        ),
        (
            (
                "RuntimeError: cuDNN version incompatibility: PyTorch was compiled against (8, 9, 2) but found runtime"
                " version (8, 6, 0)."
            ),
            {"board": ORIN},
            "JET-25",
        ),
        (
            (
                "RuntimeError: cuDNN version incompatibility: PyTorch was compiled against (8, 9, 2) but found runtime"
                " version (8, 6, 0)."
            ),
            {"board": PC},
            "CUDA-13",
        ),
        ("Error 804: forward compatibility was attempted on non supported HW", {"board": ORIN}, "JET-26"),
        # what nvidia-smi and Docker say
        (
            "Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 535.171",
            {"board": PC},
            "CUDA-22",
        ),
        (
            "NVIDIA-SMI has failed because it couldn\u2019t communicate with the NVIDIA driver.",
            {"board": PC},
            "CUDA-23",
        ),
        ("Failed to initialize NVML: Unknown Error", {"board": PC}, "CUDA-24"),
        ("$ nvidia-smi\nNo devices were found\n", {"board": PC}, "CUDA-25"),
        (
            'docker: Error response from daemon: could not select device driver "" with capabilities: [[gpu]].',
            {"board": PC},
            "CUDA-26",
        ),
        (
            (
                "nvidia-container-cli: initialization error: load library failed: libnvidia-ml.so.1: cannot open shared"
                " object file"
            ),
            {"board": PC},
            "CUDA-45",
        ),
        ("RuntimeError: CUDA error: out of memory", {"board": PC}, "CUDA-14"),
        (
            "ImportError: libtorch_cuda.so: undefined symbol: cudaGraphInstantiateWithFlags, version libcudart.so.11.0",
            {},
            "CUDA-28",
        ),
        (
            "ImportError: libcudart.so.11.0: cannot open shared object file: No such file or directory",
            {"board": PC},
            "CUDA-29",
        ),
        (
            "ImportError: libcuda.so.1: cannot open shared object file: No such file or directory",
            {"board": ORIN},
            "JET-27",
        ),
        (
            (
                "RuntimeError: cuda runtime error (35) : CUDA driver version is insufficient for CUDA runtime version"
                " at THCGeneral.cpp:50"
            ),
            {"board": PC},
            "CUDA-30",
        ),
        (
            (
                "The detected CUDA version (12.4) mismatches the version that was used to compile\nPyTorch (11.8)."
                " Please make sure"
            ),
            {"board": PC},
            "GEN-26",
        ),
        (
            ">>> import cv2\nIllegal instruction (core dumped)\ntorch 1.10.0",
            {"board": {**ORIN, "soc": "tegra210", "cpu": {"atomics": False}}},
            "JET-01",
        ),
        # memory, disks, pip
        ("terminate called after throwing an instance of 'std::bad_alloc'", {"board": PI4}, "RUN-13"),
        ("nvcc error   : 'cicc' died due to signal 9 (Kill signal)", {"family": "jetson"}, "GEN-09"),
        ("collect2: fatal error: ld terminated with signal 9 [Killed]", {"board": PI4}, "GEN-09"),
        ("virtual memory exhausted: Cannot allocate memory\nmake[2]: *** [x] Error 1", {"family": "pynq"}, "GEN-09"),
        (
            "  Downloading torch-1.3.1-cp37-none-linux_armv7l.whl (73 MB)\nException:\nTraceback\nMemoryError",
            {"board": PI4},
            "RUN-14",
        ),
        (
            (
                "ERROR: Could not install packages due to an OSError: [Errno 13] Permission denied:"
                " '/usr/lib/python3.8/dist-packages/torch'"
            ),
            {},
            "RUN-15",
        ),
        (
            'Exception: You tried to install "pytorch". The package named for PyTorch is "torch"',
            {"family": "pynq"},
            "GEN-08",
        ),
        (
            "RuntimeError: Attempting to deserialize object on a CUDA device but torch.cuda.is_available() is False.",
            {"board": PI4},
            "GEN-25",
        ),
        ("libstdc++.so.6: version `CXXABI_1.3.13' not found", {"board": PI4}, "GEN-03"),
        (
            (
                "AttributeError: partially initialized module 'torchvision' has no attribute 'extension' (most likely"
                " due to a circular import)"
            ),
            {},
            "GEN-16",
        ),
        # Ascend
        (
            (
                "error code is 507035\n[ERROR] ERR00100 PTA call acl api failed\n[Error]: The vector core execution is"
                " abnormal."
            ),
            {"family": "atlas"},
            "NPU-24",
        ),
        ("build op model failed, result = 500001[FUNC:ReportInnerError]", {"family": "atlas"}, "NPU-07"),
        (
            "error code is 500001\nE10001 ModuleNotFoundError: No module named 'tbe.common'",
            {"family": "atlas"},
            "NPU-31",
        ),
        ("bash: /usr/local/Ascend/ascend-toolkit/set_env.sh: No such file or directory", {"family": "atlas"}, "NPU-32"),
        (
            (
                "EZ1001: Tensor self not implemented for DT_BFLOAT16, should be in dtype support list"
                " [DT_FLOAT,DT_FLOAT16,]."
            ),
            {"family": "atlas"},
            "NPU-33",
        ),
        ("EI0006: Getting socket times out.", {"family": "atlas"}, "NPU-34"),
        (
            "OPS function error: aclnnAdd, error code is 507018\n[ERROR] ERR01100 OPS call acl api failed",
            {"family": "atlas"},
            "NPU-25",
        ),
        (
            (
                "  Downloading https://x/torch-0.1.10.post2-cp27-none-linux_x86_64.whl (360.3MB)\n    99% |###| 360.3MB"
                " 32.1MB/s eta 0:00:01Killed"
            ),
            {},
            "RUN-14",
        ),
        ("RuntimeError: GEInitialize failed", {"family": "atlas"}, "NPU-35"),
        ("bash: npu-smi: command not found", {"family": "atlas"}, "NPU-36"),
        # Ansible and conda
        ("Timeout (12s) waiting for privilege escalation prompt: ", {}, "ANS-13"),
        (
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 1234 (unattended-upgr)",
            {"board": PI4},
            "ANS-14",
        ),
        ("Terms of Service have not been accepted for the following channels", {"board": PC}, "CONDA-02"),
        ("  - nothing provides __cuda needed by libcudf-23.10.00", {"board": PC}, "CONDA-07"),
        (
            "ImportError: libhccl.so: 无法打开共享对象文件: 没有那个文件或目录\n请问这个怎么解决？",
            {"family": "atlas"},
            "NPU-01",
        ),
        ("[ERROR] acl call failed, error code is 507011", {"family": "atlas"}, "NPU-08"),
        ("[ERROR] acl init failed, error code is 507899", {"family": "atlas"}, "NPU-27"),
        ("RuntimeError: NPU function error: c10_npu::SetDevice, error code is 507033", {"family": "atlas"}, "NPU-26"),
        (
            "ImportError: libascend_hal.so: cannot open shared object file: No such file or directory",
            {"family": "atlas"},
            "NPU-21",
        ),
        ("OSError: libatb.so: cannot open shared object file", {"family": "atlas"}, "NPU-22"),
        (
            (
                "export LD_LIBRARY_PATH=/usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_1/lib\nImportError:"
                " /usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_1/lib/libtbe_adapter.so: undefined symbol: _ZN3Mki2Dl"
            ),
            {"family": "atlas"},
            "NPU-20",
        ),
        ("RuntimeError: operator torchvision::nms does not exist", {"family": "jetson"}, "GEN-16"),
        (
            "NotImplementedError: Could not run 'torchvision::nms' with arguments from the 'CUDA' backend.",
            {"family": "jetson"},
            "GEN-17",
        ),
        (
            (
                "ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header,"
                " got 88"
            ),
            {"family": "raspberrypi"},
            "GEN-18",
        ),
        (
            "uv: error while loading shared libraries: x.so: ELF load command address/offset not page-aligned",
            {"family": "raspberrypi"},
            "GEN-19",
        ),
        ("<jemalloc>: Unsupported system page size", {}, "GEN-19"),
        (
            (
                "E:Release file for http://deb.debian.org/debian/dists/bookworm/InRelease is not valid yet (invalid for"
                " another 39d 6h 5min 33s)"
            ),
            {},
            "RUN-12",
        ),
        (
            (
                "RuntimeError: [enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory:"
                " you tried"
            ),
            {},
            "RUN-13",
        ),
        ("OSError: [Errno 30] Read-only file system: '/opt/edgeai'", {}, "RUN-11"),
        (
            (
                "ImportError: /lib/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by"
                " /usr/lib/aarch64-linux-gnu/tegra/libnvdla_compiler.so)"
            ),
            {"family": "jetson"},
            "JET-22",
        ),
        (
            "ImportError: /opt/conda/lib/libstdc++.so.6: version `GLIBCXX_3.4.30' not found",
            {"family": "jetson"},
            "GEN-30",
        ),
        ("ImportError: /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found", {"family": "jetson"}, "JET-16"),
        (
            "NvMapMemAllocInternalTagged: 1075072515 error 12\nRuntimeError: CUDA error: out of memory",
            {"family": "jetson"},
            "JET-11",
        ),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", {"board": ORIN}, "JET-23"),
        ("AttributeError: module 'torch.distributed' has no attribute 'ReduceOp'", {"family": "jetson"}, "JET-24"),
        ("AttributeError: module 'numpy' has no attribute 'bool'", {"family": "jetson"}, "GEN-20"),
        ("ImportError: /x/y.so: wrong ELF class: ELFCLASS64", {"family": "raspberrypi"}, "GEN-21"),
        ("torch 2.1.0\nSegmentation fault", {"board": PI4}, "ARM-08"),
        (
            "RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment",
            {"family": "jetson"},
            "JET-08",
        ),
        (
            "RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment",
            {"board": PC},
            "CUDA-03",
        ),
        (TWO_CAUSES, {"board": THOR}, "JET-12"),
        (TWO_CAUSES, {"board": ORIN}, "JET-13"),
        (TWO_CAUSES, {"board": PC}, "CUDA-06"),
        ("using libcudnn.so.8.9.4\n" + TWO_CAUSES, {"board": ORIN}, "JET-13"),
        (
            "ImportError: /lib/aarch64-linux-gnu/libc.so.6: version \u2018GLIBC_2.28\u2019 not found",
            {"family": "jetson"},
            "GEN-02",
        ),
        (
            (
                "ERROR: Could not find a version that satisfies the requirement torch (from versions: none)\n"
                "ERROR: No matching distribution found for torch"
            ),
            {},
            "GEN-06",
        ),
        (
            "RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized",
            {"board": PC},
            "CUDA-10",
        ),
        ("ImportError: libtorch_cuda.so: undefined symbol: ncclCommWindowRegister", {"board": PC}, "CUDA-12"),
        ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", {"board": PC}, "CUDA-14"),
        (
            (
                'fatal: [pi]: FAILED! => {"module_stderr": "  File \\"<stdin>\\", line 3\\nSyntaxError: future feature'
                ' annotations is not defined\\n", "rc": 1}'
            ),
            {},
            "ANS-01",
        ),
        (
            (
                '  File "/opt/venv/lib/python3.6/site-packages/rich/console.py", line 1\n    from __future__ import'
                " annotations\n    ^\nSyntaxError: future feature annotations is not defined"
            ),
            {},
            "GEN-13",
        ),
        (
            (
                "RuntimeError: DataLoader worker (pid 99) is killed by signal: Bus error. "
                "It is possible that dataloader's workers are out of shared memory."
            ),
            {},
            "RUN-09",
        ),
        (
            "export LD_LIBRARY_PATH=/opt/old/lib:/x\nImportError: /opt/old/lib/libcudnn.so.9: undefined symbol: x",
            {"board": PC},
            "ENV-04",
        ),
    ],
)
def test_pasted_texts(text, facts, identity):
    found = diagnose_text(text, **facts)
    assert found and found["id"] == identity
    assert "{" not in found["cause"] + found["fix"]
    assert len(found["evidence"]) > 1 and found["evidence"][0].startswith("https://")


@pytest.mark.parametrize(
    "text",
    [
        "all is well",
        "Segmentation fault (core dumped)",
        "I killed the process 207123 and 500001 lines were gone",
        "Process finished with exit code 0",
        "torch 2.4.0 works",
        "Permission denied",
        "Connection refused",
        "FileNotFoundError: [Errno 2] No such file or directory: 'a.jpg'",
        "\x1b[31m",
        "?" * 100_000,
        "error 101 in column 4",
        "Read timed out while waiting for the camera",
        "parsing stopped: error 802",
        "EZ1001: not implemented for DT_INT64, dtype support list [DT_FLOAT,DT_BFLOAT16]",
    ],
)
def test_what_is_not_known_is_not_guessed(text):
    assert diagnose_text(text) is None


@pytest.mark.parametrize(
    ("text", "family"),
    [
        ("NvRmMemInitNvmap failed", "x86_conda"),
        ("NPU out of memory", "jetson"),
        ("libcusparseLt.so.0", "raspberrypi"),
        ("error code is 507899", "jetson"),
        ("libnvpl_blas.so.0", "x86_conda"),
        # A number, or a library that is only named, is no cause.
        ("uploaded error 999 lines", "jetson"),
        ("HTTP error 100", "jetson"),
        ("loaded libcusparseLt.so.0", "jetson"),
        ("libdcmi.so is loaded", "atlas"),
    ],
)
def test_a_row_of_one_family_never_fires_for_another(text, family):
    assert diagnose_text(text, family) is None


@pytest.mark.parametrize(
    ("text", "facts", "parts"),
    [
        (
            TWO_CAUSES,
            {},
            [
                "on a board of the family jetson: ",
                "Orin",
                "otherwise: this build has no code for the GPU of this machine",
            ],
        ),
        (TWO_CAUSES, {"family": "jetson"}, ["with the chip tegra264: ", "Thor", "otherwise: ", "Orin"]),
        (
            INSTALLED,
            {},
            [
                "no LSE atomics",
                "the aarch64 wheel of torch 2.4.0 uses LSE atomics",
                "otherwise: this processor lacks an instruction",
            ],
        ),
        (
            "Illegal instruction",
            {"board": PI4},
            ["if torch is 2.4.0: ", "if torch is 2.1.0rcN: ", "otherwise: this processor lacks an instruction"],
        ),
        (
            "AssertionError: Torch not compiled with CUDA enabled",
            {},
            ["family jetson: ", "family raspberrypi or pynq: ", "otherwise: "],
        ),
        ("NvRmMemInitNvmap failed with Permission denied", {}, ["on a board of the family jetson: "]),
    ],
)
def test_two_possible_causes_are_named_as_two(text, facts, parts):
    found = diagnose_text(text, **facts)
    for part in parts:
        assert part in found["cause"], part


def test_a_library_of_several_jetpacks():
    """cuDNN 8 belongs to JetPack 4.6 to 6.0: there it is not the wheel that is wrong."""
    assert (
        "JetPack 4.6 to 6.0"
        in diagnose_text("ImportError: libcudnn.so.8: cannot open shared object file", "jetson")["cause"]
    )


def test_one_case_has_one_cause():
    cause = diagnose_text("ImportError: libcudnn.so.8: cannot open shared object file")["cause"]
    assert cause.count("on a board of the family jetson: ") == 1 and "cuDNN 8" in cause


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("torch==2.4.0", "2.4.0"),
        ("torch                    2.4.0+cpu", "2.4.0+cpu"),
        ("PyTorch version: 2.10.0", "2.10.0"),
        ("torch (2.4.0)", "2.4.0"),
        ("torch-2.0.0+cpu-cp311-cp311-linux_aarch64.whl", "2.0.0+cpu"),
        ("pytorch   2.4.0   py3.10_cpu_0   conda-forge", "2.4.0"),
        ('"torch": "2.4.0"', "2.4.0"),
        (">>> torch.__version__\n'2.5.0a0+872d972e41.nv24.08'", "2.5.0a0+872d972e41.nv24.08"),
        ("torchvision 0.19.0", None),
        ("torch<2.4.0", None),
        ("torch-npu==2.1.0", None),
        ("torch on Python 3.10.2", None),
        ("torch 2.4.0, before that torch 2.3.1", None),
        ("torch 2.3.1\nSuccessfully installed numpy-2.0.1 torch-2.4.0", "2.4.0"),
    ],
)
def test_the_version_that_a_text_names(text, version):
    assert find_torch(text) == version


FRAGMENTS = [
    "\0",
    "\n",
    " ",
    "/",
    "lib",
    "torch ",
    "torch==",
    "Killed ",
    "\nKilled",
    "Successfully installed ",
    "Successfully installed torch-",
    "err",
    '/lib/python2.7/runpy.py"',
    "failed to transfer file to ",
    "sh: ",
    "python",
    '"/site-packages/',
    'File "/a/site-packages/',
    "> ",
    "zip_data: str, ",
    "\x1b[0;",
    "line 1: 1 ",
    "exit status ",
    "ninja: build stopped",
    "ssh: connect to host ",
    "a" * 90 + "\n",
    "\\n",
    "无法",
    "LD_LIBRARY_PATH=",
    "import torch\n",
    "acl ",
    "version `GLIBC_2",
    "Downloading a.whl \n",
    "/pip/_internal/\n",
    "cudaGetDeviceCount() ",
    "lib/torch/lib/libtorch",
    "_ZN3",
    'File "/a/torch/__init__.py", line 1, in x\n',
    "libdcmi.so ",
    "cannot ",
    "EZ3003 ",
    "x.so",
    "undefined reference to `__atomic_",
    "exec /a: ",
    "platform (a) does not match the host platform (b)\n",
    "Because a depends on b and ",
    "Cannot install a==1 ",
    "Found GPU0 x which is of cuda capability 8.7.\n",
    "Downloading a.whl 99% 1 MB/s eta 0:00:01\n",
    "torch.cuda.is_available()\n",
    "mounting /usr/lib/aarch64-linux-gnu/",
    "nvidia-container-cli: mount error: file creation failed: /",
    "overlayroot 1.9G ",
    "package a requires b",
    "a-1  | ",
    "torch_npu ",
    "CANN ",
]


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_pattern_chews_on_long_text(fragment):
    taken = []
    for size in (32768, 65536):
        find_cuda_codes.cache_clear()
        find_ascend_codes.cache_clear()
        started = time.process_time()
        diagnose_text(fragment * (size // len(fragment)))
        taken.append(time.process_time() - started)
    # Twice the text takes about twice as long; four times would be the square.
    assert taken[1] <= 2.5 * taken[0] + 0.1


def test_each_row_can_be_put_in_words():
    """Whatever a text catches, no placeholder is left over and none is missing."""
    from ansible_collections.edgeai.fleet.plugins.module_utils._verify import diagnosis

    words = diagnosis.look_up({"surroundings": {}}, "")
    for row in TABLE:
        (row["cause"] + row["fix"]).format("x", "y", "z", **words)


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "diagnose takes one error text: give diagnose_text (-e diagnose_text='...') or diagnose_file"),
        ({"text": "a", "file": "b"}, "either diagnose_text or diagnose_file, not both"),
        ({"text": " \n"}, "There is nothing to diagnose: diagnose_text is empty."),
        ({"file": "/no/such.log"}, "diagnose_file: /no/such.log is not a file"),
        ({"file": "/"}, "diagnose_file: / is not a file"),
        (
            {"text": "a", "family": "jetsn"},
            "diagnose_family is 'jetsn', which is not a family; did you mean jetson? The families are ",
        ),
        (
            {"text": "a", "famliy": "jetson"},
            "diagnose_famliy is not an option of diagnose; did you mean diagnose_family?",
        ),
        ({"text": "a", "json": ["x"]}, "diagnose_json is ['x']; it must be the path of one file."),
        ({"text": "a", "facts": "/no/board.yml"}, "/no/board.yml cannot be read: No such file or directory"),
    ],
)
def test_wrong_questions(given, words):
    with pytest.raises(AnsibleFilterError) as raised:
        pasted_errors.read_question({f"diagnose_{name}": value for name, value in given.items()})
    assert words in str(raised.value)


def test_facts_and_family_must_agree_and_be_of_one_board(tmp_path):
    (tmp_path / "one.yml").write_text("{board: Raspberry Pi 4}", encoding="utf-8")
    (tmp_path / "two.yml").write_text(
        "[{name: a, board: Raspberry Pi 4}, {name: b, board: Raspberry Pi 5}]", encoding="utf-8"
    )
    one, two = str(tmp_path / "one.yml"), str(tmp_path / "two.yml")
    for given, words in (
        (
            {"diagnose_family": "jetson", "diagnose_facts": one},
            "diagnose_family is jetson, but the board of diagnose_facts is of the family raspberrypi",
        ),
        ({"diagnose_facts": two}, "has 2 boards (a, b)"),
    ):
        with pytest.raises(AnsibleFilterError) as raised:
            pasted_errors.read_question({"diagnose_text": "a", **given})
        assert words in str(raised.value)
    assert pasted_errors.read_question({"diagnose_text": "a", "diagnose_timeout": 5}).text == "a", (
        "somebody else's variable"
    )
    question = pasted_errors.read_question(
        {"diagnose_text": "torch 2.4.0: Illegal instruction", "diagnose_facts": str(tmp_path / "one.yml")}
    )
    assert pasted_errors.answer_question(question)["id"] == "ARM-01"


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        (
            "diagnose_text=AssertionError: Torch not compiled with CUDA enabled",
            "AssertionError: Torch not compiled with CUDA enabled",
        ),
        ("diagnose_text=torch==2.4.0 a=b {{ x }} diagnose_family=jetson", "torch==2.4.0 a=b {{ x }}"),
        ("diagnose_text='whole' diagnose_family=jetson", "whole"),
        ("diagnose_text='torch' is not what it was", "'torch' is not what it was"),
        ('{"diagnose_text": "whole"}', "whole"),
    ],
)
def test_the_text_is_what_was_typed(typed, text):
    """Ansible keeps the first word of an option -e that has no quotation marks of its own."""
    assert pasted_errors.read_question({"diagnose_text": text.split(" ")[0]}, [typed, "other=1"]).text == text


@pytest.mark.parametrize(
    "data",
    [
        "段错误\nlibhccl.so: 无法打开共享对象文件".encode("gb18030"),
        "\ufefflibhccl.so: cannot open shared object file".encode(),
        "libhccl.so: cannot open shared object file".encode("utf-16"),
        b"\xff\xf0libhccl.so: cannot open shared object file",
        b"libhccl.so: cannot open shared object file\n" + b"x" * 10_000_000,
        b"x\n" * 5_000_000 + b"libhccl.so: cannot open shared object file",
    ],
)
def test_files_of_all_kinds(tmp_path, data):
    (tmp_path / "error.log").write_bytes(data)
    question = pasted_errors.read_question({"diagnose_file": str(tmp_path / "error.log")})
    assert pasted_errors.answer_question(question)["id"] == "NPU-01"


def test_the_answer_has_no_secrets_and_says_what_is_not_known():
    question = pasted_errors.read_question(
        {"diagnose_text": "curl https://op:S3cr3t@host/x\nHF_TOKEN=S3cr3t ./run\nsomething new\n"}
    )
    found = pasted_errors.answer_question(question)
    assert set(found) == {"id", "cause", "fix", "confidence", "evidence"}
    assert (found["id"], found["confidence"]) == ("UNKNOWN", None) and "S3cr3t" not in str(found)
    assert found["evidence"] == ["curl https://host/x", "HF_TOKEN=******** ./run", "something new"]
    assert "diagnose_family" in found["fix"]
    assert pasted_errors.answer_lines(found, question)[0] == "UNKNOWN"
