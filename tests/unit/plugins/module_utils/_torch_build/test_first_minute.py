# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a build tries before it compiles: the imports of its source, and its compiler."""

from __future__ import absolute_import, division, print_function

import os
import shutil

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.first_minute import check_inputs
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text
from build_support import make_job, make_tree


@pytest.fixture
def check(place, tmp_path):
    """A function that checks a source with these files, and modules that were sent."""
    os.makedirs(place.site)

    def run(files, sent=(), **changes):
        make_tree(tmp_path / "tree", "")
        shutil.copytree(str(tmp_path / "tree"), place.source)
        for path, text in files.items():
            target = os.path.join(place.source, path)
            os.makedirs(os.path.dirname(target), exist_ok=True)
            with open(target, "w") as stream:
                stream.write(text)
        for name, text in dict(sent).items():
            with open(os.path.join(place.site, name), "w") as stream:
                stream.write(text)
        wheels = [{"filename": name + "-1-py3-none-any.whl", "sha256": "0" * 64} for name in dict(sent)]
        check_inputs(place, make_job(str(tmp_path / "tree"), wheels=wheels, **changes))

    return run


def test_a_module_of_the_generators_that_is_missing(check):
    with pytest.raises(EnvironmentProblem) as caught:
        check({"torchgen/utils.py": "import os\nfrom typing_extensions import Missing, Self\n"}, {"six.py": ""})
    said = str(caught.value)
    assert said.startswith("the source of torch 2.6.0 has `from typing_extensions import Missing, Self`, and ")
    assert "six.py-1-py3-none-any.whl" in said


def test_a_module_that_is_too_old(check):
    with pytest.raises(EnvironmentProblem, match="cannot import name 'Self'"):
        check({"torchgen/utils.py": "from typing_extensions import Self\n"}, {"typing_extensions.py": "Final = 1\n"})


def test_what_another_module_brings_does_not_count(check):
    """Setuptools does that with its own copies."""
    with pytest.raises(EnvironmentProblem, match="cannot do that"):
        check(
            {"torchgen/utils.py": "from typing_extensions import Mine\n", "setup.py": "import setuptools\n"},
            {"setuptools.py": "import sys, types\nsys.modules['typing_extensions'] = types.SimpleNamespace(Mine=1)\n"},
        )


def test_what_is_sent_is_enough(check):
    check(
        {
            "torchgen/utils.py": "from typing_extensions import (\n    Self,\n)\n",
            # Under a condition, and by programs that no build runs.
            "torchgen/model.py": "if False:\n    import yaml\n",
            "tools/linter/adapters/x.py": "import yaml\n",
        },
        {"typing_extensions.py": "Self = 1\n"},
    )


def test_numpy_where_it_is_requested(check):
    check({}, {"numpy.py": ""}, features={"numpy": True})


def test_numpy_that_is_missing(check):
    with pytest.raises(EnvironmentProblem, match="numpy of this place"):
        check({}, {"numpy.py": "raise ImportError('numpy of this place')\n"}, features={"numpy": True})


def test_numpy_that_is_not_requested(check):
    check({}, {"numpy.py": "raise ImportError('numpy of this place')\n"}, features={"numpy": False})


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no compiler")
def test_a_compiler_that_makes_no_program(check, tmp_path):
    compiler = tmp_path / "broken-g++"
    compiler.write_text('#!/bin/sh\nexec g++ -nostdinc++ "$@"\n')
    compiler.chmod(0o755)
    with pytest.raises(EnvironmentProblem) as caught:
        check({}, toolchain={"cc": "gcc", "cxx": str(compiler)})
    assert "cannot make a program on this machine (status 1)" in str(caught.value) and "cstddef" in str(caught.value)


def test_a_gcc_that_is_too_old(check, tmp_path):
    compiler = tmp_path / "g++-8"
    compiler.write_text("#!/bin/sh\necho 'g++-8 (Debian 8.3.0-6) 8.3.0'\n")
    compiler.chmod(0o755)
    with pytest.raises(EnvironmentProblem, match="torch 2.6.0 needs GCC 9.3 or later, .*g[+][+]-8 is 8.3"):
        check({}, toolchain={"cc": "gcc-8", "cxx": str(compiler)})


NVCC = """#!/bin/sh
echo "$@" >%(folder)s/arguments
for word; do case "$word" in *.cu) cp "$word" %(folder)s/seen.cu;; esac; done
%(end)s
"""


@pytest.fixture
def nvcc(tmp_path):
    """A function that makes a stand-in for CUDA's compiler, which writes down what it was asked to do."""

    def make(end="exit 0"):
        program = tmp_path / "nvcc"
        program.write_text(NVCC % {"folder": tmp_path, "end": end})
        program.chmod(0o755)
        return {"CUDACXX": str(program), "TORCH_CUDA_ARCH_LIST": "8.7;11.0", "CUDNN_INCLUDE_DIR": "/opt/cudnn"}

    return make


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no compiler")
def test_a_build_with_cuda_on_a_machine_without_its_toolkit(check):
    with pytest.raises(EnvironmentProblem, match=r"compiler /nowhere/nvcc is not on this machine.*nvidia-jetpack"):
        check({}, features={"cuda": True}, environment={"CUDACXX": "/nowhere/nvcc"})


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no compiler")
def test_the_compiler_of_cuda_is_tried_for_the_boards_gpu(check, nvcc, tmp_path):
    check({}, features={"cuda": True, "cudnn": True}, environment=nvcc())
    asked = (tmp_path / "arguments").read_text().split()
    for word in ("-gencode=arch=compute_87,code=sm_87", "-gencode=arch=compute_110,code=sm_110", "-I/opt/cudnn"):
        assert word in asked
    assert asked[asked.index("-ccbin") + 1] == "g++" and "<cudnn.h>" in (tmp_path / "seen.cu").read_text()


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no compiler")
@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("#error -- unsupported GNU version! gcc versions later than 8 are not supported!", "BUILD-15"),
        ("nvcc fatal   : Unsupported gpu architecture 'compute_110'", "BUILD-15"),
        ("first.cu:2:10: fatal error: cudnn.h: No such file or directory", "BUILD-05"),
    ],
)
def test_a_compiler_of_cuda_that_does_not_suit(check, nvcc, said, expected):
    with pytest.raises(EnvironmentProblem, match="cannot compile for this build on this machine") as caught:
        check({}, features={"cuda": True, "cudnn": True}, environment=nvcc('echo "%s" >&2; exit 1' % said))
    assert diagnose_text(str(caught.value))["id"] == expected


@pytest.mark.skipif(not shutil.which("g++"), reason="there is no compiler")
def test_no_cuda_no_toolkit(check):
    check({}, features={"cuda": False}, environment={"CUDACXX": "/nowhere/nvcc"})
