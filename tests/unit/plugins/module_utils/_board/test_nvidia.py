# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NVIDIA's cards, with a driver that works, fails, hangs, crashes or is not there: a compiled libcuda and an nvidia-smi
stand in for it.
"""

import copy
import json
import os
import re

import cuda_standin  # noqa: E402
import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import nvidia, nvidia_faults, nvidia_traces
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.cuda_driver import MARK
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from board_support import FakeSystem, load, well_formed
from cuda_standin import CRASH, GTX_1080, HANG, RTX_3090, RTX_4090  # noqa: E402

PCI = "/sys/bus/pci/devices/"
PROPRIETARY = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.124.06  Tue Feb 25 01:44:30 UTC 2025\n"
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  570.124.06  Release Build\n"
MISMATCH = {"status": 18, "text": "Failed to initialize NVML: Driver/library version mismatch"}


def pc(cards=(), module=None, files=(), commands=None, libcuda=None):
    """A PC without a GPU, and with these (address, device, driver) in it. libcuda: what the child says of it, a list of
    lines.
    """
    board = copy.deepcopy(load("x86_no_gpu"))
    for address, device, driver in cards:
        board["files"].update(
            {
                PCI + address + "/vendor": "0x10de\n",
                PCI + address + "/class": "0x030000\n",
                PCI + address + "/device": "0x%s\n" % device,
            }
        )
        if driver:
            board["links"][PCI + address + "/driver"] = "/sys/bus/pci/drivers/" + driver
            board["files"]["/sys/bus/pci/drivers/%s/bind" % driver] = ""
    if module:
        board["files"]["/proc/driver/nvidia/version"] = module
    board["files"].update(files if isinstance(files, dict) else dict((path, "") for path in files))
    said = [{"library": None, "broken": None}] if libcuda is None else libcuda
    board["commands"][board["interpreter"]["path"] + " -I -S -c"] = [
        0,
        "".join("%s%s\n" % (MARK, json.dumps(line)) for line in said),
        "",
    ]
    for name, answer in (commands or {}).items():
        board["commands"][name] = answer
    return board


def answers(code, *devices):
    lines = [
        {"library": "/usr/lib/x86_64-linux-gnu/libcuda.so.570.124.06", "listed": True},
        {"cuda": 12080},
        {"code": code},
    ]
    return lines + [{"devices": list(devices)}] if code == 0 else lines


def smi(status, text):
    query = "/usr/bin/nvidia-smi --query-gpu=name,driver_version,memory.total,compute_cap --format=csv,noheader,nounits"
    return {query: [status, text, ""]}


def found(board):
    return well_formed(collect(FakeSystem(board), "/opt/x"))


def causes(board):
    return [(sign["where"], sign["cause"]) for sign in found(board)["signs"]]


# -- a real child, a real library, a real program
# --------------------------------------------------------------------------------------------------


class Machine(FakeSystem):
    """A PC whose files are those of a fixture, and whose commands are real ones of the test's directory."""

    run_all = System.run_all

    def __init__(self, board, directory):
        super(Machine, self).__init__(board)
        self.directory = str(directory)
        self.environ = dict(
            os.environ,
            PATH="%s/bin:%s" % (directory, os.environ["PATH"]),
            LD_LIBRARY_PATH="%s/lib" % directory,
            CUDA_VISIBLE_DEVICES="",
        )

    def architecture(self):
        return "x86_64", "amd64"

    def own_interpreter(self):
        return dict(self.board["interpreter"], path=System().own_interpreter()["path"])

    def is_file(self, path):
        real = path.startswith(self.directory) or path == self.own_interpreter()["path"]
        return os.path.isfile(path) if real else super(Machine, self).is_file(path)


@pytest.fixture
def machine(tmp_path, monkeypatch):
    if cuda_standin.compiler() is None:
        (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)("there is no C compiler here")
    monkeypatch.setattr(nvidia, "TIMEOUT", 20)

    def make(code=None, tool=None, board=None, **library):
        if code is not None:
            cuda_standin.build(tmp_path / "lib", code, **library)
        elif _has_libcuda():
            pytest.skip("this machine has a libcuda of its own")
        if tool is not None:
            cuda_standin.nvidia_smi(tmp_path / "bin", **tool)
        return well_formed(collect(Machine(board or pc(), tmp_path), "/opt/x"))

    return make


def _has_libcuda():
    import ctypes

    try:
        return bool(ctypes.CDLL("libcuda.so.1"))
    except OSError:
        return False


def test_libcuda_alone_is_enough_and_all_devices_count(machine):
    board = machine(0, devices=[RTX_3090, GTX_1080], cuda="12.8", driver="570.124.06")
    assert board["accelerators"] == [
        {
            "kind": "cuda",
            "name": device["name"],
            "driver": "570.124.06",
            "memory": device["memory"],
            "compute_capability": device["capability"],
            "cuda": "12.8",
            "nodes": [],
            "groups": [],
        }
        for device in (RTX_3090, GTX_1080)
    ]
    assert (board["signs"], board["warnings"]) == ([], [])
    assert board["key"]["driver"] == "570.124.06"


def test_what_nvidia_smi_says_does_not_matter_where_cuda_works(machine):
    board = machine(0, MISMATCH)
    assert [device["name"] for device in board["accelerators"]] == [RTX_4090["name"]] and board["signs"] == []
    assert board["warnings"] == [
        "CUDA works, although nvidia-smi does not (nvidia-smi ends with status 18: %s)" % MISMATCH["text"]
    ]


CODES = [
    (100, "no-device"),
    (802, "fabric"),
    (803, "mismatch"),
    (804, "forward-compat"),
    (999, "unknown-error"),
    (34, "no-library"),
    (7, "error"),
]


@pytest.mark.parametrize(
    "tool",
    [None, MISMATCH, {"devices": [RTX_4090]}],
    ids=["alone", "beside a broken nvidia-smi", "although nvidia-smi lists a GPU"],
)
@pytest.mark.parametrize("code, cause", CODES)
def test_each_code_of_cuinit_is_a_cause_of_its_own(machine, tmp_path, code, cause, tool):
    board = machine(code, tool)
    assert (board["accelerators"], board["warnings"]) == ([], [])
    (sign,) = board["signs"]
    assert (sign["kind"], sign["cause"], sign["driver"]) == ("cuda", cause, "550.54.14")
    assert "cuInit returned %d" % code in sign["why"] and not sign["why"].endswith(".") and sign["fix"].endswith(".")
    assert sign["name"] == (RTX_4090["name"] if tool and "devices" in tool else None)
    assert sign["where"] == str(tmp_path / ("bin/nvidia-smi" if tool else "lib/libcuda.so.550.54.14"))


def test_the_codes_have_different_advice():
    signs = [
        found(pc([("0000:01:00.0", "2684", "nvidia")], PROPRIETARY, ["/dev/nvidia0"], libcuda=answers(code)))["signs"][
            0
        ]
        for code, _cause in CODES
    ]
    assert (
        len(set(sign["why"] for sign in signs))
        == len(set(sign["fix"] for sign in signs if sign["cause"] != "error")) + 1
        == len(CODES)
    )


def test_libcuda_that_hangs_or_crashes_is_a_finding(machine, monkeypatch):
    monkeypatch.setattr(nvidia, "TIMEOUT", 1)
    (sign,) = machine(HANG, MISMATCH)["signs"]
    assert (sign["cause"], sign["why"]) == ("hang", "libcuda gave no answer within 1 s")
    (sign,) = machine(CRASH, {"devices": [RTX_4090]})["signs"]
    assert sign["cause"] == "error" and "SIGSEGV" in sign["why"]


@pytest.mark.parametrize(
    "status, text, cause",
    [
        (18, MISMATCH["text"], "mismatch"),
        (9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver.", "no-device"),
        (6, "No devices were found", "no-device"),
        (0, "No devices were found", "no-device"),
        (15, "Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.", "error"),
        (12, "NVIDIA-SMI couldn't find libnvidia-ml.so library in your system.", "no-library"),
        (0, "[GPU requires reset], 550.54.14, [GPU requires reset], [GPU requires reset]", "error"),
        (1, "", "error"),
        (3, "Something else is wrong...", "error"),
    ],
)
def test_nvidia_smi_that_fails_without_libcuda(machine, tmp_path, status, text, cause):
    board = machine(tool={"status": status, "text": text})
    assert (board["accelerators"], board["warnings"]) == ([], [])
    assert [(sign["where"], sign["cause"]) for sign in board["signs"]] == [
        (str(tmp_path / "bin" / "nvidia-smi"), cause)
    ]
    assert (text.rstrip(".") or "it printed nothing") in board["signs"][0]["why"]
    assert ("gpu-reset" in board["signs"][0]["fix"]) == ("requires reset" in text)


@pytest.mark.parametrize("place", ["before", "in", "after"])
def test_a_library_that_ends_the_process_which_asks_it(machine, tmp_path, monkeypatch, place):
    """With status 0: before cuInit, in it, and when the devices are asked for."""
    end = {
        "before": ("int cuInit(", "__attribute__((constructor)) static void end(void) { _exit(0); }\nint cuInit("),
        "in": ("@ACTION@", "_exit(0);"),
        "after": ("*answer = count;", "_exit(0);"),
    }[place]
    monkeypatch.setattr(cuda_standin, "SOURCE", cuda_standin.SOURCE.replace(*end))
    (sign,) = machine(0)["signs"]
    assert (
        sign["cause"] == "error"
        and "libcuda" in sign["why"]
        and "exit status 0" in sign["why"]
        and "cuInit returned" not in sign["why"]
    )
    if place == "before":
        board = machine(0, {"devices": [RTX_4090]})
        assert (
            len(board["accelerators"]) == 1 and "libcuda could not be queried (exit status 0)" in board["warnings"][0]
        )


def test_a_library_that_starts_and_shows_no_device(machine, monkeypatch):
    monkeypatch.setattr(cuda_standin, "SOURCE", cuda_standin.SOURCE.replace("*answer = count;", "*answer = 0;"))
    (sign,) = machine(0)["signs"]
    assert sign["cause"] == "no-device" and "cuInit returned 0, and no device is listed" in sign["why"]


INFOROM = "WARNING: infoROM is corrupted at gpu 0000:01:00.0"


@pytest.mark.parametrize(
    "text, names",
    [
        ("GPU, A, 550.54.14, 24564, 8.6\nWARNING: a, b, c, d", ["GPU, A"]),
        ("ERR!, 550.54.14, ERR!, ERR!", []),
        ("[GPU requires reset], 550.54.14, [GPU requires reset], [GPU requires reset]", []),
    ],
)
def test_what_is_no_row_of_nvidia_smi_is_no_gpu(text, names):
    board = pc(module=OPEN, files=["/usr/bin/nvidia-smi", "/dev/nvidia0"], commands=smi(0, text))
    assert [gpu["name"] for gpu in found(board)["accelerators"]] == names
    assert [cause for _where, cause in causes(board)] == ([] if names else ["error"])


def test_nvidia_smi_that_warns_of_the_inforom(machine):
    board = machine(tool={"devices": [RTX_4090], "status": 14, "text": INFOROM})
    assert len(board["accelerators"]) == 1 and board["signs"] == []
    assert (
        board["warnings"][1]
        == "nvidia-smi lists the GPUs with a warning (nvidia-smi ends with status 14: %s)" % INFOROM
    )


def test_a_gpu_that_fell_off_is_not_hidden_by_the_rows_of_the_others(machine):
    lost = (
        "Unable to determine the device handle for GPU0000:5E:00.0: GPU is lost.  Reboot the system to recover this GPU"
    )
    (sign,) = machine(tool={"devices": [RTX_4090] * 7, "status": 15, "text": lost})["signs"]
    assert sign["cause"] == "error" and lost.replace("  ", " ") in sign["why"] and RTX_4090["name"] not in sign["why"]


def test_nvidia_smi_alone_is_believed_with_a_warning(machine):
    board = machine(tool={"devices": [RTX_4090, GTX_1080]})
    assert [(device["name"], device["cuda"], device["driver"]) for device in board["accelerators"]] == [
        (RTX_4090["name"], "12.4", "550.54.14"),
        (GTX_1080["name"], "12.4", "550.54.14"),
    ]
    assert (
        board["signs"] == []
        and len(board["warnings"]) == 1
        and "libcuda1" in board["warnings"][0]
        and "compute,utility" in board["warnings"][0]
    )


def test_a_library_that_cannot_be_loaded_is_named(machine, tmp_path):
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib" / "libcuda.so.1").write_bytes(b"")
    board = machine(tool={"devices": [RTX_4090]})
    assert (
        len(board["accelerators"]) == 1
        and "libcuda.so.1 cannot be loaded" in board["warnings"][0]
        and "file too short" in board["warnings"][0]
    )


def test_a_library_out_of_the_loaders_sight(machine, tmp_path, monkeypatch):
    monkeypatch.setattr(nvidia_traces, "LIBRARIES", [str(tmp_path / "apart")])
    if _has_libcuda():
        pytest.skip("this machine has a libcuda of its own")
    cuda_standin.build(tmp_path / "apart")
    board = machine(tool=MISMATCH)
    assert len(board["accelerators"]) == 1 and "where the dynamic loader does not search" in board["warnings"][0]


def test_nvidia_smi_that_hangs_without_libcuda():
    board = pc([("0000:01:00.0", "2684", "nvidia")], OPEN, ["/usr/bin/nvidia-smi", "/dev/nvidia0"])
    (sign,) = found(board)["signs"]
    assert (sign["cause"], sign["why"]) == ("hang", "nvidia-smi cannot be started, or gave no answer within 60 s")


# -- traces, and what they cost
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cards",
    [(), [("0000:01:00.0", "128b", "nouveau")], [("0000:01:00.0", "2684", None), ("0000:02:00.0", "2684", "vfio-pci")]],
)
def test_nothing_is_started_where_nothing_of_the_driver_is_there(cards):
    system = FakeSystem(pc(cards))
    assert len(collect(system, "/opt/x")["signs"]) == len(cards)
    assert system.started == [["dpkg", "--print-architecture"]]


def test_a_library_that_came_with_a_package_for_compiling_is_no_sign():
    installed = ["/usr/lib/x86_64-linux-gnu/libcuda.so.1"]
    for libcuda in (None, answers(100), answers(34)):
        assert causes(pc(files=installed, libcuda=libcuda)) == []
    assert causes(pc(files=installed, libcuda=answers(802))) == [
        ("/usr/lib/x86_64-linux-gnu/libcuda.so.570.124.06", "fabric")
    ]


def test_a_driver_without_a_card_is_a_sign():
    board = pc(
        files=["/usr/bin/nvidia-smi"],
        commands=smi(9, "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver."),
    )
    (sign,) = found(board)["signs"]
    assert (sign["where"], sign["cause"]) == ("/usr/bin/nvidia-smi", "no-device")
    assert (
        "no NVIDIA card is on the PCI bus" in sign["why"]
        and "container" not in sign["fix"]
        and "remove the driver packages" in sign["fix"]
    )
    assert causes(pc(module=OPEN)) == [("/proc/driver/nvidia/version", "no-nodes")]
    assert causes(pc(files=["/dev/nvidia0"])) == [("/dev/nvidia0", "no-driver")]


# -- cards
# --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "device, capability",
    [
        ("0191", "1.0"),
        ("0a65", "1.2"),
        ("06cd", "2.0"),
        ("0de1", "2.1"),
        ("1180", "3.0"),
        ("1023", "3.5"),
        ("128b", "3.5"),
        ("102d", "3.7"),
        ("0141", "0.0"),
        ("1380", None),
        ("13c2", None),
        ("1b80", None),
        ("1db6", None),
        ("2684", None),
        ("2b85", None),
        ("ffff", None),
        ("", None),
    ],
)
def test_generations_before_maxwell_are_known_by_their_number(device, capability):
    (sign,) = found(pc([("0000:01:00.0", device, "nouveau")]))["signs"]
    assert (sign["cause"], sign["compute_capability"]) == ("nouveau", capability)


def test_a_card_that_is_kept_for_a_virtual_machine():
    assert causes(pc([("0000:01:00.0", "2684", "vfio-pci"), ("0000:02:00.0", "2684", "pci-stub")])) == [
        ("0000:01:00.0", "vfio"),
        ("0000:02:00.0", "vfio"),
    ]


BUILT = {
    "/lib/modules/6.8.0-40-generic/modules.dep": (
        "kernel/fs/x.ko.zst:\nupdates/dkms/nvidia.ko.zst: kernel/drivers/video/backlight.ko\n"
    )
}


@pytest.mark.parametrize(
    "files, cause, said",
    [
        ([], "no-driver", "no driver is loaded"),
        (["/usr/bin/nvidia-smi"], "module", "has no module for the running kernel 6.8.0-40-generic"),
        (BUILT, "module", "built for the kernel 6.8.0-40-generic, but not loaded"),
        (dict(BUILT, **{nvidia_faults.SECURE_BOOT: "\6\0\0\0\1"}), "module", "Secure Boot is on"),
    ],
)
def test_why_no_driver_has_the_card(files, cause, said):
    (sign,) = found(
        pc(
            [("0000:01:00.0", "2684", None)],
            files=files,
            commands=smi(9, "couldn't communicate with the NVIDIA driver"),
        )
    )["signs"]
    assert (sign["where"], sign["cause"]) == ("0000:01:00.0", cause) and said in sign["why"]
    assert "container" not in sign["why"] + sign["fix"]
    assert ("mokutil" in sign["fix"]) == ("Secure Boot" in said)


@pytest.mark.parametrize(
    "files, libcuda, commands",
    [
        (["/usr/bin/nvidia-smi", "/dev/nvidia0"], answers(100), smi(6, "No devices were found")),
        (["/usr/bin/nvidia-smi"], None, smi(6, "No devices were found")),
        ([], None, {}),
    ],
)
@pytest.mark.parametrize("driver", ["nvidia", None])
def test_blackwell_needs_the_open_module(files, libcuda, commands, driver):
    cards = [("0000:01:00.0", "2b85", driver)]
    (sign,) = found(pc(cards, PROPRIETARY, files, commands, libcuda))["signs"]
    assert (
        sign["cause"] == "open-module"
        and "nvidia-driver-NNN-open" in sign["fix"]
        and "NVRM" in sign["fix"]
        and "container" not in sign["fix"]
    )
    for other in (
        pc(cards, OPEN, files, commands, libcuda),
        pc([("0000:01:00.0", "2684", driver)], PROPRIETARY, files, commands, libcuda),
    ):
        (sign,) = found(other)["signs"]
        assert sign["cause"] in ("no-device", "no-nodes") and "container" not in sign["fix"]


def test_in_a_container_the_advice_is_about_the_container():
    inside = {"/.dockerenv": ""}
    cards = [("0000:01:00.0", "2684", "nvidia"), ("0000:02:00.0", "2684", "nvidia")]
    signs = found(pc(cards, OPEN, inside))["signs"]
    assert [(sign["where"], sign["cause"], "--gpus all" in sign["fix"]) for sign in signs] == [
        ("0000:01:00.0", "no-nodes", True),
        ("0000:02:00.0", "no-nodes", True),
    ]
    (sign,) = found(pc(cards[:1], OPEN, inside, libcuda=answers(100)))["signs"]
    assert sign["cause"] == "no-nodes"
    (sign,) = found(pc([("0000:01:00.0", "2684", None)], files=inside))["signs"]
    assert sign["cause"] == "no-driver" and "on the host" in sign["fix"]
    (sign,) = found(pc(cards[:1], OPEN, dict(inside, **{"/dev/nvidia0": ""}), libcuda=answers(802)))["signs"]
    assert sign["cause"] == "fabric" and sign["fix"].startswith("On the host of this container: install and start")


@pytest.mark.parametrize(
    "files",
    [
        {"/run/.containerenv": ""},
        {"/run/systemd/container": "lxc\n"},
        {"/proc/1/cgroup": "12:pids:/kubepods/besteffort/pod1\n"},
    ],
)
def test_kinds_of_containers(files):
    assert "--gpus all" in found(pc([("0000:01:00.0", "2684", "nvidia")], OPEN, files))["signs"][0]["fix"]


DEVICE = {"name": "NVIDIA GeForce RTX 4090", "memory": 25386352640, "capability": "8.9", "bus": "0000:02:00.0"}


def test_only_the_cards_that_cuda_does_not_show_are_signs():
    cards = [
        ("0000:01:00.0", "128b", "nvidia"),
        ("0000:02:00.0", "2684", "nvidia"),
        ("0000:03:00.0", "2204", "vfio-pci"),
    ]
    information = "/proc/driver/nvidia/gpus/%s/information"
    board = pc(
        cards,
        OPEN,
        {
            "/dev/nvidia0": "",
            "/dev/nvidia1": "",
            information % "0000:01:00.0": "Model: \t NVIDIA GeForce GT 710\nDevice Minor: \t 0\n",
            information % "0000:02:00.0": "Model: \t NVIDIA GeForce RTX 4090\nDevice Minor: \t 1\n",
        },
        libcuda=answers(0, DEVICE),
    )
    told = found(board)
    assert [(device["name"], device["nodes"]) for device in told["accelerators"]] == [
        ("NVIDIA GeForce RTX 4090", ["/dev/nvidia1"])
    ]
    assert [(sign["where"], sign["name"], sign["cause"], sign["compute_capability"]) for sign in told["signs"]] == [
        ("0000:01:00.0", "NVIDIA GeForce GT 710", "no-device", "3.5"),
        ("0000:03:00.0", "NVIDIA GPU 10de:2204", "vfio", None),
    ]
    assert causes(pc(cards[1:2], OPEN, ["/dev/nvidia0"], libcuda=answers(0, DEVICE))) == []


def test_a_container_that_was_given_one_of_two_cards():
    cards = [("0000:01:00.0", "2684", "nvidia"), ("0000:02:00.0", "2684", "nvidia")]
    (sign,) = found(pc(cards, OPEN, {"/dev/nvidia1": "", "/.dockerenv": ""}, libcuda=answers(0, DEVICE)))["signs"]
    assert (
        sign["where"] == "0000:01:00.0"
        and "container" in sign["why"]
        and "--gpus all" in sign["fix"]
        and "restart the board" not in sign["fix"]
    )


def test_a_library_of_the_driver_that_cannot_be_loaded():
    (sign,) = found(
        pc(
            [("0000:01:00.0", "2684", "nvidia")],
            OPEN,
            ["/dev/nvidia0"],
            libcuda=[{"library": None, "broken": "libnvidia-x.so: cannot"}],
        )
    )["signs"]
    assert sign["cause"] == "no-library" and "cannot be loaded (libnvidia-x.so: cannot)" in sign["why"]


def test_nvidia_smi_is_asked_which_cards_are_missing():
    cards = [("0000:01:00.0", "2684", "nvidia"), ("0000:02:00.0", "2684", "nvidia")]
    commands = dict(
        smi(0, "NVIDIA GeForce RTX 4090, 550.54.14, 24564, 8.9\n"),
        **{"/usr/bin/nvidia-smi --query-gpu=pci.bus_id --format=csv,noheader,nounits": [0, "00000000:02:00.0\n", ""]},
    )
    told = found(pc(cards, OPEN, ["/usr/bin/nvidia-smi", "/dev/nvidia0"], commands))
    assert len(told["accelerators"]) == 1 and [sign["where"] for sign in told["signs"]] == ["0000:01:00.0"]


def test_names_of_a_board_whose_cuda_fails():
    cards = [("0000:01:00.0", "2330", "nvidia"), ("0000:02:00.0", "2330", "nvidia")]
    row = "NVIDIA H100 80GB HBM3, 550.54.14, 81559, 9.0\n"
    signs = found(
        pc(cards, OPEN, ["/usr/bin/nvidia-smi", "/dev/nvidia0", "/dev/nvidia1"], smi(0, 2 * row), answers(802))
    )["signs"]
    assert [(sign["where"], sign["name"], sign["compute_capability"], sign["cause"]) for sign in signs] == [
        ("0000:01:00.0", "NVIDIA H100 80GB HBM3", "9.0", "fabric"),
        ("0000:02:00.0", "NVIDIA H100 80GB HBM3", "9.0", "fabric"),
    ]


def test_nodes_that_are_closed_to_this_user():
    board = pc([("0000:01:00.0", "2684", "nvidia")], OPEN, ["/dev/nvidia0", "/dev/nvidiactl"], libcuda=answers(100))
    assert causes(board) == [("0000:01:00.0", "no-device")]
    board["closed"] = ["/dev/nvidiactl"]
    (sign,) = found(board)["signs"]
    assert sign["cause"] == "access" and "/dev/nvidiactl" in sign["why"]


def test_wsl():
    wsl = ["/dev/dxg", "/usr/lib/wsl/lib/libcuda.so.1", "/usr/lib/wsl/lib/nvidia-smi"]
    query = dict(
        (name.replace("/usr/bin", "/usr/lib/wsl/lib"), answer)
        for name, answer in smi(0, "NVIDIA GeForce RTX 3060, 528.49, 12288, 8.6\n").items()
    )
    device = {"name": "NVIDIA GeForce RTX 3060", "memory": 12 << 30, "capability": "8.6", "bus": "0000:01:00.0"}
    library = {"library": "/usr/lib/wsl/drivers/nv_dispi.inf_amd64/libcuda.so.1.1", "listed": True}
    told = found(pc(files=wsl, commands=query, libcuda=[library, {"cuda": 12000}, {"code": 0}, {"devices": [device]}]))
    assert [(gpu["name"], gpu["driver"], gpu["cuda"]) for gpu in told["accelerators"]] == [
        ("NVIDIA GeForce RTX 3060", "528.49", "12.0")
    ]
    assert (told["signs"], told["warnings"]) == ([], [])
    # Without nvidia-smi: the version of the driver is NVML's to tell.
    told = found(
        pc(files=wsl[:2], libcuda=[library, {"cuda": 12000}, {"code": 0}, {"devices": [device]}, {"driver": "528.49"}])
    )
    assert [gpu["driver"] for gpu in told["accelerators"]] == ["528.49"]
    (sign,) = found(pc(files=wsl[:2], libcuda=[library, {"code": 100}]))["signs"]
    assert (sign["where"], sign["cause"]) == ("/dev/dxg", "no-device") and "Windows" in sign["fix"]
    assert causes(pc(files=wsl[:1])) == []
    # There is no kernel module in WSL that could be built, whatever nvidia-smi says.
    failed = dict((name, [9, "couldn't communicate with the NVIDIA driver", ""]) for name in query)
    for files, commands in ((wsl[:2], {}), (wsl, failed)):
        (sign,) = found(
            pc(files=files, commands=commands, libcuda=[{"library": None, "broken": "libdxcore.so: cannot open"}])
        )["signs"]
        assert (
            sign["cause"] == "no-library"
            and "libdxcore.so" in sign["why"]
            and "Windows" in sign["fix"]
            and "dkms" not in sign["fix"]
        )


def test_what_the_child_says_is_cleaned():
    device = {"name": "\x1b[31mGPU\n" + "x" * 500, "memory": 1, "capability": None, "bus": "rubbish"}
    (gpu,) = found(pc(files=["/dev/nvidia0"], libcuda=answers(0, device)))["accelerators"]
    assert gpu["name"].isprintable() and len(gpu["name"]) <= 120
    board = pc(files=["/dev/nvidia0"])
    board["commands"][board["interpreter"]["path"] + " -I -S -c"] = [
        1,
        MARK + '{"libr',
        "Traceback\nImportError: No module named '_ctypes'\n",
    ]
    assert [cause for _where, cause in causes(board)] == ["no-driver"]


def test_the_words_of_every_sign_are_sentences():
    for code in sorted(nvidia_faults.CODES):
        _cause, why, fix = nvidia_faults.CODES[code]
        assert not why.endswith(".") and re.match(r"[A-Z].*\.$", fix), (code, why, fix)
