# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The operator's key on a board: installed with the password, once, by OpenSSH's own ssh-copy-id."""

from __future__ import annotations

import os
import tempfile
import typing as t
from pathlib import Path

from ansible_collections.edgeai.fleet.plugins.module_utils._base.text import last_words

from .host_keys import EnrolError, run_program

_CONNECT = 15  # seconds
_LOGIN = 90  # an emulated or busy board takes a while
_USUAL = ("id_ed25519", "id_ecdsa", "id_rsa")
_PASSWORD = "EDGEAI_ENROL_PASSWORD"
# The only program that gets the password. ssh runs it instead of asking a terminal; a passphrase is not a password.
_ASKPASS = f"""#!/bin/sh
case "$1" in *passphrase*) exit 1 ;; esac
printf '%s\\n' "${_PASSWORD}"
"""


class Login(t.NamedTuple):
    """Where to log in, with which key, and the file with the board's host key."""

    address: str
    port: int
    user: str
    key: Path  # the public one
    known_hosts: Path

    @property
    def options(self) -> list[str]:
        return [
            word
            for option in (
                f"Port={self.port}",
                f"User={self.user}",
                "StrictHostKeyChecking=yes",
                f'UserKnownHostsFile="{self.known_hosts}"',
                "UpdateHostKeys=no",
                "ControlPath=none",
                f"ConnectTimeout={_CONNECT}",
            )
            for word in ("-o", option)
        ]

    @property
    def private_key(self) -> Path:
        return self.key.with_suffix("")


def find_public_key(given: str, home: Path) -> Path:
    """The public key to install: the given one, or the first usual one of the operator's."""
    if given:
        path = Path(given).expanduser().absolute()
        path = path if path.suffix == ".pub" else path.with_name(f"{path.name}.pub")
        candidates = [path]
    else:
        candidates = [home / ".ssh" / f"{name}.pub" for name in _USUAL]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        raise EnrolError(
            f"there is no public key {' nor '.join(map(str, candidates))}: make one (ssh-keygen -t ed25519), or set"
            " enrol_key"
        )
    text = found.read_text("utf-8", "replace")
    if "PRIVATE" in text or run_program(["ssh-keygen", "-l", "-f", str(found)], 10).returncode:
        raise EnrolError(f"{found} is not a public key of OpenSSH: set enrol_key to one")
    return found


def logs_in_with_key(login: Login) -> bool:
    """Whether the operator gets in with this key, and without a password."""
    return _key_login(login).returncode == 0


def _key_login(login: Login) -> t.Any:
    own = ["-i", str(login.private_key)] if login.private_key.is_file() else ["-i", str(login.key)]
    only = ["BatchMode=yes", "PreferredAuthentications=publickey", "IdentitiesOnly=yes"]
    words = [word for option in only for word in ("-o", option)]
    return run_program(["ssh", *login.options, *words, *own, login.address, "true"], _LOGIN)


def check_usable(login: Login) -> None:
    """Refuse a private key with a passphrase that no agent has: it would be installed, and nobody could log in."""
    private = login.private_key
    if not private.is_file():
        return  # in an agent, or on a token
    if run_program(["ssh-keygen", "-y", "-P", "", "-f", str(private)], 10).returncode == 0:
        return
    blob = login.key.read_text("utf-8", "replace").split()[1:2]
    if not blob or blob[0] not in run_program(["ssh-add", "-L"], 10).stdout:
        raise EnrolError(f"{private} has a passphrase, and no agent has it: ssh-add {private}, then enrol again")


def install_key(login: Login, password: str) -> None:
    """Log in once with the password, add the key, and prove that it works."""
    with tempfile.TemporaryDirectory(prefix="edgeai-fleet-enrol-") as temporary:
        folder = Path(temporary)
        (folder / ".ssh").mkdir(mode=0o700)
        askpass = folder / "askpass"
        askpass.write_text(_ASKPASS, "utf-8")
        askpass.chmod(0o700)
        once = [
            "PreferredAuthentications=password,keyboard-interactive",
            "PubkeyAuthentication=no",  # keys of an agent would use up the tries
            "NumberOfPasswordPrompts=1",
        ]
        words = [word for option in once for word in ("-o", option)]
        done = run_program(
            ["ssh-copy-id", "-f", "-i", str(login.key), *login.options, *words, login.address],
            _LOGIN,
            {
                "HOME": temporary,  # for its own temporary files; ssh reads the home of the user database
                "SSH_ASKPASS": str(askpass),
                "SSH_ASKPASS_REQUIRE": "force",
                "DISPLAY": os.environ.get("DISPLAY") or ":",  # OpenSSH before 8.4 asks for one
                _PASSWORD: password,
            },
        )
    if done.returncode:
        said = last_words(done.stderr.replace(password, "********"), 300)
        wrong = "Permission denied" in done.stderr or "Too many authentication failures" in done.stderr
        raise EnrolError(
            f"{login.user}@{login.address}, port {login.port}: "
            + (
                f"the password was not accepted ({said}). Correct it, or ansible_user; or allow PasswordAuthentication"
                " in the board's sshd_config"
                if wrong
                else f"the key could not be installed ({said})"
            )
        )
    tried = _key_login(login)
    if tried.returncode:
        raise EnrolError(
            f"{login.key} was installed for {login.user}@{login.address}, but it does not log in"
            f" ({last_words(tried.stderr, 300)}). A key with a passphrase must be in the agent (ssh-add); the board's"
            " sshd must allow PubkeyAuthentication"
        )
