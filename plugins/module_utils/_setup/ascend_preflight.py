# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What must be true before anything of Huawei's is installed: the NPU is idle and healthy, the directory belongs to who
installs, and the disk has room. Each check has a name, so that an operator who knows better can leave it out.
"""

import os
import re

from .._base.errors import EnvironmentProblem
from .._base.text import clean_line
from .._board.npu_smi import ask_npu_smi

CHECKS = ["in_use", "owner", "space", "health"]
# Programs that work on a chip hold its own node open. Huawei's daemons hold only the shared ones (davinci_manager).
CHIP_NODE = re.compile(r"/dev/davinci\d+$")
# Of npu-smi's words for the health of a chip (OK, Warning, Alarm, Critical, UNKNOWN), those of a chip that must not be
# used.
ILL = ("Alarm", "Critical")
GIB = 1 << 30


def check_idle(processes="/proc"):
    """EnvironmentProblem if a program uses a chip."""
    users = _programs_with_chips(processes)
    if users:
        raise EnvironmentProblem(
            "the NPU is in use by %s%s: stop them first. Nothing was installed%s"
            % (
                ", ".join(users[:5]),
                " and %d more" % (len(users) - 5) if len(users) > 5 else "",
                _how_to_skip("in_use"),
            )
        )


def _programs_with_chips(processes):
    """["python3 (process 4711)"] of this board, also of its containers."""
    found = []
    for name in sorted(filter(str.isdigit, os.listdir(processes)), key=int):
        directory = os.path.join(processes, name)
        try:
            opened = [
                os.readlink(os.path.join(directory, "fd", fd)) for fd in os.listdir(os.path.join(directory, "fd"))
            ]
            with open(os.path.join(directory, "comm"), "rb") as stream:
                program = clean_line(stream.read(64).decode("utf-8", "replace"))
        except OSError:
            continue  # it has ended
        if any(map(CHIP_NODE.match, opened)):
            found.append("%s (process %s)" % (program, name))
    return found


def check_owner(path, uid, user):
    """EnvironmentProblem if the directory, or one above it, is not fit for what this user installs there.

    Huawei's installers refuse a path of another owner. A directory that others can write would let them replace what
    root runs.
    """
    place = path
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    first = place
    while True:
        if not os.path.isdir(place):
            raise EnvironmentProblem(
                "%s is not a directory, and not a link to one: move it away. Nothing was installed" % place
            )
        entry = os.stat(place)
        # A sticky directory above, such as /tmp, lets nobody replace what is another's.
        shared = entry.st_mode & 0o022 and (place == path or not entry.st_mode & 0o1000)
        if entry.st_uid not in ([uid] if place == first else [0, uid]) or shared:
            owner = user if place == first else "root"
            raise EnvironmentProblem(
                "%s belongs to uid %d and has the mode %04o; it must belong to %s, and only its owner may write there: "
                "chown %s %s; chmod go-w %s. Nothing was installed%s"
                % (
                    place,
                    entry.st_uid,
                    entry.st_mode & 0o7777,
                    owner,
                    owner,
                    place,
                    place,
                    _how_to_skip("owner"),
                )
            )
        if place == "/":
            return
        place = os.path.dirname(place)


def check_space(needs):
    """EnvironmentProblem if a file system has less room than the sum of what is to be written there.

    needs: [(path, bytes, what)].
    """
    by_system = {}
    for path, size, what in needs:
        place = path
        while not os.path.isdir(place):
            place = os.path.dirname(place)
        by_system.setdefault(os.stat(place).st_dev, []).append((place, size, what))
    for wanted in by_system.values():
        place, size = wanted[0][0], sum(size for _place, size, _what in wanted)
        found = os.statvfs(place)
        free = found.f_bavail * found.f_frsize
        if free < size:
            raise EnvironmentProblem(
                "%s has %.1f GiB free, and %.1f GiB are needed (%s): make room, or choose another path. "
                "Nothing was installed%s"
                % (
                    place,
                    free / float(GIB),
                    size / float(GIB),
                    ", ".join("%.1f GiB for %s" % (size / float(GIB), what) for _place, size, what in wanted),
                    _how_to_skip("space"),
                )
            )


def check_health(system):
    """EnvironmentProblem if npu-smi reports a chip that must not be used; otherwise its warnings."""
    chips, _version, trouble, warnings = ask_npu_smi(system)
    ill = [chip for chip in chips if chip["health"] in ILL]
    if ill:
        raise EnvironmentProblem(
            "npu-smi reports for NPU %d, chip %d the health %s: look at `npu-smi info -t health -i %d` and the kernel "
            "log. Nothing was installed%s"
            % (ill[0]["npu"], ill[0]["chip"], ill[0]["health"], ill[0]["npu"], _how_to_skip("health"))
        )
    return warnings + (["%s: %s" % trouble[1:]] if trouble else [])


def _how_to_skip(check):
    return " (atlas_skip_checks: [%s] leaves this check out)" % check
