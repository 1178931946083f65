# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A small bundle of small wheels, written as the playbook writes it, without a network."""

from __future__ import annotations

import json
import platform
import subprocess
import sys
from pathlib import Path

from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import (
    contents,
    control_node,
    layout,
    page,
    signature,
    writer,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import lock_id, render_lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.artifact import make_artifact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.lock import make_lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.plan import empty_plan
from index_support import make_wheel, sha256

HERE = {"architecture": platform.machine(), "libc": "2.28", "python": "{}.{}".format(*sys.version_info[:2])}


def keep_wheel(house: Path, name: str, version: str, tag: str = "py3-none-any") -> dict:
    """Put a wheel into a wheelhouse; return its artifact."""
    filename, data = make_wheel(name, version, tag)
    artifact = make_artifact(filename, f"https://files.example/{filename}", sha256(data), name, version, len(data))
    path = house / "sha256" / artifact["sha256"] / filename
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return artifact


def make_locked(tmp_path: Path, architecture: str = "aarch64") -> dict:
    """What the module wheelhouse returns for one board, with its files in tmp_path/house."""
    house = tmp_path / "house"
    plan = {
        **empty_plan("raspberrypi"),
        "provider": "venv",
        "accelerator": "cpu",
        "python": {"path": "/usr/bin/python3", "version": "3.11.2"},
        "target": {"architecture": architecture, "libc": "2.36", "python": "3.11.2"},
        "torch": {"specifier": "", "local": None},
        "sources": ["configured"],
    }
    torch = keep_wheel(house, "torch", "2.9.1", f"cp311-cp311-manylinux_2_28_{architecture}")
    uv = keep_wheel(house, "uv", "0.13.9", f"py3-none-manylinux_2_17_{architecture}")
    lock = make_lock(lock_id(plan), plan, "2.9.1", [torch], [uv], [], ["https://pypi.org/simple"], [])
    lock["created"] = "2026-01-01T00:00:00Z"
    return {
        "wheelhouse": str(house),
        "pins": str(tmp_path / "locks" / "pins.json"),
        "locks": {lock["key"]: lock},
        "boards": {"pi": {"lock": lock["key"], "id": "0" * 12, "plan": plan}},
        "builds": {},
    }


def explained(locked: dict, model: str = "Raspberry Pi 4 Model B") -> dict:
    """What explain_boards() returns for that board."""
    return {
        "pi": {
            "board": {
                "model": model,
                "family": "raspberrypi",
                "architecture": "aarch64",
                "os": {"pretty_name": "Debian 12", "package_manager": "apt"},
                "warnings": [],
                "pythons": [{"version": "3.11.2"}],
            },
            "plan": locked["boards"]["pi"].get("plan"),
            "error": None,
        }
    }


def make_entries(tmp_path: Path, locked: dict | None = None, **about: object) -> dict[str, layout.Entry]:
    """All files of a bundle for that board and for a control node like this one."""
    locked = locked or make_locked(tmp_path)
    boards = contents.describe_boards(explained(locked), locked)
    entries = contents.collect_entries(locked, boards, [], check=False)
    house = Path(locked["wheelhouse"])
    wheels = [keep_wheel(house, "ansible-core", "2.19.1"), keep_wheel(house, "pip", "26.0")]
    for wheel in wheels:
        entries[f"{layout.WHEELS}/{wheel['filename']}"] = layout.Entry(
            wheel["sha256"], house / "sha256" / wheel["sha256"] / wheel["filename"]
        )
    described = {
        "schema": layout.SCHEMA,
        "created": "2026-11-30T19:00:00Z",
        "collection": "0.1.0",
        "signed": False,
        "control": {**HERE, "core": "2.19", "packages": wheels},
        "locks": sorted(locked["locks"]),
        "boards": boards,
        "artifacts": [],
        "missing": [],
        **about,
    }
    entries[layout.REQUIREMENTS] = layout.Entry.of_text(control_node.render_requirements(wheels))
    entries[layout.TARGET] = layout.Entry.of_text(control_node.render_target(HERE))
    entries[layout.INSTALLER] = layout.Entry.of_text(page.INSTALLER.read_text(encoding="utf-8"), executable=True)
    entries[f"{layout.COLLECTION}/edgeai-fleet-0.1.0.tar.gz"] = layout.Entry.of_bytes(b"not a collection")
    entries[layout.DESCRIPTION] = layout.Entry.of_text(json.dumps(described))
    return entries


def write(root: Path, entries: dict[str, layout.Entry], key: Path | None = None) -> str:
    """Write a bundle; return its sums."""
    written, gone = writer.differing(root, entries)
    writer.write_files(root, entries, written, gone, lambda line: None)
    sums = layout.render_sums({name: entry.sha256 for name, entry in entries.items()})
    writer.write_sums(root, sums, signature.sign(sums, key) if key else None)
    return sums


def make_key(folder: Path, name: str = "key") -> Path:
    """Return a new SSH key; its public file is beside it."""
    path = folder / name
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)], check=True)
    return path


def replace_lock(entries: dict[str, layout.Entry], lock: dict) -> None:
    """Give a bundle another text of a lock."""
    entries[layout.lock_name(lock["key"])] = layout.Entry.of_text(render_lock(lock))
