# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Build one environment at its final path. It counts from the moment its `.complete` is there."""

import os
import pwd
import tempfile
import time

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove, write_atomic, write_json
from .._base.processes import compile_bytecode, run
from .._root.layout import environment_path
from .carry import carry_packages, find_added, find_distributions, name_list, site_packages
from .installers import choose_installer, file_url
from .manifest import write_manifest
from .status import COMPLETE, read_complete, read_current
from .variables import find_reader, protect_secrets, secrets_have_wrong_owner, write_variables

CONSTRAINTS = os.path.join(".edgeai", "constraints.txt")
PATHS = "edgeai_paths.pth"


def find_owner(name):
    """pwd entry of the user who will own environments, or None for the running user."""
    if not name:
        return None
    try:
        owner = pwd.getpwnam(name)
    except KeyError:
        raise EnvironmentProblem(
            "the user %s does not exist on this board: create it first, or correct the name" % name
        ) from None
    if os.geteuid() not in (0, owner.pw_uid):
        raise EnvironmentProblem(
            "only root can make %s the owner of an environment, and this runs as uid %d: use become"
            % (name, os.geteuid())
        )
    return owner


def give_to(env, owner):
    """chown -R, the leaves first, so that nothing is the new owner's while root still works below it."""
    for folder, folders, files in os.walk(env, topdown=False):
        for name in files + folders:
            os.lchown(os.path.join(folder, name), owner.pw_uid, owner.pw_gid)
    os.lchown(env, owner.pw_uid, owner.pw_gid)


def assemble_environment(layout, options, generation, version, owner, lock):
    """Build environment `options.id` in this generation; (carried names, warnings)."""
    env = environment_path(layout.root, options["id"], generation)
    make_directory(layout.envs)
    make_directory(layout.cache)
    work = tempfile.mkdtemp(prefix="work-", dir=layout.cache)
    try:
        installer, warnings = choose_installer(layout, options, work, lock)
        installer.create(env, options, work, lock)
        installer.install(env, options["artifacts"], tuple(int(part) for part in version.split(".")), work, lock)
        make_directory(os.path.join(env, ".edgeai"))
        distributions = sorted(find_distributions(env))
        carried, notes = _carry_added(layout, env, options, distributions, work, lock)
        _write_paths(env, options["paths"])
        reader = find_reader(options.get("user"), owner)
        secrets = write_variables(env, options["environment"], reader)
        _write_guard(layout, env, options["artifacts"])
        write_manifest(env)
        if owner is not None and os.geteuid() == 0:
            give_to(env, owner)
        if secrets_have_wrong_owner(env, reader):
            protect_secrets(env, reader)
        if secrets and reader.pw_uid == 0:
            notes.append(
                "only root can read %s in the variables of %s, other users run without them: set torch_user to the user"
                " who runs the workload" % (", ".join(secrets), env)
            )
        os.sync()
        write_json(
            os.path.join(env, COMPLETE),
            {
                "id": options["id"],
                "generation": generation,
                "created": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                "python": {"path": options["python"], "version": version},
                "paths": options["paths"],
                "provider": options["provider"],
                "distributions": distributions,
                "wheels": [_artifact_entry(artifact) for artifact in options["artifacts"]],
                "tools": [_artifact_entry(artifact) for artifact in options["tools"]],
            },
        )
    except BaseException:
        remove(env)
        raise
    finally:
        remove(work)
    return carried, warnings + notes


def _artifact_entry(artifact):
    return dict((key, artifact[key]) for key in ("name", "version", "filename", "sha256"))


def _carry_added(layout, env, options, distributions, work, lock):
    """(names carried from the current environment, warnings)"""
    current = read_current(layout.root)[0]
    complete = current and read_complete(current["path"])
    added = find_added(current["path"], complete, distributions) if complete else []
    if not added:
        return [], []
    if not options["carry_packages"]:
        return [], ["these packages that someone added are not in the new environment: %s" % name_list(added)]
    carried, warnings = carry_packages(added, current["path"], env)
    if carried:
        compile_bytecode(env, work, lock)
        status, output = run(
            [os.path.join(env, "bin", "python"), "-m", "pip", "--isolated", "check"], work, lock, accept=(0, 1)
        )
        if status:
            warnings.append("pip check on the carried packages: %s" % "; ".join(output.strip().splitlines()))
    return carried, warnings


def _write_paths(env, paths):
    """Add directories of packages after the environment's own. addsitedir also reads their .pth files, a bare line does
    not.
    """
    if paths:
        write_atomic(
            os.path.join(site_packages(env), PATHS),
            "".join("import site; site.addsitedir(%s)\n" % ascii(path) for path in paths),
        )


def _write_guard(layout, env, artifacts):
    """Keep a later `pip install` from replacing torch: pip reads pip.conf in sys.prefix, the wrapper sets UV_CONSTRAINT
    for uv.
    """
    lines = [
        "torch @ %s\n" % file_url(layout.artifact(artifact)) for artifact in artifacts if artifact["name"] == "torch"
    ]
    # conda's torch has no wheel to name.
    lines += ["torch==%s\n" % artifact["version"] for artifact in artifacts if artifact["name"] == "pytorch"]
    write_atomic(os.path.join(env, CONSTRAINTS), "".join(lines))
    write_atomic(os.path.join(env, "pip.conf"), "[global]\nconstraint = %s\n" % os.path.join(env, CONSTRAINTS))
