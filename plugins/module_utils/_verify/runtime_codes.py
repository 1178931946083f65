# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What the numbers mean that the runtimes of CUDA and Ascend return, and how texts name them.

CUDA's are those of its runtime API; the driver API has the same numbers for most:
https://docs.nvidia.com/cuda/cuda-runtime-api/group__CUDART__TYPES.html
Ascend's are those of ACL, as torch_npu explains them:
https://github.com/Ascend/pytorch/blob/master/torch_npu/csrc/core/npu/NPUErrorCodes.h

Every pattern must stay fast on any text.
"""

import functools
import re

# code: (what CUDA says, whether these words alone name the code, its names in the runtime and the driver API)
CUDA = {
    1: ("invalid argument", False, ("cudaErrorInvalidValue", "CUDA_ERROR_INVALID_VALUE")),
    2: ("out of memory", False, ("cudaErrorMemoryAllocation", "CUDA_ERROR_OUT_OF_MEMORY")),
    3: ("initialization error", False, ("cudaErrorInitializationError", "CUDA_ERROR_NOT_INITIALIZED")),
    34: ("CUDA driver is a stub library", True, ("cudaErrorStubLibrary", "CUDA_ERROR_STUB_LIBRARY")),
    35: ("CUDA driver version is insufficient for CUDA runtime version", True, ("cudaErrorInsufficientDriver",)),
    36: (
        "API call is not supported in the installed CUDA driver",
        True,
        ("cudaErrorCallRequiresNewerDriver",),
    ),
    46: (
        "CUDA-capable device(s) is/are busy or unavailable",
        True,
        ("cudaErrorDevicesUnavailable", "CUDA_ERROR_DEVICE_UNAVAILABLE"),
    ),
    100: ("no CUDA-capable device is detected", True, ("cudaErrorNoDevice", "CUDA_ERROR_NO_DEVICE")),
    101: ("invalid device ordinal", True, ("cudaErrorInvalidDevice", "CUDA_ERROR_INVALID_DEVICE")),
    200: ("device kernel image is invalid", True, ("cudaErrorInvalidKernelImage", "CUDA_ERROR_INVALID_IMAGE")),
    209: (
        "no kernel image is available for execution on the device",
        True,
        ("cudaErrorNoKernelImageForDevice", "CUDA_ERROR_NO_BINARY_FOR_GPU"),
    ),
    214: ("uncorrectable ECC error encountered", True, ("cudaErrorECCUncorrectable", "CUDA_ERROR_ECC_UNCORRECTABLE")),
    218: ("a PTX JIT compilation failed", True, ("cudaErrorInvalidPtx", "CUDA_ERROR_INVALID_PTX")),
    222: (
        "the provided PTX was compiled with an unsupported toolchain",
        True,
        ("cudaErrorUnsupportedPtxVersion", "CUDA_ERROR_UNSUPPORTED_PTX_VERSION"),
    ),
    304: (
        "OS call failed or operation not supported on this OS",
        True,
        ("cudaErrorOperatingSystem", "CUDA_ERROR_OPERATING_SYSTEM"),
    ),
    700: (
        "an illegal memory access was encountered",
        True,
        ("cudaErrorIllegalAddress", "CUDA_ERROR_ILLEGAL_ADDRESS"),
    ),
    702: (
        "the launch timed out and was terminated",
        True,
        ("cudaErrorLaunchTimeout", "CUDA_ERROR_LAUNCH_TIMEOUT"),
    ),
    710: ("device-side assert triggered", True, ("cudaErrorAssert", "CUDA_ERROR_ASSERT")),
    719: ("unspecified launch failure", True, ("cudaErrorLaunchFailure", "CUDA_ERROR_LAUNCH_FAILED")),
    801: ("operation not supported", False, ("cudaErrorNotSupported", "CUDA_ERROR_NOT_SUPPORTED")),
    802: ("system not yet initialized", True, ("cudaErrorSystemNotReady", "CUDA_ERROR_SYSTEM_NOT_READY")),
    803: (
        "system has unsupported display driver / cuda driver combination",
        True,
        ("cudaErrorSystemDriverMismatch", "CUDA_ERROR_SYSTEM_DRIVER_MISMATCH"),
    ),
    804: (
        "forward compatibility was attempted on non supported HW",
        True,
        ("cudaErrorCompatNotSupportedOnDevice", "CUDA_ERROR_COMPAT_NOT_SUPPORTED_ON_DEVICE"),
    ),
    805: (
        "MPS client failed to connect to the MPS control daemon or the MPS server",
        True,
        ("cudaErrorMpsConnectionFailed", "CUDA_ERROR_MPS_CONNECTION_FAILED"),
    ),
    999: ("unknown error", False, ("cudaErrorUnknown", "CUDA_ERROR_UNKNOWN")),
}
_SENTENCES = dict((words.lower(), code) for code, (words, _alone, _names) in CUDA.items())
# Older releases put it in other words.
_SENTENCES["all cuda-capable devices are busy or unavailable"] = 46
_NAMES = dict((name, code) for code, (_words, _alone, names) in CUDA.items() for name in names)
_ALONE = "|".join(re.escape(words) for words, code in sorted(_SENTENCES.items()) if CUDA[code][1])
_ANY = "|".join(re.escape(words) for words in sorted(_SENTENCES, key=len, reverse=True))
CUDA_PATTERNS = (
    # cudaGetDeviceCount() ... Error 802: ...; cuInit(0) returned 999; cuInit -> 100
    re.compile(
        r"(?i)\bcu(?:da(?!_)\w{0,40}|Init)\b(?:\(\w{0,10}\))?[^\n]{0,300}?(?:\berror (\d{1,3})(?=:|\.|,|\)|$|\s*\()|"
        r"\breturn(?:s|ed)? (?:error )?(\d{1,3})\b)",
        re.M,
    ),
    re.compile(r"(?i)\bcuInit(?:\(\w{0,10}\))?\s{0,3}(?:=|->|:)\s{0,3}(\d{1,3})\b"),
    re.compile(r"(?i)\bcuda(?: runtime| driver)? error:? {0,2}\(?(\d{1,3})\)?(?=\s|:|\.|,|$)"),
    # TensorRT and NCCL
    re.compile(r"(?i)\bcuda (?:error in \w{1,40}: |initialization failure with error: |failure )(\d{1,3})\b"),
)
CUDA_NAMES = re.compile(r"\b(?:cudaError[A-Z]\w{3,60}|CUDA_ERROR_[A-Z_]{3,60})\b")
# The words of a code, alone where nothing else says them.
CUDA_ALONE = re.compile("(?i)(%s)" % _ALONE)
CUDA_SAID = re.compile(r"(?i)(?:CUDA (?:driver |runtime )?error: |Cuda failure '|\bError \d{1,3}: )(%s)" % _ANY)

ASCEND = {
    100000: "a parameter of a call is wrong",
    100001: "ACL was used before it was initialized",
    100002: "ACL was initialized twice",
    100024: "CANN does not have this operator",
    100025: "an operator could not be loaded",
    100026: "the operator does not support this data type",
    100039: "the loader took the stub of a library, which is for compilers only",
    107000: "a parameter of a call is wrong",
    107001: "there is no device with this number",
    107002: "the thread has no context: no device was set",
    107003: "the stream is not of the current context",
    107017: "a handle is not valid",
    107019: "a task was not finished in time",
    107020: "a task was not finished in time",
    107022: "a task was given up because of an earlier fault",
    148049: "ASCEND_OPP_PATH is not set, or is wrong",
    200000: "there is not enough memory",
    200002: "there is no such device",
    200006: "this chip or driver does not support the function",
    207000: "this chip or driver does not support the function",
    207001: "there is not enough memory on the chip",
    207003: "a computation overflowed",
    207004: "the chip is not available",
    207005: "there is not enough memory",
    207006: "this user may not do that",
    207007: "there are no more events",
    207008: "there are no more streams",
    207011: "the runtime has no more resources",
    207018: "the memory of the chip is exhausted",
    300000: "a limit of the memory was exceeded",
    500000: "an internal error that is not known",
    500001: "an internal error of ACL",
    500002: "an internal error of the graph engine",
    500003: "an internal error of the runtime",
    500004: "an internal error of the driver",
    507000: "an internal error of the runtime on the host",
    507001: "an internal error of the task scheduler on the chip",
    507008: "the model of the chip could not be read",
    507009: "the task scheduler does not support this task",
    507010: "the task scheduler on the chip gives no sign of life",
    507011: "a model failed on the chip",
    507013: "a DMA transfer failed",
    507014: "an operator was not finished in time on the AI core",
    507015: "an operator raised an exception on the AI core",
    507016: "an operator ran into a trap on the AI core",
    507017: "an operator was not finished in time on the AI CPU",
    507018: "an operator raised an exception on the AI CPU",
    507019: "the AI CPU did not answer after a dump",
    507020: "the AI CPU did not answer after a model",
    507033: "the chip could not be started",
    507034: "an operator was not finished in time on the vector core",
    507035: "an operator raised an exception on the vector core",
    507036: "an operator ran into a trap on the vector core",
    507042: "an operator read outside of its memory on the AI core",
    507043: "an operator wrote outside of its memory on the AI core",
    507044: "an operator read outside of its memory on the vector core",
    507045: "an operator wrote outside of its memory on the vector core",
    507046: "a stream was not finished in time",
    507047: "an event was not finished in time",
    507048: "an internal task was not finished in time",
    507049: "an internal task raised an exception",
    507899: "an internal error of the driver",
    507900: "an internal error of the AI CPU",
    507901: "the connection between host and chip was cut",
    161001: "a parameter of an operator is missing",
    161002: "a parameter of an operator is wrong: its shape, type or format",
    361001: "the runtime failed under an operator",
    561000: "an internal error of an operator",
    561001: "the shape of an operator's output could not be found",
    561002: "the tiling of an operator failed: its input does not suit its kernel",
    561003: "no compiled kernel was found for the operator",
    561101: "the executor of an operator could not be made",
    561103: "an internal pointer of an operator is empty",
    561107: "the operator packages were not found: ASCEND_OPP_PATH",
    561108: "the list of kernels could not be read",
    561109: "the list of kernels lacks a value",
    561110: "the list of kernels has a wrong format",
    561111: "the list of kernels has a wrong data type",
    561112: "the package of kernels was not loaded",
    561113: "the file of a kernel is not valid",
    561118: "the kernel's workspace is not valid",
}
# What the first digits say of a code that the table does not have.
ASCEND_KINDS = (
    (1, "a call of the program, or of torch_npu, is wrong"),
    (2, "a resource ran out, or the chip does not support it"),
    (3, "a limit was exceeded"),
    (5, "an internal error of CANN, the driver or the chip"),
)
# error code is 507015; ret=507015; result = 500001; EZ9999 ... 507015; in Chinese: error code
ASCEND_PATTERN = re.compile(
    "(?:[Ee]rr|ERR|[Rr]et|[Rr]esult|[Cc]ode|\\bacl|EZ9999|\u9519\u8bef\u7801)\\D{0,40}(?<!\\d)([1235][04-9]\\d{4})(?!\\d)"
)


@functools.lru_cache(maxsize=16)
def find_cuda_codes(text):
    """The codes of CUDA that a text names by number, name or words."""
    found = set()
    for pattern in CUDA_PATTERNS:
        for match in pattern.finditer(text):
            found.update(int(number) for number in match.groups() if number)
    found.update(_NAMES.get(match.group(0)) for match in CUDA_NAMES.finditer(text))
    for pattern in (CUDA_ALONE, CUDA_SAID):
        found.update(_SENTENCES[match.group(1).lower()] for match in pattern.finditer(text))
    return found.intersection(CUDA)


@functools.lru_cache(maxsize=16)
def find_ascend_codes(text):
    """The codes of Ascend that a text names, in its order."""
    return [int(match.group(1)) for match in ASCEND_PATTERN.finditer(text)]


def explain_cuda(code):
    return "%d (%s)" % (code, CUDA[code][0])


def explain_ascend(code):
    kind = next((words for first, words in ASCEND_KINDS if str(code).startswith(str(first))), "not known")
    return "%d (%s)" % (code, ASCEND.get(code, kind))
