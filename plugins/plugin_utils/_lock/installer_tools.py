# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The installers for boards, pinned by hash: uv installs wheels, py-rattler installs conda packages.

Evidence: https://pypi.org/simple/uv/ and https://pypi.org/simple/py-rattler/ (names, sizes and hashes). The build for
the oldest glibc is pinned (2.17, py-rattler for aarch64: 2.28), so that the oldest supported board runs it too.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base.urls import mirror_url
from .._model.artifact import make_artifact
from .._wheelhouse.package_index import Sources
from .._wheelhouse.pip_config import PYPI

_FILES = "https://files.pythonhosted.org/packages"


def _pinned_tool(name: str, version: str, tags: str, folder: str, size: int, sha256: str) -> dict[str, Any]:
    filename = f"{name.replace('-', '_')}-{version}-{tags}.whl"
    return make_artifact(filename, f"{_FILES}/{folder}/{filename}", sha256, name, version, size)


# By provider and architecture.
TOOLS: dict[str, dict[str, list[dict[str, Any]]]] = {
    "venv": {
        "x86_64": [
            _pinned_tool(
                "uv",
                "0.13.9",
                "py3-none-manylinux_2_17_x86_64.manylinux2014_x86_64",
                "3d/aa/26d64642d808de4a652579ef950d7cd2d37f080a8babf9c67c6b75fc4c3f",
                17606939,
                "d7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19",
            )
        ],
        "aarch64": [
            _pinned_tool(
                "uv",
                "0.13.9",
                "py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64",
                "57/15/94b6cd62ac3ff6550288328e8035288875197cbc183f51554b266a69877b",
                18026789,
                "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe",
            )
        ],
        "armv7l": [
            _pinned_tool(
                "uv",
                "0.13.9",
                "py3-none-manylinux_2_17_armv7l.manylinux2014_armv7l",
                "35/c6/0d0fde6157e71381f9c4b1789b5079b8c45c530709169471484a0d4846d7",
                17937793,
                "16963d19594e18d746a70c7fce82237bde4f2cac4cfcf0ca2b84796fe9d0c6e9",
            )
        ],
    },
    "conda": {
        "x86_64": [
            _pinned_tool(
                "py-rattler",
                "0.28.0",
                "cp310-abi3-manylinux_2_17_x86_64.manylinux2014_x86_64",
                "8f/6d/3fa200701f73ba8c2230d76f01c4e928c1abad98d6c43722f5cace3c12ab",
                24874516,
                "4f4ab1d34d5394e7ce130a86e59009c95ace4f5757d9c3af04de1351bcea47eb",
            )
        ],
        "aarch64": [
            _pinned_tool(
                "py-rattler",
                "0.28.0",
                "cp310-abi3-manylinux_2_28_aarch64",
                "ab/d1/2160739ab3796b2285871c3b653ceefab19fa5d7dcf3179e7435f0bfacbd",
                26589741,
                "61b24202374188e72130f1b3dc63b455befaafc3e49e5481a38b6a6c8828c1e0",
            )
        ],
    },
}


def tools_for(plan: dict[str, Any], index: Sources) -> list[dict[str, Any]]:
    """The pinned tools; if pip is configured without PyPI, with the URL of an index that has the same file."""
    sources = index.configuration.sources
    has_pypi = any(source.location.rstrip("/") == PYPI for source in sources)
    tools = []
    for tool in TOOLS[plan["provider"]][plan["target"]["architecture"]]:
        urls = [
            entry["url"]
            for source in (() if has_pypi else sources)
            for entry in index.files_of(source, tool["name"]) or ()
            if entry["filename"] == tool["filename"] and entry["sha256"] in (None, tool["sha256"])
        ]
        tools.append({**tool, "url": redact(mirror_url([*urls, tool["url"]][0], plan["mirrors"]))})
    return tools
