# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Features instead of flags: the variables by which each release of PyTorch includes or leaves out a part.

A flag that a release does not read is silently ignored (NO_CUDA since 1.5.0, USE_NNPACK before 1.2.0), and the wrong
thing is compiled for hours. So a build names features, which are translated to the variables that its version reads.
docs/build-features.md is generated from these tables, and has their sources.
"""

import collections
import difflib
import re

from .._base.errors import EnvironmentProblem

# `forms`: the variables that switch it, by the first release. '' = it is there, but cannot be switched; None = it was
# removed.
Feature = collections.namedtuple("Feature", ["what", "forms"])
FIXED, GONE = "", None

FEATURES = collections.OrderedDict(
    [
        ("cuda", Feature("NVIDIA's GPUs", (("0.3", "NO_CUDA"), ("0.4.1", "NO_CUDA USE_CUDA"), ("1.2", "USE_CUDA")))),
        (
            "cudnn",
            Feature(
                "NVIDIA's library of convolutions",
                (("0.3", "NO_CUDNN"), ("0.4.1", "NO_CUDNN USE_CUDNN"), ("1.2", "USE_CUDNN")),
            ),
        ),
        ("cusparselt", Feature("NVIDIA's library for sparse matrices", (("2.1", "USE_CUSPARSELT"),))),
        (
            "tensorrt",
            Feature(
                "NVIDIA's TensorRT, for Caffe2",
                (("1.1", "NO_TENSORRT USE_TENSORRT"), ("1.2", "USE_TENSORRT"), ("2.4", GONE)),
            ),
        ),
        ("flash_attention", Feature("flash attention on GPUs", (("2.0", "USE_FLASH_ATTENTION"),))),
        ("mem_eff_attention", Feature("memory-efficient attention on GPUs", (("2.2", "USE_MEM_EFF_ATTENTION"),))),
        (
            "distributed",
            Feature(
                "torch.distributed",
                (("0.3", "NO_DISTRIBUTED"), ("0.4.1", "NO_DISTRIBUTED USE_DISTRIBUTED"), ("1.2", "USE_DISTRIBUTED")),
            ),
        ),
        ("nccl", Feature("torch.distributed over NCCL", (("0.3", FIXED), ("1.1", "USE_NCCL")))),
        ("gloo", Feature("torch.distributed over Gloo", (("0.3", FIXED), ("1.2", "USE_GLOO")))),
        ("mpi", Feature("torch.distributed over MPI", (("0.3", FIXED), ("1.2", "USE_MPI")))),
        ("tensorpipe", Feature("RPC over TensorPipe", (("1.6", "USE_TENSORPIPE"),))),
        (
            "mkldnn",
            Feature(
                "oneDNN, before that MKL-DNN",
                (("0.4", "NO_MKLDNN"), ("1.0", "NO_MKLDNN USE_MKLDNN"), ("1.2", "USE_MKLDNN")),
            ),
        ),
        ("nnpack", Feature("convolutions by NNPACK", (("0.3", "NO_NNPACK"), ("1.2", "USE_NNPACK")))),
        # A variable of two features belongs to the later one.
        (
            "qnnpack",
            Feature(
                "8-bit operators by QNNPACK, both copies of it",
                (
                    ("1.0", "NO_QNNPACK"),
                    ("1.2", "USE_QNNPACK"),
                    ("1.3", "USE_QNNPACK USE_PYTORCH_QNNPACK"),
                    ("2.4", "USE_PYTORCH_QNNPACK"),
                ),
            ),
        ),
        (
            "pytorch_qnnpack",
            Feature("8-bit operators by PyTorch's own copy of QNNPACK", (("1.3", "USE_PYTORCH_QNNPACK"),)),
        ),
        ("xnnpack", Feature("operators by XNNPACK", (("1.5", "USE_XNNPACK"),))),
        (
            "fbgemm",
            Feature("8-bit operators for servers (x86)", (("1.0", "NO_FBGEMM USE_FBGEMM"), ("1.2", "USE_FBGEMM"))),
        ),
        ("openmp", Feature("threads by OpenMP", (("0.3", FIXED), ("1.2", "USE_OPENMP")))),
        ("numpy", Feature("tensors from and to NumPy", (("0.3", FIXED), ("1.2", "USE_NUMPY")))),
        (
            "native_arch",
            Feature("-march=native: for processors like that of the builder only", (("1.2", "USE_NATIVE_ARCH"),)),
        ),
        ("kineto", Feature("the profiler Kineto", (("1.8", "USE_KINETO"),))),
        ("itt", Feature("annotations for Intel's VTune", (("1.13", "USE_ITT"),))),
        (
            "caffe2",
            Feature(
                "the operators of Caffe2",
                (
                    ("1.0", "NO_CAFFE2_OPS BUILD_CAFFE2_OPS"),
                    ("1.2", "BUILD_CAFFE2_OPS"),
                    ("1.7", "BUILD_CAFFE2_OPS BUILD_CAFFE2"),
                    ("2.4", GONE),
                ),
            ),
        ),
        (
            "tests",
            Feature(
                "programs that test the C++ side",
                (("0.3", FIXED), ("1.0", "NO_TEST BUILD_TEST"), ("1.2", "BUILD_TEST")),
            ),
        ),
    ]
)

# First release, and the first and last Python (None: not known yet) of its wheels on PyPI.
PYTHONS = (
    ("0.3", (3, 5), (3, 6)),
    ("0.4.1", (3, 5), (3, 7)),
    ("1.4", (3, 5), (3, 8)),
    ("1.6", (3, 6), (3, 8)),
    ("1.7.1", (3, 6), (3, 9)),
    ("1.10.2", (3, 6), (3, 10)),
    ("1.11", (3, 7), (3, 10)),
    ("1.13", (3, 7), (3, 11)),
    ("2.0", (3, 8), (3, 11)),
    ("2.2", (3, 8), (3, 12)),
    ("2.5", (3, 9), (3, 13)),
    ("2.9", (3, 10), (3, 14)),
    ("2.15", (3, 11), (3, 15)),
    ("2.16", (3, 11), None),
)
# First release, and the oldest CMake of its CMakeLists.txt, or of ninja (1.11, a guess): docs/build-features.md has the
# sources.
CMAKES = (("0.3", (3, 5)), ("1.10", (3, 10)), ("1.11", (3, 13)), ("2.0", (3, 18)), ("2.9", (3, 27)))
# First release, and the oldest GCC that it compiles with (CMakeLists.txt of 2.6.0, and
# https://github.com/ROCm/ROCm-docker/pull/136).
GCCS = (("0.3", None), ("2.2", (9, 3)))
# A guess: before this release, a bundled library needs what CMake 4 has removed, as in 2.7.0:
# https://github.com/pytorch/pytorch/issues/154096
_FIRST_FOR_CMAKE_4 = "2.8"
# From here on setup.py builds no wheels; by the date of https://github.com/pytorch/pytorch/pull/180248.
_OTHERWISE_BUILT = "2.14"


class FeatureProblem(EnvironmentProblem):
    """A feature that this version, or any version, cannot be built with."""


def python_range(version):
    """The oldest and the newest Python, such as (3, 9) and (3, 13), of this release of PyTorch; None for a newest that
    is not known yet.
    """
    return [row[1:] for row in PYTHONS if _version_key(row[0]) <= _known_release(version)][-1]


def cmake_range(version):
    """The oldest CMake for this release of PyTorch, such as (3, 18), and the first that is too new for it, or None."""
    oldest = [least for begin, least in CMAKES if _version_key(begin) <= _known_release(version)][-1]
    return oldest, None if _known_release(version) >= _version_key(_FIRST_FOR_CMAKE_4) else (4, 0)


def oldest_gcc(version):
    """The oldest GCC for this release of PyTorch, such as (9, 3), or None."""
    return [least for begin, least in GCCS if _version_key(begin) <= _known_release(version)][-1]


def switching_variables(version, name):
    """The variables that switch this feature in this version: [] if none does, None if the version lacks it."""
    begun = [names for begin, names in FEATURES[name].forms if _version_key(begin) <= _known_release(version)]
    return begun[-1].split() if begun and begun[-1] is not GONE else None


def variables_by_feature(version, features):
    """{requested feature: variables to set}; FeatureProblem if this version cannot be built like that."""
    if _known_release(version) >= _version_key(_OTHERWISE_BUILT):
        raise FeatureProblem(
            "torch %s is not built by setup.py, and no other way is supported. Choose a torch_version below %s"
            % (version, _OTHERWISE_BUILT)
        )
    owners = collections.OrderedDict()
    for name in _check_features(features):
        names = switching_variables(version, name)
        if names is None and features[name]:
            raise FeatureProblem(
                "torch %s has no %s (%s), which torch_build_features requests: %s. Remove it, or choose another"
                " torch_version" % (version, name, FEATURES[name].what, _switchable_since(name))
            )
        if names == []:
            raise FeatureProblem(
                "torch %s cannot switch %s (%s): %s. Remove it from torch_build_features, or choose another"
                " torch_version" % (version, name, FEATURES[name].what, _switchable_since(name))
            )
        owners.update(dict.fromkeys(names or (), name))
    requested = collections.OrderedDict(
        (name, [variable for variable in owners if owners[variable] == name]) for name in _check_features(features)
    )
    for name in requested:
        overruled = [
            owners[variable] for variable in switching_variables(version, name) or () if owners[variable] != name
        ]
        if not requested[name] and overruled and features[overruled[0]] != features[name]:
            raise FeatureProblem(
                "torch %s switches %s and %s together (%s), but torch_build_features requests one of them only"
                % (version, name, overruled[0], " ".join(switching_variables(version, name)))
            )
    return requested


def feature_variables(version, features):
    """{variable: '0' or '1'} by which this version of PyTorch is built with the true features and without the false."""
    requested = variables_by_feature(version, features)
    return collections.OrderedDict(
        (variable, "1" if features[name] != variable.startswith("NO_") else "0")
        for name in requested
        for variable in requested[name]
    )


def _check_features(features):
    """The names of the requested features, in the order of the table."""
    for name, value in features.items():
        if name not in FEATURES:
            near = difflib.get_close_matches(str(name).lower(), FEATURES, n=1, cutoff=0.5)
            raise FeatureProblem(
                "torch_build_features: unknown feature %r; %s: %s"
                % (name, "did you mean %s? Known are" % near[0] if near else "known are", ", ".join(sorted(FEATURES)))
            )
        if not isinstance(value, bool):
            raise FeatureProblem("torch_build_features: %s is %r, it must be true or false" % (name, value))
    return [name for name in FEATURES if name in features]


def _switchable_since(name):
    """The releases in which a feature can be switched, as text."""
    forms = FEATURES[name].forms
    text = "it can be switched from %s on" % next(begin for begin, names in forms if names)
    return text if forms[-1][1] is not GONE else "%s, and it was removed in %s" % (text, forms[-1][0])


def _known_release(version):
    key = _version_key(version)
    if key < _version_key(PYTHONS[0][0]):
        raise FeatureProblem(
            "torch %s is older than %s, the oldest supported one. Choose a newer torch_version"
            % (version, PYTHONS[0][0])
        )
    return key


def _version_key(version):
    """A release as a tuple that compares: (1, 13) is before (1, 13, 0), and both are before (1, 13, 1)."""
    match = re.match(r"\d+(?:\.\d+)*", str(version))
    if not match:
        raise FeatureProblem("%r is not a version of PyTorch such as 2.6.0" % (version,))
    return tuple(int(number) for number in match.group().split("."))
