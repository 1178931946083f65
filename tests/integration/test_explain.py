# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""explain.yml: what boards would get, of an inventory or hypothetical; nothing is changed, and a board that cannot be asked is no failure."""

from __future__ import annotations

import subprocess

import pytest
import yaml
from conftest import Operator, Run


def explain_facts(operator: Operator, facts: object, *arguments: str) -> Run:
    """Without any inventory, from the directory where the file lies."""
    (operator.directory / "board.yml").write_text(facts if isinstance(facts, str) else yaml.safe_dump(facts), encoding="utf-8")
    (operator.directory / "empty.cfg").write_text("", encoding="utf-8")
    program, playbook, _option, _inventory = operator.command("explain")
    process = subprocess.run(
        [program, playbook, "-e", "explain_facts=board.yml", *arguments], cwd=operator.directory,
        env=operator.environment(ANSIBLE_CONFIG=str(operator.directory / "empty.cfg")), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, check=False,
    )
    return Run(process, operator.directory / "reports", set())


def untouched(operator: Operator) -> bool:
    return sorted(path.name for path in operator.directory.iterdir()) in (["hosts.yml"], ["board.yml", "empty.cfg", "hosts.yml"])


def test_hypothetical_boards_need_no_inventory(local: Operator, core: str):
    run = explain_facts(local, [
        {"name": "a pi", "board": "Raspberry Pi 4", "os": "debian 12"},
        {"name": "old-pi", "board": "Raspberry Pi 3", "architecture": "armv7l"},
        {"name": "workstation", "board": "PC with an Ada GPU"},
    ])
    assert run.status == 0, run.output
    assert run.changed() == 0
    blocks = {block.split("\n")[0]: block for block in run.output.split("\n\n")}
    assert "  gets: torch >=2.6,<2.11,!=2.10.* for the CPU\n" in blocks["a pi"]
    assert "  why:\n" in blocks["a pi"] and "  how far proven: " in blocks["a pi"] and "assumed, not measured: " in blocks["a pi"]
    assert "armv7l" in blocks["old-pi"]
    assert " for CUDA\n" in blocks["workstation"]
    assert untouched(local)


def test_the_request_counts(local: Operator):
    run = explain_facts(local, {"board": "Raspberry Pi 4"}, "-e", "torch_version=2.4.0")
    assert run.status == 0, run.output
    assert "  refused: torch 2.4.0 dies with SIGILL" in run.output and "  way out: Ask for torch 2.3.1 or 2.4.1." in run.output


def test_boards_of_an_inventory(local: Operator, core: str):
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    inventory["all"]["hosts"]["gone"] = {
        "ansible_connection": "ssh", "ansible_host": "127.0.0.1", "ansible_port": 9, "ansible_python_interpreter": "/usr/bin/python3",
    }
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    run = local.run("explain")
    assert run.status == 0, run.output
    assert run.changed() == 0
    blocks = {block.split("\n")[0]: block for block in run.output.split("\n\n")}
    assert "  gets: torch " in blocks.get("localhost", ""), run.output
    assert "hypothetical" not in blocks["localhost"]
    assert "  cannot be asked: " in blocks["gone"] and " ssh" in blocks["gone"]
    assert run.report is None and untouched(local)


@pytest.mark.parametrize(("facts", "arguments", "words"), [
    ({"bord": "Raspberry Pi 4"}, [], ["board.yml, board 1", "unknown key 'bord'", "did you mean board?"]),
    ("board: x\n\tos: y", [], ["board.yml is no YAML", "line 2"]),
    ({"board": "Raspberry Pi 4"}, ["-e", "explain_facts=nowhere.yml"], ["nowhere.yml cannot be read: No such file or directory"]),
    ({"board": "Raspberry Pi 4"}, ["-e", "torch_version=latest"], ["torch_version is 'latest'"]),
])
def test_what_is_wrong_is_said(local: Operator, facts: object, arguments: list[str], words: list[str]):
    run = explain_facts(local, facts, *arguments)
    assert run.status != 0, run.output
    for word in words:
        assert word in run.output
    assert "Traceback" not in run.output


def test_nothing_to_explain(local: Operator):
    local.inventory.write_text("all: {hosts: {}}", encoding="utf-8")
    run = local.run("explain")
    assert run.status != 0
    assert "There is no board to explain" in run.output and "explain_facts=board.yml" in run.output
    assert not (local.directory / "reports").exists()
