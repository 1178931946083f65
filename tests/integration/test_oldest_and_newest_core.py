# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The same run on the oldest supported ansible-core and on the newest one that a Python of this machine can run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
import run_units
import venvs
from playbook_runs import Operator


@pytest.mark.heavy
@pytest.mark.parametrize("core", [run_units.OLDEST[0], run_units.NEWEST[0]])
def test_provision_on(local: Operator, core: str, monkeypatch: pytest.MonkeyPatch):
    python = venvs.BUILD / f"core-{core}" / "bin" / "python"
    if not python.exists():
        message = f"no Python of this machine runs ansible-core {core} (make units sets it up)"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    monkeypatch.setattr("sys.executable", str(python))

    foretold = local.provision("--check")
    assert foretold.status == 0, foretold.output
    first = local.provision()
    assert first.status == 0, first.output
    assert first.verdict()["satisfied"]
    second = local.provision()
    assert (second.status, second.changed()) == (0, 0), second.output
    assert Path(local.directory / "torch" / "current").exists()
