# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Swap on a disk, managed by rpi-swap, by dphys-swapfile, or as a file of our own."""

import os
import re
import shlex
import stat

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove, write_atomic
from .._base.machine import parse_meminfo
from .._base.text import last_words
from .._board.swap_manager import DPHYS_CONFIG, find_manager
from .._root.additions import missing_directories

MIB = 1 << 20
# Stays free on the disk: a full disk does more harm than a lack of memory.
RESERVE_MIB = 256
# Sizes in /proc/swaps lack the header's page, which is 64 KiB at most.
HEADER_KIB = 64
# In the header of the swap area: our file is recognized by it, not by its name.
LABEL = "edgeai-swap"
DEFAULT_PATH = "/var/swap.edgeai"
BEGIN, END = "# BEGIN edgeai.fleet swap_space", "# END edgeai.fleet swap_space"

# Files are read in the order of their names: ours is the last one.
RPI_DROP_IN = "/etc/rpi/swap.conf.d/99-edgeai-swap.conf"

UNFIT = {
    "tmpfs": "it is held in memory",
    "ramfs": "it is held in memory",
    "overlay": "the kernel cannot swap to a file on an overlay",
    "aufs": "the kernel cannot swap to a file on an overlay",
    "btrfs": (
        "a swap file there must be made with `btrfs filesystem mkswapfile`, without copy-on-write and compression"
    ),
    "zfs": "the kernel cannot swap to a file on zfs",
    "nfs": "swap over a network deadlocks when memory is short",
    "nfs4": "swap over a network deadlocks when memory is short",
    "cifs": "swap over a network deadlocks when memory is short",
    "9p": "swap over a network deadlocks when memory is short",
    "squashfs": "it is read-only",
}


def swap_additions(manager, path):
    """What the record of additions has to say about swap that is made now."""
    if manager == RpiSwap.name:
        path = RPI_DROP_IN
    made = [] if manager == Dphys.name else missing_directories(os.path.dirname(path))
    return [{"kind": "directory", "path": folder} for folder in made] + [
        {"kind": "swap", "path": DPHYS_CONFIG if manager == Dphys.name else path, "manager": manager}
    ]


def find_swap_files(host, recorded):
    """Paths of swap files that this collection made: recorded ones, and those that the system knows."""
    lines = [line.split() for line in host.read("/etc/fstab").splitlines()]
    known = [words[0] for words in lines if words[2:3] == ["swap"] and words[0].startswith("/")]
    known += [path for path in host.read_swaps() if path.startswith("/") and not path.startswith("/dev/")]
    labelled = [path for path in known if not path.startswith("/dev/") and SwapFile(host, path).has_label()]
    return sorted(set(recorded + labelled + [DEFAULT_PATH]))


def plan_removal(host, recorded):
    """What takes away all swap of this collection, whoever manages it: [(what, change)]."""
    found = [("the settings for %s" % manager.name, manager.plan_absent()) for manager in (RpiSwap(host), Dphys(host))]
    found += [("swap file %s" % path, SwapFile(host, path).plan_absent()) for path in find_swap_files(host, recorded)]
    return [(what, change) for what, change in found if change.diff]


class SwapChange(object):
    """A planned change: its diff, and the function that applies it."""

    def __init__(self, diff=(), apply=None, reboot=False):
        self.diff = list(diff)
        self.apply = apply
        self.reboot = reboot


def find_changes(host, size_mib, path, present, manager=None):
    """(name of the swap manager, the planned changes). EnvironmentProblem if it cannot be done.

    `manager` overrides the board's own.
    """
    if not path.startswith("/") or len(path.split()) != 1 or os.path.normpath(path) != path:
        raise EnvironmentProblem("path %r: give an absolute path without white space, as /etc/fstab requires" % path)
    if present and size_mib < 16:
        raise EnvironmentProblem(
            "size_mib %d is less than 16: give the size in MiB, for example 4096 for 4 GiB" % size_mib
        )
    managers = [each for each in (RpiSwap(host), Dphys(host), SwapFile(host, path)) if manager in (None, each.name)]
    name = manager or find_manager(host.exists) or SwapFile.name
    if not present:
        # Settings that we gave another manager before an upgrade of the system are removed, too.
        return name, [change for change in (each.plan_absent() for each in managers) if change.diff]
    chosen = next(each for each in managers if each.name == name)
    if not chosen.is_ours() and host.disk_swap_mib() >= size_mib:
        return name, []
    return name, [change for change in [chosen.plan_present(size_mib)] if change.diff or change.reboot]


class SwapHost(object):
    """The board's files and programs. root is / except in tests; run(argv) returns (exit status, stdout, stderr)."""

    def __init__(self, run, root="/"):
        self.run = run
        self.root = root

    def path(self, path):
        return os.path.join(self.root, path.lstrip("/"))

    def exists(self, path):
        return os.path.exists(self.path(path))

    def read(self, path):
        try:
            with open(self.path(path), "rb") as stream:
                return stream.read().decode("utf-8", "surrogateescape")
        except FileNotFoundError:
            return ""

    def write(self, path, text):
        path = self.path(path)
        make_directory(os.path.dirname(path))
        write_atomic(path, text)

    def run_or_fail(self, argv, meaning):
        status, out, err = self.run(argv)
        if status:
            raise EnvironmentProblem(
                "`%s` ended with status %d: %s. %s" % (" ".join(argv), status, last_words(err.strip() or out), meaning)
            )

    def read_swaps(self):
        """{file or device: (KiB, KiB in use)}, from the kernel."""
        rows = [line.split() for line in self.read("/proc/swaps").splitlines()[1:]]
        return dict((row[0], (int(row[2]), int(row[3]))) for row in rows if len(row) >= 4)

    def disk_swap_mib(self):
        """The swap without compressed memory, which gives a build no additional memory."""
        areas = [size for name, (size, used) in self.read_swaps().items() if not name.startswith("/dev/zram")]
        return sum(size + HEADER_KIB for size in areas) // 1024

    def check_release(self, path):
        """Check before a swap file is disabled: its content must fit into memory, or programs are killed."""
        size, used = self.read_swaps().get(self.path(path), (0, 0))
        available = parse_meminfo(self.read("/proc/meminfo")).get("MemAvailable")
        if available is not None and used * 1024 > available:
            raise EnvironmentProblem(
                "%s cannot be resized or removed now: %d MiB of it are in use, and only %d MiB of memory are "
                "available. Stop the programs that use the memory, or restart the board, and run again"
                % (path, used // 1024, available // MIB)
            )

    def check_place(self, path, size_mib):
        """Check that a swap file of this size can be at path, where it may replace an older one; return the file
        system.
        """
        folder = os.path.dirname(path)
        while not self.exists(folder):
            folder = os.path.dirname(folder)
        mount, kind, options = self._find_mount(os.path.realpath(self.path(folder)))
        why = UNFIT.get(kind) or ("it is in user space (%s)" % kind if kind.startswith("fuse") else None)
        if "ro" in options:
            why = "it is mounted read-only"
        if why:
            raise EnvironmentProblem(
                "a swap file cannot be at %s: %s is %s, and %s. Give a path on a disk with ext4 or xfs"
                % (path, mount, kind, why)
            )
        status = os.statvfs(self.path(folder))
        old = self.path(path)
        free = status.f_bavail * status.f_frsize + (os.lstat(old).st_blocks * 512 if os.path.lexists(old) else 0)
        if free < (size_mib + RESERVE_MIB) * MIB:
            raise EnvironmentProblem(
                "%d MiB of swap at %s need %d MiB on %s, of which %d MiB stay free, but only %d MiB are free. "
                "Free space there, or reduce size_mib"
                % (size_mib, path, size_mib + RESERVE_MIB, mount, RESERVE_MIB, free // MIB)
            )
        return kind

    def _find_mount(self, folder):
        """(mount point, type, options) of the file system that holds a folder."""
        mounts = [line.split() for line in self.read("/proc/self/mounts").splitlines()]
        holding = [mount for mount in mounts if (folder + "/").startswith(self.path(mount[1]).rstrip("/") + "/")]
        # A later mount at the same place hides an earlier one.
        best = max(reversed(holding), key=lambda mount: len(mount[1]), default=("", "/", "unknown", ""))
        return best[1], best[2], best[3].split(",")


def _text_diff(path, before, after):
    return {"before_header": path, "after_header": path, "before": before, "after": after}


def _end_with_newline(text):
    """The text, ending with a newline."""
    return text + "\n" if text and not text.endswith("\n") else text


class RpiSwap(object):
    """rpi-swap of Raspberry Pi OS from Trixie on. A generator reads its configuration when the board starts."""

    name = "rpi-swap"

    def __init__(self, host):
        self.host = host

    def is_ours(self):
        return self.host.exists(RPI_DROP_IN)

    def plan_present(self, size_mib):
        before, boot = self.host.read(RPI_DROP_IN), self.host.read("/proc/sys/kernel/random/boot_id").strip()
        # Its default is compressed memory backed by a file: only a plain swap file adds memory.
        settings = "[Main]\nMechanism=swapfile\n\n[File]\nFixedSizeMiB=%d\n" % size_mib
        note, _newline, former = before.partition("\n")
        if former == settings:
            found = self.host.disk_swap_mib()
            if found < size_mib and boot not in note:
                # Asking for another restart would never end.
                raise EnvironmentProblem(
                    "the board was restarted since %s asks rpi-swap for %d MiB, but it has %d MiB of swap: "
                    "check whether another file there overrides it, and what `journalctl -b` says about rpi-swap"
                    % (RPI_DROP_IN, size_mib, found)
                )
            return SwapChange(reboot=found < size_mib)
        after = (
            "# Written by the Ansible collection edgeai.fleet (swap_space) in boot %s; changes here are"
            " overwritten.\n%s" % (boot, settings)
        )
        place = re.findall(r"^Path=(/\S+)", self.host.read("/etc/rpi/swap.conf"), re.M)
        self.host.check_place(place[-1] if place else "/var/swap", size_mib)
        return SwapChange(
            [_text_diff(RPI_DROP_IN, before, after)], lambda: self.host.write(RPI_DROP_IN, after), reboot=True
        )

    def plan_absent(self):
        return SwapChange(
            [_text_diff(RPI_DROP_IN, self.host.read(RPI_DROP_IN), "")] if self.is_ours() else [],
            lambda: remove(self.host.path(RPI_DROP_IN)),
            reboot=True,
        )


class Dphys(object):
    """dphys-swapfile of Raspberry Pi OS up to Bookworm.

    A shell reads its configuration: the last assignment counts, so a block at the end is enough.
    """

    name = "dphys-swapfile"

    def __init__(self, host):
        self.host = host
        self.text = host.read(DPHYS_CONFIG)
        self.others = re.sub("(?ms)^%s\n.*?^%s\n" % (re.escape(BEGIN), re.escape(END)), "", self.text)

    def is_ours(self):
        return self.others != self.text

    def plan_present(self, size_mib):
        # Its default limits (2048 MiB, half of the free space) would reduce the size without an error.
        block = [BEGIN, "CONF_SWAPSIZE=%d" % size_mib, "CONF_MAXSWAP=%d" % size_mib, "CONF_MAXDISK_PCT=", END, ""]
        after = _end_with_newline(self.others) + "\n".join(block)
        if after == self.text and self._size_mib() >= size_mib:
            return SwapChange()
        self.host.check_place(self._swap_path(), size_mib)
        return self._plan_change(after, size_mib)

    def plan_absent(self):
        return self._plan_change(self.others, 0) if self.is_ours() else SwapChange()

    def _plan_change(self, after, size_mib):
        self.host.check_release(self._swap_path())
        diff = [_text_diff(DPHYS_CONFIG, self.text, after)] if after != self.text else []
        diff.append(
            {
                "before": "%s: %d MiB\n" % (self._swap_path(), self._size_mib()),
                "after": "%s: %s\n" % (self._swap_path(), "%d MiB" % size_mib if size_mib else "as configured"),
            }
        )
        return SwapChange(diff, lambda: self._apply(after, size_mib))

    def _apply(self, after, size_mib):
        self.host.write(DPHYS_CONFIG, after)
        try:
            for command in ("setup", "swapon"):
                self.host.run_or_fail(["dphys-swapfile", command], "%s was restored" % DPHYS_CONFIG)
            if self._size_mib() < size_mib:
                raise EnvironmentProblem(
                    "dphys-swapfile made %d MiB of swap at %s instead of %d. %s was restored"
                    % (self._size_mib(), self._swap_path(), size_mib, DPHYS_CONFIG)
                )
        except EnvironmentProblem:
            self.host.write(DPHYS_CONFIG, self.text)
            raise

    def _swap_path(self):
        values = re.findall(r"^\s*CONF_SWAPFILE=(.*)", self.text, re.M)
        words = shlex.split(values[-1], comments=True) if values else []
        return words[0] if words else "/var/swap"

    def _size_mib(self):
        size = self.host.read_swaps().get(self.host.path(self._swap_path()), (0, 0))[0]
        return (size + HEADER_KIB) // 1024 if size else 0


class SwapFile(object):
    """A file of our own, and its line in /etc/fstab."""

    name = "swapfile"

    def __init__(self, host, path):
        self.host = host
        self.path = path
        self.place = host.path(path)
        self.line = "%s none swap sw,nofail 0 0\n" % path

    def is_ours(self):
        return self._own_size_mib() is not None or self.line in self.host.read("/etc/fstab").splitlines(True)

    def has_label(self):
        return self._own_size_mib() is not None

    def plan_present(self, size_mib):
        found = self._own_size_mib()
        if found is None and os.path.lexists(self.place):
            raise EnvironmentProblem(
                "%s exists and is not the swap file of this collection: remove it, or give another path" % self.path
            )
        before, active = self.host.read("/etc/fstab"), self._is_active()
        lines = [line for line in before.splitlines(True) if self._is_about(line)]
        after = before if lines == [self.line] else _end_with_newline(self._without_line(before)) + self.line
        diff = [_text_diff("/etc/fstab", before, after)] if after != before else []
        if found != size_mib or not active:
            diff.append({"before": self._describe_swap(found, active), "after": self._describe_swap(size_mib, True)})
        kind = None
        if found != size_mib:
            kind = self.host.check_place(self.path, size_mib)
            self.host.check_release(self.path)
        return SwapChange(diff, lambda: self._apply(found, size_mib, kind, after))

    def plan_absent(self):
        before = self.host.read("/etc/fstab")
        found = self._own_size_mib()
        # Another program's file keeps its line.
        after = before if os.path.lexists(self.place) and found is None else self._without_line(before)
        diff = [_text_diff("/etc/fstab", before, after)] if after != before else []
        if found is not None:
            self.host.check_release(self.path)
            diff.append(
                {"before": self._describe_swap(found, self._is_active()), "after": self._describe_swap(None, False)}
            )
        return SwapChange(diff, lambda: self._remove_all(after))

    def _own_size_mib(self):
        """The size in MiB of our swap file, 0 if it is unusable, None if there is none."""
        try:
            status = os.lstat(self.place)
            if not stat.S_ISREG(status.st_mode):
                return None
            page = os.sysconf("SC_PAGE_SIZE")
            with open(self.place, "rb") as stream:
                header = stream.read(page)
        except FileNotFoundError:
            return None
        if header[1052:1068].rstrip(b"\0") != LABEL.encode():
            return None
        # A file made under a kernel with another page size, as a Pi 5 can choose, is not a swap area for this kernel.
        return status.st_size // MIB if header[page - 10 :] == b"SWAPSPACE2" else 0

    def _is_active(self):
        return self.place in self.host.read_swaps()

    def _describe_swap(self, size_mib, active):
        if size_mib is None:
            return "%s: absent\n" % self.path
        return "%s: %d MiB, %s\n" % (self.path, size_mib, "in use" if active else "not in use")

    def _is_about(self, line):
        return line.split()[:1] == [self.path]

    def _without_line(self, text):
        return "".join(line for line in text.splitlines(True) if not self._is_about(line))

    def _apply(self, found, size_mib, kind, fstab):
        if found != size_mib:
            self._remove_swap_file()
            make_directory(os.path.dirname(self.place))
            self._write_swap_file(size_mib, kind)
        if not self._is_active():
            try:
                self.host.run_or_fail(
                    ["swapon", self.place],
                    "Nothing was left behind; the kernel refuses to swap to this file, for example in a container",
                )
            except EnvironmentProblem:
                self._remove_all(self._without_line(self.host.read("/etc/fstab")))
                raise
        if fstab != self.host.read("/etc/fstab"):
            self.host.write("/etc/fstab", fstab)

    def _write_swap_file(self, size_mib, kind):
        temporary = self.place + ".new"
        remove(temporary)
        try:
            with os.fdopen(
                os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb"
            ) as stream:
                if kind == "ext4":
                    # Fast, and without writing to an SD card; on other file systems the kernel may reject it as having
                    # holes.
                    os.posix_fallocate(stream.fileno(), 0, size_mib * MIB)
                else:
                    for _number in range(size_mib):
                        stream.write(bytes(MIB))
                stream.flush()
                os.fsync(stream.fileno())
            self.host.run_or_fail(["mkswap", "-L", LABEL, temporary], "Nothing was left behind")
            os.rename(temporary, self.place)
        except BaseException:
            remove(temporary)
            raise

    def _remove_swap_file(self):
        if self._is_active():
            self.host.run_or_fail(["swapoff", self.place], "It stays in use")
        remove(self.place)

    def _remove_all(self, fstab):
        # The line first: a board that restarts in between must not look for a missing file.
        if fstab != self.host.read("/etc/fstab"):
            self.host.write("/etc/fstab", fstab)
        if self._own_size_mib() is not None:
            self._remove_swap_file()
