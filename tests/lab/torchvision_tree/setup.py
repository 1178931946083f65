# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""torchvision's build, in small: it needs an installed torch, and compiles against it."""

import os

import torch
from setuptools import find_packages, setup
from torch.utils.cpp_extension import BuildExtension, CppExtension

HERE = os.path.dirname(os.path.abspath(__file__))


def build_version():
    with open(os.path.join(HERE, "version.txt")) as file:
        return os.getenv("BUILD_VERSION") or file.read().strip()


if __name__ == "__main__":
    os.chdir(HERE)
    VERSION = build_version()
    print("Building wheel torchvision-" + VERSION, flush=True)
    with open("torchvision/version.py", "w") as file:
        file.write("__version__ = {!r}\ngit_version = 'Unknown'\ncuda = None\n".format(VERSION))
    setup(
        name="torchvision",
        version=VERSION,
        description="torchvision's build interface without torchvision",
        packages=find_packages(),
        install_requires=["numpy", "torch==" + os.getenv("PYTORCH_VERSION", torch.__version__)],
        ext_modules=[
            CppExtension(
                "torchvision._C", ["torchvision/csrc/vision.cpp"], extra_link_args=["-Wl,-rpath,$ORIGIN/../torch/lib"]
            )
        ],
        cmdclass={"build_ext": BuildExtension},
        zip_safe=False,
    )
