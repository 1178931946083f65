# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The facts of a board that Ansible gets from a machine with a stand-in for NVIDIA's driver: the module in its archive,
a real child process, a real library.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import cuda_standin
import pytest
import venvs
from cuda_standin import CRASH, GTX_1080, RTX_3090, RTX_4090
from playbook_runs import Operator

pytestmark = pytest.mark.skipif(
    shutil.which("nvidia-smi") is not None, reason="this machine has a driver of NVIDIA's own"
)
MISMATCH = (18, "Failed to initialize NVML: Driver/library version mismatch")


PLAYBOOK = """
- hosts: localhost
  gather_facts: false
  tasks:
    - edgeai.fleet.board_facts:
        torch_root: "{{ inventory_dir }}/torch"
      environment: "{{ item.value }}"
      loop: "{{ cases | dict2items }}"
      register: asked
    - ansible.builtin.copy:
        content: >-
          {{ dict(asked.results | map(attribute='item.key')
             | zip(asked.results | map(attribute='ansible_facts.edgeai_board'))) | to_json }}
        dest: "{{ inventory_dir }}/boards.json"
        mode: "0644"
"""


CODES = {
    "100": "no-device",
    "802": "fabric",
    "803": "mismatch",
    "804": "forward-compat",
    "999": "unknown-error",
    CRASH: "error",
}


def ask(local: Operator, python: str | Path, *pairs: tuple[str, str]) -> dict[str, dict]:
    """Return the facts of the board with each pair of an nvidia-smi and a libcuda, as measured by this Python and the
    ansible-core of sys.executable.
    """
    place = local.directory
    tools = {"broken": MISMATCH, "works": (0, "", [RTX_4090]), "none": None}
    for name, tool in tools.items():
        if tool:
            cuda_standin.nvidia_smi(place / name, *tool)
    for name in {library for _tool, library in pairs} - {"none"}:
        cuda_standin.build(place / f"cuda-{name}", int(name) if name.isdigit() else name, devices=[RTX_3090, GTX_1080])
    cases = {
        f"{tool} {library}": {
            "PATH": f"{place / tool}:{os.environ['PATH']}",
            "LD_LIBRARY_PATH": f"{place}/cuda-{library}",
            "CUDA_VISIBLE_DEVICES": "",
        }
        for tool, library in pairs
    }
    (place / "ask.yml").write_text(PLAYBOOK, encoding="utf-8")
    command = [
        Path(sys.executable).with_name("ansible-playbook"),
        "ask.yml",
        "-i",
        local.inventory,
        "-e",
        json.dumps({"cases": cases, "ansible_python_interpreter": str(python)}),
    ]
    process = subprocess.run(
        command,
        cwd=place,
        env=local.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == 0, process.stdout
    return json.loads((place / "boards.json").read_text(encoding="utf-8"))


def devices(board: dict) -> list[tuple]:
    return [
        (device["name"], device["compute_capability"], device["cuda"], device["driver"])
        for device in board["accelerators"]
    ]


BOTH = [(RTX_3090["name"], "8.6", "12.4", "550.54.14"), (GTX_1080["name"], "6.1", "12.4", "550.54.14")]


def test_the_driver_is_asked(local: Operator):
    boards = ask(local, sys.executable, ("broken", "none"), ("broken", "0"), ("works", "802"))
    assert {name: [sign["cause"] for sign in board["signs"]] for name, board in boards.items()} == {
        "broken none": ["mismatch"],
        "broken 0": [],
        "works 802": ["fabric"],
    }
    assert {name: devices(board) for name, board in boards.items()} == {
        "broken none": [],
        "broken 0": BOTH,
        "works 802": [],
    }
    assert MISMATCH[1] in boards["broken none"]["signs"][0]["why"]
    assert any("CUDA works, although nvidia-smi does not" in warning for warning in boards["broken 0"]["warnings"])


def test_the_driver_is_asked_by_python_3_6(local: Operator, oldest_core: Path):
    python = venvs.python_of("3.6")
    if python is None:
        (pytest.fail if venvs.CI else pytest.skip)("there is no Python 3.6 here")
    boards = ask(local, python, *[("none", library) for library in ("none", "0", *CODES)], ("works", "none"))
    assert {name: [sign["cause"] for sign in board["signs"]] for name, board in boards.items()} == {
        "none none": [],
        "none 0": [],
        "works none": [],
        **{f"none {code}": [cause] for code, cause in CODES.items()},
    }
    assert len({board["signs"][0]["fix"] for board in boards.values() if board["signs"]}) == len(CODES)
    assert {name: devices(board) for name, board in boards.items() if board["accelerators"]} == {
        "none 0": BOTH,
        "works none": [(RTX_4090["name"], "8.9", "12.4", "550.54.14")],
    }
    assert any("libcuda.so.1" in warning for warning in boards["works none"]["warnings"])
