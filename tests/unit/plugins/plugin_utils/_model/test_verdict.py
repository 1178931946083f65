# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A verdict has the same keys wherever it is made or described."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path

import jsonschema
import yaml
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.probe_process import run_probe
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import judge
from ansible_collections.edgeai.fleet.plugins.modules import torch_verify
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import complete_verdict, make_verdict

ROOT = Path(__file__).resolve().parents[5]
SCHEMA = json.loads((ROOT / "docs/schemas/verdict.schema.json").read_text(encoding="utf-8"))
KEYS = set(SCHEMA["properties"])


def test_the_control_node_makes_what_the_schema_describes():
    verdict = make_verdict("refused", "no wheel fits")
    assert set(verdict) == KEYS
    jsonschema.validate(verdict, SCHEMA)
    assert make_verdict("error", "x", expect="cuda")["expect"] == "cuda"


def test_a_board_makes_what_the_schema_describes():
    verdict = judge(run_probe(sys.executable, {"PYTHONNOUSERSITE": "1", "PYTHONPATH": ""}))
    assert set(verdict) == KEYS
    jsonschema.validate(verdict, SCHEMA)


def test_the_module_documents_every_key():
    assert set(yaml.safe_load(torch_verify.RETURN)["verdict"]["contains"]) == KEYS


def test_a_rollback_without_a_stored_verdict_uses_keys_of_the_schema():
    """The board writes such a verdict with some of the keys only; complete_verdict adds the others."""
    source = (ROOT / "plugins/module_utils/_environment/switch.py").read_text(encoding="utf-8")
    names = [
        {key.value for key in node.keys if isinstance(key, ast.Constant)}
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Dict)
    ]
    (partial,) = [keys for keys in names if {"outcome", "satisfied"} <= keys]
    assert partial <= KEYS
    assert set(complete_verdict({"verdict": dict.fromkeys(partial)})) == KEYS
