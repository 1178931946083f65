# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A helper compiles with the builder's compiler and no other: the script between ccache and distcc, run by a real
shell.
"""

import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.distcc import full_names, prefix_script

# What `g++ -v` says on Debian 12 for arm64, and on Debian 13 for armhf.
BOOKWORM = """\
Using built-in specs.
COLLECT_GCC=g++
Target: aarch64-linux-gnu
Configured with: ../src/configure -v --with-pkgversion='Debian 12.2.0-14+deb12u1' --program-suffix=-12
Thread model: posix
gcc version 12.2.0 (Debian 12.2.0-14+deb12u1)
"""
TRIXIE = "Target: arm-linux-gnueabihf\nThread model: posix\ngcc version 14.2.0 (Debian 14.2.0-19)\n"
CLANG = "Debian clang version 14.0.6\nTarget: aarch64-unknown-linux-gnu\nThread model: posix\nInstalledDir: /usr/bin\n"


@pytest.fixture
def call(tmp_path):
    """The words that distcc gets for a command; a compiler that the script leaves alone says so."""
    for name, says in (("distcc", "distcc"), ("clang++", "itself"), ("ld", "itself")):
        program = tmp_path / name
        program.write_text('#!/bin/sh\necho %s "$@"\n' % says)
        program.chmod(0o755)

    def run(version, *words):
        script = tmp_path / "prefix"
        script.write_text(
            prefix_script(version, exists=lambda path: True).replace("PATH=/usr/bin:/bin", "PATH=%s" % tmp_path)
        )
        script.chmod(0o755)
        return subprocess.check_output([str(script)] + list(words)).decode().split()

    return run


@pytest.mark.parametrize(
    "compiler, name",
    [
        ("/usr/bin/c++", "g++"),
        ("/usr/bin/g++", "g++"),
        ("g++-12", "g++"),
        ("/usr/bin/aarch64-linux-gnu-g++", "g++"),
        ("/usr/bin/cc", "gcc"),
        ("/usr/bin/gcc", "gcc"),
        ("gcc-12", "gcc"),
    ],
)
def test_every_name_of_the_compiler_becomes_its_full_one(call, compiler, name):
    assert call(BOOKWORM, compiler, "-O2", "-DX=a b", "-c", "x.ii") == [
        "distcc",
        "aarch64-linux-gnu-%s-12" % name,
        "-O2",
        "-DX=a",
        "b",
        "-c",
        "x.ii",
    ]
    assert call(TRIXIE, compiler)[1] == "arm-linux-gnueabihf-%s-14" % name


def test_what_is_no_compiler_is_not_sent(call, tmp_path):
    assert call(BOOKWORM, str(tmp_path / "ld"), "-o", "x") == ["itself", "-o", "x"]


def test_what_is_no_gcc():
    assert full_names(BOOKWORM) == ("aarch64-linux-gnu-", "-12")
    assert full_names(CLANG) is None and full_names("") is None
    with pytest.raises(
        EnvironmentProblem, match="helpers compile with GCC.*Debian clang version 14.0.6.*torch_build_helpers"
    ):
        prefix_script(CLANG)


def test_a_compiler_without_its_full_name():
    with pytest.raises(EnvironmentProblem, match="lacks /usr/bin/aarch64-linux-gnu-g[+][+]-12. Install"):
        prefix_script(BOOKWORM, exists=lambda path: path == "/usr/bin/aarch64-linux-gnu-gcc-12")
