# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The collection as Galaxy would install it: nothing but what the archive holds is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from conftest import REPOSITORY, Operator


def test_built_and_installed(local: Operator):
    galaxy = Path(sys.executable).with_name("ansible-galaxy")
    subprocess.run([galaxy, "collection", "build", REPOSITORY, "--output-path", local.directory], check=True)
    (archive,) = local.directory.glob("edgeai-fleet-*.tar.gz")
    installed = local.directory / "collections"
    there = {"ANSIBLE_COLLECTIONS_PATH": str(installed)}
    command = [galaxy, "collection", "install", archive, "--offline", "--collections-path", installed]
    subprocess.run(command, cwd=local.directory, env=local.environment(**there), check=True)
    content = {path.name for path in (installed / "ansible_collections" / "edgeai" / "fleet").iterdir()}
    assert {"meta", "plugins", "roles", "playbooks", "README.md", "LICENSE"} <= content
    assert not {"tests", "molecule", ".build", ".ci", "Makefile"} & content

    run = local.provision("--check", environ=there)
    assert run.status == 0, run.output
    assert "would be installed" in run.output
