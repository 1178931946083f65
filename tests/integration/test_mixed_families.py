# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A mixed fleet without groups: one run finds the family of each board, and the same tasks provision all families of a
ring.
"""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import pytest
import venvs
import yaml
from playbook_runs import REPOSITORY, Operator, Run

pytestmark = pytest.mark.heavy

CHANNEL = venvs.BUILD / "conda-channel"


def board(scenario: str, name: str, **variables: object) -> dict:
    """Return the first board of a family's Molecule scenario, with another request."""
    lab = yaml.safe_load((REPOSITORY / "molecule" / scenario / "lab.yml").read_text(encoding="utf-8"))
    user = {"torch_user": lab["boards"][0]["users"][0]} if "users" in lab["boards"][0] else {}
    return {**lab["boards"][0], "name": name, "vars": {**user, **variables}}


# The only torch for all of them is the one for the CPU. Four boards are emulated at the same time, on the cores of this
# machine.
ARM = {"torch_version": "2.9.1", "torch_verify_timeout": 3600}
# Of no other family, with a wish that cannot be met.
STRANGE = {
    "name": "strange",
    "arch": "arm64",
    "model": "Radxa ROCK 5B",
    "compatible": ["radxa,rock-5b", "rockchip,rk3588"],
    "vars": {"torch_version": "1.4.0"},
}
FAMILIES = {
    "pi": "raspberrypi",
    "orin": "jetson",
    "dk": "atlas",
    "zcu": "pynq",
    "pc-venv": "x86_conda",
    "pc-conda": "x86_conda",
}
LAB = {
    "name": "mixed",
    "boards": [
        board("raspberrypi", "pi", **ARM),
        board("jetson", "orin", torch_accelerator="cpu", **ARM),
        board("atlas", "dk", torch_accelerator="cpu", **ARM),
        board("pynq", "zcu", **ARM),
        board("default", "pc-venv", ansible_become=True, x86_conda_provider="venv"),
        board(
            "x86_conda",
            "pc-conda",
            ansible_become=True,
            x86_conda_provider="conda",
            x86_conda_channels=[f"file://{CHANNEL}"],
            torch_python="{}.{}".format(*sys.version_info[:2]),
        ),
        STRANGE,
    ],
}
FORKS = {"ANSIBLE_FORKS": str(len(LAB["boards"]))}
#: The torch role's tasks that cost time.
INSTALL, VERIFY = (
    "edgeai.fleet.torch : Install the environment",
    "edgeai.fleet.torch : Verify it as the workload's user",
)


class Task(NamedTuple):
    play: str
    name: str
    seconds: float


def timings(log: Path) -> list[Task]:
    """Return how long each task took, by the times in Ansible's own log."""
    begun = []
    play = ""
    for line in log.read_text(encoding="utf-8").splitlines():
        found = re.match(r"(\S+ \S+),\d+ .*\| (PLAY|TASK) (?:\[(.*)\]|RECAP)", line)
        if found:
            play = (found[3] or "end") if found[2] == "PLAY" else play
            begun.append((datetime.fromisoformat(found[1]), play, found[3] if found[2] == "TASK" else None))
    return [
        Task(play, name, (after[0] - at).total_seconds())
        for (at, play, name), after in zip(begun, begun[1:], strict=False)
        if name
    ]


@pytest.fixture(scope="module")
def first(lab: Operator) -> Run:
    subprocess.run([sys.executable, str(REPOSITORY / "tests/lab/conda_channel.py"), str(CHANNEL)], check=True)
    return lab.provision(environ={**FORKS, "ANSIBLE_LOG_PATH": str(lab.directory / "first.log")})


def test_six_boards_in_one_run(first: Run):
    verdicts = {name: first.verdict(name) for name in FAMILIES}
    assert {name: verdict["satisfied"] for name, verdict in verdicts.items()} == dict.fromkeys(FAMILIES, True), (
        first.output
    )
    assert {name: first.report["boards"][name]["board"]["family"] for name in FAMILIES} == FAMILIES
    assert {name: first.report["boards"][name]["plan"]["provider"] for name in ("pc-venv", "pc-conda")} == {
        "pc-venv": "venv",
        "pc-conda": "conda",
    }


def test_a_board_without_a_torch_is_refused_and_stops_no_other(first: Run):
    verdict = first.verdict("strange")
    assert first.status != 0
    assert verdict["outcome"] == "refused"
    assert "torch 1.4.0 is not available for this board" in verdict["reason"]
    assert first.report["boards"]["strange"]["board"]["family"] == "generic"


def test_the_torch_role_runs_once_for_all_families_of_a_ring(first: Run, lab: Operator):
    tasks = timings(lab.directory / "first.log")
    for task in tasks:
        print(f"{task.seconds:7.0f} s  {task.play}: {task.name}")
    served = [task for task in tasks if task.play.startswith("Provision ring")]
    names = [
        (task.play, task.name)
        for task in served
        if task.name.startswith("edgeai.fleet.torch :") and "Prepare" not in task.name
    ]
    assert names and len(names) == len(set(names)), "a task of the torch role ran more than once in a ring"
    # The first ring has one board of each family: the same task installed all five, and the same task verified them.
    for name in (INSTALL, VERIFY):
        of_ring = re.search(
            rf"PLAY \[Provision ring 1\].*?TASK \[{re.escape(name)}\][ *]+\n(.*?)\n\n", first.output, re.DOTALL
        )
        done = set(re.findall(r"^(?:ok|changed): \[([\w-]+)\]", of_ring[1], re.MULTILINE))
        assert {FAMILIES[board] for board in done} == set(FAMILIES.values())


def test_a_second_run_changes_nothing(first: Run, lab: Operator):
    again = lab.provision("--limit", "!strange", environ=FORKS)
    assert (again.status, again.changed()) == (0, 0), again.output
    assert {name: again.verdict(name) for name in FAMILIES} == {name: first.verdict(name) for name in FAMILIES}


def test_a_family_can_be_forced(first: Run, lab: Operator):
    run = lab.provision("--limit", "strange", "--check", torch_family="raspberrypi", torch_version="auto")
    assert run.status == 0, run.output
    assert "included: edgeai.fleet.raspberrypi for strange" in run.output and "would be installed" in run.output
