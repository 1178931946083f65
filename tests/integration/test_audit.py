# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An audit finds what stat cannot see, and changes nothing; the inventory is a spreadsheet."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from playbook_runs import Operator


def audited(local: Operator) -> dict:
    latest = local.directory / "reports" / "audits" / "latest.json"
    return json.loads(latest.read_text(encoding="utf-8"))["boards"]["localhost"]


def everything(root: Path) -> list[tuple]:
    found = []
    for folder, folders, files in os.walk(root):
        for name in folders + files:
            status = os.lstat(os.path.join(folder, name))
            found.append((folder, name, status.st_size, status.st_mtime_ns, status.st_ino))
    return sorted(found)


def test_an_audit_names_what_differs_and_changes_nothing(local: Operator):
    table = local.directory / "lab.csv"
    table.write_text(
        "名称,连接,ansible_python_interpreter,torch_root,torch_system_packages,torch_python,x86_conda_provider\n"
        f"localhost,local,{sys.executable},{local.directory / 'torch'},skip,3.11,venv\n",
        encoding="utf-8",
    )
    lab = Operator(local.directory, table)
    first = lab.provision()
    assert first.status == 0, first.output
    root = local.directory / "torch"
    before, locks = everything(root), everything(local.directory / "locks")

    clean = lab.run("audit")
    assert (clean.status, clean.changed()) == (0, 0), clean.output
    found = audited(lab)
    assert (found["state"], found["drift"]) == ("as locked", [])
    assert found["files"] > 10000
    assert everything(root) == before and everything(local.directory / "locks") == locks

    (site,) = (root / "current").resolve().glob("lib/python3.*/site-packages")
    version = site / "torch" / "version.py"
    status = version.stat()
    version.write_bytes(bytes([version.read_bytes()[0] ^ 1]) + version.read_bytes()[1:])
    os.utime(version, ns=(status.st_atime_ns, status.st_mtime_ns))
    (root / "current" / "notes.txt").touch()
    record = root / "state" / "record.json"
    content = json.loads(record.read_text(encoding="utf-8"))
    record.write_text(json.dumps({**content, "key": {**content["key"], "driver": "580"}}), encoding="utf-8")

    told = lab.run("audit")
    assert (told.status, told.changed()) == (2, 0), told.output
    found = audited(lab)
    assert [entry["kind"] for entry in found["drift"]] == ["files", "key"], found
    assert found["drift"][0]["text"].endswith("torch/version.py")
    assert "driver is None, the recorded verdict was made with 580" in found["drift"][1]["text"]
    assert {"kind": "files", "text": "1 files belong to no package: notes.txt"} in found["notices"]
    assert "localhost: drift: files: 1 files differ from their wheels" in told.output


def test_a_wrong_spreadsheet_ends_the_run_with_its_reason(local: Operator):
    table = local.directory / "lab.csv"
    table.write_text("name,ip\npi-1,192.0.2. 1\n", encoding="utf-8")
    for playbook in ("provision", "audit", "remove"):
        run = Operator(local.directory, table).run(playbook)
        assert run.status != 0
        said = " ".join(run.output.split())
        assert "row 2, column B (ip)" in said and "has a space in it. Remove it" in said, run.output
        assert "Failed to parse" not in said
