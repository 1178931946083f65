# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""From what this machine's own compiler, assembler and CMake print when they fail to the diagnosis."""

from __future__ import absolute_import, division, print_function

import os
import resource
import shutil
import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.compile import is_out_of_addresses
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.failure_lines import plain_line, telling_lines
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text

needs_compiler = pytest.mark.skipif(not shutil.which("g++"), reason="there is no compiler")
LARGE = '#include <map>\n#include <regex>\nint main() { std::regex r("a"); std::map<int, int> m; return m.size(); }\n'


@pytest.fixture
def compile_text(tmp_path):
    """A function that compiles a text and returns what of the compiler's output is told."""

    def compile_it(text, *options, **limits):
        source = tmp_path / "x.cpp"
        source.write_text(text)
        done = subprocess.run(
            ["g++", "-c", str(source)] + (list(options) or ["-o", str(tmp_path / "x.o")]),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=dict(os.environ, LC_ALL="C"),
            preexec_fn=lambda: [resource.setrlimit(kind, (most, most)) for kind, most in limits.get("most", ())],
            check=False,
        )
        assert done.returncode
        return telling_lines(["FAILED: x.cpp.o"] + [plain_line(line) for line in done.stdout.decode().splitlines()])

    return compile_it


def diagnosis_of(lines):
    found = diagnose_text(
        "compiling torch 2.6.0 failed: setup.py bdist_wheel ended with status 1:\n" + "\n".join(lines)
    )
    return found and found["id"]


@needs_compiler
def test_a_header_that_is_missing(compile_text):
    lines = compile_text("#include <openblas/nothing.h>\n")
    assert "x.cpp:1:10: fatal error: openblas/nothing.h: No such file or directory" in lines[0]
    assert diagnosis_of(lines) == "BUILD-05"


@needs_compiler
def test_a_warning_that_is_an_error(compile_text):
    # PyTorch's own flags.
    options = ["-Wformat", "-Werror=format", "-fdiagnostics-color=always"]
    lines = compile_text('#include <cstdio>\nint main() { printf("%s", 1); }\n', *options)
    assert "x.cpp:2:" in lines[0] and diagnosis_of(lines) == "BUILD-10"


@needs_compiler
def test_an_instruction_that_the_assembler_does_not_know(compile_text):
    lines = compile_text('int main() { asm("nosuchinstruction"); }\n')
    assert "x.cpp:1: Error: " in lines[0] and diagnosis_of(lines) == "BUILD-04"


@needs_compiler
@pytest.mark.parametrize(
    "options",
    [["-march=armv8.2-a+nosuch"], ["-mnosuch-fpu"], ["-march=nosuch"], ["-mtune=nosuch"]],
    ids=lambda options: options[0],
)
def test_an_option_for_instructions_that_the_compiler_does_not_know(compile_text, options):
    assert diagnosis_of(compile_text("int main() {}\n", *options)) == "BUILD-04"


@needs_compiler
def test_an_error_that_is_a_warning_elsewhere(compile_text):
    lines = compile_text("int x[] = {4294967296};\nint main() {}\n", "-fdiagnostics-color=always")
    assert "[-Wnarrowing]" in lines[0] and diagnosis_of(lines) == "BUILD-10"


@needs_compiler
def test_a_library_that_is_missing(tmp_path):
    done = subprocess.run(
        ["g++", "-x", "c++", "-", "-lnosuch", "-o", str(tmp_path / "x")],
        input=b"int main() {}\n",
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env=dict(os.environ, LC_ALL="C"),
        check=False,
    )
    lines = telling_lines(done.stdout.decode().splitlines())
    assert diagnosis_of(lines) == "BUILD-12" and "library nosuch" in diagnose_text("\n".join(lines))["cause"]


@needs_compiler
@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
@pytest.mark.parametrize("options", [["-o", "/dev/full"], ["-S", "-o", "/dev/full"]], ids=["assembler", "compiler"])
def test_a_full_disk(compile_text, options):
    lines = compile_text(LARGE, *options)
    assert "No space left on device" in "\n".join(lines) and diagnosis_of(lines) == "BUILD-02"


@needs_compiler
def test_memory_that_is_refused(compile_text):
    lines = compile_text(LARGE, most=[(resource.RLIMIT_AS, 60 << 20)])
    assert diagnosis_of(lines) == "GEN-09"
    # Only a 32-bit compiler that runs alone, or that says how much it had, is at the end of its address space.
    assert not is_out_of_addresses(lines, 2, True) and not is_out_of_addresses(lines, 1, False)


@needs_compiler
@pytest.mark.parametrize(("signal", "expected"), [("SEGV", "BUILD-03"), ("KILL", "GEN-09")])
def test_a_compiler_that_dies(compile_text, tmp_path, signal, expected):
    program = tmp_path / "cc1plus"
    program.write_text("#!/bin/sh\nkill -%s $$\n" % signal)
    program.chmod(0o755)
    lines = compile_text(LARGE, "-B", str(tmp_path))
    assert "signal terminated program cc1plus" in lines[1] and diagnosis_of(lines) == expected


@pytest.mark.parametrize(
    ("line", "jobs", "expected"),
    [
        ("cc1plus: out of memory allocating 65536 bytes after a total of 2839203840 bytes", 4, True),
        ("cc1plus: out of memory allocating 65536 bytes after a total of 402653184 bytes", 1, False),
        ("virtual memory exhausted: Cannot allocate memory", 1, True),
        ("virtual memory exhausted: Cannot allocate memory", 2, False),
        ("c++: fatal error: Killed signal terminated program cc1plus", 1, False),
    ],
)
def test_the_address_space_of_a_32_bit_compiler(line, jobs, expected):
    assert is_out_of_addresses([line], jobs, True) is expected
    assert not is_out_of_addresses([line], jobs, False)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("the 32-bit compiler used up its address space; fewer jobs and more swap do not help", "BUILD-01"),
        ("cc1plus: out of memory allocating 65536 bytes after a total of 2839203840 bytes", "BUILD-01"),
        ("cc1plus: out of memory allocating 65536 bytes after a total of 402653184 bytes", "GEN-09"),
        ("the disk is full at /opt/edgeai/torch/builds/0123. Make space and start again", "BUILD-02"),
        ("/tmp/cc1x.s:204: Error: selected processor does not support `vsdot.s8 q0,q1,d4[0]' in ARM mode", "BUILD-04"),
        (
            "ModuleNotFoundError: No module named 'typing_extensions'\nCMake Error at cmake/Codegen.cmake:224",
            "BUILD-06",
        ),
        (
            "the source of torch 2.6.0 has `import yaml`, and /usr/bin/python3 cannot do that with the wheels that were"
            " sent (none): ModuleNotFoundError: No module named 'yaml'",
            "BUILD-06",
        ),
        (
            "CMake Error at third_party/protobuf/cmake/CMakeLists.txt:2 (cmake_minimum_required):\n"
            "  Compatibility with CMake < 3.5 has been removed from CMake.",
            "BUILD-07",
        ),
        ("torch 2.6.0 needs CMake 3.18 or later, before 4.0; this machine has 4.1. Install a suitable one", "BUILD-07"),
        ("torch 2.9.0 needs CMake 3.27 or later; this machine has 3.25. Install a suitable one", "BUILD-08"),
        ("compiling torch 2.6.0 needs cmake, ninja, not found on this machine; on Debian: apt install", "BUILD-09"),
        # The same faults as others have reported them: another compiler, another generator, another step.
        ("x.cpp:1:10: fatal error: 'omp.h' file not found", "BUILD-05"),
        (
            "ImportError: cannot import name 'Self' from 'typing_extensions' (/usr/lib/python3/dist-packages/"
            "typing_extensions.py)\n-- Configuring incomplete, errors occurred!",
            "BUILD-06",
        ),
        (
            '  File "/src/tools/codegen/gen.py", line 6, in <module>\n    from dataclasses import dataclass\n'
            "ModuleNotFoundError: No module named 'dataclasses'",
            "BUILD-06",
        ),
        ("  File \"setup.py\", line 241, in <module>\nModuleNotFoundError: No module named 'distutils'", "BUILD-06"),
        ("arm-linux-gnueabihf-gcc: error: unrecognized argument in option '-mfpu=neon-fp-armv8'", "BUILD-04"),
        ("cc1: error: invalid feature modifier 'i8mm' in '-march=armv8.2-a+dotprod+i8mm'", "BUILD-04"),
        (
            "bf16.c:10:3: error: inlining failed in call to 'always_inline' 'vbfdotq_lane_f32': target specific option"
            " mismatch",
            "BUILD-04",
        ),
        ("/usr/bin/ld: final link failed: No space left on device", "BUILD-02"),
        ("/usr/bin/ld: final link failed: memory exhausted", "BUILD-11"),
        ("as: out of memory allocating 4072 bytes after a total of 1048576000 bytes", "BUILD-11"),
        (
            "FAILED: caffe2/x.cpp.o\nterminate called after throwing an instance of 'std::bad_alloc'",
            "BUILD-11",
        ),
        ("Could not find /src/third_party/gloo/CMakeLists.txt\nDid you run 'git submodule update --init'?", "BUILD-13"),
        (
            "CMake Error at CMakeLists.txt:1 (add_subdirectory):\n  The source directory\n\n"
            "    /src/third_party/ideep/mkl-dnn\n\n  does not contain a CMakeLists.txt file.",
            "BUILD-13",
        ),
        ('#error "You\'re trying to build PyTorch with a too old version of GCC. We need GCC 9 or later."', "BUILD-14"),
        ("torch 2.6.0 needs GCC 9.3 or later, g++ is 8.3. Compile on a machine with a newer one", "BUILD-14"),
        ("#error -- unsupported GNU version! gcc versions later than 11 are not supported!", "BUILD-15"),
        ("numpy_bridge: RuntimeError: PyTorch was compiled without NumPy support", "BUILD-16"),
        ("nvcc fatal   : Unsupported gpu architecture 'compute_87'", "BUILD-15"),
    ],
)
def test_messages(text, expected):
    assert diagnosis_of([text]) == expected


@pytest.mark.parametrize(
    "text",
    [
        # Of a user's own program, not of a build.
        "ModuleNotFoundError: No module named 'yaml'",
        "ImportError: cannot import name 'Self' from 'typing_extensions'",
        "RuntimeWarning: overflow encountered [-Wsomething]",
        "what(): std::bad_alloc",
    ],
)
def test_what_is_not_of_a_build(text):
    found = diagnose_text(text)
    assert not found or not found["id"].startswith("BUILD-")


@pytest.mark.skipif(not shutil.which("cmake"), reason="there is no CMake")
def test_a_cmake_that_is_too_old(tmp_path):
    (tmp_path / "CMakeLists.txt").write_text("cmake_minimum_required(VERSION 99.0)\nproject(x NONE)\n")
    done = subprocess.run(
        ["cmake", "-S", str(tmp_path), "-B", str(tmp_path / "build")],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    assert done.returncode and diagnosis_of(telling_lines(done.stdout.decode().splitlines())) == "BUILD-08"
