# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Features of a build: what each release of PyTorch reads."""

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import (
    FEATURES,
    FeatureProblem,
    cmake_range,
    feature_variables,
    python_range,
    switching_variables,
)

# The flags that a board without a GPU was always built with: NO_CUDA, NO_DISTRIBUTED, NO_MKLDNN, NO_QNNPACK, NO_NNPACK.
FIVE = {"cuda": False, "distributed": False, "mkldnn": False, "qnnpack": False, "nnpack": False}
# https://github.com/pytorch/pytorch/commit/dc186cc9fec7 (0.4.1): setup.py copies NO_* to USE_*, but mkldnn.py and
# nnpack.py read NO_* only.
# https://github.com/pytorch/pytorch/pull/22367 (1.2.0): nnpack.py and qnnpack.py, which read NO_* only, are gone.
# https://github.com/pytorch/pytorch/pull/25844 (1.3.0): the second copy of QNNPACK.
# https://github.com/pytorch/pytorch/pull/32447 (1.5.0): NO_* is no longer copied.
# https://github.com/pytorch/pytorch/pull/126941 (2.4.0): the first copy of QNNPACK is gone.
HONOURED = {
    "0.3.0": "NO_CUDA=1 NO_DISTRIBUTED=1 NO_NNPACK=1",
    "0.4.0": "NO_CUDA=1 NO_DISTRIBUTED=1 NO_MKLDNN=1 NO_NNPACK=1",
    "0.4.1": "NO_CUDA=1 USE_CUDA=0 NO_DISTRIBUTED=1 USE_DISTRIBUTED=0 NO_MKLDNN=1 NO_NNPACK=1",
    "1.0.0": (
        "NO_CUDA=1 USE_CUDA=0 NO_DISTRIBUTED=1 USE_DISTRIBUTED=0 NO_MKLDNN=1 USE_MKLDNN=0 NO_NNPACK=1 NO_QNNPACK=1"
    ),
    "1.0.1": (
        "NO_CUDA=1 USE_CUDA=0 NO_DISTRIBUTED=1 USE_DISTRIBUTED=0 NO_MKLDNN=1 USE_MKLDNN=0 NO_NNPACK=1 NO_QNNPACK=1"
    ),
    "1.1.0": (
        "NO_CUDA=1 USE_CUDA=0 NO_DISTRIBUTED=1 USE_DISTRIBUTED=0 NO_MKLDNN=1 USE_MKLDNN=0 NO_NNPACK=1 NO_QNNPACK=1"
    ),
    "1.2.0": "USE_CUDA=0 USE_DISTRIBUTED=0 USE_MKLDNN=0 USE_NNPACK=0 USE_QNNPACK=0",
    "1.4.0": "USE_CUDA=0 USE_DISTRIBUTED=0 USE_MKLDNN=0 USE_NNPACK=0 USE_QNNPACK=0 USE_PYTORCH_QNNPACK=0",
    "1.4.1": "USE_CUDA=0 USE_DISTRIBUTED=0 USE_MKLDNN=0 USE_NNPACK=0 USE_QNNPACK=0 USE_PYTORCH_QNNPACK=0",
    "1.5.0": "USE_CUDA=0 USE_DISTRIBUTED=0 USE_MKLDNN=0 USE_NNPACK=0 USE_QNNPACK=0 USE_PYTORCH_QNNPACK=0",
    "2.3.1": "USE_CUDA=0 USE_DISTRIBUTED=0 USE_MKLDNN=0 USE_NNPACK=0 USE_QNNPACK=0 USE_PYTORCH_QNNPACK=0",
    "2.6.0": "USE_CUDA=0 USE_DISTRIBUTED=0 USE_MKLDNN=0 USE_NNPACK=0 USE_PYTORCH_QNNPACK=0",
}


@pytest.mark.parametrize("version", sorted(HONOURED))
def test_the_five_flags_become_what_each_release_honours(version):
    assert " ".join("%s=%s" % pair for pair in feature_variables(version, FIVE).items()) == HONOURED[version]


@pytest.mark.parametrize("version", sorted(HONOURED))
def test_what_is_asked_for_is_the_opposite_of_what_is_refused(version):
    wanted = {name: True for name in FIVE if switching_variables(version, name)}
    refused = feature_variables(version, FIVE)
    assert feature_variables(version, wanted) == {
        variable: {"0": "1", "1": "0"}[value] for variable, value in refused.items()
    }


def test_no_release_from_1_2_on_is_given_a_flag_that_it_warns_of_or_ignores():
    for version in ("1.2.0", "1.4.0", "1.5.0", "1.13.1", "2.6.0", "2.13.0"):
        wanted = {name: True for name in FEATURES if switching_variables(version, name)}
        assert not [variable for variable in feature_variables(version, wanted) if variable.startswith("NO_")]


@pytest.mark.parametrize(
    "name, first, variable",
    [
        ("tensorpipe", "1.6.0", "USE_TENSORPIPE"),
        ("kineto", "1.8.0", "USE_KINETO"),
        ("xnnpack", "1.5.0", "USE_XNNPACK"),
        ("itt", "1.13.0", "USE_ITT"),
        ("cusparselt", "2.1.0", "USE_CUSPARSELT"),
        ("flash_attention", "2.0.0", "USE_FLASH_ATTENTION"),
        ("mem_eff_attention", "2.2.0", "USE_MEM_EFF_ATTENTION"),
        ("fbgemm", "1.2.0", "USE_FBGEMM"),
        ("native_arch", "1.2.0", "USE_NATIVE_ARCH"),
        ("openmp", "1.2.0", "USE_OPENMP"),
        ("gloo", "1.2.0", "USE_GLOO"),
        ("mpi", "1.2.0", "USE_MPI"),
        ("numpy", "1.2.0", "USE_NUMPY"),
        ("nccl", "1.1.0", "USE_NCCL"),
        ("pytorch_qnnpack", "1.3.0", "USE_PYTORCH_QNNPACK"),
    ],
)
def test_a_feature_is_switched_from_its_first_release_on(name, first, variable):
    assert feature_variables(first, {name: False}) == {variable: "0"}
    assert feature_variables(first, {name: True}) == {variable: "1"}


def test_to_be_without_what_a_release_does_not_have_is_no_problem():
    assert feature_variables("1.4.0", {"kineto": False, "xnnpack": False, "tensorpipe": False}) == {}
    assert feature_variables("2.6.0", {"caffe2": False, "tensorrt": False}) == {}


def test_a_feature_that_a_release_does_not_have_cannot_be_asked_for():
    with pytest.raises(FeatureProblem, match=r"torch 1\.4\.0 has no kineto .*it can be switched from 1\.8 on"):
        feature_variables("1.4.0", {"kineto": True})
    with pytest.raises(FeatureProblem, match=r"torch 2\.6\.0 has no caffe2 .*it was removed in 2\.4"):
        feature_variables("2.6.0", {"caffe2": True})


@pytest.mark.parametrize("wanted", [True, False])
def test_a_feature_that_a_release_cannot_switch_is_not_ignored(wanted):
    with pytest.raises(FeatureProblem, match=r"torch 1\.1\.0 cannot switch openmp .*from 1\.2 on"):
        feature_variables("1.1.0", {"openmp": wanted})


@pytest.mark.parametrize(
    "written, meant",
    [
        ("qnpack", "qnnpack"),
        ("mkl_dnn", "mkldnn"),
        ("NO_CUDA", "cuda"),
        ("USE_DISTRIBUTED", "distributed"),
        ("test", "tests"),
    ],
)
def test_an_unknown_feature_suggests_the_nearest_one(written, meant):
    with pytest.raises(FeatureProblem, match="did you mean %s\\?" % meant):
        feature_variables("2.6.0", {written: False})


def test_an_unknown_feature_that_is_near_to_none_lists_all():
    with pytest.raises(FeatureProblem, match="unknown feature 'zzz'; known are: caffe2, cuda, .*, xnnpack"):
        feature_variables("2.6.0", {"zzz": False})


@pytest.mark.parametrize("value", ["no", 0, None])
def test_a_feature_is_true_or_false(value):
    with pytest.raises(FeatureProblem, match="cuda is %r, it must be true or false" % (value,)):
        feature_variables("2.6.0", {"cuda": value})


def test_the_two_copies_of_qnnpack_may_differ_where_there_are_two():
    differing = {"pytorch_qnnpack": True, "qnnpack": False}
    assert feature_variables("1.7.0", differing) == {"USE_QNNPACK": "0", "USE_PYTORCH_QNNPACK": "1"}
    with pytest.raises(FeatureProblem, match="switches qnnpack and pytorch_qnnpack together \\(USE_PYTORCH_QNNPACK\\)"):
        feature_variables("2.6.0", differing)
    assert feature_variables("2.6.0", {"pytorch_qnnpack": False, "qnnpack": False}) == {"USE_PYTORCH_QNNPACK": "0"}


@pytest.mark.parametrize(
    "version, oldest, newest",
    [
        ("0.4.0", (3, 5), (3, 6)),
        ("1.3.1", (3, 5), (3, 7)),
        ("1.5.1", (3, 5), (3, 8)),
        ("1.9.1", (3, 6), (3, 9)),
        ("1.10.0", (3, 6), (3, 9)),
        ("1.10.2", (3, 6), (3, 10)),
        ("1.11.0", (3, 7), (3, 10)),
        ("1.13.1", (3, 7), (3, 11)),
        ("2.4.1", (3, 8), (3, 12)),
        ("2.6.0", (3, 9), (3, 13)),
        ("2.9.1", (3, 10), (3, 14)),
        ("2.15.0", (3, 11), (3, 15)),
        ("2.16.0", (3, 11), None),
    ],
)
def test_the_pythons_of_a_release(version, oldest, newest):
    assert python_range(version) == (oldest, newest)


@pytest.mark.parametrize(
    "version, oldest, too_new",
    [
        ("0.4.0", (3, 5), (4, 0)),
        ("1.9.1", (3, 5), (4, 0)),
        ("1.10.0", (3, 10), (4, 0)),
        ("1.11.0", (3, 13), (4, 0)),
        ("2.0.0", (3, 18), (4, 0)),
        ("2.7.1", (3, 18), (4, 0)),
        ("2.8.0", (3, 18), None),
        ("2.9.0", (3, 27), None),
    ],
)
def test_the_cmake_of_a_release(version, oldest, too_new):
    assert cmake_range(version) == (oldest, too_new)


def test_a_pre_release_is_built_like_its_release():
    assert feature_variables("1.5.0a0", FIVE) == feature_variables("1.5.0", FIVE)


@pytest.mark.parametrize(
    "version, problem", [("0.2.0", "older than 0.3"), ("master", "'master' is not a version of PyTorch")]
)
def test_a_version_that_is_not_known_is_no_guess(version, problem):
    with pytest.raises(FeatureProblem, match=problem):
        feature_variables(version, FIVE)
    with pytest.raises(FeatureProblem, match=problem):
        python_range(version)


def test_what_is_not_built_by_setup_py_any_more_is_refused_before_it_is_tried():
    with pytest.raises(
        FeatureProblem, match=r"torch 2\.14\.0 is not built by setup\.py, and no other way is supported"
    ):
        feature_variables("2.14.0", {})
    assert feature_variables("2.13.0", {"cuda": False}) == {"USE_CUDA": "0"}
