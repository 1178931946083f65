# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Huawei's npu-smi: called by one process at a time; its table is parsed in all recorded layouts.

A chip has two rows: `NPU Name | Health | Power Temp Hugepages`, and below `Chip [Device] | Bus-Id | AICore Memory-Usage
[HBM-Usage]`.
Power and Bus-Id can be NA, Device can lack, and an NPU's number can be anything (32800).
"""

import contextlib
import fcntl
import os
import re
import time

from .._base.text import clean_line

# /usr/local/sbin is only on the PATH of login sessions.
PLACES = ["/usr/local/sbin", "/usr/local/bin"]
TIMEOUT = 60
BUS = re.compile(r"(?:NA|([0-9A-Fa-f]{4}:[0-9A-Fa-f]{2}:[0-9A-Fa-f]{2}\.[0-9]))$")
NAME = re.compile(r"(?:Ascend)?((?:310|910|950)\w*(?:-\d+)?)$")


def ask_npu_smi(system):
    """(chips, the driver's version, trouble, warnings) from `npu-smi info`.

    trouble: (cause, why, fix) if the program lists no chip; None if it is missing, or another process uses it.
    """
    places = PLACES + [place for place in system.environ.get("PATH", "").split(os.pathsep) if place.startswith("/")]
    paths = [os.path.join(place, "npu-smi") for place in places]
    program = next((path for path in paths if system.is_file(path)), None)
    if program is None:
        return [], None, None, _directory_warnings(system, paths)
    name = clean_line(program)
    with _lock_program(program) as alone:
        if not alone:
            return (
                [],
                None,
                None,
                [
                    "%s was in use by another program for more than %d s, and must not run twice at the same "
                    "time: it was skipped" % (name, TIMEOUT)
                ],
            )
        answer = system.run([program, "info"], TIMEOUT)
    if answer is None:
        return (
            [],
            None,
            (
                "hang",
                "%s cannot be started, or gave no answer within %d s" % (name, TIMEOUT),
                "Check the kernel log and restart the board: the driver may hang.",
            ),
            [],
        )
    status, out, err = answer
    chips = parse_table(out)
    if not chips:
        output = clean_line(" ".join((out + "\n" + err).split()), 300)
        return (
            [],
            None,
            (
                "error" if status else "silent",
                "%s lists no NPU (exit status %d: %s)" % (name, status, output or "it printed nothing"),
                _fix_for_output(output),
            ),
            [],
        )
    version = re.search(r"Version:\s*(\d[\w.]*)", out)
    return chips, version.group(1) if version else None, None, _health_warnings(chips)


def _directory_warnings(system, paths):
    """Warnings about directories of the program's name: Docker makes one for a mount of a file that the host lacks."""
    return [
        "%s is a directory, not the program: a container was started with a mount of a file that its host does not "
        "have. Remove the directory, and mount the host's npu-smi" % clean_line(path)
        for path in paths
        if system.exists(path)
    ][:1]


def _fix_for_output(output):
    """The fix for an error code of the driver's management interface (dcmi)."""
    if "-8020" in output:
        return "Another container uses the device: stop it, or give this container another device."
    if "-8002" in output or "ermission" in output:
        return "Run as a member of the group HwHiAiUser, or as root."
    if "libdrv" in output or "libdcmi" in output or "libc_sec" in output:
        return "Reinstall the driver, or in a container mount /usr/local/Ascend/driver."
    return (
        "Check that the driver is loaded (lsmod | grep drv_), check the kernel log, restart the board; in a "
        "container, pass all devices to it."
    )


@contextlib.contextmanager
def _lock_program(program):
    """An exclusive lock on the program: Huawei says that concurrent calls are not safe."""
    try:
        descriptor = os.open(program, os.O_RDONLY)
    except OSError:
        yield True  # it may be run but not read, so nobody can lock it
        return
    try:
        deadline = time.monotonic() + TIMEOUT
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    yield False
                    return
                time.sleep(0.1)
            except OSError:
                break  # a file system without locks
        yield True
    finally:
        os.close(descriptor)


def parse_table(text):
    """[{npu, chip, name, health, bus, memory}] in the table's order; None for missing values."""
    chips, above = [], None
    for line in text.splitlines()[:2000]:
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        # The table of processes has four cells, and a heading does not begin with a number.
        if len(cells) != 3 or not re.match(r"\d+\s", cells[0] + " "):
            continue
        bus = BUS.match(cells[1])
        if above is None or not bus:
            above = cells
            continue
        chips.append(_parse_chip(above, cells, bus.group(1)))
        above = None
    return chips[:64]


def _parse_chip(above, below, bus):
    npu, _blank, name = above[0].partition(" ")
    known = NAME.match(name.strip())
    # The last pair is the chip's own memory: HBM where there is a column for it.
    totals = [int(total) for total in re.findall(r"\d+\s*/\s*(\d{1,9})", below[2])]
    return {
        "npu": int(npu[:9]),
        "chip": int(below[0].split()[0][:9]),
        "name": known.group(1) if known else None,
        "health": clean_line(above[1], 20),
        "bus": bus.lower() if bus else None,
        "memory": totals[-1] << 20 if totals and totals[-1] else None,
    }


def _health_warnings(chips):
    return [
        "npu-smi reports for NPU %d, chip %d the health %s: check the kernel log before you use it"
        % (chip["npu"], chip["chip"], chip["health"] or "unknown")
        for chip in chips
        if chip["health"] != "OK"
    ]
