# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Compile on helpers by distcc, with exactly the same compiler.

ccache calls distcc with /usr/bin/g++, and a helper would use its own /usr/bin/g++, of any version and, on a PC, for
another processor. Debian's full names have both, aarch64-linux-gnu-g++-12, and a cross compiler has the same name.
"""

import os
import re

from .._base.errors import EnvironmentProblem

# A shell starts fast, even emulated. Without ccache's directory in PATH, distcc cannot call ccache again.
_SCRIPT = """#!/bin/sh
PATH=/usr/bin:/bin
export PATH
case "${{1##*/}}" in
*++*) compiler={prefix}g++{suffix} ;;
cc | *gcc*) compiler={prefix}gcc{suffix} ;;
*) exec "$@" ;;
esac
shift
exec distcc "$compiler" "$@"
"""


def full_names(version):
    """(prefix, suffix) of the full names of gcc and g++, from the output of `g++ -v`; None if it is not GCC."""
    target = re.search(r"^Target: (\S+)$", version, re.M)
    major = re.search(r"^gcc version (\d+)\.", version, re.M)
    return (target.group(1) + "-", "-" + major.group(1)) if target and major else None


def prefix_script(version, exists=os.path.exists):
    """The program that ccache calls before a compiler (CCACHE_PREFIX)."""
    names = full_names(version)
    if not names:
        raise EnvironmentProblem(
            "helpers compile with GCC, but this compiler is not GCC: %s. Leave torch_build_helpers empty"
            % " ".join(version.split())[:200]
        )
    prefix, suffix = names
    lacking = [
        path for path in ("/usr/bin/%s%s%s" % (prefix, name, suffix) for name in ("gcc", "g++")) if not exists(path)
    ]
    if lacking:
        raise EnvironmentProblem(
            "helpers compile with the same GCC under its full name, and this machine lacks %s. Install the compiler of"
            " the distribution, or leave torch_build_helpers empty" % " and ".join(lacking)
        )
    return _SCRIPT.format(prefix=prefix, suffix=suffix)
