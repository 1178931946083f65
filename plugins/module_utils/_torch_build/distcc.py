# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Compilers of other machines, by distcc, and only ever the very same ones.

ccache calls distcc with /usr/bin/g++, and a helper would take its own /usr/bin/g++ for that, of whatever version and,
on a PC, for whatever
processor. Debian's compilers have a name that says both, aarch64-linux-gnu-g++-12, and a cross compiler has the same
one.
"""

import os
import re

from .errors import BuildProblem

# A shell starts in no time, also where it is emulated. Without ccache's directory in PATH, distcc cannot call it again.
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
    """What comes before and after gcc and g++ in their full names, from what `g++ -v` says; None if it is no GCC."""
    target = re.search(r"^Target: (\S+)$", version, re.M)
    major = re.search(r"^gcc version (\d+)\.", version, re.M)
    return (target.group(1) + "-", "-" + major.group(1)) if target and major else None


def prefix_script(version, exists=os.path.exists):
    """The program that ccache is to call in front of a compiler (CCACHE_PREFIX)."""
    names = full_names(version)
    if not names:
        raise BuildProblem(
            "helpers compile with GCC, and this compiler is another one: %s. Leave torch_build_helpers empty"
            % " ".join(version.split())[:200]
        )
    prefix, suffix = names
    lacking = [
        path for path in ("/usr/bin/%s%s%s" % (prefix, name, suffix) for name in ("gcc", "g++")) if not exists(path)
    ]
    if lacking:
        raise BuildProblem(
            "helpers compile with the same GCC under its full name, and this machine lacks %s. Install the compiler of"
            " the distribution, or leave torch_build_helpers empty" % " and ".join(lacking)
        )
    return _SCRIPT.format(prefix=prefix, suffix=suffix)
