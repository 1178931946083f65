# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import collect as _collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board import pythons as _pythons
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.common import clean
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from board_support import BOARDS, FakeSystem, load, well_formed


def strings(value):
    if isinstance(value, dict):
        value = list(value) + list(value.values())
    if isinstance(value, list):
        return [text for entry in value for text in strings(entry)]
    return [value] if isinstance(value, str) else []


@pytest.mark.parametrize("name", [path.stem for path in BOARDS])
def test_board(name):
    board = load(name)
    found = well_formed(collect(FakeSystem(board), "/opt/edgeai/torch"))
    assert dict((key, found[key]) for key in board["expect"]) == board["expect"]
    assert found["disk"] == {"path": "/", "total": 1000, "free": 400}
    assert found["user"] == {"name": "pi", "uid": 1000, "root": False}
    assert found["workload"] == {"name": "pi", "exists": True, "uid": 1000, "groups": ["pi", "video"]}
    json.dumps(found)
    for text in strings(found):
        assert text.isprintable() and len(text) <= 1000, text


def test_every_board_has_the_same_keys():
    boards = [collect(FakeSystem(load(path.stem)), "/opt/x") for path in BOARDS]
    assert len(set(tuple(sorted(board)) for board in boards)) == 1


def test_converged_pi_costs_one_child_process():
    system = FakeSystem(load("pi4_bookworm"))
    collect(system, "/opt/edgeai/torch")
    assert system.started == [["dpkg", "--print-architecture"]]


def test_family_is_forced():
    found = collect(FakeSystem(load("unknown_arm")), "/opt/x", family="raspberrypi")
    assert found["family"] == "raspberrypi" and found["model"] == "Radxa ROCK 4"
    assert found["warnings"][0].startswith(
        "the family raspberrypi is forced on a board that does not look like it: device tree model Radxa ROCK 4"
    )
    assert collect(FakeSystem(load("pi5")), "/opt/x", family="raspberrypi")["warnings"] == []
    found = collect(FakeSystem(load("pi5")), "/opt/x", family="x86_conda")
    assert (found["family"], found["accelerators"]) == ("x86_conda", [])


def test_no_family():
    found = collect(FakeSystem(load("unknown_arm")), "/opt/x")
    known = ", ".join(detector.family for detector in _collect.DETECTORS)
    assert found["warnings"] == [
        "this board belongs to no known family (%s): device tree model Radxa ROCK 4, compatible radxa,rockpi4,"
        " rockchip,rk3399, architecture aarch64" % known
    ]


def test_mistyped_family():
    with pytest.raises(ValueError, match="family: rapsberrypi is not known; it is one of .*raspberrypi, "):
        collect(FakeSystem(load("pi5")), "/opt/x", family="rapsberrypi")


def test_missing_workload_user():
    found = collect(FakeSystem(load("pi5")), "/opt/x", torch_user="nobody-here")
    assert found["workload"] == {"name": "nobody-here", "exists": False, "uid": None, "groups": []}


def test_a_uid_without_a_name(monkeypatch):
    monkeypatch.setattr(FakeSystem, "uid", lambda self: 4242)
    found = collect(FakeSystem(load("pi5")), "/opt/x")
    assert found["user"] == {"name": "4242", "uid": 4242, "root": False}
    assert found["workload"] == {"name": "4242", "exists": True, "uid": 4242, "groups": []}


def test_hanging_nvidia_smi():
    board = load("x86_rtx4090")
    board["commands"] = {"dpkg --print-architecture": [0, "amd64\n", ""]}
    found = collect(FakeSystem(board), "/opt/x")
    assert found["accelerators"] == [] and found["warnings"] == []
    assert [(found["cause"], found["why"]) for found in found["signs"]] == [
        ("hang", "libcuda gave no answer within 60 s")
    ]


def test_key_of_a_detector(monkeypatch):
    class Jetson(object):
        family = "jetson"

        def detect(self, system):
            return {"model": "Orin", "key": {"l4t": "36.4.3"}}

    monkeypatch.setattr(_collect, "DETECTORS", [Jetson()])
    assert collect(FakeSystem(load("unknown_arm")), "/opt/x")["key"] == {
        "kernel": "6.1.0",
        "driver": None,
        "l4t": "36.4.3",
        "cann": None,
    }


def test_every_detector_is_listed():
    # Ansible sends a board only what is imported statically: a detector that is not listed would be missing there,
    # silently.
    files = pathlib.Path(_collect.__file__).parent.glob("_*.py")
    written = set(path.stem for path in files if "\nclass Detector(" in path.read_text())
    listed = [type(detector).__module__.rpartition(".")[2] for detector in _collect.DETECTORS]
    assert set(listed) == written
    assert listed[-1] == "_x86_conda"


def test_atomics_from_cpuinfo_if_there_is_no_auxv():
    board = load("pi5")
    board["hwcap"] = None
    assert collect(FakeSystem(board), "/opt/x")["cpu"]["atomics"] is True
    board["files"]["/proc/cpuinfo"] = "model name : Intel(R) Xeon(R)\n"
    assert collect(FakeSystem(board), "/opt/x")["cpu"]["atomics"] is None


def test_clean():
    assert clean(" a\x00b\x1b[0m\u202e\tc\n") == "a b [0m c"
    assert len(clean("x" * 100000)) == 120


# -- the real system ---------------------------------------------------------------------------------------------------


def executable(path, text):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)


class Here(System):
    """This machine with a PATH of the test's."""

    def __init__(self, *places):
        super().__init__()
        self.environ = dict(os.environ, PATH=os.pathsep.join(map(str, places)))


def test_run():
    system = System()
    assert system.run(["sh", "-c", "echo out; echo err >&2; exit 3"], 20) == (3, "out\n", "err\n")
    assert system.run(["/nonexistent/program"], 20) is None
    assert system.run(["sh", "-c", "kill -ILL $$"], 20)[0] == -4


def test_run_ends_what_hangs_and_what_it_started(tmp_path):
    started = time.monotonic()
    answers = System().run_all(
        [["sh", "-c", "sleep 300 & echo $! > %s; wait" % (tmp_path / "pid")], ["echo", "quick"], ["sleep", "300"]], 1
    )
    assert answers == [None, (0, "quick\n", ""), None]
    assert time.monotonic() - started < 10
    pid = (tmp_path / "pid").read_text().strip()
    for _attempt in range(100):
        status = System().read("/proc/%s/stat" % pid)
        if status is None or status.rpartition(")")[2].split()[0] == "Z":
            return
        time.sleep(0.05)
    pytest.fail("the child of a command that was ended still runs")


def test_hwcap_is_what_the_loader_was_given():
    # Not getauxval(): glibc answers for AT_HWCAP with bits of its own on x86.
    shown = subprocess.check_output(["true"], env=dict(os.environ, LD_SHOW_AUXV="1")).decode()
    hwcap = [line.split()[1] for line in shown.splitlines() if line.startswith("AT_HWCAP:")]
    if not hwcap:
        pytest.skip("this C library does not show its auxiliary vector")
    assert System().hwcap() == int(hwcap[0], 16)


def test_interpreters_of_a_path(tmp_path):
    real = System().interpreter()["path"]
    bin_, other, venv = tmp_path / "bin", tmp_path / "other", tmp_path / "venv"
    executable(bin_ / "python3", "#!/bin/sh\nexec pyenv exec python3\n")  # pyenv's shim
    for place in (other, venv / "bin"):
        place.mkdir(parents=True)
        (place / "python3").symlink_to(real)
    (venv / "pyvenv.cfg").write_text("home = /usr/bin\n")
    executable(other / "python3.99", "\x7fELF broken")
    (other / "python3.98").symlink_to("/nonexistent/python")
    executable(other / "python3.7-config", "no interpreter")

    pythons, warnings = _pythons.find_pythons(Here(venv / "bin", bin_, other))
    assert [python["default"] for python in pythons] == [True] + [False] * (len(pythons) - 1)
    assert pythons[0] == {
        "path": str(other / "python3"),
        "version": "%d.%d.%d" % sys.version_info[:3],
        "implementation": "cpython",
        "externally_managed": pythons[0]["externally_managed"],
        "default": True,
    }
    assert len(set(os.path.realpath(python["path"]) for python in pythons)) == len(pythons)
    assert [text for text in warnings if str(tmp_path) in text] == [
        "%s/python3.98 is not a file that can be run: it is left out" % other,
        "%s/python3.99 does not work (it cannot be started, or gave no answer within 60 s): it is left out" % other,
    ]


def test_a_child_answers_like_the_interpreter_itself():
    own = System().interpreter()
    status, out, _err = System().run([own["path"], "-I", "-S", "-c", _pythons.QUESTION], 60)
    assert status == 0
    assert _pythons.ANSWER.match(out).groups() == (
        own["implementation"],
        own["version"],
        str(int(own["externally_managed"])),
    )


def test_torch_python_is_looked_at_where_nobody_expects_one(tmp_path):
    real = System().interpreter()["path"]
    wanted = tmp_path / "somewhere" / "interpreter"
    wanted.parent.mkdir()
    wanted.symlink_to(real)
    pythons, warnings = _pythons.find_pythons(Here(), torch_python=str(wanted))
    assert str(wanted) in [python["path"] for python in pythons]

    script = tmp_path / "script"
    executable(script, "#!/bin/sh\n")
    assert (
        "torch_python: %s is a script: name the real interpreter behind it" % script
        in _pythons.find_pythons(Here(), torch_python=str(script))[1]
    )
    missing = str(tmp_path / "missing")
    assert (
        "%s is not a file that can be run: it is left out" % missing
        in _pythons.find_pythons(Here(), torch_python=missing)[1]
    )


def test_an_interpreter_out_of_the_workloads_reach(tmp_path):
    place = tmp_path / "closed"
    place.mkdir()
    shutil.copy(System().interpreter()["path"], str(place / "python3"))
    for directory in (tmp_path, tmp_path.parent, tmp_path.parent.parent):
        directory.chmod(0o755)
    stranger = {"name": "stranger", "uid": 65533, "gids": [65533]}
    place.chmod(0o700)

    def complaints(workload):
        return [
            text
            for text in _pythons.find_pythons(Here(place), workload=workload)[1]
            if "cannot run" in text and str(place) in text
        ]

    assert complaints(stranger) == [
        "interpreters that the user stranger cannot run, because of the mode of %s, are left out: %s/python3"
        % (place, place)
    ]
    assert complaints(dict(stranger, uid=os.stat(str(place)).st_uid)) == []
    place.chmod(0o710)
    assert complaints(dict(stranger, gids=[65533, os.stat(str(place)).st_gid])) == []
    place.chmod(0o755)
    assert complaints(stranger) == []


def test_this_machine(tmp_path):
    root = tmp_path / "not" / "yet" / "there"
    found = collect(System(), str(root))
    assert found["kernel"] == {"release": os.uname().release, "machine": os.uname().machine}
    assert found["disk"]["path"] == str(tmp_path)
    assert 0 < found["disk"]["free"] <= found["disk"]["total"]
    assert 0 < found["memory"]["available"] <= found["memory"]["total"]
    assert found["page_size"] == int(subprocess.check_output(["getconf", "PAGESIZE"]))
    assert found["cpu"]["cores"] == int(
        subprocess.check_output(["nproc"], env=dict((k, v) for k, v in os.environ.items() if not k.startswith("OMP_")))
    )
    assert found["user"]["name"] == subprocess.check_output(["id", "-un"]).decode().strip()
    assert found["workload"]["groups"] == sorted(
        subprocess.check_output(["id", "-Gn", found["user"]["name"]]).decode().split()
    )
    assert found["os"]["id"]
    own = [python for python in found["pythons"] if python["version"] == sys.version.split()[0].rstrip("+")]
    assert own
    for python in found["pythons"]:
        said = subprocess.check_output([python["path"], "--version"]).decode().split()[1]
        assert said.rstrip("+") == python["version"]
        assert stat.S_ISREG(os.stat(python["path"]).st_mode)
    if os.uname().machine == "x86_64":
        assert (found["family"], found["architecture"]) == ("x86_conda", "x86_64")
    if shutil.which("ldd") and found["libc"]["name"] == "glibc":
        assert (
            subprocess.check_output(["ldd", "--version"]).decode().splitlines()[0].split()[-1]
            == found["libc"]["version"]
        )
