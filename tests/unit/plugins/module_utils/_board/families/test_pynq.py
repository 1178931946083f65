# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What only a Zynq board has; whole boards are in fixtures/boards."""

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from board_support import FakeSystem, load


@pytest.mark.parametrize(
    "compatible, module",
    [
        (["xlnx,zynqmp-zcu104-revC", "xlnx,zynqmp-zcu104", "xlnx,zynqmp"], "ZCU104"),
        (["xlnx,zynqmp-zcu111-revA", "xlnx,zynqmp-zcu111", "xlnx,zynqmp"], "ZCU111"),
        (["xlnx,zynqmp-zcu100-revC", "xlnx,zynqmp-zcu100", "xlnx,zynqmp"], "Ultra96"),
        (["avnet,ultra96-rev1", "avnet,ultra96", "xlnx,zynqmp"], "Ultra96"),
        (["xlnx,zynqmp-sk-kv260-rev1", "xlnx,zynqmp-sk-kv260", "xlnx,zynqmp"], "KV260"),
        (["xlnx,zynqmp-smk-k26-rev1", "xlnx,zynqmp-smk-k26", "xlnx,zynqmp"], "K26"),
        (["xlnx,zynqmp-sm-k26-rev1", "xlnx,zynqmp-sm-k26", "xlnx,zynqmp"], "K26"),
        (["somebody,carrier", "xlnx,zynqmp"], None),
    ],
)
def test_boards_without_pynq(compatible, module):
    board = load("pynq_k26")
    board["files"]["/sys/firmware/devicetree/base/compatible"] = "".join(entry + "\0" for entry in compatible)
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["module"], found["soc"]) == ("pynq", module, "zynqmp")


def test_the_name_that_pynq_gives_wins():
    board = load("pynq_k26")
    board["files"]["/sys/firmware/devicetree/base/chosen/pynq_board"] = "KV260\0"
    assert collect(FakeSystem(board), "/opt/x")["module"] == "KV260"


def test_a_board_of_which_only_pynq_knows():
    board = load("pynq_k26")
    board["files"]["/sys/firmware/devicetree/base/compatible"] = "somebody,board\0"
    assert collect(FakeSystem(board), "/opt/x")["family"] == "generic"
    board["files"]["/sys/firmware/devicetree/base/chosen/pynq_board"] = "Unknown\0"
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["family"], found["module"], found["soc"]) == ("pynq", None, "zynqmp")


def test_nothing_is_started_for_what_is_on_the_disk():
    system = FakeSystem(load("pynq_zcu104_3.0.1"))
    collect(system, "/opt/x")
    assert system.started == [["dpkg", "--print-architecture"]]


def test_a_virtual_environment_without_packages():
    board = load("pynq_k26")
    board["files"]["/usr/local/share/pynq-venv/pyvenv.cfg"] = ""
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["paths"], found["platform"]["venv"]) == ([], None)


def test_the_newest_python_of_a_virtual_environment():
    board = load("pynq_zcu104_upgraded")
    site = "/usr/local/share/pynq-venv/lib/python3.9/site-packages"
    board["files"][site + "/pynq-3.0.egg-info/PKG-INFO"] = ""
    found = collect(FakeSystem(board), "/opt/x")
    assert (found["paths"], found["platform"]["pynq"]) == (
        ["/usr/local/share/pynq-venv/lib/python3.10/site-packages"],
        "3.1",
    )


@pytest.mark.parametrize(
    "files, place",
    [
        ({"/opt/xilinx/xrt/setup.sh": ""}, "/opt/xilinx/xrt"),
        ({"/opt/xilinx/xrt/setup.sh": "", "/etc/profile.d/xrt_setup.sh": "# PYNQ\nexport XILINX_XRT=/usr\n"}, "/usr"),
        ({"/etc/profile.d/xrt_setup.sh": "export XILINX_XRT=$HOME/xrt\n"}, None),
    ],
)
def test_where_xrt_is(files, place):
    board = load("pynq_k26")
    board["files"].update(files)
    found = collect(FakeSystem(board), "/opt/x")
    assert found["platform"]["xrt"] == place
    assert found["variables"] == ({"XILINX_XRT": place} if place else {})
