# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Virtual machines leave no process behind, and no one but this computer reaches them. No system boots here."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from pathlib import Path

import pytest
import vm


@pytest.fixture
def owner():
    """A process that asked for the lab."""
    with subprocess.Popen(["sleep", "600"]) as process:
        yield process
        process.kill()


@pytest.fixture(params=vm.DISKS)
def machine(tmp_path: Path, owner: subprocess.Popen, request: pytest.FixtureRequest):
    (tmp_path / "seed").mkdir()
    board = {"name": "board", "vm": {"disk": request.param, "memory": 256}}
    made = vm.Machine.create(tmp_path / "machine", board, tmp_path / "seed", owner.pid)
    made.start()
    yield made
    made.cut()


def gone(pids: dict[str, int]) -> bool:
    """Whether these processes end within seconds; one that its parent has not asked for has ended."""
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        states = []
        for pid in pids.values():
            try:
                states.append(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0])
            except (FileNotFoundError, ProcessLookupError):
                states.append("Z")
        if set(states) == {"Z"}:
            return True
        time.sleep(0.1)
    return False


def programs(machine: vm.Machine) -> dict[str, int]:
    pids = machine._pids()
    assert set(pids) == {"keeper", "qemu"} | ({"disk"} if machine.settings["disk"] == "lossy" else set())
    return pids


def test_ends_with_its_owner(machine: vm.Machine, owner: subprocess.Popen):
    pids = programs(machine)
    assert machine.qmp("query-status")["status"] == "running"
    owner.send_signal(signal.SIGKILL)
    assert gone(pids) and not machine.running()


def test_ends_with_its_keeper(machine: vm.Machine):
    pids = programs(machine)
    os.kill(pids["keeper"], signal.SIGKILL)
    assert gone(pids)


def test_power(machine: vm.Machine):
    pids = programs(machine)
    machine.reset()
    assert machine.qmp("query-status")["status"] == "running"
    machine.cut()
    assert gone(pids)
    machine.check_disk()
    machine.start()
    assert not set(programs(machine).values()) & set(pids.values())


def test_reached_from_this_computer_only(machine: vm.Machine):
    """The kernel's table: address and port in hexadecimal, and 0A for a socket that listens."""
    listening = []
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text(encoding="utf-8").splitlines()[1:]:
            address, state = line.split()[1], line.split()[3]
            if state == "0A" and address.endswith(f":{machine.port:04X}"):
                listening.append(address)
    assert listening == [f"0100007F:{machine.port:04X}"]


def test_an_owner_that_has_ended(tmp_path: Path, owner: subprocess.Popen):
    owner.kill()
    owner.wait()
    (tmp_path / "seed").mkdir()
    made = vm.Machine.create(tmp_path / "machine", {"name": "board", "vm": {}}, tmp_path / "seed", owner.pid)
    with pytest.raises(SystemExit, match="does not start"):
        made.start()


@pytest.mark.parametrize("asked", [{"disks": 2}, {"disk": "floppy"}, {"init": "upstart"}])
def test_unknown_hardware(asked: dict):
    with pytest.raises(SystemExit, match="lab.yml: virtual machine board: vm has"):
        vm.check(asked, "lab.yml: virtual machine board")
