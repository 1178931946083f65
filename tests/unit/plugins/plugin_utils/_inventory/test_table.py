# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Headers as people write them, and each mistake with its place."""

from __future__ import annotations

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory.cells import SheetError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory.table import has_header, read_table


def boards(*rows, own=None):
    return read_table([list(row) for row in rows], "Lab", own or {}).boards


def fault(*rows):
    with pytest.raises(SheetError) as caught:
        boards(*rows)
    return str(caught.value)


@pytest.mark.parametrize(
    "header",
    [
        ["Board Name", "IP", "User", "Password", "SSH Port", "Group"],
        ["hostname", "IP-Address", "username", "passwd", "port", "tags"],
        ["名称", "IP地址", "用户名", "密码", "端口", "分组"],
        ["设备名", "ＩＰ 地址", "账号", "登录密码", "SSH端口", "标签"],  # noqa: RUF001 (full width is meant)
        ["name", "host", "login", "pwd", "ssh-port", "groups"],
        ["Inventory Hostname:", "ansible_host", "ansible_user", "ansible_password", "ansible_port", "组"],
    ],
)
def test_headings_in_english_and_chinese(header):
    (board,) = boards(header, ["pi-1", "10.0.0.5", "pi", "secret", "2222", "canary, lab"])
    assert (board.name, board.groups) == ("pi-1", ["canary", "lab"])
    assert board.variables == {
        "ansible_host": "10.0.0.5",
        "ansible_user": "pi",
        "ansible_password": "secret",
        "ansible_port": 2222,
    }


def test_any_order_titles_above_and_variables_of_a_board():
    found = boards(
        ["Lab of group 7", None, None],
        [],
        ["torch_version", "备注", "IP", "Name", "MAC address", "torch_requirements"],
        ["2.9.1", "by the window", "10.0.0.5", "pi-1", "dc:a6:32", '["numpy", "pillow"]'],
        [None, "", "  ", None, None, None],
        [None, None, "10.0.0.6", None, None, None],
        own={},
    )
    assert [board.name for board in found] == ["pi-1", "10.0.0.6"]
    assert found[0].variables == {
        "torch_version": "2.9.1",
        "ansible_host": "10.0.0.5",
        "torch_requirements": ["numpy", "pillow"],
    }
    assert found[0].row == 4


def test_headings_of_ones_own():
    own = {"Asset Tag": "name", "Room": "lab_room", "Owner": ""}
    rows = [["asset tag", "room", "owner", "password"], ["A1", 12.0, "me", None]]
    table = read_table(rows, "Lab", own)
    assert table.boards[0].variables == {"lab_room": 12}
    assert read_table([["name", "MAC address"], ["a", "x"]], None, {}).ignored == ["MAC address (column B)"]
    assert not has_header(rows[:1], {}) and has_header(rows[:1], own)


def test_groups_by_column():
    (board,) = boards(["name", "group", "group"], ["a", "orin-lab、2号 canary", "canary"])
    assert board.groups == ["orin_lab", "_2号", "canary"]
    assert "cannot be the name of a group" in fault(["name", "group"], ["a", "all"])


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([["a", "b"], ["10.0.0.1", "x"]], "sheet 'Lab': there is no header: none of the first 20 rows"),
        ([], "there is no header"),
        ([["name"]], "sheet 'Lab', row 1: there is no board below this header"),
        (
            [["name", "ip"], ["pi", "10.0.0. 5"]],
            "sheet 'Lab', row 2, column B (ip): '10.0.0. 5' has a space in it. Remove it",
        ),
        ([["name", "ip"], ["pi 1", "10.0.0.5"]], "row 2, column A (name): 'pi 1' has a space in it"),
        ([["name", "ip"], ["pi", "10.0.0.256"]], "column B (ip): '10.0.0.256' is neither an IP address nor"),
        ([["name", "ip"], ["pi", "10.0.0.5/24"]], "neither an IP address nor the name of a host"),
        ([["name", "ip"], ["pi", "10.0.0.5\u200b"]], "it has the invisible character U+200B"),
        ([["name", "ip"], ["pi\x1b[2J", "10.0.0.5"]], "it has the invisible character U+001B"),
        ([["name", "ip"], ["pi,all", "10.0.0.5"]], "'pi,all' cannot be the name of a host"),
        ([["name"], ["x" * 300]], "cannot be the name of a host"),
        ([["name"], ["a"], ["b"], ["A"]], "sheet 'Lab', row 4: the name A is in row 2, too"),
        (
            [["name", "ip"], ["a", "10.0.0.5"], ["b", "10.0.0.5"]],
            "row 3: b has the address 10.0.0.5, like the board in row 2",
        ),
        ([["name", "ip", "user"], [None, None, "pi"]], "row 2: neither a name nor an address"),
        ([["name", "port"], ["a", "ssh"]], "column B (port): 'ssh' is not a port"),
        ([["name", "port"], ["a", 70000]], "'70000' is not a port"),
        ([["name", "user"], ["a", "=B1"]], "row 2, column B (user): a formula"),
        ([["name", "user"], ["a", "{{ lookup('pipe', 'id') }}"]], "row 2, column B (user): a template"),
        ([["name", "torch version"], ["a", 2.1]], "the number 2.1; as a number 2.10 is 2.1. Format the cell as text"),
        (
            [["name", "ip", "地址"], ["a", "b", "c"]],
            "row 1, column C: '地址' means ansible_host, like 'ip' in column B",
        ),
    ],
)
def test_each_mistake_has_one_message_with_its_place(rows, words):
    assert words in fault(*rows)


def test_two_boards_behind_one_address():
    rows = [["name", "ip", "port"], ["a", "10.0.0.5", 2201], ["b", "10.0.0.5", 2202]]
    assert [board.variables["ansible_port"] for board in boards(*rows)] == [2201, 2202]
    (board,) = boards(["name", "ip"], ["a", "fe80::1"])
    assert board.variables["ansible_host"] == "fe80::1"
