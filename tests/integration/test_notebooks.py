# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""torch_jupyter_kernel without root: registered for one user, and taken away when the option is switched off.

With root, test_remove.py has it.
"""

from __future__ import annotations

import subprocess

import pytest
from playbook_runs import Operator

ROOT, KERNELS = "/home/ansible/torch", "/home/ansible/.local/share/jupyter"
LAB = {
    "name": "notebooks",
    "vars": {
        "ansible_become": False,
        "x86_conda_provider": "venv",
        "torch_root": ROOT,
        "torch_system_packages": "skip",
    },
    "boards": [{"name": "board"}],
}
NOTEBOOK = """
import jupyter_client.kernelspec, jupyter_client.manager
print(sorted(jupyter_client.kernelspec.KernelSpecManager().find_kernel_specs()))
manager, client = jupyter_client.manager.start_new_kernel(startup_timeout=120, kernel_name="{name}")
try:
    client.execute_interactive("import sys, torch; print(torch.ones(7).sum().item(), sys.prefix)", timeout=120)
finally:
    client.stop_channels()
    manager.shutdown_kernel(now=True)
"""


def on_board(lab: Operator, command: str, text: str = "") -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", command],
        input=text,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    ).stdout


@pytest.mark.heavy
def test_a_users_own_kernel_comes_and_goes_with_the_option(lab: Operator):
    first = lab.provision(torch_jupyter_kernel=True)
    assert first.status == 0, first.output
    checks = {check["name"]: check["passed"] for check in first.verdict("board")["checks"]}
    assert checks["module_ipykernel"]
    name = on_board(lab, f"ls {KERNELS}/kernels").strip()
    assert name.startswith("edgeai-torch-")
    answer = on_board(lab, f"{ROOT}/bin/python -", NOTEBOOK.format(name=name))
    assert f"7.0 {ROOT}/envs/" in answer, answer
    again = lab.provision(torch_jupyter_kernel=True)
    assert (again.status, again.changed()) == (0, 0), again.output

    # Someone deletes it: the board is due again, and only that is done.
    on_board(lab, f"rm -r {KERNELS}/kernels/{name}")
    predicted = lab.provision("--check", torch_jupyter_kernel=True)
    assert (predicted.status, predicted.changed()) == (0, 1), predicted.output
    repaired = lab.provision(torch_jupyter_kernel=True)
    assert (repaired.status, repaired.changed()) == (0, 1), repaired.output
    assert on_board(lab, f"ls {KERNELS}/kernels").strip() == name

    # Off: another environment without ipykernel, and no kernel; the directories that were made for it go, too.
    off = lab.provision()
    assert off.status == 0, off.output
    assert "No such file" in on_board(lab, f"ls {KERNELS}")
    assert "ModuleNotFoundError" in on_board(lab, f"{ROOT}/bin/python -c 'import ipykernel'")
    again = lab.provision()
    assert (again.status, again.changed()) == (0, 0), again.output
