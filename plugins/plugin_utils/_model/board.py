# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The keys of a board; docs/schemas/board.schema.json describes them.

Boards describe themselves with module_utils/_board instead; a test compares the keys.
"""

from __future__ import annotations

from typing import Any

# Boards of earlier releases do not have these.
OPTIONAL_KEYS = ("signs", "unserved", "seconds")


def empty_board() -> dict[str, Any]:
    """A board without known facts."""
    return {
        "schema": 1,
        "family": None,
        "model": None,
        "module": None,
        "board_id": None,
        "soc": None,
        "compatible": [],
        "architecture": None,
        "dpkg_architecture": None,
        "kernel": {"release": None, "machine": None},
        "cpu": {"model": None, "cores": 4, "atomics": None},
        "page_size": 4096,
        "libc": {"name": None, "version": None},
        "os": {"id": None, "version_id": None, "codename": None, "pretty_name": None, "package_manager": "apt"},
        "pythons": [],
        "memory": {"total": 0, "available": 0},
        "swap": {"total": 0, "free": 0},
        "disk": {"path": "/", "total": 0, "free": 0},
        "accelerators": [],
        "signs": [],
        "unserved": [],
        "platform": {},
        "variables": {},
        "paths": [],
        "provided": {},
        "user": {"name": "user", "uid": 1000, "root": True},
        "workload": {"name": "user", "exists": True, "uid": 1000, "groups": ["user"]},
        "key": {"kernel": None, "driver": None, "l4t": None, "cann": None},
        "state": {"root": "/opt/edgeai/torch", **empty_state()},
        "warnings": [],
        "seconds": 0,
    }


def empty_state() -> dict[str, Any]:
    """The state of a torch_root without environments."""
    return {
        "problem": None,
        "current": None,
        "complete": False,
        "intact": False,
        "damage": [],
        "record": None,
        "environments": [],
        "warnings": [],
    }


def empty_python() -> dict[str, Any]:
    return {"path": None, "version": None, "implementation": "cpython", "externally_managed": None, "default": None}


def empty_accelerator() -> dict[str, Any]:
    return {
        "kind": None,
        "name": None,
        "driver": None,
        "memory": None,
        "compute_capability": None,
        "nodes": [],
        "cuda": None,
        "groups": [],
    }


def empty_sign() -> dict[str, Any]:
    """An accelerator that was seen and cannot be used now."""
    return {
        "kind": None,
        "name": None,
        "where": None,
        "compute_capability": None,
        "driver": None,
        "cause": None,
        "why": None,
        "fix": None,
    }


def empty_unserved() -> dict[str, Any]:
    """A graphics processor that no build of this collection uses."""
    return {"name": None, "where": None, "integrated": False}


KEYS = tuple(empty_board())
REQUIRED_KEYS = tuple(key for key in KEYS if key not in OPTIONAL_KEYS)
