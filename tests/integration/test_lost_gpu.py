# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boards that lose their GPU: by a driver upgrade at night, and by each answer of cuInit that has its own cause. All
keep their environment.

The boards are this machine, each with an interpreter that loads stand-ins of NVIDIA's driver. The first board has an
environment in use that was proven on CUDA: a real environment with a real torch for the CPU.
"""

from __future__ import annotations

import getpass
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import cuda_standin  # noqa: E402
import pytest
import venvs
import yaml
from environment_support import SATISFIED, Bench, uv_artifact  # noqa: E402
from playbook_runs import Operator, Run
from test_explain import explain_facts  # noqa: E402

MISMATCH = "Failed to initialize NVML: Driver/library version mismatch"
NIGHT = "night"
# Board, result of cuInit, and what the refusal must say about the cause and the fix.
CODES = {
    "no-device": (100, ["cuInit returned 100"], []),
    "fabric": (802, ["cuInit returned 802"], ["nvidia-fabricmanager"]),
    "mismatch": (803, ["cuInit returned 803"], ["estart"]),
    "forward-compat": (804, ["cuInit returned 804"], ["compat"]),
    "unknown-error": (999, ["cuInit returned 999"], []),
}


class Boards(Operator):
    bench: Bench

    def kept(self) -> list:
        """Return what must not change: the files at torch_root, the state record, and that there is no lock."""
        roots = sorted(str(path) for path in self.inventory.parent.glob("*/torch"))
        return [
            *self.bench.tree(),
            (Path(self.bench.root) / "state/record.json").read_bytes(),
            roots,
            (self.directory / "locks").exists(),
        ]


@pytest.fixture(scope="module")
def boards(tmp_path_factory: pytest.TempPathFactory) -> Boards:
    if Path("/proc/driver/nvidia").exists() or cuda_standin.compiler() is None:
        message = "this machine has NVIDIA's driver, or no C compiler for a stand-in of it"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    directory = tmp_path_factory.mktemp("boards")
    stands = tmp_path_factory.mktemp("stands")
    python = Path(sys.executable)
    hosts = {}
    for name in (NIGHT, *CODES):
        if name == NIGHT:
            cuda_standin.nvidia_smi(stands / name, 18, MISMATCH)
        else:
            cuda_standin.build(stands / name, CODES[name][0])
        program = stands / name / "python"
        program.write_text(
            f'#!/bin/sh\nPATH="{stands / name}:$PATH" LD_LIBRARY_PATH="{stands / name}" exec "{python}" "$@"\n',
            encoding="utf-8",
        )
        program.chmod(0o755)
        hosts[name] = {"ansible_python_interpreter": str(program), "torch_root": str(stands / name / "torch")}
    inventory = stands / "hosts.yml"
    made = Boards(directory, inventory)
    made.bench = proven_on_cuda(tmp_path_factory.mktemp("proven"))
    hosts[NIGHT]["torch_root"] = made.bench.root
    common = {
        "ansible_connection": "local",
        "torch_system_packages": "skip",
        "x86_conda_provider": "venv",
        "torch_verify_level": "quick",
    }
    inventory.write_text(yaml.safe_dump({"all": {"hosts": hosts, "vars": common}}), encoding="utf-8")
    # As an earlier run did: what the interpreters of a board answer is kept beside its record.
    command = [str(python.with_name("ansible")), NIGHT, "-i", str(inventory), "-m", "edgeai.fleet.board_facts"]
    subprocess.run([*command, "-a", f"torch_root={made.bench.root}"], env=made.environment(), check=True)
    return made


def proven_on_cuda(folder: Path) -> Bench:
    """Make a torch_root with an environment in use and the state record of a verdict on CUDA, as torch_env does."""
    torch = venvs.ensure("torch", "torch==2.13.0+cpu")
    base, packages = subprocess.run(
        [torch, "-c", "import sys, sysconfig; print(sys._base_executable, sysconfig.get_path('purelib'), sep='\\n')"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout.split()
    bench = Bench(folder, uv_artifact(folder))
    built = bench.present([bench.wheel("tiny")], id="0123456789ab", python=base, paths=[packages])
    verdict = {
        **SATISFIED,
        "outcome": "cuda",
        "expect": "cuda",
        "user": getpass.getuser(),
        "devices": [],
        "environment": {},
    }
    bench.current(built, verdict=verdict, key={"kernel": "6.1.0", "driver": "550.54.14", "l4t": None, "cann": None})
    return bench


def refused(run: Run) -> None:
    assert run.status != 0 and run.changed() == 0, run.output
    reasons = {name: board["verdict"]["reason"] for name, board in run.report["boards"].items()}
    assert set(run.outcomes().values()) == {"refused"}, reasons
    assert not any(board["verdict"]["satisfied"] for board in run.report["boards"].values())
    assert "The environment in use was proven on CUDA, and no GPU is usable now." in reasons[NIGHT]
    assert MISMATCH in reasons[NIGHT] and "estart" in reasons[NIGHT]
    for name, (_code, why, fix) in CODES.items():
        assert reasons[name].startswith("No GPU that PyTorch could use works on this board now."), reasons[name]
        assert [word for word in why + fix if word not in reasons[name]] == [], reasons[name]
    assert all("torch_accelerator: cpu selects the CPU." in reason for reason in reasons.values())
    signs = {name: run.report["boards"][name]["board"]["signs"][0] for name in CODES}
    assert {name: sign["cause"] for name, sign in signs.items()} == {name: name for name in CODES}
    assert len({sign["why"] for sign in signs.values()}) == len({sign["fix"] for sign in signs.values()}) == len(CODES)


def test_nothing_is_provisioned_in_its_place(boards: Boards):
    before = boards.kept()
    refused(boards.provision())
    assert boards.kept() == before


def test_check_mode_says_so_before(boards: Boards):
    before = boards.kept()
    run = boards.provision("--check")
    assert run.status != 0 and run.changed() == 0, run.output
    assert len(re.findall(r"^\S+ .* refused +no ", run.output, re.MULTILINE)) == len(CODES) + 1, run.output
    assert "The environment in use was proven on CUDA, and no GPU is usable now." in run.output
    assert boards.kept() == before


def test_what_was_proven_on_cuda_does_not_satisfy_on_the_cpu(boards: Boards):
    record, link = (Path(boards.bench.root) / "state/record.json").read_bytes(), boards.bench.link()
    run = boards.run("verify", "--limit", NIGHT)
    assert run.status != 0, run.output
    verdict = run.verdict(NIGHT)
    assert (verdict["outcome"], verdict["satisfied"]) == ("cpu", False), verdict["reason"]
    assert (verdict["expect"], verdict["expect_from"], verdict["diagnosis"]["id"]) == (
        "cuda",
        "record",
        "SIGN-mismatch",
    )
    assert MISMATCH in verdict["reason"] and "estart" in verdict["diagnosis"]["fix"], verdict["reason"]
    assert (run.changed(), boards.bench.link()) == (0, link)
    assert (Path(boards.bench.root) / "state/record.json").read_bytes() == record


def test_without_its_record_the_plan_decides_and_that_is_a_refusal(boards: Boards):
    record = Path(boards.bench.root) / "state/record.json"
    kept = record.rename(record.with_suffix(".kept"))
    try:
        run = boards.run("verify", "--limit", NIGHT)
    finally:
        kept.rename(record)
    assert run.status != 0 and run.changed() == 0, run.output
    verdict = run.verdict(NIGHT)
    assert (verdict["outcome"], verdict["satisfied"]) == ("refused", False)
    assert MISMATCH in verdict["reason"] and "torch_accelerator: cpu selects the CPU." in verdict["reason"], verdict[
        "reason"
    ]


def test_the_cpu_on_purpose(boards: Boards):
    run = boards.run("explain", "--limit", NIGHT, torch_accelerator="cpu")
    assert run.status == 0, run.output
    assert "refused:" not in run.output and run.output.count(" for the CPU\n") == 1
    assert f"not usable: An NVIDIA GPU ({boards.inventory.parent / NIGHT}/nvidia-smi): " in run.output


TWO = [{"name": "GTX 1080", "compute_capability": "6.1"}, {"name": "RTX 3090", "compute_capability": "8.6"}]
CHIP = {"name": "Ascend310P", "cause": "no-driver"}
# What the plan says about a board, by its facts: words that it must contain, and words that it must not.
FORETOLD = {
    "two": (
        {"board": "PC", "driver": "580.65.06", "accelerators": TWO},
        ["for CUDA", "cuda-version>=12,<13", "labelled +cu126"],
        ["left out"],
    ),
    "kepler": (
        {"board": "PC", "accelerators": [{"name": "GT 710", "compute_capability": "3.5"}, TWO[1]]},
        ["for CUDA", "cuda (GT 710, driver 580.65.06) is not used: the compute capability: 3.5"],
        [],
    ),
    "nouveau": (
        {"board": "PC", "signs": [{"name": "GT 710", "compute_capability": "3.5", "cause": "nouveau"}]},
        ["gets: torch", "for the CPU", "warning: GT 710 (0000:01:00.0) has compute capability 3.5"],
        ["refused"],
    ),
    "amd": (
        {"board": "PC", "unserved": [{"name": "AMD GPU"}]},
        ["for the CPU", "warning: AMD GPU is at 0000:01:00.0"],
        ["refused"],
    ),
    "igpu": (
        {"board": "PC", "unserved": [{"name": "Intel GPU", "where": "0000:00:02.0", "integrated": True}]},
        ["for the CPU", "not used by PyTorch: Intel GPU (0000:00:02.0, the processor's own graphics)"],
        ["refused", "warning"],
    ),
    "partial": (
        {"board": "PC with an Ampere GPU", "signs": [{"name": "RTX 3090"}]},
        ["for CUDA", "warning: RTX 3090 (0000:01:00.0): "],
        ["refused"],
    ),
    "proven": (
        {"board": "PC", "record": "cuda"},
        ["refused: The environment in use was proven on CUDA, and no GPU is usable now."],
        ["gets:"],
    ),
    "nodes": (
        {
            "board": "Jetson Orin Nano",
            "accelerators": [],
            "signs": [{"name": "Jetson Orin Nano", "where": "/dev/nvmap", "cause": "no-nodes"}],
        },
        ["refused: No GPU that PyTorch could use works on this board now. Jetson Orin Nano (/dev/nvmap): "],
        ["gets:"],
    ),
    "silent": (
        {"board": "Atlas 300I Pro", "accelerators": [], "signs": [{**CHIP, "cause": "silent"}]},
        ["refused: No NPU that PyTorch could use works on this board now. Ascend310P (0000:01:00.0): "],
        ["gets:"],
    ),
    "driverless": (
        {"board": "Atlas 300I Pro", "driver": None, "accelerators": [], "signs": [CHIP]},
        [
            "for the NPU",
            "Driver 25.5.0 is installed first (atlas-driver-given); then the board is examined and planned again",
        ],
        ["refused"],
    ),
}


def test_boards_that_need_not_exist(local: Operator):
    given = json.dumps({"atlas_driver": {"path": "driver.run", "sha256": "0" * 64, "version": "25.5.0"}})
    run = explain_facts(
        local, [{"name": name, **facts} for name, (facts, _words, _others) in FORETOLD.items()], "-e", given
    )
    assert run.status == 0, run.output
    blocks = {block.split("\n")[0]: block for block in run.output.split("\n\n")}
    for name, (_facts, words, others) in FORETOLD.items():
        assert [word for word in words if word not in blocks[name]] + [
            word for word in others if word in blocks[name]
        ] == [], blocks[name]


def test_an_exact_version_on_a_gpu_that_works(local: Operator):
    pc = {"board": "PC with an Ampere GPU", "os": "ubuntu 22.04"}
    boards = [{"name": "new", **pc, "driver": "535.183.01"}, {"name": "old", **pc, "driver": "470.256.02"}]
    run = explain_facts(local, boards, "-e", "torch_version=1.13.1")
    assert (
        run.output.count("  refused: torch 1.13.1 for cuda is not available for this board.") == 2
        and "gets:" not in run.output
    ), run.output
    assert "torch_accelerator: cpu" in run.output and run.output.count("A CPU build would leave cuda") == 2
    run = explain_facts(local, boards, "-e", "torch_version=2.5.1")
    assert run.output.count("  gets: torch ==2.5.1") == 2 and "+cu118 for CUDA" in run.output, run.output


def test_a_version_with_the_label_of_the_cpu(local: Operator):
    run = explain_facts(
        local,
        {"board": "PC with an Ampere GPU", "driver": "535.183.01", "os": "ubuntu 22.04"},
        "-e",
        "torch_version=2.9.1+cpu",
    )
    assert "  gets: torch ==2.9.1+cpu labelled +cpu for the CPU" in run.output and "warning" not in run.output, (
        run.output
    )
