# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Everything that was added goes, and nothing else."""

import os
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import record_additions
from ansible_collections.edgeai.fleet.plugins.module_utils._root.jupyter_kernel import kernel_place, register_kernel
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.removal import Removal
from environment_support import Bench, uv_artifact

GROUPS = "root:x:0:\nvideo:x:44:ml,other\nrender:x:109:other\n"
GPASSWD = """#!/bin/sh
grep -q "^$3:.*[:,]$2" "$BOARD/etc/group" || exit 3
sed -i "/^$3:/s/\\b$2\\b,\\?//" "$BOARD/etc/group"
"""


class Board(object):
    """A directory that is a board's /, with programs that act on it."""

    def __init__(self, top, root):
        self.top, self.root = top, root
        self.environment = dict(os.environ, BOARD=str(top))
        for path, text in (("etc/group", GROUPS), ("etc/fstab", ""), ("proc/swaps", "Filename\n"), ("run/x", "")):
            self.write(path, text)
        self.program("gpasswd", GPASSWD)

    def write(self, path, text):
        path = self.top / path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def program(self, name, text):
        self.write("bin/" + name, text).chmod(0o755)

    def find(self, name):
        path = str(self.top / "bin" / name)
        return path if os.path.exists(path) else None

    def run(self, argv, answer=None):
        process = subprocess.Popen(argv, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        return process.returncode, out.decode(), err.decode()

    def removal(self, **options):
        return Removal(str(self.root), self.run, self.find, top=str(self.top), **options)


@pytest.fixture(scope="module")
def uv(tmp_path_factory):
    return uv_artifact(tmp_path_factory.mktemp("uv"))


@pytest.fixture
def bench(tmp_path, uv):
    return Bench(tmp_path, uv)


@pytest.fixture
def board(tmp_path, bench):
    return Board(tmp_path / "board", bench.root)


def test_all_of_it_goes_and_a_second_run_finds_nothing(board, bench):
    bench.current(bench.build_torch("aaa", "1.0"))
    folder = board.top / "mnt" / "swap"
    record_additions(
        bench.root,
        [
            {"kind": "group", "user": "ml", "group": "video"},
            {"kind": "group", "user": "ml", "group": "render"},
            {"kind": "directory", "path": str(folder)},
            {"kind": "package", "name": "edge", "manager": "dpkg"},
            {"kind": "vendor", "name": "driver of the Ascend chip", "version": "24.1"},
        ],
    )
    folder.mkdir(parents=True)
    board.program("dpkg-query", "#!/bin/sh\necho 'ii  edge'\n")
    fresh = os.listdir(bench.folder)
    found = board.removal()
    assert found.removed[0] == "group video of the user ml"
    assert "environment aaa-1" in found.removed and not any("render" in what for what in found.removed)
    assert found.left == [
        "package edge: torch_remove_packages is not set",
        "driver of the Ascend chip 24.1: only its vendor's own program removes it",
    ]
    assert found.unknown == []
    found.apply()
    assert "ml" not in (board.top / "etc/group").read_text() and "other" in (board.top / "etc/group").read_text()
    assert not folder.exists() and not os.path.exists(bench.root)
    assert found.reboot_reasons == ["the groups of ml in its open sessions"]
    assert sorted(os.listdir(bench.folder)) == sorted(set(fresh) - {"torch"})
    again = board.removal()
    assert (again.removed, again.left, again.unknown) == ([], [], [])


def test_the_kernel_of_jupyter_goes_unless_someone_replaced_it(board, bench, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    bench.current(bench.build_torch("aaa", "1.0"))
    register_kernel(bench.root, False, str(board.top))
    place = kernel_place(bench.root, str(board.top))
    found = board.removal()
    assert "Jupyter kernel %s" % place in found.removed
    found.apply()
    assert not (board.top / "usr").exists()
    register_kernel(bench.root, False, str(board.top))
    with open(os.path.join(place, "kernel.json"), "w") as stream:
        stream.write("{}")
    found = board.removal()
    assert "%s: someone has changed this Jupyter kernel" % place in found.left
    found.apply()
    assert os.path.exists(os.path.join(place, "kernel.json"))


def test_packages_only_when_asked(board, bench):
    bench.build_torch("aaa", "1.0")
    record_additions(bench.root, [{"kind": "package", "name": "edge", "manager": "dpkg"}])
    record_additions(bench.root, [{"kind": "package", "name": "gone", "manager": "dpkg"}])
    board.program("dpkg-query", '#!/bin/sh\n[ -e "$BOARD/purged" ] || echo "ii  edge"\n')
    board.program("dpkg", '#!/bin/sh\n[ "$1" = --no-act ] || { [ "$2" = edge ] && touch "$BOARD/purged"; }\n')
    found = board.removal(packages=True)
    assert "system packages: edge" in found.removed
    found.apply()
    assert (board.top / "purged").exists()


def test_without_a_usable_record_it_says_what_it_cannot_know(board, bench):
    bench.build_torch("aaa", "1.0")
    path = os.path.join(bench.root, "state", "additions.json")
    with open(path, "w") as stream:
        stream.write("{")
    found = board.removal()
    assert len(found.unknown) == 1 and "cannot be read" in found.unknown[0] and "groups of users" in found.unknown[0]
    os.unlink(path)
    record_additions(bench.root, [{"kind": "group", "user": "ml", "group": "video"}])
    found = board.removal()
    assert "began after the first installation" in found.unknown[0]
    assert found.removed[0] == "group video of the user ml"


def test_nothing_is_removed_while_a_process_uses_an_environment(board, bench):
    built = bench.build_torch("aaa", "1.0")
    bench.current(built)
    child = subprocess.Popen([sys.executable, "-c", "input()"], cwd=built["path"], stdin=subprocess.PIPE)
    try:
        with pytest.raises(EnvironmentProblem, match="processes still use the environment aaa-1"):
            board.removal()
    finally:
        child.communicate(b"\n")
    assert os.path.exists(built["path"])


def test_a_swap_file_that_only_the_system_knows(board, bench):
    path = board.top / "data" / "swap"
    path.parent.mkdir()
    header = bytearray(os.sysconf("SC_PAGE_SIZE"))
    header[1052:1063] = b"edgeai-swap"
    header[-10:] = b"SWAPSPACE2"
    path.write_bytes(bytes(header) + bytes(1 << 20))
    line = "/data/swap none swap sw,nofail 0 0\n"
    other = "/data/other none swap sw 0 0\n"
    board.write("data/other", "of someone else")
    board.write("etc/fstab", other + line)
    board.write("proc/meminfo", "MemAvailable: 500000 kB\n")
    found = board.removal()
    assert found.removed == ["swap file /data/swap"]
    found.apply()
    assert not path.exists() and (board.top / "data" / "other").exists()
    assert (board.top / "etc/fstab").read_text() == other


def test_a_helpers_daemon_is_stopped(board):
    pid = board.write("run/edgeai-distccd-pi.pid", "4711\n")
    arguments = board.write("run/edgeai-distccd-pi.arguments", "--port=3700\n")
    board.program("start-stop-daemon", '#!/bin/sh\necho "$@" >> "$BOARD/calls"\n')
    found = board.removal()
    assert found.removed == ["distccd for the builder pi"]
    found.apply()
    assert not pid.exists() and not arguments.exists()
    assert "--stop" in (board.top / "calls").read_text()


def test_a_program_that_fails_leaves_the_record(board, bench):
    bench.build_torch("aaa", "1.0")
    record_additions(bench.root, [{"kind": "group", "user": "ml", "group": "video"}])
    board.program("gpasswd", "#!/bin/sh\necho 'gpasswd: cannot lock /etc/group' >&2; exit 1\n")
    with pytest.raises(EnvironmentProblem, match="cannot lock /etc/group"):
        board.removal().apply()
    assert "group video of the user ml" in board.removal().removed
