# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Taking away: the file system of a board before it was provisioned, and after `remove`, are the same."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import yaml
from playbook_runs import Operator

LAB = {
    "name": "remove",
    "vars": {
        "ansible_become": True,
        "x86_conda_provider": "venv",
        "torch_user": "vision",
        "torch_jupyter_kernel": True,
    },
    "boards": [
        {
            "name": "board",
            "users": ["vision"],
            "groups_on_board": ["accelerators"],
            "apt": [
                {"name": "edge-tool", "version": "1.0", "depends": "edge-library"},
                {"name": "edge-library", "version": "1.0"},
                {"name": "edge-data", "version": "1.0"},
                {"name": "vision-app", "version": "1.0", "depends": "edge-data"},
            ],
        }
    ],
}
# What differs although nothing of ours is there, and who writes it.
OTHERS = {
    r"/home/ansible/\.ansible(/|$)": "Ansible's directory for temporary files",
    r"/etc/(group|gshadow|passwd|shadow|subuid|subgid)-$": "backups that gpasswd and usermod make",
    r"/var/(lib|cache)/(apt|dpkg|debconf|ucf)(/|$)": "the package manager's own records",
    r"/var/log/": "logs of the package manager and of logins",
    r"/(tmp|run|var/tmp)(/|$)": "temporary files of others",
}
# As the tasks of a family do: a plan that adds a group and packages.
PREPARE = [
    {
        "hosts": "boards",
        "gather_facts": False,
        "tasks": [
            {"edgeai.fleet.board_facts": {"as_fact": False, "torch_user": "vision"}, "register": "found"},
            {
                "ansible.builtin.include_role": {
                    "name": "edgeai.fleet.torch",
                    "tasks_from": "prepare",
                    "rolespec_validate": False,
                },
                "vars": {
                    "torch_board": "{{ found.board }}",
                    "torch_plan": {"groups": ["accelerators"], "system_packages": ["edge-tool", "edge-data"]},
                },
            },
        ],
    }
]
SNAPSHOT = r"""
find / -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o -type f -exec sha256sum {} +
find / -xdev \( -path /proc -o -path /sys -o -path /dev \) -prune -o ! -type f -printf '%y %m %u:%g %l %p\n'
"""


# As a notebook does; what it writes is in /tmp.
JUPYTER = """
mkdir -p /tmp/notebooks && chmod 1777 /tmp/notebooks && cd /tmp/notebooks
setpriv --reuid {user} --clear-groups env HOME=/tmp/notebooks {python} - <<'END' 2>&1
from jupyter_client.manager import start_new_kernel
manager, client = start_new_kernel(startup_timeout=120, kernel_name="{name}")
try:
    client.execute_interactive("import sys, torch; print(torch.ones(12).sum().item(), sys.prefix)", timeout=120)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
END
"""


def on_board(lab: Operator, command: str) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", "sudo", "sh", "-s"],
        input=command,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def snapshot(lab: Operator) -> dict[str, str]:
    """Every path of the board, with its content, or its mode and owner."""
    entries = (re.fullmatch(r"(.*?)\s+(/.*)", line) for line in on_board(lab, SNAPSHOT).splitlines())
    return {entry[2]: entry[1] for entry in entries if entry}


def differences(before: dict[str, str], after: dict[str, str]) -> list[str]:
    changed = {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}
    return sorted(path for path in changed if not any(re.match(pattern, path) for pattern in OTHERS))


def written(lab: Operator) -> dict:
    latest = lab.directory / "reports" / "removals" / "latest.json"
    return json.loads(latest.read_text(encoding="utf-8"))["boards"]["board"]


def test_remove_leaves_no_file_of_ours(lab: Operator):
    before = snapshot(lab)
    playbook = lab.directory / "prepare.yml"
    playbook.write_text(yaml.safe_dump(PREPARE), encoding="utf-8")
    command = lab.command("provision")
    command[command.index("edgeai.fleet.provision")] = str(playbook)
    prepared = subprocess.run(
        command, cwd=lab.directory, env=lab.environment(), stdout=subprocess.PIPE, text=True, check=False
    )
    assert prepared.returncode == 0, prepared.stdout
    installed = lab.provision()
    assert installed.status == 0, installed.output
    # Another user's Jupyter starts the environment in use.
    answer = on_board(lab, JUPYTER.format(user="nobody", python="/opt/edgeai/torch/bin/python", name="edgeai-torch"))
    assert re.search(r"^12\.0 /opt/edgeai/torch/envs/", answer, re.MULTILINE), answer
    # A user's package needs one that was recorded, and a user's file is in torch_root.
    on_board(lab, "apt-get -qqy install vision-app && touch /opt/edgeai/torch/notes.txt")
    full = snapshot(lab)
    assert "accelerators" in on_board(lab, "id -nG vision")
    added = [path for path in differences(before, full) if path.startswith("/opt/edgeai")]
    assert len(added) > 10000

    predicted = lab.run("remove", "--check", torch_remove_packages=True)
    assert (predicted.status, predicted.changed()) == (0, 1), predicted.output
    assert "board: would remove: group accelerators of the user vision" in predicted.output
    assert differences(full, snapshot(lab)) == []

    removed = lab.run("remove", torch_remove_packages=True)
    assert (removed.status, removed.changed()) == (0, 1), removed.output
    result = written(lab)
    assert "system packages: edge-library, edge-tool" in result["removed"], result
    assert result["left"] == ["package edge-data: needed by vision-app", "/opt/edgeai/torch/notes.txt"]
    assert result["unknown"] == []
    again = lab.run("remove", torch_remove_packages=True)
    assert (again.status, again.changed()) == (0, 0), again.output
    assert written(lab)["left"] == ["/opt/edgeai/torch/notes.txt"]

    on_board(lab, "apt-get -qqy purge vision-app edge-data; rm -r /opt/edgeai")
    left = differences(before, snapshot(lab))
    Path(lab.directory / "left.txt").write_text("\n".join(left), encoding="utf-8")
    assert left == []


def test_a_board_that_does_not_answer_fails_and_a_broken_record_is_named(lab: Operator):
    on_board(lab, "mkdir -p /opt/edgeai/torch/state && echo broken > /opt/edgeai/torch/state/additions.json")
    run = lab.run("remove")
    assert (run.status, run.changed()) == (0, 1), run.output
    assert "additions.json cannot be read" in written(lab)["unknown"][0]
    assert on_board(lab, "ls /opt/edgeai; true") == ""
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    inventory["all"]["children"]["boards"]["hosts"]["board"].update(ansible_host="127.0.0.1", ansible_port=9)
    path = lab.directory / "dead.yml"
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    dead = Operator(lab.directory, path).run("remove")
    assert dead.status != 0
    assert written(lab)["state"] == "unreachable", dead.output
