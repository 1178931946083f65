# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The lines that --diff shows: the current environment, all environments, and the packages."""

import os

from .._root.layout import environment_name, environment_path
from .status import list_environments, read_complete, read_current


def summarize_root(root, planned=None, generation=None):
    """The state of root; with `planned`, the state after that environment is built."""
    current = read_current(root)[0]
    complete = read_complete(current["path"]) if current else None
    names = [environment_name(item["id"], item["generation"]) for item in list_environments(root) if item["complete"]]
    wheels = complete["wheels"] if complete else []
    if planned:
        names.append(environment_name(planned["id"], generation))
        wheels = planned["artifacts"]
    return _make_summary(os.path.basename(current["path"]) if current else None, names, wheels)


def summarize_switch(root, identity, generation, removed):
    """The state of root after the switch to this environment and the removal of others."""
    complete = read_complete(environment_path(root, identity, generation))
    names = [name for name in summarize_root(root)["environments"] if name not in removed]
    return _make_summary(environment_name(identity, generation), names, complete["wheels"] if complete else [])


def _make_summary(current, names, wheels):
    return {
        "current": current,
        "environments": sorted(names),
        "packages": sorted("%s %s" % (wheel["name"], wheel["version"]) for wheel in wheels),
    }
