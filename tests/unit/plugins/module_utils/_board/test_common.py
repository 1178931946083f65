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


def test_ros():
    board = load("pi5")
    assert "ros" not in collect(FakeSystem(board), "/opt/x")["os"]
    board["files"].update({"/opt/ros/jazzy/setup.bash": "", "/opt/ros/humble/setup.bash": "", "/opt/ros/notes.txt": ""})
    assert collect(FakeSystem(board), "/opt/x")["os"]["ros"] == "humble jazzy"


V1 = "fpu vme de pse tsc msr pae mce cx8 apic sep mtrr pge mca cmov pat clflush mmx fxsr sse sse2 syscall nx lm"
V2 = V1 + " pni ssse3 cx16 sse4_1 sse4_2 popcnt lahf_lm"
V3 = V2 + " fma movbe xsave avx f16c abm bmi1 avx2 bmi2"


@pytest.mark.parametrize(
    ("flags", "level"),
    [
        (V1, 1),
        (V1 + " pni cx16 popcnt", 1),  # kvm64 and its like
        (V2, 2),
        (V2 + " avx", 2),
        (V3, 3),
        (V3 + " avx512f", 3),
        (V3 + " avx512f avx512dq avx512cd avx512bw avx512vl", 4),
    ],
)
def test_the_level_of_an_x86_cpu(flags, level):
    board = load("x86_no_gpu")
    board["files"]["/proc/cpuinfo"] = "processor\t: 0\nmodel name\t: Some CPU\nflags\t\t: %s\n" % flags
    assert collect(FakeSystem(board), "/opt/x")["cpu"]["level"] == level
    board["files"]["/proc/cpuinfo"] = "processor\t: 0\nmodel name\t: Some CPU\n"
    assert "level" not in collect(FakeSystem(board), "/opt/x")["cpu"]


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
