# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Verify a bundle, a directory or a tar: its sums, its signature, and that its parts fit each other and their
targets.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
import typing as t
from collections.abc import Iterator
from pathlib import Path

from .._base.errors import Refused
from .._base.packaging_shim import InvalidWheelFilename, parse_wheel_filename
from .._lock.lockfile import parse_lock
from .._lock.target_platform import tag_rank
from .._model.lock import artifacts_of
from . import layout, signature
from .layout import BundleError

_BLOCK = 1 << 20
_NAMED = 5
#: The files whose content counts, besides their sums.
_READ = (layout.SUMS, layout.SIGNATURE, layout.DESCRIPTION)


class Verified(t.NamedTuple):
    """A bundle that may be used: what it says about itself, who signed it, how many files and bytes it has."""

    description: dict[str, t.Any]
    fingerprint: str | None
    files: int
    size: int


class _Read(t.NamedTuple):
    sums: dict[str, str]
    texts: dict[str, str]
    size: int


def verify(path: Path, signer: str | None = None) -> Verified:
    """BundleError, in one sentence or two, if the bundle is not whole, not signed by this signer, or unfit."""
    try:
        read = _read(_members_of_tar(path) if path.is_file() else _members_of_directory(path))
    except tarfile.TarError as error:  # while a member is looked for, or while it is read
        raise BundleError(f"{path} is not a whole tar: it ends or is damaged ({error}). Copy it again.") from error
    except OSError as error:
        raise BundleError(f"{path} cannot be read: {error.strerror or error}.") from error
    if layout.SUMS not in read.texts:
        raise BundleError(
            f"{path} has no {layout.SUMS}: it is no bundle, or it was not completed. Make it again, or copy it again."
        )
    named = layout.parse_sums(read.texts[layout.SUMS])
    fingerprint = None
    if layout.SIGNATURE in read.texts:
        fingerprint = signature.signer_of(read.texts[layout.SUMS], read.texts[layout.SIGNATURE])
    signature.check_signer(fingerprint, signer)
    _compare(path, named, read.sums)
    description = _parse_description(read.texts.get(layout.DESCRIPTION, ""))
    for key in description["locks"]:
        _check_lock(key, read.texts.get(layout.lock_name(key)), named)
    _check_control_node(description["control"], named)
    return Verified(description, fingerprint, len(read.sums), read.size)


def _members_of_directory(root: Path) -> Iterator[tuple[str, t.IO[bytes]]]:
    if not root.is_dir():
        raise BundleError(f"{root} is neither a directory nor a tar. Name the bundle.")
    for name, path in layout.files_below(root).items():
        if layout.comes_from_use(name):
            continue
        if path.is_symlink() or not path.is_file():
            raise BundleError(f"{path} is a link or a special file, which no bundle has. Copy the bundle again.")
        with open(path, "rb") as stream:
            yield name, stream


def _members_of_tar(path: Path) -> Iterator[tuple[str, t.IO[bytes]]]:
    with tarfile.open(path, "r|") as archive:
        for member in archive:
            top, _slash, name = member.name.partition("/")
            stream = archive.extractfile(member) if member.isreg() else None
            if stream is None or not layout.is_name(name) or not layout.is_name(top):
                raise BundleError(f"{path} has a member that no bundle has: {member.name[:200]!r}. Do not unpack it.")
            yield name, stream


def _read(members: Iterator[tuple[str, t.IO[bytes]]]) -> _Read:
    sums: dict[str, str] = {}
    texts: dict[str, str] = {}
    size = 0
    for name, stream in members:
        if name in sums:
            raise BundleError(f"{name} is in the bundle twice. Do not use it; copy it again.")
        digest, kept = hashlib.sha256(), bytearray()
        keeps = name in _READ or (name.startswith(f"{layout.LOCKS}/") and name.endswith(".json"))
        while block := stream.read(_BLOCK):
            digest.update(block)
            size += len(block)
            if keeps:
                kept += block
                if len(kept) > layout.LONGEST:
                    raise BundleError(f"{name} of the bundle is longer than {layout.LONGEST >> 20} MiB. Do not use it.")
        sums[name] = digest.hexdigest()
        if keeps:
            texts[name] = kept.decode("utf-8", "replace")
    return _Read(sums, texts, size)


def _compare(path: Path, named: dict[str, str], found: dict[str, str]) -> None:
    """Each file that is named is there as it was, and no other is."""
    changed = sorted(name for name, sha256 in named.items() if name in found and found[name] != sha256)
    missing = sorted(named.keys() - found.keys())
    foreign = sorted(found.keys() - named.keys() - {layout.SUMS, layout.SIGNATURE})
    faults = [
        f"{words}: {', '.join(names[:_NAMED])}{f' and {len(names) - _NAMED} more' if len(names) > _NAMED else ''}"
        for words, names in (("changed", changed), ("missing", missing), ("not part of it", foreign))
        if names
    ]
    if faults:
        raise BundleError(
            f"{path} is not as it was made: {'; '.join(faults)}. Do not use it; copy it again from its maker."
        )


def _parse_description(text: str) -> dict[str, t.Any]:
    try:
        about = json.loads(text)
        if about["schema"] != layout.SCHEMA:
            raise BundleError(
                f"{layout.DESCRIPTION} has schema {str(about['schema'])[:20]}, but this release reads schema"
                f" {layout.SCHEMA}. Use the collection that is in the bundle."
            )
        if isinstance(about["locks"], list) and isinstance(about["control"]["packages"], list) and about["boards"]:
            return about
    except (ValueError, KeyError, TypeError):
        pass
    raise BundleError(f"{layout.DESCRIPTION} is not the description of a bundle. Make the bundle again.")


def _check_lock(key: str, text: str | None, named: dict[str, str]) -> None:
    """A lock is whole, its files are there, and they are for its architecture."""
    name = layout.lock_name(str(key))
    try:
        lock = parse_lock(text or "", str(key))
    except ValueError as error:
        raise BundleError(f"{name} is not usable: {error}. Make the bundle again.") from error
    for artifact in artifacts_of(lock):
        if named.get(layout.artifact_name(artifact)) != artifact["sha256"]:
            raise BundleError(f"{artifact['filename']}, which {name} names, is not in the bundle. Make it again.")
        if platforms := _foreign_platforms(artifact["filename"], lock["target"]["architecture"]):
            raise BundleError(
                f"{artifact['filename']}, which {name} names, is for {platforms}, but the boards of that lock are"
                f" {lock['target']['architecture']}. Make the bundle again."
            )


def _foreign_platforms(filename: str, architecture: str) -> str | None:
    """The platforms of a wheel if none of them is of this architecture; None for a fitting one, and for no wheel."""
    try:
        platforms = sorted({tag.platform for tag in parse_wheel_filename(filename)[3]})
    except InvalidWheelFilename:
        return None
    fits = any(platform == "any" or platform.endswith(f"_{architecture}") for platform in platforms)
    return None if fits else ", ".join(platforms)


def _check_control_node(control: dict[str, t.Any], named: dict[str, str]) -> None:
    """The wheels of the control node are there, and fit it."""
    target = {name: str(control.get(name)) for name in ("architecture", "libc", "python")}
    for wheel in control["packages"]:
        filename = str(wheel.get("filename"))
        if named.get(f"{layout.WHEELS}/{filename}") != wheel.get("sha256"):
            raise BundleError(f"{filename[:200]}, a wheel for the control node, is not in the bundle. Make it again.")
        try:
            fits = tag_rank(filename, target) >= 0
        except (ValueError, Refused):
            fits = False
        if not fits:
            raise BundleError(
                f"{filename[:200]} does not fit the control node of this bundle (Python {target['python']},"
                f" {target['architecture']}, glibc {target['libc']}). Make the bundle again."
            )
