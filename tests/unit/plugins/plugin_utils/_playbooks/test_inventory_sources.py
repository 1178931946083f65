# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What became of the inventories, as Ansible's own plugins read them, and why a run has no board."""

from __future__ import annotations

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import faults
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import inventory_sources as inventory


def unread(*sources, gave_hosts=lambda source: False):
    return inventory.unread_sources([str(source) for source in sources], DataLoader(), gave_hosts)


@pytest.mark.parametrize(
    ("name", "text", "readable"),
    [
        ("hosts.yml", "all: {hosts: {pi: {}}}", True),
        ("hosts.yml", "all: {hosts: {pi: {}}", False),
        ("hosts.yml", "all:\n  hosts:\n    pi:\n  children: 5\n", False),  # the first host stays in the inventory
        ("hosts.ini", "[boards]\npi-1\npi-2\n", True),
        ("hosts.ini", "[boards]\npi-1\n[boards:chldren]\npi-2\n", False),
        ("hosts.toml", "[all.hosts\n", False),
    ],
)
def test_what_ansible_cannot_read_to_its_end(tmp_path, name, text, readable):
    (tmp_path / name).write_text(text)
    found = unread(tmp_path / name)
    assert found == ([] if readable else [str(tmp_path / name)])


def test_each_file_of_a_directory_counts_by_ansibles_rules(tmp_path):
    for name, text in (("a.yml", "all: {hosts: {pi: {}}}"), ("b.yml", "all: {"), ("c.orig", "{"), (".hidden", "{")):
        (tmp_path / name).write_text(text)
    (tmp_path / "group_vars").mkdir()
    (tmp_path / "group_vars" / "all.yml").write_text("{")
    assert unread(tmp_path) == [str(tmp_path / "b.yml")]


def test_a_program_that_gave_hosts_is_not_asked_again(tmp_path):
    script = tmp_path / "hosts.sh"
    script.write_text(f"#!/bin/sh\ntouch {tmp_path}/asked\nexit 1\n")
    script.chmod(0o755)
    assert unread(script, gave_hosts=lambda source: source == str(script)) == []
    assert not (tmp_path / "asked").exists()
    assert unread(script) == [str(script)]
    plugin = tmp_path / "cloud.yml"
    plugin.write_text("---\nplugin: acme.cloud.none\n")
    assert unread(plugin, gave_hosts=lambda source: True) == []
    assert unread(plugin) == [str(plugin)]


def test_a_list_of_hosts_is_no_file(tmp_path):
    gone = str(tmp_path / "gone.yml")
    assert inventory.missing_sources(["pi-1,", gone, "pi-1,pi-2"]) == [gone]
    assert unread("pi-1,") == []


def test_why_there_is_no_board():
    assert (
        inventory.why_no_board(["/gone"], ["/gone"], [])
        == "There is no board: /gone does not exist. Name the inventory with your boards: -i hosts.yml"
    )
    assert "/bad cannot be read as an inventory" in inventory.why_no_board(["/bad", "/empty"], [], ["/bad"])
    assert "/empty names no host" in inventory.why_no_board(["/bad", "/empty"], [], ["/bad"])
    assert "no inventory was named" in inventory.why_no_board([], [], [])


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ((None, ["all"], [], "Detect*"), ["--start-at-task 'Detect*' leaves out"]),
        (("pi", ["x", "y"], ["z"], None), ["--tags x,y --skip-tags z leaves out"]),
        (("pi", ["all"], [], None), ["--limit pi leaves no host"]),
        ((None, ["all"], [], None), ["a part of others", "edgeai.fleet.provision"]),
    ],
)
def test_why_nobody_checked_the_request(asked, words):
    for word in words:
        assert word in inventory.why_unchecked(*asked)


def test_the_reason_of_a_wrong_spreadsheet_is_the_reason_of_the_run(tmp_path):
    path = str(tmp_path / "lab.csv")
    faults.note_fault(path, f"{path}: row 2, column B (ip): it has a space in it. Remove it.")
    said = inventory.describe_faults(["/nowhere"], [path])
    assert said == f"/nowhere does not exist; {path}: row 2, column B (ip): it has a space in it. Remove it"
    faults.forget_fault(path)
    assert faults.fault_of(path) is None
    assert "Ansible's warnings above say why" in inventory.describe_faults([], [path])
