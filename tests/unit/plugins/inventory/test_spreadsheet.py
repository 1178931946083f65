# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The inventory plugin as its users load it: the file itself, a YAML file that names it, and wrong files."""

from __future__ import annotations

from pathlib import Path

import openpyxl
import pytest
from inventory_support import ask, hosts

REPOSITORY = Path(__file__).resolve().parents[4]
pytestmark = pytest.mark.slow


def test_an_xlsx_file_is_the_inventory(tmp_path):
    path = tmp_path / "lab.xlsx"
    book = openpyxl.Workbook()
    for row in (
        ["Lab 7"],
        ["名称", "IP地址", "端口", "分组", "torch_version"],
        ["pi-1", "10.0.0.1", 22, "canary", "2.9.1"],
    ):
        book.active.append(row)
    book.save(path)
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "canary.yml").write_text("torch_user: ml\n")
    status, found, said = ask(path)
    assert status == 0, said
    assert hosts(found)["pi-1"] == {
        "ansible_host": "10.0.0.1",
        "ansible_port": 22,
        "torch_version": "2.9.1",
        "torch_user": "ml",
    }
    assert found["canary"]["hosts"] == ["pi-1"]


def test_a_yaml_file_names_it_and_constructs_groups(tmp_path):
    (tmp_path / "lab.csv").write_text("Asset,ip,model,MAC address\nA1,10.0.0.1,pi,x\n")
    path = tmp_path / "lab.yml"
    path.write_text(
        "plugin: edgeai.fleet.spreadsheet\nfile: lab.csv\ncolumns: {Asset: name, model: lab_model}\nstrict: true\n"
        "keyed_groups: [{key: lab_model, prefix: model}]\ncompose: {where: \"'http://' ~ ansible_host\"}\n"
    )
    # An installed collection's users have Ansible's own list of plugins.
    status, found, said = ask(path, ANSIBLE_INVENTORY_ENABLED="host_list,script,auto,yaml,ini,toml")
    assert status == 0 and hosts(found), said
    assert hosts(found)["A1"] == {"ansible_host": "10.0.0.1", "lab_model": "pi", "where": "http://10.0.0.1"}
    assert found["model_pi"]["hosts"] == ["A1"]
    assert "these columns are no variables and are ignored: MAC address (column D)" in said


def test_other_files_are_left_to_other_plugins(tmp_path):
    path = tmp_path / "hosts.yml"
    path.write_text("all: {hosts: {a: {ansible_port: 7}}}\n")
    assert hosts(ask(path)[1]) == {"a": {"ansible_port": 7}}


def test_a_wrong_file_gives_no_host_and_one_message(tmp_path):
    path = tmp_path / "lab.csv"
    path.write_text("name,ip\npi-1,10.0.0. 1\n")
    status, found, said = ask(path)
    assert (status, hosts(found)) == (0, {})
    assert said.count("has a space in it") == 1
    assert "lab.csv: row 2, column B (ip): '10.0.0. 1' has a space in it. Remove it." in said
    assert "Failed to parse" not in said
    assert ask(path, ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED="true")[0] != 0


@pytest.mark.parametrize(
    ("file", "words"),
    [
        ("nowhere.xlsx", "nowhere.xlsx: it cannot be read: No such file"),
        ("lab.ods", "its name ends neither with .csv nor with .xlsx"),
    ],
)
def test_a_yaml_file_that_names_a_wrong_one(tmp_path, file, words):
    path = tmp_path / "lab.yml"
    path.write_text(f"plugin: edgeai.fleet.spreadsheet\nfile: {file}\n")
    (tmp_path / "lab.ods").write_text("")
    _status, found, said = ask(path)
    assert not hosts(found) and words in said
