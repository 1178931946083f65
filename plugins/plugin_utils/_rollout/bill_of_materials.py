# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What is installed on a board, as a bill of materials (SBOM) in CycloneDX 1.6.

The format: https://cyclonedx.org/docs/1.6/json/
"""

from __future__ import annotations

import json
import typing as t
import urllib.parse
import uuid

from .._base.packaging_shim import canonicalize_name

BOARD = "board"


def list_bills(started: str, finished: str, statuses: t.Mapping[str, dict[str, t.Any]]) -> dict[str, str]:
    """By host the text of its file. Only of a satisfied board is it known that the lock's packages are on it."""
    return {
        host: json.dumps(_bill(started, finished, host, status), indent=2) + "\n"
        for host, status in statuses.items()
        if status["lock"] and status["board"] and status["verdict"]["satisfied"]
    }


def file_name(host: str) -> str:
    """A file name for any name of a host."""
    return urllib.parse.quote(host, safe="") + ".cdx.json"


def _bill(started: str, finished: str, host: str, status: dict[str, t.Any]) -> dict[str, t.Any]:
    board, lock = status["board"], status["lock"]
    kind = "conda" if (status["plan"] or {}).get("provider") == "conda" else "pypi"
    components = [
        *_system_components(board),
        *(_package_component(kind, name, package) for name, package in sorted(lock["packages"].items())),
    ]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.uuid5(uuid.NAMESPACE_URL, json.dumps([started, finished, host])).urn,
        "version": 1,
        "metadata": {
            "timestamp": finished,
            "tools": {"components": [{"type": "application", "group": "edgeai", "name": "fleet"}]},
            "component": {
                "type": "device",
                "bom-ref": BOARD,
                "name": host,
                **({"description": board["model"]} if board.get("model") else {}),
                "properties": [
                    {"name": "edgeai:environment", "value": str(lock["id"])},
                    {"name": "edgeai:lock", "value": lock["key"]},
                ],
            },
        },
        "components": components,
        "dependencies": [{"ref": BOARD, "dependsOn": [component["bom-ref"] for component in components]}],
    }


def _package_component(kind: str, name: str, package: dict[str, str]) -> dict[str, t.Any]:
    shown = canonicalize_name(name) if kind == "pypi" else name
    purl = f"pkg:{kind}/{shown}@{urllib.parse.quote(package['version'], safe='')}"
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": package["version"],
        "purl": purl,
        "hashes": [{"alg": "SHA-256", "content": package["sha256"]}],
    }


def _system_components(board: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    """What the board had, and what its verdict depends on."""
    system, key = board.get("os") or {}, board.get("key") or {}
    if system.get("id"):
        yield _component("operating-system", "os", system["id"], system.get("version_id"))
    if key.get("kernel"):
        yield _component("operating-system", "kernel", "linux", key["kernel"])
    for part, name in (("driver", "accelerator driver"), ("l4t", "NVIDIA L4T"), ("cann", "Huawei CANN")):
        if key.get(part):
            yield _component("device-driver" if part == "driver" else "platform", part, name, key[part])


def _component(kind: str, reference: str, name: str, version: str | None) -> dict[str, t.Any]:
    return {
        "type": kind,
        "bom-ref": reference,
        "name": name,
        **({"version": str(version)} if version else {}),
    }
