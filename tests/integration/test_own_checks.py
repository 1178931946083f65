# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The user's own checks (torch_checks) and the playbook benchmark, as a user runs them."""

from __future__ import annotations

import csv

from playbook_runs import Operator

GOOD = "def check(torch, device):\n    return {'score': torch.ones(3, device=device).sum()}\n"
BAD = "def check(torch, device):\n    raise ArithmeticError('the model sees nothing')\n"


def test_own_checks_and_the_benchmark(local: Operator):
    for name, source in (("model", GOOD), ("blind", BAD)):
        (local.directory / f"{name}.py").write_text(source, encoding="utf-8")

    missing = local.provision(torch_checks=["nosuch.py"])
    assert missing.status != 0 and "torch_checks has 'nosuch.py', which cannot be read as Python" in missing.output
    assert not (local.directory / "torch").exists(), "nothing is touched"

    first = local.provision(torch_checks=["model.py"], torch_verify_level="quick")
    assert first.status == 0, first.output
    (own,) = [check for check in first.verdict()["checks"] if check["name"] == "own_model"]
    assert own["passed"] and own["value"] == '{"score": 3.0}'

    blind = local.run("verify", torch_checks=["blind.py"], torch_verify_level="quick")
    assert blind.status == 2 and blind.changed() == 0, blind.output
    assert "but your check blind failed: ArithmeticError: the model sees nothing" in blind.output

    run = local.run("benchmark")
    assert (run.status, run.changed()) == (0, 0), run.output
    assert run.verdict()["level"] == "deep" and "images/s" in run.output
    with (local.directory / "reports" / "latest" / "benchmark.csv").open(encoding="utf-8") as stream:
        results = {line["network"]: float(line["images_per_second"]) for line in csv.DictReader(stream)}
    assert set(results) == {"classifier", "detector"} and all(speed > 0 for speed in results.values())
