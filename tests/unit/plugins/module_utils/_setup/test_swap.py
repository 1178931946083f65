# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Swap: real files below a directory, the real mkswap, and stand-ins for what talks to the kernel."""

import os
import shutil
import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._board.swap_manager import find_manager
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.swap import LABEL, SwapHost, find_changes
from environment_support import lack

FSTAB = "proc /proc proc defaults 0 0\nPARTUUID=1 / ext4 defaults,noatime 0 1\n"
SWAPS = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
SWAPFILE = "/var/swap.edgeai"
DROP_IN = "/etc/rpi/swap.conf.d/99-edgeai-swap.conf"

# The kernel's part, which a test cannot have: what is swapped to is a line in the board's /proc/swaps.
SWAPON = """#!/bin/sh
[ ! -e "$BOARD/refuse" ] || { echo "swapon: $1: swapon failed: Operation not permitted" >&2; exit 255; }
echo "$1 file $(($(stat -c %s "$1") / 1024 - 4)) 0 -2" >>"$BOARD/proc/swaps"
"""
SWAPOFF = """#!/bin/sh
grep -v "^$1 " "$BOARD/proc/swaps" >"$BOARD/proc/new"
mv "$BOARD/proc/new" "$BOARD/proc/swaps"
"""
# What the real one does with its configuration: sourced, the size limited without an error.
DPHYS = """#!/bin/sh
set -e
CONF_SWAPFILE=/var/swap CONF_SWAPSIZE= CONF_MAXSWAP=2048 CONF_MAXDISK_PCT=50
. "$BOARD/etc/dphys-swapfile"
file="$BOARD$CONF_SWAPFILE"
case "$1" in
setup)
    [ -z "$CONF_MAXDISK_PCT" ] || [ "$CONF_SWAPSIZE" -le 60 ] || CONF_SWAPSIZE=60
    [ "$CONF_SWAPSIZE" -le "$CONF_MAXSWAP" ] || CONF_SWAPSIZE=$CONF_MAXSWAP
    swapoff "$file"
    truncate -s "${CONF_SWAPSIZE}M" "$file"
    [ ! -e "$BOARD/fail" ] || { echo "dd: No space left on device" >&2; exit 1; } ;;
swapon) swapon "$file" ;;
esac
"""


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


class Board(object):
    """A directory that is a board's /."""

    def __init__(self, root):
        self.root = root
        self.calls = []
        self.environment = dict(
            os.environ, BOARD=str(root), PATH="%s:%s:/usr/sbin:/sbin" % (root / "bin", os.environ["PATH"])
        )
        write(root / "etc/fstab", FSTAB)
        write(root / "proc/swaps", SWAPS)
        write(root / "proc/meminfo", "MemTotal: 1000000 kB\nMemAvailable: 500000 kB\n")
        self.mount("/dev/mmcblk0p2 / ext4 rw,noatime 0 0")
        write(root / "bin/swapon", SWAPON, 0o755)
        write(root / "bin/swapoff", SWAPOFF, 0o755)
        (root / "var").mkdir()

    def mount(self, *lines):
        write(self.root / "proc/self/mounts", "".join(line + "\n" for line in lines))

    def swap_to(self, name, mib, used=0):
        with (self.root / "proc/swaps").open("a") as stream:
            stream.write("%s file %d %d -2\n" % (name, mib * 1024 - 4, used * 1024))

    def swaps(self):
        return dict(
            (name.replace(str(self.root), ""), size)
            for name, (size, used) in SwapHost(None, str(self.root)).read_swaps().items()
        )

    def read(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def exists(self, path):
        return (self.root / path.lstrip("/")).exists()

    def run(self, argv):
        self.calls.append([word.replace(str(self.root), "") for word in argv])
        process = subprocess.Popen(argv, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        out, err = process.communicate()
        return process.returncode, out.decode(), err.decode()

    def ensure(self, size_mib=None, path=SWAPFILE, check_mode=False, manager=None):
        """(manager, changed, reboot required, the diff's texts)"""
        self.calls = []
        manager, changes = find_changes(
            SwapHost(self.run, str(self.root)), size_mib, path, size_mib is not None, manager
        )
        diff = [part for change in changes for part in change.diff]
        if not check_mode:
            for change in changes:
                if change.diff:
                    change.apply()
        return manager, bool(diff), any(change.reboot for change in changes), diff

    def tree(self):
        return sorted((str(path), path.lstat().st_mtime_ns) for path in self.root.glob("**/*"))


@pytest.fixture
def board(tmp_path):
    if not any(shutil.which("mkswap", path=place) for place in (os.environ["PATH"], "/usr/sbin:/sbin")):
        lack("no mkswap: install util-linux")
    root = tmp_path.resolve() / "root"
    root.mkdir()
    return Board(root)


def install_dphys(board, config="CONF_SWAPSIZE=20"):
    write(board.root / "etc/dphys-swapfile", config)
    for place in ("sbin", "bin"):
        write(board.root / place / "dphys-swapfile", DPHYS, 0o755)
    board.run(["dphys-swapfile", "setup"])
    board.run(["dphys-swapfile", "swapon"])


def install_rpi_swap(board):
    write(board.root / "etc/rpi/swap.conf", "[Main]\n#Mechanism=auto\n\n[File]\n#Path=/var/swap\n")
    write(board.root / "proc/sys/kernel/random/boot_id", "first\n")
    board.swap_to("/dev/zram0", 2048)


def test_managers(board):
    host = SwapHost(board.run, str(board.root))
    assert find_manager(host.exists) is None
    write(board.root / "etc/dphys-swapfile", "")
    assert find_manager(host.exists) is None, "the configuration that a removed package left behind"
    write(board.root / "sbin/dphys-swapfile", "")
    assert find_manager(host.exists) == "dphys-swapfile"
    write(board.root / "etc/rpi/swap.conf", "")
    assert find_manager(host.exists) == "rpi-swap"


# -- a file of our own -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["ext4", "xfs"])
def test_a_swap_file(board, kind):
    board.mount("/dev/mmcblk0p2 / %s rw 0 0" % kind)
    before = board.tree()
    assert board.ensure(20, check_mode=True)[:3] == ("swapfile", True, False)
    assert board.tree() == before
    manager, changed, reboot, diff = board.ensure(20)
    assert (manager, changed, reboot) == ("swapfile", True, False)
    assert diff[0]["after"] == FSTAB + "/var/swap.edgeai none swap sw,nofail 0 0\n"
    assert diff[1] == {"before": "/var/swap.edgeai: absent\n", "after": "/var/swap.edgeai: 20 MiB, in use\n"}
    assert board.swaps() == {SWAPFILE: 20 * 1024 - 4}
    assert board.read("/etc/fstab") == diff[0]["after"]
    file = board.root / "var/swap.edgeai"
    assert (file.stat().st_mode & 0o777, file.stat().st_size) == (0o600, 20 << 20)
    assert file.stat().st_blocks * 512 >= 20 << 20, "the kernel swaps to no file with holes"
    assert os.listdir(str(board.root / "var")) == ["swap.edgeai"]
    before = board.tree()
    assert board.ensure(20)[1:] == (False, False, [])
    assert board.tree() == before


def test_a_swap_file_gets_another_size_and_is_removed(board):
    board.ensure(20)
    assert board.ensure(30)[1]
    assert board.swaps() == {SWAPFILE: 30 * 1024 - 4}
    assert ["swapoff", SWAPFILE] in board.calls
    assert board.ensure(16)[1]
    assert board.swaps() == {SWAPFILE: 16 * 1024 - 4}
    assert board.read("/etc/fstab").count(SWAPFILE) == 1
    before = board.tree()
    assert board.ensure(check_mode=True)[1]
    assert board.tree() == before
    assert board.ensure()[1]
    assert (board.swaps(), board.read("/etc/fstab"), os.listdir(str(board.root / "var"))) == ({}, FSTAB, [])
    assert board.ensure()[1:] == (False, False, [])


def test_what_a_power_cut_or_a_hand_left(board):
    write(board.root / "var/swap.edgeai.new", "half")
    board.ensure(20)
    assert os.listdir(str(board.root / "var")) == ["swap.edgeai"]
    # Switched off by hand, or by the next start of a board whose fstab line is gone.
    write(board.root / "proc/swaps", SWAPS)
    write(board.root / "etc/fstab", FSTAB + "%s none swap noauto 0 0\n%s none swap sw 0 0" % (SWAPFILE, SWAPFILE))
    assert board.ensure(20)[1]
    assert (board.calls, board.swaps()) == ([["swapon", SWAPFILE]], {SWAPFILE: 20 * 1024 - 4})
    assert board.read("/etc/fstab") == FSTAB + "/var/swap.edgeai none swap sw,nofail 0 0\n"
    # Gone, but for its line.
    (board.root / "var/swap.edgeai").unlink()
    write(board.root / "proc/swaps", SWAPS)
    assert board.ensure()[1]
    assert board.read("/etc/fstab") == FSTAB
    # Made under a kernel with pages of another size.
    board.ensure(20)
    page = os.sysconf("SC_PAGE_SIZE")
    with (board.root / "var/swap.edgeai").open("r+b") as stream:
        stream.seek(page - 10)
        stream.write(bytes(10))
        stream.seek(4 * page - 10)
        stream.write(b"SWAPSPACE2")
    write(board.root / "proc/swaps", SWAPS)
    assert board.ensure(20)[1]
    assert [call[0] for call in board.calls] == ["mkswap", "swapon"]


def test_a_file_of_somebody_else_stays(board):
    write(board.root / "var/swap.edgeai", "precious")
    with pytest.raises(EnvironmentProblem, match="/var/swap.edgeai exists and is not the swap file of this collection"):
        board.ensure(20)
    write(board.root / "etc/fstab", FSTAB + "/var/swap.edgeai none swap sw 0 0\n")
    before = board.tree()
    assert not board.ensure()[1]
    assert board.tree() == before
    (board.root / "var/swap.edgeai").unlink()
    (board.root / "var/swap.edgeai").symlink_to("/etc/passwd")
    with pytest.raises(EnvironmentProblem, match="exists and is not"):
        board.ensure(20)


def test_other_swap_counts_and_compressed_memory_does_not(board):
    board.swap_to("/dev/zram0", 4096)
    assert board.ensure(20, check_mode=True)[1]
    board.swap_to("/dev/sda2", 20)
    assert board.ensure(20)[1:] == (False, False, [])
    assert board.ensure(21, check_mode=True)[1]


def test_a_kernel_that_refuses_leaves_nothing_behind(board):
    (board.root / "refuse").write_text("")
    with pytest.raises(EnvironmentProblem) as caught:
        board.ensure(20)
    assert "ended with status 255: swapon: " in str(caught.value)
    assert "Operation not permitted. Nothing was left behind" in str(caught.value)
    assert (board.read("/etc/fstab"), os.listdir(str(board.root / "var"))) == (FSTAB, [])


@pytest.mark.parametrize(
    "mount, said",
    [
        ("overlay / overlay rw 0 0", "/ is overlay, and the kernel cannot swap to a file on an overlay"),
        (
            "/dev/sda1 / btrfs rw 0 0",
            "/ is btrfs, and a swap file there must be made with `btrfs filesystem mkswapfile`",
        ),
        ("tmpfs /var tmpfs rw 0 0", "/var is tmpfs, and it is held in memory"),
        ("host:/x /var nfs4 rw 0 0", "/var is nfs4, and swap over a network"),
        ("/dev/sda1 /var fuseblk rw 0 0", "/var is fuseblk, and it is in user space"),
        ("/dev/mmcblk0p2 / ext4 ro,noatime 0 0", "/ is ext4, and it is mounted read-only"),
    ],
)
def test_file_systems_that_take_no_swap_file(board, mount, said):
    board.mount("/dev/mmcblk0p2 / ext4 rw 0 0", mount)
    before = board.tree()
    with pytest.raises(EnvironmentProblem) as caught:
        board.ensure(20)
    assert str(caught.value).startswith("a swap file cannot be at /var/swap.edgeai: " + said)
    assert str(caught.value).endswith("Give a path on a disk with ext4 or xfs")
    assert board.tree() == before


def test_the_mount_of_another_directory_is_not_asked(board):
    board.mount("/dev/mmcblk0p2 / ext4 rw 0 0", "tmpfs /va tmpfs rw 0 0", "tmpfs /variety tmpfs rw 0 0")
    assert board.ensure(20)[1]


def test_too_little_space(board):
    with pytest.raises(
        EnvironmentProblem,
        match=(
            r"9000000000 MiB of swap at /var/swap.edgeai need 9000000256 MiB on /, of which 256 MiB stay free,"
            r" but only \d+ MiB are"
        ),
    ):
        board.ensure(9000000000)


def test_used_swap_that_fits_nowhere_is_not_taken_away(board):
    board.ensure(20)
    write(board.root / "proc/swaps", SWAPS)
    board.swap_to(str(board.root / "var/swap.edgeai"), 20, used=600)
    for size in (30, None):
        with pytest.raises(
            EnvironmentProblem, match="600 MiB of it are in use, and only 488 MiB of memory are available"
        ):
            board.ensure(size)
    assert board.exists(SWAPFILE)


@pytest.mark.parametrize("path", ["swap", "/var/my swap", "/var/../swap", "/var/"])
def test_a_path_that_fstab_does_not_know(board, path):
    with pytest.raises(EnvironmentProblem, match="an absolute path without white space"):
        board.ensure(20, path)


def test_a_size_in_gib(board):
    with pytest.raises(EnvironmentProblem, match="give the size in MiB"):
        board.ensure(4)


def test_the_label_fits_into_the_header():
    assert len(LABEL) < 16


# -- dphys-swapfile ----------------------------------------------------------------------------------------------------


def test_dphys_swapfile(board):
    install_dphys(board)
    assert board.swaps() == {"/var/swap": 20 * 1024 - 4}
    assert board.ensure(20)[1:] == (False, False, []), "what it makes by itself is enough"
    before = board.tree()
    assert board.ensure(100, check_mode=True)[:3] == ("dphys-swapfile", True, False)
    assert board.tree() == before
    manager, changed, reboot, diff = board.ensure(100)
    assert (manager, changed, reboot) == ("dphys-swapfile", True, False)
    assert diff[0]["before"] == "CONF_SWAPSIZE=20"
    assert diff[0]["after"].startswith("CONF_SWAPSIZE=20\n# BEGIN edgeai.fleet swap_space\nCONF_SWAPSIZE=100\n")
    assert diff[1] == {"before": "/var/swap: 20 MiB\n", "after": "/var/swap: 100 MiB\n"}
    # More than half of the disk, by the stand-in's count: its own limit must be off.
    assert board.swaps() == {"/var/swap": 100 * 1024 - 4}
    assert board.read("/etc/fstab") == FSTAB
    assert board.ensure(100)[1:] == (False, False, [])
    assert board.ensure(40)[1]
    assert board.swaps() == {"/var/swap": 40 * 1024 - 4}
    assert board.ensure()[1]
    assert (board.read("/etc/dphys-swapfile"), board.swaps()) == ("CONF_SWAPSIZE=20\n", {"/var/swap": 20 * 1024 - 4})
    assert board.ensure()[1:] == (False, False, [])


def test_a_file_for_a_while_leaves_what_else_there_is_alone(board):
    install_dphys(board)
    board.ensure(40)
    config = board.read("/etc/dphys-swapfile")
    assert board.ensure(40, "/srv/builds/swap", manager="swapfile")[1:] == (False, False, []), "there is enough"
    assert board.ensure(64, "/srv/builds/swap", manager="swapfile")[:3] == ("swapfile", True, False)
    assert board.swaps() == {"/var/swap": 40 * 1024 - 4, "/srv/builds/swap": 64 * 1024 - 4}
    assert board.ensure(64, "/srv/builds/swap", manager="swapfile")[1:] == (False, False, [])
    assert board.ensure(None, "/srv/builds/swap", manager="swapfile")[1]
    assert (board.swaps(), board.read("/etc/dphys-swapfile"), board.read("/etc/fstab")) == (
        {"/var/swap": 40 * 1024 - 4},
        config,
        FSTAB,
    )
    assert board.ensure(None, "/srv/builds/swap", manager="swapfile")[1:] == (False, False, [])


def test_dphys_swapfile_that_is_switched_off(board):
    install_dphys(board)
    board.ensure(40)
    write(board.root / "proc/swaps", SWAPS)
    manager, changed, reboot, diff = board.ensure(40)
    assert diff == [{"before": "/var/swap: 0 MiB\n", "after": "/var/swap: 40 MiB\n"}]
    assert board.swaps() == {"/var/swap": 40 * 1024 - 4}


def test_dphys_swapfile_elsewhere(board):
    install_dphys(
        board, '#CONF_SWAPFILE=/nowhere\nCONF_SWAPFILE=/a\nCONF_SWAPFILE="/var/other"  # the disk\nCONF_SWAPSIZE=20\n'
    )
    board.ensure(40)
    assert board.swaps() == {"/var/other": 40 * 1024 - 4}


def test_dphys_swapfile_that_fails_has_its_configuration_back(board):
    install_dphys(board)
    (board.root / "fail").write_text("")
    with pytest.raises(
        EnvironmentProblem,
        match=(
            "`dphys-swapfile setup` ended with status 1: dd: No space left on device. /etc/dphys-swapfile was restored"
        ),
    ):
        board.ensure(40)
    assert board.read("/etc/dphys-swapfile") == "CONF_SWAPSIZE=20"


def test_dphys_swapfile_with_used_swap(board):
    install_dphys(board)
    write(board.root / "proc/swaps", SWAPS)
    board.swap_to(str(board.root / "var/swap"), 20, used=600)
    with pytest.raises(EnvironmentProblem, match="/var/swap cannot be resized or removed now"):
        board.ensure(40)


# -- rpi-swap ----------------------------------------------------------------------------------------------------------


def test_rpi_swap(board):
    install_rpi_swap(board)
    before = board.tree()
    assert board.ensure(20, check_mode=True)[:3] == ("rpi-swap", True, True)
    assert board.tree() == before
    assert board.ensure(20)[:3] == ("rpi-swap", True, True)
    assert "[Main]\nMechanism=swapfile\n\n[File]\nFixedSizeMiB=20\n" in board.read(DROP_IN)
    # Nothing happens to it until the board starts again.
    assert board.ensure(20) == ("rpi-swap", False, True, [])
    write(board.root / "proc/sys/kernel/random/boot_id", "second\n")
    with pytest.raises(
        EnvironmentProblem,
        match="the board was restarted since %s asks rpi-swap for 20 MiB, but it has 0 MiB of swap" % DROP_IN,
    ):
        board.ensure(20)
    write(board.root / "proc/swaps", SWAPS)
    board.swap_to("/var/swap", 20)
    assert board.ensure(20) == ("rpi-swap", False, False, [])
    assert board.ensure(16)[:3] == ("rpi-swap", True, True)
    assert board.ensure()[:3] == ("rpi-swap", True, True)
    assert not board.exists(DROP_IN)
    assert board.ensure() == ("rpi-swap", False, False, [])


def test_rpi_swap_on_a_file_system_that_takes_none(board):
    install_rpi_swap(board)
    write(board.root / "etc/rpi/swap.conf", "[File]\nPath=/ram/swap\n")
    (board.root / "ram").mkdir()
    board.mount("/dev/mmcblk0p2 / ext4 rw 0 0", "tmpfs /ram tmpfs rw 0 0")
    with pytest.raises(EnvironmentProblem, match="a swap file cannot be at /ram/swap: /ram is tmpfs"):
        board.ensure(20)


def test_what_an_older_manager_was_told_is_taken_back(board):
    install_dphys(board)
    board.ensure(40)
    install_rpi_swap(board)
    assert board.ensure()[:3] == ("rpi-swap", True, False)
    assert board.read("/etc/dphys-swapfile") == "CONF_SWAPSIZE=20\n"
