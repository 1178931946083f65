# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is told of a failed build, from what Python, CMake, GCC, the assembler and ninja print."""

from __future__ import absolute_import, division, print_function

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.failure_lines import telling_lines

GENERATOR = """\
-- Found PythonInterp: /usr/bin/python3
Traceback (most recent call last):
  File "/srv/pytorch/torchgen/gen.py", line 16, in <module>
    import torchgen.api.dispatcher as dispatcher
  File "/srv/pytorch/torchgen/utils.py", line 14, in <module>
    from typing_extensions import Self
ModuleNotFoundError: No module named 'typing_extensions'
CMake Error at cmake/Codegen.cmake:224 (message):
  Failed to get generated_headers list
Call Stack (most recent call first):
  caffe2/CMakeLists.txt:2 (include)


-- Configuring incomplete, errors occurred!
Traceback (most recent call last):
  File "setup.py", line 1508, in <module>
    main()
  File "/usr/lib/python3.11/subprocess.py", line 413, in check_call
    raise CalledProcessError(retcode, cmd)
subprocess.CalledProcessError: Command '['cmake', '-GNinja']' returned non-zero exit status 1.
"""

COMPILER = """\
[1372/1375] Building CXX object caffe2/torch/CMakeFiles/torch_python.dir/csrc/autograd/python_function.cpp.o
FAILED: caffe2/torch/CMakeFiles/torch_python.dir/csrc/autograd/python_function.cpp.o
/usr/lib/ccache/c++ -DUSE_C10D -Wall -c /srv/pytorch/torch/csrc/autograd/python_function.cpp
/srv/pytorch/torch/csrc/autograd/python_function.cpp: In function 'void foo()':
/srv/pytorch/torch/csrc/autograd/python_function.cpp:805:74: error: format '%ld' expects argument of type 'long int'
  805 |           "expected Variable, but argument %ld is of type %s",
cc1plus: some warnings being treated as errors
ninja: build stopped: subcommand failed.
Traceback (most recent call last):
  File "setup.py", line 1508, in <module>
    main()
subprocess.CalledProcessError: Command '['cmake', '--build', '.']' returned non-zero exit status 1.
"""

ASSEMBLER = """\
FAILED: confu-deps/XNNPACK/CMakeFiles/microkernels-prod.dir/src/qd8-neondot.c.o
/usr/bin/cc -marm -march=armv8.2-a+dotprod -c qd8-neondot.c
/tmp/cc1x2y.s: Assembler messages:
/tmp/cc1x2y.s:204: Error: selected processor does not support `vsdot.s8 q0,q1,d4[0]' in ARM mode
ninja: build stopped: subcommand failed.
"""

LINKER = """\
/usr/bin/ld: libtorch_cpu.so: undefined reference to `cblas_sgemm'
collect2: error: ld returned 1 exit status
"""


@pytest.mark.parametrize(
    ("output", "told"),
    [
        (
            GENERATOR,
            [
                'File "/srv/pytorch/torchgen/utils.py", line 14, in <module>',
                "ModuleNotFoundError: No module named 'typing_extensions'",
                "CMake Error at cmake/Codegen.cmake:224 (message):",
                "  Failed to get generated_headers list",
            ],
        ),
        (
            COMPILER,
            [
                "/srv/pytorch/torch/csrc/autograd/python_function.cpp:805:74: error: format '%ld' expects argument of"
                " type 'long int'"
            ],
        ),
        (
            ASSEMBLER,
            [
                "FAILED: confu-deps/XNNPACK/CMakeFiles/microkernels-prod.dir/src/qd8-neondot.c.o",
                "/tmp/cc1x2y.s:204: Error: selected processor does not support `vsdot.s8 q0,q1,d4[0]' in ARM mode",
            ],
        ),
        (LINKER, LINKER.splitlines()),
    ],
    ids=["code generator", "compiler", "assembler", "linker"],
)
def test_the_cause_is_told_and_not_what_follows_from_it(output, told):
    assert telling_lines(output.splitlines()) == told


def test_without_a_known_error_the_last_lines_are_told():
    lines = ["line %d" % number for number in range(40)]
    assert telling_lines(lines) == lines[-15:]


def test_the_first_errors_count():
    lines = ["x.cpp:%d:1: error: no" % number for number in range(40)]
    assert telling_lines(lines) == lines[:15]


def test_what_setup_says_itself_is_told():
    lines = [
        "Traceback (most recent call last):",
        '  File "setup.py", line 9',
        "RuntimeError: Missing build dependency",
    ]
    assert telling_lines(lines)[-1] == "RuntimeError: Missing build dependency"
