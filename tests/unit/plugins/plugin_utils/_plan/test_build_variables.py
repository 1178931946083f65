# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""NO_CUDA and its kin in torch_build_environment: what a plan says of them."""

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.build_variables import feature_variables_in
from plan_support import board, planned, system

ROW = {
    "id": "built",
    "accelerator": "cpu",
    "action": "build",
    "torch": ">=1.2",
    "build": {"features": {"cuda": False, "distributed": False}},
}


def plan(version, **environment):
    pi = board("raspberrypi", "aarch64", system("3.6.9" if version.startswith("1.4") else "3.9.2"))
    return planned(pi, [ROW], version=version, build_environment=environment)


@pytest.mark.parametrize(
    ("name", "value", "version", "feature", "state", "read"),
    [
        ("NO_CUDA", "1", "1.4.0", "cuda", False, True),  # with a warning of its own, from 1.2.0 on
        ("NO_CUDA", "1", "1.5.0", "cuda", False, False),
        ("NO_CUDA", "0", "2.6.0", "cuda", True, False),
        ("NO_DISTRIBUTED", "ON", "2.6.0", "distributed", False, False),
        ("NO_MKLDNN", "1", "1.0.0", "mkldnn", False, True),
        ("NO_NNPACK", "1", "1.1.0", "nnpack", False, True),
        ("USE_NNPACK", "0", "1.1.0", "nnpack", False, False),
        ("USE_NNPACK", "0", "1.2.0", "nnpack", False, True),
        ("NO_QNNPACK", "1", "1.4.0", "qnnpack", False, True),
        ("USE_QNNPACK", "0", "2.6.0", "qnnpack", False, False),
        ("USE_PYTORCH_QNNPACK", "0", "2.6.0", "pytorch_qnnpack", False, True),
        ("NO_XNNPACK", "1", "2.6.0", "xnnpack", False, False),  # no release has read that one
        ("USE_XNNPACK", "0", "1.4.0", "xnnpack", False, False),
        ("BUILD_TEST", "0", "2.6.0", "tests", False, True),
        ("USE_KINETO", "1", "2.6.0", "kineto", True, True),
    ],
)
def test_variables(name, value, version, feature, state, read):
    assert feature_variables_in({name: value}, version) == [(name, value, feature, state, read)]


def test_others_are_no_features():
    assert feature_variables_in({"BLAS": "OpenBLAS", "USE_SYSTEM_LIBS": "ON", "CXXFLAGS": "-O1"}, "2.6.0") == []


def test_one_that_is_ignored_and_off_anyway_is_a_reason():
    made = plan("2.6.0", NO_CUDA="1")
    assert (
        "NO_CUDA=1 in torch_build_environment is the feature cuda: torch 2.6.0 ignores it; the build has cuda: false"
        " without it." in made["why"]
    )
    assert not any("NO_CUDA" in warning for warning in made["warnings"])


def test_one_that_is_ignored_is_a_warning():
    assert (
        "NO_NNPACK=1 in torch_build_environment is the feature nnpack, but torch 2.6.0 ignores it: set"
        " torch_build_features: {nnpack: false} instead." in plan("2.6.0", NO_NNPACK="1")["warnings"]
    )


def test_one_that_is_read_is_a_reason():
    made = plan("2.6.0", USE_KINETO="0")
    assert any("torch 2.6.0 reads it. As torch_build_features: {kineto: false}" in reason for reason in made["why"])
    assert any("reads it; the build has cuda: false" in reason for reason in plan("1.4.0", NO_CUDA="1")["why"])


@pytest.mark.parametrize(("name", "value"), [("USE_CUDA", "1"), ("NO_DISTRIBUTED", "0")])
def test_one_that_contradicts_the_features_is_refused(name, value):
    refusal = plan("2.6.0", **{name: value})["refusal"]
    assert f"torch_build_environment has {name}={value}" in str(refusal)
    assert "torch_build_features" in refusal["way_out"]


def test_all_of_the_old_instructions_at_once():
    old = dict.fromkeys(("NO_CUDA", "NO_DISTRIBUTED", "NO_MKLDNN", "NO_NNPACK", "NO_QNNPACK"), "1")
    made = plan("2.6.0", **old)
    assert sum("ignores it" in text for text in (*made["why"], *made["warnings"])) == 5
