# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The files of a bundle: their names, and the list of their sums, with which a bundle is complete."""

from __future__ import annotations

import hashlib
import re
import typing as t
from pathlib import Path

SCHEMA = 1
SUMS = "SHA256SUMS"
SIGNATURE = f"{SUMS}.sig"
DESCRIPTION = "bundle.json"
INSTALLER = "install.sh"
PAGE = "index.html"
TARGET = "control/target"
REQUIREMENTS = "control/requirements.txt"
WHEELS = "control/wheels"
LOCKS = "locks"
WHEELHOUSE = "wheelhouse"
COLLECTION = "collection"
#: What a person looks at first; in a tar these files come first, too.
TOP = (SUMS, SIGNATURE, INSTALLER, DESCRIPTION, PAGE)
DIRECTORIES = ("control", LOCKS, WHEELHOUSE, COLLECTION)
#: The longest list of files, and the longest description, that is read: a bundle comes from somewhere else.
LONGEST = 64 << 20

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!~-]*(/[A-Za-z0-9_][A-Za-z0-9_.+!~-]*)*")
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
#: What the wheelhouse of a bundle in use has besides: its lock, and what was verified when.
_OF_USE = re.compile(rf"{WHEELHOUSE}/(\.lock|sha256/[0-9a-f]{{64}}/\.[^/]+\.verified)")


class BundleError(Exception):
    """A bundle that cannot be made, or must not be used; the text says why and what to do."""


class Entry(t.NamedTuple):
    """A file of a bundle: its content, or where it is, and what it must be."""

    sha256: str
    source: Path | bytes
    executable: bool = False

    @classmethod
    def of_text(cls, text: str, executable: bool = False) -> Entry:
        return cls.of_bytes(text.encode("utf-8", "replace"), executable)

    @classmethod
    def of_bytes(cls, content: bytes, executable: bool = False) -> Entry:
        return cls(hashlib.sha256(content).hexdigest(), content, executable)


def artifact_name(artifact: t.Mapping[str, t.Any]) -> str:
    """Where an artifact is in a bundle: as in every wheelhouse."""
    return f"{WHEELHOUSE}/sha256/{artifact['sha256']}/{artifact['filename']}"


def lock_name(key: str) -> str:
    return f"{LOCKS}/{key}.json"


def render_sums(files: t.Mapping[str, str]) -> str:
    """The sums of these files, as sha256sum writes and checks them."""
    return "".join(f"{sha256}  {name}\n" for name, sha256 in sorted(files.items()))


def parse_sums(text: str) -> dict[str, str]:
    """By name the sum of each file. BundleError if the list is not one of a bundle."""
    files: dict[str, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        found = _LINE.fullmatch(line)
        if not found or not is_name(found[2]) or found[2] in files or found[2] in (SUMS, SIGNATURE):
            raise BundleError(f"{SUMS} is damaged: line {number} is not the sum of a file. Copy the bundle again.")
        files[found[2]] = found[1]
    if not files or not text.endswith("\n"):
        raise BundleError(f"{SUMS} is damaged: its end is missing. Copy the bundle again.")
    return files


def is_name(name: str) -> bool:
    """Whether this can be the name of a file of a bundle: relative, no part of it hidden or above."""
    return bool(_NAME.fullmatch(name))


def comes_from_use(name: str) -> bool:
    """Whether a run that used the bundle as its wheelhouse wrote this file."""
    return bool(_OF_USE.fullmatch(name))


def files_below(root: Path) -> dict[str, Path]:
    """All that is in a directory and is no directory, by its name below it. Links are not followed."""
    found = {}
    for path in sorted(root.rglob("*")):
        if path.is_symlink() or not path.is_dir():
            found[path.relative_to(root).as_posix()] = path
    return found
