# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The golden table against the engine and the catalogues as they stand; and what must be true of all catalogues
together.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import golden_support as golden
import jsonschema
import pytest
import referencing
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.packaging_shim import SpecifierSet, Version
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import common_rows, row_tables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import read_families

pytestmark = golden.ON_ONE_WORKER
CASES = golden.cases()
FAMILIES = sorted({case["family"] for case in CASES})
SCHEMAS = Path(golden.ROOT / "docs/schemas")
REGISTRY = referencing.Registry().with_resources(
    (path.name, referencing.Resource.from_contents(json.loads(path.read_text(encoding="utf-8"))))
    for path in SCHEMAS.glob("*.schema.json")
)


VALIDATORS = {
    noun: jsonschema.Draft202012Validator({"$ref": f"{noun}.schema.json"}, registry=REGISTRY)
    for noun in ("board", "plan")
}


@pytest.mark.parametrize(
    "case",
    CASES,
    ids=lambda case: f"{case['family']}: {case['name']}",
)
def test_golden(case):
    board, plan = golden.planned(case)
    VALIDATORS["board"].validate(board)
    VALIDATORS["plan"].validate(plan)
    found = golden.condensed(plan, board)
    assert found == {key: case[key] for key in ("plan", "refusal") if key in case}, case["because"]
    if plan["refusal"]:
        return
    assert plan["target"] == {
        "architecture": board["architecture"],
        "libc": board["libc"]["version"],
        "python": plan["python"]["version"],
    }
    assert plan["why"] and plan["evidence"]
    if "newest" in case:
        assert SpecifierSet(plan["torch"]["specifier"]).contains(Version(case["newest"]), prereleases=True)


@pytest.mark.parametrize("family", FAMILIES)
def test_every_row_decides_somewhere(family):
    """A row that no case reaches is a row of which nobody has thought what it is for."""
    rows = [row for row in golden.tables(family)[f"__{family}_catalogue"] if "accelerator" in row or "refuse" in row]
    assert {row["id"] for row in rows} - _reached([family], rows) == set()


def test_every_row_of_several_families_decides_somewhere():
    rows = [row for table in row_tables().values() for row in table]
    assert {row["id"] for row in rows} - _reached(FAMILIES, rows) == set()


def _reached(families, rows):
    refusing = {row["refuse"]: row["id"] for row in rows if "refuse" in row}
    reached = set()
    for case in CASES:
        if case["family"] in families:
            _board, plan = golden.planned(case)
            reached |= {plan["row"], (plan["otherwise"] or {}).get("row")} | {
                forced["row"] for forced in plan["forced"]
            }
            reached |= {
                refusing.get(reason.partition(": ")[2]) for reason in plan["why"] if reason.startswith("Without torch ")
            }
            if plan["refusal"]:
                reached.add(refusing.get(plan["refusal"]["reason"]))
                # An offer may be there to tell why it is none.
                reached |= {miss["row"] for miss in plan["refusal"]["nearly"] if miss["why"] in refusing}
    return reached


def test_the_table_is_whole():
    assert len(CASES) >= 60
    assert {"jetson", "raspberrypi", "pynq", "atlas", "x86_conda", "generic"} <= set(FAMILIES) <= set(read_families())
    names = [(case["family"], case["name"]) for case in CASES]
    assert len(names) == len(set(names))
    for case in CASES:
        assert set(case) <= golden.KEYS | {"family"}, case["name"]
        assert case["because"] and ("plan" in case) != ("refusal" in case), case["name"]


def test_it_is_no_table_of_refusals():
    refused = [case for case in CASES if "refusal" in case]
    assert 20 <= len(refused) <= len(CASES) / 2
    # A catch-all refusal would say the same of every board.
    assert len({case["refusal"]["reason"] for case in refused}) > 0.7 * len(refused)


def test_every_row_of_all_families_decides_somewhere():
    reasons = {case["refusal"]["reason"] for case in CASES if "refusal" in case}
    assert {row["refuse"] for row in common_rows() if "refuse" in row} <= reasons
    builds = [build for case in CASES for build in case.get("plan", {}).get("builds", ())]
    for recipe in [row["build"] for row in common_rows() if "build" in row]:
        assert any(
            all(command in build.get("commands", []) for command in recipe.get("commands", []))
            and recipe.get("features", {}).items() <= build.get("features", {}).items()
            for build in builds
        ), recipe


def test_the_command_that_the_catalogues_page_gives():
    """It runs as it is written, from a checkout, after make units; and it has nothing to print."""
    if not (golden.ROOT / ".build/test/bin/python").exists():
        pytest.skip("no .build/test (make units sets it up)")
    (command,) = re.findall(
        r"\$ (.*golden_support\.py .*)", (golden.ROOT / "docs/catalogue.md").read_text(encoding="utf-8")
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        cwd=golden.ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")
