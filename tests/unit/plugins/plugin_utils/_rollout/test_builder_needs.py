# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.builder_needs import builder_needs, swap_to_make

MIB = 1 << 20
PYTHONS = [
    {"version": "3.11.2", "implementation": "pypy", "path": "/usr/bin/pypy3"},
    {"version": "3.1.1", "implementation": "cpython", "path": "/usr/bin/python3.1"},
    {"version": "3.11.2", "implementation": "cpython", "path": "/usr/bin/python3"},
    {"version": "3.11.9", "implementation": "cpython", "path": "/usr/local/bin/python3.11"},
]


@pytest.mark.parametrize(
    ("asked", "memory", "swap", "made"),
    [
        (-1, 8192, 0, 0),
        (-1, 4096, 0, 0),
        (-1, 1024, 0, 3072),
        # Swap that is there counts, and so does what this build has made.
        (-1, 1024, 3072, 0),
        (-1, 1024, 3071, 3072),
        (-1, 1024, 100, 3072),
        # A little less than the module makes.
        (-1, 4090, 0, 16),
        (0, 512, 0, 0),
        (2048, 8192, 8192, 2048),
    ],
)
def test_swap_for_the_time_of_a_build(asked: int, memory: int, swap: int, made: int):
    assert swap_to_make(asked, 4096, memory * MIB + 5, swap * MIB + 5) == made


@pytest.mark.parametrize(
    ("python", "path"), [("3.11", "/usr/bin/python3"), ("3.1", "/usr/bin/python3.1"), ("3.9", None)]
)
def test_the_first_interpreter_of_the_wheels_python(python: str, path: str | None):
    spec = {"target": {"python": python}, "needs": {"memory_mib": 4096}}
    board = {"pythons": PYTHONS, "memory": {"total": 1024 * MIB}, "swap": {"total": None}}
    assert builder_needs(board, spec, "-1") == {"python": path, "swap_mib": 3072}
