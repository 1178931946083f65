# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of an artifact: the schema, the constructor and whoever reads one agree."""

from __future__ import annotations

import json
from pathlib import Path

import yaml
from ansible_collections.edgeai.fleet.plugins.modules import torch_env
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.artifact import KEYS, make_artifact

SCHEMA = json.loads((Path(__file__).parents[5] / "docs/schemas/lock.schema.json").read_text("utf-8"))


def test_the_schema_has_the_keys_of_the_constructor():
    artifact = SCHEMA["$defs"]["artifact"]
    assert set(artifact["properties"]) == set(artifact["required"]) == KEYS


def test_the_board_takes_what_a_lock_has():
    """The module has no default for a key that the lock does not have, and knows each that it has."""
    options = yaml.safe_load(torch_env.DOCUMENTATION)["options"]
    assert set(options["artifacts"]["suboptions"]) == set(options["tools"]["suboptions"]) == KEYS


def test_pinned_tools_are_artifacts():
    for architectures in TOOLS.values():
        for tools in architectures.values():
            assert all(set(tool) == KEYS for tool in tools)


def test_a_url_is_kept_without_its_password():
    assert make_artifact("a.run", "https://me:word@host/a.run", "")["url"] == "https://host/a.run"
