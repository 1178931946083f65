# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Texts of failures that users reported, in short, with the facts of a board that has them.

(board, where the report is: on GitHub if it is no URL; None: a variant of another text, the diagnoses that are right,
words that cause and fix must have, words that they must not have)
"""

UBUNTU = {"id": "ubuntu", "version_id": "22.04", "package_manager": "apt"}
OPENEULER = {"id": "openEuler", "version_id": "24.03", "package_manager": "dnf"}
ORIN = {
    "family": "jetson",
    "soc": "tegra234",
    "architecture": "aarch64",
    "os": UBUNTU,
    "platform": {"cuda": "12.6"},
    "key": {"l4t": "36.4.7"},
    "memory": {"total": 8 << 30},
    "cpu": {"atomics": True},
}
NANO = dict(ORIN, soc="tegra210", platform={"cuda": "10.2"}, key={"l4t": "32.7.4"}, cpu={"atomics": False})
NANO["os"] = dict(UBUNTU, version_id="18.04")
NANO20 = dict(NANO, os=dict(UBUNTU, version_id="20.04"))
TX2 = dict(NANO, soc="tegra186")
XAVIER = dict(ORIN, soc="tegra194", platform={"cuda": "11.4", "cudnn": "8.6.0"}, key={"l4t": "35.4.1"})
XAVIER["os"] = dict(UBUNTU, version_id="20.04")
ORIN72 = dict(ORIN, platform={"cuda": "13.2"}, key={"l4t": "39.2.0"}, os=dict(UBUNTU, version_id="24.04"))
THOR = dict(ORIN, soc="tegra264", platform={"cuda": "13.0"}, key={"l4t": "38.2.0"})
ATLAS = {"family": "atlas", "architecture": "aarch64", "os": OPENEULER, "accelerators": [{"kind": "npu"}] * 2}
ATLAS["key"] = {"cann": "9.0.0", "driver": "24.1.0"}
DUO = dict(ATLAS, architecture="x86_64", os={"id": "kylin", "version_id": "V10", "package_manager": "dnf"})
PC = {"family": "x86_conda", "architecture": "x86_64", "os": UBUNTU, "accelerators": [{"kind": "cuda"}]}
PC["cpu"] = {"level": 3}
PASCAL = dict(PC, accelerators=[{"kind": "cuda", "compute_capability": "6.1"}])
FEDORA = dict(PC, os={"id": "fedora", "version_id": "43", "package_manager": "dnf5"})
OLD_PC = dict(PC, cpu={"level": 1})
# An aarch64 PC with an NVIDIA GPU: a DGX Spark.
SPARK = {"family": "generic", "architecture": "aarch64", "os": dict(UBUNTU, version_id="24.04")}
SPARK.update(accelerators=[{"kind": "cuda"}], cpu={"atomics": True})
PI4 = {"family": "raspberrypi", "architecture": "aarch64", "cpu": {"atomics": False}, "page_size": 4096}
PI4["os"] = {"id": "debian", "version_id": "12", "package_manager": "apt"}
PI5 = dict(PI4, cpu={"atomics": True}, page_size=16384)
OVERLAY = dict(PI4)
OVERLAY["warnings"] = [
    "what is installed at /opt/edgeai/torch is lost at the next start: it is an overlay on tmpfs. Switch it off"
]
PIZERO = dict(PI4, memory={"total": 512 << 20})
PI32 = dict(PI4, architecture="armv7l", memory={"total": 4 << 30})
PYNQ = dict(PI32, family="pynq", memory={"total": 512 << 20}, os=UBUNTU)
ALPINE = dict(PI4, family="generic", os={"id": "alpine", "package_manager": None}, libc={"name": "musl"})
DEBIAN13 = dict(PI4, family="generic", os={"id": "debian", "version_id": "13", "package_manager": "apt"})

TEXTS = [
    (
        NANO,
        "Qengineering/PyTorch-Jetson-Nano/issues/5",
        (
            "Traceback (most recent call last):\n"
            '  File "<stdin>", line 1, in <module>\n'
            '  File "/usr/local/lib/python3.6/dist-packages/torch/__init__.py", line 135, in '
            "<module>\n"
            "    _load_global_deps()\n"
            '  File "/usr/lib/python3.6/ctypes/__init__.py", line 348, in __init__\n'
            "    self._handle = _dlopen(self._name, mode)\n"
            "OSError: libcurand.so.10: cannot open shared object file: No such file or directory"
        ),
        ("JET-07",),
        ("libcurand",),
        (),
    ),
    (
        TX2,
        "dusty-nv/jetson-containers/issues/9",
        (
            "max@jetson-tx2-0:~$ sudo docker run -it --rm --runtime nvidia --network host "
            "nvcr.io/nvidia/l4t-pytorch:r32.4.2-pth1.5-py3\n"
            ">>> import torch\n"
            "Traceback (most recent call last):\n"
            '  File "<stdin>", line 1, in <module>\n'
            '  File "/usr/local/lib/python3.6/dist-packages/torch/__init__.py", line 135, in '
            "<module>\n"
            "    _load_global_deps()\n"
            '  File "/usr/lib/python3.6/ctypes/__init__.py", line 348, in __init__\n'
            "    self._handle = _dlopen(self._name, mode)\n"
            "OSError: libnvToolsExt.so.1: cannot open shared object file: No such file or "
            "directory"
        ),
        ("JET-29",),
        ("L4T",),
        ("apt-get",),
    ),
    (
        XAVIER,
        "dusty-nv/jetson-containers/issues/327",
        (
            "OSError: libnvToolsExt.so.1: cannot open shared object file: No such file or "
            "directory\n"
            "\n"
            "During handling of the above exception, another exception occurred:\n"
            "\n"
            '  File "/usr/local/lib/python3.8/dist-packages/torch/__init__.py", line 154, in '
            "_preload_cuda_deps\n"
            '    raise ValueError(f"{lib_name} not found in the system path {sys.path}")\n'
            "ValueError: libnvToolsExt.so.*[0-9] not found in the system path ['/test', "
            "'/usr/lib/python38.zip']"
        ),
        ("JET-07",),
        ("libnvToolsExt",),
        (),
    ),
    (
        XAVIER,
        "dusty-nv/jetson-containers/issues/327",
        ("ValueError: libnvToolsExt.so.*[0-9] not found in the system path ['/test', '/usr/lib/python38.zip']"),
        ("JET-07",),
        ("libnvToolsExt",),
        (),
    ),
    (
        NANO,
        "pytorch/pytorch/issues/41975",
        (
            ">>> import torch\n"
            "Traceback (most recent call last):\n"
            '  File "<stdin>", line 1, in <module>\n'
            '  File "/home/dl/.local/lib/python3.6/site-packages/torch/__init__.py", line 81, in '
            "<module>\n"
            "    from torch._C import *\n"
            "ImportError: libcufft.so.10.0: cannot open shared object file: No such file or "
            "directory"
        ),
        ("JET-28",),
        ("CUDA 10.0", "CUDA 10.2"),
        (),
    ),
    (
        dict(NANO, platform={"cuda": None}),
        "Qengineering/PyTorch-Jetson-Nano/issues/9",
        (
            "Python 3.8.10 (default, Mar 18 2025, 20:04:55)\n"
            ">>> import torch\n"
            "OSError: libcufft.so.10: cannot open shared object file: No such file or directory"
        ),
        ("JET-07",),
        (),
        (),
    ),
    (
        dict(NANO, platform={"cuda": "10.0"}),
        "NVIDIA-AI-IOT/jetracer/issues/88",
        (
            "ImportError                               Traceback (most recent call last)\n"
            "<ipython-input-1-85080642f8f2> in <module>\n"
            "----> 1 import torch\n"
            "      2 import torchvision\n"
            "\n"
            "/usr/local/lib/python3.6/dist-packages/torch/__init__.py in <module>\n"
            "---> 81 from torch._C import *\n"
            "\n"
            "ImportError: libcudart.so.10.2: cannot open shared object file: No such file or "
            "directory"
        ),
        ("JET-28",),
        ("CUDA 10.2", "CUDA 10.0"),
        (),
    ),
    (
        TX2,
        "pytorch/pytorch/issues/22785",
        (
            "THCudaCheck FAIL file=/home/nvidia/pytorch/aten/src/THC/generic/THCTensorMath.cu "
            "line=238 error=48 : no kernel image is available for execution on the device"
        ),
        ("JET-13",),
        ("6.2",),
        ("8.7",),
    ),
    (
        THOR,
        "vllm-project/vllm/issues/34470",
        (
            "triton.runtime.errors.PTXASError: PTXAS error: Internal Triton PTX codegen error\n"
            "`ptxas` stderr:\n"
            "ptxas fatal   : Value 'sm_110a' is not defined for option 'gpu-name'"
        ),
        ("GEN-45",),
        ("TRITON_PTXAS_PATH", "sm_110a"),
        (),
    ),
    (
        THOR,
        "triton-inference-server/server/issues/8632",
        (
            "torch._inductor.runtime.triton_heuristics.NoTritonConfigsError: No valid triton "
            "configs. PTXASError: PTXAS error: Internal Triton PTX codegen error\n"
            "`ptxas` stderr:\n"
            "ptxas-blackwell fatal   : Value 'sm_110a' is not defined for option 'gpu-name'"
        ),
        ("GEN-45",),
        ("TRITON_PTXAS_PATH",),
        (),
    ),
    (
        NANO20,
        "Qengineering/Jetson-Nano-Ubuntu-20-image/issues/13",
        (
            "Python 3.8.10 (default, Jun 22 2022, 20:18:18)\n"
            "[GCC 9.4.0] on linux\n"
            ">>> import torch\n"
            "Illegal instruction (core dumped)"
        ),
        ("JET-39",),
        ("OPENBLAS_CORETYPE",),
        ("another torch_version",),
    ),
    (
        NANO,
        "thehapyone/NanoCamera/issues/7",
        ("jetson@nano:~$ python3 example.py\nIllegal instruction (core dumped)"),
        ("JET-39",),
        ("OPENBLAS_CORETYPE",),
        (),
    ),
    (
        TX2,
        "dusty-nv/jetson-inference/issues/1094",
        ("python3 train_ssd.py --data=data/object --model-dir=models/object\nIllegal instruction (core dumped)"),
        ("JET-39",),
        ("OPENBLAS_CORETYPE",),
        (),
    ),
    (
        ORIN,
        "pytorch/pytorch/issues/122068",
        (
            "RuntimeError: NVML_SUCCESS == r INTERNAL ASSERT FAILED at "
            '"../c10/cuda/CUDACachingAllocator.cpp":830, please report a bug to PyTorch.'
        ),
        ("JET-10",),
        (),
        ("nvidia-smi",),
    ),
    (
        NANO,
        "dusty-nv/jetson-inference/issues/1525",
        (
            'rgb_image = cudaAllocMapped(img_width,img_height,format="rgb8")\n'
            "Exception: jetson.utils -- cudaAllocMapped() failed to allocate memory"
        ),
        ("JET-23", "JET-11"),
        ("shar",),
        (),
    ),
    (
        ORIN,
        "dusty-nv/jetson-inference/issues/1818",
        (
            "[TRT] 2: [utils.cpp::checkMemLimit::380] Error Code 2: Internal Error (Assertion "
            "upperBound != 0 failed. Unknown embedded device detected. Please update the table "
            "with the entry: {{2055, 8, 16}, 12417})"
        ),
        ("JET-40",),
        ("TensorRT",),
        (),
    ),
    (
        NANO,
        "NVIDIA/TensorRT/issues/2105",
        (
            "[06/29/2022-16:20:45] [TRT] [E] 1: [stdArchiveReader.cpp::StdArchiveReader::35] "
            "Error Code 1: Serialization (Serialization assertion safeVersionRead == "
            "safeSerializationVersion failed.Version tag does not match. Note: Current Version: "
            "0, Serialized Engine Version: 43)\n"
            "[06/29/2022-16:20:45] [TRT] [E] 4: [runtime.cpp::deserializeCudaEngine::50] Error "
            "Code 4: Internal Error (Engine deserialization failed.)"
        ),
        ("GEN-46",),
        ("TensorRT", "on this board"),
        (),
    ),
    (
        XAVIER,
        "NVIDIA/TensorRT/issues/1596",
        (
            "[E] [TRT] 1: Serialization assertion magicTagRead == magicTag failed.Magic tag does "
            "not match\n"
            "Deserialization of engine failed"
        ),
        ("GEN-46",),
        (),
        (),
    ),
    (
        NANO,
        "NVIDIA/nvidia-docker/issues/1481",
        (
            "docker: Error response from daemon: OCI runtime create failed: "
            'container_linux.go:349: starting container process caused "process_linux.go:449: '
            'container init caused \\"process_linux.go:432: running prestart hook 1 caused '
            '\\\\\\"error running hook: exit status 1, stdout: , stderr: exec command: '
            "[/usr/bin/nvidia-container-cli --load-kmods configure --device=all "
            "/var/lib/docker/overlay2/2a/merged]\\\\\\\\nnvidia-container-cli: mount error: file "
            "creation failed: /var/lib/docker/overlay2/2a/merged/usr/lib/aarch64-linux-gnu/libnvi"
            'dia-fatbinaryloader.so.440.18: file exists\\\\\\\\n\\\\\\"\\"": unknown'
        ),
        ("JET-41",),
        ("libnvidia-fatbinaryloader",),
        ("apt-get install --reinstall nvidia-l4t",),
    ),
    (
        ORIN,
        "NVIDIA/nvidia-container-toolkit/issues/274",
        (
            "docker: Error response from daemon: failed to create shim: OCI runtime create "
            "failed: container_linux.go:380: starting container process caused: "
            "process_linux.go:545: container init caused: Running hook #1:: error running hook: "
            "exit status 1, stdout: , stderr: nvidia-container-cli: mount error: file creation "
            "failed: /var/lib/docker/overlay2/63/merged/usr/lib/aarch64-linux-gnu/libcudnn_adv_in"
            "fer_static_v8.a: file exists: unknown."
        ),
        ("JET-41",),
        ("L4T",),
        (),
    ),
    (
        XAVIER,
        "NVIDIA-AI-IOT/isaac_ros_common/issues/2",
        (
            "docker: Error response from daemon: failed to create shim: OCI runtime create "
            "failed: container_linux.go:380: starting container process caused: "
            "process_linux.go:545: container init caused: rootfs_linux.go:76: mounting "
            '"/usr/lib/aarch64-linux-gnu/libcudnn.so.8.2.1" to rootfs at '
            '"/usr/lib/aarch64-linux-gnu/libcudnn.so.8.2.1" caused: mount through procfd: not a '
            "directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)?"
        ),
        ("JET-42",),
        ("libcudnn.so.8.2.1",),
        (),
    ),
    (
        XAVIER,
        "pytorch/vision/issues/8696",
        (
            "/home/daniel/.local/lib/python3.8/site-packages/torchvision/io/image.py:13: "
            "UserWarning: Failed to load image Python extension: "
            "'/home/daniel/.local/lib/python3.8/site-packages/torchvision/image.so: undefined "
            "symbol: _ZN5torch3jit17parseSchemaOrNameERKSsb'If you don't plan on using image "
            "functionality from `torchvision.io`, you can ignore this warning."
        ),
        ("GEN-16",),
        ("torch_companions",),
        (),
    ),
    (
        ORIN,
        "ultralytics/yolov5/issues/13392",
        (
            "RuntimeError: Couldn't load custom C++ ops. This can happen if your PyTorch and "
            "torchvision versions are incompatible, or if you had errors while compiling "
            "torchvision from source."
        ),
        ("GEN-16",),
        (),
        (),
    ),
    (
        XAVIER,
        "pytorch/pytorch/issues/146740",
        (
            "FAILED: third_party/kleidiai/CMakeFiles/kleidiai.dir/kai/ukernels/matmul/pack/kai_lh"
            "s_quant_pack_bf16p_f32_neon.c.o\n"
            "cc1: error: invalid feature modifier 'bf16' in '-march=armv8.2-a+bf16'"
        ),
        ("BUILD-04",),
        (),
        (),
    ),
    (
        ORIN,
        "pytorch/pytorch/issues/114054",
        "-- Could NOT find CUDNN (missing: CUDNN_LIBRARY_PATH CUDNN_INCLUDE_PATH) ",
        ("BUILD-19",),
        ("cuDNN", "libcudnn"),
        (),
    ),
    (
        ORIN,
        "traveller59/spconv/issues/110",
        (
            "-- Could NOT find CUDNN (missing: CUDNN_LIBRARY_PATH CUDNN_INCLUDE_PATH)\n"
            "CMake Warning at /home/kri/lib/python3.7/site-packages/torch/share/cmake/Caffe2/publ"
            "ic/cuda.cmake:109 (message):\n"
            "  Caffe2: Cannot find cuDNN library.  Turning the option off"
        ),
        ("BUILD-19",),
        ("libcudnn",),
        (),
    ),
    (
        PC,
        "sparticlesteve/nersc-pytorch-build/issues/5",
        "-- Could NOT find CUDNN (missing: CUDNN_LIBRARY_PATH CUDNN_INCLUDE_PATH)",
        ("BUILD-19",),
        ("CUDNN_LIBRARY",),
        ("JetPack 4",),
    ),
    (
        TX2,
        "pytorch/pytorch/issues/22116",
        ("libtorch.so: error adding symbols: File in wrong format\ncollect2: error: ld returned 1 exit status"),
        ("BUILD-20",),
        ("architecture",),
        (),
    ),
    (
        NANO,
        "vetter/shoc/issues/38",
        (
            "[   80.743300] Out of memory: Kill process 2700 (DeviceMemory) score 1 or sacrifice "
            "child\n"
            "[   80.751793] Killed process 2700 (DeviceMemory) total-vm:1838376kB, "
            "anon-rss:2632kB, file-rss:628kB\n"
            "Killed"
        ),
        ("RUN-10",),
        (),
        (),
    ),
    (
        ORIN,
        "pytorch/pytorch/issues/185240",
        (
            "[W1126 CUDAFunctions.cpp] torch.AcceleratorError: CUDA error: out of memory\n"
            "Search for `cudaErrorMemoryAllocation' in "
            "https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html for more "
            "information."
        ),
        ("JET-23",),
        (),
        (),
    ),
    (
        ORIN72,
        "conda-forge/pytorch-cpu-feedstock/issues/527",
        (
            "/x/torch/cuda/__init__.py:283: UserWarning:\n"
            "    Found GPU0 Orin which is of cuda capability 8.7.\n"
            "    Minimum and Maximum cuda capability supported by this version of PyTorch is\n"
            "    (9.0) - (12.0)"
        ),
        ("JET-13",),
        ("8.7",),
        (),
    ),
    (
        NANO,
        "pytorch/pytorch/issues/10078",
        (
            "/usr/local/lib/python3.5/dist-packages/torch/backends/cudnn/__init__.py:82: "
            "UserWarning: cuDNN library not found. Check your LD_LIBRARY_PATH"
        ),
        ("BUILD-19", "JET-07"),
        ("cuDNN",),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/117",
        (
            '  File "/usr/local/python3.10.14/lib/python3.10/site-packages/torch_npu/utils/__init'
            '__.py", line 1, in <module>\n'
            "    from torch_npu import _C\n"
            "ImportError: /usr/local/python3.10.14/lib/python3.10/site-packages/torch_npu/lib/lib"
            "torch_npu.so: undefined symbol: _ZN3atb15CreateOperationINS_5infer14GroupTopkParamEE"
            "EiRKT_PPNS_9OperationE"
        ),
        ("NPU-20",),
        ("CANN 9.0.0",),
        (),
    ),
    (
        ATLAS,
        "Ascend/pytorch/issues/99",
        (
            "OSError: /home/mtp/Ascend/nnal/atb/latest/atb/cxx_abi_1/lib/libtbe_adapter.so: "
            "undefined symbol: _ZN3Mki2DlC1ERKNSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE"
            "Eb"
        ),
        ("NPU-20",),
        ("NNAL",),
        (),
    ),
    (
        ATLAS,
        "triton-lang/triton-ascend/issues/328",
        "torch-npu==2.7.1\u5bfc\u5165\u65f6\u62a5\u9519undefined symbol: MsprofSysCycleTime",
        ("NPU-20",),
        ("torch_npu 2.7.1", "CANN 9.0.0", "torch_npu 2.10.0.post2 with torch 2.10.0"),
        (),
    ),
    (
        ATLAS,
        "sgl-project/sglang/issues/28628",
        (
            "torch: `2.12.0`\n"
            "torch_npu: `2.8.0.post2`\n"
            "ImportError: /usr/local/python3.11.14/lib/python3.11/site-packages/torch_npu/lib/lib"
            "torch_npu.so: undefined symbol: _ZNK3c1010TensorImpl20is_contiguous_customENS_12Memo"
            "ryFormatE"
        ),
        ("NPU-29",),
        ("2.8.0",),
        (),
    ),
    (
        ATLAS,
        "DeepLink-org/dlinfer/issues/183",
        (
            "OSError: /home/dlinfer/dlinfer/vendor/ascend/ascend_extension.so: undefined symbol: "
            "_ZN7c10_npu3acl20AclrtPeekAtLastErrorE17aclrtLastErrLevel"
        ),
        ("NPU-54",),
        ("ascend_extension.so", "torch_npu"),
        ("set_env.sh of one",),
    ),
    (
        ATLAS,
        "Ascend/pytorch/issues/35",
        (
            "05/22 09:09:35 - mmengine - WARNING - WARNING: command error: 'Failed to import "
            "transformers.optimization because of the following error (look up to see its "
            "traceback):\n"
            "/home/ma-user/anaconda3/envs/PyTorch-2.1.0/lib/python3.9/site-packages/torch_npu/lib"
            "/libtorch_npu.so: undefined symbol: _ZN5torch10ValueErrorC1EPKcz'!"
        ),
        ("NPU-29",),
        (),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/340",
        (
            "[rank0]:     torch_npu._npu_flash_attention(\n"
            "[rank0]: AttributeError: module 'torch_npu' has no attribute '_npu_flash_attention'\n"
            "[ERROR] 2025-03-16-11:32:36 (PID:80511, Device:0, RankID:-1) ERR99999 UNKNOWN "
            "applicaiton exception"
        ),
        ("NPU-52",),
        ("_npu_flash_attention",),
        (),
    ),
    (
        ATLAS,
        "Ascend/pytorch/issues/90",
        (
            "RuntimeError: copy_d2d_baseformat_opapi:build/CMakeFiles/torch_npu.dir/compiler_depe"
            "nd.ts:88 NPU function error: call aclnnInplaceCopy failed, error code is 561103"
        ),
        ("NPU-55",),
        ("561103", "kernels"),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/4859",
        "call aclnnInplaceZero failed, error code is 561103",
        ("NPU-55",),
        (),
        (),
    ),
    (
        ATLAS,
        "opendatalab/MinerU/issues/2258",
        (
            "RuntimeError: Initialize:build/CMakeFiles/torch_npu.dir/compiler_depend.ts:217 NPU "
            "function error: at_npu::native::AclSetCompileopt(aclCompileOpt::ACL_PRECISION_MODE, "
            "precision_mode), error code is 500001\n"
            "[ERROR] 2025-04-16-13:15:11 (PID:1, Device:0, RankID:-1) ERR00100 PTA call acl api "
            "failed"
        ),
        ("NPU-07",),
        (),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-omni/issues/890",
        ("Compile op[trans_Cast_2,] failed\nbuild op model failed, result = 500002"),
        ("NPU-07",),
        (),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm/pull/8054",
        (
            "RuntimeError: aclnnPromptFlashAttentionV3 or "
            "aclnnPromptFlashAttentionV3GetWorkspaceSize not in libopapi.so, or libopapi.sonot "
            "found."
        ),
        ("NPU-56",),
        ("aclnnPromptFlashAttentionV3", "CANN 9.0.0"),
        (),
    ),
    (
        DUO,
        "vllm-project/vllm-ascend/pull/811",
        (
            "EZ3002: [PID: 141730] 2025-05-14-07:42:33.234.136 Optype [TransData] of Ops kernel "
            "[AIcoreEngine] is unsupported. Reason: [tbe-custom]:op type TransData is not found "
            "in this op store."
        ),
        ("NPU-06",),
        ("kernels",),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/4284",
        (
            "mineru-npu-model-server   | 2025-11-19 11:14:59.028 | ERROR    | "
            "__main__:doc_parse:95 | Dispatch error to http://127.0.0.1:8100/infer: 500: "
            '{"detail":"Initialize:build/CMakeFiles/torch_npu.dir/compiler_depend.ts:152 NPU '
            "function error: c10_npu::SetDevice(device_id_), error code is 507033\\n[ERROR] "
            "2025-11-19-11:14:58 (PID:356, Device:0, RankID:-1) ERR00100 PTA call acl api "
            "failed\\n[Error]: Failed to start the device. \\nE30006: 2025-11-19-11:14:58.516.606 "
            'Failed to verify the OPP"}'
        ),
        ("NPU-26",),
        ("OPP",),
        (),
    ),
    (
        ATLAS,
        "gpustack/gpustack/issues/3284",
        (
            "2025-11-13 19:10:42.153018+08:00 - gpustack_runtime.detector.ascend - ERROR - "
            "Failed to initialize DCMI\n"
            "gpustack_runtime.detector.pydcmi.DCMIError_LibraryNotFound: Library Not Found"
        ),
        ("NPU-12",),
        ("driver",),
        (),
    ),
    (
        ATLAS,
        "Project-HAMi/HAMi/issues/1696",
        ("DrvMngGetConsoleLogLevel failed. (g_conLogLevel=3)\ndcmi module initialize failed. ret is -8005"),
        ("NPU-09",),
        (),
        (),
    ),
    (
        ATLAS,
        "Ascend/cann-container-image/issues/46",
        (
            "root@aa6890a14c34:/# npu-smi info\n"
            "DrvMngGetConsoleLogLevel failed. (g_conLogLevel=3)\n"
            "dcmi model initialized failed, because the device is used. ret is -8020"
        ),
        ("NPU-10",),
        (),
        (),
    ),
    (
        ATLAS,
        "google-deepmind/alphafold/issues/1073",
        (
            "Error response from daemon: failed to create task for container: failed to create "
            "shim task: OCI runtime create failed: runc create failed: unable to start container "
            "process: error during container init: error running prestart hook #0: exit status "
            "255, stdout: , stderr: runc start prestart-hook ...verify parameters valid and "
            "parse runtime optionssetup container config ...prepare necessary configenter "
            "container's mount namespacedo mountingPlease check the write permission!\n"
            "failed to mount src: /usr/local/bin/npu-smi.failed to mount dev.failed to do file "
            "mounting for.failed to mount files.failed to do mounting.failed to setup "
            "container.: unknown"
        ),
        ("NPU-57",),
        ("/usr/local/bin/npu-smi",),
        (),
    ),
    (
        ATLAS,
        "PKU-YuanGroup/Helios/issues/62",
        (
            "RuntimeError: Dummy run failed: The Inner error is reported as above. The process "
            "exits for this inner error, and the current working operator name is Conv2D.\n"
            "[ERROR] 2026-04-09-21:56:46 (PID:210907, Device:0, RankID:0) ERR00100 PTA call acl "
            "api failed.\n"
            "[PID: 210907] 2026-04-09-21:56:40.384.694 Memory_Allocation_Failure(EL0004): Failed "
            "to allocate memory requested by GE module."
        ),
        ("NPU-28",),
        (),
        (),
    ),
    (
        ATLAS,
        "InternLM/lmdeploy/issues/2745",
        (
            "ERROR: Cannot install torch-npu==2.3.1, torch==2.3.1 and torchvision==0.18.1 "
            "because these package versions have conflicting dependencies."
        ),
        ("GEN-47",),
        ("torch-npu==2.3.1",),
        (),
    ),
    (
        ATLAS,
        "DeepLink-org/dlinfer/issues/183",
        (
            "ERROR: Could not find a version that satisfies the requirement torch-npu==2.3.1 "
            "(from versions: 2.1.0.post8, 2.1.0.post10, 2.3.1.post2)\n"
            "ERROR: No matching distribution found for torch-npu==2.3.1"
        ),
        ("GEN-06",),
        ("torch-npu",),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/302",
        (
            "ERROR 03-11 14:48:04 engine.py:387]        GELib::InnerInitialize "
            "failed.[FUNC:Initialize][FILE:gelib.cc][LINE:177]\n"
            "ERROR 03-11 14:48:04 engine.py:387]        GEInitialize "
            "failed.[FUNC:GEInitialize][FILE:ge_api.cc][LINE:337]"
        ),
        ("NPU-35",),
        (),
        (),
    ),
    (
        ATLAS,
        "ByteDance-Seed/VeOmni/issues/147",
        (
            "error: Distribution `torchaudio==2.6.0+cpu @ "
            "registry+https:/download.pytorch.org/whl/` can't be installed because it doesn't "
            "have a source distribution or wheel for the current platform\n"
            "\n"
            "hint: You're on Linux (`manylinux_2_38_aarch64`), but `torchaudio` (v2.6.0+cpu) "
            "only has wheels for the following platforms: `linux_x86_64`, `win_amd64`"
        ),
        ("GEN-06",),
        ("torchaudio",),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/855",
        (
            "RuntimeError: Failed to load the backend extension: torch_npu. You can disable "
            "extension auto-loading with TORCH_DEVICE_BACKEND_AUTOLOAD=0."
        ),
        ("NPU-03",),
        (),
        (),
    ),
    (
        ATLAS,
        "opendatalab/MinerU/issues/2665",
        (
            "RuntimeError: Expected one of cpu, cuda, ipu, xpu, mkldnn, opengl, opencl, ideep, "
            "hip, ve, fpga, ort, xla, lazy, vulkan, mps, meta, hpu, mtia, privateuseone device "
            "type at start of device string: npu"
        ),
        ("NPU-30",),
        ("torch_npu",),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/166",
        (
            "INFO 02-26 02:05:13 [__init__.py:198] Platform plugin ascend is activated\n"
            "Failed to import torch_npu.\n"
            "Traceback (most recent call last):\n"
            "ModuleNotFoundError: No module named 'torch_npu'"
        ),
        ("NPU-30",),
        (),
        (),
    ),
    (
        ATLAS,
        "Ascend/pytorch/issues/29",
        (
            "[ERROR] TUNE(2440326,python):2024-04-08-15:18:43.444.270 "
            '[pywrapper.cpp:94][CANNKB][Tid:2440326]"ModuleNotFoundError: No module named '
            "'tbe.common'\n"
            '"'
        ),
        ("NPU-31",),
        (),
        (),
    ),
    (
        ATLAS,
        "Ascend/pytorch/issues/7",
        (
            "EH9999: Inner Error!\n"
            "EH9999  [Init][Env]init env failed![FUNC:ReportInnerError][FILE:log_inner.cpp][LINE:"
            "145]\n"
            "        TraceBack (most recent call last):\n"
            "        build op model failed, result = 500001[FUNC:ReportInnerError][FILE:log_inner"
            ".cpp][LINE:145]\n"
            "\n"
            "Aborted (core dumped)"
        ),
        ("NPU-07",),
        (),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/10979",
        (
            "RuntimeError: The Inner error is reported as above.\n"
            "EZ9999: Inner Error!\n"
            "EZ9999[PID: 1] aclnnCausalConv1d tiling failed\n"
            "call aclnnCausalConv1d failed, error code is 561002"
        ),
        ("NPU-55",),
        ("561002",),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/2387",
        "NPU function error: call aclnnAddRmsNormQuant failed, error code is 561000",
        ("NPU-55",),
        ("561000",),
        (),
    ),
    (
        PI32,
        "nxp-imx/mfgtools/issues/337",
        (
            "usbhotplug.cpp:(.text+0x568): undefined reference to `__atomic_load_8'\n"
            "/usr/bin/ld: ../libuuu/libuuc_s.a(usbhotplug.cpp.o): in function "
            "`check_usb_timeout(Timer&)':\n"
            "collect2: error: ld returned 1 exit status"
        ),
        ("BUILD-18",),
        ("-latomic",),
        (),
    ),
    (
        PI32,
        "OpenRCT2/OpenRCT2/issues/23881",
        (
            "/usr/bin/ld: libopenrct2.a(Context.cpp.o): undefined reference to symbol "
            "'__atomic_load_8@@LIBATOMIC_1.0'\n"
            "/usr/bin/ld: /lib/arm-linux-gnueabihf/libatomic.so.1: error adding symbols: DSO "
            "missing from command line\n"
            "collect2: error: ld returned 1 exit status"
        ),
        ("BUILD-18",),
        ("-latomic",),
        (),
    ),
    (
        PYNQ,
        "ithewei/libhv/issues/384",
        "undefined reference to __atomic_fetch_add_8",
        ("BUILD-18",),
        ("libatomic",),
        (),
    ),
    (
        PI32,
        "RFnexus/modem73/issues/69",
        (
            "/usr/bin/ld: miniaudio.c:(.text+0xb940): undefined reference to "
            "`__atomic_compare_exchange_8'\n"
            "collect2: error: ld returned 1 exit status\n"
            "make: *** [Makefile:52: modem73] Error 1"
        ),
        ("BUILD-18",),
        (),
        (),
    ),
    (
        PI32,
        "tdlib/telegram-bot-api/issues/437",
        (
            "CMakeFiles/x.dir/y.cpp.o: In function `std::__atomic_base<unsigned long "
            "long>::load(std::memory_order) const':\n"
            "/usr/include/c++/8/bits/atomic_base.h:396: undefined reference to `__atomic_load_8'"
        ),
        ("BUILD-18",),
        (),
        (),
    ),
    (
        PI32,
        "Red5d/docker-autocompose/issues/27",
        (
            "WARNING: The requested image's platform (linux/amd64) does not match the detected "
            "host platform (linux/arm/v7) and no specific platform was requested\n"
            "standard_init_linux.go:228: exec user process caused: exec format error"
        ),
        ("RUN-25",),
        ("linux/amd64", "linux/arm/v7"),
        (),
    ),
    (
        PI4,
        "CIROH-UA/NGIAB-CloudInfra/issues/276",
        (
            "WARNING: image platform (linux/arm64/v8) does not match the expected platform "
            "(linux/amd64)\n"
            "\n"
            '{"msg":"exec container process `/usr/local/bin/python`: Exec format '
            'error","level":"error","time":"2025-04-03T23:58:31.409487Z"}'
        ),
        ("RUN-25",),
        ("architecture",),
        (),
    ),
    (
        PC,
        "dyrnq/install-docker/issues/13",
        (
            "WARNING: The requested image's platform (linux/arm64) does not match the detected "
            "host platform (linux/amd64/v3) and no specific platform was requested\n"
            "exec /usr/local/bin/python3: no such file or directory"
        ),
        ("RUN-25",),
        ("linux/arm64",),
        (),
    ),
    (
        PI4,
        "https://www.explaintopic.com/docker/exec-usr-bin-python3-exec-format-error-in-docker-container-1765786753.html",
        "exec /usr/bin/python3: exec format error",
        ("RUN-25",),
        ("architecture",),
        (),
    ),
    (
        PI4,
        None,
        "bash: ./python3: cannot execute binary file: Exec format error",
        ("RUN-25",),
        (),
        (),
    ),
    (
        PI4,
        None,
        "OSError: [Errno 8] Exec format error: '/opt/tool/bin/thing'",
        ("RUN-25",),
        ("architecture",),
        (),
    ),
    (
        PI32,
        "nmilosev/pytorch-arm-builds/pull/20",
        (
            "ImportError: /lib/arm-linux-gnueabihf/libc.so.6: version 'GLIBC_2.32' not found "
            "(required by /home/pi/.local/lib/python3.9/site-packages/torch/lib/libtorch_python.s"
            "o)"
        ),
        ("GEN-02",),
        ("GLIBC_2.32",),
        (),
    ),
    (
        PI4,
        "nmilosev/pytorch-arm-builds/issues/2",
        "torch-1.1.0-cp37-cp37m-linux_aarch64.whl is not a supported wheel on this platform.",
        ("GEN-07",),
        (),
        (),
    ),
    (
        PYNQ,
        "nmilosev/pytorch-arm-builds/issues/19",
        (
            'Error in cpuinfo: failed to parse file /sys/devices/system/cpu/kernel_max: "-1\n'
            '" is not an unsigned number\n'
            "[W NNPACK.cpp:80] Could not initialize NNPACK! Reason: Unsupported hardware."
        ),
        ("GEN-48",),
        ("warning",),
        (),
    ),
    (
        PI32,
        "askrella/whatsapp-chatgpt/issues/106",
        (
            "pi@pi:~ $ pip install torch\n"
            "Looking in indexes: https://pypi.org/simple, https://www.piwheels.org/simple\n"
            "ERROR: Could not find a version that satisfies the requirement torch (from "
            "versions: none)\n"
            "ERROR: No matching distribution found for torch"
        ),
        ("GEN-06",),
        ("32-bit",),
        (),
    ),
    (
        PIZERO,
        "timerring/bilive/issues/274",
        (
            "Collecting torch==1.11.0\n"
            "  Downloading torch-1.11.0-cp310-cp310-manylinux1_x86_64.whl (750.6 MB)\n"
            "     \u2501\u2501\u2501\u2501\u2501\u2578 749.6/750.6 MB 41.3 MB/s eta 0:00:01\n"
            "Killed"
        ),
        ("RUN-14",),
        ("--no-cache-dir",),
        (),
    ),
    (
        PIZERO,
        "pytorch/pytorch/issues/1022",
        (
            "  Downloading https://download.pytorch.org/whl/cu75/torch-0.1.10.post2-cp27-none-lin"
            "ux_x86_64.whl (360.3MB)\n"
            "    99% |\u2588\u2588\u2588\u2588| 360.3MB 32.1MB/s eta 0:00:01Killed"
        ),
        ("RUN-14",),
        ("--no-cache-dir",),
        (),
    ),
    (
        ALPINE,
        "mlverse/torch/issues/1323",
        (
            "\u2716 /usr/lib/R/library/torch/lib/liblantern.so - Error loading shared library "
            "ld-linux-x86-64.so.2: No such file or directory\n"
            "  (needed by /usr/lib/R/library/torch/lib/liblantern.so)"
        ),
        ("RUN-21", "RUN-27"),
        ("musl",),
        ("apt",),
    ),
    (
        None,
        "pytorch/pytorch/issues/1618",
        (
            "ImportError: Error relocating /usr/lib/python3.5/site-packages/torch/lib/libcudnn.so"
            ".6: __strtod_internal: symbol not found"
        ),
        ("RUN-21", "RUN-27"),
        ("musl",),
        ("apt",),
    ),
    (
        None,
        "OpenMined/PySyft/issues/1590",
        (
            "ImportError: Error loading shared library ld-linux-x86-64.so.2: No such file or "
            "directory (needed by /usr/local/lib/python3.6/site-packages/torch/_C.cpython-36m-x86"
            "_64-linux-gnu.so)"
        ),
        ("RUN-21", "RUN-27"),
        ("musl",),
        (),
    ),
    (
        PI4,
        "KumaTea/pytorch-aarch64/issues/8",
        "fish: Job 1, \u201cpython3\u201d terminated by signal SIGILL (Illegal instruction)",
        ("RUN-01",),
        (),
        (),
    ),
    (
        PI4,
        "pytorch/pytorch/issues/176993",
        ("torch 2.10.0\n[ 1132.310] python3[881]: undefined instruction: pc=0000007f8c1d1e60"),
        ("ARM-02",),
        (),
        (),
    ),
    (
        PI4,
        "pytorch/pytorch/issues/132032",
        ("web-1  | torch==2.4.0\nweb-1 exited with code 132"),
        ("ARM-01",),
        (),
        (),
    ),
    (
        PI4,
        None,
        (
            "[Fri Sep 16 10:37:38 2022] Memory cgroup out of memory: Killed process 19712 "
            "(python) total-vm:87716756kB, anon-rss:16715856kB"
        ),
        ("RUN-26",),
        ("container",),
        (),
    ),
    (
        PI4,
        "google-research/jax3d/issues/121",
        (
            "[Fri Sep 16 10:37:38 2022] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpus"
            "et=37a2,mems_allowed=0-1,oom_memcg=/docker/37a2,task_memcg=/docker/37a2,task=python,"
            "pid=19712,uid=0"
        ),
        ("RUN-26",),
        ("container",),
        (),
    ),
    (
        PI4,
        None,
        ("    State:          Terminated\n      Reason:       OOMKilled\n      Exit Code:    137"),
        ("RUN-26",),
        ("container",),
        (),
    ),
    (
        PI32,
        "ARM-software/ComputeLibrary/issues/723",
        (
            "/usr/lib/gcc/arm-linux-gnueabihf/6/include/arm_neon.h:6600:1: error: inlining "
            "failed in call to always_inline \u2018uint16x8_t vmovl_u8(uint8x8_t)\u2019: target specific "
            "option mismatch"
        ),
        ("BUILD-04",),
        (),
        (),
    ),
    (
        PI4,
        "Try2ChangeX/NanoTrack_Libtorch/issues/1",
        ("/usr/bin/ld: /home/firefly/new/libtorch/lib/libtorch.so: error adding symbols: file in wrong format"),
        ("BUILD-20",),
        ("architecture",),
        (),
    ),
    (
        PI4,
        "breezedeus/CnOCR/issues/277",
        "ImportError: libtorch_cuda.so: failed to map segment from shared object",
        ("GEN-49",),
        ("noexec",),
        (),
    ),
    (
        DEBIAN13,
        "conda-forge/pytorch-cpu-feedstock/issues/350",
        ("ImportError: libtorch_cpu.so: cannot enable executable stack as shared object requires: Invalid argument"),
        ("GEN-50",),
        ("glibc",),
        (),
    ),
    (
        PC,
        "easydiffusion/easydiffusion/issues/500",
        ("OSError: /x/lib/python3.8/site-packages/torch/lib/../../../../libmkl_core.so: invalid ELF header"),
        ("GEN-51",),
        ("libmkl_core.so",),
        (),
    ),
    (
        PC,
        "niuchuangnn/SPICE/issues/4",
        (
            "OSError: /home/anders/anaconda3/lib/python3.8/site-packages/torch/lib/../../../../li"
            "bcufft.so.10: invalid ELF header"
        ),
        ("GEN-51",),
        ("libcufft.so.10",),
        (),
    ),
    (
        PC,
        "facebook/Ax/issues/3954",
        "ImportError: libcusparseLt.so.0: failed to map segment from shared object",
        ("GEN-49",),
        (),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/123054",
        ("ImportError: /tmp/torchinductor_root/triton/0/cuda_utils.so: failed to map segment from shared object"),
        ("GEN-49",),
        ("noexec",),
        (),
    ),
    (
        PC,
        "astral-sh/uv/issues/11418",
        (
            "error: Distribution `torch==2.5.1 @ registry+https://download.pytorch.org/whl/cu124`"
            " can't be installed \n"
            "because it doesn't have a source distribution or wheel for the current platform\n"
            "hint: You're on Linux (`manylinux_2_39_x86_64`), \n"
            "but `torch` (v2.5.1) only has wheels for the following platform: `linux_aarch64`"
        ),
        ("GEN-06",),
        ("torch",),
        (),
    ),
    (
        PC,
        "astral-sh/uv/issues/14268",
        (
            "error: Distribution `torch==2.7.0 @ registry+https://pypi.org/simple` can't be "
            "installed because it doesn't have a source distribution or wheel for the current "
            "platform"
        ),
        ("GEN-06",),
        (),
        (),
    ),
    (
        SPARK,
        "sorryhyun/anima_lora/issues/71",
        (
            "error: Distribution `onnxruntime-gpu==1.27.0 @ registry+https://pypi.org/simple` "
            "can't be installed because it doesn't have a source distribution or wheel for the\n"
            "  current platform"
        ),
        ("GEN-41",),
        ("onnxruntime-gpu",),
        (),
    ),
    (
        SPARK,
        "conda/conda/issues/11772",
        (
            "Collecting package metadata (repodata.json): done\n"
            "Solving environment: failed\n"
            "\n"
            "ResolvePackageNotFound: \n"
            "  - pytorch=1.11.0\n"
            "  - python=3.8.5\n"
            "  - cudatoolkit=11.3"
        ),
        ("CONDA-08",),
        ("conda-forge",),
        (),
    ),
    (
        PC,
        "ybgdgh/Co-NavGPT2/issues/4",
        ("PackagesNotFoundError: The following packages are not available from current channels:\n\n  - cmake=3.14.0"),
        ("CONDA-08",),
        ("cmake=3.14.0",),
        (),
    ),
    (
        PC,
        "conda-forge/pytorch-cpu-feedstock/issues/422",
        (
            "LibMambaUnsatisfiableError: Encountered problems while solving:\n"
            "  - package libtorch-2.8.0-cuda129_generic_h4d1ebf7_200 requires libcudss "
            ">=0.6.0.5,<0.6.1.0a0, but none of the providers can be installed"
        ),
        ("CONDA-09",),
        ("conda-forge",),
        (),
    ),
    (
        PC,
        "pangeo-data/pangeo-docker-images/pull/655",
        (
            "{'solver_problems': ['nothing provides __cuda needed by "
            "pytorch-2.10.0-cuda130_generic_py312_hd2d43f0_205'], 'success': False}"
        ),
        ("CONDA-07",),
        ("CONDA_OVERRIDE_CUDA",),
        (),
    ),
    (
        PC,
        "microsoft/WSL/issues/9092",
        (
            "/home/fabian/miniconda3/envs/torch/lib/python3.10/site-packages/torch/cuda/__init__."
            "py:88: UserWarning: CUDA initialization: Unexpected error from "
            "cudaGetDeviceCount(). Did you run some cuda functions before calling "
            "NumCudaDevices() that might have already set an error? Error 2: out of memory "
            "(Triggered internally at /opt/conda/conda-bld/pytorch_1666642969563/work/c10/cuda/CU"
            "DAFunctions.cpp:109.)"
        ),
        ("CUDA-19",),
        (),
        (),
    ),
    (
        PC,
        "NVIDIA/cuml/issues/6218",
        (
            '  File "/mnt/c/Users/Hongb/Documents/Git/x/.venv/lib/python3.12/site-packages/numba_'
            'cuda/numba/cuda/cudadrv/driver.py", line 258, in ensure_initialized\n'
            "numba.cuda.cudadrv.error.CudaSupportError: Error at driver init: Call to cuInit "
            "results in CUDA_ERROR_NO_DEVICE (100)"
        ),
        ("CUDA-49",),
        ("/usr/lib/wsl/lib",),
        (),
    ),
    (
        PC,
        "microsoft/WSL/issues/9254",
        (
            "Python platform: Linux-5.10.102.1-microsoft-standard-WSL2-x86_64-with-glibc2.31\n"
            "UserWarning: CUDA initialization: Found no NVIDIA driver on your system. Please "
            "check that you have an NVIDIA GPU"
        ),
        ("CUDA-49",),
        ("Windows",),
        ("install the NVIDIA driver;",),
    ),
    (
        PC,
        "microsoft/WSL/issues/5663",
        (
            "Processing triggers for libc-bin (2.31-0ubuntu9.9) ...\n"
            "/sbin/ldconfig.real: /usr/lib/wsl/lib/libcuda.so.1 is not a symbolic link"
        ),
        ("CUDA-50",),
        ("only a warning",),
        (),
    ),
    (
        PASCAL,
        "pytorch/pytorch/pull/158700",
        (
            "/home/x/torch/cuda/__init__.py:263: UserWarning: \n"
            "    Found GPU0 NVIDIA GeForce GTX 1080 which is of cuda capability 6.1.\n"
            "    PyTorch no longer supports this GPU because it is too old.\n"
            "    The minimum cuda capability supported by this library is 7.0."
        ),
        ("CUDA-06",),
        (),
        (),
    ),
    (
        PASCAL,
        "pytorch/ELF/issues/28",
        (
            "UserWarning: \n"
            "    Found GPU0 GeForce GTX 650 which is of cuda capability 3.0.\n"
            "    PyTorch no longer supports this GPU because it is too old.\n"
            "THCudaCheck FAIL file=/opt/conda/x.cu line=34 error=48 : no kernel image is "
            "available for execution on the device"
        ),
        ("CUDA-06",),
        (),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/150733",
        (
            "NVIDIA GeForce RTX 5090 D with CUDA capability sm_120 is not compatible with the "
            "current PyTorch installation.\n"
            "The current PyTorch install supports CUDA capabilities sm_50 sm_60 sm_70 sm_75 "
            "sm_80 sm_86 sm_90."
        ),
        ("CUDA-06",),
        (),
        (),
    ),
    (
        SPARK,
        "triton-lang/triton/issues/8539",
        "ptxas fatal   : Value 'sm_121a' is not defined for option 'gpu-name'",
        ("GEN-45",),
        ("sm_121a",),
        (),
    ),
    (
        SPARK,
        "vllm-project/vllm/issues/36099",
        ("ImportError: libcudart.so.12: cannot open shared object file: No such file or directory"),
        ("CUDA-29",),
        ("libcudart.so.12",),
        ("apt-file",),
    ),
    (
        PC,
        "pytorch/pytorch/issues/144433",
        (
            ">>> import torch\n"
            '  File "/usr/local/lib64/python3.9/site-packages/torch/__init__.py", line 379, in '
            "<module>\n"
            "    from torch._C import *  # noqa: F403\n"
            "ImportError: libcusparseLt.so.0: cannot open shared object file: No such file or "
            "directory"
        ),
        ("CUDA-29",),
        (),
        (),
    ),
    (
        SPARK,
        "pytorch/pytorch/pull/148465",
        ("ImportError: libcufile.so.0: cannot open shared object file: No such file or directory"),
        ("CUDA-29",),
        (),
        (),
    ),
    (
        PC,
        "Akegarasu/lora-scripts/issues/82",
        ("ImportError: libcupti.so.11.7: cannot open shared object file: No such file or directory"),
        ("CUDA-29",),
        (),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/193491",
        (
            "ERROR: Cannot install torch==2.6.0+cu124 because these package versions have "
            "conflicting dependencies.\n"
            "ERROR: ResolutionImpossible: for help visit "
            "https://pip.pypa.io/en/latest/topics/dependency-resolution/#dealing-with-dependency-"
            "conflicts"
        ),
        ("GEN-47",),
        (),
        (),
    ),
    (
        PC,
        "astral-sh/uv/issues/10843",
        (
            "  \xd7 No solution found when resolving dependencies:\n"
            "  \u2570\u2500\u25b6 Because torchvision==0.20.1 depends on torch==2.5.1 and your project depends "
            "on torch==2.6.0, we can conclude that your project's requirements are unsatisfiable."
        ),
        ("GEN-47",),
        (),
        (),
    ),
    (
        PC,
        "NVIDIA/TensorRT/issues/2176",
        (
            "The engine plan file is generated on an incompatible device, expecting compute 8.6 "
            "got compute 7.5, please rebuild."
        ),
        ("GEN-46",),
        (),
        (),
    ),
    (
        PC,
        "Atinoda/text-generation-webui-docker/issues/20",
        (
            "Error response from daemon: failed to create shim task: OCI runtime create failed: "
            "runc create failed: unable to start container process: error during container init: "
            "error running hook #0: error running hook: exit status 1, stdout: , stderr: "
            "Auto-detected mode as 'legacy' nvidia-container-cli: initialization error: load "
            "library failed: libnvidia-ml.so.1: cannot open shared object file: no such file or "
            "directory: unknown"
        ),
        ("CUDA-45", "CUDA-27"),
        ("host",),
        (),
    ),
    (
        PC,
        "containerd/containerd/issues/6042",
        ("nvidia-container-cli: initialization error: nvml error: insufficient permissions: unknown"),
        ("CUDA-48",),
        ("/dev/nvidia",),
        (),
    ),
    (
        PC,
        None,
        "Error: setting up CDI devices: unresolvable CDI devices nvidia.com/gpu=all",
        ("CUDA-26",),
        ("nvidia-ctk cdi",),
        (),
    ),
    (
        PC,
        "gpustack/gpustack/issues/3759",
        ("ImportError: libtorch_cuda.so: cannot open shared object file: No such file or directory"),
        ("GEN-24",),
        (),
        (),
    ),
    (
        PC,
        "fishaudio/fish-speech/issues/907",
        (
            "E0303 11:40:42.533000 713 site-packages/torch/_inductor/runtime/triton_heuristics.py"
            ":533] ptxas fatal   : Value 'sm_120' is not defined for option 'gpu-name'"
        ),
        ("GEN-45",),
        (),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/125093",
        (
            "torch._dynamo.exc.BackendCompilerFailed: backend='inductor' raised:\n"
            "RuntimeError: Cannot find a working triton installation. More information on "
            "installing Triton can be found at https://github.com/openai/triton"
        ),
        ("GEN-52",),
        ("triton",),
        (),
    ),
    (
        PC,
        None,
        (
            "RuntimeError: Failed to find C compiler. Please specify via CC environment variable "
            "or set triton.knobs.build.impl."
        ),
        ("GEN-53",),
        ("apt-get install gcc",),
        (),
    ),
    (
        XAVIER,
        "ultralytics/ultralytics/issues/17345",
        (">>> import torch\n>>> torch.cuda.is_available()\nFalse\n>>> exit()"),
        ("JET-44",),
        ("torch.version.cuda",),
        (),
    ),
    (
        ORIN,
        "naseemap47/streamlit-yolo/issues/22",
        ("$ python3 -c 'import torch; print(torch.cuda.is_available())'\nFalse"),
        ("JET-44",),
        ("NVIDIA",),
        (),
    ),
    (
        XAVIER,
        "NVIDIA-AI-IOT/torch2trt/issues/933",
        (
            "    raise OSError('CUDA_HOME environment variable is not set. '\n"
            "OSError: CUDA_HOME environment variable is not set. Please set it to your CUDA "
            "install root."
        ),
        ("BUILD-21",),
        ("/usr/local/cuda",),
        (),
    ),
    (
        TX2,
        "andrewadare/jetson-tx2-pytorch/issues/5",
        ("aarch64-linux-gnu-gcc: internal compiler error: Killed (program cc1plus)\nPlease submit a full bug report,"),
        ("GEN-09",),
        (),
        (),
    ),
    (
        ORIN,
        "ultralytics/ultralytics/issues/1337",
        (
            "OSError: symbol cublasLtHSHMatmulAlgoInit, version libcublasLt.so.11 not defined in "
            "file libcublasLt.so.11 with link time reference"
        ),
        ("CUDA-28",),
        (),
        (),
    ),
    (
        ORIN,
        "ultralytics/ultralytics/issues/17109",
        (
            "A module that was compiled using NumPy 1.x cannot be run in\n"
            "NumPy 2.0.1 as it may crash. To support both 1.x and 2.x\n"
            "versions of NumPy, modules must be compiled with NumPy 2.0."
        ),
        ("GEN-01",),
        ("numpy<2",),
        (),
    ),
    (
        XAVIER,
        "pinokiocomputer/pinokio/issues/1027",
        (
            "ERROR: HTTP error 404 while getting https://developer.download.nvidia.com/compute/re"
            "dist/jp/v512/pytorch/torch-2.1.0a0+41361538.nv23.06-cp310-cp310-linux_aarch64.whl\n"
            "ERROR: Could not install requirement torch==2.1.0a0+41361538.nv23.6 because of HTTP "
            "error 404 Client Error: Not Found for url"
        ),
        ("NET-07",),
        ("404",),
        (),
    ),
    (
        NANO,
        "ultralytics/ultralytics/issues/5019",
        (
            '  File "/home/u/myvenv/lib/python3.6/site-packages/urllib3/__init__.py", line 6\n'
            "    from __future__ import annotations\n"
            "    ^\n"
            "SyntaxError: future feature annotations is not defined"
        ),
        ("GEN-13",),
        (),
        (),
    ),
    (
        NANO,
        "pytorch/TensorRT/issues/797",
        (
            "gcc: internal compiler error: Killed (program cc1plus)\n"
            "Please submit a full bug report,\n"
            "with preprocessed source if appropriate."
        ),
        ("GEN-09",),
        (),
        (),
    ),
    (
        PI4,
        "Qengineering/PyTorch-Raspberry-Pi-64-OS/issues/6",
        ("ERROR: torch-2.0.0a0+gite9ebda2-cp39-cp39-linux_aarch64.whl is not a supported wheel on this platform."),
        ("GEN-07",),
        (),
        (),
    ),
    (
        dict(SPARK, page_size=65536),
        "pytorch/pytorch/issues/53357",
        (
            "OSError: /v/lib64/python3.6/site-packages/torch/lib/libtorch_global_deps.so: ELF "
            "load command alignment not page-aligned"
        ),
        ("GEN-19",),
        ("64 KiB",),
        (),
    ),
    (
        PI4,
        "pytorch/vision/issues/1712",
        (
            "ImportError: cannot import name 'PILLOW_VERSION' from 'PIL' "
            "(/usr/local/lib/python3.7/dist-packages/PIL/__init__.py)"
        ),
        ("GEN-57",),
        ("pillow<7",),
        (),
    ),
    (
        PYNQ,
        "Xilinx/Vitis-AI/issues/498",
        'Exception: You tried to install "pytorch". The package named for PyTorch is "torch"',
        ("GEN-08",),
        (),
        (),
    ),
    (
        PYNQ,
        "pytorch/pytorch/issues/46522",
        (
            "Collecting torch\n"
            "  Using cached torch-0.1.2.post2.tar.gz (128 kB)\n"
            "ModuleNotFoundError: No module named 'tools.nnwrap'"
        ),
        ("GEN-08",),
        (),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/88352",
        (
            "ERROR: Unable to load the kernel module 'nvidia.ko'.  This happens most frequently "
            "when this kernel module was built against the wrong or improperly configured kernel "
            "sources"
        ),
        ("CUDA-23", "CUDA-42"),
        ("dkms",),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/109098",
        (
            "/opt/conda/lib/python3.10/site-packages/torch/cuda/__init__.py:546: UserWarning: "
            "Can't initialize NVML\n"
            '  warnings.warn("Can\'t initialize NVML")\n'
            "0\n"
            ">>> torch.cuda.is_available()\n"
            "False"
        ),
        ("CUDA-24",),
        ("container",),
        (),
    ),
    (
        FEDORA,
        "CachyOS/linux-cachyos/issues/118",
        (
            "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make "
            "sure that the latest NVIDIA driver is installed and running."
        ),
        ("CUDA-23",),
        (),
        (),
    ),
    (
        PI4,
        "vectorize-io/hindsight/issues/4142",
        (
            "torch 2.10.0\n"
            "Program received signal SIGILL, Illegal instruction.\n"
            "0x0000ffff6f660fec in _mi_options_init () from torch/lib/libc10.so\n"
            "=> 0xffff6f660fec <_mi_options_init+28>:\tldaddal\tx22, x22, [x0]"
        ),
        ("ARM-02",),
        ("2.10.0",),
        (),
    ),
    (
        PC,
        "vectorize-io/hindsight/issues/4142",
        (
            'qemu-aarch64-static -cpu cortex-a57 /app/api/.venv/bin/python3 -c "import torch"\n'
            "qemu: uncaught target signal 4 (Illegal instruction) - core dumped"
        ),
        ("RUN-28",),
        ("emulator",),
        (),
    ),
    (
        PC,
        "docker/buildx/issues/1170",
        (
            "#7 99.79 qemu: uncaught target signal 11 (Segmentation fault) - core dumped\n"
            "#7 99.87 Segmentation fault (core dumped)\n"
            "#7 99.97 dpkg: error processing package libc-bin (--configure):"
        ),
        ("RUN-28",),
        ("QEMU",),
        (),
    ),
    (
        PC,
        "docker/for-mac/issues/5446",
        ("qemu: uncaught target signal 4 (Illegal instruction) - core dumped\nIllegal instruction"),
        ("RUN-28",),
        (),
        (),
    ),
    (
        SPARK,
        "pytorch/pytorch/issues/188255",
        (
            "[2026/06/24 15:54:47.633 GMT+08:00] Program received signal SIGSEGV, Segmentation "
            "fault.\n"
            "[2026/06/24 15:54:47.633 GMT+08:00] 0x0000fffff7f90dd8 in cpuinfo_arm_linux_init () "
            "from /tmp/x.so"
        ),
        ("ARM-11",),
        ("/sys",),
        (),
    ),
    (
        PIZERO,
        "sharkdp/bat/issues/2331",
        "-bash: /usr/local/bat/bat: cannot execute binary file: Exec format error",
        ("RUN-25",),
        (),
        (),
    ),
    (
        PI4,
        "NewFuture/DDNS/issues/388",
        ("root@ubuntu:~# ./ddns\n-bash: ./ddns: cannot execute binary file: Exec format error"),
        ("RUN-25",),
        (),
        (),
    ),
    (
        PI4,
        "testcab/ansible-role-code-server/issues/8",
        "/usr/local/bin/code-server: 36: exec: /opt/code-server/lib/node: Exec format error",
        ("RUN-25",),
        (),
        (),
    ),
    (
        PI32,
        "facebook/prophet/issues/2092",
        (
            "./seafile.sh: Zeile 114: /opt/seafile/seafile-server-8.0.7/seafile/bin/seafile-contr"
            "oller: cannot execute binary file: Exec format error"
        ),
        ("RUN-25",),
        (),
        (),
    ),
    (
        PI4,
        "rhasspy/piper/issues/357",
        "unable to execute binary file: format error for exec()",
        ("RUN-25",),
        (),
        (),
    ),
    (
        PI4,
        "rhasspy/piper/issues/357",
        "zsh: exec format error: ./piper/piper",
        ("RUN-25",),
        (),
        (),
    ),
    (
        PI4,
        "Start9Labs/start-technologies/issues/540",
        (
            "'called `Result::unwrap()` on an `Err` value: Os { code: 28, kind: Other, message: "
            '"No space left on device" }\'\n'
            "/dev/mmcblk0p3     7.0G  3.1G  3.7G  46% /media/root-ro\n"
            "tmpfs-root     1.9G  1.9G     0 100% /media/root-rw\n"
            "overlayroot    1.9G  1.9G     0 100% /"
        ),
        ("RUN-29",),
        ("overlay",),
        (),
    ),
    (
        OVERLAY,
        "raspberrypi/bookworm-feedback/issues/137",
        ("ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device"),
        ("RUN-30",),
        ("overlay",),
        (),
    ),
    (
        PC,
        "mozilla/DeepSpeech/issues/2055",
        (
            "Apr 25 06:31:57 yihuachiu-GTX1080 kernel: [594675.027262] python invoked "
            "oom-killer: gfp_mask=0x14200ca(GFP_HIGHUSER_MOVABLE), nodemask=(null), order=0, "
            "oom_score_adj=0\n"
            "Apr 25 06:31:57 yihuachiu-GTX1080 kernel: [594677.027361] oom_reaper: reaped "
            "process 29918 (python), now anon-rss:0kB"
        ),
        ("RUN-10",),
        (),
        (),
    ),
    (
        PC,
        "yuxumin/PoinTr/issues/14",
        ("train.sh: line 8: 30127 Killed                  CUDA_VISIBLE_DEVICES=0 python main.py"),
        ("RUN-02",),
        (),
        (),
    ),
    (
        PC,
        "vespa-engine/sample-apps/pull/548",
        ("ERROR: Command 'pip3 install -qqq torch transformers onnx onnxruntime' returned code 137"),
        ("RUN-02", "RUN-14"),
        (),
        (),
    ),
    (
        PC,
        "sgl-project/sglang/issues/1067",
        (
            'raise RuntimeError("Failed to find C compiler. Please specify via CC environment '
            'variable.")\n'
            "RuntimeError: Failed to find C compiler. Please specify via CC environment variable."
        ),
        ("GEN-53",),
        ("apt-get install gcc",),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/92745",
        (
            "torch._inductor.exc.InvalidCxxCompiler: No working C++ compiler found in "
            "torch._inductor.config.cpp.cxx: (None, 'g++')"
        ),
        ("GEN-53",),
        ("g++",),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/92745",
        ("/usr/bin/ld: cannot find -lcuda\ncollect2: error: ld returned 1 exit status"),
        ("BUILD-12",),
        ("cuda",),
        (),
    ),
    (
        ATLAS,
        None,
        (">>> import torch, torch_npu\n>>> torch.npu.is_available()\nFalse"),
        ("NPU-58",),
        ("npu-smi",),
        (),
    ),
    (
        PI4,
        None,
        "ModuleNotFoundError: No module named 'distutils'",
        ("GEN-58",),
        ("setuptools",),
        (),
    ),
    (
        NANO,
        "pytorch/pytorch/issues/69894",
        "AttributeError: module 'distutils' has no attribute 'version'",
        ("GEN-58",),
        ("setuptools<59.6",),
        (),
    ),
    (
        PI4,
        None,
        "ModuleNotFoundError: No module named 'pkg_resources'",
        ("GEN-58",),
        ("setuptools",),
        (),
    ),
    (
        PI4,
        None,
        (
            "python: error while loading shared libraries: libpython3.11.so.1.0: cannot open "
            "shared object file: No such file or directory"
        ),
        ("RUN-05",),
        ("libpython3.11",),
        (),
    ),
    (
        ORIN,
        None,
        (
            "Fehler beim Laden der gemeinsam genutzten Bibliotheken: libcudart.so.12: Kann die "
            "Shared-Object-Datei nicht \xf6ffnen: Datei oder Verzeichnis nicht gefunden"
        ),
        ("JET-07",),
        ("libcudart.so.12",),
        (),
    ),
    (
        NANO,
        None,
        ("\tlibcudart.so.10.2 => not found\n\tlibc.so.6 => /lib/aarch64-linux-gnu/libc.so.6 (0x0000007f)"),
        ("JET-07",),
        ("libcudart",),
        (),
    ),
    (
        PC,
        "OpenNMT/CTranslate2/issues/1250",
        "RuntimeError: Library libcublas.so.11 is not found or cannot be loaded",
        ("CUDA-29",),
        ("libcublas.so.11",),
        (),
    ),
    (
        PI4,
        None,
        "Ung\xfcltiger Maschinenbefehl (Speicherabzug geschrieben)",
        ("RUN-01",),
        (),
        (),
    ),
    (
        PI32,
        None,
        "Instruction non permise (core dumped)",
        ("RUN-01",),
        (),
        (),
    ),
    (
        PI4,
        None,
        "OSError: [Errno 24] Too many open files: '/dev/shm/torch_123'",
        ("RUN-32",),
        ("ulimit",),
        (),
    ),
    (
        PI4,
        None,
        "ImportError: libopenblas.so.0: cannot open shared object file: Permission denied",
        ("GEN-55",),
        ("read",),
        (),
    ),
    (
        ORIN,
        None,
        (
            "systemd[1]: cam.service: Main process exited, code=killed, status=9/KILL\n"
            "systemd[1]: cam.service: A process of this unit has been killed by the OOM killer.\n"
            "systemd[1]: cam.service: Failed with result 'oom-kill'."
        ),
        ("RUN-10",),
        (),
        (),
    ),
    (
        PI4,
        None,
        ("cam.service: Main process exited, code=dumped, status=4/ILL\nStarted torch==2.4.0 demo"),
        ("ARM-01",),
        (),
        (),
    ),
    (
        PC,
        None,
        (
            "[12345.678901] traps: python3[4242] trap invalid opcode ip:7f1b2c3d4e5f sp:7ffd "
            "error:0 in libtorch_cpu.so[7f1b20000000+1a000000]"
        ),
        ("RUN-01",),
        (),
        (),
    ),
    (
        OLD_PC,
        None,
        (
            "[12345.678901] traps: python3[4242] trap invalid opcode ip:7f1b2c3d4e5f sp:7ffd "
            "error:0 in libtorch_cpu.so[7f1b20000000+1a000000]"
        ),
        ("X86-02",),
        (),
        (),
    ),
    (
        PI4,
        None,
        (
            "torch 2.1.0\n"
            "[  812.117] python3[512]: unhandled level 2 translation fault (11) at 0x00000000, "
            "esr 0x92000006"
        ),
        ("ARM-08",),
        (),
        (),
    ),
    (
        ORIN,
        None,
        (
            "torch.distributed.DistBackendError: NCCL error in: "
            "../torch/csrc/distributed/c10d/ProcessGroupNCCL.cpp:1970, unhandled cuda error\n"
            "Cuda failure 'operation not supported'"
        ),
        ("JET-08", "JET-32", "GEN-59"),
        (),
        (),
    ),
    (
        PC,
        None,
        (
            "Could not load library libcudnn_ops_infer.so.8. Error: libcudnn_ops_infer.so.8: "
            "cannot open shared object file: No such file or directory\n"
            "Please make sure libcudnn_ops_infer.so.8 is in your library path!\n"
            "Aborted (core dumped)"
        ),
        ("CUDA-37",),
        (),
        (),
    ),
    (
        ATLAS,
        None,
        (
            "[ERROR] 2026-01-05-10:01:02 (PID:11, Device:0, RankID:-1) ERR00100 PTA call acl api "
            "failed\n"
            "[Error]: The device is unavailable.\n"
            "        Rectify the fault based on the error information in the ascend log.\n"
            "EE9999: Inner Error!\n"
            "open device 0 failed, runtime result = 507033"
        ),
        ("NPU-26",),
        (),
        (),
    ),
    (
        DUO,
        None,
        (
            "RuntimeError: The Inner error is reported as above.\n"
            "E10005: The value npu_310B of parameter [soc_version] is invalid"
        ),
        ("NPU-05", "NPU-59"),
        ("chip",),
        (),
    ),
    (
        XAVIER,
        None,
        (
            "[W] Using an engine plan file across different models of devices is not recommended "
            "and is likely to affect performance or even cause errors."
        ),
        ("GEN-46",),
        (),
        (),
    ),
    (
        ORIN,
        None,
        (
            "RuntimeError: CUDA error: CUBLAS_STATUS_EXECUTION_FAILED when calling `cublasSgemm( "
            "handle, opa, opb, m, n, k)`"
        ),
        ("CUDA-53",),
        (),
        (),
    ),
    (
        NANO,
        None,
        ("ImportError: /usr/lib/aarch64-linux-gnu/libgomp.so.1: cannot allocate memory in static TLS block"),
        ("GEN-04",),
        (),
        (),
    ),
    (
        ORIN,
        None,
        "OSError: libmpi_cxx.so.20: cannot open shared object file: No such file or directory",
        ("RUN-05",),
        ("libopenmpi",),
        (),
    ),
    (
        THOR,
        None,
        (
            "NVIDIA Thor with CUDA capability sm_110 is not compatible with the current PyTorch "
            "installation.\n"
            "The current PyTorch install supports CUDA capabilities sm_80 sm_90 sm_100 sm_120 "
            "compute_120."
        ),
        ("JET-12",),
        ("Thor",),
        (),
    ),
    (
        ORIN,
        None,
        "docker: Error response from daemon: unknown or invalid runtime name: nvidia.",
        ("CUDA-26",),
        ("nvidia-container-toolkit",),
        (),
    ),
    (
        ORIN,
        None,
        "nvrtc: error: invalid value for --gpu-architecture (-arch)",
        ("CUDA-47",),
        (),
        (),
    ),
    (
        ORIN,
        None,
        "bash: nvcc: command not found",
        ("BUILD-21",),
        ("/usr/local/cuda",),
        (),
    ),
    (
        ORIN,
        None,
        "E: Unable to locate package nvidia-jetpack",
        ("ANS-15",),
        ("apt",),
        (),
    ),
    (
        ORIN,
        None,
        ("nvbufsurface: Failed to create EGLImage.\nNvMapMemAllocInternalTagged: 1075072515 error 12"),
        ("JET-11",),
        (),
        (),
    ),
    (
        ORIN,
        None,
        (
            "ERROR: Could not find a version that satisfies the requirement torch==2.8.0 (from "
            "versions: 1.8.0, 2.0.1, 2.7.1)\n"
            "ERROR: No matching distribution found for torch==2.8.0"
        ),
        ("GEN-06",),
        (),
        (),
    ),
    (
        ORIN,
        None,
        "RuntimeError: Numpy is not available",
        ("GEN-01",),
        ("numpy<2",),
        (),
    ),
    (
        NANO,
        None,
        "TypeError: unsupported operand type(s) for |: 'type' and 'NoneType'",
        ("GEN-61",),
        ("Python",),
        (),
    ),
    (
        PI4,
        None,
        (
            '  File "/v/lib/python3.8/site-packages/x.py", line 3\n'
            "    match value:\n"
            "          ^\n"
            "SyntaxError: invalid syntax"
        ),
        ("GEN-61",),
        (),
        (),
    ),
    (
        PI5,
        None,
        (
            "<jemalloc>: Unsupported system page size\n"
            "<jemalloc>: Unsupported system page size\n"
            "memory allocation of 16 bytes failed"
        ),
        ("GEN-19",),
        ("kernel8",),
        (),
    ),
    (
        PI4,
        None,
        "E: Package 'libatlas-base-dev' has no installation candidate",
        ("ANS-15",),
        (),
        (),
    ),
    (
        PI4,
        None,
        (
            "dpkg: error: dpkg frontend lock was locked by another process with pid 812\n"
            "E: Could not get lock /var/lib/dpkg/lock-frontend. It is held by process 812 "
            "(unattended-upgr)"
        ),
        ("ANS-14",),
        (),
        (),
    ),
    (
        PI4,
        None,
        (
            "error: subprocess-exited-with-error\n"
            "\n"
            "  x Building wheel for numpy (pyproject.toml) did not run successfully.\n"
            "  error: command 'gcc' failed: No such file or directory"
        ),
        ("BUILD-22",),
        ("compiler",),
        (),
    ),
    (
        PI32,
        None,
        (
            "  Could not find a version that satisfies the requirement torchvision (from "
            "versions: 0.1.6, 0.2.0)\n"
            "ERROR: No matching distribution found for torchvision"
        ),
        ("GEN-06",),
        (),
        (),
    ),
    (
        PI4,
        None,
        (
            "WARNING: Retrying (Retry(total=4, connect=None)) after connection broken by "
            "'NewConnectionError(': Failed to establish a new connection: [Errno -3] Temporary "
            "failure in name resolution')': /simple/torch/"
        ),
        ("NET-04",),
        (),
        (),
    ),
    (
        PI4,
        None,
        (
            "pip._vendor.urllib3.exceptions.ReadTimeoutError: "
            "HTTPSConnectionPool(host='files.pythonhosted.org', port=443): Read timed out."
        ),
        ("NET-05",),
        (),
        (),
    ),
    (
        PYNQ,
        None,
        ("Killed signal terminated program cc1plus\ncompilation terminated."),
        ("GEN-09",),
        (),
        (),
    ),
    (
        PYNQ,
        None,
        "c++: fatal error: Killed signal terminated program cc1plus",
        ("GEN-09",),
        (),
        (),
    ),
    (
        PI4,
        None,
        (
            "RuntimeError: DataLoader worker (pid 1234) is killed by signal: Bus error. It is "
            "possible that dataloader's workers are out of shared memory. Please try to raise "
            "your shared memory limit."
        ),
        ("RUN-09",),
        ("shm",),
        (),
    ),
    (
        PI4,
        None,
        "RuntimeError: DataLoader worker (pid(s) 912) exited unexpectedly",
        ("RUN-33",),
        (),
        (),
    ),
    (
        PC,
        "vllm-project/vllm/issues/35608",
        "RuntimeError: CUDA error: CUBLAS_STATUS_INVALID_VALUE when calling `cublasSgemm`",
        ("CUDA-53",),
        (),
        (),
    ),
    (
        PC,
        None,
        ("Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 560.35"),
        ("CUDA-22",),
        ("restart",),
        (),
    ),
    (
        PC,
        None,
        (
            "RuntimeError: The NVIDIA driver on your system is too old (found version 11040). "
            "Please update your GPU driver"
        ),
        ("CUDA-02",),
        ("11040",),
        (),
    ),
    (
        PC,
        None,
        "ImportError: cannot import name 'packaging' from 'pkg_resources'",
        ("GEN-58",),
        (),
        (),
    ),
    (
        PC,
        None,
        (
            'InvalidArchiveError("Error with archive pytorch-2.1.0.tar.bz2.  You probably need '
            'to delete and re-download or re-create this file.")\n'
            "OSError: [Errno 28] No space left on device"
        ),
        ("RUN-08",),
        (),
        (),
    ),
    (
        PC,
        None,
        ("CondaVerificationError: The package for pytorch located at /opt/conda/pkgs/pytorch appears to be corrupted."),
        ("CONDA-10",),
        (),
        (),
    ),
    (
        PC,
        None,
        (
            "CondaHTTPError: HTTP 000 CONNECTION FAILED for url "
            "<https://conda.anaconda.org/conda-forge/linux-64/repodata.json>"
        ),
        ("NET-05",),
        (),
        (),
    ),
    (
        PC,
        None,
        (
            "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB (GPU 0; "
            "23.69 GiB total capacity)"
        ),
        ("CUDA-14",),
        (),
        (),
    ),
    (
        PC,
        None,
        "RuntimeError: cuDNN error: CUDNN_STATUS_EXECUTION_FAILED",
        ("CUDA-53",),
        (),
        (),
    ),
    (
        PC,
        "cosanlab/py-feat/issues/372",
        "RuntimeError: GET was unable to find an engine to execute this computation",
        ("CUDA-53",),
        (),
        (),
    ),
    (
        PC,
        None,
        "RuntimeError: FIND was unable to find an engine to execute this computation",
        ("CUDA-53",),
        (),
        (),
    ),
    (
        ATLAS,
        None,
        (
            "RuntimeError: call aclnnAdd failed, detail:EZ9903: [PID: 11] 2026-01-01-10:00:00 "
            "rtKernelLaunchWithHandleV2 failed: 507035\n"
            "        [Error]: The vector core execution is abnormal."
        ),
        ("NPU-24",),
        (),
        (),
    ),
    (
        ATLAS,
        None,
        ("[ERROR] HCCL(123,python):2026-01-01 [hccl_impl.cc:1] EI0004: The ranktable is invalid"),
        ("NPU-34",),
        (),
        (),
    ),
    (
        ATLAS,
        None,
        ("ImportError: libtorch_npu.so: cannot open shared object file: No such file or directory"),
        ("NPU-60",),
        ("torch_npu",),
        ("apt-file",),
    ),
    (
        ATLAS,
        None,
        "ValueError: numpy.dtype size changed, may indicate binary incompatibility",
        ("GEN-18",),
        (),
        (),
    ),
    (
        DUO,
        None,
        "AttributeError: module 'torch' has no attribute 'npu'",
        ("NPU-30",),
        (),
        (),
    ),
    (
        OVERLAY,
        "raspberrypi/bookworm-feedback/issues/137",
        "no environment is in use at /opt/edgeai/torch (/opt/edgeai/torch/current/bin/python does not exist)",
        ("RUN-31",),
        ("gone since the last start", "overlay on tmpfs"),
        (),
    ),
    (
        ORIN,
        "NVlabs/svraster/issues/11",
        '  File "/e/python3.9/site-packages/torch/utils/cpp_extension.py", line 1972, in <listcomp>\n   '
        " supported_sm = [int(arch.split('_')[1])\nValueError: invalid literal for int() with base 10: '90a'",
        ("BUILD-25",),
        ("TORCH_CUDA_ARCH_LIST", "8.7"),
        (),
    ),
    (
        ORIN,
        "pytorch/TensorRT/issues/3317",
        "ld.gold: warning: skipping incompatible bazel-out/libtorch/libtorch_cpu.so while searching for"
        " torch_cpu\nld.gold: error: cannot find -ltorch_cpu",
        ("BUILD-20",),
        ("another architecture",),
        (),
    ),
    (
        ORIN,
        "pythops/jetson-image/issues/36",
        "The following packages have unmet dependencies:\n nvidia-jetpack : Depends: nvidia-opencv (="
        " 4.5.1-b17) but it is not going to be installed\nE: Unable to correct problems, you have held broken"
        " packages.",
        ("ANS-16",),
        ("--fix-broken",),
        (),
    ),
    (
        ORIN,
        "alliedvision/alvium-jetson-driver-release/issues/4",
        " alvium-csi2-driver : Depends: nvidia-l4t-kernel (= 5.15.136-tegra-36.3.0-20240506102626) but"
        " 5.15.148-tegra-36.4.0-20240912212859 is to be installed\nE: Unable to correct problems, you have"
        " held broken packages.",
        ("ANS-16",),
        ("L4T",),
        (),
    ),
    (
        NANO,
        "idavis/jetson-containers/issues/54",
        "dpkg: dependency problems prevent configuration of nvidia-l4t-3d-core:\n nvidia-l4t-3d-core depends"
        " on libx11-6; however:\n  Package libx11-6 is not installed.",
        ("ANS-16",),
        ("dpkg --configure -a",),
        (),
    ),
    (
        PI4,
        "pytorch/pytorch/issues/176993",
        "DEBUG Spawned child 7927 in process group 7907\nDEBUG Command exited with signal: Some(4)",
        ("RUN-01",),
        ("2.9.1",),
        (),
    ),
    (
        PI4,
        "llvm/torch-mlir/issues/192",
        "ninja: error: loading 'build.ninja': No such file or directory",
        ("BUILD-26",),
        ("CMake",),
        (),
    ),
    (PYNQ, "Xilinx/PYNQ/issues/1651", "RuntimeError: No Devices Found", ("GEN-65",), ("XILINX_XRT=/usr",), ()),
    (
        PYNQ,
        "Xilinx/XRT/issues/6796",
        "[XRT] ERROR: No device found\nError: Unable to find Target Device [XRT] ERROR: device is nullptr",
        ("GEN-65",),
        ("zocl",),
        (),
    ),
    (
        PYNQ,
        "amd/Kria-RoboticsAI/issues/9",
        "PermissionError: [Errno 13] Permission denied: '/sys/kernel/config/device-tree/overlays/pynq/dtbo'",
        ("GEN-66",),
        ("root",),
        (),
    ),
    (
        ATLAS,
        "opendatalab/MinerU/issues/2258",
        "AclSetCompileopt(aclCompileOpt::ACL_PRECISION_MODE, precision_mode), error code is 500001\nEC0010:"
        " 2025-04-16-13:15:44.018.468 Failed to import Python module [AttributeError: `np.float_` was removed"
        " in the NumPy 2.0 release. Use `np.float64` instead..].",
        ("NPU-61",),
        ("numpy<2",),
        (),
    ),
    (
        ATLAS,
        "vllm-project/vllm-ascend/issues/152",
        "ImportError: libatb.so: cannot open shared object file: No such file or directory",
        ("NPU-22",),
        ("NNAL",),
        (),
    ),
    (
        PC,
        "pytorch/pytorch/issues/131662",
        "OSError: [WinError 126] The specified module could not be found."
        ' Error loading "c:\\Users\\N\\torch\\lib\\fbgemm.dll"'
        " or one of its dependencies.",
        ("RUN-34",),
        ("Windows Subsystem for Linux",),
        (),
    ),
    (
        PC,
        "vllm-project/vllm/issues/36802",
        "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 81920, Hardware"
        " limit: 65536. Reducing block sizes or `num_stages`",
        ("GEN-64",),
        ("81920", "65536"),
        (),
    ),
    (
        PC,
        "alipay/PainlessInferenceAcceleration/issues/35",
        "triton.runtime.errors.OutOfResources: out of resource: shared memory, Required: 163842, Hardware"
        " limitation: 101376. reducing the block size",
        ("GEN-64",),
        ("101376",),
        (),
    ),
    (
        PC,
        "MIC-DKFZ/nnUNet/issues/2188",
        "RuntimeError: Found NVIDIA GeForce GTX 1080 Ti which is too old to be supported by the triton GPU"
        " compiler, which is used as the backend. Triton only supports devices of CUDA Capability >= 7.0, but"
        " your device is of CUDA capability 6.1",
        ("GEN-63",),
        ("TORCHDYNAMO_DISABLE",),
        (),
    ),
    (
        PC,
        "NVIDIA/open-gpu-kernel-modules/issues/789",
        "[  903.609564] NVRM: RmInitAdapter: Cannot initialize GSP firmware RM\n[  903.610907] NVRM: GPU"
        " 0000:98:00.0: RmInitAdapter failed! (0x62:0x65:1792)",
        ("CUDA-54",),
        ("proprietary",),
        (),
    ),
    (
        PC,
        "NVIDIA/gpu-operator/issues/1146",
        "Dec  2 11:49:53 worker4 kernel: [  885.242457] NVRM: GPU 0000:0a:00.0: rm_init_adapter failed, device"
        " minor number 5",
        ("CUDA-54",),
        ("power",),
        (),
    ),
    (
        PC,
        "microsoft/WSL/issues/9166",
        "Failed to initialize NVML: GPU access blocked by the operating system\nFailed to properly shut down"
        " NVML: GPU access blocked by the operating system",
        ("CUDA-55",),
        ("wsl --update",),
        (),
    ),
    (
        PC,
        "astral-sh/uv/issues/1497",
        "  x No solution found when resolving dependencies:\n  `-> Because torch==2.1.1 is unusable because no"
        " wheels are available with a matching platform and you require torch==2.1.1, we can conclude that the"
        " requirements are unsatisfiable.",
        ("GEN-06",),
        ("torch",),
        (),
    ),
    (
        ATLAS,
        "ByteDance-Seed/VeOmni/issues/147",
        "error: Distribution `torchaudio==2.6.0+cpu @ registry+https:/download.pytorch.org/whl/` can't be"
        " installed because it doesn't have a source distribution or wheel for the current platform",
        ("GEN-06",),
        ("torchaudio",),
        (),
    ),
    (
        ATLAS,
        "hiyouga/LlamaFactory/issues/4836",
        "The operator 'aten::isin.Tensor_Tensor_out' is not currently supported on the NPU backend and will"
        " fall back to run on the CPU.",
        ("NPU-62",),
        ("warning", "aten::isin"),
        (),
    ),
    (
        ATLAS,
        "PKU-YuanGroup/Helios/issues/62",
        "Memory_Allocation_Failure(EL0004): Failed to allocate memory requested by GE module.\n       "
        " Possible Cause: Available memory is insufficient.",
        ("NPU-28",),
        ("memory",),
        (),
    ),
    (
        XAVIER,
        "pytorch/vision/issues/6231",
        "/home/davo/.local/lib/python3.8/site-packages/torchvision/io/image.py:13: UserWarning: Failed to load"
        " image Python extension: ",
        ("GEN-67",),
        ("warning",),
        (),
    ),
    (
        PI4,
        "signag/raspi-cam-srv/issues/85",
        "numpy: Error importing numpy: you should not try to import numpy from\n        its source directory;"
        " please exit the numpy source tree",
        ("GEN-68",),
        ("ARMv6",),
        (),
    ),
]
