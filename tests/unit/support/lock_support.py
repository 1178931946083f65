# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Helpers for the tests of locks, pins and the wheelhouse."""

from __future__ import annotations

import os

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.errors import Refused
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.uv import find_uv

ARM = "cp311-cp311-manylinux_2_28_aarch64"
X86 = "cp311-cp311-manylinux_2_28_x86_64"


def have_uv():
    try:
        return bool(find_uv())
    except RuntimeError:
        return False


needs_uv = pytest.mark.skipif(
    not have_uv() and os.environ.get("CI") != "true", reason="uv is not installed beside this Python"
)


def refusal(action, *arguments) -> dict:
    with pytest.raises(Refused) as caught:
        action(*arguments)
    assert set(caught.value.refusal) == {"reason", "nearly", "way_out"} and caught.value.refusal["way_out"]
    return caught.value.refusal


def versions(lock) -> dict:
    return {package["name"]: package["version"] for package in lock["packages"]}
