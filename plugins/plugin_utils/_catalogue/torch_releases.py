# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Releases of torch: which torchvision and torchaudio belong to each, and what a build needs.

tools/torch_releases.py writes the table from the metadata of the wheels on PyPI; it says how to run it. Some wheels do
not name their torch, see https://github.com/pytorch/pytorch/wiki/PyTorch-Versions. Facts that builders need too
(Pythons, CMake, features) are in module_utils/_torch_build/features.py, which is copied to them.
"""

from __future__ import annotations

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import python_range

from .._base.packaging_shim import SpecifierSet, Version
from .._base.specifiers import exact_versions

COMPANIONS = ("torchvision", "torchaudio")
REPOSITORIES = {
    "torch": "https://github.com/pytorch/pytorch.git",
    "torchvision": "https://github.com/pytorch/vision.git",
    "torchaudio": "https://github.com/pytorch/audio.git",
}
# Older wheels were compiled against NumPy 1 and do not work with NumPy 2, but do not declare that
# (https://github.com/pytorch/pytorch/issues/135013).
_FIRST_FOR_NUMPY_2 = "2.3"
# From this NumPy on, modules are compiled for older ones as well.
_FIRST_WITH_OLD_INTERFACES = "1.25"
# The last release that setup.py builds. Later ones are not built here, so the table ends with it.
LAST_BY_SETUP_PY = "2.13.0"
# What setup.py and the generators import, and what the finished torch imports to show its configuration. cmake, ninja
# and the compilers come from the system. From https://github.com/pytorch/pytorch/blob/main/pyproject.toml,
# [build-system]; the older setuptools for older releases is a guess.
_BUILD_TOOLS = ("wheel", "pyyaml", "numpy", "six", "packaging")
# 2.6.0 asks for that release; its generators import what older ones do not have.
_TYPING = (("2.6", "typing-extensions>=4.10"), ("0", "typing-extensions"))
_SETUPTOOLS = (("2.10", "setuptools>=77,<82"), ("0", "setuptools<75.9"))
_IMPORTED_FROM_2_0 = ("filelock", "fsspec", "jinja2", "networkx", "sympy")
_WITHOUT_DATACLASSES = "dataclasses; python_version < '3.7'"
# torch torchvision torchaudio
_TABLE = """
0.4.0  0.2.1  -
0.4.1  -      -
1.0.0  0.2.2  -
1.0.1  0.2.2  -
1.1.0  0.3.0  -
1.2.0  0.4.0  0.3.0
1.3.0  0.4.1  0.3.1
1.3.1  0.4.2  0.3.2
1.4.0  0.5.0  0.4.0
1.5.0  0.6.0  0.5.0
1.5.1  0.6.1  0.5.1
1.6.0  0.7.0  0.6.0
1.7.0  0.8.1  0.7.0
1.7.1  0.8.2  0.7.2
1.8.0  0.9.0  0.8.0
1.8.1  0.9.1  0.8.1
1.9.0  0.10.0 0.9.0
1.9.1  0.10.1 0.9.1
1.10.0 0.11.1 0.10.0
1.10.1 0.11.2 0.10.1
1.10.2 0.11.3 0.10.2
1.11.0 0.12.0 0.11.0
1.12.0 0.13.0 0.12.0
1.12.1 0.13.1 0.12.1
1.13.0 0.14.0 0.13.0
1.13.1 0.14.1 0.13.1
2.0.0  0.15.1 2.0.1
2.0.1  0.15.2 2.0.2
2.1.0  0.16.0 2.1.0
2.1.1  0.16.1 2.1.1
2.1.2  0.16.2 2.1.2
2.2.0  0.17.0 2.2.0
2.2.1  0.17.1 2.2.1
2.2.2  0.17.2 2.2.2
2.3.0  0.18.0 2.3.0
2.3.1  0.18.1 2.3.1
2.4.0  0.19.0 2.4.0
2.4.1  0.19.1 2.4.1
2.5.0  0.20.0 2.5.0
2.5.1  0.20.1 2.5.1
2.6.0  0.21.0 2.6.0
2.7.0  0.22.0 2.7.0
2.7.1  0.22.1 2.7.1
2.8.0  0.23.0 2.8.0
2.9.0  0.24.0 2.9.0
2.9.1  0.24.1 2.9.1
2.10.0 0.25.0 2.10.0
2.11.0 0.26.0 2.11.0
2.12.0 0.27.0 -
2.12.1 0.27.1 -
2.13.0 0.28.0 -
"""
RELEASES: dict[str, dict[str, str]] = {
    torch: {name: version for name, version in zip(COMPANIONS, companions, strict=True) if version != "-"}
    for torch, *companions in (line.split() for line in _TABLE.strip().splitlines())
}


def release_within(specifier: SpecifierSet, python: str) -> str | None:
    """The newest release for this Python that the specifier allows, or None.

    An exact version is taken as it is: it may be newer than the table.
    """
    versions = exact_versions(specifier) or [
        Version(torch) for torch in RELEASES if specifier.contains(torch) and is_for_python(torch, python)
    ]
    return _full_version(max(versions)) if versions else None


def is_for_python(torch: str, python: str) -> bool:
    """Whether this torch can be compiled for that Python."""
    oldest, newest = python_range(torch)
    minor = tuple(int(part) for part in python.split(".")[:2])
    return oldest <= minor and (newest is None or minor <= newest)


def _full_version(version: Version) -> str:
    """The version as releases and tags have it: 2.6 becomes 2.6.0."""
    numbers = (*version.release, 0, 0)[: max(3, len(version.release))]
    return str(version).replace(version.base_version, ".".join(map(str, numbers)), 1)


def companion_of(torch: str, name: str) -> str | None:
    """The version of a companion that was released with this torch."""
    return RELEASES.get(torch.partition("+")[0], {}).get(name)


def build_requirements(package: str, version: str) -> list[str]:
    """The Python packages that are needed to compile this release of torch or of a companion."""
    if package != "torch":
        return ["setuptools<82", "wheel", "numpy"]
    release = Version(version)
    by_release = [next(text for begin, text in table if release >= Version(begin)) for table in (_SETUPTOOLS, _TYPING)]
    return [*by_release, *_BUILD_TOOLS, *(_IMPORTED_FROM_2_0 if release >= Version("2") else [_WITHOUT_DATACLASSES])]


def numpy_headers(version: str, python: str, held: str | None) -> list[str]:
    """The constraints on the NumPy that this release of torch is compiled with, for a board that has NumPy C(held).

    What is compiled with NumPy 2 runs with NumPy 1, too. NumPy 1 before 1.25 must not be newer than the one that torch
    runs with, but 1.16 to 1.19 have the same interface (https://numpy.org/doc/stable/dev/depending_on_numpy.html).
    """
    if Version(version) >= Version(_FIRST_FOR_NUMPY_2) and Version(python) >= Version("3.9"):
        return ["numpy>=2"]
    limits = numpy_limit(version)
    if held and Version(held) < Version(_FIRST_WITH_OLD_INTERFACES):
        limits.append("numpy<1.20" if Version(held) < Version("1.20") else f"numpy<={held}")
    return limits


def numpy_limit(version: str | Version) -> list[str]:
    """The constraint on NumPy that this release of torch needs and does not declare."""
    return ["numpy<2"] if Version(str(version)) < Version(_FIRST_FOR_NUMPY_2) else []
