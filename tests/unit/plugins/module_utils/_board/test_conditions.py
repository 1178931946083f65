# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board.collect import collect
from board_support import FakeSystem, load

ROOT = "/opt/edgeai/torch"
PLAIN = "25 1 179:2 / / rw,noatime shared:1 - ext4 /dev/mmcblk0p2 rw,errors=remount-ro\n"
MEMORY = "24 1 0:22 / / rw,relatime - tmpfs tmpfs rw,size=1024k\n"
# overlayroot (Raspberry Pi OS 12, Ubuntu): the lower system and the memory are mounted, too.
OVERLAYROOT = (
    "30 1 0:27 / / rw,relatime shared:1 - overlay overlayroot rw,lowerdir=/media/root-ro,"
    "upperdir=/media/root-rw/overlay,workdir=/media/root-rw/overlay-workdir/_\n"
    "31 30 179:2 / /media/root-ro ro,relatime shared:2 - ext4 /dev/mmcblk0p2 ro\n"
    "32 30 0:26 / /media/root-rw rw,relatime shared:3 - tmpfs tmpfs-root rw\n"
)
# Raspberry Pi OS 11: what the overlay writes to is hidden.
HIDDEN = "30 1 0:27 / / rw,relatime - overlay overlay rw,lowerdir=/lower,upperdir=/upper/data,workdir=/upper/work\n"
CONTAINER = (
    "600 500 0:99 / / rw,relatime - overlay overlay rw,lowerdir=/var/lib/docker/overlay2/l/A,"
    "upperdir=/var/lib/docker/overlay2/b/diff,workdir=/var/lib/docker/overlay2/b/work\n"
    "601 600 0:100 / /dev rw,nosuid - tmpfs tmpfs rw,size=65536k\n"
)
ON_DISK = "33 30 8:1 / /data rw,relatime - ext4 /dev/sda1 rw\n"


def warnings(mountinfo, root=ROOT, cmdline=None, **board):
    made = load("pi4_bookworm")
    made.update(board)
    made["files"]["/proc/self/mountinfo"] = mountinfo
    if cmdline:
        made["files"]["/proc/cmdline"] = cmdline
    made["files"]["/data/here"] = ""
    made["files"]["/mnt/a disk/here"] = ""
    return collect(FakeSystem(made), root)["warnings"]


@pytest.mark.parametrize(
    "mountinfo, root, cmdline",
    [
        (PLAIN, ROOT, None),
        (CONTAINER, ROOT, None),
        (OVERLAYROOT + ON_DISK, "/data/torch", None),
        (MEMORY + PLAIN, ROOT, None),  # mounted over it
        (OVERLAYROOT.replace("tmpfs tmpfs-root", "ext4 /dev/sda1"), ROOT, None),
        (HIDDEN, ROOT, "console=tty1 root=PARTUUID=1-02"),
        ("", ROOT, None),
        ("nonsense\n25 1 179:2 / /\n - \n", ROOT, None),
    ],
)
def test_what_lasts(mountinfo, root, cmdline):
    assert warnings(mountinfo, root, cmdline) == []


@pytest.mark.parametrize(
    "mountinfo, root, cmdline, said",
    [
        (MEMORY, ROOT, None, "/ is in memory (tmpfs). Instead, put torch_root on another partition"),
        (
            OVERLAYROOT,
            ROOT,
            None,
            "/ is an overlay that writes to memory (/media/root-rw/overlay). Switch the overlay off, or put torch_root "
            "on another partition",
        ),
        (HIDDEN, ROOT, "boot=overlay root=PARTUUID=1-02", "/ is an overlay that writes to memory (/upper/data)."),
        (HIDDEN, ROOT, "quiet overlayroot=tmpfs:recurse=0", "/ is an overlay that writes to memory (/upper/data)."),
        (PLAIN + MEMORY.replace(" / / ", " / /data "), "/data/torch", None, "/data is in memory (tmpfs)."),
        (
            PLAIN + MEMORY.replace(" / / ", " / /mnt/a\\040disk "),
            "/mnt/a disk/torch",
            None,
            "/mnt/a disk is in memory (tmpfs).",
        ),
    ],
)
def test_what_is_lost(mountinfo, root, cmdline, said):
    (found,) = warnings(mountinfo, root, cmdline)
    assert found.startswith("what is installed at %s is lost at the next start: %s" % (root, said))


@pytest.mark.parametrize("options, super_options", [("ro,noatime", "rw"), ("rw,noatime", "ro")])
def test_what_is_read_only(options, super_options):
    (found,) = warnings("25 1 179:2 / / %s shared:1 - ext4 /dev/mmcblk0p2 %s\n" % (options, super_options))
    assert found.startswith("the file system of %s (ext4 at /) is mounted read-only: nothing can be installed" % ROOT)


def test_the_table_of_mounts_is_read_once():
    board = load("pi4_bookworm")
    board["files"]["/proc/self/mountinfo"] = OVERLAYROOT
    system, read = FakeSystem(board), []
    real = system.read
    system.read = lambda path: read.append(path) or real(path)
    collect(system, ROOT)
    assert read.count("/proc/self/mountinfo") == 1 and "/proc/cmdline" not in read


NOW = 1796036400.0  # 2026-11-30 11:00 UTC


@pytest.mark.parametrize("own", [NOW, NOW - 599, NOW + 599])
def test_a_clock_that_is_right(own):
    board = dict(load("pi4_bookworm"), now=own)
    assert collect(FakeSystem(board), ROOT, control_time=NOW)["warnings"] == []
    assert collect(FakeSystem(board), ROOT)["warnings"] == []


@pytest.mark.parametrize("own, says", [(0, "1970-01-01 00:00 UTC"), (NOW + 86400, "2026-12-01 11:00 UTC")])
def test_a_clock_that_is_wrong(own, says):
    board = dict(load("pi4_bookworm"), now=own)
    (found,) = collect(FakeSystem(board), ROOT, control_time=NOW)["warnings"]
    assert found.startswith("the clock of this board says %s, the control node's 2026-11-30 11:00 UTC: " % says)
