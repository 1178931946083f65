# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Boards made of files, for the tests of detectors."""

import json
import os
import pathlib
import struct

from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import AT_HWCAP, System

SCHEMA = json.loads((pathlib.Path(__file__).parents[3] / "docs" / "schemas" / "board.schema.json").read_text())[
    "properties"
]
BOARDS = sorted((pathlib.Path(__file__).parents[1] / "fixtures" / "boards").glob("*.json"))


class FakeSystem(System):
    """Another board: its files, links and commands come from a dictionary. The real code derives everything else."""

    def __init__(self, board):
        super().__init__()
        self.board = board
        self.environ = {"PATH": "/usr/local/bin:/usr/bin:/bin"}
        self.files = dict((path, text.encode("utf-8")) for path, text in board["files"].items())
        if board["hwcap"] is not None:
            self.files["/proc/self/auxv"] = struct.pack(
                "@LLLLLL", 6, board["page_size"], AT_HWCAP, board["hwcap"], 0, 0
            )
        self.started = []

    def read_bytes(self, path, limit=65536):
        data = self.files.get(self.realpath(path))
        return None if data is None else data[:limit]

    def exists(self, path):
        path = self.realpath(path).rstrip("/")
        return path in self.files or any(name.startswith(path + "/") for name in self.files)

    def is_file(self, path):
        return self.realpath(path) in self.files

    def listdir(self, path):
        below = path.rstrip("/") + "/"
        return sorted(
            set(
                name[len(below) :].split("/")[0]
                for name in list(self.files) + list(self.board["links"])
                if name.startswith(below)
            )
        )

    def realpath(self, path):
        return self.board["links"].get(path, path)

    def disk_space(self, path):
        return 1000, 400

    def run_all(self, commands, timeout):
        self.started += commands
        # A Python is called with a program of several lines: the fixture names only the arguments before it.
        names = [" ".join(argv[:4] if "-c" in argv else argv) for argv in commands]
        return [tuple(self.board["commands"][name]) if name in self.board["commands"] else None for name in names]

    def stat(self, path):
        if not self.exists(path):
            return None
        uid, gid, mode = self.board.get("stats", {}).get(self.realpath(path), (0, 0, 0o755))
        return os.stat_result((mode, 0, 0, 1, uid, gid, 0, 0, 0, 0))

    def may_run(self, path):
        return self.is_file(path)

    def may_open(self, path):
        return self.exists(path) and path not in self.board.get("closed", [])

    def group_of(self, path):
        return self.board.get("node_groups", {}).get(path, "root") if self.exists(path) else None

    def uname(self):
        return self.board["release"], self.board["machine"]

    def pointer_size(self):
        return self.board["pointer_size"]

    def page_size(self):
        return self.board["page_size"]

    def now(self):
        return self.board.get("now", 0)

    def count_cores(self):
        return self.board["cores"]

    def glibc_version(self):
        return self.board["glibc"]

    def own_interpreter(self):
        return self.board["interpreter"]

    def uid(self):
        return 1000

    def find_account(self, user):
        return (
            {"name": "pi", "uid": 1000, "gids": [1000, 44], "groups": ["pi", "video"], "home": "/home/pi"}
            if user in (1000, "pi")
            else None
        )


def load(name):
    return json.loads(next(path for path in BOARDS if path.stem == name).read_text())


def well_formed(found):
    """Check that signs and unserved accelerators have the shape of the schema, and return the board. jsonschema does
    not exist for Python 3.6.
    """
    sign, unserved = SCHEMA["signs"]["items"], SCHEMA["unserved"]["items"]
    for one in found["signs"]:
        assert sorted(one) == sorted(sign["required"]) and one["kind"] in sign["properties"]["kind"]["enum"], one
        assert one["cause"] in sign["properties"]["cause"]["enum"] and one["where"], one
        assert one["why"] and not one["why"].endswith(".") and one["fix"].endswith(".") and len(one["why"]) < 600, one
    for one in found["unserved"]:
        assert (
            sorted(one) == sorted(unserved["required"])
            and one["name"]
            and one["where"]
            and isinstance(one["integrated"], bool)
        ), one
    return found
