# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Huawei's .run files: the right file, which nobody else can change, and the check that each brings for itself."""

import os

from .._base.errors import EnvironmentProblem
from .._base.hashes import hash_file
from .._base.text import last_words


def check_file(part, path, expected):
    """EnvironmentProblem if root must not run this file: others can write it, or it has another SHA-256."""
    try:
        for place in (path, os.path.dirname(path)):
            entry = os.stat(place)
            if entry.st_uid not in (0, os.geteuid()) or entry.st_mode & 0o022:
                raise EnvironmentProblem(
                    "users other than root can write %s: root must not run files from there" % place
                )
        actual = hash_file(path)
    except OSError as error:
        raise EnvironmentProblem("the file of the %s cannot be read: %s" % (part, error)) from None
    if actual != expected.lower():
        raise EnvironmentProblem(
            "%s has the SHA-256 %s, but %s was given for the %s: it was not run" % (path, actual, expected, part)
        )


def check_itself(run, part, argv):
    """EnvironmentProblem if the file's own check (--check) finds it damaged. argv: what starts the file."""
    status, out, err = run(argv + ["--check"])
    if status != 0:
        raise EnvironmentProblem(
            "%s --check reports a damaged file of the %s (exit status %d: %s): download it again. "
            "Nothing was installed" % (argv[-1], part, status, last_words(out + err))
        )
