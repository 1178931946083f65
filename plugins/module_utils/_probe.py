# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This module util is private to the edgeai.fleet collection.
"""The probe: what PyTorch really does, told from inside.

_verdict.py sends this file's source to the interpreter of an environment and runs it there as

    python probe.py DESCRIPTOR '{"expect": "cuda", "modules": ["tensorrt"]}' SECONDS

It imports torch once and writes what it finds, one JSON object per line, to the inherited file DESCRIPTOR (stdout belongs to torch). A stage is named
before it begins, so that a death at any point is placed. SECONDS is after how long it ends itself should nobody be left to end it.

Messages: {"start": {...}}, {"stage": name, "at": monotonic clock}, {"torch": {...}}, {"accelerator": {...}}, {"check": {...}}, {"warning": {...}}.
"""

import faulthandler
import importlib
import importlib.util
import json
import math
import os
import platform
import re
import struct
import sys
import time
import traceback
import warnings

# Variables that change what torch does: those of its own process go into the verdict, the rest of the environment is nobody's business.
VARIABLES = ('CUDA_', 'TORCH_', 'PYTORCH_', 'OMP_', 'MKL_', 'OPENBLAS_', 'LD_', 'PYTHON', 'QEMU_', 'ASCEND_', 'UV_CONSTRAINT', 'PIP_CONSTRAINT', 'EDGEAI_')
TEXT = 4000
ROWS, INNER, COLUMNS = 128, 96, 64
# A sum of 96 products of numbers up to 1, in any order: 96 roundings of at most 96 * 2**-24 in float32. Accelerators may round the factors
# to 11 bits by default (TF32, HF32), which is right and by far the larger error.
PRODUCT_BOUND_CPU = INNER * INNER * 2.0 ** -24
PRODUCT_BOUND_ACCELERATOR = INNER * 2.0 ** -10
GRADIENT_BOUND = 1e-12
SUM_BOUND = 1e-6
PARALLEL_SECONDS = 2.0


class Probe(object):
    """Tells what happens, as it happens."""

    def __init__(self, stream):
        self.stream = stream
        self.warned = set()

    def tell(self, **message):
        self.stream.write(json.dumps(message) + '\n')
        self.stream.flush()

    def stage(self, name):
        self.tell(stage=name, at=time.monotonic())

    def warn(self, message, category, filename, lineno, file=None, line=None):
        """In the place of warnings.showwarning: CUDA tells the reason for a False only in a warning."""
        text = str(message)[:TEXT]
        if text not in self.warned and len(self.warned) < 50:  # a flood must not bury what follows
            self.warned.add(text)
            self.tell(warning={'category': category.__name__, 'text': text})

    def check(self, name, function, *arguments):
        """Run one check, which returns (value, bound, passed). Whatever it raises is its result and not the end of the probe."""
        self.stage(name)
        started = time.monotonic()
        result = {'name': name, 'passed': False, 'value': None, 'bound': None}
        try:
            value, bound, passed = function(*arguments)
            # JSON has no NaN and no infinity.
            finite = not isinstance(value, float) or math.isfinite(value)
            result.update(value=value if finite else repr(value), bound=bound, passed=bool(passed))
        except BaseException as error:  # an import that calls sys.exit() is a finding too
            lines = ''.join(traceback.format_exception(type(error), error, error.__traceback__)).splitlines()
            result['error'] = {'type': type(error).__name__, 'text': str(error)[:TEXT], 'traceback': [line[:TEXT] for line in lines[-12:]]}
        result['seconds'] = round(time.monotonic() - started, 6)
        self.tell(check=result)
        return result


def describe_process():
    """Who runs, where, and with which variables: the evidence that the probe ran as the workload will."""
    return {
        'python': sys.executable,
        'version': platform.python_version(),
        'prefix': sys.prefix,
        'pid': os.getpid(),
        'uid': os.getuid(),
        'groups': os.getgroups(),
        'directory': os.getcwd(),
        'machine': platform.machine(),
        'cores': len(os.sched_getaffinity(0)),
        'hwcap': read_hwcap(),
        'environment': dict((name, value) for name, value in sorted(os.environ.items()) if name.startswith(VARIABLES)),
    }


def read_hwcap():
    """AT_HWCAP of the kernel's auxiliary vector. Unlike /proc/cpuinfo it is this process's own: right under emulation as well."""
    try:
        with open('/proc/self/auxv', 'rb') as stream:
            vector = stream.read()
    except OSError:
        return None
    pair = struct.Struct('LL')
    whole = len(vector) - len(vector) % pair.size
    return dict(pair.iter_unpack(vector[:whole])).get(16)


def locate_torch():
    """Where `import torch` will look, and the version that is written there: known even if the import kills the process."""
    try:
        spec = importlib.util.find_spec('torch')
    except (ImportError, ValueError):
        spec = None
    if spec is None:
        return {'file': None, 'version': None}
    places = list(spec.submodule_search_locations or ())
    version = None
    if places:
        try:
            with open(os.path.join(places[0], 'version.py'), encoding='utf-8') as stream:
                match = re.search(r'''^__version__.*=\s*['"]([^'"]+)''', stream.read(), re.MULTILINE)
            version = match.group(1) if match else None
        except (OSError, ValueError):
            pass  # half deleted, or no PyTorch: the import will tell
    return {'file': spec.origin or (places[0] if places else None), 'version': version}


def import_torch(probe, seen):
    torch = importlib.import_module('torch')
    if not hasattr(torch, 'Tensor') or not hasattr(torch, '__version__'):
        raise ImportError('%s is not PyTorch: it has no Tensor' % (getattr(torch, '__file__', None) or seen['file']))
    version = str(torch.__version__)
    probe.tell(torch={'file': torch.__file__, 'version': version, 'cuda': torch.version.cuda, 'threads': torch.get_num_threads()})
    return version, None, True


def import_backend():
    backend = importlib.import_module('torch_npu')
    return str(getattr(backend, '__version__', None)), None, True


def import_module(name):
    module = importlib.import_module(name)
    if name == 'tensorrt':
        # The bindings can be imported where the library behind them cannot start.
        module.Builder(module.Logger())
    return str(getattr(module, '__version__', None)), None, True


def find_accelerator(probe, torch, expect):
    """The mission's assertion: torch.cuda.is_available(), or torch.npu's where an NPU is asked for."""
    kind, count, cause = 'cpu', 0, None
    if torch.cuda.is_available():
        kind, count = 'cuda', torch.cuda.device_count()
    elif hasattr(torch, 'npu') and torch.npu.is_available():
        kind, count = 'npu', torch.npu.device_count()
    elif expect == 'cuda':
        try:
            torch.cuda.init()  # is_available() swallows the reason, this raises it
        except Exception as error:
            cause = '%s: %s' % (type(error).__name__, str(error)[:TEXT])
    elif expect == 'npu' and not hasattr(torch, 'npu'):
        cause = 'torch_npu is not installed'
    probe.tell(accelerator={'kind': kind, 'count': count, 'cause': cause})
    return kind, expect, expect in ('auto', 'cpu', kind)


def multiply(torch, device, bound):
    """A float32 matrix product on the device: all of it against torch's float64, and a sample against plain Python, which owes nothing to torch."""
    a = torch.tensor([[math.sin(0.37 * i + 0.11 * k) for k in range(INNER)] for i in range(ROWS)], dtype=torch.float32)
    b = torch.tensor([[math.cos(0.23 * k - 0.41 * j) for j in range(COLUMNS)] for k in range(INNER)], dtype=torch.float32)
    product = a.to(device).matmul(b.to(device)).cpu().double()
    errors = (product - a.double().matmul(b.double())).abs().reshape(-1).tolist()
    rows, columns, found = a.tolist(), list(zip(*b.tolist())), product.tolist()
    for place in range(0, ROWS * COLUMNS, 61):
        i, j = divmod(place, COLUMNS)
        errors.append(abs(found[i][j] - math.fsum(x * y for x, y in zip(rows[i], columns[j]))))
    return compare(errors, bound)


def differentiate(torch):
    """The gradient of sum(sin(x) x^2), by autograd and by hand, in float64."""
    points = [0.06 * i - 3 for i in range(101)]
    x = torch.tensor(points, dtype=torch.float64, requires_grad=True)
    (x.sin() * x * x).sum().backward()
    return compare([abs(found - (math.cos(p) * p * p + 2 * p * math.sin(p))) for p, found in zip(points, x.grad.tolist())], GRADIENT_BOUND)


def compare(errors, bound):
    worst = max(errors, key=lambda error: (math.isnan(error), error))  # NaN is the worst of all, and no max() by itself
    return worst, bound, worst <= bound


def parallelize(torch):
    """The intra-op pool: how many threads really work on one reduction, and that it gives what one thread gives."""
    configured = torch.get_num_threads()
    # A default of 1 (one physical core with two hardware threads, OMP_NUM_THREADS=1) is a choice; that the pool can do more is what is proven.
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
        raise ArithmeticError('a sum is %r with %d threads and %r with one' % (together, asked, alone))
    bound = min(asked, 2)
    return max(worked, 1), bound, max(worked, 1) >= bound


def read_thread_times():
    """Clock ticks that each thread of this process has computed for."""
    times = {}
    for thread in os.listdir('/proc/self/task'):
        try:
            with open('/proc/self/task/%s/stat' % thread, 'rb') as stream:
                fields = stream.read().rpartition(b')')[2].split()  # the name before it may hold anything
        except OSError:
            continue  # it has ended meanwhile
        times[thread] = int(fields[11]) + int(fields[12])
    return times


def run(probe, expect, modules):
    probe.tell(start=describe_process())
    # Otherwise `import torch` loads torch_npu as well, and a failure of the one could not be told from a failure of the other.
    os.environ['TORCH_DEVICE_BACKEND_AUTOLOAD'] = '0'
    warnings.showwarning = probe.warn
    seen = locate_torch()
    probe.tell(torch=seen)
    if not probe.check('import', import_torch, probe, seen)['passed']:
        return
    torch = sys.modules['torch']
    if importlib.util.find_spec('torch_npu'):
        probe.check('backend', import_backend)
    kind = probe.check('accelerator', find_accelerator, probe, torch, expect)['value']
    probe.check('tensor_product', multiply, torch, 'cpu', PRODUCT_BOUND_CPU)
    probe.check('autograd', differentiate, torch)
    probe.check('parallel', parallelize, torch)
    if kind in ('cuda', 'npu'):
        probe.check('tensor_product_' + kind, multiply, torch, kind, PRODUCT_BOUND_ACCELERATOR)
    for name in modules:
        probe.check('module_' + name, import_module, name)


def main(arguments):
    descriptor, asked, seconds = int(arguments[0]), json.loads(arguments[1]), float(arguments[2])
    # Python puts the directory of its script first; a program of the user's has another one there.
    here = os.path.dirname(os.path.realpath(__file__))
    sys.path[:] = [place for place in sys.path if os.path.realpath(place or '.') != here]
    os.set_inheritable(descriptor, False)
    faulthandler.enable()  # a death by signal leaves its Python stack on stderr
    faulthandler.dump_traceback_later(seconds, exit=True)
    with os.fdopen(descriptor, 'w') as stream:
        probe = Probe(stream)
        run(probe, asked['expect'], asked['modules'])
        probe.stage('exit')


if __name__ == '__main__':
    main(sys.argv[1:])
