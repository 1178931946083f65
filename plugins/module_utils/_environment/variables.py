# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The variables for programs of an environment.

All users of the board may read the plain ones, only one user the secret ones. Programs of others run without those.

Both are stored twice: as JSON, and as a script for bin/python.
"""

import json
import os
import pwd
import re
import shlex
import stat

from .._base.files import read_json, write_atomic

VARIABLES = os.path.join(".edgeai", "variables.json")
SCRIPT = os.path.join(".edgeai", "variables.sh")
SECRETS = os.path.join(".edgeai", "secrets.json")
SECRETS_SCRIPT = os.path.join(".edgeai", "secrets.sh")

# bin/python has set $env.
_MORE = '[ ! -r "$env/{0}" ] || . "$env/{0}"\n'.format(SECRETS_SCRIPT)


def _find_secret(variables):
    """The secret ones of these variables. Most boards have no variables, and do not load the patterns of secrets."""
    if not variables:
        return {}
    from .._base.secrets import is_secret

    return dict((name, value) for name, value in variables.items() if is_secret(name, value))


def _read_variables(path):
    try:
        variables = read_json(path)
    except (OSError, ValueError):
        return {}
    return dict((str(name), str(value)) for name, value in variables.items())


def load_variables(env):
    """The variables that this process may read."""
    return dict(_read_variables(os.path.join(env, VARIABLES)), **_read_variables(os.path.join(env, SECRETS)))


def write_variables(env, variables, reader):
    """Write them; the names of the secret ones. `reader`: pwd entry of the user who may read those, None for the
    running user.
    """
    variables = dict((name, str(value)) for name, value in (variables or {}).items())
    secrets = _find_secret(variables)
    plain = dict((name, value) for name, value in variables.items() if name not in secrets)
    # The secret ones first, so that a program that starts meanwhile has them. The plain files keep their owner.
    if secrets:
        ids = (reader.pw_uid, reader.pw_gid) if reader is not None and os.geteuid() == 0 else None
        _write_script_and_json(env, SECRETS, SECRETS_SCRIPT, secrets, "", 0o600, ids)
    path = os.path.join(env, VARIABLES)
    status = os.lstat(path) if os.geteuid() == 0 and os.path.lexists(path) else None
    ids = (status.st_uid, status.st_gid) if status else None
    _write_script_and_json(env, VARIABLES, SCRIPT, plain, _MORE if secrets else "", 0o644, ids)
    return sorted(secrets)


def _write_script_and_json(env, data, script, variables, more, mode, owner):
    write_atomic(
        os.path.join(env, script),
        "".join("export %s=%s\n" % (name, shlex.quote(variables[name])) for name in sorted(variables)) + more,
        mode,
        owner,
    )
    write_atomic(os.path.join(env, data), json.dumps(variables, indent=1, sort_keys=True) + "\n", mode, owner)


def find_reader(user, owner):
    """pwd entry of the user who may read the secret variables: the workload's user, else the environment's owner, else
    the running user.
    """
    if user:
        try:
            return pwd.getpwnam(user)
        except KeyError:  # torch_verify reports that this user does not exist
            pass
    return owner if owner is not None else pwd.getpwuid(os.geteuid())


def find_exposed(env):
    """Names of secret variables that other users than their reader can read."""
    names = list(_find_secret(_read_variables(os.path.join(env, VARIABLES))))
    if not _is_private(os.path.join(env, SECRETS)) or not _is_private(os.path.join(env, SECRETS_SCRIPT)):
        names += _read_variables(os.path.join(env, SECRETS)) or ["variables"]
    return sorted(set(name for name in names if re.match("[A-Za-z_][A-Za-z0-9_]*$", name)))


def _is_private(path):
    try:
        status = os.lstat(path)
    except OSError:
        return True
    return stat.S_ISREG(status.st_mode) and not status.st_mode & 0o077


def secrets_have_wrong_owner(env, reader):
    """Whether the secrets are still those of a former workload's user."""
    try:
        return os.geteuid() == 0 and any(
            os.lstat(os.path.join(env, name)).st_uid != reader.pw_uid for name in (SECRETS, SECRETS_SCRIPT)
        )
    except OSError:
        return False


def protect_secrets(env, reader):
    write_variables(env, load_variables(env), reader)
