# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The plans of a whole fleet are those that the families' own roles make, board for board."""

from __future__ import annotations

from unittest import mock

import golden_support as golden
import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.template import Templar
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import ansible_cores, variables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import fleet_plans
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.run_options import HostVariables

FAMILIES = sorted({case["family"] for case in golden.cases()})
PI = board({"board": "Raspberry Pi 4", "os": "debian 12"})
ORIN = board({"board": "Jetson Orin Nano", "l4t": "36.4.3"})


def templates_with(known):
    return Templar(loader=DataLoader(), variables=known).template


def trusted(value):
    return variables._as_templates(value)


def host(name="pi", **given):
    raw = {variables.RUN: {}, **trusted(given)}
    return HostVariables(name, raw, templates_with(raw))


def planned(boards, **of_hosts):
    return fleet_plans.plan_fleet(
        [host(name, __fleet_board=made, **of_hosts.get(name, {})) for name, made in boards.items()], templates_with
    )


def test_a_board_that_nobody_knows_has_no_plan():
    made = planned({"a": None, "b": {**PI, "family": None}})
    assert made == {"plans": {}, "boards": {}, "errors": {}}


@golden.ON_ONE_WORKER
@pytest.mark.parametrize("family", FAMILIES)
def test_each_golden_board_has_the_plan_of_its_role(family):
    cases = {f"board-{number}": case for number, case in enumerate(golden.cases()) if case["family"] == family}
    boards = {name: golden.planned(case)[0] for name, case in cases.items()}
    asked = {
        name: {**case["options"], **{f"torch_{option}": value for option, value in case["request"].items()}}
        for name, case in cases.items()
    }
    with mock.patch.object(ansible_cores, "HERE", ansible_cores.CORES[0]):
        made = planned(boards, **asked)
    assert not made["errors"]
    for name, case in cases.items():
        assert made["plans"][made["boards"][name]] == golden.planned(case)[1], case["name"]


def test_equal_boards_are_planned_once():
    boards = {}
    for number in range(30):
        boards[f"pi-{number}"] = {
            **PI,
            "seconds": number,
            "disk": {**PI["disk"], "free": number},
            "swap": {**PI["swap"], "free": number},
            "memory": {**PI["memory"], "available": number},
            "state": {**PI["state"], "current": {"id": "a", "generation": number}},
        }
    with mock.patch.object(fleet_plans, "plan", wraps=fleet_plans.plan) as engine:
        made = planned(boards)
    assert engine.call_count == 1 and made["boards"] == dict.fromkeys(boards, "1")


@pytest.mark.parametrize(
    ("other_board", "other_variables"),
    [
        ({"kernel": {**PI["kernel"], "release": "6.12.1"}}, {}),
        ({"workload": {**PI["workload"], "exists": False}}, {}),
        ({"state": {**PI["state"], "problem": "not a directory; move it"}}, {}),
        ({"state": {**PI["state"], "record": {"verdict": {"outcome": "cuda"}}}}, {}),
        ({}, {"torch_version": "2.6.0"}),
        ({}, {"torch_version": "{{ mine }}", "mine": "2.6.0"}),
    ],
)
def test_what_differs_has_its_own_plan(other_board, other_variables):
    made = planned({"pi": PI, "other": {**PI, **other_board}}, other=other_variables)
    assert made["boards"] == {"pi": "1", "other": "2"}


def test_templates_are_evaluated_for_each_host():
    names = ("one", "two", "three")
    wanted = {"one": "2.9.1", "two": "2.8.0", "three": "2.9.1"}
    made = planned(
        dict.fromkeys(names, PI), **{name: {"torch_version": "{{ mine }}", "mine": wanted[name]} for name in names}
    )
    assert {name: made["plans"][made["boards"][name]]["torch"]["specifier"] for name in names} == {
        name: f"=={version}" for name, version in wanted.items()
    }


def test_options_of_a_family_are_typed():
    asked = {"yes": {"jetson_tensorrt": "true"}, "no": {"jetson_tensorrt": "false"}, "plain": {}}
    made = planned(dict.fromkeys(asked, ORIN), **asked)
    assert "tensorrt" in made["plans"][made["boards"]["yes"]]["modules"]
    assert made["boards"]["no"] == made["boards"]["plain"] != made["boards"]["yes"]


def test_a_wrong_variable_is_an_error_of_its_boards_only():
    made = planned(
        dict.fromkeys(("a", "b", "c", "d"), PI),
        b={"torch_version": "newest"},
        c={"torch_version": "newest"},
        d={"torch_python": "{{ nowhere }}"},
    )
    assert made["boards"] == {"a": "1"} and set(made["errors"]) == {"b", "c", "d"}
    first, second = fleet_plans.error_text(made["errors"]).split("\n", 1)
    assert first.startswith("b, c: torch_version is 'newest': it must be auto, a version")
    assert second.startswith("d: torch_python cannot be evaluated: ") and "nowhere" in second


def test_plans_have_no_secrets():
    made = planned({"pi": PI}, pi={"torch_environment": {"API_TOKEN": "s3cret"}})
    assert "s3cret" not in str(made) and made["plans"]["1"]["environment"]["API_TOKEN"] == "********"


def test_the_catalogue_depends_on_these_options_only():
    assert {family: sorted(variables.catalogue_options(family)) for family in FAMILIES} == {
        "atlas": ["atlas_cann", "atlas_cann_path", "atlas_driver", "atlas_skip_checks"],
        "jetson": ["jetson_community_index", "jetson_l4t", "jetson_tensorrt"],
        "generic": [],
        "pynq": [],
        "raspberrypi": [],
        "x86_conda": ["x86_conda_channels", "x86_conda_cuda_build_on_cpu", "x86_conda_provider"],
    }
