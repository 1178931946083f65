# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Read an inventory as Ansible does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]


def ask(path: Path, **environment: str) -> tuple[int, dict, str]:
    """(exit status, what Ansible reads from this inventory, its messages in one line)."""
    process = subprocess.run(
        [Path(sys.executable).with_name("ansible-inventory"), "-i", path, "--list"],
        env={
            **os.environ,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(REPOSITORY / ".build" / "collections"),
            "ANSIBLE_NOCOLOR": "1",
            "COLUMNS": "1000",
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
    )
    return process.returncode, json.loads(process.stdout or "{}"), " ".join(process.stderr.split())


def hosts(found: dict) -> dict:
    """The variables of the hosts. From 2.19 on, Ansible shows that a text is not trusted as a template."""
    return {
        host: {
            name: value["__ansible_unsafe"] if isinstance(value, dict) and "__ansible_unsafe" in value else value
            for name, value in variables.items()
            if name != "ansible_local"
        }
        for host, variables in found["_meta"]["hostvars"].items()
    }
