# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""state=absent."""

import os

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from ansible_collections.edgeai.fleet.plugins.module_utils._root.build_directory import acquire_lock, build_directory_of


def test_absent_one_and_all(bench):
    first = bench.build_torch("aaa", "1.0")
    bench.current(first)
    bench.build_torch("bbb", "2.0")
    with pytest.raises(EnvironmentProblem, match="is the current environment"):
        ensure_absent(bench.options(id="aaa"), False)
    one = ensure_absent(bench.options(id="bbb"), False)
    assert (one["changed"], one["removed"], ensure_absent(bench.options(id="bbb"), False)["changed"]) == (
        True,
        ["bbb-1"],
        False,
    )
    assert os.path.exists(first["path"])
    everything = ensure_absent(bench.options(id=None), False)
    assert (everything["changed"], os.path.exists(bench.root)) == (True, False)
    assert not ensure_absent(bench.options(id=None), False)["changed"]


def test_absent_takes_builds_along_but_not_one_that_runs(bench):
    bench.build_torch("aaa", "1.0")
    place = build_directory_of(bench.root, "0123456789abcdef")
    os.makedirs(place.path)
    supervisor = acquire_lock(place)
    with pytest.raises(EnvironmentProblem, match="Build 0123456789abcdef is still running in .*; cancel it first"):
        ensure_absent(bench.options(id=None), False)
    supervisor.close()
    ensure_absent(bench.options(id=None), False)
    assert not os.path.exists(bench.root)


def test_absent_leaves_what_others_put_there(bench):
    bench.build_torch("aaa", "1.0")
    mine = os.path.join(bench.root, "notes.txt")
    open(mine, "w").close()
    ensure_absent(bench.options(id=None), False)
    assert os.listdir(bench.root) == ["notes.txt"]
