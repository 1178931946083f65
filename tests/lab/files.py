# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
r"""Files that make a container look like a certain board: written on this machine, they appear in the container where
the kernel or the vendor puts them.

A content is a text, or one of {text: ...}, {base64: ...}, {source: a path relative to the lab's description}, each with
an optional `mode`, or {link: target}. A text has a NUL where YAML writes "\0".
"""

from __future__ import annotations

import base64
import shutil
import sys
from pathlib import Path, PurePosixPath

FIRMWARE = PurePosixPath("/sys/firmware")
KINDS = ("text", "base64", "source", "link")


def stage(board: dict, description: Path, staging: Path) -> list[str]:
    """Write a board's files below `staging`; return the mounts of those that programs cannot write.

    The others are in `staging`/files, and board.sh copies them.
    """
    binds = set()
    for name, content in {**_device_tree(board), **board.get("files", {})}.items():
        path = PurePosixPath(name)
        if not path.is_absolute() or ".." in path.parts:
            sys.exit(f"{description}: board {board['name']}: {name!r} is no absolute path.")
        mount = _mount(path)
        if mount is None:
            write(content, staging / "files" / path.relative_to("/"), description)
        else:
            mounted = staging / "mounts" / mount.relative_to("/")
            write(content, mounted / path.relative_to(mount), description)
            binds.add(f"{mounted}:{mount}:ro")
    return sorted(binds)


def write(content: str | dict, target: Path, description: Path) -> None:
    """Write one content to `target`, and the directories above it."""
    content = {"text": content} if isinstance(content, str) else content
    kinds = [kind for kind in KINDS if kind in content]
    if len(kinds) != 1 or set(content) - {*kinds, "mode"}:
        sys.exit(
            f"{description}: {target.name}: a file is a text, or has one of {', '.join(KINDS)} and perhaps a mode; it"
            f" has {', '.join(content)}."
        )
    target.parent.mkdir(parents=True, exist_ok=True)
    value = content[kinds[0]]
    if "link" in content:
        target.symlink_to(value)
        return
    if "source" in content:
        shutil.copyfile(description.parent / value, target)
    else:
        target.write_bytes(base64.b64decode(value, validate=True) if "base64" in content else value.encode())
    target.chmod(int(content.get("mode", "0644"), 8))


def _device_tree(board: dict) -> dict[str, str]:
    strings = {"model": [board["model"]], "compatible": board["compatible"]} if "model" in board else {}
    return {
        f"{FIRMWARE}/devicetree/base/{name}": "".join(f"{value}\0" for value in values)
        for name, values in strings.items()
    }


def _mount(path: PurePosixPath) -> PurePosixPath | None:
    """Return the path to mount for a file at `path`; None if the file can simply be copied.

    Below /sys, nothing can be created. Only a directory that this machine's kernel shows can be covered by a mount,
    which hides everything else in it. In /proc, the engine can cover single files.
    """
    if path.is_relative_to(FIRMWARE):
        return FIRMWARE
    if path.is_relative_to("/sys"):
        covered = next(parent for parent in path.parents if Path(parent).is_dir())
        if covered == PurePosixPath("/sys"):
            sys.exit(
                f"{path} cannot be shown: this machine's kernel has no directory on the way to it that could be"
                " covered."
            )
        return covered
    return path if path.is_relative_to("/proc") else None
