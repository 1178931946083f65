# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Hashes of files, read in blocks."""

import hashlib


def hash_stream(stream, name="sha256", target=None):
    """The hash of what a stream holds, in hexadecimal; its blocks are also written to target."""
    digest = hashlib.new(name)
    for block in iter(lambda: stream.read(1 << 20), b""):
        digest.update(block)
        if target is not None:
            target.write(block)
    return digest.hexdigest()


def hash_file(path, name="sha256"):
    with open(path, "rb") as stream:
        return hash_stream(stream, name)
