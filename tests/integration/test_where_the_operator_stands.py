# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Mistakes of operators: no inventory, half of one, a shared one, tags, another directory.

A run that looked at no board never ends with status 0.
"""

from __future__ import annotations

import concurrent.futures
import json
import subprocess

import pytest
import yaml
from playbook_runs import REPOSITORY, Operator, Run

PLAYBOOKS = ("provision", "verify", "build", "rollback", "explain")


def said(run: Run) -> str:
    """Return the output without the line breaks of callbacks."""
    return " ".join(run.output.split())


def write(operator: Operator, inventory: object, name: str = "hosts.yml") -> None:
    operator.inventory = operator.directory / name
    operator.inventory.write_text(
        inventory if isinstance(inventory, str) else yaml.safe_dump(inventory), encoding="utf-8"
    )


def board(operator: Operator, name: str = "localhost", **more: object) -> dict:
    """Return the variables of this machine as a board."""
    variables = yaml.safe_load((operator.directory / "hosts.yml").read_text(encoding="utf-8"))["all"]["hosts"][
        "localhost"
    ]
    return {**variables, "torch_root": str(operator.directory / f"torch-{name}"), **more}


def trap(operator: Operator) -> dict:
    """Return the variables of a host that must not be contacted, and that records every contact."""
    python = operator.directory / "python-of-the-nas"
    python.write_text(f"#!/bin/sh\ntouch {operator.directory}/touched\nexit 1\n", encoding="utf-8")
    python.chmod(0o755)
    return {"ansible_connection": "local", "ansible_python_interpreter": str(python)}


def untouched(operator: Operator) -> bool:
    return not list(operator.directory.glob("torch*")) and not (operator.directory / "touched").exists()


def at_once(operator: Operator, *runs: tuple[str, ...]) -> list[Run]:
    with concurrent.futures.ThreadPoolExecutor(len(runs)) as pool:
        return list(pool.map(lambda arguments: operator.run(*arguments), runs))


def test_without_an_inventory_no_playbook_succeeds(local: Operator):
    local.inventory = local.directory / "nonexistent"
    for run in at_once(local, *((playbook,) for playbook in PLAYBOOKS)):
        assert run.status != 0
        assert "There is no board" in said(run) and "-i" in said(run)
    assert untouched(local)


def test_nothing_to_look_at_is_no_success(local: Operator, ends: str):
    local.inventory = local.directory / "nonexistent"
    # With --limit, Ansible skips even a play on localhost.
    limited, foretold, listed, syntax = at_once(
        local,
        ("provision", "--limit", "pi4"),
        ("explain", "--check", "--limit", "pi4"),
        ("provision", "--list-tasks"),
        ("verify", "--syntax-check"),
    )
    for run in (limited, foretold):
        assert run.status != 0
        assert f"There is no board: {local.inventory} does not exist" in said(run)
    assert (listed.status, syntax.status) == (0, 0), listed.output + syntax.output

    write(local, {"all": {"hosts": {"localhost": board(local)}}})
    tagged, started, part = at_once(
        local,
        ("verify", "--tags", "x"),
        ("rollback", "--start-at-task", "Roll*", "--limit", "localhost"),
        ("parts.ring",),
    )
    assert "--tags x leaves out" in said(tagged)
    assert "--start-at-task 'Roll*' leaves out" in said(started)
    assert "This playbook is a part of others" in said(part)
    for run in (tagged, started, part):
        assert run.status != 0 and run.report is None
    assert untouched(local)


@pytest.mark.parametrize(
    "text",
    ["", "all: {hosts: {localhost: {ansible_connection: local}}", "all:\n  hosts:\n    localhost:\n  children: 5\n"],
    ids=["empty", "no YAML", "half"],
)
def test_an_inventory_that_cannot_be_read_to_its_end(local: Operator, text: str):
    first = local.inventory
    write(local, text, "second.yml")
    second = local.inventory
    alone, beside = local.run("verify"), None
    assert alone.status != 0 and alone.report is None
    if text:
        local.inventory = first
        beside = local.run("verify", "-i", str(second))
        assert beside.status != 0 and beside.report is None
        assert f"Not all inventories can be read: {second} cannot be read" in said(beside)
    assert untouched(local)


def test_a_shared_inventory(local: Operator, ends: str):
    """fleet_hosts and fleet_member are in the inventory, without -e: other hosts are neither contacted nor reported."""
    write(
        local,
        {
            "all": {
                "vars": {"fleet_hosts": "nobody-yet,boards:!retired"},
                "hosts": {"a-nas": trap(local)},
                "children": {
                    "boards": {
                        "hosts": {
                            "pi-1": board(local),
                            "pi-2": {**trap(local), "fleet_member": False},
                            "pi-3": trap(local),
                        }
                    },
                    "retired": {"hosts": {"pi-3": {}}},
                },
            }
        },
        "lab.yml",
    )
    plain, limited, explained = at_once(local, ("verify",), ("verify", "--limit", "pi-*"), ("explain",))
    for run in (plain, limited):
        assert run.outcomes() == {"pi-1": "error"}, run.output
        assert "no environment is in use" in run.verdict("pi-1")["reason"]
    assert explained.status == 0, explained.output
    for run in (plain, explained):
        assert "a-nas" not in run.output and "pi-2" not in run.output and "pi-3" not in run.output
    assert "pi-1" in explained.output
    assert untouched(local)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        (
            {"pi-1": {"fleet_hosts": "pi-1"}, "pi-2": {"fleet_hosts": "pi-*"}},
            ["fleet_hosts holds for the whole run", "'pi-1' on pi-1; 'pi-*' on pi-2"],
        ),
        ({"pi-1": {"fleet_hosts": "jetsons"}}, ["fleet_hosts is 'jetsons', which matches none of the hosts"]),
        (
            {"pi-2": {"torch_failure_budget": 2}},
            ["torch_failure_budget holds for the whole run", "'0' on pi-1; '2' on pi-2"],
        ),
        ({"pi-1": {"fleet_member": "sometimes"}}, ["pi-1: fleet_member is 'sometimes': it must be true or false"]),
        (
            {"pi-1": {"torch_reports": "/proc/reports"}, "pi-2": {"torch_reports": "/proc/reports"}},
            ["torch_reports is /proc/reports, which", "cannot write to"],
        ),
    ],
    ids=lambda value: next(iter(next(iter(value.values())))) if isinstance(value, dict) else None,
)
def test_what_holds_for_the_whole_run_is_settled_first(local: Operator, variables: dict, words: list[str]):
    write(
        local,
        {"all": {"hosts": {name: {**trap(local), **variables.get(name, {})} for name in ("pi-1", "pi-2")}}},
        "lab.yml",
    )
    run = local.run("verify")
    assert run.status != 0 and run.report is None
    for word in words:
        assert word in said(run)
    assert untouched(local)


def test_a_near_miss_is_a_warning(local: Operator):
    first = board(local, torch_cuda_version="12.6", torch_root_dir="/srv", fleet_memeber=False)
    write(local, {"all": {"hosts": {"pi-1": first, "pi-2": board(local)}}}, "lab.yml")
    run = local.run("explain", torch_verison="2.9.1", torch_keeps=3, fleet_ignore_variables=["torch_keep*"])
    assert run.status == 0, run.output
    assert (
        said(run).count(
            "torch_verison is not a variable of this collection (it is set for pi-1, pi-2); did you mean torch_version?"
        )
        == 1
    )
    assert (
        said(run).count(
            "fleet_memeber is not a variable of this collection (it is set for pi-1); did you mean fleet_member?"
        )
        == 1
    )
    for other in ("torch_cuda_version", "torch_root_dir", "torch_keeps"):
        assert other not in run.output


def test_a_connection_that_cannot_even_be_made(local: Operator, ends: str):
    """Neither detection nor its rescue can run on such a board."""
    write(
        local,
        {
            "all": {
                "hosts": {
                    "a-typo": {"ansible_connection": "shs"},
                    "b-address": {"ansible_connection": "local", "ansible_host": "{{ lan_ip }}"},
                    "c-become": {
                        "ansible_connection": "local",
                        "ansible_become": True,
                        "ansible_become_method": "sduo",
                    },
                    "d-good": board(local),
                }
            }
        },
        "lab.yml",
    )
    run = local.run("verify", environ={"ANSIBLE_ANY_ERRORS_FATAL": "1"})
    assert run.status != 0
    assert run.outcomes() == dict.fromkeys(("a-typo", "b-address", "c-become", "d-good"), "error"), run.output
    for name, words in (
        ("a-typo", "connection plugin 'shs' was not found"),
        ("b-address", "'lan_ip' is undefined"),
        ("c-become", "sduo"),
        ("d-good", "no environment is in use"),
    ):
        assert words in run.verdict(name)["reason"]


def test_the_strategy_is_the_playbooks(local: Operator):
    write(local, {"all": {"hosts": {name: board(local, name) for name in ("pi-1", "pi-2")}}}, "lab.yml")
    run = local.run("verify", environ={"ANSIBLE_STRATEGY": "free"})
    assert run.outcomes() == {"pi-1": "error", "pi-2": "error"}, run.output
    assert "add_host" not in run.output


def test_the_table_is_shown_also_if_the_report_cannot_be_written(local: Operator):
    (local.directory / "reports" / "latest").mkdir(parents=True)
    run = local.run("verify")
    assert run.status != 0
    assert "outcome" in run.output and "no environment is in use" in run.output
    assert "The report cannot be written to" in said(run)


def test_no_plan_is_made_from_a_fact_cache(local: Operator):
    cache = local.directory / "cache"
    cache.mkdir()
    (cache / "gone").write_text(
        json.dumps({"edgeai_board": {"family": "x86_conda", "model": "a board of last year"}}), encoding="utf-8"
    )
    write(
        local,
        {
            "all": {
                "hosts": {
                    "gone": {
                        "ansible_host": "127.0.0.1",
                        "ansible_port": 9,
                        "ansible_python_interpreter": "/usr/bin/python3",
                    }
                }
            }
        },
        "lab.yml",
    )
    run = local.run(
        "build", environ={"ANSIBLE_CACHE_PLUGIN": "jsonfile", "ANSIBLE_CACHE_PLUGIN_CONNECTION": str(cache)}
    )
    assert run.outcomes() == {"gone": "unreachable"}, run.output
    assert ": Plan for the board]" not in run.output and "last year" not in run.output
    assert local.run("rollback").outcomes() == {"gone": "unreachable"}


def test_a_second_playbook_of_a_run_begins_anew(local: Operator, ends: str):
    """Otherwise a board would be verified by the verdict of its earlier provisioning, whatever happened since."""

    def look(test: str) -> dict:
        left = [
            f"{name} | default(none) is {test}" for name in ("torch_detected", "__fleet_plans", "wheelhouse_result")
        ]
        return {"hosts": "all", "gather_facts": False, "tasks": [{"ansible.builtin.assert": {"that": left}}]}

    site = local.directory / "site.yml"
    site.write_text(
        yaml.safe_dump(
            [
                {"ansible.builtin.import_playbook": "edgeai.fleet.build"},
                look("truthy"),
                {"ansible.builtin.import_playbook": "edgeai.fleet.parts.request"},
                look("falsy"),
            ],
            sort_keys=False,
        ),
        encoding="utf-8",
    )
    program, _playbook, *inventory = local.command("none")
    run = subprocess.run(
        [program, str(site), *inventory, "--check"],
        cwd=local.directory,
        env=local.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout


def test_locks_are_found_wherever_the_operator_stands(local: Operator):
    write(local, {"all": {"hosts": {"pi-1": board(local), "zz-typo": {"ansible_connection": "shs"}}}}, "lab.yml")
    only = ("--limit", "pi-1")
    made = local.run("build", *only)
    assert made.status == 0, made.output
    (lock,) = (local.directory / "locks").glob("*.json")

    # PWD is wrong here; and a board that cannot be connected to counts before anything is installed.
    elsewhere = local.directory / "elsewhere"
    elsewhere.mkdir()
    closed = local.provision(environ={"PWD": str(elsewhere)})
    assert closed.status != 0
    assert closed.outcomes() == {"pi-1": "not_started", "zz-typo": "error"}, closed.output
    assert "zz-typo" in closed.verdict("pi-1")["reason"]
    assert "resolving" not in closed.output and not list(elsewhere.iterdir())
    assert untouched(local)

    # A run from another directory does not use these locks, and says so.
    forgotten = Operator(elsewhere, local.inventory).run("build", "--check", *only)
    assert f"There are no locks in {elsewhere}/locks" in said(forgotten) and str(lock.parent) in said(forgotten)


def test_locks_can_be_committed():
    asked = ["git", "check-ignore", "locks/0123456789abcdef.json", "locks/pins.json"]
    assert subprocess.run(asked, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True, check=False).stdout == ""
