# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Bills of materials, checked by CycloneDX's own validator."""

from __future__ import annotations

import json

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.bill_of_materials import file_name, list_bills
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.board_status import summarize_lock
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packageurl import PackageURL
from rollout_support import GOOD, LOCK

STARTED, FINISHED = "2026-11-23T03:00:00Z", "2026-11-23T04:00:00Z"
PACKAGES = [*LOCK["packages"], {"name": "Typing_Extensions", "version": "1.0+cpu", "sha256": "1" * 64}]


def status(verdict=GOOD, provider="venv", **board):
    return {
        "board": {"model": "Raspberry Pi 4", "os": {"id": "debian", "version_id": "12"}, "key": {}, **board},
        "plan": {"provider": provider},
        "lock": summarize_lock({**LOCK, "packages": PACKAGES}, "abc"),
        "verdict": verdict,
    }


def bill(made):
    """The bill of a board, valid by the schema of CycloneDX."""
    (text,) = list_bills(STARTED, FINISHED, {"pi": made}).values()
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(text) is None
    return json.loads(text)


def components(made):
    return {part["bom-ref"]: part for part in bill(made)["components"]}


def test_a_board_has_its_packages_and_its_system():
    key = {"kernel": "6.6", "driver": "580.95", "l4t": "38.2", "cann": None}
    found = components(status(key=key))
    assert {name: part["type"] for name, part in found.items()} == {
        "os": "operating-system",
        "kernel": "operating-system",
        "driver": "device-driver",
        "l4t": "platform",
        "pkg:pypi/torch@2.9.1": "library",
        "pkg:pypi/typing-extensions@1.0%2Bcpu": "library",
    }
    assert found["pkg:pypi/torch@2.9.1"]["hashes"] == [{"alg": "SHA-256", "content": "0" * 64}]
    assert (found["os"]["version"], found["l4t"]["version"]) == ("12", "38.2")
    parsed = PackageURL.from_string("pkg:pypi/typing-extensions@1.0%2Bcpu")
    assert (parsed.name, parsed.version) == ("typing-extensions", "1.0+cpu")


def test_it_names_board_environment_and_run():
    made = bill(status())
    device = made["metadata"]["component"]
    assert (device["type"], device["name"], device["description"]) == ("device", "pi", "Raspberry Pi 4")
    assert {entry["name"]: entry["value"] for entry in device["properties"]} == {
        "edgeai:environment": "abc",
        "edgeai:lock": "k",
    }
    assert made["dependencies"] == [{"ref": "board", "dependsOn": [part["bom-ref"] for part in made["components"]]}]
    assert made == bill(status())  # the same of the same run
    other = json.loads(list_bills("2026-11-22T03:00:00Z", FINISHED, {"pi": status()})["pi"])
    assert other["serialNumber"] != made["serialNumber"]


def test_conda_packages_are_not_those_of_pypi():
    assert "pkg:conda/torch@2.9.1" in components(status(provider="conda"))


def test_a_board_that_says_little():
    assert list(components(status(model=None, os={"id": None}))) == [
        "pkg:pypi/typing-extensions@1.0%2Bcpu",
        "pkg:pypi/torch@2.9.1",
    ]


def test_only_what_is_proven_to_be_there():
    lost = {"board": None, "plan": None, "lock": None, "verdict": make_verdict("unreachable", "no route")}
    failed = status(make_verdict("error", "it died"))
    unlocked = {**status(), "lock": None}
    assert list_bills(STARTED, FINISHED, {"lost": lost, "failed": failed, "unlocked": unlocked}) == {}


def test_any_host_has_a_file():
    assert [file_name(host) for host in ("pi-1.lab", "a/b", "../x", "größe")] == [
        "pi-1.lab.cdx.json",
        "a%2Fb.cdx.json",
        "..%2Fx.cdx.json",
        "gr%C3%B6%C3%9Fe.cdx.json",
    ]
