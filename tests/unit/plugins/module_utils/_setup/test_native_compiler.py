# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A cross compiler's files in a container's archive; tests/integration compiles with it."""

import io
import tarfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup import native_compiler
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.builder_image import userland_command

# As Debian 12 has them: without a merged /usr in the packages of the C library.
FILES = [
    "usr/bin/arm-linux-gnueabihf-gcc-12",
    "usr/bin/arm-linux-gnueabihf-g++-12",
    "usr/bin/arm-linux-gnueabihf-ar",
    "usr/bin/arm-linux-gnueabihf-ld",
    "usr/bin/arm-linux-gnueabihf-as",
    "usr/bin/arm-linux-gnueabihf-gcov-12",
    "usr/bin/ninja",
    "usr/lib/gcc-cross/arm-linux-gnueabihf/12/cc1plus",
    "usr/arm-linux-gnueabihf/lib/libc.so",
    "lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
    "usr/share/doc/gcc/copyright",
    "etc/passwd",
]
LINKS = {
    "usr/bin/arm-linux-gnueabihf-gcc": "arm-linux-gnueabihf-gcc-12",
    "usr/bin/arm-linux-gnueabihf-g++": "arm-linux-gnueabihf-g++-12",
    "usr/lib/x86_64-linux-gnu/libm.so": "/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2",
}


def write(path, files, links):
    with tarfile.open(str(path), "w") as tar:
        for name in files:
            member = tarfile.TarInfo("./" + name)
            member.size, member.mode = len(name), 0o755
            tar.addfile(member, io.BytesIO(name.encode()))
        for name, target in links.items():
            member = tarfile.TarInfo("./" + name)
            member.type, member.linkname = tarfile.SYMTYPE, target
            tar.addfile(member)
    return str(path)


@pytest.fixture
def members(tmp_path):
    userland = write(tmp_path / "userland.tar", ["bin/sh"], {})
    native_compiler.add_compiler(userland, write(tmp_path / "compiler.tar", FILES, LINKS), "amd64", "armhf")
    with tarfile.open(userland) as tar:
        return dict((member.name, member) for member in tar)


def test_its_files_are_in_a_directory_of_their_own(members):
    own = [name for name in members if not name.startswith("opt/edgeai-cross/") and not members[name].issym()]
    assert own == ["./bin/sh"]
    assert members["opt/edgeai-cross/usr/lib/gcc-cross/arm-linux-gnueabihf/12/cc1plus"].mode == 0o755
    assert "opt/edgeai-cross/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2" in members
    loader = "/opt/edgeai-cross/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    assert members["opt/edgeai-cross/usr/lib/x86_64-linux-gnu/libm.so"].linkname == loader
    assert not [name for name in members if "copyright" in name or "passwd" in name]


def test_the_links_of_the_container_lead_to_files_that_are_there(members):
    links = dict(
        (name, each.linkname) for name, each in members.items() if not name.startswith("opt/") and each.issym()
    )
    bin_of = "/opt/edgeai-cross/usr/bin/arm-linux-gnueabihf-"
    for name, tool in (("gcc", "gcc"), ("c++", "g++"), ("g++-12", "g++-12"), ("ar", "ar")):
        assert links.pop("usr/local/bin/" + name) == bin_of + tool
    assert links["lib64/ld-linux-x86-64.so.2"] == "/opt/edgeai-cross/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2"
    assert links["usr/arm-linux-gnueabihf/lib"] == "/opt/edgeai-cross/usr/arm-linux-gnueabihf/lib"
    for path in links.values():
        assert any(name == path[1:] or name.startswith(path[1:] + "/") for name in members), path


def test_the_containers_own_compilers_keep_their_linker(members):
    names = [name for name in members if name.startswith(("usr/local/bin/", "usr/arm-linux-gnueabihf/"))]
    assert not [name for name in names if name.endswith(("/ld", "/as", "/bin", "gcov-12"))]


def test_packages_without_a_compiler(tmp_path):
    userland = write(tmp_path / "userland.tar", ["bin/sh"], {})
    with pytest.raises(
        EnvironmentProblem, match=r"g\+\+-arm-linux-gnueabihf ninja-build have no arm-linux-gnueabihf-g"
    ):
        native_compiler.add_compiler(userland, write(tmp_path / "none.tar", ["usr/bin/ninja"], {}), "amd64", "armhf")


def test_the_command_that_unpacks_it():
    command = native_compiler.unpack_command(userland_command("bookworm", "amd64")[0], "arm64")
    assert command == [
        "mmdebstrap",
        "--variant=extract",
        "--include=g++-aarch64-linux-gnu,ninja-build",
        "--architectures=amd64",
        "--format=tar",
        "bookworm",
    ]
    assert native_compiler.packages_for("amd64")[0] == "g++-x86-64-linux-gnu"
