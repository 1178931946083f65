# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a companion's setup.py takes from torch to compile against it."""

import os

from setuptools import Extension
from setuptools.command.build_ext import build_ext

CUDA_HOME = None
_TORCH = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))


class BuildExtension(build_ext):
    """PyTorch's own knows CUDA."""


def include_paths():
    return [os.path.join(_TORCH, "include")]


def library_paths():
    return [os.path.join(_TORCH, "lib")]


def CppExtension(name, sources, **options):
    return Extension(
        name,
        sources,
        language="c++",
        include_dirs=include_paths(),
        library_dirs=library_paths(),
        libraries=["torch_cpu"],
        **options,
    )
