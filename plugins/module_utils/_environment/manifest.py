# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The stat manifest: what an environment's files looked like when it was finished."""

import os

from .._base.files import read_text, write_atomic

PATH = os.path.join(".edgeai", "manifest")

# The bookkeeping is written later than the manifest, and .lock is uv's, touched by every use of it.
_OWN = (".edgeai", ".complete", ".lock")


def list_files(top):
    """Every file and link below, as a path relative to it."""
    pending = [""]
    while pending:
        folder = pending.pop()
        with os.scandir(os.path.join(top, folder)) as entries:
            for entry in entries:
                relative = os.path.join(folder, entry.name)
                if relative in _OWN:
                    continue
                if entry.is_dir(follow_symlinks=False):
                    pending.append(relative)
                else:
                    yield relative


def _size_and_mtime(path):
    # lstat: an interpreter outside the environment may be upgraded in place.
    status = os.lstat(path)
    return "%d %d" % (status.st_size, status.st_mtime_ns)


def write_manifest(env):
    # A name that no text line can hold (line break, not UTF-8) is left out: no wheel has one.
    names = sorted(
        name for name in list_files(env) if "\n" not in name and name.encode("utf-8", "ignore").decode("utf-8") == name
    )
    write_atomic(
        os.path.join(env, PATH), "".join("%s %s\n" % (_size_and_mtime(os.path.join(env, name)), name) for name in names)
    )


def find_damage(env, limit=5):
    """Differences from the manifest as texts, at most `limit`. Reads no file but the manifest."""
    try:
        lines = read_text(os.path.join(env, PATH)).splitlines()
    except (OSError, ValueError) as error:
        return ["%s cannot be read: %s" % (PATH, getattr(error, "strerror", None) or error)]
    damage = [] if lines else ["%s is empty" % PATH]
    # Twenty thousand times in every run: os.path.join would cost half as much as lstat itself.
    top, lstat = env + os.sep, os.lstat
    for line in lines:
        if len(damage) == limit:
            return damage
        try:
            size, mtime, name = line.split(" ", 2)
        except ValueError:
            damage.append("%s holds a broken line" % PATH)
            continue
        try:
            status = lstat(top + name)
        except OSError as error:
            damage.append(
                "%s is missing" % name if isinstance(error, FileNotFoundError) else "%s: %s" % (name, error.strerror)
            )
            continue
        if str(status.st_size) != size:
            damage.append("%s has %d bytes instead of %s" % (name, status.st_size, size))
        elif str(status.st_mtime_ns) != mtime:
            damage.append("%s was changed after it was installed" % name)
    if len(damage) < limit and not os.path.exists(os.path.join(env, "bin", "python")):
        damage.append("bin/python points to no interpreter")
    return damage[:limit]
