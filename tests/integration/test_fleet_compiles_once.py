# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boards that need a compiled torch, among others: which board compiles, which boards wait, and the verdict of each
board.
"""

from __future__ import annotations

import pytest
import torch_source
import yaml
from compiling import NOTHING, VERSION, archive, ssh, wheelhouse
from playbook_runs import Operator, Run

LAB = {
    "name": "compile",
    "vars": {"ansible_become": True, "x86_conda_provider": "venv"},
    "boards": [
        {"name": "alpha", "image": "builder", "vars": {"torch_version": VERSION, "torch_build_policy": "always"}},
        {"name": "beta", "image": "builder", "vars": {"torch_version": VERSION, "torch_build_policy": "always"}},
        # This board installs a wheel.
        {"name": "gamma"},
    ],
}
WAITING = ["alpha", "beta"]


def request(lab: Operator, files: dict[str, bytes] | None = None, weight: int = 2, **build: object) -> dict:
    """Return the variables of a run that compiles the tree for each board that requests its version.

    Another weight makes another build.
    """
    source = archive(lab, files or torch_source.tree("torch"))
    return {
        "torch_failure_budget": 3,
        "torch_requirements": [],
        "wheelhouse_dir": str(wheelhouse(lab)),
        "torch_catalogue": [
            {
                "id": "compiled",
                "when": {"architecture": "x86_64"},
                "accelerator": "cpu",
                "action": "build",
                "torch": f"=={VERSION}",
                "python": ">=3.9",
                "build": {
                    "source": {name: source[name] for name in ("archive", "sha256")},
                    "features": NOTHING,
                    "environment": {"BUILD_KERNELS": "4", "BUILD_KERNEL_WEIGHT": str(weight)},
                    "needs": {"memory_mib": 64, "job_mib": 64, "space_mib": 64},
                    **build,
                },
            }
        ],
    }


def provision(lab: Operator, *options: str, playbook: str = "provision", **variables: object) -> Run:
    return lab.run(playbook, *options, **variables)


def compiled_on(lab: Operator, board: str) -> list[str]:
    """Return the builds that a board has started."""
    return ssh(lab, board, "sudo ls /opt/edgeai/torch/builds 2>/dev/null").stdout.split()


def position(run: Run, text: str) -> int:
    assert text in run.output, run.output
    return run.output.index(text)


def test_one_compiles_the_others_wait_and_who_needs_no_build_does_not(lab: Operator):
    wanted = request(lab)
    foretold = provision(lab, "--check", **wanted)
    assert foretold.status == 0, foretold.output
    assert f"check mode: torch {VERSION} is to be compiled on alpha, then installed and verified" in foretold.output
    assert not compiled_on(lab, "alpha")

    run = provision(lab, **wanted)
    assert run.outcomes() == {"alpha": "error", "beta": "error", "gamma": "cpu"}, run.output
    for board in WAITING:  # a namesake is never accepted as torch
        assert "PyTorch" in run.verdict(board)["reason"] and run.report["boards"][board]["lock"]["torch"].startswith(
            f"{VERSION}+edgeai."
        )
    (build,) = run.report["builds"]
    assert (build["builder"], build["hosts"], build["status"], build["package"]) == (
        "alpha",
        WAITING,
        "finished",
        "torch",
    )
    assert (compiled_on(lab, "alpha"), compiled_on(lab, "beta")) == ([build["key"]], [])
    # The build starts first, then the board with a wheel is provisioned, and only then does the run wait.
    installed = "Install the environment"
    assert (
        position(run, "Run the build")
        < position(run, installed)
        < position(run, "is finished; copying it to the wheelhouse")
    )

    again = provision(lab, **wanted)
    assert again.report["builds"] == [] and "Run the build" not in again.output, "compiled once"


def test_who_does_not_wait_is_told_how_far_it_is(lab: Operator):
    wanted = request(lab, weight=40)
    early = provision(lab, "--limit", "alpha,beta", torch_build_wait=False, **wanted)
    assert early.status != 0
    for board in WAITING:
        assert (
            f"torch {VERSION} is being compiled on alpha (" in early.verdict(board)["reason"]
            and early.verdict(board)["outcome"] == "not_started"
        )
    assert early.report["builds"][0]["status"] == "running"

    night = provision(lab, "--limit", "alpha,beta", playbook="build", **wanted)
    assert night.status == 0, night.output
    assert night.report["builds"][0]["status"] == "finished"
    for board in WAITING:
        assert "edgeai.fleet.provision installs it" in night.verdict(board)["reason"]
    assert compiled_on(lab, "beta") == []


def test_a_build_that_fails_is_the_verdict_of_those_who_wait(lab: Operator):
    files = {**torch_source.tree("torch"), "torch/csrc/config.cpp": b"this is no C++\n"}
    run = provision(lab, **request(lab, files))
    assert run.status != 0
    assert {board: run.outcomes()[board] for board in WAITING} == dict.fromkeys(WAITING, "error"), run.output
    for board in WAITING:
        assert (
            f"torch {VERSION} could not be compiled on alpha" in run.verdict(board)["reason"]
            and "error" in run.verdict(board)["reason"]
        )
    assert run.outcomes()["gamma"] == "cpu"
    assert run.report["builds"][0]["status"] == "failed"


def test_a_builder_that_is_left_out_or_lost(lab: Operator):
    wanted = {**request(lab, weight=3), "torch_builder": "alpha"}
    run = provision(lab, "--limit", "beta", **wanted)
    assert run.verdict("beta")["outcome"] == "refused"
    assert "--limit 'beta,alpha'" in run.verdict("beta")["reason"]

    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    inventory["all"]["children"]["boards"]["hosts"]["alpha"].update(ansible_host="127.0.0.1", ansible_port=9)
    path = lab.directory / "lost.yml"
    path.write_text(yaml.safe_dump(inventory, sort_keys=False), encoding="utf-8")
    run = provision(Operator(lab.directory, path), "--limit", "alpha,beta", **wanted)
    assert run.outcomes() == {"alpha": "unreachable", "beta": "refused"}
    assert "its torch_builder alpha gave no usable answer" in run.verdict("beta")["reason"]


@pytest.mark.heavy
def test_another_board_compiles_for_all_and_companions_follow(lab: Operator):
    vision = archive(lab, torch_source.tree("torchvision"), "vision-v0.21.0.tar.gz")
    wanted = request(lab, weight=4)
    wanted["torch_catalogue"][0]["companions"] = {
        "torchvision": {"build": "0.21.0", "source": {name: vision[name] for name in ("archive", "sha256")}}
    }
    run = provision(lab, "--limit", "alpha,beta", **wanted, torch_builder="beta", torch_companions=["torchvision"])
    assert [(build["package"], build["builder"], build["status"]) for build in run.report["builds"]] == [
        ("torch", "beta", "finished"),
        ("torchvision", "beta", "finished"),
    ], run.output
    assert {"torch", "torchvision"} <= set(run.report["boards"]["alpha"]["lock"]["packages"])
    assert not {build["key"] for build in run.report["builds"]} & set(compiled_on(lab, "alpha"))
