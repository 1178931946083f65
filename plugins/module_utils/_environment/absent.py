# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""state=absent: remove one environment, or everything that this collection made at root."""

import os

from .._base.errors import EnvironmentProblem
from .._root.additions import read_additions
from .._root.build_directory import build_directory_of, is_held
from .._root.flock import Lock
from .._root.layout import Layout, environment_name
from .foreign import remove_own, sort_content
from .present import check_root
from .prune import remove_environments
from .status import list_environments, read_current
from .summary import summarize_root


def ensure_absent(options, check_mode):
    """The module's result."""
    layout = Layout(options["root"])
    if not os.path.lexists(layout.root):
        return _make_result(layout, [])
    if not options["id"]:
        return _remove_root(layout, options, check_mode)
    check_root(layout.root)
    names = _find_names(layout, options)
    if check_mode or not names:
        return _make_result(layout, names)
    with Lock(layout.lock, options["lock_timeout"]):
        result = _make_result(layout, _find_names(layout, options))
        remove_environments(layout, result["removed"])
        result["diff"]["after"] = summarize_root(layout.root)
        return result


def _remove_root(layout, options, check_mode):
    _check_builds(layout)
    own, foreign = sort_content(layout)
    if check_mode or not own:
        return dict(_make_result(layout, [path for path, _spared in own]), left=foreign)
    check_root(layout.root)
    with Lock(layout.lock, options["lock_timeout"]):
        own, foreign = sort_content(layout)
        result = dict(_make_result(layout, [path for path, _spared in own]), left=foreign)
        created = _created_directories(layout)
        # The link first, so that no program starts in a partly removed environment. The lock goes last.
        for path, spared in own:
            remove_own(path, spared)
        for folder in (layout.bin, layout.envs, layout.tools, layout.cache, layout.builds, layout.state):
            remove_empty(folder)
        for folder in created:
            remove_empty(folder)
        result["diff"]["after"] = summarize_root(layout.root)
        return result


def _created_directories(layout):
    """The root and the directories above it that this collection created, the innermost first."""
    record = read_additions(layout.root)
    recorded = [entry["path"] for entry in record.of("directory")]
    above = [path for path in recorded if (layout.root + os.sep).startswith(path.rstrip(os.sep) + os.sep)]
    # Earlier versions recorded nothing, and removed an empty root.
    return sorted(above if record.complete else set(above + [layout.root]), key=len, reverse=True)


def remove_empty(folder):
    """Remove an empty directory. A link to one, or a mount point, is the administrator's."""
    if os.path.isdir(folder) and not os.path.islink(folder) and not os.path.ismount(folder) and not os.listdir(folder):
        os.rmdir(folder)


def _find_names(layout, options):
    """Names of the environments to remove."""
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
        environments = [name for name in before["environments"] if name not in names]
        current = before["current"] if before["current"] in environments else None
        after = dict(before, environments=environments, current=current, packages=before["packages"] if current else [])
    return {
        "changed": bool(removed),
        "removed": removed,
        "left": [],
        "warnings": [],
        "diff": {"before": before, "after": after},
    }
