# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""state=present: build an environment of this id unless an intact one exists."""

import os
import re

from .._base.errors import EnvironmentProblem
from .._base.files import remove
from .._base.processes import python_version
from .._root.flock import Lock
from .._root.layout import Layout, environment_name, environment_path, environment_python, is_id
from .artifacts import Fetcher, check_artifacts, check_space, find_missing, make_incoming, remove_leftovers
from .assemble import assemble_environment, find_owner, give_to
from .conda_installer import check_rattler_python, find_conda_python
from .manifest import find_damage
from .status import find_problem, list_environments
from .summary import summarize_root
from .variables import find_exposed, find_reader, protect_secrets, secrets_have_wrong_owner


def check_root(root):
    problem = find_problem(root)
    if problem:
        raise EnvironmentProblem(problem)


def ensure_present(options, check_mode):
    """The module's result."""
    layout = Layout(options["root"])
    check_options(options)
    check_root(layout.root)
    owner = find_owner(options["owner"])
    return call_locked(layout, options, check_mode, lambda lock: ensure_locked(layout, options, owner, lock))


def call_locked(layout, options, check_mode, function):
    """function(lock), with lock=None in check mode; the delivery's directory is removed afterwards."""
    if check_mode:
        return function(None)
    os.umask(0o022)  # every user of the board uses what is installed
    with Lock(layout.lock, options["lock_timeout"]) as lock:
        try:
            return function(lock)
        finally:
            if options["_incoming"]:
                remove(options["_incoming"])


def check_options(options):
    if not is_id(options["id"]):
        raise EnvironmentProblem("id %s: letters, digits and _ are allowed" % options["id"])
    for name in options["environment"] or {}:
        if not re.match("^[A-Za-z_][A-Za-z0-9_]*$", name):
            raise EnvironmentProblem("environment: %s is not a valid variable name" % name)
    for path in options["paths"]:
        if not os.path.isabs(path):
            raise EnvironmentProblem("paths: %s is not an absolute path" % path)
    check_artifacts(options["artifacts"] + options["tools"])
    if options["_incoming"] and os.path.dirname(options["_incoming"]) != Layout(options["root"]).cache:
        raise EnvironmentProblem("%s is not below %s" % (options["_incoming"], Layout(options["root"]).cache))


def ensure_locked(layout, options, owner, lock):
    """Like ensure_present, for callers that hold the lock; it is None in check mode."""
    environments = list_environments(layout.root)
    ours = [item for item in environments if item["id"] == options["id"]]
    before = summarize_root(layout.root)
    result = {
        "changed": False,
        "id": options["id"],
        "missing": [],
        "carried": [],
        "added": [],
        "removed": [],
        "warnings": [],
        "diff": {"before": before, "after": before},
    }
    _protect_exposed(layout, environments, find_reader(options.get("user"), owner), result, lock)
    damaged = {}
    for item in reversed([item for item in ours if item["complete"]]):
        env = environment_path(layout.root, item["id"], item["generation"])
        damage = find_damage(env)
        if not damage:
            return _keep_intact(result, item["generation"], env, owner, find_reader(options.get("user"), owner), lock)
        damaged[item["generation"]] = damage[0]
    if damaged:
        newest = max(damaged)
        result["warnings"].append(
            "%s is damaged and is built again: %s" % (environment_name(options["id"], newest), damaged[newest])
        )

    # Generations are never used twice, not even that of an unfinished environment.
    generation = max([item["generation"] for item in ours] or [0]) + 1
    env = environment_path(layout.root, options["id"], generation)
    result.update(
        changed=True,
        generation=generation,
        path=env,
        python=environment_python(env),
        added=[os.path.basename(env)],
        removed=[environment_name(item["id"], item["generation"]) for item in environments if not item["complete"]],
    )
    result["diff"]["after"] = summarize_root(layout.root, options, generation)
    version = _environment_version(options)

    if lock:
        remove_leftovers(layout)
        for name in result["removed"]:
            remove(os.path.join(layout.envs, name))
    missing, warnings = find_missing(layout, options["artifacts"] + options["tools"], discard=bool(lock))
    result["warnings"] += warnings
    if missing and lock and options["_incoming"]:
        with Fetcher(layout) as fetcher:
            for artifact in missing:
                fetcher.take_delivered(options["_incoming"], artifact)
        missing = []
    check_space(layout, options["artifacts"], missing, copied=options["_incoming_uid"] not in (None, os.geteuid()))
    if not lock:
        result["missing"] = _artifact_entries(missing)
        return result
    if missing and options["delivery"] == "index":
        with Fetcher(layout) as fetcher:
            for artifact in missing:
                fetcher.download(artifact)
    elif missing and options["_deliver"]:
        return dict(
            result,
            changed=False,
            added=[],
            missing=_artifact_entries(missing),
            incoming=make_incoming(layout, options["_incoming_uid"]),
        )
    elif missing:
        raise EnvironmentProblem(
            "these artifacts were not delivered to the board: %s"
            % ", ".join(artifact["filename"] for artifact in missing)
        )
    result["carried"], warnings = assemble_environment(layout, options, generation, version, owner, lock)
    result["warnings"] += warnings
    return result


def _environment_version(options):
    """The version of Python that the environment will have; EnvironmentProblem if `python` cannot build it."""
    if options["provider"] == "conda":
        check_rattler_python(options["python"])
        return find_conda_python(options["artifacts"])
    return python_version(options["python"])


def _protect_exposed(layout, environments, reader, result, lock):
    """Earlier versions kept all variables where every user of the board can read them."""
    for item in environments:
        env = environment_path(layout.root, item["id"], item["generation"])
        names = find_exposed(env)
        if names:
            result["changed"] = True
            result["warnings"].append(
                "every user of this board could read %s in the variables of %s; now only %s can. Replace these secrets"
                " if others use the board" % (", ".join(names), env, reader.pw_name)
            )
            if lock:
                protect_secrets(env, reader)


def _keep_intact(result, generation, env, owner, reader, lock):
    """An intact one exists: correct its owner and the reader of its secrets."""
    if owner is not None and os.stat(env).st_uid != owner.pw_uid:
        result["changed"] = True
        if lock:
            give_to(env, owner)
    if secrets_have_wrong_owner(env, reader):
        result["changed"] = True
        if lock:
            protect_secrets(env, reader)
    return dict(result, generation=generation, path=env, python=environment_python(env))


def _artifact_entries(artifacts):
    return [
        {"sha256": artifact["sha256"], "filename": artifact["filename"], "size": artifact["size"]}
        for artifact in artifacts
    ]
