# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The probe, run for real: beside real PyTorch where EDGEAI_TORCH_PYTHON names an interpreter that has it, and beside
modules that only pretend.
"""

import ast
import json
import math
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import textwrap

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._verify import networks, probe
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import read_source, run_probe
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import judge, read_promise
from verdict_support import seen


@pytest.fixture
def pretend(tmp_path):
    """Write a module and return the environment in which it is found."""

    def write(name, source):
        (tmp_path / (name + ".py")).write_text(textwrap.dedent(source))
        return {"PYTHONPATH": str(tmp_path)}

    return write


def names(evidence, passed):
    return [check["name"] for check in evidence["checks"] if check["passed"] is passed]


def test_it_works_on_the_cpu(torch_python):
    evidence = run_probe(torch_python, {"CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"}, expect="cpu")
    made = [
        "import",
        "identity",
        "accelerator",
        "tensor_product",
        "temporary_files",
        "data_loader",
        "collective",
        "functions",
        "convolution",
        "reduction",
        "autograd",
        "training",
        "script",
        "parallel",
    ]
    assert names(evidence, True) == made + ["benchmark_cpu"] and names(evidence, False) == []
    assert evidence["skipped"] == [{"name": "numpy_bridge", "why": "numpy is not installed"}]
    assert set(evidence["timings"]) == {"matmul_cpu", "convolution_cpu"} and all(
        0 < seconds < 5 for seconds in evidence["timings"].values()
    )
    assert evidence["torch"]["features"]["distributed"] is True and evidence["torch"]["features"]["cuda"] is False
    checks = dict((check["name"], check) for check in evidence["checks"])
    assert 0 < checks["tensor_product"]["value"] < checks["tensor_product"]["bound"]
    assert checks["parallel"]["value"] == min(2, evidence["start"]["cores"])
    assert evidence["torch"]["file"].startswith(evidence["start"]["prefix"])
    assert evidence["start"]["environment"]["OMP_NUM_THREADS"] == "1"
    assert [stage["name"] for stage in evidence["stages"]] == ["start"] + made + [
        "numpy_bridge",
        "benchmark_cpu",
        "exit",
    ]
    assert sum(stage["seconds"] for stage in evidence["stages"]) == pytest.approx(evidence["seconds"], abs=0.1)
    verdict = judge(evidence, "cpu")
    assert (verdict["outcome"], verdict["satisfied"], verdict["died"], verdict["diagnosis"]) == (
        "cpu",
        True,
        None,
        None,
    )
    assert verdict["reason"] == "torch %s works on the CPU as planned" % verdict["torch"]


def test_cuda_that_is_missing_is_a_finding_with_its_reason(torch_python):
    evidence = run_probe(torch_python, {"CUDA_VISIBLE_DEVICES": ""}, expect="cuda")
    verdict = judge(evidence, "cuda")
    assert (verdict["outcome"], verdict["satisfied"]) == ("cpu", False)
    assert verdict["reason"].startswith("expected cuda, but torch.cuda.is_available() is False: ")
    if evidence["torch"]["cuda"] is None:
        assert verdict["diagnosis"]["id"] == "CUDA-07"


def test_quick_is_the_first_kernel_and_no_more(torch_python):
    evidence = run_probe(torch_python, {"CUDA_VISIBLE_DEVICES": ""}, expect="cpu", level="quick")
    assert names(evidence, True) == ["import", "identity", "accelerator", "tensor_product"]
    assert judge(evidence, "cpu")["satisfied"] is True


def test_deep_looks_long(torch_python):
    evidence = run_probe(torch_python, {"CUDA_VISIBLE_DEVICES": ""}, expect="cpu", level="deep")
    assert {"lapack", "files", "load", "classifier_cpu", "detector_cpu"} <= set(names(evidence, True))
    assert names(evidence, False) == []
    verdict = judge(evidence, "cpu")
    assert verdict["satisfied"] is True
    timings = verdict["timings"]
    assert 0 < timings["classifier_image_cpu"] <= timings["classifier_first_image_cpu"] < 60
    # Each is tried, or it is said what it lacks.
    tried = set(names(evidence, True)) | set(item["name"] for item in evidence["skipped"])
    assert {"quantized_network", "export", "compile"} <= tried


def test_features_are_compared(torch_python):
    evidence = run_probe(
        torch_python,
        {"CUDA_VISIBLE_DEVICES": ""},
        level="quick",
        features={"distributed": False, "cuda": False, "nosuch": True},
    )
    told = next(check for check in evidence["checks"] if check["name"] == "features")
    assert (told["passed"], told["value"]) == (False, "distributed is on, nosuch is unknown")


# A backend extension is loaded into the probe's process after torch: it can break anything, as real ones do.
def test_an_npu_that_is_enumerated_but_computes_nothing_does_not_count(torch_python, pretend):
    environment = pretend(
        "torch_npu",
        """
        import torch, types
        torch.utils.rename_privateuse1_backend('npu')
        torch.npu = types.SimpleNamespace(is_available=lambda: True, device_count=lambda: 1)
        __version__ = '0'
    """,
    )
    evidence = run_probe(torch_python, environment, expect="npu")
    assert "tensor_product_npu" in names(evidence, False) and "devices" in names(evidence, False)
    verdict = judge(evidence, "npu")
    assert (verdict["outcome"], verdict["satisfied"]) == ("error", False)
    assert verdict["reason"].startswith("the check tensor_product_npu failed: ")
    assert verdict["diagnosis"]["id"] == "UNKNOWN" and verdict["diagnosis"]["evidence"]


@pytest.mark.parametrize(
    "sabotage, check",
    [
        ("right = torch.Tensor.matmul; torch.Tensor.matmul = lambda a, b: right(a, b) * 1.001", "tensor_product"),
        (
            'right = torch.Tensor.matmul; torch.Tensor.matmul = lambda a, b: right(a, b) * float("nan")',
            "tensor_product",
        ),
        ("torch.Tensor.sin = lambda x: x * 1.0", "autograd"),
        # as in https://github.com/pytorch/pytorch/issues/48901
        ("torch.tanh = lambda x: x * 1.0", "functions"),
        (
            "for name in 'exp sin cos sigmoid hypot copysign softmax'.split():\n"
            "    setattr(torch, name, lambda x, *more: x * 1.0)",
            "functions",
        ),
        ("right = torch.jit.script; torch.jit.script = lambda f: lambda *a: right(f)(*a) * 1.001", "script"),
        (
            "right = torch.nn.functional.conv2d; torch.nn.functional.conv2d = lambda a, b: right(a, b) * 1.001",
            "convolution",
        ),
        ("right = torch.Tensor.max; torch.Tensor.max = lambda x, d: [r + 0.001 for r in right(x, d)]", "reduction"),
        ("right = torch.Tensor.backward; torch.Tensor.backward = lambda x: right(x * 1e-6)", "training"),
        ("torch.distributed.all_reduce = lambda x: None", "collective"),
        ("torch.utils.data.TensorDataset.__getitem__ = lambda d, i: (torch.zeros(1),)", "data_loader"),
        ("right = torch.Tensor.sum; torch.Tensor.sum = lambda x: right(x) * torch.get_num_threads()", "parallel"),
        (
            "torch.set_num_threads(1); torch.set_num_threads = lambda n: None; torch.get_num_threads = lambda: 4",
            "parallel",
        ),
    ],
)
def test_wrong_results_are_seen(torch_python, pretend, sabotage, check):
    if check == "parallel" and len(os.sched_getaffinity(0)) == 1:
        pytest.skip("this machine has a single core")
    evidence = run_probe(torch_python, pretend("torch_npu", "import torch\n" + sabotage))
    assert check in names(evidence, False) and "import" in names(evidence, True)
    json.dumps(evidence, allow_nan=False)
    assert judge(evidence)["outcome"] == "error"


EACH_FUNCTION = """
import torch
good = check_functions(torch, "cpu")
found = {}
for place, name in FUNCTIONS:
    home = torch if place == "torch" else torch.nn.functional
    right = getattr(home, name)
    for what, wrong in (
        ("identity", lambda x, *more: x * 1.0),
        ("identity of single numbers", lambda x, *more: right(x, *more) if x.dim() else x * 1.0),
    ):
        setattr(home, name, wrong)
        found["%s: %s" % (name, what)] = check_functions(torch, "cpu")[2]
    setattr(home, name, right)
print(json.dumps({"good": good[2], "wrong": found}))
"""


def test_each_function_that_is_wrong_is_seen(torch_python):
    names = ["exp", "sin", "cos", "tanh", "sigmoid", "erf", "hypot", "copysign", "softmax"]
    functions = [("torch", name) for name in names] + [("nn", "gelu")]
    source = read_source(probe).partition("if __name__ ==")[0] + "FUNCTIONS = %r" % functions + EACH_FUNCTION
    found = json.loads(subprocess.check_output([torch_python, "-W", "ignore", "-c", source]).decode())
    # softmax is of a whole row
    seen = [name for name, passed in found["wrong"].items() if passed and "softmax: identity of single" not in name]
    assert found["good"] is True and seen == []


@pytest.fixture
def two_cards(pretend):
    """The environment in which torch, the real one, shows two GPUs: cuda:0 computes (on the CPU), cuda:1 has no code in
    this build.
    """
    return pretend(
        "torch_npu",
        """
        import types
        import torch
        CARDS = [types.SimpleNamespace(name='RTX 3090', total_memory=24 << 30, major=8, minor=6),
                 types.SimpleNamespace(name='GTX 1080', total_memory=8 << 30, major=6, minor=1)]
        torch.cuda.is_available, torch.cuda.device_count = lambda: True, lambda: len(CARDS)
        torch.cuda.get_device_properties = CARDS.__getitem__
        torch.cuda.get_device_capability = lambda index: (CARDS[index].major, CARDS[index].minor)
        torch.cuda.get_arch_list = lambda: ['sm_75', 'sm_86']
        right = torch.Tensor.to

        def to(tensor, *where, **how):
            if where and str(where[0]) == 'cuda:1':
                raise RuntimeError('CUDA error: no kernel image is available for execution on the device')
            return right(tensor, 'cpu') if where and str(where[0]).startswith('cuda') else right(tensor, *where, **how)

        torch.Tensor.to = to
    """,
    )


def test_a_second_card_that_computes_nothing_is_no_success(torch_python, two_cards):
    evidence = run_probe(torch_python, two_cards, expect="cuda")
    assert {"tensor_product_cuda", "convolution_cuda", "training_cuda"} <= set(names(evidence, True))
    assert names(evidence, False) == ["architectures", "tensor_product_cuda:1"]
    verdict = judge(evidence, "cuda")
    assert (verdict["outcome"], verdict["satisfied"], verdict["diagnosis"]["id"]) == ("error", False, "CUDA-06")
    assert verdict["reason"].startswith(
        "the check tensor_product_cuda:1 failed on cuda:1 (GTX 1080, compute capability 6.1): RuntimeError: CUDA error"
    )
    assert [device["name"] for device in verdict["devices"]] == ["RTX 3090", "GTX 1080"]
    assert (
        verdict["warnings"][0]
        == "this build of torch has no code for compute capability 6.1 (cuda:1): it was built for sm_75 sm_86"
    )


@pytest.mark.parametrize("left_out", ["6.1", "GTX 1080"])
def test_a_card_that_the_plan_leaves_out_is_named(torch_python, two_cards, left_out):
    verdict = judge(run_probe(torch_python, two_cards, expect="cuda", left_out=[left_out]), "cuda")
    assert (verdict["outcome"], verdict["satisfied"]) == ("cuda", True)
    assert (
        "cuda:1 (GTX 1080, compute capability 6.1) does not compute, and the plan leaves it out" in verdict["warnings"]
    )
    # What a record of this verdict promises is the same again.
    promise = read_promise({"verdict": verdict})
    assert (promise["kind"], promise["devices"], promise["left_out"]) == (
        "cuda",
        ["RTX 3090", "GTX 1080"],
        ["GTX 1080"],
    )


def test_the_first_card_is_never_left_out(torch_python, two_cards):
    verdict = judge(
        run_probe(torch_python, dict(two_cards), expect="cuda", level="quick", left_out=["8.6", "6.1"]), "cuda"
    )
    assert [check["advisory"] for check in verdict["checks"] if check["name"] == "tensor_product_cuda"] == [False]
    assert any(
        text.startswith("the plan leaves out RTX 3090, which programs use first") for text in verdict["warnings"]
    )


def test_what_a_level_does_not_try_on_a_device_is_told(torch_python, two_cards, tmp_path):
    module = tmp_path / "torch_npu.py"
    module.write_text(module.read_text().replace("== 'cuda:1'", "== 'cuda:9'"))
    environment = dict(two_cards, PATH="/nonexistent")  # without a compiler, which takes long
    verdicts = dict(
        (level, judge(run_probe(torch_python, environment, expect="cuda", level=level), "cuda"))
        for level in ("quick", "standard", "deep")
    )
    assert all(verdict["outcome"] == "cuda" and verdict["satisfied"] for verdict in verdicts.values())
    others = dict(
        (level, [check["name"] for check in verdict["checks"] if ":" in check["name"]])
        for level, verdict in verdicts.items()
    )
    skipped = dict(
        (level, [item["name"] for item in verdict["skipped"] if ":" in item["name"]])
        for level, verdict in verdicts.items()
    )
    assert (others["quick"], skipped["quick"]) == ([], ["tensor_product_cuda:1"])
    assert verdicts["quick"]["skipped"][-1]["why"] == "level quick checks the first device only, cuda:1 was not checked"
    assert (others["standard"], skipped["standard"]) == (
        ["tensor_product_cuda:1"],
        ["functions_cuda:1", "convolution_cuda:1", "reduction_cuda:1", "training_cuda:1", "bfloat16_cuda:1"],
    )
    assert set(others["deep"]) == set(
        name + "_cuda:1"
        for name in (
            "tensor_product",
            "functions",
            "convolution",
            "reduction",
            "training",
            "bfloat16",
            "half_precision",
            "load",
        )
    )
    assert skipped["deep"] == []
    assert "torch.compile needs a C++ compiler, and none is in PATH" in [
        item["why"] for item in verdicts["deep"]["skipped"]
    ]


def test_a_card_that_does_not_answer_keeps_its_place(torch_python, two_cards, tmp_path):
    module = tmp_path / "torch_npu.py"
    module.write_text(module.read_text().replace("CARDS.__getitem__", "lambda index: CARDS[index if index else 7]"))
    verdict = judge(run_probe(torch_python, two_cards, expect="cuda", level="quick"), "cuda")
    assert [device["name"] for device in verdict["devices"]] == ["a device that does not answer", "GTX 1080"]


def test_warnings_are_kept_and_tell_why(torch_python, pretend):
    environment = pretend(
        "torch_npu",
        """
        import warnings
        for number in range(200):
            text = 'CUDA initialization: The NVIDIA driver on your system is too old (found version 12080). %d'
            warnings.warn(text % number)
    """,
    )
    verdict = judge(run_probe(torch_python, dict(environment, CUDA_VISIBLE_DEVICES=""), expect="cuda"), "cuda")
    assert len(verdict["warnings"]) == 50
    assert "is False: torch was built for a newer CUDA than the NVIDIA driver supports" in verdict["reason"]
    assert verdict["diagnosis"]["id"] == "CUDA-02" and "12080" in verdict["diagnosis"]["cause"]


def test_a_backend_that_raises_is_told_apart_from_torch(torch_python, pretend):
    environment = pretend(
        "torch_npu", 'raise ImportError("libhccl.so: cannot open shared object file: No such file or directory")'
    )
    evidence = run_probe(torch_python, environment)
    assert names(evidence, False)[0] == "backend"
    assert judge(evidence)["diagnosis"]["cause"].startswith("torch_npu needs libhccl.so of CANN")


def test_modules_beside_torch(torch_python, pretend):
    pretend(
        "tensorrt",
        """
        __version__ = '10.3.0'
        def Logger():
            return 'logger'
        def Builder(logger):
            assert logger == 'logger'
    """,
    )
    environment = pretend("acl", 'raise ImportError("libascendcl.so: cannot open shared object file")')
    evidence = run_probe(torch_python, environment, modules=["tensorrt", "acl", "nosuchmodule"])
    assert [
        (check["name"], check["passed"], check["value"])
        for check in evidence["checks"]
        if check["name"].startswith("module_")
    ] == [("module_tensorrt", True, "10.3.0"), ("module_acl", False, None), ("module_nosuchmodule", False, None)]


@pytest.mark.parametrize(
    "sabotage, identity",
    [
        ("raise RuntimeError(\"Could not run 'torchvision::nms' with arguments from the 'CUDA' backend.\")", "GEN-17"),
        ("return torch.tensor([0, 1, 2])", "UNKNOWN"),
    ],
)
def test_torchvision_is_tried_on_the_accelerator(torch_python, two_cards, pretend, sabotage, identity):
    """The CPU's operators are right; those of the device are missing or wrong: torchvision without CUDA."""
    pretend(
        "torchvision",
        """
        import torch, types
        __version__ = '0.28.0'
        calls = []

        def nms(boxes, scores, bound):
            calls.append(boxes)
            if len(calls) > 1:
                %s
            return torch.tensor([0, 2])

        ops = types.SimpleNamespace(nms=nms)
    """
        % sabotage,
    )
    verdict = judge(
        run_probe(torch_python, two_cards, expect="cuda", left_out=["6.1"], modules=["torchvision"]), "cuda"
    )
    assert (verdict["outcome"], verdict["satisfied"], verdict["diagnosis"]["id"]) == ("cuda", False, identity)
    assert "but torchvision cannot be imported" not in verdict["reason"] and "torchvision" in verdict["reason"]


def test_the_npu_says_itself_why_it_is_not_available(torch_python, pretend):
    """As torch_npu in a container whose device nodes are closed: the driver warns, is_available() is False, and only
    init() raises (https://github.com/Project-HAMi/ascend-device-plugin/issues/139).
    """
    environment = pretend(
        "torch_npu",
        """
        import types, warnings
        import torch

        def is_available():
            warnings.warn("Can't get ascend_hal device count")
            return False

        def init():
            raise RuntimeError('aclInit:build/CMakeFiles/torch_npu/compiler_depend.ts:187 NPU function error:'
                               ' aclInit, error code is 507899')

        warnings.warn('numpy is old')
        torch.npu = types.SimpleNamespace(is_available=is_available, init=init)
    """,
    )
    verdict = judge(run_probe(torch_python, environment, expect="npu", level="quick", family="atlas"), "npu")
    assert (verdict["outcome"], verdict["satisfied"], verdict["diagnosis"]["id"]) == ("cpu", False, "NPU-27")
    assert "the driver of the Ascend chip cannot be reached" in verdict["reason"]


@pytest.mark.parametrize("library, identity", [("libhccl.so", "NPU-01"), ("libascend_hal.so", "NPU-21")])
def test_a_library_of_cann_that_is_missing(torch_python, pretend, library, identity):
    """The loader's own message, as torch_npu raises it where CANN or the driver is missing."""
    environment = pretend("torch_npu", "import ctypes\nctypes.CDLL('%s')" % library)
    verdict = judge(run_probe(torch_python, environment, expect="npu", level="quick", family="atlas"), "npu")
    assert (verdict["outcome"], verdict["diagnosis"]["id"]) == ("error", identity)
    assert library in verdict["diagnosis"]["cause"]


TRY_NODES = """
import os
NODES["cuda"] = (PLACE + "/nv*",)
if os.geteuid() == 0:
    os.setgroups([])
    os.setgid(12345)
    os.setuid(12345)
print(json.dumps(try_nodes("cuda")))
"""


def test_device_nodes_are_tried_as_the_user():
    """Nodes that the user may and may not open, and what is concluded from them."""
    place = tempfile.mkdtemp()
    try:
        os.chmod(place, 0o755)
        for name, mode in (("nvidia0", 0o666), ("nvmap", 0o060), ("nvother", 0o000)):
            os.mkfifo(os.path.join(place, name))
            os.chmod(os.path.join(place, name), mode)
        source = read_source(probe).partition("if __name__ ==")[0] + "PLACE = %r" % place + TRY_NODES
        found = json.loads(subprocess.check_output([sys.executable, "-c", source]).decode())
    finally:
        shutil.rmtree(place)
    if os.geteuid() == 0:  # the group of another user's file would let its owner in
        assert [node["error"] for node in found] == [None, "EACCES", "EACCES"]
    closed = dict(found[1], error="EACCES")
    for nodes, identity in (
        (found[:1], "CUDA-08"),
        ([found[0], closed], "ACC-01"),
        ([dict(found[2], error="EACCES")], "ACC-02"),
    ):
        accelerator = {"kind": "cpu", "cause": "RuntimeError: No CUDA GPUs are available", "nodes": nodes}
        diagnosis = judge(seen(accelerator=accelerator), "cuda")["diagnosis"]
        assert diagnosis["id"] == identity
    assert closed["path"] in judge(seen(accelerator=dict(accelerator, nodes=[closed])), "cuda")["diagnosis"]["cause"]


OWN = """
def check(torch, device):
    %s
    return {"score": torch.ones(3, device=device).sum()}
"""


@pytest.mark.parametrize(
    "body, satisfied, reason",
    [
        ("pass", True, "torch 2.13.0+cpu works on the CPU"),
        (
            "raise ArithmeticError('the model sees nothing')",
            False,
            "torch 2.13.0+cpu works on the CPU, but your check model failed: ArithmeticError: the model sees nothing",
        ),
        ("raise SystemExit(0)", False, "torch 2.13.0+cpu works on the CPU, but your check model failed: SystemExit: 0"),
    ],
)
def test_the_users_own_check_belongs_to_the_verdict(torch_python, body, satisfied, reason):
    checks = [{"name": "model", "source": OWN % body}]
    verdict = judge(run_probe(torch_python, {"CUDA_VISIBLE_DEVICES": ""}, level="quick", checks=checks))
    assert (verdict["outcome"], verdict["satisfied"], verdict["reason"]) == ("cpu", satisfied, reason)
    found = next(check for check in verdict["checks"] if check["name"] == "own_model")
    assert found["value"] == ('{"score": 3.0}' if satisfied else None)


def test_a_check_of_the_users_that_kills_the_process_is_named(torch_python):
    checks = [{"name": "model", "source": OWN % "import os; os._exit(0)"}]
    verdict = judge(run_probe(torch_python, {"CUDA_VISIBLE_DEVICES": ""}, level="quick", checks=checks))
    assert (verdict["outcome"], verdict["reason"]) == (
        "error",
        "the process ended with status 0 while in the check own_model",
    )


def test_what_is_asked_for_and_not_installed(torch_python):
    verdict = judge(run_probe(torch_python, expect="npu"), "npu")
    assert (verdict["outcome"], verdict["satisfied"]) == ("cpu", False)
    why = "expected npu, but torch.npu.is_available() is False: torch_npu is not installed in this environment"
    assert verdict["reason"].startswith(why) and verdict["diagnosis"]["id"] == "NPU-30"


def test_a_file_in_the_way_is_not_pytorch(pretend):
    evidence = run_probe(sys.executable, pretend("torch", "x = 1"))
    assert names(evidence, False) == ["import"] and evidence["died"] is None
    assert "torch.py is not PyTorch" in evidence["checks"][0]["error"]["text"]


def test_the_version_is_read_without_importing(tmp_path):
    (tmp_path / "torch").mkdir()
    (tmp_path / "torch" / "__init__.py").write_text("import os, signal; os.kill(os.getpid(), signal.SIGILL)")
    (tmp_path / "torch" / "version.py").write_text(
        "from typing import Optional\n__all__ = ['__version__']\n__version__ = '2.4.0'\ndebug = False\n"
    )
    evidence = run_probe(sys.executable, {"PYTHONPATH": str(tmp_path)})
    assert evidence["torch"] == {"file": str(tmp_path / "torch" / "__init__.py"), "version": "2.4.0"}
    assert evidence["died"] == {"stage": "import", "signal": "SIGILL", "exit_status": None, "timeout": False}
    assert judge(evidence)["reason"] == "the process died of SIGILL while importing torch 2.4.0"


def test_a_torch_beside_the_running_program_is_not_found_by_accident(tmp_path):
    (tmp_path / "torch.py").write_text("import os; os._exit(9)")
    evidence = run_probe(sys.executable, {}, cwd=str(tmp_path))
    assert evidence["start"]["directory"] == str(tmp_path)
    assert evidence["died"] is None and evidence["torch"]["file"] != str(tmp_path / "torch.py")


def test_only_variables_that_matter_to_torch_are_told(pretend):
    environment = pretend("torch", "")
    environment.update(SECRET_TOKEN="x", QEMU_CPU="cortex-a72", EDGEAI_X="1", TORCH_DEVICE_BACKEND_AUTOLOAD="1")
    told = run_probe(sys.executable, environment)["start"]["environment"]
    assert "SECRET_TOKEN" not in told and "HOME" not in told
    assert (told["QEMU_CPU"], told["EDGEAI_X"], told["TORCH_DEVICE_BACKEND_AUTOLOAD"]) == (
        "cortex-a72",
        "1",
        "1",
    )  # as it was given, before the probe's own


def test_the_backend_is_not_loaded_by_torch_itself(pretend):
    evidence = run_probe(
        sys.executable, pretend("torch", 'import os; raise RuntimeError(os.environ["TORCH_DEVICE_BACKEND_AUTOLOAD"])')
    )
    assert evidence["checks"][0]["error"]["text"] == "0"


def test_hwcap_is_what_the_kernel_says():
    shown = subprocess.check_output(["/bin/true"], env={"LD_SHOW_AUXV": "1"}).decode()
    line = next(line for line in shown.splitlines() if line.startswith("AT_HWCAP:"))
    assert probe.read_hwcap() == int(line.split()[-1], 16)
    assert struct.calcsize("LL") == 2 * struct.calcsize("P")


def test_nan_is_the_worst_error():
    worst, bound, passed = probe.worst_error([0.5, math.nan, 0.1], 1.0)
    assert math.isnan(worst) and not passed


def test_it_ends_itself_when_nobody_is_left_to_end_it(pretend):
    ours, theirs = os.pipe()
    asked = json.dumps({"expect": "auto", "level": "standard", "modules": [], "features": {}})
    process = subprocess.Popen(
        [sys.executable, "-c", read_source(probe), str(theirs), asked, "1"],
        pass_fds=[theirs],
        stderr=subprocess.DEVNULL,
        env=dict(os.environ, **pretend("torch", "import time; time.sleep(60)")),
    )
    os.close(theirs)
    try:
        assert process.wait(timeout=20) == 1
    finally:
        process.kill()
        os.close(ours)


@pytest.mark.parametrize("source", [probe, networks])
def test_it_is_python_3_6_and_stands_alone(source):
    with open(source.__file__) as stream:
        tree = ast.parse(stream.read(), **({"feature_version": (3, 6)} if sys.version_info >= (3, 8) else {}))
    imported = [name.name for node in ast.walk(tree) if isinstance(node, ast.Import) for name in node.names]
    assert imported and not [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in imported if name.split(".")[0] in ("ansible", "torch", "numpy")]
