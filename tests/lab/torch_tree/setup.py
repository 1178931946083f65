# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""PyTorch's build, in small: the interface of its setup.py, and nothing of its code.

What it takes from the environment, as PyTorch does from 1.5.0 on:

    PYTORCH_BUILD_VERSION, PYTORCH_BUILD_NUMBER   the version of the wheel
    MAX_JOBS                                      passed on to ninja
    BUILD_*, USE_*, CMAKE_*                       passed on to CMake as they are, where there is no CMakeCache.txt yet
    CC, CXX, CFLAGS, CXXFLAGS, LDFLAGS            read by CMake itself
    NO_*                                          nothing at all

Of its own: BUILD_KERNELS, how many objects there are to compile, and BUILD_KERNEL_WEIGHT, how long the compiler works
on each of them.
"""

import importlib
import os
import shutil
import subprocess
import sys
import sysconfig

from setuptools import Extension, find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "build")
INSTALLED = os.path.join(HERE, "torch")
LIB = os.path.join(INSTALLED, "lib")
# These only look at the source, and compile nothing.
QUIET = ("clean", "egg_info", "sdist", "dist_info", "--version", "--help")
NEGATIVE = ("OFF", "0", "NO", "FALSE", "N", "off", "no", "false", "n")


def build_version():
    version = os.getenv("PYTORCH_BUILD_VERSION")
    if version:
        number = int(os.environ["PYTORCH_BUILD_NUMBER"])
        return version if number <= 1 else "{}.post{}".format(version, number)
    with open(os.path.join(HERE, "version.txt")) as file:
        return file.read().strip() + "+gitUnknown"


def check_submodules():
    if not os.path.exists(os.path.join(HERE, "third_party", "fp16", "CMakeLists.txt")):
        print("Could not find any of CMakeLists.txt in {}/third_party/fp16".format(HERE))
        sys.exit("Did you run 'git submodule update --init --recursive'?")


def check_pydep(importname, module):
    try:
        importlib.import_module(importname)
    except ImportError:
        raise RuntimeError(
            "Missing build dependency: Unable to `import {}`.\nPlease install it via `pip install {}`".format(
                importname, module
            )
        ) from None


def has_numpy():
    try:
        importlib.import_module("numpy")
    except ImportError:
        return False
    return os.getenv("USE_NUMPY", "1") not in NEGATIVE


def cmake(arguments):
    command = ["cmake"] + arguments
    print(" ".join(command), flush=True)
    subprocess.check_call(command, cwd=BUILD)


def generate(version):
    ninja = shutil.which("ninja") is not None and os.getenv("USE_NINJA", "1") not in NEGATIVE
    if os.path.exists(os.path.join(BUILD, "CMakeCache.txt")) and (
        not ninja or os.path.exists(os.path.join(BUILD, "build.ninja"))
    ):
        return  # everything is in place
    os.makedirs(BUILD, exist_ok=True)
    options = {
        name: value
        for name, value in os.environ.items()
        if name.startswith(("BUILD_", "USE_", "CMAKE_")) or name in ("BLAS", "WERROR")
    }
    options.setdefault("CMAKE_BUILD_TYPE", "Release")
    options.update(
        {
            "BUILD_PYTHON": True,
            "BUILD_TEST": os.getenv("BUILD_TEST", "1") not in NEGATIVE,
            "CMAKE_INSTALL_PREFIX": INSTALLED,
            "PYTHON_EXECUTABLE": sys.executable,
            "PYTHON_INCLUDE_DIR": sysconfig.get_path("include"),
            "TORCH_BUILD_VERSION": version,
            "USE_NUMPY": has_numpy(),
        }
    )
    cmake((["-GNinja"] if ninja else []) + ["-D{}={}".format(*option) for option in sorted(options.items())] + [HERE])


def build_deps(version):
    print("-- Building version " + version, flush=True)
    check_submodules()
    check_pydep("yaml", "pyyaml")
    generate(version)
    jobs = os.getenv("MAX_JOBS")
    cmake(["--build", ".", "--target", "install", "--config", "Release"] + (["--", "-j", jobs] if jobs else []))
    with open(os.path.join(INSTALLED, "version.py"), "w") as file:
        file.write(
            "__version__ = {!r}\ndebug = False\ncuda = None\ngit_version = 'Unknown'\nhip = None\n".format(version)
        )


if __name__ == "__main__":
    os.chdir(HERE)
    VERSION = build_version()
    if not any(argument in QUIET for argument in sys.argv):
        build_deps(VERSION)
    setup(
        name=os.getenv("TORCH_PACKAGE_NAME", "torch"),
        version=VERSION,
        description="PyTorch's build interface without PyTorch",
        packages=find_packages(include=["torch", "torch.*"]),
        package_data={"torch": ["lib/*.so", "include/*.h"]},
        ext_modules=[
            Extension(
                "torch._C",
                ["torch/csrc/stub.c"],
                libraries=["torch_python"],
                library_dirs=[LIB],
                extra_link_args=["-Wl,-rpath,$ORIGIN/lib"],
                language="c",
            )
        ],
        install_requires=["filelock"],
        zip_safe=False,
    )
