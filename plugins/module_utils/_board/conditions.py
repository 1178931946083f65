# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Conditions in which an installation fails or does not last: a wrong clock, a torch_root that is lost or read-only."""

import time

# Seconds between the clocks. Connecting to a slow board takes some of them.
TOLERANCE = 600
VOLATILE = ("tmpfs", "ramfs", "rootfs")


def warn_of_clock(system, control_time):
    """control_time: seconds since 1970 on the control node just before, or None."""
    own = system.now()
    if control_time is None or abs(own - control_time) <= TOLERANCE:
        return []
    return [
        "the clock of this board says %s, the control node's %s: signatures and certificates are then not valid yet, "
        "or expired (apt, pip, git). Set the wrong one, such as with timedatectl set-ntp true"
        % tuple(time.strftime("%Y-%m-%d %H:%M UTC", time.gmtime(seconds)) for seconds in (own, control_time))
    ]


def warn_of_file_system(system, torch_root, path):
    """path: the nearest path to torch_root that exists."""
    mounts = _read_mounts(system)
    mount = _find_mount(mounts, system.realpath(path))
    if mount is None:
        return []
    if "ro" in mount["options"]:
        return [
            "the file system of %s (%s at %s) is mounted read-only: nothing can be installed there. Remount it "
            "writable, or put torch_root on another partition" % (torch_root, mount["type"], mount["point"])
        ]
    why = _why_volatile(system, mounts, mount)
    if why is None:
        return []
    return [
        "what is installed at %s is lost at the next start: %s. %s put torch_root on another partition"
        % (torch_root, why, "Switch the overlay off, or" if mount["type"] == "overlay" else "Instead,")
    ]


def _why_volatile(system, mounts, mount):
    if mount["type"] in VOLATILE:
        return "%s is in memory (%s)" % (mount["point"], mount["type"])
    upper = next((option[9:] for option in mount["options"] if option.startswith("upperdir=")), None)
    if mount["type"] != "overlay" or upper is None:
        return None
    below = _find_mount(mounts, upper)
    if below is not None and below is not mount:
        return _overlay_words(mount, upper) if below["type"] in VOLATILE else None
    # The root of a board may hide the memory that it writes to. A container's is never seen from inside.
    arguments = (system.read("/proc/cmdline") or "").split()
    if "boot=overlay" in arguments or any(word.startswith("overlayroot=tmpfs") for word in arguments):
        return _overlay_words(mount, upper)
    return None


def _overlay_words(mount, upper):
    return "%s is an overlay that writes to memory (%s)" % (mount["point"], upper)


def _read_mounts(system):
    """[{point, type, options}] in the order in which they were mounted. man 5 proc_pid_mountinfo has the format."""
    mounts = []
    for line in (system.read("/proc/self/mountinfo") or "").splitlines():
        fields, separator, rest = line.partition(" - ")
        fields, rest = fields.split(" "), rest.split(" ")
        if separator and len(fields) >= 6 and len(rest) >= 3:
            mounts.append(
                {
                    "point": _unescape(fields[4]),
                    "type": rest[0],
                    "options": fields[5].split(",") + [_unescape(option) for option in rest[2].split(",")],
                }
            )
    return mounts


def _unescape(text):
    for code, character in (("\\040", " "), ("\\011", "\t"), ("\\012", "\n"), ("\\134", "\\")):
        text = text.replace(code, character)
    return text


def _find_mount(mounts, path):
    """The mount that a path is on: the innermost one, and of several at the same point the last."""
    found = None
    for mount in mounts:
        inside = mount["point"] == "/" or path == mount["point"] or path.startswith(mount["point"] + "/")
        if inside and (found is None or len(mount["point"]) >= len(found["point"])):
            found = mount
    return found
