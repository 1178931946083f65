# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""explain.yml: what boards of an inventory, or hypothetical ones, would get. Nothing is changed, and one board that
answers is enough.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import jsonschema
import pytest
import referencing
import run_units
import venvs
import yaml
from playbook_runs import REPOSITORY, Operator, Run


def explained(operator: Operator) -> dict[str, dict]:
    """Return the content of explain_json, which is like that of a report."""
    told = json.loads((operator.directory / "explained.json").read_text(encoding="utf-8"))
    assert list(told) == ["boards"]
    registry = referencing.Registry().with_resources(
        (path.name, referencing.Resource.from_contents(json.loads(path.read_text(encoding="utf-8"))))
        for path in (REPOSITORY / "docs" / "schemas").glob("*.schema.json")
    )
    for one in told["boards"].values():
        assert set(one) == ({"board", "plan"} if one["plan"] else {"board", "plan", "error"})
        for name in ("board", "plan"):
            if one[name] is not None:
                jsonschema.Draft202012Validator({"$ref": f"{name}.schema.json"}, registry=registry).validate(one[name])
    return told["boards"]


def explain_facts(operator: Operator, facts: object, *arguments: str, **environ: str) -> Run:
    """Run explain without an inventory, from the directory of the file."""
    (operator.directory / "board.yml").write_text(
        facts if isinstance(facts, str) else yaml.safe_dump(facts), encoding="utf-8"
    )
    (operator.directory / "empty.cfg").write_text("", encoding="utf-8")
    program, playbook, _option, _inventory = operator.command("explain")
    process = subprocess.run(
        [program, playbook, "-e", "explain_facts=board.yml", *arguments],
        cwd=operator.directory,
        env=operator.environment(**{"ANSIBLE_CONFIG": str(operator.directory / "empty.cfg"), **environ}),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return Run(process, operator.directory / "reports", set())


def untouched(operator: Operator) -> bool:
    return sorted(path.name for path in operator.directory.iterdir()) in (
        ["hosts.yml"],
        ["board.yml", "empty.cfg", "hosts.yml"],
    )


def test_hypothetical_boards_need_no_inventory(local: Operator, core: str):
    run = explain_facts(
        local,
        [
            {"name": "a pi", "board": "Raspberry Pi 4", "os": "debian 12"},
            {"name": "old-pi", "board": "Raspberry Pi 3", "architecture": "armv7l"},
            {"name": "workstation", "board": "PC with an Ada GPU"},
        ],
        "--check",
        "-e",
        "explain_json=explained.json",
        PWD="/nowhere",
    )
    assert run.status == 0, run.output
    told = explained(local)
    assert list(told) == ["a pi", "old-pi", "workstation"]
    assert (
        told["a pi"]["board"]["family"],
        told["a pi"]["plan"]["row"],
        told["workstation"]["plan"]["accelerator"],
    ) == ("raspberrypi", "aarch64-no-lse", "cuda")
    (local.directory / "explained.json").unlink()
    assert run.changed() == 0
    blocks = {block.split("\n")[0]: block for block in run.output.split("\n\n")}
    assert "  gets: torch >=2.6,<2.11,!=2.6.0,!=2.10.* for the CPU\n" in blocks["a pi"]
    assert (
        "  why:\n" in blocks["a pi"]
        and "  how far proven: " in blocks["a pi"]
        and "assumed, not measured: " in blocks["a pi"]
    )
    assert "armv7l" in blocks["old-pi"]
    assert " for CUDA\n" in blocks["workstation"]
    assert untouched(local)


def test_the_request_counts(local: Operator):
    run = explain_facts(
        local, {"board": "Raspberry Pi 4"}, "-e", "torch_version=2.4.0", "-e", "explain_json=explained.json"
    )
    assert run.status == 0, run.output
    assert explained(local)["board"]["plan"]["refusal"]["way_out"].startswith("Ask for torch 2.3.1 or 2.4.1.")
    assert (
        "  refused: torch 2.4.0 dies with SIGILL" in run.output and "fix: Ask for torch 2.3.1 or 2.4.1." in run.output
    )


def with_lost_boards(operator: Operator) -> None:
    """Add boards that cannot be detected to this machine, each for another reason."""
    inventory = yaml.safe_load(operator.inventory.read_text(encoding="utf-8"))
    inventory["all"]["hosts"].update(
        {
            "gone": {
                "ansible_connection": "ssh",
                "ansible_host": "127.0.0.1",
                "ansible_port": 9,
                "ansible_python_interpreter": "/usr/bin/python3",
            },
            "nowhere": {"ansible_host": "{{ address_of_nowhere }}"},
            "odd": {"ansible_connection": "pigeon"},
            "dumb": {"ansible_connection": "local", "ansible_python_interpreter": "/bin/false"},
        }
    )
    operator.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")


def test_boards_of_an_inventory(local: Operator, core: str):
    with_lost_boards(local)
    run = local.run("explain", explain_json="explained.json")
    assert run.status == 0, run.output
    assert run.changed() == 0
    blocks = {block.split("\n")[0]: block for block in run.output.split("\n\n")}
    assert "  gets: torch " in blocks.get("localhost", ""), run.output
    assert "hypothetical" not in blocks["localhost"]
    for name, words in {"gone": "127.0.0.1", "nowhere": "address_of_nowhere", "odd": "pigeon", "dumb": ""}.items():
        assert "  cannot be detected: " in blocks[name] and words in blocks[name], run.output
    told = explained(local)
    assert told["localhost"]["board"]["family"] == "x86_conda" and told["localhost"]["plan"]["refusal"] is None
    assert {name: one.get("board") for name, one in told.items() if name != "localhost"} == dict.fromkeys(
        ["dumb", "gone", "nowhere", "odd"]
    )
    assert "address_of_nowhere" in told["nowhere"]["error"]
    (local.directory / "explained.json").unlink()
    assert run.report is None and untouched(local)


def test_a_fact_cache_is_neither_read_nor_written(local: Operator):
    cache = local.directory / "cache"
    environ = {"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache)}
    with_lost_boards(local)
    # On the day before, both were Raspberry Pis.
    pi = "{{ {'board': 'Raspberry Pi 4'} | edgeai.fleet.fleet_board }}"
    (local.directory / "yesterday.yml").write_text(
        yaml.safe_dump(
            [
                {
                    "hosts": "localhost,gone",
                    "gather_facts": False,
                    "vars": {"ansible_connection": "local"},
                    "tasks": [{"ansible.builtin.set_fact": {"edgeai_board": pi, "cacheable": True}}],
                }
            ]
        ),
        encoding="utf-8",
    )
    program, _playbook, *inventory = local.command("explain")
    subprocess.run(
        [program, str(local.directory / "yesterday.yml"), *inventory],
        cwd=local.directory,
        env=local.environment(**environ),
        check=True,
    )
    before = kept(cache)
    assert sum("Raspberry Pi 4" in text for text in before) == 2

    asked = local.run("explain", environ=environ, explain_json="explained.json")
    assert asked.status == 0, asked.output
    assert explained(local)["gone"]["board"] is None and "  cannot be detected: " in asked.output
    assert explained(local)["localhost"]["board"]["family"] == "x86_conda"

    supposed = explain_facts(
        local,
        {"name": "localhost", "board": "PC with an Ada GPU"},
        *inventory,
        "-e",
        "explain_json=explained.json",
        **environ,
    )
    assert supposed.status == 0, supposed.output
    assert explained(local)["localhost"]["plan"]["accelerator"] == "cuda"
    assert kept(cache) == before


def kept(cache: Path) -> list[str]:
    """Return the hosts with facts in a cache; ansible-core from 2.20 on also writes a file for a host without facts."""
    return sorted(text for path in cache.iterdir() if "board" in (text := path.read_text(encoding="utf-8")))


def test_nobody_answers(local: Operator):
    """A run that explains nothing fails."""
    local.inventory.write_text(
        yaml.safe_dump({"all": {"hosts": {"odd": {"ansible_connection": "pigeon"}}}}), encoding="utf-8"
    )
    run = local.run("explain", explain_json="explained.json")
    assert run.status == 2, run.output
    assert "No board could be detected. odd: " in run.output and "  cannot be detected: " in run.output
    assert "pigeon" in explained(local)["odd"]["error"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("nowhere/explained.json", "No such file or directory"),
        (".", "it is a directory"),
        ("/dev/null", "not a regular file"),
    ],
)
def test_a_file_that_cannot_be_written_is_said_first(local: Operator, path: str, words: str):
    run = local.run("explain", explain_json=path)
    assert run.status == 2, run.output
    assert "explain_json: " in run.output and words in " ".join(run.output.split())
    assert "Detect each board" not in run.output and untouched(local)


@pytest.mark.parametrize(
    ("facts", "arguments", "words"),
    [
        ({"bord": "Raspberry Pi 4"}, [], ["board.yml, board 1", "unknown key 'bord'", "did you mean board?"]),
        ("board: x\n\tos: y", [], ["board.yml is not valid YAML", "line 2"]),
        (
            {"board": "Raspberry Pi 4"},
            ["-e", "explain_facts=nowhere.yml"],
            ["nowhere.yml cannot be read: No such file or directory"],
        ),
        ({"board": "Raspberry Pi 4"}, ["-e", "torch_version=latest"], ["torch_version is 'latest'"]),
    ],
)
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


def test_explain_says_which_ansible_core_a_bench_needs(local: Operator, core: str):
    run = explain_facts(
        local,
        [{"name": "nano", "board": "Jetson Nano"}, {"name": "trixie", "board": "Raspberry Pi 5", "os": "debian 13"}],
    )
    assert run.status == 0, run.output
    warned, needs_two = (
        "of this control node cannot drive Python 3.6.9 of this board",
        "No ansible-core supports all these boards: this fleet needs 2,",
    )
    if core == run_units.OLDEST[0]:
        assert warned not in run.output and needs_two not in run.output
        return
    assert run.output.count(warned) == run.output.count(needs_two) == 1, run.output
    assert "\nansible-core 2.16 for nano: make provision CORE=2.16 ARGS='--limit nano'" in run.output
    assert "\nansible-core 2.21 for trixie: " in run.output


def test_a_board_that_this_ansible_core_cannot_drive_is_told_which_one_can(local: Operator, core: str):
    """A board with a real Python 3.6, among boards that answer."""
    old = venvs.python_of(run_units.BOARD)
    if old is None:
        message = f"Python {run_units.BOARD} is not installed"
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(message)
    inventory = yaml.safe_load(local.inventory.read_text(encoding="utf-8"))
    inventory["all"]["hosts"]["old"] = {
        **inventory["all"]["hosts"]["localhost"],
        "ansible_python_interpreter": str(old),
    }
    local.inventory.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    run = local.run("explain")
    assert run.status == 0, run.output
    (block,) = [block for block in run.output.split("\n\n") if block.startswith("old\n")]
    if core == run_units.OLDEST[0]:
        assert "  gets: torch " in block, block
    else:
        assert "  cannot be detected: " in block and "ansible-core 2.16" in block, block
