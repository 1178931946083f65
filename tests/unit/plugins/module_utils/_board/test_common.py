# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import common
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


@pytest.mark.parametrize(
    "release, programs, manager",
    [
        ("ID=debian\n", ["apt-get", "dnf"], "apt"),  # Debian has a package dnf
        ("ID=ubuntu\nID_LIKE=debian\n", ["apt-get"], "apt"),
        ("ID=linuxmint\nID_LIKE='ubuntu debian'\n", ["apt-get", "dnf"], "apt"),
        ("ID=fedora\n", ["dnf5", "dnf", "yum", "apt-get"], "dnf5"),  # Fedora has a package apt
        ('ID="openEuler"\n', ["dnf", "yum"], "dnf"),
        ('ID="kylin"\n', ["dnf", "yum"], "dnf"),  # the server's edition
        ("ID=kylin\nID_LIKE=debian\n", ["apt-get"], "apt"),  # the desktop's
        ("ID=uos\n", ["apt-get"], "apt"),
        ("ID=uos\n", ["yum"], "yum"),
        ("ID=opensuse-leap\nID_LIKE='suse opensuse'\n", ["zypper"], "zypper"),
        ("ID=arch\n", ["pacman"], "pacman"),
        ("ID=buildroot\n", [], None),
    ],
)
def test_the_package_manager_of_the_system_itself(release, programs, manager):
    board = load("pi5")
    board["files"] = dict(("/usr/bin/" + name, "") for name in programs)
    board["files"]["/etc/os-release"] = release
    assert common.read_operating_system(FakeSystem(board))["package_manager"] == manager
