# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""state=current: switch the link to an environment whose verdict is satisfied, record it, remove surplus ones."""

import os
import time

from .._base.errors import EnvironmentProblem
from .._base.files import link_atomic, make_directory, read_json, write_json
from .._root.flock import Lock
from .._root.layout import Layout, environment_name, environment_path, environment_python
from .carry import find_added, name_list
from .manifest import find_damage
from .present import check_root
from .prune import choose_superfluous, remove_environments
from .status import read_complete, read_current, read_record
from .summary import summarize_root, summarize_switch
from .wrapper import wrapper_is_right, write_wrapper

VERDICT = os.path.join(".edgeai", "verdict.json")


def ensure_current(options, check_mode):
    """The module's result."""
    layout = Layout(options["root"])
    check_root(layout.root)
    if check_mode:
        return _switch_to_target(layout, options, None)
    # Before anything is written: a rollback without a previous environment fails here.
    _find_target(layout, options)
    os.umask(0o022)
    with Lock(layout.lock, options["lock_timeout"]) as lock:
        return _switch_to_target(layout, options, lock)


def _find_target(layout, options):
    """(id, generation) of the requested environment."""
    if not options["rollback"]:
        return options["id"], options["generation"]
    record = read_record(layout.root)[0]
    if not record or not record["previous"]:
        raise EnvironmentProblem("there is no previous environment at %s to roll back to" % layout.root)
    return record["previous"]["id"], record["previous"]["generation"]


def _switch_to_target(layout, options, lock):
    target = _find_target(layout, options)
    path = environment_path(layout.root, *target)
    current = read_current(layout.root)[0]
    record = read_record(layout.root)[0]
    before = summarize_root(layout.root)
    result = {
        "changed": False,
        "switched": False,
        "id": target[0],
        "generation": target[1],
        "path": path,
        "python": environment_python(path),
        "previous": record["previous"] if record else None,
        "removed": [],
        "warnings": [],
        "diff": {"before": before, "after": before},
    }
    complete = read_complete(path)
    if complete is None and (lock or options["rollback"]):
        what = "the previous environment %s is gone" if options["rollback"] else "the environment %s is not complete"
        raise EnvironmentProblem((what + ": provision again") % path)
    is_current = bool(current) and target == (current["id"], current["generation"])
    verdict, key = _find_verdict(options, path)
    if lock:
        write_json(os.path.join(path, VERDICT), {"verdict": verdict, "key": key})
    if not verdict["satisfied"] and not options["rollback"]:
        if is_current:
            # It stays current, but the record must not call it satisfied any more.
            _update_record(layout, result, record, target, result["previous"], verdict, key, lock)
        return result

    result["previous"] = _find_previous(layout, record, current, target)
    spared = [
        environment_name(item["id"], item["generation"]) for item in (result, result["previous"]) if item is not None
    ]
    result["removed"] = choose_superfluous(layout, options["keep"], spared)
    result["diff"]["after"] = summarize_switch(layout.root, target[0], target[1], result["removed"])
    if complete and current and not is_current:
        result["warnings"] += _find_switch_warnings(current["path"], path, complete)

    result["switched"] = not is_current
    result["changed"] = not is_current or bool(result["removed"]) or not wrapper_is_right(layout)
    if lock and not wrapper_is_right(layout):
        write_wrapper(layout)
    if lock and not is_current:
        # `current` points to a complete environment at any moment.
        link_atomic(layout.current, os.path.join("envs", environment_name(*target)))
    _update_record(layout, result, record, target, result["previous"], verdict, key, lock)
    if lock:
        remove_environments(layout, result["removed"])
    return result


def _find_verdict(options, path):
    """(verdict, key): the given ones, or on a rollback those stored with that environment."""
    if not options["rollback"]:
        return options["verdict"], options["key"] or {}
    try:
        stored = read_json(os.path.join(path, VERDICT))
        return dict(stored["verdict"]), dict(stored["key"])
    except (OSError, ValueError, KeyError, TypeError):
        return {
            "schema": 1,
            "outcome": "error",
            "satisfied": False,
            "reason": "rolled back to an environment without a stored verdict: verify it",
        }, {}


def _find_previous(layout, record, current, target):
    """The newest other environment that had a satisfied verdict and still exists: {id, generation} or None."""
    candidates = []
    if record and record["verdict"].get("satisfied"):
        candidates.append((record["id"], record["generation"]))
    if current and _find_verdict({"rollback": True}, current["path"])[0].get("satisfied"):
        candidates.append((current["id"], current["generation"]))  # after a crash or a manual switch
    if record and record["previous"]:
        candidates.append((record["previous"].get("id"), record["previous"].get("generation")))
    for candidate in candidates:
        if candidate != target and read_complete(environment_path(layout.root, *candidate)):
            return {"id": candidate[0], "generation": candidate[1]}
    return None


def _find_switch_warnings(old, new, complete):
    """Damage of the new environment, and added packages that it lacks."""
    warnings = ["%s is damaged: %s" % (new, damage) for damage in find_damage(new)[:1]]
    former = read_complete(old)
    added = (
        find_added(old, former, complete.get("distributions") or [wheel["name"] for wheel in complete["wheels"]])
        if former
        else []
    )
    present = set(item.name for item in find_added(new, complete, []))
    lost = [item for item in added if item.name not in present]
    if lost:
        warnings.append("these packages that someone added to %s are not in %s: %s" % (old, new, name_list(lost)))
    return warnings


def _update_record(layout, result, record, target, previous, verdict, key, lock):
    """Write state/record.json; changed only if target, outcome or key differ."""
    meaning = (target, bool(verdict["satisfied"]), verdict.get("outcome"), key)
    former = record and (
        (record["id"], record["generation"]),
        bool(record["verdict"].get("satisfied")),
        record["verdict"].get("outcome"),
        record.get("key"),
    )
    if former != meaning:
        result["changed"] = True
    if lock:
        make_directory(layout.state)
        write_json(
            layout.record,
            {
                "schema": 1,
                "id": target[0],
                "generation": target[1],
                "previous": previous,
                "verdict": verdict,
                "key": key,
                "recorded": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            },
        )
