# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The expected outcome of the playbook verify: the promise of a board's state record, or else that of its plan.

All boards are this machine, each with its own root.

Their environments are the real torch of the unit tests under another prefix. This machine has no GPU: where one works,
a stand-in tells torch so, and torch computes on the CPU.
"""

from __future__ import annotations

import json
import os
import platform
import re
import shutil
import sys
import textwrap
import zipfile
from pathlib import Path

import pytest
import venvs
import wheels
import yaml
from playbook_runs import Operator

IDENTITY = "abcdefabcdef"
GPUS = """
    import types
    import torch
    CARDS = [
        types.SimpleNamespace(name=f"card {number}", total_memory=8 << 30, major=8 - number, minor=6)
        for number in range(%d)
    ]
    torch.cuda.is_available, torch.cuda.device_count = lambda: True, lambda: len(CARDS)
    torch.cuda.get_device_properties = CARDS.__getitem__
    torch.cuda.get_device_capability = lambda index: (CARDS[index].major, CARDS[index].minor)
    torch.cuda.get_arch_list = lambda: ["sm_86"]
    right = torch.Tensor.to

    def to(tensor, *where, **how):
        if where and str(where[0]) == "cuda:1":
            raise RuntimeError("CUDA error: no kernel image is available for execution on the device")
        return right(tensor, "cpu") if where and str(where[0]).startswith("cuda") else right(tensor, *where, **how)

    torch.Tensor.to = to
"""


def promise(outcome: str, *modules: str, **more: object) -> dict:
    checks = [{"name": f"module_{module}", "passed": True} for module in modules]
    return {
        "id": IDENTITY,
        "verdict": {"schema": 1, "outcome": outcome, "satisfied": True, "expect": outcome, "checks": checks, **more},
    }


class Boards:
    """Boards, each with its own root and environment, and their inventory."""

    def __init__(self, directory: Path) -> None:
        self.torch = venvs.ensure("torch", "torch==2.13.0+cpu").parents[1]
        self.directory, self.hosts = directory, {}

    def root(self, name: str) -> Path:
        return self.directory / name

    def record(self, name: str) -> Path:
        return self.root(name) / "state" / "record.json"

    def add(
        self, name: str, record: dict | str | None, modules: dict[str, str] | None = None, **variables: str
    ) -> Path:
        """Add a board with this state record, and with these modules first in its path; return the directory of its
        environment.
        """
        env = self.root(name) / "envs" / f"{IDENTITY}-1"
        for folder in (env / "bin", env / ".edgeai", self.root(name) / "state", self.root(name) / "modules"):
            folder.mkdir(parents=True)
        (env / "bin" / "python").symlink_to(self.torch / "bin" / "python")
        (env / "lib").symlink_to(self.torch / "lib")
        shutil.copy(self.torch / "pyvenv.cfg", env)
        (env / ".complete").write_text(json.dumps({"id": IDENTITY, "generation": 1, "wheels": []}), encoding="utf-8")
        for module, source in (modules or {}).items():
            (self.root(name) / "modules" / f"{module}.py").write_text(textwrap.dedent(source), encoding="utf-8")
        (env / ".edgeai" / "variables.json").write_text(
            json.dumps({"PYTHONPATH": str(self.root(name) / "modules")}), encoding="utf-8"
        )
        (self.root(name) / "current").symlink_to(f"envs/{env.name}")
        if record is not None:
            text = (
                record
                if isinstance(record, str)
                else json.dumps({"schema": 1, "generation": 1, "previous": None, "key": {}, **record})
            )
            self.record(name).write_text(text, encoding="utf-8")
        self.host(name, **variables)
        return env

    def host(self, name: str, **variables: str) -> None:
        self.hosts[name] = {"torch_root": str(self.root(name)), **variables}

    def operator(self) -> Operator:
        inventory = self.directory / "hosts.yml"
        inventory.write_text(
            yaml.safe_dump(
                {
                    "all": {
                        "hosts": self.hosts,
                        "vars": {
                            "ansible_connection": "local",
                            "ansible_python_interpreter": "{{ ansible_playbook_python }}",
                            "torch_verify_level": "quick",
                            "torch_family": "x86_conda",
                            "x86_conda_provider": "venv",
                        },
                    }
                }
            ),
            encoding="utf-8",
        )
        return Operator(self.directory, inventory)

    def contents(self) -> dict[str, bytes]:
        return {
            str(path): path.read_bytes()
            for name in self.hosts
            for path in self.root(name).rglob("*")
            if path.is_file() and "/lib/" not in str(path)
        }


def measured(verdict: dict) -> tuple:
    return verdict["outcome"], verdict["satisfied"], verdict["expect"], verdict["expect_from"]


def test_verify_expects_what_the_record_promised(tmp_path: Path):
    if shutil.which("nvidia-smi"):
        pytest.skip("this machine has an NVIDIA driver: it would be a board of another kind")
    boards = Boards(tmp_path)
    boards.add("cpu", promise("cpu"))
    boards.add("lost", promise("cuda"))
    boards.add("lowered", promise("cuda"), torch_accelerator="cpu")
    boards.add("raised", promise("cpu"), torch_accelerator="cuda")
    boards.add("works", promise("cuda"), {"torch_npu": GPUS % 1})
    boards.add("two", promise("cuda"), {"torch_npu": GPUS % 2}, torch_verify_level="standard")
    boards.add("module", promise("cpu", "tensorrt"))
    boards.add("damaged", "{ this is no record", torch_accelerator="cpu")
    boards.add("never", None, torch_accelerator="cuda")
    boards.host("empty")
    before = boards.contents()
    done = boards.operator().run("verify", "--forks=3")
    assert done.status == 2, done.output
    assert done.changed() == 0 and boards.contents() == before

    assert measured(done.verdict("cpu")) == ("cpu", True, "cpu", "record")
    assert done.verdict("cpu")["reason"].endswith("works on the CPU as the record promised")
    for board in ("lost", "lowered"):
        assert measured(done.verdict(board)) == ("cpu", False, "cuda", "record"), done.verdict(board)
        assert done.verdict(board)["reason"].startswith(
            "expected cuda, which the record of this board promised, but torch.cuda.is_available() is False: "
        )
        assert done.verdict(board)["diagnosis"]["id"] == "CUDA-07"
    assert "provision the board with it to take the CPU on purpose" in done.verdict("lowered")["reason"]
    assert "on purpose" not in done.verdict("lost")["reason"]
    assert measured(done.verdict("raised")) == ("cpu", False, "cuda", "request")
    assert "torch_accelerator asks for (the record promised cpu)" in done.verdict("raised")["reason"]
    assert measured(done.verdict("works")) == ("cuda", True, "cuda", "record")

    two = done.verdict("two")
    assert measured(two) == ("error", False, "cuda", "record")
    assert "on cuda:1 (card 1, compute capability 7.6)" in two["reason"] and two["diagnosis"]["id"] == "CUDA-06"
    assert (
        "two: warning: this build of torch has no code for compute capability 7.6 (cuda:1): it was built for sm_86"
        in done.output
    )

    assert measured(done.verdict("module")) == ("cpu", False, "cpu", "record")
    assert "tensorrt cannot be imported" in done.verdict("module")["reason"]
    assert measured(done.verdict("damaged")) == ("cpu", True, "cpu", "plan")
    assert (
        f"damaged: warning: there is no usable state record at {boards.root('damaged')}: the plan says what is"
        " expected" in done.output
    )
    # The plan is a refusal: there is no such accelerator.
    assert measured(done.verdict("never"))[:2] == ("refused", False)
    assert "torch_accelerator is cuda" in done.verdict("never")["reason"]
    assert measured(done.verdict("empty"))[:2] == ("error", False)
    assert "provision the board first" in done.verdict("empty")["reason"]


def test_check_mode_ends_with_a_clear_verdict_too(tmp_path: Path):
    boards = Boards(tmp_path)
    boards.host("empty")
    done = boards.operator().run("verify", "--check")
    assert done.status == 2, done.output
    assert (
        "empty: Verify the current environment: no environment is in use at" in done.output
        and "provision the board first" in done.output
    )


def test_numpy_is_for_a_newer_processor(tmp_path: Path):
    """The failure is real: numpy 2.4 on a processor without SSE4.2, emulated by QEMU (Proxmox calls it kvm64)."""
    emulator = shutil.which("qemu-x86_64-static")
    if not emulator or platform.machine() != "x86_64":
        pytest.skip("no QEMU for x86_64 (make boards installs qemu-user-static)")
    if os.geteuid() != 0:
        pytest.skip("only root can show a process another /proc/cpuinfo")
    # What the kernel of such a computer says: the diagnosis is for boards with an old processor.
    cpuinfo, interpreter = tmp_path / "cpuinfo", tmp_path / "python"
    cpuinfo.write_text(re.sub(r" (sse4_2|popcnt)\b", "", Path("/proc/cpuinfo").read_text("utf-8")), encoding="utf-8")
    inside = f'mount --bind "{cpuinfo}" /proc/cpuinfo && exec "{sys.executable}" "$@"'
    interpreter.write_text(f"#!/bin/sh\nexec unshare --mount sh -c '{inside}' sh \"$@\"\n", encoding="utf-8")
    interpreter.chmod(0o755)
    boards = Boards(tmp_path)
    env = boards.add("old", promise("cpu"), {"torch": "import numpy\n"}, ansible_python_interpreter=str(interpreter))
    version = next(path.name for path in (boards.torch / "lib").glob("python3.*"))[6:].replace(".", "")
    wheel = wheels.fetch("numpy==2.4.6", f"numpy-2.4.6-cp{version}-cp{version}-manylinux2014_x86_64.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(boards.root("old") / "modules")
    (env / "bin" / "python").rename(env / "bin" / "native")
    (env / "bin" / "python").write_text(
        f'#!/bin/sh\nexec {emulator} -cpu kvm64 "{env}/bin/native" "$@"\n', encoding="utf-8"
    )
    (env / "bin" / "python").chmod(0o755)
    verdict = boards.operator().run("verify").verdict("old")
    assert (verdict["outcome"], verdict["died"]["signal"], verdict["diagnosis"]["id"]) == (
        "error",
        "SIGILL",
        "X86-01",
    ), verdict
    assert "numpy<2.4" in verdict["diagnosis"]["fix"]
