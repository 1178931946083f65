# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The boards of a run, the options that cannot differ between them, and the directories that the run writes to."""

from __future__ import annotations

import getpass
import os
import tempfile
import typing as t
from pathlib import Path

from ansible.errors import AnsibleError

from .._plan import variables as _request
from .._rollout.board_status import join_hosts
from .._rollout.host_variables import CONTAINER

#: Options that one task reads for all boards.
RUN_WIDE = (
    "torch_rings",
    "torch_failure_budget",
    "torch_relock",
    "torch_delivery",
    "torch_repair",
    "torch_reports",
    "wheelhouse_dir",
    "wheelhouse_locks",
    "wheelhouse_offline",
)
#: The bytes that must fit in a directory that a run writes to: a report of a few boards.
PROBE_SIZE = 1 << 16
_CONTAINER_SPEC = {"type": "raw", "default": None}


class RunError(AnsibleError):
    """The run cannot begin."""


class HostVariables:
    """The variables of one host. Each is evaluated when it is read; an error names the host."""

    def __init__(self, host: str, raw: t.Mapping[str, t.Any], template: t.Callable[[t.Any], t.Any]) -> None:
        self.host, self.raw, self.template = host, raw, template

    def __contains__(self, name: str) -> bool:
        return name in self.raw

    def get(self, name: str) -> t.Any:
        spec = _CONTAINER_SPEC if name == CONTAINER else _request.PLAYBOOKS.get(name) or _request.known_options()[name]
        try:
            return _request.value(name, spec, self.raw, self.template)
        except AnsibleError as error:
            raise RunError(f"{self.host}: {error}") from None


def read_hosts(names: t.Iterable[str], task_vars: t.Mapping[str, t.Any], templar: t.Any) -> t.Iterator[HostVariables]:
    """The variables of these hosts. Variables of a playbook that imports this one override them."""
    hostvars = task_vars["hostvars"]
    own = hostvars.raw_get(task_vars["inventory_hostname"])
    overrides = {
        name: task_vars[name]
        for name in (*_request.known_options(), *_request.PLAYBOOKS, *_request.RENAMED)
        if name in task_vars and (name not in own or own[name] != task_vars[name])
    }
    for host in names:
        raw = {**hostvars.raw_get(host), **overrides, "hostvars": hostvars}
        yield HostVariables(host, raw, templar.copy_with_new_env(available_variables=raw).template)


def agreed_value(name: str, values: t.Mapping[str, t.Any]) -> t.Any:
    """The value of this option on all hosts; an error names the hosts where it differs."""
    hosts: dict[str, list[str]] = {}
    for host, value in values.items():
        hosts.setdefault(repr(value), []).append(host)
    if len(hosts) > 1:
        differ = "; ".join(f"{value} on {join_hosts(having)}" for value, having in hosts.items())
        raise RunError(
            f"{name} holds for the whole run, but its hosts have different values: {differ}. Set the same value for all"
            " of them, or run them separately (--limit)."
        )
    return next(iter(values.values()))


def host_pattern(values: t.Mapping[str, t.Any]) -> str | None:
    """The host pattern C(fleet_hosts), from the hosts on which it is set; None if it is not set."""
    texts = {}
    for host, value in values.items():
        parts = value if isinstance(value, (list, tuple)) else [value]
        if not parts or not all(isinstance(part, str) and part.strip() for part in parts):
            raise RunError(
                f"{host}: fleet_hosts is {value!r}. It must be a host pattern such as 'boards:!nas', or a list of them."
            )
        texts[host] = ",".join(part.strip() for part in parts)
    return agreed_value("fleet_hosts", texts) if texts else None


def select_hosts(
    hosts: t.Mapping[str, HostVariables], match: t.Callable[[str], t.Collection[str]]
) -> tuple[list[str], list[str]]:
    """All hosts that tasks of this run may be sent to, and those of them that are boards."""
    pattern = host_pattern(
        {host: variables.get("fleet_hosts") for host, variables in hosts.items() if "fleet_hosts" in variables}
    )
    matched = hosts if pattern is None else set(match(pattern))
    left = [host for host in hosts if host in matched]
    if not left:
        raise RunError(
            f"There is no board: fleet_hosts is {pattern!r}, which matches none of the hosts of this run"
            f" ({join_hosts(list(hosts))})."
        )
    joined = [host for host in left if "fleet_member" not in hosts[host] or hosts[host].get("fleet_member")]
    if not joined:
        raise RunError(f"There is no board: fleet_member is false for each host of this run ({join_hosts(left)}).")
    boards = [host for host in joined if not (CONTAINER in hosts[host] and hosts[host].get(CONTAINER))]
    if not boards:
        raise RunError(
            f"There is no board: each host of this run ({join_hosts(joined)}) has {CONTAINER} set, which makes it a"
            " container that only compiles."
        )
    return joined, boards


def run_wide_options(boards: t.Mapping[str, HostVariables]) -> dict[str, t.Any]:
    """The options that one task reads for all boards."""
    return {
        name: agreed_value(name, {host: variables.get(name) for host, variables in boards.items()}) for name in RUN_WIDE
    }


def typo_warnings(hosts: t.Mapping[str, HostVariables]) -> list[str]:
    """A warning for each variable that looks mistyped, with its hosts.

    A variable that was renamed, or that holds a result of the roles, ends the run.
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
            raise RunError(_request.misuse(name, hosts[having[0]].raw[name], join_hosts(having)))
    near_misses = _request.near_misses(set().union(*(variables.raw for variables in hosts.values())), ignored)
    return [
        _request.near_miss(name, own, join_hosts([host for host, variables in hosts.items() if name in variables]))
        for name, own in near_misses.items()
    ]


def expand_path(text: str) -> str:
    """A path with variables and ~ expanded, as the modules read it."""
    return os.path.expanduser(os.path.expandvars(text))


def why_unwritable(directory: str) -> str | None:
    """Why this directory cannot be written to or created; None if it can. The test leaves nothing behind.

    The test writes a file, because a full disk still accepts empty directories.
    """
    nearest = Path(directory).absolute()
    while not os.path.lexists(nearest):
        nearest = nearest.parent
    try:
        with tempfile.TemporaryDirectory(prefix=".edgeai-fleet-", dir=nearest) as directory_path:
            Path(directory_path, "test").write_bytes(bytes(PROBE_SIZE))
    except OSError as error:
        return f"{nearest}: {error.strerror}"
    return None


def check_writable(name: str, directory: str) -> None:
    """Fail before a board is changed, not when the report cannot be written at the end."""
    # A run whose locks are complete writes none; a missing lock is written before a board is changed.
    if name == "wheelhouse_locks" and locks_in(Path(directory)):
        return
    why = why_unwritable(directory)
    if why:
        raise RunError(
            f"{name} is {directory}, which {_user_name()} cannot write to ({why}). Set {name} to a directory that you"
            " can write to."
        )


def _user_name() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user need not have a name
        return f"user {os.getuid()}"


def locks_in(directory: Path) -> list[Path]:
    return sorted(directory.glob("*.json"))


def forgotten_locks(locks: str, sources: t.Iterable[str]) -> str | None:
    """A warning if the run would make new locks although there are some next to the inventory."""
    used = Path(locks)
    if locks_in(used):
        return None
    for source in map(Path, sources):
        directory = source if source.is_dir() else source.parent
        for other in (directory / "locks", directory.parent / "locks"):
            if source.exists() and other.resolve() != used.resolve() and locks_in(other):
                return (
                    f"There are no locks in {locks}, so this run resolves all versions again; but there are locks in"
                    f" {other.resolve()}. To use them, set wheelhouse_locks, or start in {other.resolve().parent}."
                )
    return None
