# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The live view on real terminals, and where there is none."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.terminal import ENTER, HOME, LEAVE
from playbook_runs import Operator
from terminals import RunningTerminal

LIVE = {"ANSIBLE_STDOUT_CALLBACK": "edgeai.fleet.live", "TERM": "xterm-256color"}


@pytest.fixture
def bench(tmp_path: Path) -> Operator:
    """Two boards without an environment, whose interpreter is slow to start, one that is switched off, and one without
    the Python that it should have.
    """
    slow = tmp_path / "slow-python"
    slow.write_text(f'#!/bin/sh\nsleep 4\nexec {sys.executable} "$@"\n', encoding="utf-8")
    slow.chmod(0o755)
    boards = {name: {"ansible_connection": "local", "torch_root": str(tmp_path / name)} for name in ("pc-1", "pc-2")}
    boards["off"] = {"ansible_host": "127.0.0.1", "ansible_port": 1}
    boards["bare"] = {"ansible_connection": "local", "ansible_python_interpreter": "/no/such/python"}
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(
        yaml.safe_dump({"all": {"hosts": boards, "vars": {"ansible_python_interpreter": str(slow)}}}), encoding="utf-8"
    )
    return Operator(tmp_path, inventory)


@pytest.fixture
def terminal(bench: Operator) -> Iterator:
    opened: list[RunningTerminal] = []

    def start(playbook: str, size: tuple[int, int], *arguments: str, **more: str) -> RunningTerminal:
        environment = bench.environment(**LIVE, **more)
        del environment["ANSIBLE_NOCOLOR"]
        opened.append(RunningTerminal(bench.command(playbook, *arguments), bench.directory, environment, size))
        return opened[-1]

    yield start
    for one in opened:
        one.close()


def log_of(bench: Operator) -> str:
    (run,) = (path for path in (bench.directory / "reports").glob("2*") if path.is_dir())
    return (run / "ansible.log").read_text(encoding="utf-8")


@pytest.mark.parametrize("size", [(80, 24), (160, 50)], ids=["80", "160"])
def test_one_screen_for_the_fleet(bench, terminal, ends, size):
    running = terminal("verify", size)
    seen = running.wait_for("verifying")
    assert "4 boards: " in seen and "gate open" in seen and "pc-1" in seen
    assert "PLAY [" not in seen and "TASK [" not in seen
    seen = running.wait_for("there is no Python at")  # as it comes, with cause and fix
    assert "bare" in seen and "fix: " in seen and "verifying" in seen
    # Narrower and wider, while it runs.
    other = (240 - size[0], 24)
    running.resize(*other)
    drawn = running.raw.count(HOME.encode())
    # The first screen of the other size is whole when the second begins.
    while running.raw.count(HOME.encode()) < drawn + 2:
        assert running.read(), running.text()
    assert "4 boards: " in running.text() and "pc-1" in running.text()
    assert running.wait() == 2
    raw = running.raw.decode("utf-8", "replace")
    assert raw.count(ENTER) == raw.count(LEAVE) == 1 and "no hosts matched" not in raw
    after = raw.partition(LEAVE)[2]
    for part in ("unreachable", "pc-2", "fix:  ", "Report: reports/", "Page:   reports/", "Log:    reports/"):
        assert part in after, part
    log = log_of(bench)
    for part in ("PLAY [Verify the boards]", "TASK [Verify the current environment]", "PLAY RECAP", "no hosts matched"):
        assert part in log, part
    assert ENTER not in log
    (run,) = (path for path in (bench.directory / "reports").glob("2*") if path.is_dir())
    assert json.loads((run / "report.json").read_text(encoding="utf-8"))["run"] == run.name
    events = [json.loads(line) for line in (run / "progress" / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert {"pc-1", "pc-2", "off", "bare"} == {event["host"] for event in events if "verdict" in event}


def test_ctrl_c_gives_the_terminal_back(terminal, ends):
    running = terminal("verify", (100, 30))
    running.wait_for("verifying")
    running.press(b"\x03")
    assert running.wait() != 0
    raw = running.raw.decode("utf-8", "replace")
    assert raw.count(ENTER) == raw.count(LEAVE) == 1
    after = raw.partition(LEAVE)[2]
    assert "interrupted" in after.lower() and "The whole output: " in after


def test_without_a_terminal_there_are_short_lines(bench, ends):
    done = bench.run("verify", environ=LIVE)
    assert done.status == 2 and done.outcomes()["off"] == "unreachable"
    assert "PLAY [" not in done.output and "\x1b" not in done.output
    lines = done.output.splitlines()
    assert lines[0].startswith("4 boards; all output: ") and lines[0].endswith("ansible.log")
    assert any("pc-1: verifying" in line for line in lines)
    assert any("bare: " in line and "Cause: " in line and "Fix: " in line for line in lines)
    assert lines[-1].startswith("Log:    reports/")


def test_v_gives_ansibles_own_output(bench):
    done = bench.run("verify", "-v", environ=LIVE)
    assert "PLAY [Verify the boards]" in done.output and "PLAY RECAP" in done.output
    assert not list((bench.directory / "reports").glob("*/ansible.log"))


def test_check_mode_leaves_nothing(bench, ends):
    done = bench.run("verify", "--check", environ=LIVE)
    assert "unreachable" in done.output and "Log:" not in done.output
    assert not (bench.directory / "reports").exists()


def test_other_playbooks_have_ansibles_own_output(bench):
    facts = bench.directory / "board.yml"
    facts.write_text("{board: Jetson Nano}\n", encoding="utf-8")
    done = bench.run("explain", environ=LIVE, explain_facts=str(facts))
    assert "gets: torch ==1.10.0 for CUDA" in done.output and "PLAY [" in done.output


def test_a_run_that_cannot_begin_says_why(bench, ends):
    bench.inventory.write_text("all: {hosts: {}}\n", encoding="utf-8")
    done = bench.run("verify", environ=LIVE)
    assert done.status and "There is no board" in done.output, done.output


def test_own_plays_around_those_of_the_collection(local):
    """What other plays print is shown as ever; the view is for ours."""
    site = local.directory / "site.yml"
    plays = {
        name: {"name": name, "hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.debug": {"msg": text}}]}
        for name, text in (("Before", "mine before"), ("After", "mine after"))
    }
    site.write_text(
        yaml.safe_dump(
            [plays["Before"], {"ansible.builtin.import_playbook": "edgeai.fleet.provision"}, plays["After"]]
        ),
        encoding="utf-8",
    )
    command = [
        word if word != "edgeai.fleet.provision" else str(site) for word in local.command("provision", "--check")
    ]
    local.command = lambda *_arguments, **_variables: command
    done = local.run("provision", environ=LIVE)
    assert done.status == 0, done.output
    before, ours, after = (done.output.find(text) for text in ("mine before", "check mode: torch", "mine after"))
    assert 0 < before < ours < after
    assert "PLAY [Before]" in done.output and "PLAY [After]" in done.output and "PLAY RECAP" in done.output
    assert "PLAY [Plan for the boards]" not in done.output
