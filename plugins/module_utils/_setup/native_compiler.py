# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A compiler that runs natively in an emulated container: the distribution's cross compiler for the container's
architecture, in a directory of its own, under the names of the container's compiler.

The kernel runs this machine's own programs in such a container, too, and an emulated program starts them like any
other. So nothing of a build changes: CMake, its tests, and the code generators run as on a board, emulated, and what
takes the time is not emulated. The headers and libraries are those of the distribution's packages for cross compilers.
"""

import posixpath
import re
import tarfile

from .._base.errors import EnvironmentProblem

TREE = "opt/edgeai-cross"
TRIPLETS = {"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "armhf": "arm-linux-gnueabihf"}
# Where the kernel looks for the loader of this machine's programs.
LOADERS = {"amd64": "lib64/ld-linux-x86-64.so.2", "arm64": "lib/ld-linux-aarch64.so.1"}
# These come before the container's own programs in a build's PATH.
PROGRAMS = "usr/local/bin"
# Not as and ld: this compiler has its own, and the container's own compilers would take them, and fail at their plugin.
_TOOLS = ("ar", "gcc-ar", "gcc-nm", "gcc-ranlib", "nm", "objcopy", "objdump", "ranlib", "readelf", "strip")
_COMPILERS = {"gcc": ("gcc", "cc"), "g++": ("g++", "c++")}
_KEPT = re.compile(r"usr/(?:bin|lib|libexec|[\w-]+-linux-gnu\w*)/")


def packages_for(architecture):
    return ["g++-" + TRIPLETS[architecture].replace("_", "-"), "ninja-build"]


def unpack_command(command, architecture):
    """mmdebstrap's command for a userland, changed to one that only unpacks the compiler: nothing of it is set up."""
    words = [word for word in command if not word.startswith(("--variant=", "--include="))]
    return [words[0], "--variant=extract", "--include=" + ",".join(packages_for(architecture))] + words[1:]


def add_compiler(userland, unpacked, own, architecture):
    """Add the compiler of one archive to the archive of a container's files."""
    triplet = TRIPLETS[architecture]
    with tarfile.open(unpacked) as source, tarfile.open(userland, "a") as target:
        names = set()
        for member in source:
            name = _name_in_tree(member.name)
            if not name or name in names:
                continue
            names.add(name)
            content = source.extractfile(member) if member.isfile() else None
            if member.issym() and member.linkname.startswith("/"):
                member.linkname = "/%s/%s" % (TREE, _merged(member.linkname.lstrip("/")))
            elif member.islnk():
                member.linkname = "%s/%s" % (TREE, _merged(_plain(member.linkname)))
            member.name = "%s/%s" % (TREE, name)
            target.addfile(member, content)
        if "usr/bin/%s-g++" % triplet not in names:
            raise EnvironmentProblem("the packages %s have no %s-g++" % (" ".join(packages_for(architecture)), triplet))
        for link, path in sorted(_links(names, own, triplet).items()):
            member = tarfile.TarInfo(link)
            member.type, member.linkname, member.mode = tarfile.SYMTYPE, path, 0o777
            target.addfile(member)


def _plain(name):
    return posixpath.normpath(name).lstrip("/")


def _merged(name):
    """The name where /lib is a link to /usr/lib."""
    return re.sub(r"^lib(?=\d*/)", "usr/lib", name)


def _name_in_tree(name):
    """The name in the tree, or None: documentation and configuration are of no use there."""
    name = _merged(_plain(name))
    return name if _KEPT.match(name) else None


def _links(names, own, triplet):
    """{link in the container: where it leads}"""
    tree = "/" + TREE
    links = {
        LOADERS[own]: "%s/usr/lib/%s/%s" % (tree, TRIPLETS[own], posixpath.basename(LOADERS[own])),
        "usr/lib/" + TRIPLETS[own]: "%s/usr/lib/%s" % (tree, TRIPLETS[own]),
        # The linker's scripts name it.
        "usr/%s/lib" % triplet: "%s/usr/%s/lib" % (tree, triplet),
        PROGRAMS + "/ninja": tree + "/usr/bin/ninja",
    }
    for name in names:
        program = posixpath.basename(name)
        if not name.startswith("usr/bin/") or not program.startswith(triplet + "-"):
            continue
        tool = program[len(triplet) + 1 :]
        base, _dash, major = tool.partition("-")
        if base in _COMPILERS and (not major or major.isdigit()):
            # By its full name, too: torch_build's toolchain may have a version, such as g++-12.
            wanted = [tool, program] if major else list(_COMPILERS[base]) + [program]
        else:
            wanted = [tool] if tool in _TOOLS else []
        for link in wanted:
            links["%s/%s" % (PROGRAMS, link)] = "%s/%s" % (tree, name)
    return links
