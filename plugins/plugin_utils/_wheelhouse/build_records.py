# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Compiled wheels in the wheelhouse: the wheel among the others, its record `builds/<key>.json`, and its log."""

from __future__ import annotations

import gzip
import json
import os
import re
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from .._base import clock, files, hashes
from .._base.packaging_shim import Version, parse_wheel_filename
from .pip_config import Configuration
from .store import Wheelhouse
from .wheel_files import wheel_version

SCHEMA = 1
_TEXTS = ("key", "package", "version", "filename", "sha256", "builder", "created")
_OF_BUILD = ("seconds", "jobs", "resumed", "flags", "toolchain", "cache")  # as the builder reports them
_ENTRIES = {"schema", *_TEXTS, "size", "steps", *_OF_BUILD}


class BuildRecords:
    def __init__(self, root: Path) -> None:
        self.folder = root / "builds"
        self.wheelhouse = Wheelhouse(root, Configuration(sources=()))

    def path_of(self, key: str) -> Path:
        return self.folder / f"{key}.json"

    def read_record(self, key: str) -> dict[str, Any] | None:
        """The record of a build whose wheel is there and intact; None if there is none. ValueError if it is damaged."""
        path = self.path_of(key)
        try:
            record = json.loads(path.read_text("utf-8"))
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise self._damage_error(path, f"it cannot be read: {error}") from error
        if fault := _find_fault(record, key):
            raise self._damage_error(path, fault)
        return record if self.wheelhouse.has(record) else None

    def _damage_error(self, path: Path, why: str) -> ValueError:
        return ValueError(
            f"the build record {path} is damaged: {why}. Restore it from a backup; if you delete it, the wheel is"
            " compiled again"
        )

    def wheel_of(self, record: dict[str, Any]) -> dict[str, Any]:
        """The wheel as plans name wheels."""
        return {
            "filename": record["filename"],
            "url": self.wheelhouse.path_of(record).absolute().as_uri(),
            "sha256": record["sha256"],
        }

    def keep_build(self, build: dict[str, Any], builder: str, fetch: Callable[[str, Path], None]) -> dict[str, Any]:
        """Copy a finished build here; `fetch` gets a file of its directory. The record is written last."""
        wheel = build["wheel"]
        if not files.is_file_name(wheel["filename"]):
            raise ValueError(f"{builder} names its wheel {wheel['filename']!r}, which is not a valid file name")
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{build['key']}.", dir=self.folder) as temporary:
            folder = Path(temporary)
            fetched = folder / wheel["filename"]
            fetch(f"dist/{wheel['filename']}", fetched)
            found = hashes.sha256_of(fetched)
            if found != wheel["sha256"]:
                raise ValueError(
                    f"SHA-256 mismatch for {wheel['filename']} of {builder}: expected {wheel['sha256']}, got {found};"
                    " run again"
                )
            version = wheel_version(fetched, wheel["filename"])
            fetch("log", folder / "log")
            with open(folder / "log", "rb") as log, gzip.open(folder / "log.gz", "wb") as packed:
                shutil.copyfileobj(log, packed)
            record = {
                "schema": SCHEMA,
                "key": build["key"],
                "package": build["package"],
                "version": version,
                "filename": wheel["filename"],
                "sha256": found,
                "size": fetched.stat().st_size,
                "builder": builder,
                "created": clock.now(),
                "steps": build["total"],
                **{name: build[name] for name in _OF_BUILD},
            }
            if fault := _find_fault(record, build["key"]):
                raise ValueError(f"the build result of {builder} cannot be kept: {fault}")
            target = self.wheelhouse.path_of(record)
            target.parent.mkdir(parents=True, exist_ok=True)
            _move_durably(fetched, target)
            _move_durably(folder / "log.gz", self.folder / f"{build['key']}.log.gz")
        files.write_atomically(self.path_of(build["key"]), json.dumps(record, indent=2, sort_keys=True) + "\n")
        return record


def _move_durably(path: Path, target: Path) -> None:
    """Move it after it is on the disk: hours of work must survive a power cut."""
    with open(path, "rb") as stream:
        os.fsync(stream.fileno())
    os.replace(path, target)


def _find_fault(record: Any, key: str) -> str | None:
    if not isinstance(record, dict) or record.get("schema") != SCHEMA:
        return f"it is not a record of schema {SCHEMA}"
    if (
        set(record) != _ENTRIES
        or not all(isinstance(record[name], str) for name in _TEXTS)
        or not isinstance(record["size"], int)
    ):
        return "its keys are not those of a build record"
    if record["key"] != key or not re.fullmatch("[0-9a-f]{16}", key):
        return f"its key is {record['key']!r}, not that of its file name"
    if not files.is_file_name(record["filename"]) or not hashes.is_sha256(record["sha256"]):
        return f"{record['filename']!r} with sha256 {record['sha256']!r} is not a wheel"
    try:
        if parse_wheel_filename(record["filename"])[:2] == (record["package"], Version(record["version"])):
            return None
    except ValueError as error:
        return str(error)
    return f"{record['filename']} is not a wheel of {record['package']} {record['version']}"
