# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what many boards cost the control node. Every figure is a ratio of two runs that take turns, so that it holds
on a busy machine.

planning   hypothetical boards: the plans of 200 equal ones, made at once and by the role of each board; 10,000 boards
           of 50 kinds compared with 1,000
local      200 hosts with local connections (--hosts): a run on converged boards compared with `ansible -m ping`
ssh        20 containers over SSH: the first run, and a run on converged boards compared with `ansible -m ping`
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests"))

import venvs  # noqa: E402  (found by the line above)

# The collection is found by the next line, and its imports follow it (E402).
sys.path.insert(0, str(venvs.link_collection()))

from ansible.parsing.dataloader import DataLoader  # noqa: E402
from ansible.template import Templar  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.fleet_plans import (  # noqa: E402
    Template,
    plan_fleet,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.run_options import HostVariables  # noqa: E402

PROGRAMS = Path(sys.executable).parent
ENVIRONMENT = {
    **os.environ,
    "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
    "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
}
ON_THE_CONTROL_NODE = {"ansible_connection": "local", "ansible_python_interpreter": sys.executable}
# Nothing; the plans of all boards at once; the plan of each board by the role of its family.
NOTHING = [{"ansible.builtin.debug": {"msg": "nothing"}, "run_once": True}]
AT_ONCE = [{"edgeai.fleet.fleet_plan": {"hosts": "{{ ansible_play_hosts_all }}"}, "run_once": True}]
ONE_BY_ONE = [
    {
        "ansible.builtin.include_role": {
            "name": "edgeai.fleet.{{ torch_board.family }}",
            "tasks_from": "plan",
            "rolespec_validate": False,
        },
        "vars": {"torch_board": "{{ __fleet_board }}"},
    }
]


class Cost(NamedTuple):
    wall: float  # seconds
    cpu: float  # seconds, with all processes that it started
    output: str


def run(command: list[str], directory: Path) -> Cost:
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    process = subprocess.run(
        command,
        cwd=directory,
        env={**ENVIRONMENT, "PWD": str(directory)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    wall, after = time.monotonic() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    if process.returncode:
        sys.exit(f"{' '.join(command)} ended with {process.returncode}:\n{process.stdout}")
    return Cost(wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, process.stdout)


def show(what: str, ratios: list[float], goal: str) -> None:
    print(
        f"{what:<58}{statistics.median(ratios):8.2f} (from {min(ratios):.2f} to {max(ratios):.2f}; {goal})", flush=True
    )


def kinds(number: int) -> list[dict]:
    """Boards that differ in what plans depend on."""
    models = [
        {"board": "Raspberry Pi 4", "os": "debian 12"},
        {"board": "Raspberry Pi 5", "os": "debian 13"},
        {"board": "Jetson Orin Nano", "l4t": "36.4.3"},
        {"board": "Jetson Xavier NX", "l4t": "35.6.0"},
        {"board": "PC"},
    ]
    return [
        {**made, "kernel": {**made["kernel"], "release": f"6.{minor}.0"}}
        for minor in range(number // len(models))
        for made in map(board, models)
    ]


def planning_cost(directory: Path, boards: list[dict], tasks: list[dict]) -> float:
    """The CPU seconds of these tasks, without those of a play that does nothing."""
    hosts = {
        f"board-{number}": {"__fleet_board": {**made, "seconds": number / 1000}} for number, made in enumerate(boards)
    }
    inventory, playbook = directory / "hosts.json", directory / "play.yml"
    # Without a run of the playbooks, each host's variables would be searched for mistyped names.
    inventory.write_text(
        json.dumps({"all": {"hosts": hosts, "vars": {**ON_THE_CONTROL_NODE, "__fleet_run": {}}}}), encoding="utf-8"
    )
    costs = []
    for these in (NOTHING, tasks):
        playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": these}]), encoding="utf-8")
        costs.append(run([str(PROGRAMS / "ansible-playbook"), str(playbook), "-i", str(inventory)], directory).cpu)
    return costs[1] - costs[0]


def measure_planning(directory: Path, rounds: int) -> None:
    equal = kinds(5)[:1] * 200
    show(
        "planning 200 equal boards: at once / one by one, CPU",
        [
            planning_cost(directory, equal, AT_ONCE) / planning_cost(directory, equal, ONE_BY_ONE)
            for _round in range(rounds)
        ],
        "at most 0.1",
    )
    # Without Ansible's own inventory, which takes a gigabyte for 10,000 boards.
    few, many = kinds(50) * 20, kinds(50) * 200
    show(
        "planning 10,000 boards of 50 kinds / 1,000, CPU",
        [planning_seconds(many) / planning_seconds(few) for _round in range(rounds)],
        "at most 15",
    )
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(f"{'planning 10,000 boards, memory of the process, MiB':<58}{memory:8} (at most 1024)")


def planning_seconds(boards: list[dict]) -> float:
    """The CPU seconds of planning in this process."""

    def template_with(variables: dict) -> Template:
        return Templar(loader=loader, variables=variables).template

    def hosts() -> Iterator[HostVariables]:
        for number, made in enumerate(boards):
            raw = {"__fleet_run": {}, "__fleet_board": {**made, "seconds": number / 1000}}
            yield HostVariables(f"board-{number}", raw, template_with(raw))

    loader, started = DataLoader(), time.process_time()
    plan_fleet(hosts(), template_with)
    return time.process_time() - started


def compare_with_ping(what: str, inventory: Path, directory: Path, rounds: int, goal: str) -> None:
    """Runs on converged boards against pings, in turn."""
    ping = [str(PROGRAMS / "ansible"), "all", "-m", "ansible.builtin.ping", "-i", str(inventory)]
    walls, cpus = [], []
    for _round in range(rounds):
        alone, again = run(ping, directory), provision(inventory, directory)
        if re.search(r"changed=[1-9]", again.output) or "sending" in again.output:
            sys.exit(f"a converged board was changed, or was sent something:\n{again.output}")
        walls.append(again.wall / alone.wall)
        cpus.append(again.cpu / alone.cpu)
    show(f"{what}: second run / ping, wall", walls, goal)
    show(f"{what}: second run / ping, CPU", cpus, "for information")


def provision(inventory: Path, directory: Path) -> Cost:
    command = [str(PROGRAMS / "ansible-playbook"), "edgeai.fleet.provision", "-i", str(inventory)]
    return run([*command, "-e", f"wheelhouse_dir={directory}/wheelhouse"], directory)


def measure_local(directory: Path, rounds: int, numbers: list[int]) -> None:
    """All hosts are this machine, with one environment: the first makes it, the others find it."""
    variables = {
        **ON_THE_CONTROL_NODE,
        "torch_root": str(directory / "torch"),
        "torch_system_packages": "skip",
        "torch_python": f"{sys.version_info[0]}.{sys.version_info[1]}",
        "x86_conda_provider": "venv",
    }
    inventory = directory / "local.json"
    for number in (1, *numbers):
        hosts = dict.fromkeys(f"board-{index}" for index in range(number))
        inventory.write_text(json.dumps({"all": {"hosts": hosts, "vars": variables}}), encoding="utf-8")
        if number == 1:
            provision(inventory, directory)
        else:
            compare_with_ping(f"{number} local connections", inventory, directory, rounds, "at most 1.6")


def measure_ssh(directory: Path, rounds: int, number: int) -> None:
    lab = yaml.safe_load((REPOSITORY / "tests" / "lab" / "bench.yml").read_text(encoding="utf-8"))
    lab["boards"][0]["count"] = number
    description, state = directory / "lab.yml", directory / "state"
    description.write_text(yaml.safe_dump(lab), encoding="utf-8")
    boards = [sys.executable, str(REPOSITORY / "tests" / "lab" / "boards.py"), "{}"]
    boards += ["--lab", str(description), "--state-dir", str(state)]
    subprocess.run([word.format("create") for word in boards], check=True)
    try:
        first = provision(state / "hosts.yml", directory)
        fetched = re.findall(r"^fetching (\S+\.whl)", first.output, re.MULTILINE)
        print(f"first run of {number}: {len(fetched)} downloads for {len(set(fetched))} artifacts")
        compare_with_ping(f"{number} boards over SSH", state / "hosts.yml", directory, rounds, "at most 1.5")
    finally:
        subprocess.run([word.format("destroy") for word in boards], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help="planning, local, ssh; default: all")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hosts", type=int, nargs="+", default=[200, 1000], help="of the part local")
    parser.add_argument("--boards", type=int, default=20, help="of the part ssh")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="edgeai-bench-") as name:
        directory = Path(name)
        for part, measure in {
            "planning": lambda: measure_planning(directory, arguments.rounds),
            "local": lambda: measure_local(directory, arguments.rounds, arguments.hosts),
            "ssh": lambda: measure_ssh(directory, arguments.rounds, arguments.boards),
        }.items():
            if part in (arguments.parts or [part]):
                measure()


if __name__ == "__main__":
    main()
