# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A lock: a plan made exact for its target; docs/schemas/lock.schema.json describes its keys."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .._base.clock import now

SCHEMA = 1


def make_lock(
    lock_id: str,
    plan: dict[str, Any],
    torch: str,
    packages: Iterable[dict[str, Any]],
    tools: list[dict[str, Any]],
    files: list[dict[str, Any]],
    sources: list[str],
    warnings: list[str],
    uploaded_before: str | None = None,
) -> dict[str, Any]:
    """`uploaded_before`: the moment of torch_exclude_newer, if there is one; then it is a key of the lock."""
    return {
        "schema": SCHEMA,
        "key": lock_id,
        "provider": plan["provider"],
        "target": plan["target"],
        "torch": torch,
        "created": now(),
        "packages": sorted(packages, key=lambda artifact: artifact["name"]),
        "tools": tools,
        "files": files,
        "sources": sources,
        "warnings": warnings,
        **({"uploaded_before": uploaded_before} if uploaded_before else {}),
    }


KEYS = frozenset(make_lock("", {"provider": "", "target": {}}, "", [], [], [], [], []))
OPTIONAL_KEYS = frozenset(["uploaded_before"])


def artifacts_of(lock: dict[str, Any]) -> list[dict[str, Any]]:
    return [*lock["packages"], *lock["tools"], *lock["files"]]
