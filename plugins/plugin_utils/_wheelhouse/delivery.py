# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""For actions that send artifacts of the wheelhouse to a board."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase

from .._base.hashes import sha256_of


def connection_uid(action: ActionBase, host: str) -> int | None:
    """The uid of the user that sends files if become changes the module's user: it must be able to write the incoming
    directory.
    """
    if not action._connection.become:
        return None
    answer = action._low_level_execute_command("id -u", sudoable=False)
    lines = answer["stdout"].strip().splitlines()
    if answer["rc"] or not lines or not lines[-1].isdigit():
        raise AnsibleActionFail(f"{host}: `id -u` did not print a number but {answer['stdout']!r} {answer['stderr']!r}")
    return int(lines[-1])


def find_artifact(wheelhouse: Path, artifact: dict[str, Any]) -> Path:
    """The artifact's file in the wheelhouse, verified."""
    path = wheelhouse / "sha256" / artifact["sha256"] / artifact["filename"]
    try:
        found = sha256_of(path)
    except OSError as error:
        raise AnsibleActionFail(
            f"{path} cannot be read: {error.strerror}; run the wheelhouse role again, it fetches missing files"
        ) from error
    if found != artifact["sha256"]:
        raise AnsibleActionFail(
            f"{path} was changed: its sha256 is {found} instead of {artifact['sha256']}. Remove it; the next run"
            " fetches it again"
        )
    return path
