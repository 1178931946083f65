# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""What would stop a build only after minutes or hours, tried in its first minute with the build's own interpreter,
variables and compiler.
"""

import os
import re
import shutil

from .._base.errors import EnvironmentProblem
from .._base.files import read_or_none
from .._base.text import last_lines
from .compile import build_variables
from .features import oldest_gcc
from .processes import run

# Packages that releases of PyTorch import while they are built, and where the programs are that do so: setup.py and the
# generators that CMake starts. CMake reports a missing one as an error of its own.
_IMPORTS = re.compile(
    r"^(?:import|from) (?:setuptools|wheel|yaml|typing_extensions|dataclasses|six|packaging)\b[^\n#(;\\]*", re.M
)
_PROGRAMS = (
    "torchgen",
    "tools/autograd",
    "tools/codegen",
    "tools/jit",
    "tools/pyi",
    "tools/setup_helpers",
    "aten/src/ATen",
)
_SECONDS = 1200  # emulated, an import takes minutes
# The program that a compiler must be able to make. A header is missing where only the compiler was installed.
_PROGRAM = "#include <cstddef>\n#include <string>\nint main() { return std::string().size(); }\n"


def check_inputs(place, job):
    """EnvironmentProblem if a compiler cannot make a program, or if a Python module of the source is missing."""
    environment = build_variables(place, job, 1)
    _check_compiler(place, job, environment)
    if job["package"] == "torch" and job["features"].get("cuda"):
        _check_cuda(place, job, environment)
    _check_imports(place, job, environment)


def _check_imports(place, job, environment):
    # Each in a process of its own, as the programs are: setuptools makes its copy of typing_extensions importable.
    for statement in _imports_of(place, job):
        status, output = run([job["python"], "-c", statement], environment, "/", timeout=_SECONDS)
        if status:
            raise EnvironmentProblem(
                "the source of %s %s has `%s`, and %s cannot do that with the wheels that were sent (%s): %s"
                % (
                    job["package"],
                    job["version"],
                    statement,
                    job["python"],
                    ", ".join(wheel["filename"] for wheel in job["wheels"]) or "none",
                    last_lines(output, 1),
                )
            )


def _imports_of(place, job):
    """The import statements of the programs that run while it is built, without those under a condition."""
    paths = [os.path.join(place.source, "setup.py")] + [
        os.path.join(top, name)
        for folder in _PROGRAMS
        for top, _directories, files in os.walk(os.path.join(place.source, folder))
        for name in files
        if name.endswith(".py")
    ]
    found = {line.strip() for path in paths for line in _IMPORTS.findall(read_or_none(path) or "")}
    # The names of such a statement are in the lines that follow.
    found = {"import " + line.split()[1] if line.endswith("import") else line for line in found}
    # Without NumPy, CMake only warns, and torch is compiled without it.
    if job["package"] == "torch" and job["features"].get("numpy"):
        found.add("import numpy")
    return sorted(found)


def _check_compiler(place, job, environment):
    source, program = (os.path.join(place.temporary, name) for name in ("first.cpp", "first"))
    with open(source, "w") as stream:
        stream.write(_PROGRAM)
    compiler = job["toolchain"]["cxx"]
    _check_gcc(job, compiler, environment)
    status, output = run([compiler, "-o", program, source], environment, place.temporary, timeout=_SECONDS)
    if status and status != 127:  # one that is missing was named before the start
        raise EnvironmentProblem(
            "the compiler %s cannot make a program on this machine (status %d): %s"
            % (compiler, status, last_lines(output))
        )


def _check_gcc(job, compiler, environment):
    oldest = oldest_gcc(job["version"]) if job["package"] == "torch" else None
    output = run([compiler, "--version"], environment, "/", timeout=_SECONDS)[1]
    version = re.match(r"\S*g\+\+\S* \(.*\) (\d+)\.(\d+)", output)
    if oldest and version and tuple(map(int, version.groups())) < oldest:
        raise EnvironmentProblem(
            "torch %s needs GCC %d.%d or later, %s is %s. Compile on a machine with a newer one (torch_builder), or"
            " choose an older torch_version" % ((job["version"],) + oldest + (compiler, ".".join(version.groups())))
        )


def _check_cuda(place, job, environment):
    """CUDA's compiler with this GCC and for these GPUs, and cuDNN's header: hours later CMake, or the first file for a
    GPU, would fail.
    """
    compiler = environment.get("CUDACXX") or "nvcc"
    if not shutil.which(compiler, path=environment["PATH"]):
        raise EnvironmentProblem(
            "torch %s is compiled with CUDA, and its compiler %s is not on this machine. Install the toolkit that its"
            " JetPack or driver has (up to JetPack 6 by the package nvidia-jetpack), or compile on a machine with it"
            " (torch_builder)" % (job["version"], compiler)
        )
    source, built = (os.path.join(place.temporary, name) for name in ("first.cu", "first.o"))
    with open(source, "w") as stream:
        stream.write("__global__ void nothing() {}\n%s" % _cudnn_include(job))
    generations = re.findall(r"\b(\d+)\.(\d+)", environment.get("TORCH_CUDA_ARCH_LIST", ""))
    options = ["-gencode=arch=compute_%s%s,code=sm_%s%s" % (pair + pair) for pair in generations]
    folder = environment.get("CUDNN_INCLUDE_DIR")
    options += ["-I" + folder] if folder else []
    status, output = run(
        [compiler] + options + ["-ccbin", job["toolchain"]["cxx"], "-c", source, "-o", built],
        environment,
        place.temporary,
        timeout=_SECONDS,
    )
    if status:
        raise EnvironmentProblem(
            "CUDA's compiler %s cannot compile for this build on this machine (status %d): %s"
            % (compiler, status, last_lines(output))
        )


def _cudnn_include(job):
    return "#include <cudnn.h>\n" if job["features"].get("cudnn") else ""
