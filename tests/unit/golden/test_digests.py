# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The digests of the golden boards, recorded: whoever changes one makes fleets lock, install or compile anew.

    PYTHONPATH=.build/collections .build/test/bin/python tests/unit/golden/test_digests.py

writes them; do that only where boards shall get something else.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "support"))

import golden_support as golden  # noqa: E402  (found by the line above, when this file is run)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import (  # noqa: E402
    environment_id,
    lock_id,
)

pytestmark = golden.ON_ONE_WORKER
RECORDED = Path(__file__).with_name("digests.json")
LOCK = {"packages": [{"name": "torch", "version": "2.9.1", "sha256": "0" * 64}]}


def digests() -> dict[str, dict]:
    """By golden case that has a plan: the lock's key, the environment's id with one package, the builds' keys."""
    found = {}
    for case in golden.cases():
        _board, plan = golden.planned(case)
        if not plan["refusal"]:
            found[f"{case['family']}: {case['name']}"] = {
                "lock": lock_id(plan),
                "environment": environment_id(plan, LOCK),
                "builds": [build["key"] for build in plan["builds"]],
            }
    return found


def test_digests_are_those_that_fleets_have():
    recorded, found = json.loads(RECORDED.read_text(encoding="utf-8")), digests()
    changed = {name: (recorded[name], found.get(name)) for name in recorded if found.get(name) != recorded[name]}
    assert not changed
    assert set(found) == set(recorded), "new cases: run this file to record them"


if __name__ == "__main__":
    RECORDED.write_text(json.dumps(digests(), indent=1, sort_keys=True) + "\n", encoding="utf-8")
