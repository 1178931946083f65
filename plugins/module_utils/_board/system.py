# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The one object through which a board is read: a test can replace it with another board's files and commands."""

import os
import re
import struct
import sys
import time

from .._base.machine import MACHINES
from .._base.text import clean_line
from .dpkg import read_dpkg_architecture

# The architecture of a 32-bit userland on a 64-bit kernel.
NARROW = {"aarch64": "armv7l", "x86_64": "i686"}
AT_HWCAP = 16


class System(object):
    """This machine. A missing or unreadable file gives None or an empty value, not an error."""

    def __init__(self):
        self.environ = os.environ
        self.torch_user = None  # the user who will run PyTorch, if not the current one
        self.cann_path = None  # where Huawei's CANN is, if the operator says it
        self.cann_version = None  # which of several versions counts, if the operator says it
        self._architecture = None
        self._device_tree = None
        self._pci = None

    # -- files ---------------------------------------------------------------------------------------------------

    def read_bytes(self, path, limit=65536):
        try:
            with open(path, "rb") as stream:
                return stream.read(limit)
        except OSError:
            return None

    def read(self, path):
        """The text of a file, NULs kept."""
        data = self.read_bytes(path)
        return None if data is None else data.decode("utf-8", "replace")

    def read_strings(self, path):
        """The NUL-terminated strings of a device tree property, cleaned."""
        return [clean_line(part) for part in (self.read(path) or "").split("\0")[:64] if clean_line(part)]

    def exists(self, path):
        return os.path.exists(path)

    def is_file(self, path):
        return os.path.isfile(path)

    def listdir(self, path):
        try:
            return sorted(os.listdir(path))
        except OSError:
            return []

    def realpath(self, path):
        return os.path.realpath(path)

    def stat(self, path):
        try:
            return os.stat(path)
        except OSError:
            return None

    def may_run(self, path):
        """Whether the current user may start a program."""
        return os.access(path, os.X_OK)

    def may_open(self, path):
        """Whether the current user may read and write a device node."""
        return os.access(path, os.R_OK | os.W_OK)

    def disk_space(self, path):
        """(total, free for this user) bytes of the file system at path."""
        try:
            found = os.statvfs(path)
        except OSError:
            return None
        return found.f_blocks * found.f_frsize, found.f_bavail * found.f_frsize

    # -- commands ------------------------------------------------------------------------------------------------

    def run(self, argv, timeout):
        """(exit status, stdout, stderr), or None if the command cannot be started or exceeds the timeout in seconds."""
        return self.run_all([argv], timeout)[0]

    def run_all(self, commands, timeout):
        """The same for several commands at the same time, with one common timeout."""
        if not commands:
            return []
        from .commands import run_commands  # a board as it was at the last run needs none

        return run_commands(commands, dict(self.environ, LC_ALL="C"), timeout)

    # -- kernel, C library, this process ---------------------------------------------------------------------------

    def uname(self):
        """(release, machine) of the kernel."""
        found = os.uname()
        return found.release, found.machine

    def pointer_size(self):
        return struct.calcsize("P")

    def page_size(self):
        return os.sysconf("SC_PAGE_SIZE")

    def now(self):
        """The time of this machine's clock, in seconds since 1970."""
        return time.time()

    def count_cores(self):
        return len(os.sched_getaffinity(0))

    def glibc_version(self):
        """'glibc 2.36', or None with another C library."""
        try:
            return os.confstr("CS_GNU_LIBC_VERSION")
        except (ValueError, OSError):
            return None

    def own_interpreter(self):
        """The interpreter that runs this code, with the values that other interpreters are asked for."""
        path = os.path.join(sys.base_prefix, "bin", "python%d.%d" % sys.version_info[:2])
        return {
            "path": os.path.realpath(path if os.path.exists(path) else sys.executable),
            "version": sys.version.split()[0].rstrip("+"),
            "implementation": sys.implementation.name,
            "externally_managed": os.path.exists(os.path.join(os.path.dirname(os.__file__), "EXTERNALLY-MANAGED")),
        }

    def read_hwcap(self):
        """AT_HWCAP of this process. It is correct under emulation, where /proc/cpuinfo shows the host's processor."""
        pair = struct.Struct("@LL")
        data = self.read_bytes("/proc/self/auxv") or b""
        for kind, value in pair.iter_unpack(data[: len(data) - len(data) % pair.size]):
            if kind == AT_HWCAP:
                return value
        return None

    # -- users -----------------------------------------------------------------------------------------------------

    def uid(self):
        return os.geteuid()

    def find_account(self, user):
        """A user by name or uid: {name, uid, gids, groups, home}, or None if there is none."""
        import grp
        import pwd

        try:
            entry = pwd.getpwuid(user) if isinstance(user, int) else pwd.getpwnam(user)
        except KeyError:
            return None
        # getgrouplist reads this one user; grp.getgrall() would list a whole directory service.
        gids = os.getgrouplist(entry.pw_name, entry.pw_gid)
        groups = []
        for gid in gids:
            try:
                groups.append(grp.getgrgid(gid).gr_name)
            except KeyError:
                groups.append(str(gid))
        return {
            "name": entry.pw_name,
            "uid": entry.pw_uid,
            "gids": gids,
            "groups": sorted(set(groups)),
            "home": entry.pw_dir,
        }

    def group_of(self, path):
        """The name of the group that owns a file or a device node, or None."""
        import grp

        found = self.stat(path)
        try:
            return grp.getgrgid(found.st_gid).gr_name if found else None
        except KeyError:
            return str(found.st_gid)

    def has_group(self, name):
        """Whether the board itself has the group; directory services are not asked."""
        return any(line.split(":")[0] == name for line in (self.read("/etc/group") or "").splitlines())

    # -- values that are read once and kept ----------------------------------------------------------------------------

    def architecture(self):
        """(Python's name, dpkg's name or None) of the architecture of the USERLAND, which decides on wheels: a 64-bit
        kernel often runs a 32-bit userland.
        """
        if self._architecture is None:
            debian = read_dpkg_architecture(self)
            kernel = self.uname()[1]
            if debian == "armhf" and kernel == "armv6l":  # Raspberry Pi OS says armhf on a Pi 1 or Zero as well
                machine = kernel
            elif debian:
                machine = MACHINES.get(debian, debian)
            else:
                machine = NARROW.get(kernel, kernel) if self.pointer_size() == 4 else kernel
            self._architecture = machine, debian
        return self._architecture

    def device_tree(self):
        """(model, compatible) from the board's device tree; (None, []) without one."""
        if self._device_tree is None:
            self._device_tree = None, []
            # /proc/device-tree is the kernel's link to the first, and missing where a container sees a board's tree.
            for base in ("/sys/firmware/devicetree/base", "/proc/device-tree"):
                model = self.read_strings(base + "/model")
                compatible = self.read_strings(base + "/compatible")
                if model or compatible:
                    self._device_tree = (model[0] if model else None), compatible
                    break
        return self._device_tree

    def pci_devices(self):
        """The devices on the PCI bus: [{address, vendor, device, class, number}], as '10de', '2684' and '030000';
        number is the device's as an integer.
        """
        if self._pci is None:
            base = "/sys/bus/pci/devices"
            self._pci = []
            for name in self.listdir(base):
                device = {"address": clean_line(name).lower()}
                for key in ("vendor", "device", "class"):
                    device[key] = (
                        clean_line(self.read("%s/%s/%s" % (base, name, key)) or "").lower().replace("0x", "", 1)
                    )
                device["number"] = int(device["device"], 16) if re.match(r"[0-9a-f]{1,4}$", device["device"]) else 0
                self._pci.append(device)
        return self._pci

    def pci_driver(self, device):
        """The name of the driver of a PCI device, or None."""
        path = "/sys/bus/pci/devices/%s/driver" % device["address"]
        return clean_line(os.path.basename(self.realpath(path))) if self.exists(path) else None
