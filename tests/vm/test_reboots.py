# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A board with 512 MiB of memory and a clock without a battery, whose system boots by systemd: what it says of itself,
its first minutes, and a reboot that a run asks for.
"""

from __future__ import annotations

import json
import re
import subprocess
import time

import pytest
import yaml
from virtual_boards import VirtualBoard

LAB = {
    "name": "reboots",
    "vars": {"ansible_become": True},
    "boards": [
        {
            "name": "board",
            "vm": {"memory": 512, "clock": "2001-01-01"},
            "apt": [{"name": "libone", "version": "1"}],
        }
    ],
}
SWAP_MIB = 64
PACKAGES = [
    {
        "name": "Packages",
        "ansible.builtin.include_role": {"name": "edgeai.fleet.torch", "tasks_from": "packages"},
        "vars": {"torch_system_package_names": ["libone"], "__torch_board": {"os": {"package_manager": "apt"}}},
    }
]
REBOOT = [
    {"name": "Swap", "edgeai.fleet.swap_space": {"size_mib": SWAP_MIB}},
    {
        "name": "Reboot",
        "ansible.builtin.include_role": {"name": "edgeai.fleet.torch", "tasks_from": "reboot"},
        "vars": {"torch_reboot_reasons": ["a new kernel"], "torch_allow_reboot": True},
    },
    {"name": "Use the board", "ansible.builtin.command": "systemctl is-system-running", "changed_when": False},
]
# What unattended-upgrades does on the first boot, without the upgrade.
HOLD = (
    "systemd-run --collect python3 -c 'import fcntl, time;"
    ' lock = open("/var/lib/dpkg/lock-frontend", "w"); fcntl.lockf(lock, fcntl.LOCK_EX); time.sleep({seconds})'
    "'"
)


def play(board: VirtualBoard, tasks: list[dict]) -> tuple[int, int, str]:
    """Return the exit status of a run of these tasks, the number of tasks that changed something, and its output."""
    playbook = board.directory / "play.yml"
    content = [{"name": "Play", "hosts": "board", "gather_facts": False, "tasks": tasks}]
    playbook.write_text(yaml.safe_dump(content), encoding="utf-8")
    command = board.command("play")
    command[1] = str(playbook)
    done = subprocess.run(
        command,
        cwd=board.directory,
        env=board.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, sum(map(int, re.findall(r"changed=(\d+)", done.stdout))), done.stdout


def boot_id(board: VirtualBoard) -> str:
    return board.root("cat /proc/sys/kernel/random/boot_id")


def test_a_clock_without_a_battery_and_little_memory(board: VirtualBoard):
    """What a kernel and a clock say for themselves. systemd has put the clock to the year in which it was built."""
    told = board.directory / "explained.json"
    run = board.run("explain", explain_json=str(told))
    found = json.loads(told.read_text(encoding="utf-8"))["boards"]["board"]
    assert run.status == 0, run.output
    (warning,) = [text for text in found["board"]["warnings"] if text.startswith("the clock of this board says 20")]
    assert "timedatectl set-ntp true" in warning
    assert int(re.search(r"says (\d{4})", warning)[1]) < time.gmtime().tm_year
    assert 400 << 20 < found["board"]["memory"]["total"] < 512 << 20
    assert found["board"]["os"]["id"] == "debian" and found["board"]["kernel"]


def test_the_upgrade_of_a_first_boot_holds_the_lock(board: VirtualBoard):
    board.root(HOLD.format(seconds=60))
    began = time.monotonic()
    status, changed, output = play(board, PACKAGES)
    assert (status, changed) == (0, 1), output
    assert board.root("dpkg-query -W -f '${db:Status-Abbrev}' libone") == "ii"
    assert time.monotonic() - began > 30


@pytest.mark.parametrize("time_of", ["first", "second"])
def test_a_reboot_that_a_run_asks_for(board: VirtualBoard, time_of: str):
    """The run goes on after it, and the swap is there again, without another change the second time."""
    before = boot_id(board)
    status, changed, output = play(board, REBOOT)
    assert status == 0, output
    assert changed == (2 if time_of == "first" else 1), output  # the reboot is one
    assert boot_id(board) != before
    swaps = board.root("cat /proc/swaps")
    assert f"{SWAP_MIB * 1024 - 4}" in swaps, swaps
    assert board.root("systemctl is-system-running; systemctl --failed --plain --no-legend").startswith("running")
