# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Host keys of boards: asked of the board, compared with what is known, pinned on first sight."""

from __future__ import annotations

import base64
import binascii
import fcntl
import hashlib
import ipaddress
import os
import re
import subprocess
import typing as t
from pathlib import Path

from ansible_collections.edgeai.fleet.plugins.module_utils._base.text import last_words

from .._base.files import write_atomically

_SECONDS = 10
_KINDS = ("ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521", "ssh-rsa")
_HOST = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?", re.ASCII)
_LONGEST = 4096  # characters of a key: RSA with 16384 bits has 2740


class EnrolError(Exception):
    """Why a board is not taken in, and what to do."""


class HostKey(t.NamedTuple):
    kind: str
    blob: str  # as known_hosts has it

    @property
    def fingerprint(self) -> str:
        digest = hashlib.sha256(base64.b64decode(self.blob)).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"

    def __str__(self) -> str:
        return f"{self.fingerprint} ({self.kind})"


def check_place(address: str, port: int) -> None:
    """Refuse what OpenSSH's programs could take for an option, or for something else than a host."""
    try:
        ipaddress.ip_address(address)
    except ValueError:
        if not _HOST.fullmatch(address):
            raise EnrolError(f"ansible_host is {address!r}: it must be an IP address or the name of a host") from None
    if not 0 < port < 65536:
        raise EnrolError(f"ansible_port is {port}: it must be from 1 to 65535")


def name_in_known_hosts(address: str, port: int) -> str:
    return address if port == 22 else f"[{address}]:{port}"


def ask_host_keys(address: str, port: int) -> list[HostKey]:
    """The keys that the board shows. Whether it is the right board, a person must compare."""
    command = ["ssh-keyscan", "-T", str(_SECONDS), "-p", str(port), "-t", "ed25519,ecdsa,rsa", address]
    done = run_program(command, 4 * _SECONDS)
    keys = [key for line in done.stdout.splitlines() if (key := _read_key(line.split()[1:]))]
    if not keys:
        raise EnrolError(
            f"no SSH server shows a host key at {address}, port {port} ({last_words(done.stderr, 200)}): start it on"
            " the board, or correct ansible_host and ansible_port"
        )
    return sorted(set(keys), key=lambda key: _KINDS.index(key.kind))


def _read_key(words: list[str]) -> HostKey | None:
    """A key of a line, without its host names: a type, and the same type in what is encoded; None for anything else."""
    if len(words) < 2 or words[0] not in _KINDS or len(words[1]) > _LONGEST:
        return None
    try:
        content = base64.b64decode(words[1], validate=True)
    except (binascii.Error, ValueError):
        return None
    name = words[0].encode()
    return HostKey(words[0], words[1]) if content[4 : 4 + len(name)] == name else None


def is_known(known_hosts: Path, address: str, port: int, shown: t.Sequence[HostKey]) -> bool:
    """Whether the file has the keys that the board shows. EnrolError: it has others for this board."""
    name = name_in_known_hosts(address, port)
    found = _known_lines(known_hosts, name)
    revoked = {key for marker, key in found if marker == "@revoked"}
    if used := revoked.intersection(shown):
        raise EnrolError(f"the host key {min(used)} of {name} is revoked in {known_hosts}: do not use this board")
    known = [key for marker, key in found if not marker]
    if not known:
        return False
    kinds = {key.kind for key in shown}
    if set(known).intersection(shown) and not [key for key in known if key.kind in kinds and key not in shown]:
        return True
    raise EnrolError(
        f"the host key of {name} has changed: {known_hosts} has {', '.join(map(str, known))}, the board shows"
        f" {', '.join(map(str, shown))}. Another device may answer there. If the board was installed anew, remove the"
        f" old key (ssh-keygen -R '{name}' -f '{known_hosts}') and enrol it again"
    )


def _known_lines(known_hosts: Path, name: str) -> list[tuple[str, HostKey]]:
    """(marker, key) of the lines for this name; also of hashed ones, which only OpenSSH can find."""
    if not known_hosts.is_file():
        return []
    done = run_program(["ssh-keygen", "-F", name, "-f", str(known_hosts)], _SECONDS)
    lines = []
    for line in done.stdout.splitlines():
        words = line.split()
        if not words or words[0] == "#":
            continue
        marker = words.pop(0) if words[0].startswith("@") else ""
        if key := _read_key(words[1:]):
            lines.append((marker, key))
    return lines


def pin_host_keys(known_hosts: Path, address: str, port: int, keys: t.Sequence[HostKey]) -> None:
    """Add them to the file, whole or not at all; what is there stays as it is."""
    known_hosts = known_hosts.resolve()
    known_hosts.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder = os.open(known_hosts.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:  # boards are enrolled at the same time
        fcntl.flock(folder, fcntl.LOCK_EX)
        before = known_hosts.read_bytes() if known_hosts.exists() else b""
        mode = known_hosts.stat().st_mode & 0o777 if known_hosts.exists() else 0o600
        name = name_in_known_hosts(address, port)
        lines = "".join(f"{name} {key.kind} {key.blob}\n" for key in keys)
        between = b"" if before.endswith(b"\n") or not before else b"\n"
        write_atomically(known_hosts, before + between + lines.encode(), mode)
    finally:
        os.close(folder)


def run_program(
    command: t.Sequence[str], seconds: float, environment: t.Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """A program of OpenSSH, without a terminal: it can ask nobody."""
    try:
        return subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            start_new_session=True,
        )
    except FileNotFoundError:
        raise EnrolError(f"{command[0]} is not on the control node: install OpenSSH's client programs") from None
    except subprocess.TimeoutExpired:
        raise EnrolError(f"{command[0]} did not end within {seconds:.0f} s") from None
