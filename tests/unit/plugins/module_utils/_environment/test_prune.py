# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which environments are removed, and which stay."""

import os
import subprocess
import sys

import pytest


def test_prunes_what_nobody_needs(bench):
    for number in range(1, 5):
        last = bench.current(bench.build_torch("env%d" % number, "%d.0" % number))
    assert last["removed"] == ["env2-1"]
    assert sorted(os.listdir(os.path.join(bench.root, "envs"))) == ["env3-1", "env4-1"]
    cached = [
        name for folder, folders, names in os.walk(os.path.join(bench.root, "cache", "artifacts")) for name in names
    ]
    assert sorted(cached) == ["torch-3.0-py3-none-any.whl", "torch-4.0-py3-none-any.whl", bench.uv["filename"]]
    assert os.listdir(os.path.join(bench.root, "tools")) == ["uv-0.0.1"]


def test_keeps_as_many_as_asked(bench):
    for number in range(1, 5):
        bench.current(bench.build_torch("env%d" % number, "%d.0" % number), keep=3)
    assert sorted(os.listdir(os.path.join(bench.root, "envs"))) == ["env2-1", "env3-1", "env4-1"]


@pytest.mark.parametrize("how", ["running", "standing"])
def test_spares_what_a_process_uses(bench, how):
    first = bench.build_torch("aaa", "1.0")
    bench.current(first)
    python, place = (first["python"], None) if how == "running" else (sys.executable, first["path"])
    process = subprocess.Popen(
        [python, "-c", "print(1, flush=True); input()"], cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        process.stdout.readline()
        bench.current(bench.build_torch("bbb", "2.0"))
        third = bench.build_torch("ccc", "3.0")
        assert bench.current(third)["removed"] == []
        assert os.path.exists(first["path"])
    finally:
        process.communicate(b"\n")
    later = bench.current(third)
    assert (later["removed"], os.path.exists(first["path"])) == (["aaa-1"], False)
