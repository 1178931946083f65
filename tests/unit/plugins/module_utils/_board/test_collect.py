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

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import collect as _collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
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


@pytest.mark.parametrize("name", ["pi4_bookworm", "jetson_orin_nano", "x86_no_gpu"])
def test_a_board_with_the_record_of_its_dpkg_costs_no_child_process(name):
    asked, read = FakeSystem(load(name)), FakeSystem(load(name))
    record = "Package: dash\n\nPackage: dpkg\nStatus: install ok installed\nArchitecture: %s\n\n"
    read.files["/usr/bin/dpkg"] = b"\x7fELF"
    read.files["/var/lib/dpkg/status"] = (record % asked.architecture()[1]).encode("utf-8")
    assert collect(read, "/opt/edgeai/torch") == collect(asked, "/opt/edgeai/torch")
    assert (read.started, len(asked.started)) == ([], 1)


PI = {"raspberrypi_board", "installed_packages", "swap_manager"}
JETSON = {"jetson_board", "jetson_software"}
ZYNQ = {"pynq_board", "installed_packages"}
ASCEND = {"atlas_board", "cann", "npu_smi"}
GPU = {"nvidia", "cuda_driver"}
FAULT = {"nvidia_faults", "nvidia_generations"}
OTHER = {"unserved_cards"}  # a processor's own graphics


@pytest.mark.parametrize(
    "name, parts",
    [
        ("pi4_bookworm", PI),
        ("jetson_orin_nano", JETSON),
        ("pynq_z2_2.7", ZYNQ),
        ("atlas_310b1", ASCEND),
        ("x86_no_gpu", OTHER),
        ("x86_rtx4090", GPU | OTHER),
        ("x86_driver_mismatch", GPU | FAULT | OTHER),
        ("unknown_arm", set()),
    ],
)
def test_a_board_loads_only_what_it_has(name, parts):
    """Ansible's archive holds sources: a board compiles what is imported, in every run."""
    program = (
        "import sys; from board_support import FakeSystem, load\n"
        "from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect\n"
        "collect(FakeSystem(load(sys.argv[1])), '/opt/x'); print(' '.join(sys.modules))"
    )
    environment = dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path))
    out = subprocess.check_output([sys.executable, "-c", program, name], env=environment).decode()
    loaded = set(module.rpartition(".")[2] for module in out.split() if "._board." in module)
    assert loaded & {"python_answers"}.union(PI, JETSON, ZYNQ, ASCEND, GPU, FAULT, OTHER) == parts


def test_family_is_forced():
    found = collect(FakeSystem(load("unknown_arm")), "/opt/x", family="raspberrypi")
    assert found["family"] == "raspberrypi" and found["model"] == "Radxa ROCK 4"
    assert found["warnings"][0].startswith(
        "the family raspberrypi is forced on a board that does not look like it: device tree model Radxa ROCK 4"
    )
    assert collect(FakeSystem(load("pi5")), "/opt/x", family="raspberrypi")["warnings"] == []
    found = collect(FakeSystem(load("pi5")), "/opt/x", family="x86_conda")
    assert (found["family"], found["accelerators"]) == ("x86_conda", [])


def test_mistyped_family():
    with pytest.raises(ValueError, match="family: rapsberrypi is unknown; known families: .*raspberrypi, "):
        collect(FakeSystem(load("pi5")), "/opt/x", family="rapsberrypi")


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
    files = pathlib.Path(_collect.__file__).parent.glob("families/*.py")
    written = set(path.stem for path in files if "\nclass Detector(" in path.read_text())
    listed = [type(detector).__module__.rpartition(".")[2] for detector in _collect.DETECTORS]
    assert set(listed) == written
    assert listed[-2:] == ["x86_conda", "generic"]


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


def test_pythons_where_huawei_builds_them():
    """/usr/local/python3.x.y: Huawei's documents, images and deployer."""
    board = load("atlas_310p3")
    for version in ("3.9.9", "3.10.5", "3.11.15"):
        minor = version.rpartition(".")[0]
        path = "/usr/local/python%s/bin/python%s" % (version, minor)
        board["files"][path] = "\u007fELF"
        board["commands"][path + " -I -S -c"] = [0, "cpython %s 0 /usr/local/lib\n" % version, ""]
    board["files"]["/usr/local/python-docs/index.html"] = ""
    found = collect(FakeSystem(board), "/opt/x")["pythons"]
    assert [python["path"] for python in found if "/usr/local" in python["path"]] == [
        "/usr/local/python3.11.15/bin/python3.11",
        "/usr/local/python3.10.5/bin/python3.10",
        "/usr/local/python3.9.9/bin/python3.9",
    ]
    assert [python["version"] for python in found][1:] == ["3.11.15", "3.10.5", "3.9.9"]
