# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Which shared libraries a library needs, read from the ELF files: ldd would run them, and is often not installed."""

import os
import struct

PT_LOAD, PT_DYNAMIC = 1, 2
DT_NEEDED, DT_STRTAB = 1, 5
# Packages of Debian and NVIDIA, by the beginning of a library's name.
PACKAGES = (
    ("libopenblas.", "libopenblas0"),
    ("libgomp.", "libgomp1"),
    ("libomp.", "libomp5"),
    ("libmpi", "libopenmpi-dev"),
    ("libnuma.", "libnuma1"),
    ("libstdc++.", "libstdc++6"),
    ("libgfortran.", "libgfortran5"),
    ("libcblas.", "libatlas3-base"),
    ("libf77blas.", "libatlas3-base"),
    ("libatlas.", "libatlas3-base"),
    ("liblapack.", "liblapack3"),
    ("libjpeg.", "libjpeg62-turbo"),
    ("libpng", "libpng16-16"),
    ("libcusparseLt.", "libcusparselt0"),
    ("libcudnn", "libcudnn"),
    ("libnvinfer", "libnvinfer"),
    ("libnvonnxparser", "libnvonnxparsers"),
    ("libcuda.", "the NVIDIA driver"),
    ("libcudart.", "nvidia-jetpack, or CUDA's runtime (cuda-cudart)"),
    ("libcu", "nvidia-jetpack, or CUDA's libraries"),
    ("libnccl.", "libnccl2"),
    ("libhccl.", "the CANN toolkit"),
    ("libascend", "the CANN toolkit"),
    ("libffi.", "libffi8"),
    ("libssl.", "libssl3"),
)


def read_needed_libraries(path):
    """The names of the libraries that a file needs; [] if it is damaged or not a little-endian ELF file."""
    try:
        with open(path, "rb") as stream:
            return _read_needed(stream)
    except (OSError, struct.error, ValueError, UnicodeDecodeError, MemoryError):
        return []


def _read_needed(stream):
    ident = stream.read(16)
    if ident[:4] != b"\x7fELF" or ident[5] != 1:
        return []
    wide = ident[4] == 2
    stream.seek(32 if wide else 28)
    offset = struct.unpack("<Q" if wide else "<L", stream.read(8 if wide else 4))[0]
    stream.seek(54 if wide else 42)
    size, count = struct.unpack("<HH", stream.read(4))
    loads, dynamic = [], (0, 0)
    for index in range(count):
        stream.seek(offset + index * size)
        if wide:
            kind, _flags, place, address, _physical, length = struct.unpack("<LLQQQQ", stream.read(40))
        else:
            kind, place, address, _physical, length = struct.unpack("<LLLLL", stream.read(20))
        if kind == PT_LOAD:
            loads.append((address, place, length))
        elif kind == PT_DYNAMIC:
            dynamic = place, length
    stream.seek(dynamic[0])
    entries = list(
        struct.Struct("<qQ" if wide else "<lL").iter_unpack(stream.read(min(dynamic[1], 1 << 16) // 16 * 16))
    )
    strings = next((value for tag, value in entries if tag == DT_STRTAB), None)
    if strings is None:
        return []
    base = next(
        (place + strings - address for address, place, length in loads if address <= strings < address + length),
        strings,
    )
    return [_read_string(stream, base + value) for tag, value in entries if tag == DT_NEEDED]


def _read_string(stream, place):
    stream.seek(place)
    return stream.read(256).split(b"\0")[0].decode("ascii")


def find_library_that_needs(name, folders):
    """The first library below these folders that needs this one, or None."""
    libraries = (
        os.path.join(place, file)
        for folder in folders
        for place, _folders, files in os.walk(folder)
        for file in sorted(files)
        if ".so" in file
    )
    return next((library for library in libraries if name in read_needed_libraries(library)), None)


def package_of(name):
    """The package of a library, as far as known."""
    return next(
        (package for start, package in PACKAGES if name.startswith(start)),
        "the package that contains it (apt-file search %s)" % name,
    )
