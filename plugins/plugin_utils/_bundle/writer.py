# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Write a bundle: a directory, and a tar of it. The list of sums is removed first and written last: without it a bundle
counts for nothing, and the next run completes it.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import shutil
import tarfile
import tempfile
import typing as t
from collections.abc import Mapping
from pathlib import Path

from .._base import clock, hashes
from . import layout
from .layout import BundleError, Entry
from .page import size_text

_BLOCK = 1 << 20


def check_place(root: Path) -> None:
    """BundleError if something else than a bundle is at this path."""
    if root.is_symlink() or (root.exists() and not root.is_dir()):
        raise BundleError(f"bundle_path: {root} is not a directory. Name another one.")
    try:
        names = {path.name for path in root.iterdir()} if root.exists() else set()
    except OSError as error:
        raise BundleError(f"bundle_path: {root} cannot be read: {error.strerror}.") from error
    own = {*layout.TOP, *layout.DIRECTORIES}
    others = sorted(name for name in names if name not in own and not name.startswith(f".{layout.SUMS}"))
    if others:
        raise BundleError(
            f"bundle_path: {root} has files that belong to no bundle ({', '.join(others[:5])}). Name an empty"
            " directory, or one that does not exist."
        )


def read_text(root: Path, name: str) -> str | None:
    """A file of a bundle that was made here before, or None."""
    try:
        return (root / name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def differing(root: Path, entries: Mapping[str, Entry]) -> tuple[list[str], list[str]]:
    """The files that must be written, and those that must go, so that a directory has these files and no others."""
    there = layout.files_below(root) if root.is_dir() else {}
    written = [name for name, entry in entries.items() if not _is_file(there.get(name), entry)]
    spared = {*entries, layout.SUMS, layout.SIGNATURE}
    gone = [name for name in there if name not in spared and not layout.comes_from_use(name)]
    return sorted(written), sorted(gone)


def _is_file(path: Path | None, entry: Entry) -> bool:
    if path is None or path.is_symlink() or not path.is_file():
        return False
    return hashes.sha256_of(path) == entry.sha256


def write_files(
    root: Path,
    entries: Mapping[str, Entry],
    written: t.Sequence[str],
    gone: t.Sequence[str],
    say: t.Callable[[str], None],
) -> None:
    """Write and remove these files. Afterwards the bundle has no list of sums: write_sums() makes it whole."""
    try:
        root.mkdir(parents=True, exist_ok=True)
        _check_space(root, [entries[name] for name in written])
        for name in (layout.SUMS, layout.SIGNATURE):
            (root / name).unlink(missing_ok=True)
        for name in gone:
            (root / name).unlink()
        for name in written:
            _write_file(root / name, entries[name], say)
        _remove_empty(root)
    except OSError as error:
        raise BundleError(f"bundle_path: {root} cannot be written: {error.strerror} ({error.filename}).") from error


def write_sums(root: Path, text: str, signature: str | None) -> None:
    """The signature first: a bundle with sums is complete."""
    try:
        if signature is None:
            (root / layout.SIGNATURE).unlink(missing_ok=True)
        else:
            _write_file(root / layout.SIGNATURE, Entry.of_text(signature))
        _write_file(root / layout.SUMS, Entry.of_text(text))
    except OSError as error:
        raise BundleError(f"bundle_path: {root} cannot be written: {error.strerror} ({error.filename}).") from error


def _check_space(root: Path, entries: t.Iterable[Entry]) -> None:
    need = sum(size_of(entry) for entry in entries)
    free = shutil.disk_usage(root).free
    if need > free:
        raise BundleError(
            f"bundle_path: {root} has {size_text(free)} free, but {size_text(need)} must be written. Free some space,"
            " or name another directory."
        )


def size_of(entry: Entry) -> int:
    """The bytes of a file; 0 if it is not there."""
    if isinstance(entry.source, bytes):
        return len(entry.source)
    with contextlib.suppress(OSError):
        return entry.source.stat().st_size
    return 0


def _write_file(path: Path, entry: Entry, say: t.Callable[[str], None] = lambda line: None) -> None:
    """The whole file or none of it, with the sum that it must have."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        raise BundleError(f"bundle_path: {path} is a directory, where a file of the bundle must be. Remove it.")
    if size_of(entry) > 100 * _BLOCK:
        say(f"copying {path.name} ({size_text(size_of(entry))})")
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        digest = hashlib.sha256()
        with os.fdopen(descriptor, "wb") as stream, _open(entry) as source:
            with contextlib.suppress(PermissionError):  # FAT of a stick has no modes; sh reads the installer anyway
                os.fchmod(descriptor, 0o755 if entry.executable else 0o644)
            while block := source.read(_BLOCK):
                digest.update(block)
                stream.write(block)
            stream.flush()
            os.fsync(descriptor)
        if digest.hexdigest() != entry.sha256:
            raise BundleError(
                f"{entry.source if isinstance(entry.source, Path) else path.name} was changed meanwhile: its sha256"
                f" is {digest.hexdigest()}, it must be {entry.sha256}. Run again."
            )
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def _open(entry: Entry) -> t.BinaryIO:
    if isinstance(entry.source, bytes):
        return io.BytesIO(entry.source)
    try:
        return open(entry.source, "rb")
    except OSError as error:
        raise BundleError(f"{entry.source} cannot be read: {error.strerror}. Run again: it is fetched then.") from error


def _remove_empty(root: Path) -> None:
    for path in sorted(root.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink():
            with contextlib.suppress(OSError):  # it has files
                path.rmdir()


def write_tar(root: Path, sums: str, created: str) -> tuple[Path, bool]:
    """The tar of a bundle beside it, and whether it is new. What a person reads first comes first."""
    names = sorted(layout.parse_sums(sums))
    first = [name for name in layout.TOP if (root / name).is_file()]
    order = [*first, *(name for name in names if name not in first)]
    path = root.with_name(f"{root.name}.tar")
    if _has_sums(path, root):
        return path, False
    moment = clock.seconds_since_1970(created)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with contextlib.suppress(PermissionError):
                os.fchmod(descriptor, 0o644)
            with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
                for name in order:
                    with open(root / name, "rb") as source:
                        member = archive.gettarinfo(arcname=f"{root.name}/{name}", fileobj=source)
                        member.mode = 0o755 if name == layout.INSTALLER else 0o644
                        member.mtime, member.uid, member.gid, member.uname, member.gname = moment, 0, 0, "", ""
                        archive.addfile(member, source)
            stream.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except OSError as error:
        os.unlink(temporary)
        raise BundleError(f"bundle_tar: {path} cannot be written: {error.strerror}.") from error
    except BaseException:
        os.unlink(temporary)
        raise
    return path, True


def _has_sums(path: Path, root: Path) -> bool:
    """Whether a tar begins with the sums and the signature of this directory. The rest of it is verified afterwards."""
    wanted = {name: (root / name).read_bytes() for name in (layout.SUMS, layout.SIGNATURE) if (root / name).is_file()}
    try:
        with tarfile.open(path) as archive:
            for name, content in wanted.items():
                member = archive.next()
                stream = archive.extractfile(member) if member and member.name == f"{root.name}/{name}" else None
                if stream is None or stream.read() != content:
                    return False
    except (OSError, tarfile.TarError):
        return False
    return True
