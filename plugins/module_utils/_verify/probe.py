# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The probe: checks PyTorch from inside its environment.

_verify/probe_process.py runs the source of this file in the environment's interpreter as

    python -c SOURCE DESCRIPTOR '{"expect": "cuda", "level": "standard", "modules": ["tensorrt"], "features": {},
    "left_out": [], "checks": [], "networks": "the source of _verify/networks.py, for level deep"}' SECONDS

where checks are the user's own: [{"name": "model", "source": "def check(torch, device): ..."}].

It imports torch once and writes its findings, one JSON object per line, to the inherited file DESCRIPTOR (stdout
belongs to torch). Each stage is written before it begins, so that a crash can be located. After SECONDS it ends itself,
in case the parent process is gone.

Levels: quick is the import, the accelerator, and a first kernel; standard adds a first kernel on every other device and
what programs do (functions, convolution, training, TorchScript, workers, several processes); deep adds all of that on
every device, half precision, LAPACK, files, whole networks, export, compilation, and a load of some seconds.

Names of checks on the first device end in its kind (tensor_product_cuda), on other devices in the device's name
(tensor_product_cuda:1). Checks that a level does not run on a device are reported as skipped.

Messages: {"start": {...}}, {"stage": name, "at": monotonic clock}, {"torch": {...}}, {"accelerator": {...}},
{"check": {...}}, {"skipped": {...}}, {"timing": {...}}, {"warning": {...}}.
"""

import contextlib
import datetime
import errno
import faulthandler
import glob
import grp
import importlib
import importlib.util
import io
import json
import linecache
import math
import os
import platform
import re
import resource
import select
import shutil
import signal
import struct
import sys
import sysconfig
import tempfile
import time
import traceback
import types
import warnings

# Variables that change what torch does. Only these enter the verdict; others may be private.
VARIABLES = (
    "CUDA_",
    "TORCH_",
    "PYTORCH_",
    "OMP_",
    "MKL_",
    "OPENBLAS_",
    "LD_",
    "PYTHON",
    "QEMU_",
    "ASCEND_",
    "ATB_",
    "UV_CONSTRAINT",
    "PIP_CONSTRAINT",
    "EDGEAI_",
)
TEXT = 4000
ROWS, INNER, COLUMNS = 128, 96, 64
CHANNELS, SIDE = 8, 20
TERMS = CHANNELS * 9  # in one value of a 3x3 convolution
LENGTH = 1000  # of a reduction
GRADIENT_BOUND = 1e-12
SUM_BOUND = 1e-6
QUANTIZED_BOUND = 0.05
QUANTIZED_NETWORK_BOUND = 0.1
LEARNED_BOUND = 0.5
FUNCTION_BOUND = {"npu": 2.0**-8}  # relative error of one float32 function; NPUs compute in half precision
PARALLEL_SECONDS = 2.0
PROCESSES_SECONDS = 120
BENCHMARK_SECONDS = 0.2
LOAD_SECONDS = 3.0


def rounding_bound(terms, device):
    """The largest error of a sum of that many products of numbers up to 1, in any order.

    On a CPU each addition rounds once, to 24 bits. Accelerators may round the factors to 11 bits by default (TF32,
    HF32, half precision), which is allowed and by far the larger error.
    """
    return terms * terms * 2.0**-24 if device == "cpu" else terms * 2.0 ** (-9 if device.startswith("npu") else -10)


class Skip(Exception):
    """The check does not apply; the text says why."""


class Probe(object):
    """Writes messages as things happen."""

    def __init__(self, stream):
        self.stream = stream
        self.warned = set()

    def tell(self, **message):
        self.stream.write(json.dumps(message) + "\n")
        self.stream.flush()

    def stage(self, name):
        self.tell(stage=name, at=time.monotonic())

    def warn(self, message, category, filename, lineno, file=None, line=None):
        """Replaces warnings.showwarning: CUDA gives the reason for a False only in a warning."""
        text = str(message)[:TEXT]
        if text not in self.warned and len(self.warned) < 50:  # a flood must not hide later messages
            self.warned.add(text)
            self.tell(warning={"category": category.__name__, "text": text})

    def check(self, name, function, *arguments, **options):
        """Run one check, which returns (value, bound, passed).

        An exception is its result and does not end the probe. A failed advisory check is not a failure of torch.
        """
        self.stage(name)
        started = time.monotonic()
        result = {
            "name": name,
            "passed": False,
            "value": None,
            "bound": None,
            "advisory": options.get("advisory", False),
        }
        try:
            value, bound, passed = function(*arguments)
            # JSON has neither NaN nor infinity.
            finite = not isinstance(value, float) or math.isfinite(value)
            result.update(value=value if finite else repr(value), bound=bound, passed=bool(passed))
        except Skip as reason:
            self.tell(skipped={"name": name, "why": str(reason)})
            return result
        except BaseException as error:  # also an import that calls sys.exit()
            lines = "".join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
            result["error"] = {
                "type": type(error).__name__,
                "text": str(error)[:TEXT],
                "traceback": [line[:TEXT] for line in lines[-12:]],
            }
        result["seconds"] = round(time.monotonic() - started, 6)
        self.tell(check=result)
        return result


# --- Process, torch and devices


def describe_process():
    """User, directory and variables: evidence that the probe ran as the workload will."""
    return {
        "python": sys.executable,
        "version": platform.python_version(),
        "prefix": sys.prefix,
        "pid": os.getpid(),
        "uid": os.getuid(),
        "groups": os.getgroups(),
        "directory": os.getcwd(),
        "machine": platform.machine(),
        "cores": len(os.sched_getaffinity(0)),
        "load": os.getloadavg()[0],
        "hwcap": read_hwcap(),
        "environment": dict((name, value) for name, value in sorted(os.environ.items()) if name.startswith(VARIABLES)),
    }


def read_hwcap():
    """AT_HWCAP of the kernel's auxiliary vector.

    Unlike /proc/cpuinfo it belongs to this process, so it is right under emulation, too.
    """
    with contextlib.suppress(OSError), open("/proc/self/auxv", "rb") as stream:
        vector = stream.read()
        pair = struct.Struct("LL")
        whole = len(vector) - len(vector) % pair.size
        return dict(pair.iter_unpack(vector[:whole])).get(16)
    return None


def find_torch():
    """The file that `import torch` will load, and its version: known even if the import kills the process."""
    spec = match = None
    with contextlib.suppress(ImportError, ValueError):
        spec = importlib.util.find_spec("torch")
    if spec is None:
        return {"file": None, "version": None}
    place = next(iter(spec.submodule_search_locations or ()), None)
    if place:
        version_file = os.path.join(place, "version.py")
        # Without one, torch is half deleted, or not PyTorch: the import will show.
        with contextlib.suppress(OSError, ValueError), open(version_file, encoding="utf-8") as stream:
            match = re.search(r"""^__version__.*=\s*['"]([^'"]+)""", stream.read(), re.MULTILINE)
    return {"file": spec.origin or place, "version": match.group(1) if match else None}


def import_torch(probe, seen):
    torch = importlib.import_module("torch")
    if not hasattr(torch, "Tensor") or not hasattr(torch, "__version__"):
        raise ImportError("%s is not PyTorch: it has no Tensor" % (getattr(torch, "__file__", None) or seen["file"]))
    version = str(torch.__version__)
    probe.tell(
        torch={
            "file": torch.__file__,
            "version": version,
            "cuda": torch.version.cuda,
            "threads": torch.get_num_threads(),
        }
    )
    return version, None, True


def check_identity(torch):
    """Check that the package is PyTorch: any package can have the name, but not the compiled core."""
    core = getattr(torch, "_C", None)
    made_of = [base.__module__ for base in getattr(torch.Tensor, "__mro__", ())[1:-1]]
    lacking = [
        what
        for what, there in (
            ("a compiled core", str(getattr(core, "__file__", "")).endswith(".so")),
            ("a Tensor of that core", "torch._C" in made_of or "torch" in made_of),
            ("autograd", hasattr(torch, "autograd") and hasattr(torch.Tensor, "backward")),
            ("nn", hasattr(torch, "nn") and hasattr(torch.nn, "Module")),
            ("the revision of its source", isinstance(getattr(torch.version, "git_version", None), str)),
        )
        if not there
    ]
    if lacking:
        raise ImportError("%s is not PyTorch: it lacks %s" % (torch.__file__, ", ".join(lacking)))
    return torch.version.git_version[:40], None, True


def import_module(torch, name, device="cpu"):
    module = importlib.import_module(name)
    if name == "tensorrt":
        # The bindings can be imported even if their library cannot start, or does not know this NumPy.
        module.Builder(module.Logger())
        if hasattr(module, "nptype"):
            module.nptype(module.bool)
    elif name == "torchvision":
        # A torchvision for another torch imports with a warning, but without its operators; one without CUDA lacks
        # those of the device.
        for place in sorted({"cpu", device}):
            check_boxes(torch, module, place)
    return str(getattr(module, "__version__", None)), None, True


def check_boxes(torch, torchvision, device):
    kept = torchvision.ops.nms(
        torch.tensor([[0.0, 0.0, 2.0, 2.0], [0.0, 0.0, 2.0, 1.9], [5.0, 5.0, 6.0, 6.0]]).to(device),
        torch.tensor([0.9, 0.8, 0.7]).to(device),
        0.5,
    ).tolist()
    if kept != [0, 2]:
        raise ArithmeticError("torchvision.ops.nms on %s keeps %r of three boxes, expected 0 and 2" % (device, kept))


def run_own_check(torch, device, name, source):
    """A check of the user's; its value are the numbers that it returns."""
    space = {"__name__": "edgeai_check_" + name}
    # The file that the operator named.
    exec(compile(source, name + ".py", "exec"), space)  # noqa: S102 pylint: disable=exec-used
    found = space["check"](torch, device)
    numbers = dict((str(key), float(number)) for key, number in (found or {}).items())
    return json.dumps(numbers, sort_keys=True), None, True


# The device nodes that programs open. Those of /dev/dri belong to any GPU, except on a Tegra.
NODES = {
    "cuda": (
        "/dev/nvidia[0-9]*",
        "/dev/nvidiactl",
        "/dev/nvidia-uvm",
        "/dev/nvmap",
        "/dev/nvhost-gpu",
        "/dev/nvhost-ctrl-gpu",
    ),
    "npu": ("/dev/davinci[0-9]*", "/dev/davinci_manager", "/dev/devmm_svm", "/dev/hisi_hdc"),
}


def try_nodes(kind):
    """Open each device node as this user: [{path, mode, group, error}]. A group that has no name is its number."""
    patterns, found = NODES[kind], []
    if kind == "cuda" and os.path.exists("/dev/nvmap"):
        patterns += ("/dev/dri/renderD*",)
    for path in sorted(path for pattern in patterns for path in glob.glob(pattern))[:64]:
        error = None
        try:
            os.close(os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC))
        except OSError as problem:
            error = errno.errorcode.get(problem.errno, str(problem.errno))
        try:
            status = os.stat(path)
        except OSError:  # it is gone
            continue
        try:
            group = grp.getgrgid(status.st_gid).gr_name
        except KeyError:
            group = str(status.st_gid)
        found.append({"path": path, "mode": status.st_mode & 0o777, "group": group, "error": error})
    return found


def find_accelerator(probe, torch, expect):
    """The main assertion: torch.cuda.is_available(), or torch.npu.is_available()."""
    kind, count, cause = "cpu", 0, None
    if torch.cuda.is_available():
        kind = "cuda"
    elif hasattr(torch, "npu") and torch.npu.is_available():
        kind = "npu"
    elif expect == "npu" and not hasattr(torch, "npu"):
        cause = "torch_npu is not installed"
    elif expect in ("cuda", "npu"):
        try:
            getattr(torch, expect).init()  # is_available() hides the reason, this raises it
        except Exception as error:  # whatever a driver raises: it is the cause that is reported
            cause = "%s: %s" % (type(error).__name__, str(error)[:TEXT])
    if kind != "cpu":
        probe.stage("device_count")
        count = getattr(torch, kind).device_count()
    probe.tell(accelerator={"kind": kind, "count": count, "cause": cause})
    if kind == "cpu" and expect in NODES:
        probe.tell(accelerator={"nodes": try_nodes(expect)})
    return kind, expect, expect in ("auto", "cpu", kind)


def describe_devices(probe, torch, kind, devices):
    """Append all devices to the list; a device that does not answer keeps its index."""
    backend, problem = getattr(torch, kind), None
    for index in range(backend.device_count()):
        try:
            found = backend.get_device_properties(index)
            capability = "%d.%d" % (found.major, found.minor) if hasattr(found, "major") else None
            devices.append(
                {"name": str(found.name), "memory": int(found.total_memory), "compute_capability": capability}
            )
        except Exception as error:  # whatever a driver raises: raised again below
            problem = problem or error
            devices.append({"name": "a device that does not answer", "memory": 0, "compute_capability": None})
    probe.tell(accelerator={"devices": devices})
    if problem:
        raise problem
    return len(devices), None, True


def read_cudnn(probe, torch):
    """The version of cuDNN; torch raises here if another cuDNN is loaded than it was compiled for."""
    version = torch.backends.cudnn.version()
    probe.tell(torch={"cudnn": version})
    return version, None, True


def compare_architectures(torch):
    """Compare the compute capabilities of the build with those of the devices.

    Only a hint: the kernel is the proof.
    """
    built = torch.cuda.get_arch_list()
    capabilities = [torch.cuda.get_device_capability(index) for index in range(torch.cuda.device_count())]
    unfit = [
        "%d.%d (cuda:%d)" % (major, minor, index)
        for index, (major, minor) in enumerate(capabilities)
        if not any(fits_architecture(name, major, minor) for name in built)
    ]
    return ", ".join(unfit) or "all have code", " ".join(built), not unfit


def name_others(kind, devices, left_out):
    """All devices but the first: [(name in torch, whether the plan leaves it out)]."""
    return [
        (
            "%s:%d" % (kind, index),
            bool({devices[index]["name"], devices[index]["compute_capability"]}.intersection(left_out)),
        )
        for index in range(1, len(devices))
    ]


def fits_architecture(name, major, minor):
    match = re.match(r"(sm|compute)_(\d+)(\d)", name)
    if not match:
        return False
    built = int(match.group(2)), int(match.group(3))
    return built <= (major, minor) if match.group(1) == "compute" else built[0] == major and built[1] <= minor


FEATURES = {
    "cuda": lambda torch: torch.version.cuda is not None,
    "distributed": lambda torch: torch.distributed.is_available(),
    "mkldnn": lambda torch: torch.backends.mkldnn.is_available(),
    "mkl": lambda torch: torch.backends.mkl.is_available(),
    "openmp": lambda torch: torch.backends.openmp.is_available(),
    "qnnpack": lambda torch: "qnnpack" in torch.backends.quantized.supported_engines,
    "fbgemm": lambda torch: "fbgemm" in torch.backends.quantized.supported_engines,
    "xnnpack": lambda torch: torch.backends.xnnpack.enabled,
    "nnpack": lambda torch: "USE_NNPACK=ON" in torch.__config__.show(),
    "kineto": lambda torch: torch.autograd.kineto_available(),
    "lapack": lambda torch: torch._C.has_lapack,
}


def read_features(torch):
    """Features of the build. A feature that this version cannot report is left out."""
    found = {}
    for name, ask in FEATURES.items():
        with contextlib.suppress(Exception):
            found[name] = bool(ask(torch))
    return found


def compare_features(found, asked):
    differing = sorted(name for name, wanted in asked.items() if found.get(name) is not wanted)
    differences = ", ".join(
        "%s is %s" % (name, {True: "on", False: "off", None: "unknown"}[found.get(name)]) for name in differing
    )
    return differences or "as requested", ", ".join("%s: %s" % item for item in sorted(asked.items())), not differing


# --- Computations


def worst_error(errors, bound):
    worst = max(errors, key=lambda error: (math.isnan(error), error))  # NaN is the worst, but max() does not know that
    return worst, bound, worst <= bound


def move_to(tensor, device):
    """The tensor on the device; in half precision on NPUs, because inference chips compute in nothing else."""
    return tensor.to(device).half() if device.startswith("npu") else tensor.to(device)


def check_product(torch, device):
    """A float32 matrix product on the device, compared with torch's float64, and a sample of it with plain Python."""
    a = torch.tensor([[math.sin(0.37 * i + 0.11 * k) for k in range(INNER)] for i in range(ROWS)], dtype=torch.float32)
    b = torch.tensor(
        [[math.cos(0.23 * k - 0.41 * j) for j in range(COLUMNS)] for k in range(INNER)], dtype=torch.float32
    )
    product = move_to(a, device).matmul(move_to(b, device)).cpu().double()
    errors = (product - a.double().matmul(b.double())).abs().reshape(-1).tolist()
    rows, columns, found = a.tolist(), list(zip(*b.tolist())), product.tolist()
    for place in range(0, ROWS * COLUMNS, 61):
        i, j = divmod(place, COLUMNS)
        errors.append(abs(found[i][j] - math.fsum(x * y for x, y in zip(rows[i], columns[j]))))
    return worst_error(errors, rounding_bound(INNER, device))


def check_convolution(torch, device):
    """A 3x3 convolution, compared with float64, and a sample of it with plain Python."""
    image = [
        [[math.sin(0.7 * c + 0.31 * y + 0.17 * x) for x in range(SIDE)] for y in range(SIDE)] for c in range(CHANNELS)
    ]
    kernel = [
        [[[math.cos(0.5 * o + 0.3 * c + y - x) for x in range(3)] for y in range(3)] for c in range(CHANNELS)]
        for o in range(4)
    ]
    a, b = torch.tensor([image], dtype=torch.float32), torch.tensor(kernel, dtype=torch.float32)
    function = torch.nn.functional.conv2d
    found = function(move_to(a, device), move_to(b, device)).cpu().double()
    errors = (found - function(a.double(), b.double())).abs().reshape(-1).tolist()
    pixels, weights, values = a[0].tolist(), b.tolist(), found[0].tolist()
    for o, y, x in ((0, 0, 0), (1, 5, 7), (2, 11, 3), (3, SIDE - 3, SIDE - 3)):
        right = math.fsum(
            pixels[c][y + j][x + i] * weights[o][c][j][i] for c in range(CHANNELS) for j in range(3) for i in range(3)
        )
        errors.append(abs(values[o][y][x] - right))
    return worst_error(errors, rounding_bound(TERMS, device))


def check_reduction(torch, device):
    """Sums and largest values along a dimension, compared with plain Python."""
    data = torch.tensor([[math.sin(0.013 * i * j + i) for j in range(LENGTH)] for i in range(8)], dtype=torch.float32)
    moved = move_to(data, device)
    sums, largest = moved.sum(1).cpu().tolist(), moved.max(1)[0].cpu().tolist()
    rows = moved.cpu().tolist()  # as rounded by half precision
    errors = [abs(found - math.fsum(row)) for found, row in zip(sums, rows)]
    errors += [0.0 if found == max(row) else math.inf for found, row in zip(largest, rows)]
    return worst_error(errors, rounding_bound(LENGTH, device))


def sigmoid(x):
    return 1 / (1 + math.exp(-x))


def gelu(x):
    return x * (1 + math.erf(x / math.sqrt(2))) / 2


def check_functions(torch, device):
    """Elementwise functions in float32, compared with Python's: on a long row, and on single numbers, for which a build
    has other code. The value is the worst relative error.

    GCC 7 compiled some of them wrongly for aarch64 (https://github.com/pytorch/pytorch/issues/48901).
    """
    points = torch.tensor([4 * math.sin(0.31 * i) for i in range(67)], dtype=torch.float32)
    row = move_to(points, device)
    turned = row.flip(0)
    points, backwards = row.cpu().float().tolist(), turned.cpu().float().tolist()
    functions = [
        (getattr(torch, name), (row,), [right(x) for x in points])
        for name, right in (
            ("exp", math.exp),
            ("sin", math.sin),
            ("cos", math.cos),
            ("tanh", math.tanh),
            ("sigmoid", sigmoid),
            ("erf", math.erf),
        )
    ]
    functions += [
        (getattr(torch, name), (row, turned), [right(x, y) for x, y in zip(points, backwards)])
        for name, right in (("hypot", math.hypot), ("copysign", math.copysign))
        if hasattr(torch, name) and not device.startswith("npu")  # torch has them from 1.7 on, torch_npu has not all
    ]
    functions.append((torch.nn.functional.gelu, (row,), [gelu(x) for x in points]))
    errors = []
    for function, arguments, right in functions:
        found = function(*arguments).cpu().float().tolist()
        # The first, one inside, and the last number alone
        for place in (0, 40, 66):
            found.append(function(*[argument[place] for argument in arguments]).item())
            right = right + [right[place]]
        errors += [abs(x - y) / max(1.0, abs(y)) for x, y in zip(found, right)]
    powers = [math.exp(x) for x in points]
    shares = [power / math.fsum(powers) for power in powers]
    # Relative to the largest share: all of them are small.
    errors += [
        abs(found - share) / max(shares) for found, share in zip(torch.softmax(row, 0).cpu().float().tolist(), shares)
    ]
    return worst_error(errors, FUNCTION_BOUND.get(device.partition(":")[0], 2.0**-18))


SCRIPTED = """
def scaled(x, times: int):
    total = x
    for step in range(times):
        total = torch.relu(total * 0.5 + step)
    return total.sum()
"""


def check_script(torch):
    """A function compiled by TorchScript, which some builds cannot do on old cores although all else works.

    torch 2.6.0 dies of it without LSE atomics (https://github.com/pytorch/pytorch/issues/146792).
    """
    if sys.version_info >= (3, 14):
        raise Skip("torch does not support TorchScript on Python 3.14 and later")
    # TorchScript reads the source of a function from its file.
    name, space = "<edgeai-scripted>", {"torch": torch, "__name__": "edgeai_scripted"}
    linecache.cache[name] = (len(SCRIPTED), None, SCRIPTED.splitlines(True), name)
    # The text above.
    exec(compile(SCRIPTED, name, "exec"), space)  # noqa: S102 pylint: disable=exec-used
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, and still in use
        scripted = torch.jit.script(space["scaled"])
        x = torch.arange(1000, dtype=torch.float32) / 1000
        # Optimized from the second call on
        found = [scripted(x, 3).item() for _again in range(3)]
    right = math.fsum(((i / 1000 * 0.5) * 0.5 + 1) * 0.5 + 2 for i in range(1000))
    return worst_error([abs(value - right) / right for value in found], SUM_BOUND * 10)


def check_gradient(torch):
    """The gradient of sum(sin(x) x^2), by autograd and by hand, in float64."""
    points = [0.06 * i - 3 for i in range(101)]
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    (x.sin() * x * x).sum().backward()
    return worst_error(
        [abs(found - (math.cos(p) * p * p + 2 * p * math.sin(p))) for p, found in zip(points, x.grad.tolist())],
        GRADIENT_BOUND,
    )


def check_training(torch, device):
    """Some steps of gradient descent on a small network: the last loss as a share of the first."""
    x = torch.tensor([[math.sin(0.5 * i * (j + 1)) for j in range(4)] for i in range(64)], dtype=torch.float32)
    y = x.matmul(torch.tensor([[1.0], [-2.0], [0.5], [3.0]]))
    torch.manual_seed(0)
    model = torch.nn.Sequential(torch.nn.Linear(4, 16), torch.nn.Tanh(), torch.nn.Linear(16, 1)).to(device)
    x, y = x.to(device), y.to(device)
    losses = []
    for _step in range(30):
        model.zero_grad()
        loss = ((model(x) - y) ** 2).mean()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            for parameter in model.parameters():
                parameter -= 0.05 * parameter.grad
    share = losses[-1] / losses[0]
    return share, LEARNED_BOUND, share <= LEARNED_BOUND


def check_threads(torch):
    """The intra-op pool: how many threads work on one reduction, and that the result equals that of one thread."""
    configured = torch.get_num_threads()
    # A default of 1 (one physical core with two hardware threads, OMP_NUM_THREADS=1) is a choice; the check proves that
    # the pool can use more.
    asked = max(configured, 2) if len(os.sched_getaffinity(0)) > 1 else 1
    if asked != configured:
        torch.set_num_threads(asked)
    try:
        data = torch.arange(1 << 20, dtype=torch.float64)
        before, deadline = read_thread_times(), time.monotonic() + PARALLEL_SECONDS
        while True:
            together = data.sin().sum().item()
            worked = sum(spent > before.get(thread, 0) for thread, spent in read_thread_times().items())
            if worked >= asked or time.monotonic() > deadline:
                break
        torch.set_num_threads(1)
        alone = data.sin().sum().item()
    finally:
        torch.set_num_threads(configured)
    if not abs(together - alone) <= SUM_BOUND:
        raise ArithmeticError("a sum is %r with %d threads and %r with one" % (together, asked, alone))
    bound = min(asked, 2)
    return max(worked, 1), bound, max(worked, 1) >= bound


def read_thread_times():
    """Clock ticks that each thread of this process has used."""
    times = {}
    for thread in os.listdir("/proc/self/task"):
        with contextlib.suppress(OSError), open(
            "/proc/self/task/%s/stat" % thread, "rb"
        ) as stream:  # it may have ended
            fields = stream.read().rpartition(b")")[2].split()  # the name before it may contain anything
            times[thread] = int(fields[11]) + int(fields[12])
    return times


def check_temporary_files():
    """A temporary file: processes synchronize through such files, and wait for ever if there is no space."""
    with tempfile.NamedTemporaryFile(prefix="edgeai-probe-") as stream:
        stream.write(b" " * 65536)
        stream.flush()
    return tempfile.gettempdir(), None, True


def check_data_loader(torch):
    """Two worker processes of a DataLoader, which pass tensors through shared memory."""
    data = torch.utils.data.TensorDataset(torch.arange(64, dtype=torch.float32))
    # By fork: workers of Python 3.14 would import torch again, which takes seconds.
    context = (
        {"multiprocessing_context": "fork"}
        if "multiprocessing_context" in torch.utils.data.DataLoader.__init__.__code__.co_varnames
        else {}
    )
    total = sum(
        batch.sum().item()
        for (batch,) in torch.utils.data.DataLoader(
            data, batch_size=8, num_workers=2, timeout=PROCESSES_SECONDS, **context
        )
    )
    return total, 2016.0, total == 2016.0


def check_collective(torch):
    """An all-reduce of two processes over gloo, on the loopback interface."""
    if not torch.distributed.is_available():
        raise Skip("this build has no torch.distributed")
    with tempfile.TemporaryDirectory(prefix="edgeai-probe-") as meeting:
        children = [fork_rank(torch, rank, os.path.join(meeting, "store")) for rank in range(2)]
        try:
            answers = [read_answer(stream, time.monotonic() + PROCESSES_SECONDS) for _pid, stream in children]
        finally:
            for pid, stream in children:
                os.close(stream)
                os.kill(pid, signal.SIGKILL)
                os.waitpid(pid, 0)
    wrong = [answer for answer in answers if answer != "3.0"]
    if wrong:
        raise RuntimeError(
            "two processes cannot add 1 and 2 over gloo: %s"
            % (wrong[0] or "one of them gave no answer within %d s" % PROCESSES_SECONDS)
        )
    return 3.0, 3.0, True


def fork_rank(torch, rank, store):
    """Start one process of the group: (pid, the descriptor to read its answer from)."""
    answer, end = os.pipe()
    pid = os.fork()
    if pid:
        os.close(end)
        return pid, answer
    try:
        # The host's name need not be resolvable.
        os.environ["GLOO_SOCKET_IFNAME"] = "lo"
        torch.distributed.init_process_group(
            "gloo",
            init_method="file://" + store,
            rank=rank,
            world_size=2,
            timeout=datetime.timedelta(seconds=PROCESSES_SECONDS),
        )
        value = torch.tensor([rank + 1.0])
        torch.distributed.all_reduce(value)
        said = repr(value.item())
        torch.distributed.barrier()
    except BaseException as error:
        said = "%s: %s" % (type(error).__name__, error)
    os.write(end, said.encode("utf-8", "replace")[:TEXT])
    os._exit(0)


def read_answer(stream, deadline):
    ready = select.select([stream], [], [], max(0.0, deadline - time.monotonic()))[0]
    return os.read(stream, TEXT).decode("utf-8", "replace") if ready else ""


def choose_quantized_engine(torch):
    engines = [name for name in torch.backends.quantized.supported_engines if name != "none"]
    if not engines or not hasattr(torch, "quantize_per_tensor"):
        raise Skip("this build has no quantized engine")
    used = torch.backends.quantized.engine
    torch.backends.quantized.engine = used if used in engines else engines[-1]


def check_quantized(torch):
    """A linear layer in 8 bits by the quantized engine: the largest error as a share of the largest value."""
    choose_quantized_engine(torch)
    x = torch.tensor([[math.sin(0.3 * i * j + i) for j in range(32)] for i in range(8)], dtype=torch.float32)
    weights = torch.tensor([[math.cos(0.2 * o * j - o) for j in range(32)] for o in range(16)], dtype=torch.float32)
    right = x.matmul(weights.t())
    largest = right.abs().max().item()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecation of this interface
        packed = torch.ops.quantized.linear_prepack(torch.quantize_per_tensor(weights, 1 / 127.0, 0, torch.qint8), None)
        # 7 bits: on some engines sums of 8 bits saturate
        quantized = torch.quantize_per_tensor(x, 1 / 63.0, 64, torch.quint8)
        found = torch.ops.quantized.linear(quantized, packed, largest / 127.0, 128).dequantize()
    return worst_error([(found - right).abs().max().item() / largest], QUANTIZED_BOUND)


def check_numpy(torch):
    """NumPy and torch share memory; a torch for NumPy 1 cannot do that with NumPy 2."""
    if importlib.util.find_spec("numpy") is None:
        raise Skip("numpy is not installed")
    numpy = importlib.import_module("numpy")
    array = numpy.arange(6, dtype=numpy.float32)
    tensor = torch.from_numpy(array)
    tensor[0] = 42
    return str(numpy.__version__), None, array[0] == 42 and tensor.numpy()[5] == 5


# --- Checks of level deep


def check_lapack(torch):
    """LAPACK: one of NVIDIA's wheels does not have it."""
    matrix = torch.tensor([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]], dtype=torch.float64)
    errors = (torch.inverse(matrix).matmul(matrix) - torch.eye(3, dtype=torch.float64)).abs().reshape(-1).tolist()
    return worst_error(errors, GRADIENT_BOUND)


def check_files(torch):
    """A tensor to a file and back."""
    with tempfile.TemporaryDirectory(prefix="edgeai-probe-") as folder:
        path = os.path.join(folder, "tensor.pt")
        torch.save({"weights": torch.arange(1000.0)}, path)
        total = torch.load(path)["weights"].sum().item()
    return total, 499500.0, total == 499500.0


def check_half_precision(torch, device):
    """The product in half precision, as inference uses it."""
    a = (
        torch.tensor([[math.sin(0.37 * i + 0.11 * k) for k in range(INNER)] for i in range(ROWS)], dtype=torch.float32)
        .to(device)
        .half()
    )
    found = a.matmul(a.t()).cpu().double()
    right = a.cpu().double().matmul(a.cpu().double().t())
    return worst_error((found - right).abs().reshape(-1).tolist(), INNER * 2.0**-9)


def check_bfloat16(torch, device):
    """A product in bfloat16, which some chips and releases lack; programs then need float16."""
    if not hasattr(torch, "bfloat16"):
        raise Skip("this torch has no bfloat16")
    a = torch.ones(8, 8).to(torch.bfloat16).to(device)
    found = a.matmul(a).float().sum().item()
    return found, 512.0, found == 512.0


def check_load(torch, device):
    """The same product again and again for some seconds: all results are identical."""
    a = move_to(torch.ones(512, 512).cumsum(0).sin(), device)
    first, deadline, times = a.matmul(a), time.monotonic() + LOAD_SECONDS, 0
    while time.monotonic() < deadline:
        times += 1
        if not torch.equal(a.matmul(a), first):
            raise ArithmeticError("the %dth product of the same matrices differs from the first" % times)
    return times, 1, times >= 1


NETWORK_BOUNDS = {"cpu": 1e-4, "cuda": 2.0**-7, "npu": 2.0**-6}  # TF32 on CUDA, half precision on NPUs
IMAGES_SECONDS = 0.5


def load_networks(source):
    networks = types.ModuleType("edgeai_networks")
    # The text of _verify/networks.py.
    exec(source, networks.__dict__)  # noqa: S102 pylint: disable=exec-used
    return networks


def check_network(probe, torch, networks, name, device):
    """A forward pass of a whole network: the largest error of its outputs; and how long one image takes.

    The first image includes what libraries prepare for the shapes of this network.
    """
    network, image = networks.make_networks(torch)[name], networks.make_image(torch)
    network, image = network.to(device), image.to(device)
    if device.startswith("npu"):
        network, image = network.half(), image.half()
    with torch.no_grad():
        started = time.monotonic()
        found = network(image).cpu().float().reshape(-1).tolist()
        first = best = time.monotonic() - started
        deadline = time.monotonic() + IMAGES_SECONDS
        while time.monotonic() < deadline:
            started = time.monotonic()
            network(image).reshape(-1)[0].item()  # waits for the device
            best = min(best, time.monotonic() - started)
    for moment, seconds in (("first_image", first), ("image", best)):
        probe.tell(timing={"name": "%s_%s_%s" % (name, moment, device), "seconds": round(seconds, 6)})
    return worst_error(
        [networks.relative_error(found, networks.REFERENCE[name])], NETWORK_BOUNDS[device.partition(":")[0]]
    )


def check_quantized_network(torch, networks):
    """The classifier with all convolutions in 8 bits."""
    choose_quantized_engine(torch)
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")  # deprecation of this interface
        found = networks.run_quantized(torch, networks.make_networks(torch)["classifier"], networks.make_image(torch))
    return worst_error(
        [networks.relative_error(found.reshape(-1).tolist(), networks.REFERENCE["classifier"])], QUANTIZED_NETWORK_BOUND
    )


def small_model(torch):
    return torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 5))


def check_export(torch):
    """A model as ONNX."""
    stream, options = io.BytesIO(), {}
    if "dynamo" in torch.onnx.export.__code__.co_varnames:
        options["dynamo"] = False  # the other exporter needs further packages
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecation of this exporter
        try:
            torch.onnx.export(small_model(torch).eval(), (torch.zeros(1, 3, 8, 8),), stream, **options)
        except Exception as error:  # torch has an own class for this since 2.0, in several places
            if not re.search("No module named 'onnx|onnx(script)? is not installed", str(error)):
                raise
            raise Skip("the export needs a package that is not installed: %s" % error) from None
    return len(stream.getvalue()), 1, len(stream.getvalue()) >= 1


def check_compile(torch):
    """torch.compile, which calls a C++ compiler: the largest difference from the same model without it."""
    if not hasattr(torch, "compile"):
        raise Skip("torch.compile is part of torch from 2.0 on")
    if not any(shutil.which(name) for name in (os.environ.get("CXX"), "g++", "clang++", "c++") if name):
        raise Skip("torch.compile needs a C++ compiler, and none is in PATH")
    if not os.path.isfile(os.path.join(sysconfig.get_paths()["include"], "Python.h")):
        raise Skip("torch.compile needs the header files of Python (python3-dev), and they are not installed")
    model, x = small_model(torch).eval(), torch.arange(192, dtype=torch.float32).reshape(1, 3, 8, 8) / 192
    try:
        compiled = torch.compile(model)
    except RuntimeError as error:  # this release does not do it on this Python
        raise Skip(str(error)[:TEXT]) from None
    with tempfile.TemporaryDirectory(prefix="edgeai-probe-") as cache, torch.no_grad():
        os.environ["TORCHINDUCTOR_CACHE_DIR"] = cache
        return worst_error([(compiled(x) - model(x)).abs().max().item()], 1e-5)


def run_benchmark(probe, torch, device):
    """The best time of a fixed product and a fixed convolution, to compare boards with each other and over time."""
    a = move_to(torch.ones(512, 512).cumsum(0).sin(), device)
    image, kernel = move_to(torch.ones(1, 16, 64, 64), device), move_to(torch.ones(32, 16, 3, 3), device)
    for name, function in (
        ("matmul", lambda: a.matmul(a)),
        ("convolution", lambda: torch.nn.functional.conv2d(image, kernel)),
    ):
        best, deadline = math.inf, time.monotonic() + BENCHMARK_SECONDS
        while True:
            started = time.monotonic()
            function().reshape(-1)[0].item()  # waits for the device
            best = min(best, time.monotonic() - started)
            if time.monotonic() > deadline:
                break
        probe.tell(timing={"name": "%s_%s" % (name, device), "seconds": round(best, 6)})
    return best, None, True


# --- Order of the checks


def run_checks(probe, asked):
    probe.tell(start=describe_process())
    # Otherwise `import torch` also loads torch_npu, and their failures could not be distinguished.
    os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"] = "0"
    warnings.showwarning = probe.warn
    seen = find_torch()
    probe.tell(torch=seen)
    if not probe.check("import", import_torch, probe, seen)["passed"]:
        return
    torch = sys.modules["torch"]
    if not probe.check("identity", check_identity, torch)["passed"]:
        return
    if importlib.util.find_spec("torch_npu"):
        probe.check("backend", import_module, torch, "torch_npu")
    kind = probe.check("accelerator", find_accelerator, probe, torch, asked["expect"])["value"]
    probe.check("tensor_product", check_product, torch, "cpu")
    devices, others = [], []
    if kind in ("cuda", "npu"):
        described = []
        probe.check("devices", describe_devices, probe, torch, kind, described, advisory=True)
        others = name_others(kind, described, asked.get("left_out") or ())
        if kind == "cuda":
            probe.check("cudnn", read_cudnn, probe, torch, advisory=True)
        if kind == "cuda" and hasattr(torch.cuda, "get_arch_list"):
            probe.check("architectures", compare_architectures, torch, advisory=True)
        if probe.check("tensor_product_" + kind, check_product, torch, kind)["passed"]:
            devices = [kind]
    if asked["level"] != "quick":
        check_programs(probe, torch, devices)
    if asked["level"] == "deep":
        check_deep(probe, torch, devices, asked["networks"])
    for name in asked["modules"]:
        probe.check("module_" + name, import_module, torch, name, devices[0] if devices else "cpu")
    for own in asked.get("checks", ()):
        place = devices[0] if devices else "cpu"
        probe.check("own_" + own["name"], run_own_check, torch, place, own["name"], own["source"])
    features = read_features(torch)
    probe.tell(torch={"features": features})
    if asked["features"]:
        probe.check("features", compare_features, features, asked["features"])
    # Last: a device that fails may break the context of the whole process.
    for device, left_out in others:
        check_other_device(probe, torch, device, asked["level"], left_out)


def check_programs(probe, torch, devices):
    """What programs do with torch."""
    # Processes before threads: a process forked while the OpenMP pool is busy may wait for threads that it lacks.
    if probe.check("temporary_files", check_temporary_files)["passed"]:
        probe.check("data_loader", check_data_loader, torch)
        probe.check("collective", check_collective, torch)
    probe.check("functions", check_functions, torch, "cpu")
    probe.check("convolution", check_convolution, torch, "cpu")
    probe.check("reduction", check_reduction, torch, "cpu")
    probe.check("autograd", check_gradient, torch)
    probe.check("training", check_training, torch, "cpu")
    probe.check("script", check_script, torch)
    probe.check("parallel", check_threads, torch)
    if platform.machine() not in ("x86_64", "i686"):
        probe.check("quantized", check_quantized, torch)
    probe.check("numpy_bridge", check_numpy, torch)
    for device in devices:
        check_programs_on(probe, torch, device)
    for device in ["cpu"] + devices:
        probe.check("benchmark_" + device, run_benchmark, probe, torch, device, advisory=True)


def check_programs_on(probe, torch, device):
    probe.check("functions_" + device, check_functions, torch, device)
    probe.check("convolution_" + device, check_convolution, torch, device)
    probe.check("reduction_" + device, check_reduction, torch, device)
    # Inference chips (Ascend 310B, 310P) do not support training.
    probe.check("training_" + device, check_training, torch, device, advisory=device.startswith("npu"))
    probe.check("bfloat16_" + device, check_bfloat16, torch, device, advisory=True)


def check_other_device(probe, torch, device, level, left_out):
    """Another device than the first. Checks that do not run on it are reported as skipped."""
    if level == "quick":
        probe.tell(
            skipped={
                "name": "tensor_product_" + device,
                "why": "level quick checks the first device only, %s was not checked" % device,
            }
        )
        return
    if not probe.check("tensor_product_" + device, check_product, torch, device, advisory=left_out)["passed"]:
        return
    if level == "deep" and not left_out:
        check_programs_on(probe, torch, device)
        check_load_on(probe, torch, device)
        return
    why = "the plan leaves %s out" % device if left_out else "level %s checks this on the first device only" % level
    for name in ("functions", "convolution", "reduction", "training", "bfloat16"):
        probe.tell(skipped={"name": "%s_%s" % (name, device), "why": why})


def check_deep(probe, torch, devices, source):
    probe.check("lapack", check_lapack, torch)
    probe.check("files", check_files, torch)
    if platform.machine() in ("x86_64", "i686"):
        probe.check("quantized", check_quantized, torch)
    networks = load_networks(source)
    for device in ["cpu"] + devices:
        for name in sorted(networks.REFERENCE):
            probe.check("%s_%s" % (name, device), check_network, probe, torch, networks, name, device)
    probe.check("quantized_network", check_quantized_network, torch, networks)
    probe.check("export", check_export, torch, advisory=True)
    probe.check("compile", check_compile, torch, advisory=True)
    probe.check("load", check_load, torch, "cpu")
    for device in devices:
        check_load_on(probe, torch, device)


def check_load_on(probe, torch, device):
    probe.check("half_precision_" + device, check_half_precision, torch, device)
    probe.check("load_" + device, check_load, torch, device)


def main(arguments):
    descriptor, asked, seconds = int(arguments[0]), json.loads(arguments[1]), float(arguments[2])
    # With -c, Python searches the current directory first; a program searches its own directory.
    sys.path[:] = [place for place in sys.path if place]
    os.set_inheritable(descriptor, False)
    faulthandler.enable()  # a signal leaves the Python stack on stderr
    faulthandler.dump_traceback_later(seconds, exit=True)
    with os.fdopen(descriptor, "w") as stream:
        probe = Probe(stream)
        run_checks(probe, asked)
        probe.tell(start={"peak_memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024})
        probe.stage("exit")


if __name__ == "__main__":
    main(sys.argv[1:])
