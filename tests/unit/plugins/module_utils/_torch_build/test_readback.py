# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a build was told and what came of it: lines of real caches and of real wheels."""

import shutil
import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.readback import compare_features, read_cache

FIVE = {"cuda": False, "distributed": False, "mkldnn": False, "qnnpack": False, "nnpack": False}
# Of the CMakeCache.txt of torch 2.6.0, built with these and more flags off, and with USE_QNNPACK=0, which it does not
# read any more.
CACHE = """\
# This is the CMakeCache file.
# KEY:TYPE=VALUE

//Build C++ test binaries (need gtest and gbenchmark)
BUILD_TEST:BOOL=False

//Use CUDA
USE_CUDA:BOOL=0

//Use distributed
USE_DISTRIBUTED:BOOL=0

//Use FBGEMM (quantized 8-bit server operators)
USE_FBGEMM:BOOL=OFF

//Use MKLDNN. Only available on x86, x86_64, and AArch64.
USE_MKLDNN:BOOL=0

//Use NNPACK
USE_NNPACK:BOOL=0

//Use NumPy
USE_NUMPY:BOOL=ON

//Use OpenMP for parallel code
USE_OPENMP:BOOL=ON

//Use ATen/QNNPACK (quantized 8-bit operators)
USE_PYTORCH_QNNPACK:BOOL=0

//No help, variable specified on the command line.
USE_QNNPACK:UNINITIALIZED=0

//Use XNNPACK
USE_XNNPACK:BOOL=0

CMAKE_EXPORT_BUILD_DATABASE-ADVANCED:INTERNAL=1
"""
# What wheels of PyPI and of download.pytorch.org say of themselves, shortened. That of 1.12.1 has MKL-DNN, whatever its
# settings say.
SHOWN = {
    "1.10.2": (
        """PyTorch built with:
  - Intel(R) MKL-DNN v2.2.3 (Git Hash 7336ca9f055cf1bfa13efb658fe15dc9b41f0740)
  - NNPACK is enabled
  - Build settings: BLAS_INFO=mkl, CUDA_VERSION=10.2, CXX_FLAGS= -DUSE_PTHREADPOOL -fopenmp -DUSE_KINETO \
-DUSE_FBGEMM -DUSE_QNNPACK \
-DUSE_PYTORCH_QNNPACK -DUSE_XNNPACK -O2, TORCH_VERSION=1.10.2, USE_CUDA=ON, USE_CUDNN=ON, USE_MKL=ON, \
USE_MKLDNN=ON, USE_MPI=OFF, USE_NCCL=ON, USE_NNPACK=ON, \
USE_OPENMP=ON,
"""
    ),
    "1.12.1": (
        """PyTorch built with:
  - Intel(R) MKL-DNN v2.6.0 (Git Hash 52b5f107dd9cf10910aaa19cb47f3abf9b349815)
  - NNPACK is enabled
  - Build settings: CXX_FLAGS= -DUSE_KINETO -DUSE_FBGEMM -DUSE_QNNPACK -DUSE_PYTORCH_QNNPACK -DUSE_XNNPACK \
-O2, TORCH_VERSION=1.12.1, \
USE_CUDA=ON, USE_CUDNN=ON, USE_MKL=ON, USE_MKLDNN=OFF, USE_MPI=OFF, USE_NCCL=ON, USE_NNPACK=ON, \
USE_OPENMP=ON, USE_ROCM=OFF,
"""
    ),
    "2.13.0": (
        """PyTorch built with:
  - Intel(R) MKL-DNN v3.12.0 (Git Hash 80afa71049cd69a3df32adcccb623b12cd7baa22)
  - NNPACK is enabled
  - Build settings: BLAS_INFO=mkl, CXX_FLAGS= -DUSE_PTHREADPOOL -DUSE_KINETO -DUSE_FBGEMM -DUSE_PYTORCH_QNNPACK -O2, \
TORCH_VERSION=2.13.0, USE_CUDA=0, USE_CUDNN=OFF, USE_CUSPARSELT=OFF, USE_GLOO=ON, USE_MKL=ON, USE_MKLDNN=ON, \
USE_MPI=OFF, USE_NCCL=OFF, USE_NNPACK=ON, \
USE_OPENMP=ON,
"""
    ),
}
NOTHING_SHOWN = "PyTorch built with:\n  - Build settings: USE_CUDA=0, USE_NNPACK=0, USE_OPENMP=ON, \n"


def test_the_five_flags_are_off_in_a_real_cache():
    found, problems = compare_features("2.6.0", FIVE, read_cache(CACHE), NOTHING_SHOWN)
    assert problems == []
    assert {name: found[name] for name in FIVE} == FIVE
    assert found["openmp"] is True and found["numpy"] is True and found["tests"] is False
    assert found["kineto"] is None and "caffe2" not in found


@pytest.mark.parametrize(
    "feature, variable",
    [
        ("cuda", "USE_CUDA"),
        ("distributed", "USE_DISTRIBUTED"),
        ("mkldnn", "USE_MKLDNN"),
        ("qnnpack", "USE_PYTORCH_QNNPACK"),
        ("nnpack", "USE_NNPACK"),
    ],
)
def test_a_flag_without_effect_is_named(feature, variable):
    cache = dict(read_cache(CACHE), **{variable: "ON"})
    found, problems = compare_features("2.6.0", FIVE, cache, "")
    assert problems == ["%s should be off, but %s is on (CMake's cache)" % (feature, variable)]
    assert found[feature] is True


def test_what_was_asked_for_and_is_not_there_is_named():
    _found, problems = compare_features(
        "2.6.0", {"fbgemm": True, "openmp": True, "kineto": True}, read_cache(CACHE), ""
    )
    assert problems == [
        "fbgemm should be on, but USE_FBGEMM is off (CMake's cache)",
        "kineto should be on, but USE_KINETO is not in CMake's cache",
    ]


@pytest.mark.parametrize(
    "version, feature, variable",
    [
        ("1.10.2", "cuda", "USE_CUDA"),
        ("1.10.2", "kineto", "USE_KINETO"),
        ("1.10.2", "xnnpack", "USE_XNNPACK"),
        ("1.12.1", "mkldnn", "USE_MKLDNN"),
        ("2.13.0", "fbgemm", "USE_FBGEMM"),
        ("2.13.0", "mkldnn", "USE_MKLDNN"),
        ("2.13.0", "nnpack", "USE_NNPACK"),
    ],
)
def test_the_wheel_has_the_last_word(version, feature, variable):
    assert compare_features(version, {feature: True}, {variable: "1"}, SHOWN[version]) == (
        compare_features(version, {}, {variable: "1"}, SHOWN[version])[0],
        [],
    )
    found, problems = compare_features(version, {feature: False}, {variable: "0"}, SHOWN[version])
    assert problems == ["%s should be off, but %s is on (torch.__config__.show())" % (feature, variable)]
    assert found[feature] is True


def test_a_wheel_without_what_cmake_was_told_to_put_in_is_found_out():
    _found, problems = compare_features("2.13.0", {"cuda": True}, {"USE_CUDA": "1"}, SHOWN["2.13.0"])
    assert problems == ["cuda should be on, but USE_CUDA is off (torch.__config__.show())"]


def test_both_copies_of_qnnpack_are_looked_at():
    _found, problems = compare_features(
        "1.10.2", {"qnnpack": False}, {"USE_QNNPACK": "0", "USE_PYTORCH_QNNPACK": "ON"}, ""
    )
    assert problems == ["qnnpack should be off, but USE_PYTORCH_QNNPACK is on (CMake's cache)"]
    found, problems = compare_features(
        "1.10.2", {"qnnpack": False, "pytorch_qnnpack": True}, {"USE_QNNPACK": "0", "USE_PYTORCH_QNNPACK": "ON"}, ""
    )
    assert problems == [] and found["pytorch_qnnpack"] is True


def test_before_1_2_what_no_variables_asked_for_is_read_back_under_the_names_that_cmake_has():
    cache = {"USE_CUDA": "0", "USE_NNPACK": "ON", "USE_QNNPACK": "OFF", "BUILD_TEST": "ON"}
    _found, problems = compare_features(
        "1.0.1", {"cuda": False, "nnpack": False, "qnnpack": False, "tests": False}, cache, ""
    )
    assert problems == [
        "nnpack should be off, but USE_NNPACK is on (CMake's cache)",
        "tests should be off, but BUILD_TEST is on (CMake's cache)",
    ]


def test_an_empty_cache_proves_nothing():
    assert compare_features("2.6.0", FIVE, read_cache("no cache at all\n"), "")[1] == [
        "CMake's cache has no options, so nothing can be compared"
    ]


@pytest.mark.skipif(not shutil.which("cmake"), reason="needs cmake")
def test_the_cache_of_a_real_cmake(tmp_path):
    """An option that nobody reads, and one whose condition does not hold: the cache has what was asked for, the build
    has not.
    """
    (tmp_path / "CMakeLists.txt").write_text(
        'cmake_minimum_required(VERSION 3.10)\nproject(torch NONE)\ninclude(CMakeDependentOption)\noption(USE_CUDA ""'
        ' ON)\noption(USE_NNPACK "" ON)\ncmake_dependent_option(USE_CUDNN "" ON "USE_CUDA" OFF)\n'
    )
    build = tmp_path / "build"
    build.mkdir()
    given = ["-DUSE_CUDA=0", "-DUSE_CUDNN=1", "-DUSE_KINETO=0"]
    subprocess.check_output(["cmake", str(tmp_path)] + given, cwd=str(build), stderr=subprocess.STDOUT)
    cache = read_cache((build / "CMakeCache.txt").read_text())
    assert cache == {"USE_CUDA": "0", "USE_CUDNN": "OFF", "USE_KINETO": None, "USE_NNPACK": "ON"}
    found, problems = compare_features(
        "2.6.0", {"cuda": False, "cudnn": True, "kineto": False, "nnpack": True}, cache, ""
    )
    assert problems == [
        "cudnn should be on, but USE_CUDNN is off (CMake's cache)",
        "kineto should be off, but this source does not read USE_KINETO",
    ]
    assert found["cudnn"] is False and found["kineto"] is None
