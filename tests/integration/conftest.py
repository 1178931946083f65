# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as its users run it: ansible-playbook, real boards in containers, real wheels."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import run_units
import venvs
import yaml
from playbook_runs import LAB, Operator


@pytest.fixture
def local(tmp_path: Path) -> Operator:
    """This machine as the only board, with the test's own `torch_root`."""
    inventory = tmp_path / "hosts.yml"
    inventory.write_text(
        yaml.safe_dump(
            {
                "all": {
                    "hosts": {
                        "localhost": {
                            "ansible_connection": "local",
                            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                            "torch_root": str(tmp_path / "torch"),
                            "torch_system_packages": "skip",
                            "torch_python": "3.11",
                            # Other tests use conda channels.
                            "x86_conda_provider": "venv",
                        }
                    }
                }
            }
        ),
        encoding="utf-8",
    )
    return Operator(tmp_path, inventory)


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest):
    """The boards that the test module describes in LAB: containers reached over SSH."""
    directory = tmp_path_factory.mktemp("lab")
    description = directory / "lab.yml"
    description.write_text(yaml.safe_dump(request.module.LAB), encoding="utf-8")
    command = [sys.executable, str(LAB), "{}", "--lab", str(description), "--state-dir", str(directory / "state")]
    subprocess.run([word.format("create") for word in command], check=True)
    yield Operator(directory, directory / "state" / "hosts.yml")
    subprocess.run([word.format("destroy") for word in command], check=True)


def with_core(version: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the directory with the programs of this ansible-core; from now on, an Operator uses it."""
    python = venvs.BUILD / f"core-{version}" / "bin" / "python"
    if not python.exists():
        message = f"no Python of this machine runs ansible-core {version} (make units sets it up)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    monkeypatch.setattr("sys.executable", str(python))
    return python.parent


@pytest.fixture
def oldest_core(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The last ansible-core that can drive Python 3.6."""
    return with_core(run_units.OLDEST[0], monkeypatch)


@pytest.fixture(params=[run_units.OLDEST[0], run_units.NEWEST[0]], ids=lambda core: f"core-{core}")
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The oldest and the newest supported ansible-core."""
    with_core(request.param, monkeypatch)
    return request.param


@pytest.fixture(params=[run_units.OLDEST[0], "this", run_units.NEWEST[0]], ids=lambda core: f"core-{core}")
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The oldest and the newest supported ansible-core, and the one that runs the tests."""
    if request.param != "this":
        with_core(request.param, monkeypatch)
    return request.param
