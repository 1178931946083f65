# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The architecture is read where dpkg's own record says it, and asked for elsewhere."""

import shutil
import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board.dpkg import read_dpkg_architecture
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from board_support import FakeSystem, load

ASK = ["dpkg", "--print-architecture"]
RECORD = """Package: dmsetup
Status: install ok installed
Architecture: riscv64

Package: dpkg
Essential: yes
Status: install ok installed
Maintainer: Dpkg Developers <debian-dpkg@lists.debian.org>
Architecture: arm64
Multi-Arch: foreign
Version: 1.21.22
Description: Debian package management system
 Architecture: none

Package: dpkg-dev
Status: install ok installed
Architecture: all
"""


def debian(record=RECORD, **files):
    """A Raspberry Pi with dpkg's files; what dpkg itself says differs, so that a test sees who was asked."""
    board = load("pi4_bookworm")
    board["files"].update({"/usr/bin/dpkg": "\x7fELF", "/var/lib/dpkg/status": record})
    board["commands"]["dpkg --print-architecture"] = [0, "asked\n", ""]
    return board


def read(board):
    system = FakeSystem(board)
    found = read_dpkg_architecture(system)
    assert system.started == ([] if found == "arm64" else [ASK])
    return found


def test_the_record_of_dpkg():
    assert read(debian()) == "arm64"
    assert read(debian(RECORD.replace("install ok", "hold ok"))) == "arm64"
    board = debian()
    del board["files"]["/usr/bin/dpkg"]
    board["files"]["/usr/bin/dpkg"] = "\x7fELF"
    board["links"]["/bin/dpkg"] = "/usr/bin/dpkg"
    assert read(board) == "arm64"


@pytest.mark.parametrize(
    "record",
    [
        "",
        RECORD.replace("Package: dpkg\n", "Package: dpkg-cross\n"),
        RECORD.replace("yes\nStatus: install ok installed", "yes\nStatus: deinstall ok config-files"),
        RECORD.replace("yes\nStatus: install ok installed", "yes\nStatus: install ok half-configured"),
        RECORD.replace("Architecture: arm64\n", ""),
        RECORD.replace("arm64", "\x1b[31m"),
        RECORD.partition("\n\n")[2],
    ],
)
def test_without_a_record_dpkg_is_asked(record):
    assert read(debian(record)) == "asked"


@pytest.mark.parametrize("program", ["#!/bin/sh\nexec dpkg.real\n", ""])
def test_a_wrapper_is_asked(program):
    board = debian()
    board["files"]["/usr/bin/dpkg"] = program
    assert read(board) == "asked"


def test_another_dpkg_is_asked():
    board = debian()
    board["files"]["/usr/local/bin/dpkg"] = "\x7fELF"
    assert read(board) == "asked"
    board["links"]["/usr/local/bin/dpkg"] = "/usr/bin/dpkg"
    assert read(board) == "arm64"


def test_another_distribution_is_asked():
    board = debian()
    board["files"]["/etc/os-release"] = "ID=poky\n"
    assert read(board) == "asked"
    board["files"]["/etc/os-release"] = 'ID=raspbian\nID_LIKE="debian"\n'
    assert read(board) == "arm64"
    board["files"]["/etc/os-release"] = 'ID=linuxmint\nID_LIKE="ubuntu debian"\n'
    assert read(board) == "arm64"


def test_no_dpkg():
    board = debian()
    del board["files"]["/usr/bin/dpkg"], board["commands"]["dpkg --print-architecture"]
    assert read(board) is None  # though its record remains


@pytest.mark.skipif(shutil.which("dpkg") is None, reason="this machine has no dpkg")
def test_this_machine():
    assert read_dpkg_architecture(System()) == subprocess.check_output(ASK).decode().strip()
