# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The operator's key: the password reaches one program, once, and no output. test_enrol.py has a real board."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._enrol.host_keys import EnrolError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._enrol.key_login import (
    Login,
    check_usable,
    find_public_key,
    install_key,
    logs_in_with_key,
)

PASSWORD = 'p\'w $HOME "x"'
COPY = """#!/bin/sh
[ "$BEHAVES" != denied ] || { echo "pi@board: Permission denied (got $EDGEAI_ENROL_PASSWORD)" >&2; exit 255; }
[ "$BEHAVES" != lost ] || { echo "Connection reset" >&2; exit 255; }
printf '%s|' "$@" > "$PLACE/arguments"
"$SSH_ASKPASS" "pi@board's password: " > "$PLACE/answered"
"$SSH_ASKPASS" "Enter passphrase for key: " > "$PLACE/passphrase"
ls -A "$HOME" > "$PLACE/home"
touch "$PLACE/authorized"
"""
SSH = '#!/bin/sh\n[ -e "$PLACE/authorized" ] && [ "$BEHAVES" != useless ] || { echo "denied" >&2; exit 255; }\n'


@pytest.fixture
def login(tmp_path, monkeypatch):
    """A board whose SSH is two programs that note what they get."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("ssh-copy-id", COPY), ("ssh", SSH)):
        (programs / name).write_text(text)
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(programs), prepend=":")
    monkeypatch.setenv("PLACE", str(tmp_path))
    monkeypatch.setenv("BEHAVES", "well")
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", tmp_path / "id"], check=True)
    return Login("192.0.2.31", 2222, "pi", tmp_path / "id.pub", tmp_path / "known hosts")


def test_the_password_is_given_once_and_is_in_no_argument(login, tmp_path):
    assert not logs_in_with_key(login)
    check_usable(login)
    install_key(login, PASSWORD)
    assert logs_in_with_key(login)
    assert (tmp_path / "answered").read_text() == PASSWORD + "\n"
    assert (tmp_path / "passphrase").read_text() == ""
    arguments = (tmp_path / "arguments").read_text().split("|")
    assert PASSWORD not in "".join(arguments)
    for option in (
        "StrictHostKeyChecking=yes",
        f'UserKnownHostsFile="{login.known_hosts}"',
        "NumberOfPasswordPrompts=1",
        "Port=2222",
        "User=pi",
    ):
        assert option in arguments
    assert (tmp_path / "home").read_text().split() == [".ssh", "askpass"]


@pytest.mark.parametrize(
    ("behaves", "words"),
    [
        ("denied", r"the password was not accepted \(pi@board: Permission denied \(got \*\*\*"),
        ("lost", r"the key could not be installed \(Connection reset\)"),
        ("useless", r"was installed for pi@192.0.2.31, but it does not log in \(denied\)"),
    ],
)
def test_failures_are_named_without_the_password(login, monkeypatch, behaves, words):
    monkeypatch.setenv("BEHAVES", behaves)
    with pytest.raises(EnrolError, match=words) as caught:
        install_key(login, PASSWORD)
    assert PASSWORD not in str(caught.value)


def test_a_key_with_a_passphrase_needs_an_agent(login):
    subprocess.run(["ssh-keygen", "-q", "-p", "-N", "secret", "-P", "", "-f", login.private_key], check=True)
    with pytest.raises(EnrolError, match="has a passphrase, and no agent has it: ssh-add"):
        check_usable(login)
    login.private_key.unlink()  # on a token
    check_usable(login)


def test_the_key_is_a_public_one(login, tmp_path):
    with pytest.raises(EnrolError, match="there is no public key .*id_ed25519.pub nor .*make one"):
        find_public_key("", tmp_path)
    (tmp_path / ".ssh").mkdir()
    (tmp_path / ".ssh" / "id_ecdsa.pub").write_bytes(login.key.read_bytes())
    assert find_public_key("", tmp_path) == tmp_path / ".ssh" / "id_ecdsa.pub"
    assert find_public_key(str(login.private_key), tmp_path) == login.key
    with pytest.raises(EnrolError, match="there is no public key"):
        find_public_key(str(tmp_path / "other"), tmp_path)
    for content in (login.private_key.read_text(), "no key at all\n"):
        login.key.write_text(content)
        with pytest.raises(EnrolError, match="is not a public key of OpenSSH"):
            find_public_key(str(login.key), tmp_path)
