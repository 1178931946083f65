# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as its users run it: ansible-playbook, real boards in containers, real wheels."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import run_units
import venvs
import yaml

REPOSITORY = Path(__file__).resolve().parents[2]
LAB = REPOSITORY / "tests" / "lab" / "boards.py"
sys.path.insert(0, str(LAB.parent))


class Run:
    """One ansible-playbook run: its exit status, its output and the report it left."""

    def __init__(self, process: subprocess.CompletedProcess, reports: Path, before: set[Path]) -> None:
        self.status = process.returncode
        self.output = process.stdout
        written = sorted(set(reports.glob("*/report.json")) - before - set(reports.glob("latest/report.json")))
        self.report = json.loads(written[-1].read_text(encoding="utf-8")) if written else None

    def verdict(self, board: str = "localhost") -> dict:
        assert self.report, self.output
        return self.report["boards"][board]["verdict"]

    def outcomes(self) -> dict[str, str]:
        assert self.report, self.output
        return {name: board["verdict"]["outcome"] for name, board in self.report["boards"].items()}

    def changed(self) -> int:
        """How many tasks changed something, over all boards."""
        return sum(int(number) for number in re.findall(r"changed=(\d+)", self.output))


class Operator:
    """A person at the control node, in a directory of their own."""

    def __init__(self, directory: Path, inventory: Path) -> None:
        self.directory, self.inventory = directory, inventory

    def command(self, playbook: str, *arguments: str, **variables: object) -> list[str]:
        extra = ["-e", json.dumps(variables)] if variables else []
        return [
            str(Path(sys.executable).with_name("ansible-playbook")),
            f"edgeai.fleet.{playbook}",
            "-i",
            str(self.inventory),
            *arguments,
            *extra,
        ]

    def environment(self, **more: str) -> dict[str, str]:
        # Ansible finds collections in PYTHONPATH, too: a run must not meet another one than it names.
        inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
        return {
            **inherited,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
            "PWD": str(self.directory),
            "ANSIBLE_NOCOLOR": "1",
            **more,
        }

    def run(self, playbook: str, *arguments: str, environ: dict[str, str] | None = None, **variables: object) -> Run:
        reports = self.directory / "reports"
        before = set(reports.glob("*/report.json"))
        process = subprocess.run(
            self.command(playbook, *arguments, **variables),
            cwd=self.directory,
            env=self.environment(**(environ or {})),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return Run(process, reports, before)

    def provision(self, *arguments: str, environ: dict[str, str] | None = None, **variables: object) -> Run:
        return self.run("provision", *arguments, environ=environ, **variables)


@pytest.fixture
def local(tmp_path: Path) -> Operator:
    """This machine as the only board, with a C(torch_root) of the test's own."""
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
                            # What conda channels there are is another test's question.
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
    """The directory with the programs of this ansible-core, which an Operator takes then."""
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
    """The last ansible-core that reaches Python 3.6."""
    return with_core(run_units.OLDEST[0], monkeypatch)


@pytest.fixture(params=[run_units.OLDEST[0], run_units.NEWEST[0]], ids=lambda core: f"core-{core}")
def ends(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ends of what is supported."""
    with_core(request.param, monkeypatch)
    return request.param


@pytest.fixture(params=[run_units.OLDEST[0], "this", run_units.NEWEST[0]], ids=lambda core: f"core-{core}")
def core(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ends of what is supported, and what the tests run on."""
    if request.param != "this":
        with_core(request.param, monkeypatch)
    return request.param
