# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""This machine, from nothing to proven PyTorch, and later damage and repairs."""

from __future__ import annotations

import subprocess
from pathlib import Path

from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from playbook_runs import Operator
from prometheus_client.parser import text_string_to_metric_families


def generation(root: Path) -> str:
    return (root / "current").readlink().name.rpartition("-")[2]


def check_what_other_programs_read(directory: Path, root: Path) -> None:
    """The lock for uv, the bill of materials for CycloneDX and the metrics for Prometheus say what is installed."""
    (pylock,) = (directory / "locks").glob("pylock.*.toml")
    uv = next(path for path in (root / "tools").rglob("uv") if path.is_file())
    command = [uv, "pip", "install", "--dry-run", "--offline", "--preview-features", "pylock"]
    dry_run = subprocess.run(
        [*command, "--python", root / "current" / "bin" / "python", "-r", pylock],
        capture_output=True,
        text=True,
        check=False,
    )
    assert dry_run.returncode == 0 and "Would make no changes" in dry_run.stderr, dry_run.stderr

    report = directory / "reports" / "latest"
    (bill,) = (report / "sbom").iterdir()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill.read_text(encoding="utf-8")) is None
    assert '"pkg:pypi/torch@' in bill.read_text(encoding="utf-8")
    families = text_string_to_metric_families((report / "metrics.prom").read_text(encoding="utf-8"))
    assert next(iter(families)).samples[0].value == 1


def test_from_nothing_to_proven_and_nothing_twice(local: Operator):
    root = local.directory / "torch"

    foretold = local.provision("--check", "--diff")
    assert foretold.status == 0, foretold.output
    assert "would be installed" in foretold.output
    assert not root.exists()
    assert not (local.directory / "locks").exists()

    first = local.provision()
    assert first.status == 0, first.output
    verdict = first.verdict()
    assert verdict["satisfied"] and verdict["outcome"] in ("cpu", "cuda")
    assert {"import", "accelerator", "tensor_product", "autograd", "parallel"} <= {
        check["name"] for check in verdict["checks"] if check["passed"]
    }
    computed = subprocess.run(
        [root / "bin" / "python", "-c", "import torch; print(float(torch.ones(3, 3).matmul(torch.ones(3, 3)).sum()))"],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert computed.stdout.strip() == "27.0"

    check_what_other_programs_read(local.directory, root)

    second = local.provision()
    assert second.status == 0, second.output
    assert second.changed() == 0
    assert second.verdict() == verdict, "a converged board answers with its recorded verdict"

    # Damage is found without hashing; the next generation repairs it.
    packages = next((root / "current" / "lib").glob("python3.*/site-packages"))
    (packages / "torch" / "functional.py").unlink()
    repaired = local.provision()
    assert repaired.status == 0, repaired.output
    assert repaired.changed() > 0
    assert generation(root) == "2"
    assert (root / "current" / packages.relative_to(root / "current") / "torch" / "functional.py").exists()

    # A state record that cannot be trusted costs a verification, not an installation.
    (root / "state" / "record.json").write_text("{ this is no record", encoding="utf-8")
    verified = local.provision()
    assert verified.status == 0, verified.output
    assert generation(root) == "2"
    assert verified.verdict()["satisfied"]
    assert verified.verdict() != repaired.verdict()

    third = local.provision()
    assert (third.status, third.changed()) == (0, 0), third.output

    proof = local.run("verify")
    assert (proof.status, proof.changed()) == (0, 0), proof.output
    assert proof.verdict()["outcome"] == verdict["outcome"]


def test_new_plan_and_back(local: Operator):
    root = local.directory / "torch"
    assert local.provision().status == 0
    first = (root / "current").readlink()
    changed = local.provision(torch_requirements=["numpy", "tomli"])
    assert changed.status == 0, changed.output
    assert (root / "current").readlink() != first

    back = local.run("rollback")
    assert back.status == 0, back.output
    assert (root / "current").readlink() == first
    assert back.verdict()["satisfied"]
