# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The paths below torch_root, and the names of environments."""

import os
import re

_NAME = re.compile(r"^([0-9A-Za-z_]+)-([1-9][0-9]*)$")
_ID = re.compile(r"^[0-9A-Za-z_]+$")


class Layout(object):
    """The paths below one torch_root."""

    def __init__(self, root):
        self.root = root
        self.envs = os.path.join(root, "envs")
        self.current = os.path.join(root, "current")
        self.bin = os.path.join(root, "bin")
        self.wrapper = os.path.join(root, "bin", "python")
        self.tools = os.path.join(root, "tools")
        self.cache = os.path.join(root, "cache")
        self.builds = os.path.join(root, "builds")
        self.artifacts = os.path.join(root, "cache", "artifacts")
        self.state = os.path.join(root, "state")
        self.record = os.path.join(root, "state", "record.json")
        self.pythons = os.path.join(root, "state", "pythons.json")
        self.additions = os.path.join(root, "state", "additions.json")
        self.lock = os.path.join(root, "state", "lock")

    def artifact(self, artifact):
        return os.path.join(self.artifacts, artifact["sha256"], artifact["filename"])


def is_id(text):
    return bool(_ID.match(text))


def environment_name(identity, generation):
    return "%s-%d" % (identity, generation)


def parse_name(name):
    """'<id>-<generation>' -> (id, generation), or None for anything else."""
    match = _NAME.match(name)
    return (match.group(1), int(match.group(2))) if match else None


def environment_path(root, identity, generation):
    return os.path.join(Layout(root).envs, environment_name(identity, generation))


def environment_python(path):
    return os.path.join(path, "bin", "python")
