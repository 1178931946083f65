# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The end of playbook enrol: what is shown, and what is written."""

from __future__ import annotations

import os

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible_collections.edgeai.fleet.plugins.action import enrol_inventory

try:
    from ansible.utils.unsafe_proxy import wrap_var
except ImportError:  # later releases of ansible-core tag texts instead

    def wrap_var(value):
        return value


@pytest.fixture
def enrol(tmp_path, monkeypatch):
    """Run the action for one board that was asked; returns its result and what it printed."""
    shown: list[str] = []
    monkeypatch.setattr(enrol_inventory.display, "display", shown.append)

    def run(check=False, hosts=("found", "lost"), path="lab.yml", **arguments):
        task, loader, context = Task(), DataLoader(), PlayContext()
        task.action = "edgeai.fleet.enrol_inventory"
        task.args = {"path": path and str(tmp_path / path), "hosts": list(hosts), **arguments}
        task.check_mode = check
        result = {
            "name": "pi-1",
            "address": "192.0.2.31",
            "port": 22,
            "user": "pi",
            "fingerprints": ["SHA256:abc (ssh-ed25519)"],
            "known": False,
            "key_installed": True,
        }
        hostvars = {"found": {"__enrolled": wrap_var(result)}, "lost": {"__enrolled": {"failed": True, "msg": "x"}}}
        connection = connection_loader.get("local", context, os.devnull)
        action = enrol_inventory.ActionModule(task, connection, context, loader, Templar(loader=loader), None)
        shown.clear()
        return action.run(task_vars={"hostvars": hostvars}), "\n".join(shown)

    return run


def test_without_consent_it_only_shows(enrol, tmp_path):
    result, shown = enrol()
    assert result["changed"] is False and "Nothing was changed." in shown
    assert "pi-1  pi@192.0.2.31:22  key NOT known" in shown and "    SHA256:abc (ssh-ed25519)" in shown
    assert not (tmp_path / "lab.yml").exists()


def test_boards_that_answered_are_written_once(enrol, tmp_path):
    predicted, _shown = enrol(check=True, accepted=True)
    assert predicted["changed"] and not (tmp_path / "lab.yml").exists()
    result, shown = enrol(accepted=True)
    assert result["changed"] and "key pinned, operator's key installed" in shown
    text = (tmp_path / "lab.yml").read_text(encoding="utf-8")
    assert text == "all:\n  hosts:\n    pi-1: {ansible_host: 192.0.2.31, ansible_user: pi}\n" == result["diff"]["after"]
    assert enrol(accepted=True)[0]["changed"] is False


def test_a_file_that_cannot_be_written_is_named_before_a_board_is_touched(enrol, tmp_path):
    (tmp_path / "lab.yml").write_text("all: {hosts: {a: {}}}\n", encoding="utf-8")
    result, shown = enrol(hosts=())
    assert result["failed"] and "written in braces" in result["msg"] and shown == ""
    assert not enrol(hosts=(), path="new.csv")[0].get("failed") and not (tmp_path / "new.csv").exists()
    assert "ends neither with .yml" in enrol(hosts=(), path="lab.ini")[0]["msg"]


def test_without_an_inventory_it_says_so(enrol):
    result, shown = enrol(accepted=True, path="")
    assert not result["changed"] and "name one with -e enrol_inventory=lab.yml" in shown
