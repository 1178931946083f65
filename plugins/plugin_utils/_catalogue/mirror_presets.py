# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Public mirrors by country, for C(torch_mirrors_preset)."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible.module_utils.common.yaml import yaml_load

NONE = "none"


@functools.cache
def mirror_presets() -> dict[str, list[dict[str, Any]]]:
    """Country -> mirrors, each with url, mirror, evidence and checked."""
    return yaml_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def requested_mirrors(request: Mapping[str, Any]) -> dict[str, str]:
    """The mirrors of a request: those of its preset, and its own, which count more."""
    preset = request["mirrors_preset"]
    public = {} if preset == NONE else {entry["url"]: entry["mirror"] for entry in mirror_presets()[preset]}
    return {**public, **request["mirrors"]}
