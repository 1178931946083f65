# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A 32-bit board without a wheel of torch: planned, compiled on the board itself, installed, and verified.

The compiled package is a namesake of torch.
"""

from __future__ import annotations

import base64
import hashlib
import json
import tempfile
from pathlib import Path

import pytest
import torch_source
from playbook_runs import Operator

ARCHIVE = "pytorch-v2.6.0.tar.gz"
with tempfile.TemporaryDirectory() as folder:
    SHA256 = torch_source.pack(torch_source.tree("torch"), Path(folder) / ARCHIVE)
    SOURCE = (Path(folder) / ARCHIVE).read_bytes()
LAB = {
    "name": "build-board",
    "www": {ARCHIVE: {"base64": base64.b64encode(SOURCE).decode()}},
    "boards": [
        {
            "name": "zynq",
            "arch": "armhf",
            "image": "builder",
            "environment": {"QEMU_CPU": "cortex-a9"},
            "model": "TUL PYNQ-Z2",
            "compatible": ["tul,pynq-z2", "xlnx,zynq-7000"],
            # The image has the compilers; of the other packages, the name is enough.
            "apt": [{"name": "python3-pil", "version": "9.4.0-1.1"}],
            "users": ["xilinx"],
            "vars": {
                "torch_user": "xilinx",
                "torch_version": "2.6.0",
                "torch_build_source": {"archive": "{{ lab_www }}/" + ARCHIVE, "sha256": SHA256},
                "torch_build_environment": {"BUILD_KERNELS": "2", "BUILD_KERNEL_WEIGHT": "1"},
                "torch_build_features": {"fbgemm": False, "kineto": False, "xnnpack": False},
                "torch_verify_timeout": 1800,
            },
        }
    ],
}


@pytest.mark.heavy
def test_compiled_installed_and_not_taken_for_pytorch(lab: Operator):
    wheelhouse = lab.directory / "wheelhouse"
    run = lab.provision(wheelhouse_dir=str(wheelhouse))
    assert run.report, run.output
    board = run.report["boards"]["zynq"]
    verdict = board["verdict"]
    assert run.status != 0
    assert verdict["outcome"] == "error", run.output
    assert "not PyTorch" in json.dumps(verdict), verdict
    assert not verdict["satisfied"]

    (record,) = (
        json.loads(path.read_text(encoding="utf-8")) for path in (wheelhouse / "builds").glob("????????????????.json")
    )
    assert record["filename"] == f"torch-2.6.0+edgeai.k{record['key'][:12]}-cp311-cp311-linux_armv7l.whl"
    wheel = wheelhouse / "sha256" / record["sha256"] / record["filename"]
    assert hashlib.sha256(wheel.read_bytes()).hexdigest() == record["sha256"]
    # Formerly NO_CUDA, NO_DISTRIBUTED, NO_MKLDNN, NO_NNPACK and NO_QNNPACK.
    off = ("USE_CUDA", "USE_DISTRIBUTED", "USE_MKLDNN", "USE_NNPACK", "USE_PYTORCH_QNNPACK")
    assert [record["flags"]["asked"][name] for name in off] == ["0"] * 5
    assert [record["flags"]["found"][name] for name in ("cuda", "distributed", "nnpack", "qnnpack")] == [False] * 4
    assert board["plan"]["row"] == "pynq-zynq7000"

    # Nothing is compiled for a board whose wheel exists.
    again = lab.provision(wheelhouse_dir=str(wheelhouse))
    assert again.verdict("zynq")["outcome"] == "error"
    assert "Prepare | Start the build" not in again.output
    assert len(list((wheelhouse / "builds").glob("*.log.gz"))) == 1
