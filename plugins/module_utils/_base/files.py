# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Files that are written completely or not at all."""

import binascii
import io
import json
import os
import shutil
import zlib


def write_atomic(path, content, mode=0o644, owner=None):
    """Write a temporary file, fsync, rename, fsync the directory: a crash leaves the old file or the new one.

    `content`: a text, or a binary stream that is read to its end. `owner`: (uid, gid).
    """
    folder, name = os.path.split(path)
    temporary = ".%s-%s" % (name, binascii.hexlify(os.urandom(6)).decode())
    # A service user may own the environment into which root writes: through one held directory, never through a link.
    directory = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=directory)
        try:
            with os.fdopen(descriptor, "wb") as stream:
                source = io.BytesIO(content.encode("utf-8")) if isinstance(content, str) else content
                shutil.copyfileobj(source, stream, 1 << 20)
                if owner is not None:
                    os.fchown(stream.fileno(), *owner)
                os.fchmod(stream.fileno(), mode)
                stream.flush()
                os.fsync(stream.fileno())
            os.rename(temporary, name, src_dir_fd=directory, dst_dir_fd=directory)
        except BaseException:
            os.unlink(temporary, dir_fd=directory)
            raise
        os.fsync(directory)
    finally:
        os.close(directory)


def link_atomic(path, target):
    """Make a new symbolic link and rename it over the old one."""
    temporary = path + ".new"
    remove(temporary)
    os.symlink(target, temporary)
    os.rename(temporary, path)
    directory = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(directory)
    finally:
        os.close(directory)


def write_json(path, value, mode=0o644):
    write_atomic(path, json.dumps(value, indent=1, sort_keys=True) + "\n", mode)


def read_text(path):
    with open(path, "rb") as stream:
        return stream.read().decode("utf-8")


def read_or_none(path):
    """The text of a file, with what is not UTF-8 replaced; None if it is missing or cannot be read."""
    try:
        with open(path, "rb") as stream:
            return stream.read().decode("utf-8", "replace")
    except OSError:
        return None


def read_json(path):
    """The JSON mapping in a file; ValueError if it holds anything else."""
    value = json.loads(read_text(path))
    if not isinstance(value, dict):
        raise ValueError("not a JSON mapping")
    return value


def file_crc(path):
    """The CRC-32 of a file, as zip archives have it."""
    value = 0
    with open(path, "rb") as stream:
        for block in iter(lambda: stream.read(1 << 20), b""):
            value = zlib.crc32(block, value)
    return value


def make_directory(path, mode=0o755):
    """Create a directory and its missing parents with this mode, whatever the umask is."""
    if os.path.isdir(path):
        return
    make_directory(os.path.dirname(path), mode)
    try:
        os.mkdir(path)
    except FileExistsError:
        return
    os.chmod(path, mode)


def remove(path):
    """Remove a file, a link or a whole directory, if it exists."""
    try:
        if os.path.isdir(path) and not os.path.islink(path):
            shutil.rmtree(path)
        else:
            os.unlink(path)
    except FileNotFoundError:
        pass
