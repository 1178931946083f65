# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""state=absent: remove one environment, or everything that this collection made at root."""

import os

from .._base.errors import EnvironmentProblem
from .._base.files import remove
from .._root.build_directory import build_directory_of, is_held
from .._root.flock import Lock
from .._root.layout import Layout, environment_name
from .present import check_root
from .prune import remove_environments
from .status import list_environments, read_current
from .summary import summarize_root


def ensure_absent(options, check_mode):
    """The module's result."""
    layout = Layout(options["root"])
    if not os.path.lexists(layout.root):
        return _make_result(layout, [])
    check_root(layout.root)
    if not options["id"]:
        _check_builds(layout)
    if check_mode or not _find_paths(layout, options):
        return _make_result(layout, _find_paths(layout, options))
    with Lock(layout.lock, options["lock_timeout"]):
        result = _make_result(layout, _find_paths(layout, options))
        if options["id"]:
            remove_environments(layout, result["removed"])
        else:
            # The link first, so that no program starts in a partly removed environment. The lock goes last.
            for path in [layout.current, layout.wrapper] + result["removed"]:
                remove(path)
            for folder in (layout.bin, layout.root):
                if os.path.isdir(folder) and not os.listdir(folder):
                    os.rmdir(folder)
        result["diff"]["after"] = summarize_root(layout.root)
        return result


def _find_paths(layout, options):
    """Names of the environments, or paths, to remove."""
    if not options["id"]:
        return [
            path
            for path in (
                layout.envs,
                layout.current,
                layout.wrapper,
                layout.tools,
                layout.cache,
                layout.builds,
                layout.state,
            )
            if os.path.lexists(path)
        ]
    names = [
        environment_name(item["id"], item["generation"])
        for item in list_environments(layout.root)
        if item["id"] == options["id"] and options["generation"] in (None, item["generation"])
    ]
    current = read_current(layout.root)[0]
    if current and os.path.basename(current["path"]) in names:
        raise EnvironmentProblem(
            "%s is the current environment: switch to another one first, or remove everything (no id)" % current["path"]
        )
    return names


def _check_builds(layout):
    running = [
        key
        for key in (os.listdir(layout.builds) if os.path.isdir(layout.builds) else ())
        if is_held(build_directory_of(layout.root, key))
    ]
    if running:
        raise EnvironmentProblem(
            "Build %s is still running in %s; cancel it first (edgeai.fleet.torch_build with state: cancelled)"
            % (running[0], layout.builds)
        )


def _make_result(layout, removed):
    before = summarize_root(layout.root)
    after = before
    if removed:
        names = [os.path.basename(path) for path in removed]
        after = (
            {"current": None, "environments": [], "packages": []}
            if os.path.basename(layout.envs) in names
            else dict(before, environments=[name for name in before["environments"] if name not in names])
        )
    return {"changed": bool(removed), "removed": removed, "warnings": [], "diff": {"before": before, "after": after}}
