# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Ascend boards. The recorded ones are fixtures, tested by test_collect.py."""

import copy

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import ascend_cards
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from ansible_collections.edgeai.fleet.plugins.module_utils._board.families import atlas
from board_support import FakeSystem, load

# -- boards
# --------------------------------------------------------------------------------------------------


def test_no_sign_of_an_ascend_chip():
    assert atlas.Detector().detect(FakeSystem(load("pi5"))) is None
    # A network card of Huawei's is no Ascend chip.
    board = load("x86_no_gpu")
    board["files"].update(
        {"/sys/bus/pci/devices/0000:01:00.0/vendor": "0x19e5\n", "/sys/bus/pci/devices/0000:01:00.0/device": "0x0222\n"}
    )
    assert collect(FakeSystem(board), "/opt/x")["family"] == "x86_conda"


@pytest.mark.parametrize("device, name", sorted(ascend_cards.DEVICES.items()))
def test_the_pci_id_decides_where_nothing_else_tells(device, name):
    board = load("atlas_no_driver")
    board["files"]["/sys/bus/pci/devices/0000:03:00.0/device"] = device + "\n"
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["signs"][0]["name"], found["platform"]["chip"]) == ("atlas", "Ascend" + name, name)


def test_every_atlas_has_the_same_names_of_its_platform():
    names = [
        sorted(collect(FakeSystem(load(name)), "/opt/x")["platform"])
        for name in ("atlas_310b4_dk", "atlas_no_driver", "atlas_no_chip")
    ]
    assert names[0] == names[1] == names[2]


def test_nodes_of_the_950():
    board = load("atlas_smi_hangs")
    board["files"]["/sys/bus/pci/devices/0000:02:00.0/device"] = "0xd806\n"
    del board["files"]["/usr/local/bin/npu-smi"]
    assert collect(FakeSystem(board), "/opt/x")["accelerators"][0]["nodes"] == [
        "/dev/davinci0",
        "/dev/davinci_manager",
        "/dev/hisi_hdc",
    ]


@pytest.mark.parametrize(
    "answer, cause",
    [
        (None, "hang"),
        ([0, "", ""], "silent"),
        ([255, "dcmi module initialize failed. ret is -8005", ""], "error"),
    ],
)
def test_a_chip_whose_npu_smi_gives_no_answer_is_a_sign(answer, cause):
    board = load("atlas_smi_hangs")
    if answer:
        board["commands"]["/usr/local/bin/npu-smi info"] = answer
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["accelerators"], found["warnings"], found["platform"]["chip"], found["key"]["driver"]) == (
        [],
        [],
        "310P",
        "23.0.3",
    )
    (sign,) = found["signs"]
    assert (sign["kind"], sign["where"], sign["name"], sign["cause"], sign["driver"]) == (
        "npu",
        "0000:02:00.0",
        "Ascend310P",
        cause,
        "23.0.3",
    )
    assert sign["fix"].endswith(".")
    # To a user whom the nodes are closed to, npu-smi names nothing either: the groups that a plan adds open them. It
    # does not hang for that.
    board["closed"] = ["/dev/davinci0"]
    found = collect(FakeSystem(board), "/opt/x")
    if answer:
        assert (
            [device["name"] for device in found["accelerators"]] == ["Ascend310P"]
            and found["signs"] == []
            and sign["why"] in found["warnings"][0]
        )
    else:
        assert (found["accelerators"], found["signs"]) == ([], [sign])
    # Containers often have none.
    del board["files"]["/usr/local/bin/npu-smi"], board["closed"]
    found = collect(FakeSystem(board), "/opt/x")
    assert (
        [device["name"] for device in found["accelerators"]] == ["Ascend310P"]
        and found["signs"] == []
        and found["warnings"] == []
    )


def test_a_chip_that_only_npu_smi_could_tell():
    board = load("atlas_310b4_dk")
    program = next(path for path in board["files"] if path.endswith("/npu-smi"))
    board["commands"][program + " info"] = [255, "dcmi module initialize failed. ret is -8002", ""]
    assert [sign["cause"] for sign in collect(FakeSystem(board), "/opt/x")["signs"]] == ["error"]
    board["closed"] = ["/dev/davinci0"]
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["accelerators"], [sign["cause"] for sign in found["signs"]]) == ([], ["access"])
    assert "/dev/davinci0" in found["signs"][0]["why"] and "to the group HwBaseUser" in found["signs"][0]["fix"]


def test_each_chip_for_itself():
    board = load("atlas_910b_two")
    second = sorted(path for path in board["files"] if path.startswith("/dev/davinci"))[1]
    del board["files"][second]
    found = collect(FakeSystem(board), "/opt/x")
    assert len(found["accelerators"]) == 1 and [sign["cause"] for sign in found["signs"]] == ["no-nodes"]
    assert found["platform"] == collect(FakeSystem(load("atlas_910b_two")), "/opt/x")["platform"]


def test_a_card_that_npu_smi_does_not_list():
    board = load("atlas_910b_two")
    base = "/sys/bus/pci/devices/0000:f1:00.0"
    board["files"].update(
        {base + "/vendor": "0x19e5\n", base + "/device": "0xd802\n", base + "/class": "0x120000\n", "/dev/davinci2": ""}
    )
    found = collect(FakeSystem(board), "/opt/x")
    assert len(found["accelerators"]) == 2
    assert [(sign["where"], sign["cause"]) for sign in found["signs"]] == [("0000:f1:00.0", "silent")]


def test_what_is_a_chip_on_the_bus():
    board = load("x86_no_gpu")
    base = "/sys/bus/pci/devices/0000:07:00.0"
    board["files"].update({base + "/vendor": "0x19e5\n", base + "/device": "0xd999\n", base + "/class": "0x120000\n"})
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], [(sign["name"], sign["cause"]) for sign in found["signs"]]) == (
        "atlas",
        [(None, "no-driver")],
    )
    # A server's management controller, even under the number of a chip.
    for device in ("0x1711", "0xd100"):
        board["files"].update({base + "/device": device + "\n", base + "/class": "0x030000\n"})
        found = collect(FakeSystem(board), "/opt/x")
        assert (found["family"], found["signs"]) == ("x86_conda", [])


def test_the_compression_engine_of_a_kunpeng_is_no_chip():
    base = "/sys/bus/pci/devices/0000:75:00.0"
    engine = {base + "/vendor": "0x19e5\n", base + "/device": "0xa250\n", base + "/class": "0x120000\n"}
    board = load("x86_no_gpu")
    board["files"].update(engine)
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["signs"], found["warnings"]) == ("x86_conda", [], [])
    board = load("atlas_910b_two")
    before = collect(FakeSystem(copy.deepcopy(board)), "/opt/x")
    board["files"].update(engine)
    assert collect(FakeSystem(board), "/opt/x") == before


def test_without_a_driver_the_advice_knows_a_container():
    board = load("atlas_no_driver")
    assert "atlas_driver" in collect(FakeSystem(board), "/opt/x")["signs"][0]["fix"]
    board["files"]["/.dockerenv"] = ""
    assert "container" in collect(FakeSystem(board), "/opt/x")["signs"][0]["fix"]


# -- names that npu-smi leaves open
# --------------------------------------------------------------------------------------------------

TABLE = (
    "| npu-smi 25.5.0 Version: 25.5.0 |\n"
    "| 0     {}            | OK            | 178.5       36      0    / 0             |\n"
    "| 0     0             | {}  | 0           0    / 0          3416 / 65536         |\n"
)


@pytest.mark.parametrize(
    "told, device, name",
    [
        ("910B", "0xd801", "910B"),  # the first generation: https://github.com/Ascend/pytorch/issues/144
        ("910ProB", "0xd801", "910ProB"),
        ("910B", "0xd802", "910B-A2"),
        ("910B3", "0xd802", "910B3"),
        ("Ascend910", "0xd803", "910_93"),  # an A3: https://github.com/vllm-project/vllm-ascend/issues/2534
        ("Ascend910", None, "910_93"),
        ("910B", None, "910B"),
        ("xxx", "0xd802", "910B-A2"),
        ("xxx", "0xd801", "910"),
        ("950PR_9579", "0xd806", "950PR_9579"),
    ],
)
def test_the_bus_decides_the_generation_where_npu_smi_does_not_tell_it(told, device, name):
    board = load("atlas_smi_hangs")
    place = "/sys/bus/pci/devices/0000:02:00.0/"
    for file in ("vendor", "device", "class"):
        if device is None:
            del board["files"][place + file]
    if device:
        board["files"][place + "device"] = device + "\n"
    board["commands"]["/usr/local/bin/npu-smi info"] = [0, TABLE.format(told, "0000:02:00.0" if device else "NA"), ""]
    found = collect(FakeSystem(board), "/opt/x")
    assert [one["name"] for one in found["accelerators"]] == ["Ascend" + name]
    assert found["platform"]["chip"] == name


@pytest.mark.parametrize(
    "told, device, directory, wanted",
    [
        ("910B", "0xd801", "ascend910b", "910"),
        ("910B", "0xd801", "ascend910", None),
        ("910ProA", "0xd801", "ascend910_93", "910"),
        ("910B3", "0xd802", "ascend910", "910b"),
        ("910B3", "0xd802", "ascend910b", None),
        ("910B", "0xd802", "ascend910b", None),
        ("Ascend910", "0xd803", "ascend910b", "a3"),
        ("Ascend910", "0xd803", "ascend910_93", None),
        ("950PR_9579", "0xd806", "ascend910_93", "950"),
        ("310B4", "0xd107", "ascend310p", "310b"),
        ("310P3", "0xd500", "ascend310p", None),
    ],
)
def test_the_kernels_of_each_chip(told, device, directory, wanted):
    board = load("atlas_smi_hangs")
    board["files"]["/sys/bus/pci/devices/0000:02:00.0/device"] = device + "\n"
    board["commands"]["/usr/local/bin/npu-smi info"] = [0, TABLE.format(told, "0000:02:00.0"), ""]
    top = "/usr/local/Ascend/ascend-toolkit/"
    board["files"].update(
        {
            top + "latest/aarch64-linux/ascend_toolkit_install.info": "version=8.3.RC1\n",
            top + "latest/opp/built-in/op_impl/ai_core/tbe/kernel/%s/add/Add.o" % directory: "",
        }
    )
    found = collect(FakeSystem(board), "/opt/x")
    missing = [warning for warning in found["warnings"] if "has no operators" in warning]
    assert len(missing) == bool(wanted)
    if wanted:
        assert "install the %s kernels or ops package of CANN 8.3.RC1" % wanted in missing[0]


def test_an_npu_smi_that_is_a_directory():
    board = load("atlas_smi_hangs")
    del board["files"]["/usr/local/bin/npu-smi"]
    board["files"]["/usr/local/sbin/npu-smi/"] = ""
    found = collect(FakeSystem(board), "/opt/x")
    assert [one["name"] for one in found["accelerators"]] == ["Ascend310P"]
    (warning,) = found["warnings"]
    assert warning.startswith("/usr/local/sbin/npu-smi is a directory") and "mount the host's npu-smi" in warning


def test_a_container_without_the_drivers_libraries():
    board = load("atlas_310p3")
    assert collect(FakeSystem(board), "/opt/x")["warnings"] == []
    board["files"]["/.dockerenv"] = ""
    (warning,) = collect(FakeSystem(board), "/opt/x")["warnings"]
    assert "/usr/local/Ascend/driver/lib64 is not in this container" in warning and "ascend-docker-runtime" in warning
    board["files"]["/usr/local/Ascend/driver/lib64/driver/libascend_hal.so"] = ""
    assert collect(FakeSystem(board), "/opt/x")["warnings"] == []


def test_the_operators_path_of_cann():
    board = load("atlas_310p3")
    found = collect(FakeSystem(board), "/opt/x", cann_path="/data/Ascend")
    assert found["key"]["cann"] is None and "atlas_cann_path is /data/Ascend" in found["warnings"][0]
    board["files"]["/data/Ascend/cann-9.0.0/aarch64-linux/ascend_toolkit_install.info"] = "version=9.0.0\n"
    found = collect(FakeSystem(board), "/opt/x", cann_path="/data/Ascend")
    assert (found["key"]["cann"], found["platform"]["cann_path"]) == ("9.0.0", "/data/Ascend/cann-9.0.0")


def test_nnal_of_another_release_than_cann():
    board = load("atlas_310p3")
    top = "/usr/local/Ascend/nnal/atb/"
    board["files"].update({top + "set_env.sh": "", top + "8.2.RC1/atb/cxx_abi_1/lib/libatb.so": ""})
    board["links"][top + "latest"] = top + "8.2.RC1"
    found = collect(FakeSystem(board), "/opt/x")
    assert found["platform"]["nnal"] == "8.2.RC1"
    assert ["NNAL 8.2.RC1" in warning for warning in found["warnings"]] == [True]
