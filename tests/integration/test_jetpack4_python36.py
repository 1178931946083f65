# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A Jetson Nano with JetPack 4: its Python 3.6 is real, and only ansible-core 2.16 can drive it.

There is no arm64 build of Python 3.6 for the lab, so the board is an amd64 one that reports to be a Nano. No
environment is installed: detection, plan, refusal and the preparation of the board run for real.
"""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from playbook_runs import REPOSITORY, Operator

PROGRAMS = REPOSITORY / "tests" / "unit" / "fixtures" / "jetson"
LAB = {
    "name": "jetpack4",
    "boards": [
        {
            "name": "nano",
            "python36": True,
            "model": "NVIDIA Jetson Nano Developer Kit",
            "compatible": ["nvidia,p3450-0000", "nvidia,jetson-nano", "nvidia,tegra210"],
            "files": {
                "/etc/nv_tegra_release": (
                    "# R32 (release), REVISION: 7.4, GCID: 33514132, BOARD: t210ref, EABI: aarch64, DATE: Fri Jun  9"
                    " 04:25:08 UTC 2023\n"
                ),
                "/usr/local/cuda/version.txt": "CUDA Version 10.2.300\n",
                "/usr/lib/aarch64-linux-gnu/libcudnn.so.8.2.1": "",
                "/usr/sbin/nvpmodel": {"source": str(PROGRAMS / "nvpmodel.sh"), "mode": "0755"},
                "/usr/local/bin/systemctl": {"source": str(PROGRAMS / "systemctl.sh"), "mode": "0755"},
                "/usr/bin/jetson_clocks": {"text": "#!/bin/sh\n", "mode": "0755"},
                "/etc/nvpmodel.conf": (
                    "< POWER_MODEL ID=0 NAME=MAXN >\n< POWER_MODEL ID=1 NAME=5W >\n< PM_CONFIG DEFAULT=0 >\n"
                ),
                "/var/lib/nvpmodel/status": "pmode:0000 fmode:quiet\n",
                # The state of the stand-ins: 5W takes effect only after a restart.
                "/mode": "0\n",
                "/asks": "1\n",
                "/units/none": "",
            },
            "devices": [{"path": "/dev/nvmap", "group": "video"}],
            "apt": [{"name": name, "version": "1-1"} for name in ("libopenblas-base", "libopenmpi-dev", "libomp-dev")],
            "users": ["robot"],
            "vars": {
                "ansible_become": True,
                "torch_user": "robot",
                # The collection's own row, without the architecture, which the lab cannot have.
                "torch_catalogue": [
                    {
                        "id": "jetson-jetpack4-1.10.0",
                        "when": {"l4t": ">=32.4.3,<33"},
                        "accelerator": "cuda",
                        "torch": "==1.10.0",
                        "python": "==3.6.*",
                        "wheels": [
                            {
                                "filename": "torch-1.10.0-cp36-cp36m-linux_aarch64.whl",
                                "url": "https://nvidia.box.com/shared/static/fjtbno0vpo676a25cgvuqc1wty0fkkg6.whl",
                            }
                        ],
                        "constraints": ["numpy<1.19.5"],
                        "environment": {"OPENBLAS_CORETYPE": "ARMV8"},
                        "packages": ["libopenblas-base", "libopenmpi-dev", "libomp-dev"],
                    }
                ],
            },
        }
    ],
}
PLAYBOOK = [
    {
        "name": "A Nano",
        "hosts": "all",
        "gather_facts": False,
        "tasks": [
            {"name": "Ask", "edgeai.fleet.board_facts": {"torch_user": "robot"}},
            *(
                {"name": part, "ansible.builtin.include_role": {"name": "edgeai.fleet.jetson", "tasks_from": part}}
                for part in ("plan", "prepare")
            ),
            {
                "name": "Tell",
                "become": False,
                "delegate_to": "localhost",
                "vars": {"ansible_python_interpreter": "{{ ansible_playbook_python }}"},
                "ansible.builtin.copy": {
                    "dest": "{{ inventory_dir }}/nano.json",
                    "mode": "0644",
                    "content": (
                        "{{ {'board': ansible_facts.edgeai_board, 'plan': torch_plan, 'power': __jetson_power}"
                        " | to_json }}"
                    ),
                },
                "check_mode": False,
                "changed_when": False,
            },
        ],
    }
]


@pytest.fixture(autouse=True)
def core(oldest_core: Path) -> Path:
    return oldest_core


@pytest.fixture
def prepare(lab: Operator, core: Path):
    """Run the playbook above; return its output and the values that it wrote."""
    playbook = lab.directory / "nano.yml"
    playbook.write_text(yaml.safe_dump(PLAYBOOK), encoding="utf-8")

    def run(*arguments: str, **variables: object) -> tuple[str, dict]:
        command = [
            str(core / "ansible-playbook"),
            str(playbook),
            "-i",
            str(lab.inventory),
            *arguments,
            "-e",
            json.dumps(variables),
        ]
        done = subprocess.run(
            command,
            cwd=lab.directory,
            env=lab.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout, json.loads((lab.inventory.parent / "nano.json").read_text(encoding="utf-8"))

    return run


WANTED = {"jetson_power_mode": "5W", "jetson_clocks": "maximum", "jetson_zram": "disabled"}


def test_check_mode_and_diff_first(prepare):
    output, told = prepare("--check", "--diff", **WANTED)
    assert "-power mode 0 (MAXN)\n+power mode 1 (5W)" in output
    assert "+ExecStart=/usr/bin/jetson_clocks" in output
    assert told["power"]["changed"]
    output, told = prepare("--check", **WANTED)
    assert told["power"]["changed"], "check mode has changed the board"


def test_a_nano_is_found_planned_for_and_prepared(prepare):
    output, told = prepare(**WANTED)
    board, plan = told["board"], told["plan"]
    (python,) = [python for python in board["pythons"] if python["version"].startswith("3.6.")]
    (gpu,) = board["accelerators"]
    assert (board["family"], board["soc"], board["module"], board["key"]["l4t"]) == (
        "jetson",
        "tegra210",
        "p3450-0000",
        "32.7.4",
    )
    assert (gpu["compute_capability"], gpu["cuda"], gpu["groups"]) == ("5.3", "10.2", ["video"])
    assert (board["platform"]["jetpack"], board["platform"]["cudnn"], board["platform"]["power_mode"]) == (
        "4.6.4",
        "8.2.1",
        "MAXN",
    )
    assert any("L4T 32 ships with Ubuntu 18.04" in warning for warning in board["warnings"])
    assert (plan["row"], plan["python"]["version"]) == ("jetson-jetpack4-1.10.0", python["version"])
    assert (plan["expect"], plan["constraints"], plan["groups"]) == ("cuda", ["numpy<1.19.5"], ["video"])
    # The request does not allow a restart.
    assert told["power"]["reboot_reasons"] == ["the power mode 1 (5W)"]
    assert "torch_allow_reboot" in output and "the power mode 1 (5W)" in output

    output, told = prepare(**WANTED)
    assert "changed=0 " in output, output
    assert told["board"]["workload"]["groups"] == ["robot", "video"]
    assert told["power"]["reboot_reasons"] == ["the power mode 1 (5W)"]


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        ({"torch_version": "1.13.0"}, ["1.13.0", "torch ==1.10.0 for Python 3.6"]),
        ({"torch_companions": ["torchvision"]}, ["has no torchvision"]),
        ({"torch_python": "3.11"}, ["Python ==3.6.*"]),
    ],
)
def test_what_a_nano_cannot_have_is_refused(lab: Operator, request_: dict, words: list[str]):
    run = lab.provision(**request_)
    assert run.status != 0
    verdict = run.verdict("nano")
    assert verdict["outcome"] == "refused", run.output
    for word in words:
        assert word in verdict["reason"]


def test_a_mode_that_the_board_does_not_have(lab: Operator, core: Path, prepare):
    with pytest.raises(AssertionError, match="this board has no power mode 30W; it has: 0 .MAXN., 1 .5W."):
        prepare(jetson_power_mode="30W")
