# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pairs of torch_npu and torch that a diagnosis names are those of the catalogue."""

import importlib.util
import os
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose, diagnose_text, name_pair
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.release_pairs import PAIRS
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import add_board
from field_texts import ATLAS
from verdict_support import failed, seen

REPOSITORY = os.path.abspath(os.path.join(os.path.dirname(__file__), *[".."] * 5))
MISMATCH = "/v/torch_npu/lib/libtorch_npu.so: undefined symbol: MsprofSysCycleTime"


@pytest.mark.skipif(sys.version_info < (3, 10), reason="tools run on the control node")
def test_the_pairs_are_those_of_the_catalogue():
    path = os.path.join(REPOSITORY, "tools", "npu_pairs.py")
    specification = importlib.util.spec_from_file_location("npu_pairs", path)
    tool = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(tool)
    with open(str(tool.MODULE), encoding="utf-8") as file:
        assert file.read() == tool.module(), "run: python tools/npu_pairs.py"
    assert len(PAIRS) == 12 and PAIRS["9.0.0"][0] == ("2.10.0", "2.10.0.post2")


@pytest.mark.parametrize(
    ("cann", "words"),
    [
        ("9.0.0", "for CANN 9.0.0 the catalogue has torch_npu 2.10.0.post2 with torch 2.10.0"),
        ("9.1.2", "for CANN 9.1.1 the catalogue has"),  # a patch release: the newest of its family
        ("8.5.2", "for CANN 8.5.0 the catalogue has torch_npu 2.9.0 with torch 2.9.0"),
        ("8.0.RC2.alpha001", "for CANN 8.0.RC2 the catalogue has"),
        ("8.0.rc3", "for CANN 8.0.RC3 the catalogue has"),
        ("7.0.0", "for CANN 7.0.0 the catalogue has torch_npu 2.1.0 with torch 2.1.0"),
        ("8.0.RC9", "edgeai.fleet.explain names"),
        ("11.0", "edgeai.fleet.explain names"),
        (None, "edgeai.fleet.explain names"),
    ],
)
def test_the_pair_for_a_cann(cann, words):
    assert name_pair(cann).startswith(words)


def test_a_mismatch_names_both_versions_and_the_pair():
    evidence = seen(family="atlas", checks=[failed("backend", "ImportError", MISMATCH)])
    evidence["surroundings"]["versions"] = {"torch-npu": "2.7.1"}
    add_board(evidence, ATLAS, False)
    found = diagnose(evidence)
    assert found["id"] == "NPU-20" and "torch_npu 2.7.1 and CANN 9.0.0" in found["cause"]
    assert "torch_npu 2.10.0.post2 with torch 2.10.0" in found["fix"]


def test_a_pasted_mismatch_says_its_versions_itself():
    found = diagnose_text("torch-npu 2.5.1, CANN 8.5.0\n" + MISMATCH, family="atlas")
    assert "torch_npu 2.5.1 and CANN 8.5.0" in found["cause"] and "torch_npu 2.9.0 with torch 2.9.0" in found["fix"]
    found = diagnose_text(MISMATCH + " (/usr/local/Ascend/ascend-toolkit/8.3.RC1/lib64)", family="atlas")
    assert "CANN 8.3.RC1" in found["cause"] and "torch_npu 2.8.0 with torch 2.8.0" in found["fix"]
