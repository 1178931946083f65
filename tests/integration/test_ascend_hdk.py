# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huawei's .run files, installed by the role's own tasks on a board in a container. They never stay on the board."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from playbook_runs import Operator

LAB = {
    "name": "hdk",
    "vars": {"ansible_become": True},
    "boards": [
        {
            "name": "board",
            "tmpfs": {"/var/lib/edgeai-fleet": "2m"},
            "files": {"/usr/local/Ascend/driver/version.info": "Version=25.5.0\n"},
        }
    ],
}
PLACE = "/var/lib/edgeai-fleet/hdk"
TOLD = Path("told.json")
PLAYBOOK = [
    {
        "hosts": "board",
        "gather_facts": False,
        "tasks": [
            {
                "block": [
                    {"edgeai.fleet.board_facts": {}},
                    *(
                        {"ansible.builtin.include_role": {"name": "edgeai.fleet.atlas", "tasks_from": part}}
                        for part in ("plan", "hdk")
                    ),
                ],
                "rescue": [
                    {
                        "ansible.builtin.copy": {
                            "content": (
                                "{{ {'task': ansible_failed_task.name, 'msg': ansible_failed_result | to_json} |"
                                " to_json }}"
                            ),
                            "dest": "{{ told }}",
                        },
                        "delegate_to": "localhost",
                        "become": False,
                        "check_mode": False,
                        "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
                    }
                ],
            }
        ],
    }
]


def run_file(lab: Operator, part: str, body: str, size: int = 0) -> dict[str, str]:
    """Write a stand-in for an installer; return the value of the role's variable for it."""
    path = lab.directory / f"Ascend-hdk-310b-npu-{part}_9.9.9.run"
    path.write_text(f'#!/bin/sh\n[ "$1" = --check ] && exit 0\n{body}\nexit 1\n'.ljust(size, "#"), encoding="utf-8")
    return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest(), "version": "9.9.9"}


def on_board(lab: Operator, command: str) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def install(lab: Operator, *options: str, **files: dict[str, str]) -> dict | None:
    """Return the failure of the run; None if it did not fail."""
    playbook, told = lab.directory / "hdk.yml", lab.directory / TOLD
    playbook.write_text(yaml.safe_dump(PLAYBOOK), encoding="utf-8")
    told.unlink(missing_ok=True)
    variables = {**{f"atlas_{part}": given for part, given in files.items()}, "told": str(told)}
    process = subprocess.run(
        [
            Path(sys.executable).with_name("ansible-playbook"),
            playbook,
            "-i",
            lab.inventory,
            "-e",
            json.dumps(variables),
            *options,
        ],
        cwd=lab.directory,
        env=lab.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    return json.loads(told.read_text(encoding="utf-8")) if told.exists() else None


@pytest.mark.parametrize(
    ("big", "words"),
    [
        (False, ["the firmware cannot be installed", "ended with status 1", "the chip is on fire"]),
        (True, ["No space left on device"]),
    ],
    ids=["the installer fails", "the disk is full in the middle of the second file"],
)
def test_a_failure_leaves_none_of_the_files_and_stays_the_failure(lab: Operator, big: bool, words: list[str]):
    on_board(lab, f"sudo mkdir -p {PLACE} && sudo touch {PLACE}/of-a-run-whose-connection-died.run")
    files = {"firmware": run_file(lab, "firmware", "echo the chip is on fire")}
    if big:
        files = {
            "driver": run_file(lab, "driver", "echo not reached"),
            "firmware": run_file(lab, "firmware", "echo not reached", 4 << 20),
        }
    failed = install(lab, **files)
    assert failed["task"].endswith("HDK | Install driver and firmware"), failed
    for word in words:
        assert word in failed["msg"], failed
    assert on_board(lab, "ls -A /var/lib/edgeai-fleet") == ""


def test_check_mode_sends_nothing(lab: Operator):
    assert install(lab, "--check", firmware=run_file(lab, "firmware", "")) is None
    assert on_board(lab, "ls -A /var/lib/edgeai-fleet") == ""
