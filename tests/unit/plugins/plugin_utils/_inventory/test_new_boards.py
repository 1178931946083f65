# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Boards added to inventories of people: nothing else in them changes."""

from __future__ import annotations

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import new_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory.new_boards import (
    InventoryError,
    NewBoard,
    add_boards,
)

PI = NewBoard("pi4", {"ansible_host": "192.0.2.31", "ansible_user": "pi"})
ORIN = NewBoard("orin1", {"ansible_host": "192.0.2.11", "ansible_port": 2222, "ansible_user": "nvidia"})
LINES = [
    "pi4: {ansible_host: 192.0.2.31, ansible_user: pi}",
    "orin1: {ansible_host: 192.0.2.11, ansible_port: 2222, ansible_user: nvidia}",
]


def added(tmp_path, name, content, boards=(PI, ORIN), group="", check=False):
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before, after = add_boards(path, boards, group, check)
    assert before == (b"" if content is None else path.read_bytes() if check else before)
    if not check and after != before:
        assert path.read_bytes() == after and [entry.name for entry in tmp_path.iterdir()] == [name]
    return after.decode()


LAB = """\
# our lab
all:
  vars:
    ansible_become: true   # sudo
  hosts:
    pc1:
      ansible_host: 192.0.2.21
      note: |
        two
        lines

    pi9: {ansible_host: 192.0.2.99}  # on the shelf
    # below the shelf
  children:
    canary:
      hosts:
        pc1:
"""


def test_yaml_keeps_comments_and_order(tmp_path):
    text = added(tmp_path, "lab.yml", LAB)
    shelf = "    pi9: {ansible_host: 192.0.2.99}  # on the shelf\n"
    assert text == LAB.replace(shelf, shelf + "".join(f"    {line}\n" for line in LINES))
    assert yaml.safe_load(text)["all"]["hosts"]["orin1"]["ansible_port"] == 2222
    assert added(tmp_path, "lab.yml", text) == text


def test_yaml_into_a_group(tmp_path):
    text = added(tmp_path, "lab.yml", LAB, group="canary")
    assert text == LAB + "".join(f"        {line}\n" for line in LINES)


@pytest.mark.parametrize(
    ("before", "group", "after"),
    [
        (None, "", "all:\n  hosts:\n    {0}\n    {1}\n"),
        ("---\n# empty\n", "", "---\n# empty\nall:\n  hosts:\n    {0}\n    {1}\n"),
        (None, "pis", "all:\n  children:\n    pis:\n      hosts:\n        {0}\n        {1}\n"),
        ("all:\n    hosts:\n        a:\n", "", "all:\n    hosts:\n        a:\n        {0}\n        {1}\n"),
        ("all:\n  hosts:\n    a: 1", "", "all:\n  hosts:\n    a: 1\n    {0}\n    {1}\n"),
        ("all:\n  hosts:  # none yet\n", "", "all:\n  hosts:  # none yet\n    {0}\n    {1}\n"),
        (
            "pis:\n  hosts:\n    a:\n      x: [1,\n        2]\n",
            "pis",
            "pis:\n  hosts:\n    a:\n      x: [1,\n        2]\n    {0}\n    {1}\n",
        ),
        ("all:\n  hosts:\n    a: {x: !vault abc}\n", "", "all:\n  hosts:\n    a: {x: !vault abc}\n    {0}\n    {1}\n"),
    ],
)
def test_yaml_of_many_forms(tmp_path, before, group, after):
    expected = after.replace("{0}", LINES[0]).replace("{1}", LINES[1])
    assert added(tmp_path, "lab.yaml", before, group=group) == expected


def test_csv_keeps_delimiter_encoding_and_line_ends(tmp_path):
    before = "Lab 7;;;;\r\n名称;IP地址;端口;用户名;分组\r\npc1;192.0.2.21;;admin;pcs".encode("gb18030")
    path = tmp_path / "lab.csv"
    path.write_bytes(before)
    assert add_boards(path, [PI, ORIN], "new", False)[1] == before + (
        b"\r\npi4;192.0.2.31;;pi;new\r\norin1;192.0.2.11;2222;nvidia;new\r\n"
    )
    again = path.read_bytes()
    assert add_boards(path, [PI], "new", False) == (again, again)


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_csv_of_other_encodings(tmp_path, encoding):
    path = tmp_path / "lab.csv"
    path.write_bytes("name,ip,user\npc1,192.0.2.21,admin\n".encode(encoding))
    add_boards(path, [PI], "", False)
    assert path.read_bytes().decode(encoding) == "name,ip,user\npc1,192.0.2.21,admin\npi4,192.0.2.31,pi\n"


def test_a_new_csv_file_has_a_header(tmp_path):
    assert added(tmp_path, "lab.csv", None, group="g").splitlines() == [
        "name,ip,port,user,group",
        "pi4,192.0.2.31,,pi,g",
        "orin1,192.0.2.11,2222,nvidia,g",
    ]


@pytest.mark.parametrize(
    ("name", "content", "group", "words"),
    [
        ("lab.ini", "", "", "ends neither with .yml"),
        ("lab.yml", "all: {hosts: {a: {}}}\n", "", "written in braces"),
        ("lab.yml", "all:\n  children:\n", "", "all has no hosts: add the line `hosts:`"),
        ("lab.yml", LAB, "pis", "the group pis has no hosts"),
        ("lab.yml", "all: [\n", "", "it is not YAML"),
        ("lab.yml", "a: 1\n---\nb: 2\n", "", "it is not YAML"),
        ("lab.yml", b"\xff\xfe\x00", "", "it is not YAML"),
        ("lab.yml", "all:\n  hosts:\n    PI4: {ansible_host: 192.0.2.77}\n", "", "PI4 is there already"),
        ("lab.yml", "all:\n  hosts:\n    x: {ansible_host: 192.0.2.31}\n", "", "x has the address 192.0.2.31 of pi4"),
        ("lab.csv", "a,b\n1,2\n", "", "there is no header"),
        ("lab.csv", "name,ip,user\nx,192.0.2.99,pi\n", "", "no column for ansible_port of orin1"),
        ("lab.csv", "name,ip,user,port\npi4,192.0.2.99,pi,\n", "", "pi4 is there already"),
        ("lab.csv", "name,ip\nx,192.0.2.300\n", "", "row 2"),
        ("lab.yml", LAB, "a b", "enrol_group is 'a b'"),
    ],
)
def test_nothing_is_written_where_it_cannot_be_right(tmp_path, name, content, group, words):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    before = path.read_bytes()
    with pytest.raises(InventoryError, match=words):
        add_boards(path, [PI, ORIN], group, False)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["", "-pi", "pi 4", "all", "{{x}}", "a" * 300, "pi\n"])
def test_names_that_are_none(name):
    with pytest.raises(InventoryError, match="cannot be the name of a board"):
        new_boards.check_names([name], "")


def test_check_mode_writes_nothing_and_the_mode_of_the_file_stays(tmp_path):
    path = tmp_path / "lab.yml"
    assert add_boards(path, [PI], "", True)[1] and not path.exists()
    path.write_text("all:\n  hosts:\n", "utf-8")
    path.chmod(0o600)
    add_boards(path, [PI], "", False)
    assert path.stat().st_mode & 0o777 == 0o600
