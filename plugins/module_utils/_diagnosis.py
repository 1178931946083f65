# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This module util is private to the edgeai.fleet collection.
"""From the probe's evidence to a cause and a way out: a table, most specific row first, and no guesses.

A row fits if all of its conditions do:

    signal, timeout   how the process died
    torch             the version that is installed
    atomics           False: an aarch64 core without LSE atomics (ARMv8.0)
    family            the board's: the same words have other causes elsewhere
    text              a pattern to be found in what was raised and warned, or, where the process died, in its last output

`{0}` in cause and fix is what the pattern's first group caught.
"""

import re

ATOMICS = 1 << 8  # of AT_HWCAP on aarch64

TABLE = (
    {'id': 'ARM-01', 'signal': 'SIGILL', 'atomics': False, 'torch': r'2\.4\.0',
     'cause': 'the aarch64 wheel of torch 2.4.0 uses LSE atomics, which this ARMv8.0 core does not have',
     'fix': 'leave torch_version at auto, or set it to 2.9.1 or 2.3.1',
     'evidence': 'https://github.com/pytorch/pytorch/issues/132032'},
    {'id': 'ARM-02', 'signal': 'SIGILL', 'atomics': False, 'torch': r'2\.10\.0',
     'cause': 'the aarch64 wheel of torch 2.10.0 is compiled for newer cores than this ARMv8.0 one',
     'fix': 'leave torch_version at auto, or set it to 2.9.1',
     'evidence': 'https://github.com/pytorch/pytorch/issues/176993'},
    {'id': 'RUN-01', 'signal': 'SIGILL',
     'cause': 'this processor lacks an instruction that the installed software was compiled for',
     'fix': 'choose another torch_version, or build torch for this processor; the last lines of the evidence show which import died',
     'evidence': 'https://github.com/pytorch/pytorch/issues/97226'},
    {'id': 'RUN-02', 'signal': 'SIGKILL',
     'cause': 'something killed the process, most probably the kernel because memory ran out',
     'fix': 'look for "Out of memory" in dmesg; stop other programs or add swap',
     'evidence': 'https://docs.kernel.org/admin-guide/mm/concepts.html'},
    {'id': 'RUN-03', 'timeout': True,
     'cause': 'the process did not end in time',
     'fix': 'if the board is only slow, raise torch_verify_timeout; otherwise the last lines of the evidence show where it hangs',
     'evidence': 'https://docs.python.org/3/library/faulthandler.html'},
    {'id': 'RUN-04', 'text': r"ModuleNotFoundError: No module named 'torch'",
     'cause': 'torch is not installed in this environment',
     'fix': 'provision the board (edgeai.fleet.provision), or name the environment that has torch',
     'evidence': 'https://pytorch.org/get-started/locally/'},
    {'id': 'RUN-06', 'text': r'cannot be started as user (\S+): Permission denied',
     'cause': 'user {0} may not run this Python: it, a directory above it, or the interpreter it links to is closed to that user',
     'fix': 'open that path to the user (namei -l shows where it ends), or install below a directory that everyone may enter',
     'evidence': 'https://man7.org/linux/man-pages/man7/path_resolution.7.html'},
    {'id': 'JET-05', 'family': 'jetson', 'text': r'libcusparseLt\.so',
     'cause': 'torch 2.5 and later need cuSPARSELt, which JetPack does not bring',
     'fix': 'provision the board again: the jetson role installs libcusparselt0 where it is missing',
     'evidence': 'https://github.com/ultralytics/ultralytics/blob/main/docs/en/guides/nvidia-jetson.md'},
    {'id': 'JET-06', 'family': 'jetson', 'text': r'libcudnn\.so\.8',
     'cause': 'this wheel was built for cuDNN 8, and JetPack 6.1 and later have cuDNN 9',
     'fix': 'leave torch_version at auto; do not link one cuDNN to the name of the other',
     'evidence': 'https://github.com/YeQiao/pytorch-jetson-orin-nano'},
    {'id': 'JET-07', 'family': 'jetson', 'text': r'(lib(?:cu|nv)[\w.+-]+\.so[\w.]*): cannot open shared object file',
     'cause': 'the CUDA library {0} is missing: the image came without the CUDA runtime, or the wheel is of another JetPack',
     'fix': 'provision the board again (torch_system_packages: install), or apt-get install nvidia-jetpack',
     'evidence': 'https://github.com/dusty-nv/jetson-containers/issues/100'},
    {'id': 'NPU-01', 'text': r'(lib(?:hccl|ascendcl|acl_op_compiler|ge_runner|graph|ascend_hal|qos_manager)\.so[\w.]*): cannot open shared object file',
     'cause': 'torch_npu needs {0} of CANN, which is not installed or whose set_env.sh did not count when the board was asked',
     'fix': 'install the CANN toolkit that fits the plan (edgeai.fleet.explain names it), then provision again',
     'evidence': 'https://github.com/Ascend/pytorch/blob/master/README.md'},
    {'id': 'GEN-02', 'text': r"version `(GLIBC_[\d.]+)' not found",
     'cause': 'the wheel needs {0}, which is newer than the C library of this system',
     'fix': 'choose an older torch_version, or upgrade the operating system',
     'evidence': 'https://github.com/pytorch/pytorch/issues/129555'},
    {'id': 'RUN-05', 'text': r'(lib[\w.+-]+\.so[\w.]*): cannot open shared object file',
     'cause': 'the shared library {0} is missing, or is not where the loader looks',
     'fix': 'install the package that brings {0}, or name its directory in LD_LIBRARY_PATH',
     'evidence': 'https://man7.org/linux/man-pages/man8/ld.so.8.html'},
    {'id': 'JET-04', 'family': 'jetson', 'text': r'driver on your system is too old \(found version (\d+)\)',
     'cause': 'this is not NVIDIA\'s build for this JetPack: it was compiled for a newer CUDA than the board\'s driver supports ({0})',
     'fix': 'provision the board with torch_accelerator: cuda; later installations must not replace that torch',
     'evidence': 'https://github.com/pytorch/pytorch/issues/160162'},
    {'id': 'JET-03', 'family': 'jetson', 'text': r'Torch not compiled with CUDA enabled',
     'cause': 'this is not NVIDIA\'s build: the installed torch is one for the CPU, such as PyPI\'s for aarch64',
     'fix': 'provision the board with torch_accelerator: cuda; later installations must not replace that torch',
     'evidence': 'https://github.com/ultralytics/ultralytics/blob/main/docs/en/guides/nvidia-jetson.md'},
    {'id': 'CUDA-02', 'text': r'driver on your system is too old \(found version (\d+)\)',
     'cause': 'torch was built for a newer CUDA than the NVIDIA driver supports ({0})',
     'fix': 'upgrade the NVIDIA driver, or install a torch built for an older CUDA',
     'evidence': 'https://github.com/pytorch/pytorch/pull/162531'},
    {'id': 'CUDA-01', 'text': r'Found no NVIDIA driver on your system',
     'cause': 'no NVIDIA driver is loaded, or its libcuda is not found',
     'fix': 'install the NVIDIA driver; in a container, start it with access to the GPU',
     'evidence': 'https://github.com/pytorch/pytorch/blob/main/c10/cuda/CUDAFunctions.cpp'},
    {'id': 'CUDA-07', 'text': r'Torch not compiled with CUDA enabled',
     'cause': 'the installed torch is a build for the CPU',
     'fix': 'provision the board with torch_accelerator: cuda',
     'evidence': 'https://github.com/pytorch/pytorch/issues/30664'},
)


def diagnose(evidence):
    """{id, cause, fix, evidence: [str]} for evidence that does not satisfy."""
    text = '\n'.join(list_texts(evidence))
    tail = list_last_lines(evidence)
    for row in TABLE:
        groups = match(row, evidence, text)
        if groups is not None:
            return {'id': row['id'], 'cause': row['cause'].format(*groups), 'fix': row['fix'].format(*groups), 'evidence': [row['evidence']] + tail}
    return {'id': 'UNKNOWN', 'cause': 'not known to this collection', 'fix': 'the evidence holds the last lines of what was seen', 'evidence': tail}


def match(row, evidence, text):
    """What the row's pattern caught (a tuple) if all of its conditions hold, else None."""
    died = evidence['died'] or {}
    start = evidence['start']
    if 'signal' in row and died.get('signal') != row['signal']:
        return None
    if 'timeout' in row and died.get('timeout') is not True:
        return None
    if 'torch' in row and not re.match(row['torch'] + r'(\+|$)', str(evidence['torch'].get('version'))):
        return None
    if 'family' in row and evidence['family'] != row['family']:
        return None
    if 'atomics' in row:
        hwcap = start.get('hwcap')
        if start.get('machine') != 'aarch64' or not isinstance(hwcap, int) or bool(hwcap & ATOMICS) is not row['atomics']:
            return None
    found = re.search(row.get('text', ''), text)
    return found.groups() if found else None


def list_texts(evidence):
    """What torch and Python said: the errors, the reasons, the warnings; of the output only what a death left behind, for it may hold anything."""
    texts = ['%s: %s' % (check['error'].get('type'), check['error'].get('text')) for check in evidence['checks'] if check.get('error')]
    texts += [str(evidence['accelerator'].get('cause') or '')] + evidence['warnings']
    return texts + ([evidence['problem'] or '', evidence['stderr']] if evidence['died'] else [])


def list_last_lines(evidence, count=12):
    """What a person would look at first."""
    for check in evidence['checks']:
        if check.get('error'):
            return [str(line) for line in check['error'].get('traceback') or ()][-count:]
    if not evidence['died']:
        return '\n'.join(list_texts(evidence)).strip().splitlines()[-count:]
    lines = (evidence['problem'] or evidence['stderr'] or evidence['stdout']).strip().splitlines()
    for number, line in enumerate(lines):
        if line.startswith('Fatal Python error'):
            # faulthandler's stack: the innermost call comes first, and the import system's own frames say nothing.
            return [line for line in lines[number:] if '<frozen importlib' not in line][:count]
    return lines[-count:]
