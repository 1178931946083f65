# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The keys of a lock: the schema, the constructor and whoever reads one agree."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.files import write_atomically
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import lock_id, read_lock, render_lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.artifact import KEYS as ARTIFACT_KEYS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.artifact import make_artifact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.lock import (
    KEYS,
    OPTIONAL_KEYS,
    artifacts_of,
    make_lock,
)
from plan_support import validate

SCHEMA = json.loads((Path(__file__).parents[5] / "docs/schemas/lock.schema.json").read_text("utf-8"))


@pytest.fixture
def lock(plan):
    torch = make_artifact("torch-2.9.1-py3-none-any.whl", "https://x/torch.whl", "0" * 64, "torch", "2.9.1")
    keyring = make_artifact("keyring.deb", "https://x/keyring.deb", "1" * 64)
    return make_lock(lock_id(plan()), plan(), "2.9.1", [torch], [torch], [keyring], ["https://x"], ["warning"])


def test_the_schema_has_the_keys_of_the_constructor(lock):
    assert set(SCHEMA["required"]) == KEYS and set(SCHEMA["properties"]) == KEYS | OPTIONAL_KEYS
    validate("lock", lock)
    validate("lock", {**lock, "uploaded_before": "2026-11-16T00:00:00Z"})


def test_every_artifact_of_a_lock_is_found(lock):
    lists = {name for name, value in lock.items() if value and isinstance(value, list) and isinstance(value[0], dict)}
    assert artifacts_of(lock) == [artifact for name in ("packages", "tools", "files") for artifact in lock[name]]
    assert lists == {"packages", "tools", "files"}


@pytest.mark.parametrize("key", sorted(KEYS))
def test_a_lock_that_lacks_a_key_is_damaged(lock, tmp_path, key):
    wanted = lock["key"]
    del lock[key]
    write_atomically(tmp_path / "lock.json", render_lock(lock))
    with pytest.raises(ValueError, match="schema|key|entries"):
        read_lock(tmp_path / "lock.json", wanted)


@pytest.mark.parametrize("key", sorted(ARTIFACT_KEYS))
def test_a_lock_with_an_artifact_that_lacks_a_key_is_damaged(lock, tmp_path, key):
    del lock["packages"][0][key]
    write_atomically(tmp_path / "lock.json", render_lock(lock))
    with pytest.raises(ValueError, match="incomplete"):
        read_lock(tmp_path / "lock.json", lock["key"])
