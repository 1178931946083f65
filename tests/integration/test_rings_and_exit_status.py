# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What Ansible's own keywords cannot do: a verdict for every board, a full report, a gate that closes, and the exit
status.
"""

from __future__ import annotations

import subprocess

import pytest
import yaml
from playbook_runs import Operator

LAB = {
    "name": "rollout",
    "vars": {"ansible_become": True, "x86_conda_provider": "venv"},
    "boards": [{"name": "board-%02d", "count": 10}],
}
BOARDS = [f"board-{number:02d}" for number in range(1, 11)]


def touched(lab: Operator, board: str) -> bool:
    found = subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", board, "test -e /opt/edgeai"], check=False
    )
    assert found.returncode in (0, 1), "the board does not answer"
    return found.returncode == 0


@pytest.fixture
def dead(lab: Operator):
    """An inventory whose first board, a canary, does not answer."""
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    # Another address, too: a connection that an earlier run left open would be used for any port of the same address.
    inventory["all"]["children"]["boards"]["hosts"][BOARDS[0]].update(ansible_host="127.0.0.1", ansible_port=9)
    path = lab.directory / "dead.yml"
    path.write_text(yaml.safe_dump(inventory, sort_keys=False), encoding="utf-8")
    return Operator(lab.directory, path)


def test_unreachable_canary_closes_the_gate(dead: Operator, lab: Operator):
    run = dead.provision()
    assert run.status != 0, run.output
    assert run.outcomes() == {BOARDS[0]: "unreachable", **dict.fromkeys(BOARDS[1:], "not_started")}
    assert not any(touched(lab, board) for board in BOARDS)
    assert "torch_failure_budget=1" in run.verdict(BOARDS[1])["reason"]


def test_failing_canary_among_ten(lab: Operator):
    # The canary's probe gets one second: not enough to import torch and check it.
    run = lab.provision(torch_verify_timeout=1)
    assert run.status != 0, run.output
    assert run.outcomes() == {BOARDS[0]: "error", **dict.fromkeys(BOARDS[1:], "not_started")}
    assert run.verdict(BOARDS[0])["died"]["timeout"]
    assert not any(touched(lab, board) for board in BOARDS[1:])
    current = subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", BOARDS[0], "test -e /opt/edgeai/torch/current"], check=False
    )
    assert current.returncode == 1, "what does not satisfy is never switched to"


def test_failing_sole_board_under_limit(lab: Operator):
    run = lab.provision("--limit", BOARDS[0], torch_verify_timeout=1)
    assert run.status != 0, run.output
    assert run.outcomes() == {BOARDS[0]: "error"}


@pytest.mark.heavy
def test_budget_lets_the_rest_go_on(dead: Operator):
    run = dead.provision("--limit", ",".join(BOARDS[:3]), torch_failure_budget=1)
    assert run.status != 0, run.output
    assert run.outcomes() == {BOARDS[0]: "unreachable", BOARDS[1]: "cpu", BOARDS[2]: "cpu"}, run.output


@pytest.mark.heavy
def test_limit_to_healthy_boards_succeeds_and_reports_only_them(lab: Operator):
    run = lab.provision("--limit", ",".join(BOARDS[1:3]))
    assert (run.status, run.changed()) == (0, 0), run.output
    assert run.outcomes() == {BOARDS[1]: "cpu", BOARDS[2]: "cpu"}
