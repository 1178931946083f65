# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from board_support import FakeSystem, load


def test_missing_workload_user():
    found = collect(FakeSystem(load("pi5")), "/opt/x", torch_user="nobody-here")
    assert found["workload"] == {"name": "nobody-here", "exists": False, "uid": None, "groups": []}


def test_a_uid_without_a_name(monkeypatch):
    monkeypatch.setattr(FakeSystem, "uid", lambda self: 4242)
    found = collect(FakeSystem(load("pi5")), "/opt/x")
    assert found["user"] == {"name": "4242", "uid": 4242, "root": False}
    assert found["workload"] == {"name": "4242", "exists": True, "uid": 4242, "groups": []}


def test_atomics_from_cpuinfo_if_there_is_no_auxv():
    board = load("pi5")
    board["hwcap"] = None
    assert collect(FakeSystem(board), "/opt/x")["cpu"]["atomics"] is True
    board["files"]["/proc/cpuinfo"] = "model name : Intel(R) Xeon(R)\n"
    assert collect(FakeSystem(board), "/opt/x")["cpu"]["atomics"] is None
