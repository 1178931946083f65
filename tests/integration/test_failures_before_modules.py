# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Failures before a module runs: a real Python that is too old, a real sudo that refuses, a board without Python, an
sshd that refuses the login.

Ansible's own message names none of these causes. One run has all of them: each host fails in its own way.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
import venvs
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import rings
from playbook_runs import Operator, Run

LAB = {
    "name": "failing",
    "boards": [
        {
            "name": "board",
            "python36": True,
            "users": ["needstty", "password", "plain", "svc"],
            "tmpfs": {"/small": "16k"},
            "files": {
                "/etc/sudoers.d/real": {
                    "text": (
                        "Defaults:needstty requiretty\nneedstty ALL=(ALL) NOPASSWD: ALL\npassword ALL=(ALL) ALL\nplain"
                        " ALL=(svc) NOPASSWD: ALL\n"
                    ),
                    "mode": "0440",
                },
            },
        }
    ],
}
#: All hosts are the same container, each with its own failure: variables, diagnosis, a part of the reason.
FAILURES: dict[str, tuple[dict, str, str]] = {
    # Without pipelining there is a terminal, and the module's output comes on the other stream.
    "old-python": (
        {"ansible_python_interpreter": "/opt/python3.6/bin/python3.6", "ansible_pipelining": False},
        "ANS-01",
        "annotations is not defined",
    ),
    "tty": (
        {"ansible_user": "needstty", "ansible_become": True},
        "ANS-04",
        "sudo: sorry, you must have a tty to run sudo",
    ),
    "acl": (
        {"ansible_user": "plain", "ansible_become": True, "ansible_become_user": "svc", "ansible_pipelining": False},
        "ANS-05",
        "chmod: invalid mode: ",
    ),
    "no-password": ({"ansible_user": "password", "ansible_become": True}, "ANS-06", "Missing sudo password"),
    "wrong-password": (
        {"ansible_user": "password", "ansible_become": True, "ansible_become_password": "wrong"},
        "ANS-07",
        "Incorrect sudo password",
    ),
    "no-sudoer": (
        {"ansible_user": "svc", "ansible_become": True, "ansible_become_password": "right"},
        "ANS-08",
        "svc is not in the sudoers file",
    ),
    "no-sudo": ({"ansible_become": True, "ansible_become_exe": "/nowhere/sudo"}, "ANS-09", "/nowhere/sudo: not found"),
    "no-python": ({"ansible_python_interpreter": "/nowhere/python3"}, "ANS-10", "/nowhere/python3"),
    "full": ({"ansible_remote_tmp": "/small/tmp", "ansible_pipelining": False}, "ANS-11", "No space left on device"),
}
UNREACHABLE: dict[str, tuple[dict, str, str]] = {
    "no-name": (
        {"ansible_host": "no-such-board.invalid"},
        "SSH-01",
        "Could not resolve hostname no-such-board.invalid",
    ),
    "no-sshd": ({"ansible_port": 2}, "SSH-02", "Connection refused"),
    "other-key": (
        {"ansible_ssh_common_args": "-o UserKnownHostsFile={state}/other_hosts -o IdentitiesOnly=yes"},
        "SSH-04",
        "REMOTE HOST IDENTIFICATION HAS CHANGED",
    ),
    "no-key": (
        {"ansible_ssh_common_args": "-o UserKnownHostsFile=/dev/null -o IdentitiesOnly=yes"},
        "SSH-05",
        "Host key verification failed.",
    ),
    "no-user": ({"ansible_user": "nobody-here"}, "SSH-06", "Permission denied (publickey"),
    "no-place": (
        {"ansible_remote_tmp": "/proc/nowhere", "ansible_pipelining": False},
        "ANS-12",
        "Failed to create temporary directory",
    ),
}


def told(run: Run, directory: Path, host: str, outcome: str, identity: str, words: str) -> dict:
    """Check that table and JUnit agree, and return the diagnosis."""
    verdict = run.verdict(host)
    assert (verdict["outcome"], verdict["satisfied"], verdict["diagnosis"]["id"]) == (outcome, False, identity), (
        host,
        verdict,
    )
    assert words in verdict["reason"], (host, verdict["reason"])
    table = run.output[run.output.index("outcome  ") :]
    assert (
        f"{host}: {verdict['reason']}\n  cause: {verdict['diagnosis']['cause']}\n  fix:  "
        f" {verdict['diagnosis']['fix']}\n" in table
    ), (host, run.output)
    suites = ElementTree.parse(directory / "reports" / "latest" / "junit.xml").getroot()  # noqa: S314 (our own)
    failure = suites.find(f"testsuite[@name='{host}']/testcase[@name='verdict']/failure")
    assert failure.get("message") == f"{outcome}: {verdict['reason']}"
    assert f"id: {identity}\n" in failure.text and all(
        line in failure.text for line in verdict["diagnosis"]["evidence"]
    )
    if outcome == "error":
        assert not rings.check_gate({host: run.report["boards"][host] | {"waiting": []}}, "0")["open"], (
            "it counts against the failure budget"
        )
    return verdict["diagnosis"]


def test_sudo_python_disk_and_ssh(lab: Operator):
    state = lab.inventory.parent
    board = ["ssh", "-F", str(state / "ssh_config"), "board"]
    subprocess.run([*board, "echo svc:right | sudo chpasswd; sudo chmod 1777 /small"], check=True)
    key = (state / "boards" / "board" / "host_key.pub").read_text(encoding="utf-8").split()[1]
    other = subprocess.run(
        ["ssh-keygen", "-y", "-f", state / "id_ed25519"], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()[1]
    (state / "other_hosts").write_text(
        (state / "known_hosts").read_text(encoding="utf-8").replace(key, other), encoding="utf-8"
    )
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))["all"]["children"]["boards"]
    (container,) = inventory["hosts"].values()
    hosts = {
        host: {
            **container,
            "ansible_python_interpreter": "/usr/bin/python3",
            **json.loads(json.dumps(variables).replace("{state}", str(state))),
        }
        for host, (variables, _identity, _words) in {**FAILURES, **UNREACHABLE}.items()
    }
    # One address has several users here: a persistent connection would be that of another user.
    alone = {**inventory["vars"], "ansible_ssh_args": "-o ControlMaster=no", "ansible_control_path": "none"}
    several = lab.directory / "several.yml"
    several.write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": alone}}), encoding="utf-8")

    run = Operator(lab.directory, several).run("verify")
    assert run.status != 0
    for host, (_variables, identity, words) in FAILURES.items():
        diagnosis = told(run, lab.directory, host, "error", identity, words)
        assert "start of json" not in diagnosis["cause"] and "{" not in diagnosis["cause"] + diagnosis["fix"]
    for host, (_variables, identity, words) in UNREACHABLE.items():
        told(run, lab.directory, host, "unreachable", identity, words)
    assert "/nowhere/python3" in run.verdict("no-python")["diagnosis"]["cause"]
    assert "sudo: sorry, you must have a tty to run sudo" in run.verdict("tty")["diagnosis"]["evidence"]


def interpreter(version: str) -> Path:
    """Return a real Python of this version."""
    found = venvs.python_of(version)
    if found is None:
        message = f"this machine has no Python {version}"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    return found


@pytest.mark.parametrize(
    ("core", "playbook", "pythons"),
    [
        (None, "verify", {"3.7": "ANS-01", "3.6": "ANS-01", "2.7": "ANS-03"}),
        (None, "provision", {"3.6": "ANS-01"}),
        ("2.21", "verify", {"3.8": "ANS-01", "3.6": "ANS-01", "2.7": "ANS-03"}),
        ("2.18", "verify", {"3.7": "ANS-01", "3.6": "ANS-01", "2.7": "ANS-03"}),
        ("2.17", "provision", {"3.6": "ANS-01", "2.7": "ANS-03"}),
        ("2.16", "verify", {"2.7": "ANS-03"}),
    ],
)
def test_a_python_that_this_core_cannot_drive(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, core: str | None, playbook: str, pythons: dict[str, str]
):
    """Runs with the ansible-cores that this machine has; the others are skipped."""
    if core:
        environments = sorted(venvs.BUILD.glob(f"core-{core}.*/bin/python"))
        if not environments:
            needed = os.environ.get("CI") == "true" and core in (
                "2.16",
                "2.21",
            )  # the oldest and the newest, made by the unit tests
            (pytest.fail if needed else pytest.skip)(f"there is no ansible-core {core} under .build")
        monkeypatch.setattr(sys, "executable", str(environments[-1]))
    hosts = {
        f"python{version}": {
            "ansible_connection": "local",
            "ansible_python_interpreter": str(interpreter(version)),
            "torch_root": str(tmp_path / "torch"),
        }
        for version in pythons
    }
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts}}), encoding="utf-8")
    run = Operator(tmp_path, inventory).run(playbook)
    assert run.status != 0
    used = subprocess.run(
        [sys.executable, "-c", "import ansible.release; print(ansible.release.__version__)"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    for version, identity in pythons.items():
        words = {"ANS-03": "Error"}.get(identity, "3.7.16" if (core, version) == ("2.18", "3.7") else "")
        diagnosis = told(run, tmp_path, f"python{version}", "error", identity, words)
        if identity == "ANS-01":
            driver = "2.19" if version == "3.8" else "2.16"
            assert version in diagnosis["cause"] and used.stdout.strip() in diagnosis["cause"], diagnosis
            assert f"ansible-core>={driver}," in diagnosis["fix"], diagnosis
    assert not (tmp_path / "torch").exists()
