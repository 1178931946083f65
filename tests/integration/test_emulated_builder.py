# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Without an Arm server: the control node makes an emulated builder like the board, and compiles for it with its own
cross compiler, by distcc, or with the one that it puts into the container.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import docker
import pytest
import torch_source
import yaml
from compiling import VERSION, archive, wheelhouse
from playbook_runs import Operator

KERNELS = 12
LOG = Path("/var/log/distccd.log")  # the log of distcc's package, on this machine
LAB = {
    "name": "build-emulated",
    "boards": [
        {
            "name": "pi",
            "arch": "arm64",
            "environment": {"QEMU_CPU": "cortex-a72"},
            "model": "Raspberry Pi 4 Model B Rev 1.4",
            "compatible": ["raspberrypi,4-model-b", "brcm,bcm2711"],
            "vars": {
                "torch_version": VERSION,
                "torch_build_policy": "always",
                "torch_builder": "arm-builder",
                "torch_requirements": [],
                "torch_system_packages": "skip",
                "torch_build_environment": {"BUILD_KERNELS": str(KERNELS), "BUILD_KERNEL_WEIGHT": "20"},
                "torch_build_features": {"fbgemm": False, "kineto": False, "xnnpack": False},
                "torch_verify_timeout": 1800,
            },
        }
    ],
}


@pytest.fixture(params=[False, True], ids=["helper", "cross"])
def cross(request: pytest.FixtureRequest) -> bool:
    return request.param


@pytest.fixture
def bench(lab: Operator, cross: bool):
    """The board, and a builder that is created when it is needed."""
    builders = str(lab.directory / "builders")
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    inventory["all"]["hosts"] = {
        "arm-builder": {
            "torch_build_container": {"like": "pi", "directory": builders, "cross": cross},
            "torch_build_helpers": [] if cross else ["localhost"],
            "torch_build_swap_mib": 0,
        }
    }
    path = lab.directory / "bench.yml"
    path.write_text(yaml.safe_dump(inventory), encoding="utf-8")
    yield Operator(lab.directory, path)
    command = [
        str(Path(sys.executable).with_name("ansible")),
        "localhost",
        "-m",
        "edgeai.fleet.builder_container",
        "-a",
        json.dumps({"name": "arm-builder", "directory": builders, "state": "absent"}),
    ]
    subprocess.run(command, cwd=lab.directory, env=lab.environment(), check=True)


def compiled_here() -> int:
    return LOG.read_text(encoding="utf-8", errors="replace").count("COMPILE_OK") if LOG.exists() else 0


@pytest.mark.heavy
def test_an_emulated_builder_with_the_control_nodes_compiler(bench: Operator, cross: bool):
    source = archive(bench, torch_source.tree("torch"))
    wanted = {
        "wheelhouse_dir": str(wheelhouse(bench)),
        "torch_build_source": {name: source[name] for name in ("archive", "sha256")},
    }
    before = compiled_here()
    run = bench.provision(**wanted)
    assert run.report, run.output
    (build,) = run.report["builds"]
    assert (build["builder"], build["hosts"], build["status"]) == ("arm-builder", ["pi"], "finished"), run.output
    # The builder gets no verdict, and the board's verdict is about a namesake.
    assert run.outcomes() == {"pi": "error"} and "not PyTorch" in json.dumps(run.verdict("pi")), run.verdict("pi")
    record = json.loads((wheelhouse(bench) / "builds" / f"{build['key']}.json").read_text(encoding="utf-8"))
    assert record["filename"] == f"torch-{VERSION}+edgeai.k{build['key'][:12]}-cp311-cp311-linux_aarch64.whl"
    container = docker.from_env().containers.get("edgeai-builder-arm-builder")
    if cross:
        # An amd64 program, which the container finds first; its log has no other compiler.
        status, path = container.exec_run(["readlink", "-f", "/usr/local/bin/g++"])
        assert status == 0 and path.startswith(b"/opt/edgeai-cross/usr/bin/aarch64-linux-gnu-g++-"), path
        assert record["toolchain"]["cxx"].startswith("g++ (Debian "), record["toolchain"]
        assert compiled_here() == before
    else:
        assert compiled_here() - before >= KERNELS, "the control node's compiler was not used"
    assert not list(Path("/run").glob("edgeai-distccd-arm-builder*")), "it still serves the builder"

    again = bench.provision(**wanted)
    assert again.report["builds"] == [] and "Run the build" not in again.output, "compiled once"
    container.reload()
    assert container.status == "running"
