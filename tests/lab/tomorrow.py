# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Change the times in a build directory of ninja as if the clock had been a day ahead: a container cannot set its
kernel's clock.

    python3 tomorrow.py build

This moves all times from 2020 on: those of the files, and those that ninja keeps in .ninja_log and .ninja_deps.
"""

import os
import struct
import sys

DAY = 86400
FROM = 1577836801  # sources are from 2020-01-01 and stay


def main(directory):
    _log(os.path.join(directory, ".ninja_log"))
    _deps(os.path.join(directory, ".ninja_deps"))
    for folder, _directories, files in os.walk(directory):
        for name in files:
            path = os.path.join(folder, name)
            moment = os.stat(path).st_mtime
            if moment > FROM:
                os.utime(path, (moment, moment + DAY))


def _log(path):
    """Each line has: start, end, the time in nanoseconds, the file, a hash."""
    with open(path) as stream:
        lines = [line.split("\t") for line in stream]
    for fields in lines:
        if len(fields) == 5 and int(fields[2]) > FROM * 10**9:
            fields[2] = str(int(fields[2]) + DAY * 10**9)
    with open(path, "w") as stream:
        stream.writelines("\t".join(fields) for fields in lines)


def _deps(path):
    """After a header and a version come records with their length. If the highest bit of the length is set, the record
    has an output's number, the time in nanoseconds, and the numbers of the inputs.
    """
    with open(path, "rb") as stream:
        data = bytearray(stream.read())
    position = data.index(b"\n") + 5
    while position + 4 <= len(data):
        (size,) = struct.unpack_from("<I", data, position)
        if size >> 31:
            (moment,) = struct.unpack_from("<Q", data, position + 8)
            struct.pack_into("<Q", data, position + 8, moment + DAY * 10**9)
        position += 4 + (size & 0x7FFFFFFF)
    with open(path, "wb") as stream:
        stream.write(data)


if __name__ == "__main__":
    main(sys.argv[1])
