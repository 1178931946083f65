# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The golden table: which board gets what, according to people who read the sources.

There is a file for each family, with the name of the family (and a suffix after a hyphen).

A case is a board (facts as `fleet_board` takes them), what is requested (`request`: the torch_* variables without their
prefix; `options`: the role's own), `because` (what the sources say about it) and the expected result: `plan`, every key
that differs from the usual, or `refusal`. `newest` is the newest torch that the plan could give when the indexes were
read. `shown` makes the case a row of README's table.

    PYTHONPATH=.build/collections .build/test/bin/python tests/unit/support/golden_support.py jetson

prints the engine's result where a case has none yet, or another one.
"""

from __future__ import annotations

import functools
import json
import re
import sys
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
import yaml
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.torch_releases import REPOSITORIES
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.plan import empty_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import ansible_cores
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import completed_request, trust_as_template

#: The mark of tests that ask for plans of cases: each is made once, and kept by the worker that made it.
ON_ONE_WORKER = pytest.mark.xdist_group("golden")
ROOT = Path(__file__).resolve().parents[3]
FILES = sorted((ROOT / "tests/unit/golden").glob("*.yml"))
KEYS = {"name", "board", "request", "options", "because", "newest", "shown", "plan", "refusal"}
# The keys of a plan, unless a case says otherwise.
USUAL = {**empty_plan(), "action": "install", "provider": "venv", "requirements": ["numpy"]}
# Prose, which is not compared literally; or a copy of the board's value.
TOLD = ("schema", "refusal", "family", "why", "proven", "checked", "evidence", "target")


def cases(family: str | None = None) -> list[dict]:
    """Return all cases, each with its family."""
    found = []
    for path in FILES:
        of, _part, _rest = path.stem.partition("-")
        if family in (None, of):
            for case in yaml.safe_load(path.read_text(encoding="utf-8")):
                found += [{"family": of, "request": {}, "options": {}, **one} for one in _each(case)]
    return found


def _each(case: dict) -> list[dict]:
    """Expand a case with `each` into several, which add to its name and its mappings."""
    base = {key: value for key, value in case.items() if key != "each"}
    return [
        {
            **base,
            **{
                key: f"{base[key]}, {value}" if key == "name" else {**base.get(key, {}), **value}
                for key, value in more.items()
            },
        }
        for more in case.get("each", [{}])
    ]


@functools.cache
def tables(family: str) -> dict:
    """Return a role's defaults and vars, as in its files."""
    role, found = ROOT / "roles" / family, {}
    for place in ("defaults", "vars"):
        for path in (role / place / "main.yml", *sorted((role / place / "main").glob("*.yml"))):
            if path.is_file():
                found.update(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
    return found


REQUEST = "lookup('edgeai.fleet.torch_request')"


def arguments(family: str, made: dict, options: dict, request: dict) -> tuple[list[dict], dict]:
    """Return the rows and the request that the role's own tasks/plan.yml gives to the filter torch_plan."""
    (task,) = yaml.safe_load((ROOT / "roles" / family / "tasks/plan.yml").read_text(encoding="utf-8"))
    plan = task["ansible.builtin.set_fact"]["torch_plan"].strip()
    board = f"__{family}_board"
    given = re.fullmatch(
        re.escape("{{ " + board) + r"\s+\| edgeai\.fleet\.torch_plan\((.+), ([^,]+)\) \}\}", plan, re.DOTALL
    )
    told = json.dumps([completed_request(request), made])
    used = _used_by(family, given[1])
    # Most rows depend on neither request nor board, and templating hundreds of them for every case takes minutes.
    rows = _templated(family, given[1], json.dumps(options), told if REQUEST in used or board in used else "[{}, {}]")
    return rows, _templated(family, given[2], json.dumps(options), told)


@functools.cache
def _used_by(family: str, expression: str) -> str:
    """Return the expression, and all variables of the role that it needs, as JSON."""
    texts, pending, seen = [expression], [expression], set()
    while pending:
        for name in set(re.findall(r"\w+", pending.pop())) & tables(family).keys() - seen:
            seen.add(name)
            if name != f"__{family}_board":
                texts.append(json.dumps(tables(family)[name]))
                pending.append(texts[-1])
    return "\n".join(texts)


@functools.cache
def _templated(family: str, expression: str, options: str, told: str) -> Any:
    # The lookup of a run's variables does not work without a run, so the request replaces it.
    request, made = json.loads(told)
    variables = {**_templates(family), **json.loads(options), "torch_board": made, "golden_request": request}
    return Templar(loader=DataLoader(), variables=variables).template(_trusted("{{ " + expression + " }}"))


@functools.cache
def _templates(family: str) -> dict:
    return _trusted(tables(family))


def _trusted(value: Any) -> Any:
    """Mark the templates of a role as trusted, as ansible-core requires from 2.19 on."""
    if isinstance(value, dict):
        return {name: _trusted(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [_trusted(inner) for inner in value]
    return trust_as_template(value.replace(REQUEST, "golden_request")) if isinstance(value, str) else value


_PLANNED: dict[tuple[str, str], tuple[dict, dict]] = {}


def planned(case: dict) -> tuple[dict, dict]:
    """Return (board, plan) of a case; several tests ask for each."""
    key = (case["family"], case["name"])
    if key not in _PLANNED:
        _PLANNED[key] = _plan(case)
    return _PLANNED[key]


def _plan(case: dict) -> tuple[dict, dict]:
    made = board({"family": case["family"], **case["board"]})
    # Other tests check which boards an ansible-core can drive: 2.16 can drive all of them.
    with mock.patch.object(ansible_cores, "HERE", ansible_cores.CORES[0]):
        return made, torch_plan(made, *arguments(case["family"], made, case["options"], case["request"]))


def condensed(plan: dict, board: dict) -> dict:
    """Return the part of a plan that a case names: {plan: what differs from the usual} or {refusal: reason and fix}."""
    plan = json.loads(json.dumps(plan))  # the texts of a template have their own class
    if plan["refusal"]:
        return {"refusal": {"reason": plan["refusal"]["reason"], "way_out": plan["refusal"]["way_out"]}}
    told = {"row": plan["row"], "accelerator": plan["accelerator"], "torch": plan["torch"]["specifier"]}
    if plan["torch"]["local"]:
        told["local"] = plan["torch"]["local"]
    if plan["expect"] != plan["accelerator"]:
        told["expect"] = plan["expect"]
    own = [python["version"] for python in board["pythons"] if python["path"] == plan["python"]["path"]]
    told["python"] = plan["python"]["version"] if own == [plan["python"]["version"]] else dict(plan["python"])
    compared = [key for key in plan if key not in (*TOLD, *told, "local", "expect")]
    for key in compared:
        value = plan[key]
        if key in ("wheels", "files"):
            value = [{name: inner for name, inner in file.items() if inner is not None} for file in value]
        if key == "forced":
            value = [forced["row"] for forced in value]
        if key == "builds":
            value = [_condensed_build(build) for build in value]
        if key == "otherwise" and value:
            value = condensed(value, board)["plan"]
        if value != USUAL[key]:
            told[key] = value
    return {"plan": told}


def _condensed_build(build: dict) -> dict:
    """Return what row, request and board decide about a build; keys and labels follow from that."""
    source = {name: value for name, value in build["source"].items() if value is not None}
    told = {
        "package": f"{build['package']} {build['version']}",
        "baseline": build["target"]["baseline"],
        "system_packages": build["system_packages"],
    }
    if source != {"git": REPOSITORIES[build["package"]], "ref": f"v{build['version']}"}:
        told["source"] = source
    patches = [patch["name"] for patch in build["patches"]]
    others = {
        **{
            name: build[name]
            for name in ("python_packages", "features", "environment", "commands", "needs", "requires")
        },
        "patches": patches,
    }
    if build["toolchain"] != {"cc": "gcc", "cxx": "g++"}:
        told["toolchain"] = build["toolchain"]
    return {**told, **{name: value for name, value in others.items() if value}}


def write(family: str) -> None:
    for case in cases(family):
        made, plan = planned(case)
        found = condensed(plan, made)
        if found != {key: case[key] for key in ("plan", "refusal") if key in case}:
            print(
                yaml.safe_dump(
                    [{"name": case["name"], **found}],
                    sort_keys=False,
                    default_flow_style=None,
                    width=160,
                    allow_unicode=True,
                )
            )


if __name__ == "__main__":
    write(sys.argv[1])
