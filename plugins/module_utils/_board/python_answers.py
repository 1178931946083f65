# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What the interpreters of a board answered in an earlier run: one that is still the same file is not started again.

Only answers are kept: an interpreter that did not work is started every time.
"""

import json
import os
import re
import stat

from .._base.files import write_json

SCHEMA = 1
LIMIT = 1 << 20
MARKER = "EXTERNALLY-MANAGED"
IMPLEMENTATION = re.compile(r"^[a-z]+$")
VERSION = re.compile(r"^\d+\.\d+\.\d+(?:(?:a|b|rc)\d+)?$")


class KeptAnswers(object):
    """The answers in the file `path`, which is written only beside the state record of an installed environment."""

    def __init__(self, path, record, may_write):
        self.path = path
        self._writes = may_write and os.path.isfile(record)
        self._kept = _read(path)
        self._before = {}  # the identities of interpreters before they are started

    def recall(self, system, interpreter):
        """{implementation, version, externally_managed} of an interpreter that is what it was; else None."""
        self._before[interpreter] = _identify(system, interpreter)
        kept = self._kept.get(interpreter)
        if (
            not isinstance(kept, dict)
            or not all(isinstance(kept.get(name), str) for name in ("implementation", "version", "library"))
            or not (IMPLEMENTATION.match(kept["implementation"]) and VERSION.match(kept["version"]))
            or not kept["library"].isprintable()
            or kept.get("files") != [self._before[interpreter], _identify(system, _in_library(kept))]
            or not system.may_run(interpreter)
        ):
            return None
        return {
            "implementation": kept["implementation"],
            "version": kept["version"],
            "externally_managed": system.exists(os.path.join(kept["library"], MARKER)),
        }

    def keep(self, system, answers):
        """Keep answers beside those that were kept: {interpreter: {implementation, version, library}}. A file that
        cannot be written is no fault: the interpreters are started again next time.
        """
        if not self._writes or not answers:
            return
        for interpreter, answer in answers.items():
            # Another file meanwhile: it is not known which of the two has answered.
            if self._before.get(interpreter) == _identify(system, interpreter):
                files = [self._before[interpreter], _identify(system, _in_library(answer))]
                self._kept[interpreter] = dict(answer, files=files)
        seen = dict((interpreter, kept) for interpreter, kept in self._kept.items() if interpreter in self._before)
        try:
            write_json(self.path, {"schema": SCHEMA, "pythons": seen})
        except OSError:
            pass


def _in_library(answer):
    """The file that shows whether the interpreter's library is another one."""
    return os.path.join(answer["library"], "os.py")


def _identify(system, path):
    """What changes when a file is installed anew, or changed in place: no program can set its ctime."""
    found = system.stat(path)
    return [found.st_size, found.st_mtime_ns, found.st_ctime_ns, found.st_ino] if found else None


def _read(path):
    """The answers in a file that none but root and this user can have written; {} without one."""
    try:
        with open(path, "rb", opener=_open_itself) as stream:
            found = os.fstat(stream.fileno())
            if not stat.S_ISREG(found.st_mode) or found.st_uid not in (0, os.geteuid()) or found.st_mode & 0o022:
                return {}
            content = json.loads(stream.read(LIMIT).decode("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    if not isinstance(content, dict) or content.get("schema") != SCHEMA or not isinstance(content.get("pythons"), dict):
        return {}
    return content["pythons"]


def _open_itself(path, flags):
    """No link, and without waiting for the writer of a pipe."""
    return os.open(path, flags | os.O_NOFOLLOW | os.O_NONBLOCK)
