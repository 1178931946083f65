# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A real package index on this machine, with real (small) wheels, for the tests of locks and the wheelhouse."""

from __future__ import annotations

import os

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible_collections.edgeai.fleet.plugins.action.wheelhouse import ActionModule
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.plan import empty_plan
from index_support import Site


@pytest.fixture
def site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def other_site():
    site = Site()
    yield site
    site.close()


@pytest.fixture
def pip_settings(monkeypatch, tmp_path):
    """Set pip's configuration of this test, and nothing else of this machine's."""
    for name in [*os.environ]:
        if name.upper().startswith(("PIP_", "UV_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)

    def settings(**options):
        for name, value in options.items():
            monkeypatch.setenv(f"PIP_{name.upper()}", str(value))

    return settings


@pytest.fixture
def plan():
    """A plan with the given differences from that of a Raspberry Pi."""

    def make(architecture="aarch64", libc="2.36", python="3.11.2", specifier="", local=None, **differences):
        return {
            **empty_plan("raspberrypi"),
            "row": "test",
            "action": "install",
            "provider": "venv",
            "python": {"path": "/usr/bin/python3", "version": python},
            "target": {"architecture": architecture, "libc": libc, "python": python},
            "accelerator": "cpu",
            "torch": {"specifier": specifier, "local": local},
            "sources": ["configured"],
            "forbid": ["nvidia-*", "triton"],
            **differences,
        }

    return make


@pytest.fixture
def wheelhouse(monkeypatch, tmp_path, site, pip_settings):
    """Run the action, as ansible-playbook would, with this machine's index as pip's."""
    pip_settings(index_url=site.index)
    site.add("pip", "26.0")
    tool = site.add("uv", "0.13.9")
    for architecture in ("aarch64", "x86_64"):
        monkeypatch.setitem(TOOLS["venv"], architecture, [tool])

    def run(plans, check=False, diff=False, **arguments):
        task = Task()
        task.action = "edgeai.fleet.wheelhouse"
        task.args = {"plans": plans, "wheelhouse": str(run.house), "locks": str(run.locks), **arguments}
        task.check_mode, task.diff = check, diff
        loader, context = DataLoader(), PlayContext()
        connection = connection_loader.get("local", context, os.devnull)
        return ActionModule(task, connection, context, loader, Templar(loader=loader), None).run(task_vars={})

    run.locks, run.house = tmp_path / "locks", tmp_path / "wheelhouse"
    return run
