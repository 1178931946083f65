# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What holds for a whole run: its boards, the options that cannot differ between them, and the directories that it
writes to.
"""

from __future__ import annotations

import getpass
import os
import tempfile
import typing as t
from pathlib import Path

from ansible.errors import AnsibleError

from .._plan import variables as _request
from .._rollout.host_variables import CONTAINER

#: Options that one task reads for all boards.
WHOLE = (
    "torch_rings",
    "torch_failure_budget",
    "torch_relock",
    "torch_delivery",
    "torch_repair",
    "torch_reports",
    "wheelhouse_dir",
    "wheelhouse_locks",
)
#: So many bytes must fit where a run writes: a report of a few boards.
TRIED = 1 << 16
_CONTAINER_SPEC = {"type": "raw", "default": None}


class RunError(AnsibleError):
    """The run cannot begin."""


class HostVariables:
    """The variables of one host. Each is evaluated when it is asked for; an error names the host."""

    def __init__(self, host: str, raw: t.Mapping[str, t.Any], template: t.Callable[[t.Any], t.Any]) -> None:
        self.host, self.raw, self.template = host, raw, template

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def get(self, name: str) -> t.Any:
        spec = _CONTAINER_SPEC if name == CONTAINER else _request.PLAYBOOKS.get(name) or _request.known()[name]
        try:
            return _request.value(name, spec, self.raw, self.template)
        except AnsibleError as error:
            raise RunError(f"{self.host}: {error}") from None


def named(hosts: t.Sequence[str], limit: int = 5) -> str:
    return ", ".join(hosts[:limit]) + (f" and {len(hosts) - limit} more" if len(hosts) > limit else "")


def agreed(name: str, values: t.Mapping[str, t.Any]) -> t.Any:
    """The value that all hosts have for this option; they are told where they differ."""
    hosts: dict[str, list[str]] = {}
    for host, value in values.items():
        hosts.setdefault(repr(value), []).append(host)
    if len(hosts) > 1:
        differ = "; ".join(f"{value} on {named(having)}" for value, having in hosts.items())
        raise RunError(
            f"{name} holds for the whole run, and its hosts do not agree on it: {differ}. Set it once for all of them,"
            " or run them apart (--limit)."
        )
    return next(iter(values.values()))


def pattern(values: t.Mapping[str, t.Any]) -> str | None:
    """The host pattern that C(fleet_hosts) is, from the hosts that have it; None without any."""
    texts = {}
    for host, value in values.items():
        parts = value if isinstance(value, (list, tuple)) else [value]
        if not parts or not all(isinstance(part, str) and part.strip() for part in parts):
            raise RunError(
                f"{host}: fleet_hosts is {value!r}: it must be a host pattern such as 'boards:!nas', or a list of them."
            )
        texts[host] = ",".join(part.strip() for part in parts)
    return agreed("fleet_hosts", texts) if texts else None


def members(
    hosts: t.Mapping[str, HostVariables], match: t.Callable[[str], t.Collection[str]]
) -> tuple[list[str], list[str]]:
    """Who takes part: all hosts that tasks of this run may be sent to, and those of them that are boards."""
    asked = pattern(
        {host: variables.get("fleet_hosts") for host, variables in hosts.items() if "fleet_hosts" in variables}
    )
    matched = hosts if asked is None else set(match(asked))
    left = [host for host in hosts if host in matched]
    if not left:
        raise RunError(
            f"There is no board: fleet_hosts is {asked!r}, which matches none of the hosts of this run"
            f" ({named(list(hosts))})."
        )
    joined = [host for host in left if "fleet_member" not in hosts[host] or hosts[host].get("fleet_member")]
    if not joined:
        raise RunError(f"There is no board: fleet_member is false for each host of this run ({named(left)}).")
    boards = [host for host in joined if not (CONTAINER in hosts[host] and hosts[host].get(CONTAINER))]
    if not boards:
        raise RunError(
            f"There is no board: each host of this run ({named(joined)}) is a container that compiles, which is what"
            f" {CONTAINER} makes of it."
        )
    return joined, boards


def whole(boards: t.Mapping[str, HostVariables]) -> dict[str, t.Any]:
    """The options that one task reads for all boards."""
    return {name: agreed(name, {host: variables.get(name) for host, variables in boards.items()}) for name in WHOLE}


def slips(hosts: t.Mapping[str, HostVariables]) -> list[str]:
    """A warning for each variable that looks mistyped, with the hosts that have it.

    A variable that was renamed, or that holds what the roles find out, ends the run.
    """
    ignored = {
        pattern
        for variables in hosts.values()
        if "fleet_ignore_variables" in variables
        for pattern in variables.get("fleet_ignore_variables")
    }
    for name in (*_request.RENAMED, *_request.RESULTS):
        having = [
            host
            for host, variables in hosts.items()
            if name in variables and _request.misuse(name, variables.raw[name])
        ]
        if having and not _request.is_ignored(name, ignored):
            raise RunError(_request.misuse(name, hosts[having[0]].raw[name], named(having)))
    found = _request.near_misses(set().union(*(variables.raw for variables in hosts.values())), ignored)
    return [
        _request.near_miss(name, own, named([host for host, variables in hosts.items() if name in variables]))
        for name, own in found.items()
    ]


def place(text: str) -> str:
    """A path as the modules take it."""
    return os.path.expanduser(os.path.expandvars(text))


def unwritable(directory: str) -> str | None:
    """Why this directory cannot be written to, or made; None if it can. Nothing is left behind.

    Something is written: a full disk still takes empty directories.
    """
    nearest = Path(directory).absolute()
    while not os.path.lexists(nearest):
        nearest = nearest.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".edgeai-fleet-", dir=nearest) as made:
            Path(made, "tried").write_bytes(bytes(TRIED))
    except OSError as error:
        return f"{nearest}: {error.strerror}"
    return None


def check_writable(name: str, directory: str) -> None:
    """Fail before a board is touched, not after, when all is done and cannot be told."""
    # Locks that are all there need no writing; where one lacks, it is made before a board is changed.
    if name == "wheelhouse_locks" and locks_in(Path(directory)):
        return
    why = unwritable(directory)
    if why:
        raise RunError(
            f"{name} is {directory}, which {_user()} cannot write to ({why}). Set {name} to a directory of yours."
        )


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"user {os.getuid()}"


def locks_in(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.json"))


def forgotten_locks(locks: str, sources: t.Iterable[str]) -> str | None:
    """A warning where new locks are begun although some lie beside the inventory."""
    directory = Path(locks)
    if locks_in(directory):
        return None
    for source in map(Path, sources):
        beside = source if source.is_dir() else source.parent
        for other in (beside / "locks", beside.parent / "locks"):
            if source.exists() and other.resolve() != directory.resolve() and locks_in(other):
                return (
                    f"There are no locks in {locks}, so that versions are looked for anew; but there are some in"
                    f" {other.resolve()}. To use those, set wheelhouse_locks, or start in {other.resolve().parent}."
                )
    return None
