# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The keys of a plan; docs/schemas/plan.schema.json describes them."""

from __future__ import annotations

from typing import Any


def empty_plan(family: str | None = None) -> dict[str, Any]:
    """A plan that installs nothing."""
    return {
        "schema": 1,
        "refusal": None,
        "family": family,
        "row": None,
        "action": None,
        "accelerator": None,
        "expect": None,
        "provider": None,
        "python": None,
        "target": None,
        "torch": None,
        "conda": None,
        "otherwise": None,
        "companions": [],
        "requirements": [],
        "constraints": [],
        "sources": [],
        "wheels": [],
        "files": [],
        "forbid": [],
        "paths": [],
        "provided": {},
        "system_site_packages": False,
        "system": {},
        "system_packages": [],
        "builds": [],
        "groups": [],
        "environment": {},
        "modules": [],
        "jupyter_kernel": False,
        "left_out": [],
        "mirrors": {},
        "trust_on_first_use": False,
        "exclude_newer": "",
        "forced": [],
        "warnings": [],
        "why": [],
        "proven": None,
        "checked": None,
        "evidence": [],
    }


KEYS = tuple(empty_plan())
