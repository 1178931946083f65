# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What people paste into forums, and what the playbook diagnose says of it."""

from __future__ import annotations

import time

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.module_utils._diagnosis import diagnose_text, find_torch
from ansible_collections.edgeai.fleet.plugins.module_utils._diagnosis_table import TABLE
from ansible_collections.edgeai.fleet.plugins.plugin_utils import _diagnose

PI4 = {"family": "raspberrypi", "architecture": "aarch64", "cpu": {"atomics": False}, "soc": None}
PI5 = {**PI4, "cpu": {"atomics": True}}
PC = {"family": "x86_conda", "architecture": "x86_64", "cpu": {"atomics": None}, "soc": None}
THOR = {"family": "jetson", "architecture": "aarch64", "cpu": {"atomics": True}, "soc": "tegra264"}
ORIN = {**THOR, "soc": "tegra234"}
INSTALLED = """pi@raspberrypi:~ $ pip install torch==2.4.0
Looking in indexes: https://pypi.org/simple, https://www.piwheels.org/simple
Collecting torch==2.4.0
  Downloading torch-2.4.0-cp311-cp311-manylinux2014_aarch64.whl (89.7 MB)
     \x1b[38;2;114;156;31m━━━━━━━━━━━━━━━━\x1b[0m \x1b[32m89.7/89.7 MB\x1b[0m \x1b[31m3.2 MB/s\x1b[0m eta \x1b[36m0:00:00\x1b[0m
Successfully installed MarkupSafe-3.0.2 filelock-3.16.1 sympy-1.13.3 torch-2.4.0 typing-extensions-4.12.2
pi@raspberrypi:~ $ python3 -c "import torch"
Illegal instruction
"""
TWO_CAUSES = "RuntimeError: CUDA error: no kernel image is available for execution on the device"


@pytest.mark.parametrize(("text", "facts", "identity"), [
    (INSTALLED, {"board": PI4}, "ARM-01"),
    (INSTALLED, {"board": PI5}, "RUN-01"),
    (INSTALLED, {"board": PC}, "RUN-01"),
    ("torch 2.10.0\n非法指令（核心已转储）", {"board": PI4}, "ARM-02"),
    (">>> import torch\n>>> torch.__version__\n'2.0.0+cpu'\nzsh: illegal hardware instruction (core dumped)  python3", {"board": PI4}, "ARM-03"),
    ("fish: Job 1, 'python3 x.py' terminated by signal SIGILL (Illegal instruction)\ntorch==1.13.0", {"board": PI4}, "ARM-05"),
    ("subprocess.CalledProcessError: Command '['python']' died with <Signals.SIGILL: 4>.", {}, "RUN-01"),
    ("./train.sh: line 12:  4711 Killed                  python3 train.py --batch 64", {}, "RUN-02"),
    ("Killed", {}, "RUN-02"),
    ("train.service: Main process exited, code=killed, status=9/KILL", {}, "RUN-02"),
    ("container exited with code 137", {}, "RUN-02"),
    ("[ 1234.5] Out of memory: Killed process 4711 (python3) total-vm:8123456kB", {}, "RUN-10"),
    ("Process finished with exit code 137 (interrupted by signal 9: SIGKILL)", {"family": "jetson"}, "RUN-02"),
    ("c++: fatal error: Killed signal terminated program cc1plus\ncompilation terminated.\nninja: build stopped: subcommand failed.", {}, "GEN-09"),
    ("AssertionError: Torch not compiled with CUDA enabled", {"family": "jetson"}, "JET-03"),
    ("AssertionError: Torch not compiled with CUDA enabled", {"board": PC}, "CUDA-07"),
    ("AssertionError: Torch not compiled with CUDA enabled", {"family": "raspberrypi"}, "GEN-14"),
    ("(base) me@pc:~$ python t.py\nAssertionError: Torch not compiled with CUDA enabled", {"family": "x86_conda"}, "CONDA-04"),
    # wrapped by a mail, quoted by another one
    ("> > The NVIDIA driver on your system is too\n> > old (found version 12060).\n", {"family": "jetson"}, "JET-04"),
    ("UserWarning: CUDA initialization: The NVIDIA driver on your system is too\nold (found version 12060). Please update", {"board": PC}, "CUDA-02"),
    # cut by a terminal of 80 columns
    ("ImportError: /home/user/.local/lib/python3.8/site-packages/torch/lib/libtorch_cp\nu.so: "
     "cannot open shared object file: No such file or directory", {}, "RUN-05"),
    ("ImportError: libhccl.so: 无法打开共享对象文件: 没有那个文件或目录\n请问这个怎么解决？", {"family": "atlas"}, "NPU-01"),
    ("[ERROR] acl call failed, error code is 507011", {"family": "atlas"}, "NPU-08"),
    ("[ERROR] acl init failed, error code is 507899", {"family": "atlas"}, "NPU-27"),
    ("RuntimeError: NPU function error: c10_npu::SetDevice, error code is 507033", {"family": "atlas"}, "NPU-26"),
    ("ImportError: libascend_hal.so: cannot open shared object file: No such file or directory", {"family": "atlas"}, "NPU-21"),
    ("OSError: libatb.so: cannot open shared object file", {"family": "atlas"}, "NPU-22"),
    ("export LD_LIBRARY_PATH=/usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_1/lib\nImportError: /usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_1/lib/"
     "libtbe_adapter.so: undefined symbol: _ZN3Mki2Dl", {"family": "atlas"}, "NPU-20"),
    ("RuntimeError: operator torchvision::nms does not exist", {"family": "jetson"}, "GEN-16"),
    ("NotImplementedError: Could not run 'torchvision::nms' with arguments from the 'CUDA' backend.", {"family": "jetson"}, "GEN-17"),
    ("ValueError: numpy.dtype size changed, may indicate binary incompatibility. Expected 96 from C header, got 88", {"family": "raspberrypi"},
     "GEN-18"),
    ("uv: error while loading shared libraries: x.so: ELF load command address/offset not page-aligned", {"family": "raspberrypi"}, "GEN-19"),
    ("<jemalloc>: Unsupported system page size", {}, "GEN-19"),
    ("E:Release file for http://deb.debian.org/debian/dists/bookworm/InRelease is not valid yet (invalid for another 39d 6h 5min 33s)", {}, "RUN-12"),
    ("RuntimeError: [enforce fail at alloc_cpu.cpp:75] err == 0. DefaultCPUAllocator: can't allocate memory: you tried", {}, "RUN-13"),
    ("OSError: [Errno 30] Read-only file system: '/opt/edgeai'", {}, "RUN-11"),
    ("ImportError: /lib/libstdc++.so.6: version `GLIBCXX_3.4.29' not found (required by /usr/lib/aarch64-linux-gnu/tegra/libnvdla_compiler.so)",
     {"family": "jetson"}, "JET-22"),
    ("ImportError: /opt/conda/lib/libstdc++.so.6: version `GLIBCXX_3.4.30' not found", {"family": "jetson"}, "GEN-03"),
    ("ImportError: /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found", {"family": "jetson"}, "JET-16"),
    ("NvMapMemAllocInternalTagged: 1075072515 error 12\nRuntimeError: CUDA error: out of memory", {"family": "jetson"}, "JET-11"),
    ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", {"board": ORIN}, "JET-23"),
    ("AttributeError: module 'torch.distributed' has no attribute 'ReduceOp'", {"family": "jetson"}, "JET-24"),
    ("AttributeError: module 'numpy' has no attribute 'bool'", {"family": "jetson"}, "GEN-20"),
    ("ImportError: /x/y.so: wrong ELF class: ELFCLASS64", {"family": "raspberrypi"}, "GEN-21"),
    ("torch 2.1.0\nSegmentation fault", {"board": PI4}, "ARM-08"),
    ("RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment", {"family": "jetson"}, "JET-08"),
    ("RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment", {"board": PC}, "CUDA-03"),
    (TWO_CAUSES, {"board": THOR}, "JET-12"),
    (TWO_CAUSES, {"board": ORIN}, "JET-13"),
    (TWO_CAUSES, {"board": PC}, "CUDA-06"),
    ("ImportError: /lib/aarch64-linux-gnu/libc.so.6: version \u2018GLIBC_2.28\u2019 not found", {"family": "jetson"}, "GEN-02"),
    ("ERROR: Could not find a version that satisfies the requirement torch (from versions: none)\n"
     "ERROR: No matching distribution found for torch", {}, "GEN-06"),
    ("RuntimeError: Unexpected error from cudaGetDeviceCount(). Error 802: system not yet initialized", {"board": PC}, "CUDA-10"),
    ("ImportError: libtorch_cuda.so: undefined symbol: ncclCommWindowRegister", {"board": PC}, "CUDA-12"),
    ("torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB", {"board": PC}, "CUDA-14"),
    ('fatal: [pi]: FAILED! => {"module_stderr": "  File \\"<stdin>\\", line 3\\nSyntaxError: future feature annotations is not defined\\n", '
     '"rc": 1}', {}, "ANS-01"),
    ('  File "/opt/venv/lib/python3.6/site-packages/rich/console.py", line 1\n    from __future__ import annotations\n    ^\n'
     "SyntaxError: future feature annotations is not defined", {}, "GEN-13"),
    ("RuntimeError: DataLoader worker (pid 99) is killed by signal: Bus error. "
     "It is possible that dataloader's workers are out of shared memory.", {}, "RUN-09"),
    ("export LD_LIBRARY_PATH=/opt/old/lib:/x\nImportError: /opt/old/lib/libcudnn.so.9: undefined symbol: x", {"board": PC}, "ENV-04"),
])  # fmt: skip
def test_pasted_texts(text, facts, identity):
    found = diagnose_text(text, **facts)
    assert found and found["id"] == identity
    assert "{" not in found["cause"] + found["fix"]
    assert len(found["evidence"]) > 1 and found["evidence"][0].startswith("https://")


@pytest.mark.parametrize("text", [
    "all is well", "Segmentation fault (core dumped)", "I killed the process 207123 and 500001 lines were gone", "Process finished with exit code 0",
    "torch 2.4.0 works", "Permission denied", "Connection refused", "FileNotFoundError: [Errno 2] No such file or directory: 'a.jpg'", "\x1b[31m",
    "?" * 100_000,
])
def test_what_is_not_known_is_not_guessed(text):
    assert diagnose_text(text) is None


@pytest.mark.parametrize(("text", "family"), [
    ("NvRmMemInitNvmap failed", "x86_conda"), ("NPU out of memory", "jetson"), ("libcusparseLt.so.0", "raspberrypi"),
    ("error code is 507899", "jetson"), ("libnvpl_blas.so.0", "x86_conda"),
])
def test_a_row_of_one_family_never_fires_for_another(text, family):
    assert diagnose_text(text, family) is None


@pytest.mark.parametrize(("text", "facts", "parts"), [
    (TWO_CAUSES, {}, ["on a board of the family jetson: ", "Orin", "otherwise: this build has no code for the GPU of this machine"]),
    (TWO_CAUSES, {"family": "jetson"}, ["with the chip tegra264: ", "Thor", "otherwise: ", "Orin"]),
    (INSTALLED, {}, ["no LSE atomics", "the aarch64 wheel of torch 2.4.0 uses LSE atomics", "otherwise: this processor lacks an instruction"]),
    ("Illegal instruction", {"board": PI4}, ["if torch is 2.4.0: ", "if torch is 2.1.0rcN: ", "otherwise: this processor lacks an instruction"]),
    ("AssertionError: Torch not compiled with CUDA enabled", {}, ["family jetson: ", "family raspberrypi or pynq: ", "otherwise: "]),
    ("NvRmMemInitNvmap failed with Permission denied", {}, ["on a board of the family jetson: "]),
])
def test_two_possible_causes_are_named_as_two(text, facts, parts):
    found = diagnose_text(text, **facts)
    for part in parts:
        assert part in found["cause"], part


@pytest.mark.parametrize(("text", "version"), [
    ("torch==2.4.0", "2.4.0"), ("torch                    2.4.0+cpu", "2.4.0+cpu"), ("PyTorch version: 2.10.0", "2.10.0"), ("torch (2.4.0)", "2.4.0"),
    ("torch-2.0.0+cpu-cp311-cp311-linux_aarch64.whl", "2.0.0+cpu"),
    ("pytorch   2.4.0   py3.10_cpu_0   conda-forge", "2.4.0"), ('"torch": "2.4.0"', "2.4.0"),
    (">>> torch.__version__\n'2.5.0a0+872d972e41.nv24.08'", "2.5.0a0+872d972e41.nv24.08"), ("torchvision 0.19.0", None), ("torch<2.4.0", None),
    ("torch-npu==2.1.0", None), ("torch on Python 3.10.2", None), ("torch 2.4.0, before that torch 2.3.1", None),
    ("torch 2.3.1\nSuccessfully installed numpy-2.0.1 torch-2.4.0", "2.4.0"),
])
def test_the_version_that_a_text_names(text, version):
    assert find_torch(text) == version


FRAGMENTS = [
    "\0", "\n", " ", "/", "lib", "torch ", "torch==", "Killed ", "\nKilled", "Successfully installed ", "Successfully installed torch-", "err",
    '/lib/python2.7/runpy.py"', "failed to transfer file to ", "sh: ", "python", '"/site-packages/', 'File "/a/site-packages/', "> ", "zip_data: str, ",
    "\x1b[0;", "line 1: 1 ", "exit status ", "ninja: build stopped", "ssh: connect to host ", "a" * 90 + "\n", "\\n", "无法", "LD_LIBRARY_PATH=",
    "import torch\n", "acl ", "version `GLIBC_2",
]  # fmt: skip


@pytest.mark.parametrize("fragment", FRAGMENTS)
def test_no_pattern_chews_on_long_text(fragment):
    taken = []
    for size in (16384, 65536):
        started = time.process_time()
        diagnose_text(fragment * (size // len(fragment)))
        taken.append(time.process_time() - started)
    # Four times the text takes about four times as long; sixteen times would be the square.
    assert taken[1] < 9 * taken[0] + 0.3


def test_each_row_can_be_put_in_words():
    """Whatever a text catches, no placeholder is left over and none is missing."""
    from ansible_collections.edgeai.fleet.plugins.module_utils import _diagnosis

    words = _diagnosis.look_up({"surroundings": {}}, "")
    for row in TABLE:
        (row["cause"] + row["fix"]).format("x", "y", "z", **words)


@pytest.mark.parametrize(("given", "words"), [
    ({}, "diagnose takes one error text: give diagnose_text (-e diagnose_text='...') or diagnose_file"),
    ({"text": "a", "file": "b"}, "either diagnose_text or diagnose_file, not both"),
    ({"text": " \n"}, "There is nothing to diagnose: diagnose_text is empty."),
    ({"file": "/no/such.log"}, "diagnose_file: /no/such.log is not a file"),
    ({"file": "/"}, "diagnose_file: / is not a file"),
    ({"text": "a", "family": "jetsn"}, "diagnose_family is 'jetsn', which is not a family; did you mean jetson? The families are "),
    ({"text": "a", "famliy": "jetson"}, "diagnose_famliy is not an option of diagnose; did you mean diagnose_family?"),
    ({"text": "a", "facts": "/no/board.yml"}, "/no/board.yml cannot be read: No such file or directory"),
])
def test_wrong_questions(given, words):
    with pytest.raises(AnsibleFilterError) as raised:
        _diagnose.asked({f"diagnose_{name}": value for name, value in given.items()})
    assert words in str(raised.value)


def test_facts_and_family_must_agree_and_be_of_one_board(tmp_path):
    (tmp_path / "one.yml").write_text("{board: Raspberry Pi 4}", encoding="utf-8")
    (tmp_path / "two.yml").write_text("[{name: a, board: Raspberry Pi 4}, {name: b, board: Raspberry Pi 5}]", encoding="utf-8")
    one, two = str(tmp_path / "one.yml"), str(tmp_path / "two.yml")
    for given, words in (
        ({"diagnose_family": "jetson", "diagnose_facts": one},
         "diagnose_family is jetson, and the board of diagnose_facts is of the family raspberrypi"),
        ({"diagnose_facts": two}, "has 2 boards (a, b)"),
    ):
        with pytest.raises(AnsibleFilterError) as raised:
            _diagnose.asked({"diagnose_text": "a", **given})
        assert words in str(raised.value)
    assert _diagnose.asked({"diagnose_text": "a", "diagnose_timeout": 5}).text == "a", "somebody else's variable"
    question = _diagnose.asked({"diagnose_text": "torch 2.4.0: Illegal instruction", "diagnose_facts": str(tmp_path / "one.yml")})
    assert _diagnose.answer(question)["id"] == "ARM-01"


@pytest.mark.parametrize(("typed", "text"), [
    ("diagnose_text=AssertionError: Torch not compiled with CUDA enabled", "AssertionError: Torch not compiled with CUDA enabled"),
    ("diagnose_text=torch==2.4.0 a=b {{ x }} diagnose_family=jetson", "torch==2.4.0 a=b {{ x }}"),
    ("diagnose_text='whole' diagnose_family=jetson", "whole"),
    ("diagnose_text='torch' is not what it was", "'torch' is not what it was"),
    ('{"diagnose_text": "whole"}', "whole"),
])
def test_the_text_is_what_was_typed(typed, text):
    """Ansible keeps the first word of an option -e that has no quotation marks of its own."""
    assert _diagnose.asked({"diagnose_text": text.split(" ")[0]}, [typed, "other=1"]).text == text


@pytest.mark.parametrize("data", [
    "段错误\nlibhccl.so: 无法打开共享对象文件".encode("gb18030"), "\ufefflibhccl.so: cannot open shared object file".encode(),
    "libhccl.so: cannot open shared object file".encode("utf-16"), b"\xff\xf0libhccl.so: cannot open shared object file",
    b"libhccl.so: cannot open shared object file\n" + b"x" * 10_000_000, b"x\n" * 5_000_000 + b"libhccl.so: cannot open shared object file",
])
def test_files_of_all_kinds(tmp_path, data):
    (tmp_path / "error.log").write_bytes(data)
    question = _diagnose.asked({"diagnose_file": str(tmp_path / "error.log")})
    assert _diagnose.answer(question)["id"] == "NPU-01"


def test_the_answer_has_no_secrets_and_says_what_is_not_known():
    question = _diagnose.asked({"diagnose_text": "curl https://op:S3cr3t@host/x\nHF_TOKEN=S3cr3t ./run\nsomething new\n"})
    found = _diagnose.answer(question)
    assert set(found) == {"id", "cause", "fix", "confidence", "evidence"}
    assert (found["id"], found["confidence"]) == ("UNKNOWN", None) and "S3cr3t" not in str(found)
    assert found["evidence"] == ["curl https://host/x", "HF_TOKEN=******** ./run", "something new"]
    assert "diagnose_family" in found["fix"]
    assert _diagnose.lines(found, question)[0] == "UNKNOWN"
