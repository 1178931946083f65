# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Repairs to a build tree after an interruption."""

import os
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.interruption import (
    discard_unsafe,
    move_times_to_past,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.source import EPOCH


def test_times_of_the_future_move_in_their_order(tmp_path):
    now = time.time()
    times = {"source.cpp": EPOCH, "old.o": now - 100, "generated.h": now + 5000, "new.o": now + 5001}
    for name, moment in times.items():
        (tmp_path / name).write_text("")
        os.utime(str(tmp_path / name), (moment, moment))
    (tmp_path / "link").symlink_to("nowhere")
    assert 5001 <= move_times_to_past(str(tmp_path)) <= 5003
    found = dict((name, os.stat(str(tmp_path / name)).st_mtime) for name in times)
    assert sorted(found, key=found.get) == sorted(times, key=times.get)
    assert found["source.cpp"] == EPOCH and max(found.values()) <= time.time()
    assert found["new.o"] - found["generated.h"] == pytest.approx(1)
    assert move_times_to_past(str(tmp_path)) == 0


def test_a_clock_that_was_never_set(tmp_path, monkeypatch):
    monkeypatch.setattr(time, "time", lambda: 86400.0)
    with pytest.raises(EnvironmentProblem, match="the clock of this machine is at 1970-01-02"):
        move_times_to_past(str(tmp_path))


def test_objects_that_a_power_cut_may_have_cheated(tmp_path):
    now = time.time()
    for name, content, moment in (
        ("good.o", b"\x7fELF...", now - 100),
        ("hollow.o", b"\0" * 100, now - 100),
        ("empty.a", b"", now - 100),
        ("young.o", b"\x7fELF...", now),
        ("young.h", b"", now),
        ("good.a", b"!<arch>\n", now - 100),
    ):
        (tmp_path / name).write_bytes(content)
        os.utime(str(tmp_path / name), (moment, moment))
    assert discard_unsafe(str(tmp_path), now - 10) == 3
    assert sorted(os.listdir(str(tmp_path))) == ["good.a", "good.o", "young.h"]
