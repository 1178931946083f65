# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a rescue keeps of a failure.

The results are those of real runs, of the core that is named; tests/integration/test_failures_before_modules.py makes
them again.
"""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import board_status as rollout
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import (
    failures,
    host_variables,
    junit,
    report,
    rings,
)

UNPARSED = "Module result deserialization failed: No start of json char found"
OLD = "MODULE FAILURE\nSee stdout/stderr for the exact error"
OLD_218 = "MODULE FAILURE: No start of json char found\nSee stdout/stderr for the exact error"
ANNOTATIONS = "SyntaxError: future feature annotations is not defined"
TRACEBACK = (
    'Traceback (most recent call last):\n  File "/root/.ansible/tmp/x/AnsiballZ_board_facts.py", line 107, in'
    " <module>\n"
)


@pytest.mark.parametrize(
    ("result", "reason", "identity"),
    [
        # 2.19 and 2.21, Python 3.6; the second without pipelining, where ssh's terminal mixes the streams
        (
            {
                "msg": UNPARSED,
                "module_stdout": "",
                "module_stderr": f'  File "<stdin>", line 3\n{ANNOTATIONS}\n',
                "exception": "(traceback unavailable)",
            },
            f"{UNPARSED}: {ANNOTATIONS}",
            "ANS-01",
        ),
        (
            {
                "msg": UNPARSED,
                "module_stdout": (
                    '  File "/x/AnsiballZ_board_facts.py", line 3\r\n    from __future__ import annotations\r\n   '
                    f" ^\r\n{ANNOTATIONS}\r\n"
                ),
                "module_stderr": "Shared connection to 172.17.0.2 closed.\r\n",
            },
            f"{UNPARSED}: {ANNOTATIONS}",
            "ANS-01",
        ),
        # 2.17 and 2.18, Python 3.6; 2.18, 3.7; 2.21, 3.8; 2.19, 3.7
        (
            {"msg": OLD, "module_stderr": TRACEBACK + ANNOTATIONS, "exception": TRACEBACK + ANNOTATIONS},
            f"MODULE FAILURE: {ANNOTATIONS}",
            "ANS-01",
        ),
        (
            {"msg": OLD_218, "module_stderr": TRACEBACK + ANNOTATIONS},
            f"MODULE FAILURE: No start of json char found: {ANNOTATIONS}",
            "ANS-01",
        ),
        (
            {
                "msg": (
                    "ansible-core requires a minimum of Python version 3.8. Current version: 3.7.16 (default, May  9"
                    " 2026, 07:31:42) [GCC 12.2.0]"
                )
            },
            (
                "ansible-core requires a minimum of Python version 3.8. Current version: 3.7.16 (default, May  9 2026,"
                " 07:31:42) [GCC 12.2.0]"
            ),
            "ANS-01",
        ),
        (
            {
                "msg": (
                    "Ansible requires Python 3.9 or newer on the target. Current version: 3.8.18 (default, May  9 2026)"
                    " [GCC]"
                )
            },
            "Ansible requires Python 3.9 or newer on the target. Current version: 3.8.18 (default, May  9 2026) [GCC]",
            "ANS-01",
        ),
        (
            {
                "msg": UNPARSED,
                "module_stderr": (
                    '_internal/__init__.py", line 50\n    def import_controller_module(_module_name: str, /) ->'
                    " t.Any:\n                    ^\nSyntaxError: invalid syntax\n"
                ),
            },
            f"{UNPARSED}: SyntaxError: invalid syntax",
            "ANS-01",
        ),
        # Python 2.7: 2.19, 2.17, 2.16
        (
            {
                "msg": UNPARSED,
                "module_stderr": (
                    '  File "/x/AnsiballZ_board_facts.py", line 40\n    zip_data: str,\n            ^\nSyntaxError:'
                    " invalid syntax\n"
                ),
            },
            f"{UNPARSED}: SyntaxError: invalid syntax",
            "ANS-03",
        ),
        (
            {
                "msg": OLD,
                "module_stderr": (
                    TRACEBACK
                    + 'basic.py", line 17\n    msg=f"ansible-core requires a minimum of Python version {x}",\n    '
                    " ^\nSyntaxError: invalid syntax"
                ),
            },
            "MODULE FAILURE: SyntaxError: invalid syntax",
            "ANS-03",
        ),
        (
            {
                "msg": OLD,
                "module_stderr": (
                    f'{TRACEBACK}  File "/usr/lib/python2.7/runpy.py", line 188, in run_module\n  File'
                    ' "/tmp/p.zip/ansible_collections/edgeai/fleet/plugins/modules/board_facts.py", line 239, in'
                    " main\nAttributeError: 'module' object has no attribute 'monotonic'\n"
                ),
            },
            "MODULE FAILURE: AttributeError: 'module' object has no attribute 'monotonic'",
            "ANS-03",
        ),
        # no Python: 2.16 and 2.19
        (
            {
                "msg": (
                    "The module failed to execute correctly, you probably need to set the interpreter.\nSee"
                    " stdout/stderr for the exact error"
                ),
                "rc": 127,
                "module_stderr": "/bin/sh: 1: /no/python: not found\n",
            },
            (
                "The module failed to execute correctly, you probably need to set the interpreter: /bin/sh: 1:"
                " /no/python: not found"
            ),
            "ANS-10",
        ),
        (
            {
                "msg": "The module interpreter '/no/python' was not found.",
                "module_stderr": "/bin/sh: 1: /no/python: not found\n",
            },
            "The module interpreter '/no/python' was not found: /bin/sh: 1: /no/python: not found",
            "ANS-10",
        ),
        # sudo
        (
            {"msg": UNPARSED, "module_stderr": "sudo: sorry, you must have a tty to run sudo\n"},
            f"{UNPARSED}: sudo: sorry, you must have a tty to run sudo",
            "ANS-04",
        ),
        (
            {"msg": UNPARSED, "module_stderr": "svc is not in the sudoers file.\n"},
            f"{UNPARSED}: svc is not in the sudoers file.",
            "ANS-08",
        ),
        (
            {"msg": UNPARSED, "module_stderr": "/bin/sh: 1: sudo: not found\n", "rc": 127},
            f"{UNPARSED}: /bin/sh: 1: sudo: not found",
            "ANS-09",
        ),
        (
            {
                "msg": (
                    "Task failed: Premature end of stream waiting for become success.\n>>> Standard Error\n/bin/sh: 1:"
                    " sudo: not found"
                )
            },
            "Task failed: Premature end of stream waiting for become success. /bin/sh: 1: sudo: not found",
            "ANS-09",
        ),
        ({"msg": "Task failed: Missing sudo password"}, "Task failed: Missing sudo password", "ANS-06"),
        ({"msg": "Incorrect su password"}, "Incorrect su password", "ANS-07"),
        (
            {
                "msg": (
                    "Failed to set permissions on the temporary files Ansible needs to create when becoming an"
                    " unprivileged user (rc: 1, err: chmod: invalid mode: \u2018A+user:svc:rx:allow\u2019\nTry 'chmod"
                    " --help' for more information.\n}). For information on working around this, see"
                    " https://docs.ansible.com/x"
                )
            },
            (
                "Failed to set permissions on the temporary files Ansible needs to create when becoming an unprivileged"
                " user (rc: 1, err: chmod: invalid mode: \u2018A+user:svc:rx:allow\u2019 Try 'chmod --help' for more"
                " information. }). For information on working around this, see https://docs.ansible.com/x"
            ),
            "ANS-05",
        ),
        (
            {
                "msg": (
                    "failed to transfer file to /l/tmp1 /small/tmp/AnsiballZ_board_facts.py:\n\ndd: error writing"
                    " '/small/tmp/x.py': No space left on device\n"
                )
            },
            (
                "failed to transfer file to /l/tmp1 /small/tmp/AnsiballZ_board_facts.py: dd: error writing"
                " '/small/tmp/x.py': No space left on device"
            ),
            "ANS-11",
        ),
    ],
)
def test_real_failures_have_a_reason_and_a_diagnosis(result, reason, identity):
    failure = failures.read_failure({"failed": True, **result}, "Detect each board")
    assert failure["task"] == "Detect each board"
    assert failure["reason"] == reason
    for stream in ("module_stderr", "module_stdout"):
        assert all(
            line.strip() in failure["msg"] for line in result.get(stream, "").splitlines() if "closed" not in line
        )
    state = rollout.read_status({"inventory_hostname": "pi", host_variables.FAILURE: failure})
    end = state["verdict"]
    assert (end["outcome"], end["satisfied"], end["diagnosis"]["id"]) == ("error", False, identity)
    assert end["reason"].startswith("Detect each board: ") and "\n" not in end["reason"]
    assert "{" not in end["diagnosis"]["cause"] + end["diagnosis"]["fix"]
    assert not rings.check_gate({"pi": state}, "0")["open"], "it counts against the failure budget"


@pytest.mark.parametrize(
    ("core", "text", "cause", "driver"),
    [
        (
            "2.19.14",
            ANNOTATIONS,
            (
                "the board's Python (3.6 or older) is older than ansible-core 2.19.14 can drive, which needs Python 3.8"
                " or later there"
            ),
            "2.16",
        ),
        (
            "2.17.14",
            ANNOTATIONS,
            (
                "the board's Python (3.6 or older) is older than ansible-core 2.17.14 can drive, which needs Python 3.7"
                " or later there"
            ),
            "2.16",
        ),
        (
            "2.18.11",
            "ansible-core requires a minimum of Python version 3.8. Current version: 3.7.16 (default)",
            (
                "the board's Python (3.7) is older than ansible-core 2.18.11 can drive, which needs Python 3.8 or later"
                " there"
            ),
            "2.16",
        ),
        (
            "2.21.5",
            "Ansible requires Python 3.9 or newer on the target. Current version: 3.8.18 (default)",
            (
                "the board's Python (3.8) is older than ansible-core 2.21.5 can drive, which needs Python 3.9 or later"
                " there"
            ),
            "2.19",
        ),
    ],
)
def test_which_core_drives_that_python(monkeypatch, core, text, cause, driver):
    monkeypatch.setattr(failures, "CORE", core)
    found = failures.diagnose_failure(failures.read_failure({"msg": text}, "Ask"))
    assert found["cause"] == cause
    assert f"'ansible-core>={driver},<2.{int(driver[2:]) + 1}'" in found["fix"] and f"CORE={driver}" in found["fix"]


@pytest.mark.parametrize(
    ("text", "identity"),
    [
        (
            (
                'Data could not be sent to remote host "a". Make sure this host can be reached over ssh: ssh: Could not'
                " resolve hostname a: Name or service not known\r\n"
            ),
            "SSH-01",
        ),
        (
            "Make sure this host can be reached over ssh: ssh: connect to host 172.17.0.2 port 2: Connection refused",
            "SSH-02",
        ),
        ("Connection timed out during banner exchange\r\nConnection to 10.255.255.1 port 22 timed out", "SSH-03"),
        (
            (
                "over ssh: @@@@@@@@@@\r\n@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!    "
                " @\r\n@@@@@@@@@@\r\nHost key verification failed."
            ),
            "SSH-04",
        ),
        ("Make sure this host can be reached over ssh: Host key verification failed.", "SSH-05"),
        ("over ssh: nobody@172.17.0.2: Permission denied (publickey).", "SSH-06"),
        (
            (
                "Failed to create temporary directory. In some cases, you may have been able to authenticate and did"
                " not have permissions on the target"
            ),
            "ANS-12",
        ),
    ],
)
def test_unreachable_boards_have_a_diagnosis(text, identity):
    end = rollout.read_status(
        {"inventory_hostname": "pi", host_variables.DETECTED: {"unreachable": True, "msg": text}}
    )["verdict"]
    assert (end["outcome"], end["diagnosis"]["id"]) == ("unreachable", identity)
    assert "@@@" not in end["reason"].replace("over ssh: @@@@@@@@@@", "") and "\n" not in end["reason"]


def test_items_of_a_loop_are_named():
    results = [{"item": 0, "failed": False, "msg": "fine"}] + [
        {
            "item": number,
            "ansible_loop_var": "item",
            "failed": True,
            "msg": "non-zero return code",
            "rc": 3,
            "stdout": "out",
            "stderr": f"disk {number} is full",
        }
        for number in range(1, 6)
    ]
    failure = failures.read_failure({"failed": True, "msg": "One or more items failed", "results": results}, "Copy")
    assert (
        "fine" not in failure["msg"]
        and "disk 1 is full" in failure["msg"]
        and "and 2 more items failed" in failure["msg"]
    )
    assert failure["reason"] == "One or more items failed: disk 1 is full"


@pytest.mark.parametrize(
    "odd",
    [
        None,
        "a text",
        5,
        [],
        {},
        {"msg": None},
        {"msg": ["a", {"b": 1}]},
        {"msg": {"a": 1}},
        {"results": [None, 3, {"failed": True}]},
        {"module_stderr": b"\xff"},
        {"results": 5},
    ],
)
def test_a_rescue_never_fails(odd):
    failure = failures.read_failure(odd)
    assert failure["reason"] and failure["msg"] and failure["task"]
    failures.diagnose_failure(failure)


def test_secrets_are_not_kept():
    said = "Cannot fetch https://op:S3cr3tPw@10.0.0.1/simple; HF_TOKEN=hf_S3cr3tPw"
    failure = failures.read_failure(
        {"msg": OLD, "module_stderr": said, "stdout": said, "results": [{"failed": True, "msg": said, "item": said}]},
        "Fetch",
    )
    assert "S3cr3t" not in str(failure) and "https://10.0.0.1/simple" in failure["msg"]
    # ansible-core 2.21 does not say in the result that it is hidden.
    for hidden in ({"_ansible_no_log": True}, {"censored": "the output has been hidden"}):
        assert "S3cr3t" not in str(failures.read_failure({"msg": "S3cr3t", **hidden}, "Fetch"))
    failure = failures.read_failure({"msg": "S3cr3t"}, "Fetch", True)
    assert failure["reason"] == failures.HIDDEN
    failure = failures.read_failure(
        {"msg": "One or more items failed", "results": [{"failed": True, "msg": "S3cr3t", "_ansible_no_log": True}]},
        "Fetch",
    )
    assert "S3cr3t" not in str(failure) and failures.HIDDEN in failure["msg"]


def test_a_long_log_keeps_its_message_and_its_end():
    failure = failures.read_failure({"msg": "apt failed", "stderr": "line\n" * 100_000 + "E: the end"}, "Install")
    assert (
        len(failure["msg"]) < 20_000
        and failure["msg"].startswith("apt failed")
        and failure["msg"].endswith("E: the end")
    )
    assert failure["lines"][-1] == "E: the end" and len(failure["lines"]) == failures.LAST_LINES


def test_what_is_not_known_keeps_its_last_lines_in_verdict_and_junit():
    failure = failures.read_failure({"msg": OLD, "module_stderr": "one\nsomething quite new\n"}, "Ask")
    state = {
        "verdict": None,
        "board": None,
        "plan": None,
        "seconds": 0.0,
        **rollout.read_status({"inventory_hostname": "pi", host_variables.FAILURE: failure}),
    }
    assert state["verdict"]["diagnosis"]["id"] == "UNKNOWN"
    assert state["verdict"]["diagnosis"]["evidence"] == ["one", "something quite new"]
    root = ElementTree.fromstring(junit.render({"pi": state}, "2026-11-29T00:00:00Z").encode())  # noqa: S314 (our own)
    failure = root.find("testsuite/testcase/failure")
    assert failure.get("message") == "error: Ask: MODULE FAILURE: something quite new"
    assert "one\nsomething quite new" in failure.text
    assert "Ask: MODULE FAILURE: something quite new" in "\n".join(report.table_lines({"pi": state}))


def test_a_plain_message_needs_no_diagnosis():
    failure = failures.read_failure({"msg": "torch 2.9.1 needs 3 GiB, /opt has 1 GiB"}, "Install")
    assert failures.diagnose_failure(failure) is None and failure["reason"] == "torch 2.9.1 needs 3 GiB, /opt has 1 GiB"


def test_the_failure_of_a_build_is_that_of_the_boards_that_wait():
    failure = failures.read_failure(
        {"msg": UNPARSED, "module_stderr": f'  File "<stdin>", line 3\n{ANNOTATIONS}\n'}, "Compile the wheel"
    )
    builds = {
        "k": {
            "job": {"package": "torch", "version": "2.6.0"},
            "builder": "server",
            "hosts": ["pi"],
            "state": {"status": "failed", "error": f"{failure['task']}: {failure['reason']}", "failure": failure},
        }
    }
    board = {
        "family": "raspberrypi",
        "architecture": "aarch64",
        "cpu": {"atomics": False},
        "seconds": 1.0,
        "warnings": [],
    }
    end = rollout.read_status(
        {
            "inventory_hostname": "pi",
            host_variables.DETECTED: {"ansible_facts": {"edgeai_board": board}},
            host_variables.PROVIDED: {"boards": {"pi": {"waiting": ["k"]}}},
            host_variables.PLANNED: {
                "family": "raspberrypi",
                "expect": "cpu",
                "refusal": None,
                "forced": [],
                "modules": [],
                "warnings": [],
            },
        },
        builds,
    )["verdict"]
    assert (end["outcome"], end["diagnosis"]["id"]) == ("error", "ANS-01")
    assert end["reason"] == f"torch 2.6.0 could not be compiled on server: Compile the wheel: {UNPARSED}: {ANNOTATIONS}"
    assert ANNOTATIONS in end["diagnosis"]["evidence"]


def test_the_facts_of_the_board_tell_causes_apart():
    """A row of another family is not even an alternative for a board that was asked what it is."""
    failure = failures.read_failure(
        {"msg": "RuntimeError: CUDA unknown error - this may be due to an incorrectly set up environment"}, "Import"
    )
    assert "jetson" not in failures.diagnose_failure(failure, {"family": "x86_conda"})["cause"]
    assert "on a board of the family jetson: " in failures.diagnose_failure(failure)["cause"]
