# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import ast

import golden_support
import plan_support
import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import common_rows, row_tables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.rows import BY_EVIDENCE, kind_of
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.proof import proof_of
from packaging.specifiers import SpecifierSet

ROOT = plan_support.ROOT
FAMILIES = sorted(path.parents[1].name for path in ROOT.glob("roles/*/tasks/plan.yml"))
ROWS = [
    *common_rows(),
    *(row for table in row_tables().values() for row in table),
    *(row for family in FAMILIES for row in plan_support.catalogue(family)),
]
RUNS = [(row, run) for row in ROWS for run in row.get("ran", [])]

PI = {"board": "Raspberry Pi 4", "os": "debian 12"}
RUN = {"family": "raspberrypi", "os": "debian 12", "python": "3.11", "torch": "2.9.1", "how": "emulated", "by": "us"}


def proof(specifier: str = "==2.9.1", facts: dict | None = None, python: str = "3.11.2", **row: object) -> dict:
    return proof_of(
        {"id": "a", "proven": "guess", "ran": [RUN], **row}, board(facts or PI), python, SpecifierSet(specifier)
    )


def test_what_ran_is_proven():
    assert proof() == {"how": "emulated", "here": [RUN], "elsewhere": []}


@pytest.mark.parametrize(
    "changed",
    [
        {"facts": {**PI, "os": "debian 13"}},
        {"facts": {**PI, "os": "ubuntu 12"}, "python": "3.11.2"},
        {"facts": {"family": "generic", "architecture": "aarch64", "os": "debian 12"}},
        {"python": "3.1.1"},
        {"python": "3.12.1"},
        {"specifier": "==2.9.0"},
        {"specifier": "==2.9.1+cpu"},
    ],
)
def test_on_another_board_or_system_or_with_another_release_it_is_not(changed):
    if changed.get("facts", {}).get("os") == "ubuntu 12":
        changed["facts"] = {**changed["facts"], "libc": "2.36", "pythons": ["3.11.2"]}
    assert proof(**changed) == {"how": "guess", "here": [], "elsewhere": [RUN]}
    assert proof(**changed, proven="recorded")["how"] == "recorded"


@pytest.mark.parametrize(
    "specifier, how",
    [
        (">=2.6,<2.10", "emulated"),
        (">=2.6,<2.11,!=2.10.*", "emulated"),
        ("<=2.9.1", "emulated"),
        (">=2.6,<2.11", "guess"),  # 2.10.0
        (">=2.6", "guess"),  # whatever will be released
        ("<=2.14.1", "guess"),  # newer than the table of releases
        ("<2.15", "guess"),
        (">=1.8,<=2.9.0", "guess"),
    ],
)
def test_of_a_range_the_newest_release_counts(specifier, how):
    made = proof(specifier)
    assert made["how"] == how
    assert bool(made["here"]) == SpecifierSet(specifier).contains("2.9.1")


def test_the_run_that_proves_comes_first():
    older = {**RUN, "torch": "2.8.0", "how": "container"}
    made = proof("<2.10", ran=[older, RUN])
    assert (made["how"], made["here"]) == ("emulated", [RUN, older])


def test_a_row_that_did_not_run_says_what_it_says():
    assert proof(ran=[], proven="recorded") == {"how": "recorded", "here": [], "elsewhere": []}


# --- The catalogues


def test_only_what_ran_is_said_to_have_run():
    """For what an offer gives beyond its runs, the word is recorded or guess."""
    assert {row["id"] for row in ROWS if kind_of(row) == "offer" and row["proven"] not in BY_EVIDENCE} == set()
    assert {row["id"] for row, _run in RUNS} >= {"aarch64-no-lse", "x86-cpu"}


@pytest.mark.parametrize(("row", "run"), RUNS, ids=lambda value: value.get("by") or value["id"])
def test_what_a_run_names_runs_it(row, run):
    """A scenario of Molecule has such a board in its lab, a test of this repository names the release."""
    place = ROOT / run["by"]
    if place.is_file():
        texts = [node.value for node in ast.walk(ast.parse(place.read_text(encoding="utf-8"))) if is_text(node)]
        assert any(text.startswith("torch==") and text.split("==")[1].split("+")[0] == run["torch"] for text in texts)
        return
    assert place.parent.name == "molecule" and place.name == run["family"]
    (lab,) = yaml.safe_load((place / "lab.yml").read_text(encoding="utf-8"))["boards"]
    assert lab["vars"]["torch_version"] == run["torch"]
    assert (run["how"] == "emulated") == (lab.get("arch", "amd64") != "amd64")


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


@golden_support.ON_ONE_WORKER
@pytest.mark.parametrize(("row", "run"), RUNS, ids=lambda value: value.get("by") or value["id"])
def test_a_run_proves_a_plan_of_its_row(row, run):
    """Such a board gets that torch by this row, and its plan says so."""
    facts = {"os": run["os"], "pythons": [f"{run['python']}.2"], "atomics": False if run["how"] == "emulated" else None}
    facts = {name: value for name, value in facts.items() if value is not None}
    architecture = row["when"]["architecture"]
    case = {
        "family": run["family"],
        "name": f"{row['id']} by {run['by']}",
        "board": {"architecture": architecture, **facts},
        "request": {"version": run["torch"]},
        "options": {"x86_conda_provider": "venv"} if run["family"] == "x86_conda" else {},
    }
    _board, plan = golden_support.planned(case)
    assert (plan["row"], plan["proven"]["how"]) == (row["id"], run["how"])
    assert plan["proven"]["here"] == [run]


def test_the_labs_are_of_the_system_that_runs_name():
    tree = ast.parse((ROOT / "tests/lab/images.py").read_text(encoding="utf-8"))
    names = {node.targets[0].id: node.value for node in tree.body if isinstance(node, ast.Assign)}
    assert ast.literal_eval(names["SUITE"]) == "bookworm" and {run["os"] for _row, run in RUNS} == {"debian 12"}
