# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The keys of a board are the same in its schema, the constructor, on boards, in RETURN and in what plans require."""

import pytest
import yaml
from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.filter.torch_plan import torch_plan
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.modules import board_facts
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model import board as model
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import hypothetical_board
from board_support import BOARDS, FakeSystem, load
from plan_support import pi, validator

SCHEMA = validator("board").schema
PARTS = {
    "state": model.empty_state(),
    "pythons": model.empty_python(),
    "accelerators": model.empty_accelerator(),
    "signs": model.empty_sign(),
    "unserved": model.empty_unserved(),
    **{key: model.empty_board()[key] for key in "kernel cpu libc os memory swap disk user workload key".split()},
}


def test_the_schema_has_the_keys_of_the_constructor():
    assert list(SCHEMA["properties"]) == list(model.KEYS)
    assert set(SCHEMA["required"]) == set(model.REQUIRED_KEYS)


@pytest.mark.parametrize("part", PARTS)
def test_the_schema_has_the_keys_of_its_parts(part):
    schema = SCHEMA["properties"][part]
    schema = schema.get("items", schema)
    required = {"root", *PARTS[part]} if part == "state" else set(PARTS[part])
    assert (
        set(schema["properties"]) - {"exposed", "jupyter_kernels", "level", "ros"}
        == set(schema["required"])
        == required
    )


def test_boards_describe_themselves_by_these_keys():
    # The module adds what it reads under torch_root, and the time that all this took.
    for path in BOARDS:
        assert {*collect(FakeSystem(load(path.stem)), "/opt/x"), "state", "seconds"} == set(model.KEYS)
    documented = yaml.safe_load(board_facts.RETURN)["ansible_facts"]["contains"]["edgeai_board"]["contains"]
    assert set(documented) == set(model.KEYS)


def test_a_hypothetical_board_has_these_keys():
    assert list(hypothetical_board.board({"board": "Raspberry Pi 4"})) == list(model.KEYS)


@pytest.mark.parametrize("key", model.KEYS)
def test_a_plan_requires_what_every_board_has(key):
    board, rows = pi("3.11.2"), [{"id": "a", "accelerator": "cpu", "torch": ">=2"}]
    del board[key]
    if key in model.OPTIONAL_KEYS:
        assert torch_plan(board, rows, {})["row"] == "a"
    else:
        with pytest.raises(AnsibleFilterError, match=f"not a board of edgeai.fleet.board_facts: {key} missing"):
            torch_plan(board, rows, {})
