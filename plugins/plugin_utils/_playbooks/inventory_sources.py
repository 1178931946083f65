# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The inventories of a run that could not be read, and why a run has no board.

Ansible itself only warns, and ends with status 0.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible.inventory.manager import InventoryManager

from .._inventory.faults import fault_of

#: A configuration of an inventory plugin: reading it again may call a cloud.
_PLUGIN = re.compile(rb"^plugin\s*:", re.MULTILINE)


def is_list(source: str) -> bool:
    """Whether the source is a list of hosts (C(-i pi-1,)), not a file."""
    return "," in source


def missing_sources(sources: t.Iterable[str]) -> list[str]:
    return [source for source in sources if not is_list(source) and not os.path.exists(source)]


class _Reader(InventoryManager):
    """Reads sources again, file by file, and keeps those that no inventory plugin can read."""

    def __init__(self, loader: t.Any, gave_hosts: t.Callable[[str], bool]) -> None:
        super().__init__(loader, parse=False)
        self.unread: list[str] = []
        self._gave_hosts = gave_hosts

    def parse_source(self, source: str, cache: bool = False) -> bool:
        if os.path.isdir(source):
            return super().parse_source(source, cache=cache)  # Ansible's own rules select the files of a directory
        if _asks_others(source) and self._gave_hosts(source):
            return True
        parsed = super().parse_source(source, cache=cache) and not fault_of(source)
        if not parsed:
            self.unread.append(source)
        return parsed


def _asks_others(source: str) -> bool:
    """Whether the hosts come from a program or a plugin. A plain file costs nothing to read again."""
    if os.access(source, os.X_OK):
        return True
    try:
        with open(source, "rb") as stream:
            return bool(_PLUGIN.search(stream.read(1 << 16)))
    except OSError:
        return False


def unread_sources(sources: t.Iterable[str], loader: t.Any, gave_hosts: t.Callable[[str], bool]) -> list[str]:
    """The inventories that exist and that Ansible could not read, or not to their end: the hosts before an error stay
    in the inventory.

    C(gave_hosts) says whether a host comes from a source: a program or a plugin that returned one is not called again.
    """
    reader = _Reader(loader, gave_hosts)
    for source in sources:
        if not is_list(source) and os.path.exists(source):
            reader.parse_source(source)
    return reader.unread


def describe_faults(absent: t.Sequence[str], broken: t.Sequence[str]) -> str | None:
    """One sentence about the inventories that are missing or broken, or None."""
    sentences = [
        *(f"{source} does not exist" for source in absent),
        *(
            fault_of(source) or f"{source} cannot be read as an inventory (Ansible's warnings above say why)"
            for source in broken
        ),
    ]
    return "; ".join(sentence.removesuffix(".") for sentence in sentences) or None


def why_no_board(sources: t.Sequence[str], absent: t.Sequence[str], broken: t.Sequence[str]) -> str:
    """Why there is no host."""
    empty = [source for source in sources if source not in absent and source not in broken]
    causes = (describe_faults(absent, broken), f"{', '.join(empty)} names no host" if empty else None)
    return (
        f"There is no board: {'; '.join(filter(None, causes)) or 'no inventory was named'}. Name the inventory with"
        " your boards: -i hosts.yml"
    )


def why_unchecked(limit: str | None, tags: t.Sequence[str], skipped: t.Sequence[str], start_at: str | None) -> str:
    """Why no task has checked the options of the run, although there are boards."""
    options = [
        *([f"--start-at-task {start_at!r}"] if start_at else []),
        *([f"--tags {','.join(tags)}"] if list(tags) not in ([], ["all"]) else []),
        *([f"--skip-tags {','.join(skipped)}"] if skipped else []),
    ]
    if options:
        return (
            f"{' '.join(options)} leaves out tasks that every run needs, so the run stopped before it connected to a"
            " board. Run the whole playbook: a board that needs no work costs one module call."
        )
    if limit:
        return (
            f"--limit {limit} leaves no host for this playbook (a file of facts is read on localhost). Run it without"
            " --limit."
        )
    return (
        "This playbook is a part of others and cannot run alone: the options of the run are not checked yet. Run one of"
        " edgeai.fleet.provision, edgeai.fleet.verify, edgeai.fleet.build, edgeai.fleet.rollback or"
        " edgeai.fleet.explain."
    )
