# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""How the probe's process is run and judged: real children that crash, hang, flood and escape."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time
import zipfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._verify import diagnosis, probe_process
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.board_context import is_replaced
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose, diagnose_text
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis_table import TABLE
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import ProbeError, run_probe
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import (
    STANDARD,
    judge,
    narrow_expectation,
    read_promise,
)
from ansible_collections.edgeai.fleet.plugins.modules.torch_verify import find_promise
from verdict_support import JETSON, failed, on_a_jetson, seen

VERDICT = {
    "schema",
    "outcome",
    "satisfied",
    "reason",
    "expect",
    "expect_from",
    "level",
    "devices",
    "features",
    "skipped",
    "timings",
    "conditions",
    "forced",
    "torch",
    "python",
    "user",
    "checks",
    "stages",
    "died",
    "diagnosis",
    "warnings",
    "environment",
    "seconds",
}


def probe(directory, source, python=sys.executable, **options):
    """Run the probe against a module named torch that does this."""
    (directory / "torch.py").write_text(textwrap.dedent(source))
    return run_probe(python, {"PYTHONPATH": str(directory)}, **options)


@pytest.mark.parametrize(
    "source, died, reason, identity",
    [
        (
            "os.kill(os.getpid(), signal.SIGILL)",
            ("import", "SIGILL", None),
            "died of SIGILL while importing torch",
            "RUN-01",
        ),
        (
            "os.kill(os.getpid(), signal.SIGSEGV)",
            ("import", "SIGSEGV", None),
            "died of SIGSEGV while importing torch",
            "UNKNOWN",
        ),
        (
            "os.kill(os.getpid(), signal.SIGKILL)",
            ("import", "SIGKILL", None),
            "died of SIGKILL while importing torch",
            "RUN-02",
        ),
        ("os._exit(3)", ("import", None, 3), "ended with status 3 while importing torch", "UNKNOWN"),
        ("os._exit(0)", ("import", None, 0), "ended with status 0 while importing torch", "UNKNOWN"),
        ("os._exit(132)", ("import", "SIGILL", 132), "died of SIGILL while importing torch", "RUN-01"),
        (
            'import atexit; atexit.register(os._exit, 5); raise ImportError("early")',
            ("exit", None, 5),
            "ended with status 5 while shutting Python down",
            "UNKNOWN",
        ),
    ],
)
def test_deaths_are_placed(tmp_path, source, died, reason, identity):
    evidence = probe(tmp_path, "import os, signal\n" + source)
    assert evidence["died"] == dict(zip(("stage", "signal", "exit_status"), died), timeout=False)
    verdict = judge(evidence, "cpu")
    assert (verdict["outcome"], verdict["satisfied"]) == ("error", False)
    assert reason in verdict["reason"]
    assert verdict["diagnosis"]["id"] == identity
    assert set(verdict) == VERDICT


def test_a_fatal_signal_leaves_its_stack(tmp_path):
    evidence = probe(
        tmp_path,
        """
        import os, signal
        def innermost():
            os.kill(os.getpid(), signal.SIGSEGV)
        innermost()
    """,
    )
    shown = judge(evidence)["diagnosis"]["evidence"]
    assert shown[0].startswith("Fatal Python error")
    assert any("innermost" in line for line in shown) and not any(
        "importlib" in line and "frozen" in line for line in shown
    )


@pytest.mark.parametrize(
    "source, reason, identity",
    [
        (
            "raise ModuleNotFoundError(\"No module named 'torch'\")",
            "torch cannot be imported: ModuleNotFoundError: No module named 'torch'",
            "RUN-04",
        ),
        (
            'raise OSError("libcudart.so.10.2: cannot open shared object file: No such file")',
            "torch cannot be imported: OSError: libcudart.so.10.2",
            "RUN-05",
        ),
        (
            'raise ImportError("/lib/libm.so.6: version `GLIBC_2.29\' not found (required by x.so)")',
            "torch cannot be imported: ImportError",
            "GEN-02",
        ),
        ("raise SystemExit(0)", "torch cannot be imported: SystemExit: 0", "UNKNOWN"),
        ("def broken(:", "torch cannot be imported: SyntaxError", "UNKNOWN"),
    ],
)
def test_what_import_raises(tmp_path, source, reason, identity):
    verdict = judge(probe(tmp_path, source))
    assert verdict["died"] is None and verdict["outcome"] == "error"
    assert verdict["reason"].startswith(reason)
    assert verdict["diagnosis"]["id"] == identity and verdict["diagnosis"]["evidence"]


def test_no_torch_at_all():
    verdict = judge(run_probe(sys.executable, {"PYTHONNOUSERSITE": "1", "PYTHONPATH": ""}))
    assert verdict["diagnosis"]["id"] == "RUN-04" and verdict["torch"] is None


def test_a_time_out_kills_the_children_too_and_shows_where_it_hung(tmp_path):
    evidence = probe(
        tmp_path,
        """
        import subprocess, time
        def wait_for_ever():
            with open(%r, 'w') as stream:
                stream.write(str(subprocess.Popen(['sleep', '300']).pid))
            time.sleep(300)
        wait_for_ever()
    """
        % str(tmp_path / "pid"),
        timeout=2,
    )
    assert evidence["died"] == {"stage": "import", "signal": None, "exit_status": None, "timeout": True}
    assert 2 <= evidence["seconds"] < 8
    verdict = judge(evidence)
    assert verdict["reason"] == "the process was still importing torch after 2 s and was killed"
    assert verdict["diagnosis"]["id"] == "RUN-03"
    assert any("wait_for_ever" in line for line in verdict["diagnosis"]["evidence"])
    assert is_gone((tmp_path / "pid").read_text())


def test_a_time_out_kills_what_ignores_every_signal(tmp_path):
    evidence = probe(
        tmp_path,
        """
        import faulthandler, signal, time
        faulthandler.disable()
        for number in (signal.SIGABRT, signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        while True:
            time.sleep(1)
    """,
        timeout=1,
    )
    assert evidence["died"]["timeout"] and evidence["seconds"] < 8


def test_children_do_not_outlive_the_probe(tmp_path):
    probe(
        tmp_path,
        """
        import os, subprocess
        with open(%r, 'w') as stream:
            stream.write(str(subprocess.Popen(['sleep', '300']).pid))
        os._exit(0)
    """
        % str(tmp_path / "pid"),
    )
    assert is_gone((tmp_path / "pid").read_text())


def test_a_daemon_that_holds_the_output_open_is_not_waited_for(tmp_path):
    evidence = probe(
        tmp_path,
        """
        import os, subprocess
        with open(%r, 'w') as stream:
            stream.write(str(subprocess.Popen(['sleep', '300'], start_new_session=True).pid))
        os._exit(0)
    """
        % str(tmp_path / "pid"),
    )
    os.kill(int((tmp_path / "pid").read_text()), 9)
    assert evidence["seconds"] < 20 and evidence["died"]["exit_status"] == 0


def test_a_flood_neither_blocks_nor_fills_the_memory(tmp_path):
    evidence = probe(
        tmp_path,
        """
        import os
        for number in range(320):
            os.write(1, b'o' * 65536)
            os.write(2, b'\\xff' * 65536)
        os.write(1, b'the end')
        raise RuntimeError('told')
    """,
        timeout=120,
    )
    assert evidence["died"] is None and evidence["checks"][0]["error"]["text"] == "told"
    assert evidence["stdout"].endswith("the end") and len(evidence["stdout"]) == probe_process.OUTPUT == len(
        evidence["stderr"]
    )


def test_garbage_in_the_probes_own_channel_is_passed_over(tmp_path):
    evidence = probe(
        tmp_path,
        r"""
        import os
        garbage = b'\x00\xff{"check": 5}\n[1]\n{"check": {"name": "tensor_product", "passed": "yes"}}\n'
        garbage += b'{"start": []}\n' + b'[' * 9000 + b'\n'
        for number in range(3, 64):
            try:
                if 'pipe' in os.readlink('/proc/self/fd/%d' % number):
                    os.write(number, garbage)
            except OSError:
                pass
        raise RuntimeError('told')
    """,
    )
    assert [check["name"] for check in evidence["checks"]] == ["import"]
    assert judge(evidence)["outcome"] == "error"


def test_through_a_shell_as_the_wrapper_does(tmp_path):
    wrapper = tmp_path / "python"
    wrapper.write_text('#!/bin/sh\nEDGEAI_WRAPPED=1\nexport EDGEAI_WRAPPED\nexec %s "$@"\n' % sys.executable)
    wrapper.chmod(0o755)
    evidence = probe(tmp_path, 'raise RuntimeError("told")', python=str(wrapper))
    assert evidence["checks"][0]["error"]["text"] == "told"
    assert evidence["start"]["environment"]["EDGEAI_WRAPPED"] == "1"


def test_what_cannot_be_started_is_a_verdict(tmp_path):
    broken = tmp_path / "python"
    broken.write_bytes(b"\x7fELF nothing")
    broken.chmod(0o755)
    verdict = judge(run_probe(str(broken)))
    assert (verdict["outcome"], verdict["died"]["stage"]) == ("error", "start")
    assert "cannot be started as user" in verdict["reason"] and "Exec format error" in verdict["reason"]


def test_the_environment_is_this_processes_own_with_the_plans(tmp_path, monkeypatch):
    monkeypatch.setenv("QEMU_CPU", "max")
    monkeypatch.setenv("CUDA_FROM_PAM", "1")
    monkeypatch.setenv("PYTHONHOME", "/nowhere")
    monkeypatch.setenv("TORCH_PLAN", "old")
    (tmp_path / "torch.py").write_text("")
    told = run_probe(sys.executable, {"TORCH_PLAN": "new", "OMP_NUM_THREADS": 3, "PYTHONPATH": str(tmp_path)})["start"][
        "environment"
    ]
    assert (told["QEMU_CPU"], told["CUDA_FROM_PAM"], told["TORCH_PLAN"], told["OMP_NUM_THREADS"]) == (
        "max",
        "1",
        "new",
        "3",
    )
    assert "PYTHONHOME" not in told


def test_a_user_that_does_not_exist():
    with pytest.raises(ProbeError, match="user nosuchuser does not exist"):
        run_probe(sys.executable, user="nosuchuser")


def test_another_user_without_root():
    """In a child, which gives root up for good if it has it."""
    source = textwrap.dedent("""
        import os
        from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import ProbeError, find_account
        if os.geteuid() == 0:
            os.setuid(12345)
        try:
            find_account('root')
        except ProbeError as error:
            print(error)
    """)
    answer = subprocess.check_output(
        [sys.executable, "-c", source], env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    ).decode()
    assert "verifying as user root needs root" in answer and "become: true" in answer


@pytest.fixture
def place():
    """A directory that every user can read: pytest's own belong to the user who runs it."""
    directory = tempfile.mkdtemp()
    os.chmod(directory, 0o755)
    yield directory
    shutil.rmtree(directory)


def python_of(user):
    """A Python that this user can run: the one that runs the tests may be in a closed home."""
    number = pwd.getpwnam(user).pw_uid
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            subprocess.check_call([python, "-c", ""], preexec_fn=lambda: os.setuid(number))
        except (OSError, subprocess.SubprocessError):
            continue
        return python
    if os.environ.get("CI") == "true":
        pytest.fail("there is no Python that %s can run" % user)
    return pytest.skip("there is no Python that %s can run" % user)


needs_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@needs_root
def test_a_file_that_the_user_may_not_read(place):
    os.mkdir(os.path.join(place, "torch"))
    with open(os.path.join(place, "torch", "__init__.py"), "w") as stream:
        stream.write("open('/etc/shadow')")
    verdict = judge(run_probe(python_of("nobody"), {"PYTHONPATH": place}, user="nobody", level="quick"))
    assert verdict["diagnosis"]["id"] == "RUN-07" and "/etc/shadow" in verdict["diagnosis"]["cause"]


@needs_root
def test_it_runs_as_the_workloads_user(place, monkeypatch):
    monkeypatch.setenv("TMPDIR", "/root")
    monkeypatch.setenv("LD_OF_ROOT", os.environ.get("HOME", ""))
    with open(os.path.join(place, "torch.py"), "w") as stream:
        stream.write(
            "import os, resource\numask = os.umask(0)\nraise RuntimeError(os.getresuid(), os.getresgid(),"
            ' os.environ["HOME"], os.environ["USER"], os.environ.get("TMPDIR"), umask,'
            " resource.getrlimit(resource.RLIMIT_CORE)[0])"
        )
    account = pwd.getpwnam("nobody")
    previous = os.umask(0o077)
    try:
        evidence = run_probe(python_of("nobody"), {"PYTHONPATH": place}, user="nobody")
    finally:
        os.umask(previous)
    assert evidence["start"]["uid"] == account.pw_uid
    assert set(evidence["start"]["groups"]) == {account.pw_gid}
    assert evidence["checks"][0]["error"]["text"] == str(
        ((account.pw_uid,) * 3, (account.pw_gid,) * 3, account.pw_dir, "nobody", None, 0o022, 0)
    )
    assert evidence["start"]["directory"] == (account.pw_dir if os.path.isdir(account.pw_dir) else "/")
    assert judge(evidence)["user"] == "nobody"


@needs_root
def test_a_python_that_is_closed_to_the_user(place):
    closed = os.path.join(place, "closed")
    os.mkdir(closed, 0o700)
    os.symlink(sys.executable, os.path.join(closed, "python"))
    verdict = judge(run_probe(os.path.join(closed, "python"), user="nobody"))
    assert verdict["reason"].endswith("cannot be started as user nobody: Permission denied")
    assert verdict["diagnosis"]["id"] == "RUN-06" and "user nobody may not run" in verdict["diagnosis"]["cause"]


def test_the_probe_comes_out_of_a_zip_archive(tmp_path):
    """As on a board, where module_utils are in AnsiballZ's archive and there is no file to copy."""
    parts = ("ansible_collections", "edgeai", "fleet", "plugins", "module_utils")
    with zipfile.ZipFile(str(tmp_path / "payload.zip"), "w") as archive:
        for depth in range(1, len(parts) + 1):
            archive.writestr("/".join(parts[:depth] + ("__init__.py",)), "")
        rooms = os.path.dirname(os.path.dirname(probe_process.__file__))
        for folder, _folders, files in os.walk(rooms):
            for path in (os.path.join(folder, name) for name in files if name.endswith(".py")):
                archive.write(path, "/".join(parts + (os.path.relpath(path, rooms),)))
    (tmp_path / "torch.py").write_text('raise RuntimeError("told")')
    source = textwrap.dedent("""
        import sys
        from ansible_collections.edgeai.fleet.plugins.module_utils._verify import probe_process, verdict
        assert 'payload.zip' in verdict.__file__
        print(verdict.judge(probe_process.run_probe(sys.executable))['reason'])
    """)
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join([str(tmp_path / "payload.zip"), str(tmp_path)]))
    assert (
        subprocess.check_output([sys.executable, "-c", source], env=environment).decode().strip()
        == "torch cannot be imported: RuntimeError: told"
    )


def is_gone(pid):
    """Ended; whether its parent has reaped it yet is not the probe's affair."""
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        try:
            with open("/proc/%s/stat" % pid) as stream:
                if stream.read().rpartition(")")[2].split()[0] in "ZX":
                    return True
        except OSError:
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize(
    "found, expect, satisfied, reason",
    [
        ("cpu", "cpu", True, "torch 2.9.1 works on the CPU as planned"),
        ("cpu", "auto", True, "torch 2.9.1 works on the CPU"),
        ("cpu", "cuda", False, "expected cuda, but torch.cuda.is_available() is False"),
        ("cpu", "npu", False, "expected npu, but torch.npu.is_available() is False"),
        ("cuda", "cuda", True, "torch 2.9.1 works on CUDA as planned"),
        ("cuda", "auto", True, "torch 2.9.1 works on CUDA"),
        ("cuda", "cpu", True, "torch 2.9.1 works on CUDA, and on the CPU, as requested"),
        ("cuda", "npu", False, "expected npu, but torch.npu.is_available() is False"),
        ("npu", "npu", True, "torch 2.9.1 works on the NPU as planned"),
        ("npu", "cuda", False, "expected cuda, but torch.cuda.is_available() is False"),
    ],
)
def test_outcome_and_satisfied_are_two_things(found, expect, satisfied, reason):
    verdict = judge(seen(found), expect)
    assert (verdict["outcome"], verdict["satisfied"], verdict["reason"]) == (found, satisfied, reason)
    assert (verdict["diagnosis"] is None) is satisfied


def promised(outcome, expect, **more):
    return read_promise({"verdict": dict(more, outcome=outcome, expect=expect)})


@pytest.mark.parametrize(
    "outcome, expect, asked, found, satisfied, expected, source",
    [
        ("cuda", "cuda", "auto", "cpu", False, "cuda", "record"),
        ("cuda", "cuda", "auto", "cuda", True, "cuda", "record"),  # it works again
        ("cuda", "cuda", "cpu", "cpu", False, "cuda", "record"),  # asking for less is no reason to expect less
        ("cuda", "cuda", "cpu", "cuda", True, "cuda", "record"),
        ("cuda", "cuda", "npu", "cuda", False, "npu", "request"),
        ("cuda", "cuda", "npu", "npu", False, "npu", "request"),  # nothing is both
        ("npu", "npu", "auto", "cpu", False, "npu", "record"),
        ("cpu", "cpu", "auto", "cpu", True, "cpu", "record"),
        ("cpu", "cpu", "auto", "cuda", True, "cpu", "record"),
        ("cpu", "cpu", "cuda", "cpu", False, "cuda", "request"),
        ("cpu", "cpu", "cuda", "cuda", True, "cuda", "request"),
        ("cpu", "cuda", "auto", "cpu", False, "cuda", "record"),  # it had failed already
        ("error", "cuda", "auto", "cpu", False, "cuda", "record"),
        ("cuda", "auto", "auto", "cpu", False, "cuda", "record"),
        ("cuda", "cpu", "auto", "cpu", False, "cuda", "record"),
        ("cuda", "cpu", "cpu", "cpu", True, "cpu", "record"),  # the CPU was asked for, then as now
    ],
)
def test_what_a_record_promised_is_only_narrowed(outcome, expect, asked, found, satisfied, expected, source):
    verdict = judge(seen(found), expected=narrow_expectation(asked, promised(outcome, expect), "record"))
    assert (verdict["outcome"], verdict["satisfied"], verdict["expect"], verdict["expect_from"]) == (
        found,
        satisfied,
        expected,
        source,
    )


@pytest.mark.parametrize(
    "found, asked, reason",
    [
        ("cuda", "auto", "torch 2.9.1 works on CUDA as the record promised"),
        (
            "cpu",
            "auto",
            "expected cuda, which the record of this board promised, but torch.cuda.is_available() is False",
        ),
        (
            "cpu",
            "cpu",
            (
                "expected cuda, which the record of this board promised, but torch.cuda.is_available() is False;"
                " torch_accelerator: cpu does not lower what the record promised: provision the board with it to take"
                " the CPU on purpose"
            ),
        ),
        (
            "npu",
            "npu",
            (
                "torch 2.9.1 works on the NPU, but the record promised cuda: provision the board with"
                " torch_accelerator: npu"
            ),
        ),
    ],
)
def test_why_something_was_expected_is_said(found, asked, reason):
    expected = narrow_expectation(asked, promised("cuda", "cuda"), "record")
    assert judge(seen(found), expected=expected)["reason"] == reason


def test_what_the_plan_promises_is_said():
    expected = narrow_expectation("cuda", None, "plan")
    assert judge(seen(), expected=expected)["reason"].startswith(
        "expected cuda, which the plan promises, but torch.cuda.is_available() is False"
    )
    assert judge(seen("cuda"), expected=expected)["expect_from"] == "plan"


@pytest.mark.parametrize(
    "verdict",
    [
        {},
        {"outcome": "error"},
        {"outcome": ["cuda"], "expect": {}},
        {"outcome": "error", "expect": "auto", "checks": 7, "devices": "two"},
    ],
)
def test_a_record_that_promises_nothing(verdict):
    assert read_promise({"verdict": verdict}) == {
        "kind": None,
        "purpose": False,
        "modules": [],
        "devices": [],
        "left_out": [],
    }


@pytest.mark.parametrize(
    "record, why",
    [
        ('{"schema": 1, "id": "abcdefabcdef", "generation": 1, "verdict": {"outcome": "cuda"}}', None),
        (
            '{"schema": 1, "id": "abcdefabcdef", "generation": 2, "verdict": {"outcome": "cuda"}}',
            "belongs to another environment than the one in use",
        ),
        (
            '{"schema": 1, "id": "abcdefabcdef", "generation": 1, "verdict": {"outcome": "error"}}',
            "does not say what was expected",
        ),
        ('{"schema": 1, "id": "abcdefabcdef"', "no usable state record"),
        (None, "no usable state record"),
    ],
)
def test_a_record_counts_for_its_own_environment_only(tmp_path, record, why):
    (tmp_path / "state").mkdir()
    (tmp_path / "current").symlink_to("envs/abcdefabcdef-1")
    if record:
        (tmp_path / "state" / "record.json").write_text(record)
    promise, missing = find_promise(str(tmp_path))
    assert (promise and promise["kind"]) == (None if why else "cuda") and (why or "") in (missing or "")


def test_the_modules_of_a_record_are_promised_too():
    checks = [
        {"name": "module_tensorrt", "passed": True},
        {"name": "module_os;x"},
        {"name": 7},
        "junk",
        {"name": "import"},
    ]
    assert promised("cuda", "cuda", checks=checks)["modules"] == ["tensorrt"]


MISMATCH = {
    "kind": "cuda",
    "name": "RTX 3090",
    "where": "0000:01:00.0",
    "compute_capability": None,
    "driver": "580.65.06",
    "cause": "mismatch",
    "why": "libcuda is of 580.65.06 and the loaded kernel module is of 575.51",
    "fix": "Restart the board.",
}


def test_a_board_that_lost_its_accelerator_says_why():
    expected = narrow_expectation("auto", promised("cuda", "cuda"), "record")
    verdict = judge(seen(warnings=["UserWarning: CUDA initialization: Error 803"]), expected=expected, signs=[MISMATCH])
    assert verdict["reason"].endswith("is False: libcuda is of 580.65.06 and the loaded kernel module is of 575.51")
    assert (verdict["diagnosis"]["id"], verdict["diagnosis"]["fix"]) == ("SIGN-mismatch", "Restart the board.")
    assert verdict["warnings"] == ["UserWarning: CUDA initialization: Error 803"]


def test_two_faults_are_both_named():
    lost = seen(accelerator={"kind": "cpu", "cause": "AssertionError: Torch not compiled with CUDA enabled"})
    diagnosis = judge(lost, "cuda", signs=[MISMATCH])["diagnosis"]
    assert diagnosis["cause"].endswith("575.51; and the installed torch is a CPU build")
    assert diagnosis["fix"] == "Restart the board. Then provision the board with torch_accelerator: cuda"


def test_the_check_that_failed_speaks_before_the_board():
    error = {
        "type": "ImportError",
        "text": "libhccl.so: cannot open shared object file: No such file or directory",
        "traceback": [],
    }
    sign = dict(MISMATCH, kind="npu", why="npu-smi names no chip", fix="Look at dmesg.")
    evidence = seen()
    evidence["checks"].insert(
        2, {"name": "backend", "passed": False, "value": None, "bound": None, "seconds": 0.1, "error": error}
    )
    verdict = judge(evidence, "npu", signs=[sign])
    assert (
        verdict["reason"]
        == "the check backend failed: ImportError: libhccl.so: cannot open shared object file: No such file or"
        " directory, "
        "and this board has no accelerator that works: npu-smi names no chip"
    )
    assert verdict["diagnosis"]["id"] == "NPU-01"
    error["text"] = "something unheard of"
    assert judge(evidence, "npu", signs=[sign])["diagnosis"]["fix"] == "Look at dmesg."
    # What has nothing to do with it is not explained by it.
    evidence["checks"][2]["name"] = "data_loader"
    assert judge(evidence, "npu", signs=[sign])["diagnosis"]["id"] == "UNKNOWN"


def test_a_driver_that_hangs_is_no_slow_board():
    hung = seen(died={"stage": "accelerator", "signal": None, "exit_status": None, "timeout": True})
    assert judge(hung, "cuda")["diagnosis"]["id"] == "RUN-03"
    assert judge(hung, "cuda", signs=[dict(MISMATCH, cause="hang")])["diagnosis"]["id"] == "SIGN-hang"


def test_a_sign_that_decides_nothing_is_a_warning():
    verdict = judge(seen(), expected=narrow_expectation("auto", promised("cpu", "cpu"), "record"), signs=[MISMATCH])
    assert verdict["satisfied"] and verdict["warnings"] == [
        "RTX 3090 at 0000:01:00.0 is not used: libcuda is of 580.65.06 and the loaded kernel module is of 575.51"
    ]
    assert judge(seen("cuda"), "cuda", signs=[MISMATCH])["satisfied"]  # a second card


def test_a_card_that_is_gone_is_a_warning():
    evidence = seen(
        "cuda",
        accelerator={
            "kind": "cuda",
            "count": 1,
            "cause": None,
            "devices": [{"name": "A", "memory": 1, "compute_capability": "8.6"}],
        },
    )
    assert judge(evidence, "cuda", recorded=["A", "B"])["warnings"] == [
        "the record has 2 devices (A, B), but torch sees 1 now"
    ]
    assert judge(evidence, "cuda", recorded=["A"])["warnings"] == []


def test_available_without_a_kernel_that_ran_is_not_cuda():
    evidence = seen("cuda")
    evidence["checks"][-1].update(
        passed=False,
        error={"type": "RuntimeError", "text": "CUDA error: no kernel image is available", "traceback": []},
    )
    assert judge(evidence, "cuda")["outcome"] == "error"
    del evidence["checks"][-1]
    assert judge(evidence, "cuda")["satisfied"] is False


@pytest.mark.parametrize("missing", STANDARD)
def test_a_check_that_was_not_made_is_no_success(missing):
    evidence = seen()
    evidence["checks"] = [check for check in evidence["checks"] if check["name"] != missing]
    assert (judge(evidence)["outcome"], judge(evidence)["satisfied"]) == ("error", False)


def test_what_was_forced_is_named():
    forced = [{"row": "lse-2.4.0", "reason": "it crashes", "evidence": []}, "other"]
    verdict = judge(seen(), "cpu", forced)
    assert verdict["forced"] == forced and verdict["reason"].endswith("(forced past: lse-2.4.0, other)")


@pytest.mark.parametrize(
    "text, identity",
    [
        (
            "CUDA initialization: Found no NVIDIA driver on your system. Please check that you have an NVIDIA GPU",
            "CUDA-01",
        ),
        ("The NVIDIA driver on your system is too old (found version 12080)", "CUDA-02"),
        ("AssertionError: Torch not compiled with CUDA enabled", "CUDA-07"),
        ("something else", "UNKNOWN"),
    ],
)
def test_why_there_is_no_cuda(text, identity):
    assert judge(seen(warnings=[text]), "cuda")["diagnosis"]["id"] == identity
    assert judge(seen(accelerator={"kind": "cpu", "cause": text}), "cuda")["diagnosis"]["id"] == identity
    assert (
        diagnose(seen(stdout=text, stderr=text))["id"] == "UNKNOWN"
    )  # output of a process that did not die proves nothing


COUNT = (
    "CUDA initialization: Unexpected error from cudaGetDeviceCount(). Did you run some cuda functions before calling"
    " NumCudaDevices() that might have already set an error? Error %s (Triggered internally at"
    " /pytorch/c10/cuda/CUDAFunctions.cpp:119.)"
)


@pytest.mark.parametrize(
    "text, identity, words",
    [
        (COUNT % "802: system not yet initialized", "CUDA-10", "fabric manager"),
        (COUNT % "101: invalid device ordinal", "CUDA-11", "MIG"),
        ("ImportError: /e/torch/lib/libtorch_cuda.so: undefined symbol: ncclCommResume", "CUDA-12", "nvidia-*-cu12"),
        (
            (
                "RuntimeError: cuDNN version incompatibility: PyTorch was compiled  against (8, 5, 0) but found runtime"
                " version (8, 3, 2)."
            ),
            "CUDA-13",
            "cuDNN",
        ),
        (
            (
                "UserWarning: Failed to initialize NumPy: NumPy was built with baseline optimizations: \n(X86_V2) but"
                " your machine doesn't support:\n(X86_V2)."
            ),
            "GEN-15",
            "x86-64-v2",
        ),
        (COUNT % "304: OS call failed or operation not supported on this OS", "CUDA-17", "seccomp"),
        (COUNT % "46: CUDA-capable device(s) is/are busy or unavailable", "CUDA-18", "compute mode"),
        ("RuntimeError: CUDA error: CUDA-capable device(s) is/are busy or unavailable", "CUDA-18", "compute mode"),
        (
            (
                "RuntimeError: cuda runtime error (46) : all CUDA-capable devices are busy or unavailable at"
                " THCStorage.cu:66"
            ),
            "CUDA-18",
            "compute mode",
        ),
        (COUNT % "2: out of memory", "CUDA-19", "fill the GPU"),
        (COUNT % "100: no CUDA-capable device is detected", "CUDA-16", "the NVIDIA driver answers but has no GPU"),
        ("RuntimeError: No CUDA GPUs are available", "CUDA-08", "counts no GPU"),
        ("RuntimeError: cuDNN error: CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH", "CUDA-20", "two cuDNN releases"),
    ],
)
def test_what_cuda_answers_is_told_apart(text, identity, words):
    diagnosis = judge(seen(warnings=[text]), "cuda")["diagnosis"]
    assert diagnosis["id"] == identity and words in diagnosis["cause"]


@pytest.mark.parametrize(
    "text", ["RuntimeError: No CUDA GPUs are available", COUNT % "100: no CUDA-capable device is detected"]
)
@pytest.mark.parametrize("value, shown", [("7", "7"), ("", "empty")])
def test_a_variable_that_hides_the_gpu_is_named_only_where_it_is_set(text, value, shown):
    start = {"machine": "x86_64", "environment": {"CUDA_VISIBLE_DEVICES": value}}
    diagnosis = judge(seen(warnings=[text], start=start), "cuda")["diagnosis"]
    assert diagnosis["id"] == "CUDA-15" and "CUDA_VISIBLE_DEVICES is %s, " % shown in diagnosis["cause"]
    assert judge(seen(warnings=[text]), "cuda")["diagnosis"]["id"] != "CUDA-15"


@pytest.mark.parametrize(
    "family, text, identity",
    [
        ("jetson", "AssertionError: Torch not compiled with CUDA enabled", "JET-03"),
        ("jetson", "The NVIDIA driver on your system is too old (found version 12060)", "JET-04"),
        ("jetson", "ImportError: libcusparseLt.so.0: cannot open shared object file", "JET-05"),
        ("jetson", "ImportError: libcudnn.so.8: cannot open shared object file", "JET-06"),
        ("jetson", "OSError: libcurand.so.10: cannot open shared object file", "JET-07"),
        ("x86_conda", "OSError: libcurand.so.10: cannot open shared object file", "CUDA-29"),
        ("atlas", "ImportError: libhccl.so: cannot open shared object file", "NPU-01"),
    ],
)
def test_the_same_words_on_another_board(family, text, identity):
    assert judge(seen(warnings=[text], family=family), "cuda")["diagnosis"]["id"] == identity


def test_not_nvidias_build():
    verdict = judge(
        seen(
            accelerator={"kind": "cpu", "cause": "AssertionError: Torch not compiled with CUDA enabled"},
            family="jetson",
        ),
        "cuda",
    )
    assert (verdict["outcome"], verdict["satisfied"]) == ("cpu", False)
    assert verdict["reason"].startswith(
        "expected cuda, but torch.cuda.is_available() is False: this is not NVIDIA's build"
    )


def test_a_module_that_is_missing_beside_a_torch_that_works():
    evidence = seen("cuda")
    error = {"type": "ModuleNotFoundError", "text": "No module named 'tensorrt'", "traceback": []}
    evidence["checks"].append(
        {"name": "module_tensorrt", "passed": False, "value": None, "bound": None, "seconds": 0.1, "error": error}
    )
    verdict = judge(evidence, "cuda")
    assert (verdict["outcome"], verdict["satisfied"]) == ("cuda", False)
    assert verdict["reason"] == "torch 2.9.1 works on CUDA, but tensorrt cannot be imported: No module named 'tensorrt'"


@pytest.mark.parametrize(
    "machine, hwcap, torch, identity",
    [
        ("aarch64", 0x8FF, "2.4.0", "ARM-01"),
        ("aarch64", 0x8FF, "2.10.0+cpu", "ARM-02"),
        ("aarch64", 0x8FF, "2.4.01", "RUN-01"),
        ("aarch64", 0x9FF, "2.4.0", "RUN-01"),  # it has LSE atomics: another instruction is missing
        ("aarch64", None, "2.4.0", "RUN-01"),
        ("x86_64", 0x8FF, "2.4.0", "RUN-01"),
    ],
)
def test_an_illegal_instruction_is_told_apart(machine, hwcap, torch, identity):
    died = {"stage": "import", "signal": "SIGILL", "exit_status": None, "timeout": False}
    assert (
        diagnose(seen(died=died, start={"machine": machine, "hwcap": hwcap}, torch={"version": torch}))["id"]
        == identity
    )


INNERMOST = """Fatal Python error: Illegal instruction

Current thread 0x0000004000b4fb80 (most recent call first):
  File "<frozen importlib._bootstrap>", line 241 in _call_with_frames_removed
  File "<frozen importlib._bootstrap_external>", line 1233 in create_module
  File "%s", line 11 in <module>
  File "/e/lib/python3.11/site-packages/torch/__init__.py", line 445 in <module>
"""


@pytest.mark.parametrize(
    "machine, innermost, identity",
    [
        ("x86_64", "/e/lib/python3.11/site-packages/numpy/_core/multiarray.py", "X86-01"),
        ("x86_64", "/e/lib/python3.11/site-packages/torch/_ops.py", "RUN-01"),
        ("aarch64", "/e/lib/python3.11/site-packages/numpy/_core/multiarray.py", "RUN-01"),
    ],
)
def test_numpy_for_a_newer_processor(machine, innermost, identity):
    died = {"stage": "import", "signal": "SIGILL", "exit_status": None, "timeout": False}
    found = diagnose(seen(died=died, start={"machine": machine, "hwcap": 0x9FF}, stderr=INNERMOST % innermost))
    assert found["id"] == identity


def test_a_module_that_was_not_tried_is_no_success():
    assert judge(seen(modules=["tensorrt"]), "cpu")["satisfied"] is False


def test_a_torch_that_was_replaced_does_not_satisfy_although_it_works():
    verdict = judge(seen(surroundings={"replaced": ("2.10.0", "2.9.1")}), "cpu")
    assert (verdict["outcome"], verdict["satisfied"], verdict["diagnosis"]["id"]) == ("cpu", False, "ENV-01")
    assert "2.10.0 is in this environment, where 2.9.1 was installed" in verdict["reason"]


@pytest.mark.parametrize(
    "installed, locked, replaced",
    [
        ("2.10.0", "2.9.1", True),
        ("2.13.0", "2.13.0+cpu", True),  # PyPI's CUDA build in the place of a CPU build
        ("2.9.1", "2.9.1", False),
        ("2.7.1+cpu", "2.7.1", False),  # conda knows no labels
        ("2.5.0a0+872d972e41.nv24.08", "2.5.0a0+872d972e41.nv24.8", False),
        ("2.5.0a0+872d972e41.nv24.08", "2.5.0a0+872d972e41.nv24.9", True),
        (None, "2.9.1", False),  # half deleted: another diagnosis
    ],
)
def test_what_counts_as_replaced(installed, locked, replaced):
    assert is_replaced((installed, locked)) is replaced


def test_an_advisory_check_is_no_failure():
    evidence = seen()
    evidence["checks"].append(
        {"name": "architectures", "passed": False, "value": "8.7", "bound": "sm_80", "seconds": 0.1, "advisory": True}
    )
    assert judge(evidence, "cpu")["satisfied"] is True


def test_features_that_differ_are_not_what_was_asked_for():
    evidence = seen()
    evidence["checks"].append(
        {
            "name": "features",
            "passed": False,
            "value": "distributed is on",
            "bound": "distributed: False",
            "seconds": 0.1,
        }
    )
    verdict = judge(evidence, "cpu")
    assert (verdict["outcome"], verdict["satisfied"]) == ("cpu", False) and verdict["reason"].endswith(
        "works on the CPU, but its build differs from the request: distributed is on"
    )


def test_a_library_is_told_with_its_package_and_who_needs_it():
    error = {
        "type": "OSError",
        "text": "libopenblas.so.0: cannot open shared object file: No such file",
        "traceback": [],
    }
    checks = [{"name": "import", "passed": False, "value": None, "bound": None, "seconds": 0.1, "error": error}]
    found = judge(seen(checks=checks, surroundings={"needed_by": "/e/torch/lib/libtorch_cpu.so"}))["diagnosis"]
    assert (
        found["id"] == "RUN-05"
        and found["fix"].startswith("install libopenblas0")
        and "/e/torch/lib/libtorch_cpu.so needs it" in found["cause"]
    )


NVMAP = "NvRmMemInitNvmap failed: error Permission denied\nsomething else that anybody wrote"
NO_CODE = "UserWarning: Orin with CUDA capability sm_87 is not compatible with the current PyTorch installation"
NANO = {**JETSON, "soc": "tegra210", "platform": {"cuda": "10.2"}}
MISSING = "libcudart.so.%s: cannot open shared object file: No such file or directory"


@pytest.mark.parametrize(
    "evidence, identity, words",
    [
        # Each is a public case, named in docs/diagnosis.md as the evidence of its row.
        pytest.param(
            on_a_jetson(
                stderr=NVMAP,
                accelerator={"kind": "cpu", "count": 0, "cause": "RuntimeError: No CUDA GPUs are available"},
            ),
            "JET-08",
            "group video",
            id="a user outside of the group video: only the library's line on stderr tells it from no GPU",
        ),
        pytest.param(
            on_a_jetson(NANO, checks=[failed("import", "OSError", MISSING % "10.0")]),
            "JET-28",
            "built for CUDA 10.0, and the board has CUDA 10.2",
            id="a wheel of another JetPack",
        ),
        pytest.param(
            on_a_jetson(checks=[failed("import", "OSError", MISSING % "11.0")]),
            "JET-28",
            "built for CUDA 11.0, and the board has CUDA 12.6",
            id="a wheel of another CUDA",
        ),
        pytest.param(
            on_a_jetson(NANO, checks=[failed("import", "OSError", MISSING % "10.2")]),
            "JET-07",
            "the image has no CUDA runtime",
            id="the runtime of the board's own CUDA is missing",
        ),
        pytest.param(
            on_a_jetson(checks=[failed("import", "OSError", MISSING % "12")], container=True),
            "JET-29",
            "in this container",
            id="a container that was started without NVIDIA's runtime",
        ),
        pytest.param(
            on_a_jetson(
                warnings=[NO_CODE],
                checks=[failed("convolution_cuda", "OutOfMemoryError", "CUDA out of memory. Tried to allocate 2 GiB")],
            ),
            "JET-23",
            "memory that CPU and GPU of a Jetson share",
            id="the failed check counts before the warnings",
        ),
        pytest.param(
            on_a_jetson(
                warnings=[NO_CODE],
                checks=[failed("numpy_bridge", "RuntimeError", "Numpy is not available")],
            ),
            "GEN-01",
            "NumPy 1",
            id="the failed check counts before the warnings, whatever it is",
        ),
        pytest.param(
            seen(
                checks=[
                    failed("tensor_product_cuda:1", "RuntimeError", "no kernel image is available", advisory=True),
                    failed("module_torchvision", "ArithmeticError", "torchvision.ops.nms on cuda keeps [0, 1]"),
                ]
            ),
            "UNKNOWN",
            "not known",
            id="an advisory check is no reason for the failure of another",
        ),
        pytest.param(
            seen(
                checks=[failed("import", "OSError", "libopenblas.so.0: cannot open shared object file: No such file")],
                surroundings={"manager": "dnf"},
            ),
            "RUN-05",
            "dnf provides '*/libopenblas.so.0'",
            id="the package manager of this system",
        ),
        pytest.param(
            seen(
                checks=[failed("temporary_files", "OSError", "[Errno 28] No space left on device")],
                surroundings={"full": ["/: 0 MiB free"]},
            ),
            "RUN-08",
            "(/: 0 MiB free)",
            id="the disk that is full",
        ),
    ],
)
def test_the_diagnosis_knows_the_board(evidence, identity, words):
    expect = "cuda" if evidence["family"] == "jetson" else "auto"
    found = judge(evidence, expect)["diagnosis"]
    assert found["id"] == identity
    assert words in found["cause"] + "; " + found["fix"]


def test_advice_about_swap_names_an_option_of_the_family():
    died = {"stage": "import", "signal": "SIGKILL", "exit_status": None, "timeout": False}
    families = ("raspberrypi", "jetson", "pynq", "generic")
    fixes = dict((family, judge(seen(died=died, family=family))["diagnosis"]["fix"]) for family in families)
    for family in families[:3]:
        assert "(%s_swap_mib)" % family in fixes[family]
    assert "swap_mib" not in fixes["generic"]


def test_what_a_build_lacks_is_told_in_one_line():
    torch = {"version": "2.1.0", "features": {"distributed": False, "lapack": False, "mkldnn": False}}
    warnings = judge(seen(torch=torch))["warnings"]
    assert warnings[0].startswith("this build of torch has no torch.distributed") and "LAPACK" in warnings[0]


def test_what_programs_do_without_is_a_warning():
    checks = seen()["checks"] + [failed("compile", "InductorError", "no C++ compiler works", advisory=True)]
    verdict = judge(seen(checks=checks))
    assert verdict["satisfied"] and "torch.compile does not work: no C++ compiler works" in verdict["warnings"]


def test_a_task_that_failed_is_told_like_a_verdict():
    assert diagnose_text("SyntaxError: future feature annotations is not defined")["id"] == "ANS-01"
    assert diagnose_text("all is well") is None


def test_the_table_is_whole():
    assert len(set(row["id"] for row in TABLE)) == len(TABLE)
    conditions = set(
        re.findall(
            r"[a-z_]+", diagnosis.__doc__.split("stands for a condition that is not known.")[1].split("`{0}` in")[0]
        )
    )
    for row in TABLE:
        assert set(row) - conditions - {"repair", "test"} == {"id", "cause", "fix", "evidence", "confidence"}, row["id"]
        assert set(row) & conditions and row["evidence"].startswith("https://")
        assert row["confidence"] in ("proven", "recorded", "guess")
