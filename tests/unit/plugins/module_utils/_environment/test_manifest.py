# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Damage of an environment."""

import os

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from environment_support import run_python


def damage_by_deleting(path):
    os.unlink(path)
    return "is missing"


def damage_in_place(path):
    with open(path, "r+") as stream:
        stream.write("#")
    return "was changed after it was installed"


def damage_by_truncating(path):
    os.truncate(path, 3)
    return "has 3 bytes instead of"


@pytest.mark.parametrize("damage", [damage_by_deleting, damage_in_place, damage_by_truncating])
def test_damage_is_seen_and_repaired_as_the_next_generation(bench, damage):
    torch = bench.wheel("torch", "2.9.1")
    bench.current(bench.present([torch]))
    expected = damage(os.path.join(bench.site(bench.env(1)), "torch", "__init__.py"))
    state = read_state(bench.root)
    assert not state["intact"]
    assert expected in state["damage"][0]
    repaired = bench.present([torch])
    assert (repaired["changed"], repaired["generation"]) == (True, 2)
    assert "aaa-1 is damaged" in repaired["warnings"][0]
    # The damage must not reach the repair through a shared inode.
    assert run_python(bench.env(2), "import torch; print(torch.__version__)") == "2.9.1"
    assert bench.link() == "aaa-1"
