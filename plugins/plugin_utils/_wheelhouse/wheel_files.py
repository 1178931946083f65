# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Wheels as files: their metadata, and empty wheels that stand for big ones while versions are resolved."""

from __future__ import annotations

import email.parser
import re
import zipfile
from contextlib import suppress
from pathlib import Path

from .._base.packaging_shim import InvalidVersion, Version, canonicalize_name, parse_wheel_filename

_INFORMATION = re.compile(r"[^/]+\.dist-info/(METADATA|WHEEL)")
# The first bytes of these kinds of files, to detect login and error pages that come with status 200.
_BEGINNINGS = {
    ".deb": b"!<arch>\n",
    ".run": b"#!",
    ".tar.bz2": b"BZh",
    ".tar.gz": b"\x1f\x8b",
    ".conda": b"PK",
    ".zip": b"PK",
}


def _read_information(path: Path) -> dict[str, bytes]:
    """METADATA and WHEEL by their paths in the wheel; ValueError if it is not a wheel."""
    try:
        with zipfile.ZipFile(path) as archive:
            found = {name: archive.read(name) for name in archive.namelist() if _INFORMATION.fullmatch(name)}
    except (zipfile.BadZipFile, NotImplementedError) as error:
        raise ValueError(f"it is not a wheel: {error}") from error
    if len(found) != 2:
        raise ValueError("it is not a wheel: it must have one METADATA and one WHEEL")
    return found


def wheel_version(path: Path, filename: str) -> str:
    """The version as the wheel's metadata writes it; ValueError if the metadata does not match the file name."""
    text = next(data for name, data in _read_information(path).items() if name.endswith("/METADATA")).decode(
        "utf-8", "replace"
    )
    metadata = email.parser.HeaderParser().parsestr(text)
    with suppress(InvalidVersion):
        found = canonicalize_name(metadata["Name"] or ""), Version(metadata["Version"] or "")
        if found == parse_wheel_filename(filename)[:2]:
            return metadata["Version"]
    raise ValueError(f"it is a wheel of {metadata['Name']} {metadata['Version']}")


def check_kind(path: Path, filename: str) -> None:
    """ValueError if the content cannot be that of a file of this name."""
    if filename.endswith(".whl"):
        wheel_version(path, filename)
        return
    wanted = next((beginning for suffix, beginning in _BEGINNINGS.items() if filename.endswith(suffix)), b"")
    with open(path, "rb") as stream:
        found = stream.read(16)
    if not found.startswith(wanted):
        raise ValueError(f"a file of this kind begins with {wanted!r}, this one begins with {found!r}")


def stub_of(path: Path, folder: Path, tag: str | None = None) -> Path:
    """A wheel with the same metadata and no content: a resolver unpacks local wheels, and some have gigabytes."""
    name = path.name if tag is None else f"{path.name.rsplit('-', 3)[0]}-{tag}.whl"
    return _write_wheel(folder / name, _read_information(path))


def make_stub(folder: Path, name: str, version: str, tag: str) -> Path:
    """A wheel without content and without requirements."""
    stem = f"{name.replace('-', '_')}-{version}"
    return _write_wheel(
        folder / f"{stem}-{tag}.whl",
        {
            f"{stem}.dist-info/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n".encode(),
            f"{stem}.dist-info/WHEEL": (
                f"Wheel-Version: 1.0\nGenerator: edgeai.fleet\nRoot-Is-Purelib: true\nTag: {tag}\n".encode()
            ),
        },
    )


def _write_wheel(stub: Path, files: dict[str, bytes]) -> Path:
    record = f"{next(iter(files)).partition('/')[0]}/RECORD"
    with zipfile.ZipFile(stub, "w") as archive:
        for name, data in {**files, record: "".join(f"{name},,\n" for name in [*files, record]).encode()}.items():
            archive.writestr(name, data)
    return stub
