# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The platform, Python and libc that a lock is made for, and which wheels fit them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from .._base.errors import Refused
from .._base.packaging_shim import Tag, compatible_tags, cpython_tags, parse_wheel_filename

# The architecture that uv resolves for. uv does not know 32-bit Arm; requirements between packages are the same there.
_UV_ARCHITECTURES = {"x86_64": "x86_64", "aarch64": "aarch64", "armv7l": "aarch64"}
_UV_GLIBC = (17, 28, *range(31, 41))  # the manylinux_2_N that `uv pip compile --python-platform` knows


def target_text(target: dict[str, str]) -> str:
    return f"Python {target['python']}, {target['architecture']}, glibc {target['libc']}"


def _newest_glibc(target: dict[str, str]) -> int:
    """The N of the newest manylinux_2_N that both the board and uv support."""
    major, minor = (int(part) for part in target["libc"].split(".")[:2])
    known = [number for number in _UV_GLIBC if major == 2 and number <= minor]
    if target["architecture"] not in _UV_ARCHITECTURES:
        raise Refused(
            f"wheels cannot be resolved for {target['architecture']}: uv does not support it, and PyPI has no torch"
            " wheels for it",
            f"use a userland of one of {', '.join(_UV_ARCHITECTURES)}",
        )
    if not known:
        raise Refused(
            f"glibc {target['libc']} is older than 2.17, the oldest for which wheels are built",
            "upgrade the operating system of the board",
        )
    return known[-1]


def is_foreign(target: dict[str, str]) -> bool:
    """Whether uv resolves for a substitute architecture."""
    return for_uv(target) != target


def for_uv(target: dict[str, str]) -> dict[str, str]:
    """The target for which uv resolves."""
    return {**target, "architecture": _UV_ARCHITECTURES.get(target["architecture"], target["architecture"])}


def uv_platform(target: dict[str, str]) -> str:
    return f"{for_uv(target)['architecture']}-manylinux_2_{_newest_glibc(target)}"


@lru_cache(maxsize=64)
def _tag_ranks(architecture: str, glibc: int, python: tuple[int, int]) -> dict[Tag, int]:
    legacy = (
        {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}
        if architecture == "x86_64"
        else {17: "manylinux2014"}
    )
    platforms = [
        f"{name}_{architecture}"
        for number in range(glibc, min(legacy) - 1, -1)
        for name in (f"manylinux_2_{number}", legacy.get(number))
        if name
    ] + [f"linux_{architecture}"]
    interpreter = f"cp{python[0]}{python[1]}"
    abi = interpreter + ("m" if python < (3, 8) else "")
    tags = [*cpython_tags(python, [abi], platforms), *compatible_tags(python, interpreter, platforms)]
    return {tag: rank for rank, tag in reversed(list(enumerate(tags)))}


def _ranks_of(target: dict[str, str]) -> dict[Tag, int]:
    major, minor = (int(part) for part in target["python"].split(".")[:2])
    return _tag_ranks(target["architecture"], _newest_glibc(target), (major, minor))


def tag_rank(filename: str, target: dict[str, str]) -> int:
    """How well a wheel fits the target: 0 is best, -1 means not at all."""
    ranks = _ranks_of(target)
    return min((ranks[tag] for tag in parse_wheel_filename(filename)[3] if tag in ranks), default=-1)


def best_tag(target: dict[str, str]) -> str:
    ranks = _ranks_of(target)
    return str(min(ranks, key=lambda tag: ranks[tag]))


def tags_of(filenames: list[str], target: dict[str, Any], length: int = 8) -> str:
    """The tags of these wheels, the board's architecture first."""
    tags = {str(tag) for filename in filenames for tag in parse_wheel_filename(filename)[3]}
    ordered = sorted(tags, key=lambda tag: (not tag.endswith(target["architecture"]), tag))
    return ", ".join(ordered[:length]) + (f" and {len(tags) - length} more" if len(tags) > length else "")
