# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Where rattler comes from: the interpreter itself, or the pinned wheel that the action delivers."""

import os
import shutil
import sys
import tempfile

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove
from .._base.hashes import hash_file
from .._base.processes import run
from .._board.pythons import find_pythons
from .._board.system import System
from .._environment.artifacts import Fetcher, find_missing, make_incoming
from .._environment.conda_installer import OLDEST, Conda, check_rattler_python, unpack_rattler
from .._root.layout import Layout

_QUESTION = 'import rattler, sys; from importlib.metadata import version; sys.exit(version("py-rattler") != %r)'


class RattlerMissing(Exception):
    """Rattler's wheel must be delivered to `incoming` first (None in check mode: anywhere)."""

    def __init__(self, tool, incoming):
        Exception.__init__(self)
        self.tool = tool
        self.incoming = incoming


class Rattler(object):
    """The installer, found on first use: an environment that needs no change needs none."""

    def __init__(self, layout, options, lock):
        self.layout = layout
        self.options = options
        self.lock = lock
        self.tools = []
        self.scratch = None
        self._installer = None

    def __enter__(self):
        return self

    def __exit__(self, *unused):
        if self.scratch:
            remove(self.scratch)

    def get_installer(self):
        if self._installer is None:
            python = self._find_python()
            tool = self.options["_tools"].get(os.uname().machine)
            # An installed rattler of another version than the tested one is not used.
            if tool and not _has_rattler(python, tool["version"]):
                self.tools = [tool]
            self._installer = Conda(self.layout, python, self._unpack_tool(tool) if self.tools else None)
        return self._installer

    def _find_python(self):
        if self.options["python"]:
            check_rattler_python(self.options["python"])
            return self.options["python"]
        if sys.version_info[:2] >= OLDEST:
            return sys.executable
        pythons = find_pythons(System())[0]
        fitting = [
            python["path"]
            for python in pythons
            if python["implementation"] == "cpython"
            and tuple(int(part) for part in python["version"].split(".")[:2]) >= OLDEST
        ]
        if not fitting:
            raise EnvironmentProblem(
                "py-rattler, which installs conda packages, needs Python %d.%d or newer on this board; found: %s"
                % (OLDEST + (", ".join("%(path)s (%(version)s)" % python for python in pythons) or "none",))
            )
        return fitting[0]

    def _unpack_tool(self, tool):
        incoming = self.options["_incoming"]
        cached = not find_missing(self.layout, [tool], discard=False)[0]
        if self.lock is None:
            return self._unpack_temporarily(
                tool, self.layout.artifact(tool) if cached else incoming and os.path.join(incoming, tool["sha256"])
            )
        if not cached:
            if not incoming:
                raise RattlerMissing(tool, make_incoming(self.layout, self.options["_incoming_uid"]))
            with Fetcher(self.layout) as fetcher:
                fetcher.take_delivered(incoming, tool)
        return unpack_rattler(self.layout, tool)

    def _unpack_temporarily(self, tool, wheel):
        """For check mode: leaves nothing on the board."""
        if not wheel:
            raise RattlerMissing(tool, None)
        actual = hash_file(wheel)
        if actual != tool["sha256"]:
            raise EnvironmentProblem(
                "%s arrived damaged on the board: its sha256 is %s instead of %s; run again"
                % (tool["filename"], actual, tool["sha256"])
            )
        self.scratch = tempfile.mkdtemp(prefix="edgeai-fleet-")
        scratch = Layout(self.scratch)
        make_directory(os.path.dirname(scratch.artifact(tool)))
        shutil.copyfile(wheel, scratch.artifact(tool))
        return unpack_rattler(scratch, tool)


def _has_rattler(python, version):
    with tempfile.TemporaryDirectory(prefix="edgeai-fleet-") as work:
        return run([python, "-I", "-c", _QUESTION % version], work, None, accept=(0, 1))[0] == 0
