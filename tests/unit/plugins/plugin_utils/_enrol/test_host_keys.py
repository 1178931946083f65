# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Host keys: only whole ones count, a changed or revoked one is refused, and the file keeps what it has."""

from __future__ import annotations

import re
import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._enrol import host_keys
from ansible_collections.edgeai.fleet.plugins.plugin_utils._enrol.host_keys import (
    EnrolError,
    HostKey,
    ask_host_keys,
    check_place,
    is_known,
    pin_host_keys,
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    """Two ed25519 keys, one ECDSA key, and the fingerprints that OpenSSH shows."""
    folder = tmp_path_factory.mktemp("keys")
    found = []
    for number, kind in enumerate(["ed25519", "ed25519", "ecdsa"]):
        path = folder / str(number)
        subprocess.run(["ssh-keygen", "-q", "-t", kind, "-N", "", "-f", path], check=True)
        words = path.with_suffix(".pub").read_text().split()
        shown = subprocess.run(["ssh-keygen", "-lf", path], capture_output=True, text=True, check=True).stdout.split()
        found.append(HostKey(*words[:2]))
        assert found[-1].fingerprint == shown[1]
    return found


@pytest.fixture
def board(monkeypatch, tmp_path):
    """A board that answers ssh-keyscan with this text."""

    def answers(text):
        folder = tmp_path / "bin"
        folder.mkdir(exist_ok=True)
        (folder / "answer").write_text(text)
        (folder / "ssh-keyscan").write_text(f"#!/bin/sh\ncat {folder}/answer\necho '# pi:22 \x1b[31mSSH-2.0' >&2\n")
        (folder / "ssh-keyscan").chmod(0o755)
        monkeypatch.setenv("PATH", str(folder), prepend=":")

    return answers


def test_only_whole_keys_count(board, keys):
    good = f"pi ssh-ed25519 {keys[0].blob}"
    board(
        f"{good}\n# comment\npi ssh-dss AAAA\npi ssh-ed25519\npi ssh-ed25519 %%%%\npi ssh-rsa {keys[0].blob}\n"
        f"pi ssh-ed25519 {'A' * 5000}\n{good}\npi {keys[2].kind} {keys[2].blob} \x1b[2J\n"
    )
    assert ask_host_keys("pi", 22) == [keys[0], keys[2]]
    board("pi ssh-dss AAAA\n")
    with pytest.raises(EnrolError, match="no SSH server shows a host key at pi, port 22") as caught:
        ask_host_keys("pi", 22)
    assert str(caught.value).isprintable()


def test_nobody_answers():
    with pytest.raises(EnrolError, match="no SSH server shows a host key at 127.0.0.1, port 9"):
        ask_host_keys("127.0.0.1", 9)


@pytest.mark.parametrize("address", ["-oProxyCommand=id", "pi 4", "", "a\nb", "pi;id", "192.0.2.1,192.0.2.2"])
def test_what_is_no_address_reaches_no_program(address):
    with pytest.raises(EnrolError, match="it must be an IP address or the name of a host"):
        check_place(address, 22)


def test_ports():
    for port in (0, 65536):
        with pytest.raises(EnrolError, match="must be from 1 to 65535"):
            check_place("pi", port)
    check_place("fe80::1%eth0", 2222)


def test_the_first_sight_pins_and_another_key_is_refused(tmp_path, keys):
    path = tmp_path / "new" / "known_hosts"
    assert not is_known(path, "192.0.2.31", 22, [keys[0], keys[2]])
    pin_host_keys(path, "192.0.2.31", 22, [keys[0], keys[2]])
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert is_known(path, "192.0.2.31", 22, [keys[0], keys[2]]) and is_known(path, "192.0.2.31", 22, [keys[2]])
    assert not is_known(path, "192.0.2.31", 2222, [keys[1]])  # another server
    for shown in ([keys[1]], [keys[1], keys[2]]):
        with pytest.raises(EnrolError, match="the host key of 192.0.2.31 has changed") as caught:
            is_known(path, "192.0.2.31", 22, shown)
        assert keys[0].fingerprint in str(caught.value) and keys[1].fingerprint in str(caught.value)


def test_hashed_and_revoked_lines_count(tmp_path, keys):
    path = tmp_path / "known_hosts"
    path.write_text("# mine\nother ssh-rsa AAAA")  # without a line end
    path.chmod(0o640)
    pin_host_keys(path, "pi.local", 2222, [keys[0]])
    assert re.match(r"# mine\nother ssh-rsa AAAA\n\[pi\.local\]:2222 ssh-ed25519 ", path.read_text())
    assert path.stat().st_mode & 0o777 == 0o640
    subprocess.run(["ssh-keygen", "-q", "-H", "-f", path], check=True, capture_output=True)
    assert "pi.local" not in path.read_text()
    assert is_known(path, "pi.local", 2222, [keys[0]])
    with pytest.raises(EnrolError, match="has changed"):
        is_known(path, "pi.local", 2222, [keys[1]])
    path.write_text(f"@revoked * {keys[1].kind} {keys[1].blob}\n")
    with pytest.raises(EnrolError, match="is revoked in .*: do not use this board"):
        is_known(path, "pi.local", 2222, [keys[1]])


def test_a_link_to_the_file_stays_one(tmp_path, keys):
    (tmp_path / "real").write_text("")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    pin_host_keys(tmp_path / "link", "pi", 22, [keys[0]])
    assert (tmp_path / "link").is_symlink() and "pi ssh-ed25519" in (tmp_path / "real").read_text()


def test_a_program_that_is_missing_or_hangs():
    with pytest.raises(EnrolError, match="no-such-program is not on the control node"):
        host_keys.run_program(["no-such-program"], 1)
    with pytest.raises(EnrolError, match="sleep did not end within 0 s"):
        host_keys.run_program(["sleep", "9"], 0.1)
