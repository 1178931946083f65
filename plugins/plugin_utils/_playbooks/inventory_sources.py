# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What became of the inventories that a run was started with, and why a run has no board.

Ansible itself only warns, and ends with status 0.
"""

from __future__ import annotations

import os
import re
import typing as t

from ansible.inventory.manager import InventoryManager

#: A configuration of an inventory plugin: reading it again may ask a cloud.
_PLUGIN = re.compile(rb"^plugin\s*:", re.MULTILINE)


def is_list(source: str) -> bool:
    """C(-i pi-1,) names hosts, and no file."""
    return "," in source


def missing(sources: t.Iterable[str]) -> list[str]:
    return [source for source in sources if not is_list(source) and not os.path.exists(source)]


class _Reader(InventoryManager):
    """Reads sources once more, file by file, and keeps those that no inventory plugin can read."""

    def __init__(self, loader: t.Any, gave_hosts: t.Callable[[str], bool]) -> None:
        super().__init__(loader, parse=False)
        self.unread: list[str] = []
        self._gave_hosts = gave_hosts

    def parse_source(self, source: str, cache: bool = False) -> bool:
        if os.path.isdir(source):
            return super().parse_source(source, cache=cache)  # Ansible's own rules say which files of a directory count
        if _is_asked(source) and self._gave_hosts(source):
            return True
        parsed = super().parse_source(source, cache=cache)
        if not parsed:
            self.unread.append(source)
        return parsed


def _is_asked(source: str) -> bool:
    """Whether somebody else is asked for the hosts: by a program, or a plugin.

    What only lies in a file costs nothing to read again.
    """
    if os.access(source, os.X_OK):
        return True
    try:
        with open(source, "rb") as stream:
            return bool(_PLUGIN.search(stream.read(1 << 16)))
    except OSError:
        return False


def unread(sources: t.Iterable[str], loader: t.Any, gave_hosts: t.Callable[[str], bool]) -> list[str]:
    """The inventories that are there and that Ansible could not read, or not to their end: the hosts before a fault
    stay in the inventory.

    C(gave_hosts) tells whether a host comes from a source: a program or a plugin that gave one is not asked again.
    """
    reader = _Reader(loader, gave_hosts)
    for source in sources:
        if not is_list(source) and os.path.exists(source):
            reader.parse_source(source)
    return reader.unread


def faults(absent: t.Sequence[str], broken: t.Sequence[str]) -> str | None:
    """One sentence about the inventories that lack, or None."""
    said = [f"{source} does not exist" for source in absent]
    said += [f"{source} cannot be read as an inventory (Ansible's warnings above say why)" for source in broken]
    return "; ".join(said) or None


def no_board(sources: t.Sequence[str], absent: t.Sequence[str], broken: t.Sequence[str]) -> str:
    """Why there is not one host."""
    empty = [source for source in sources if source not in absent and source not in broken]
    said = [text for text in (faults(absent, broken), f"{', '.join(empty)} names no host" if empty else None) if text]
    return (
        f"There is no board: {'; '.join(said) or 'no inventory was named'}. Name the inventory with your boards: -i"
        " hosts.yml"
    )


def unchecked(limit: str | None, tags: t.Sequence[str], skipped: t.Sequence[str], start_at: str | None) -> str:
    """Why no task has checked the request, where there are boards."""
    options = [
        *([f"--start-at-task {start_at!r}"] if start_at else []),
        *([f"--tags {','.join(tags)}"] if list(tags) not in ([], ["all"]) else []),
        *([f"--skip-tags {','.join(skipped)}"] if skipped else []),
    ]
    if options:
        return (
            f"{' '.join(options)} leaves out tasks that every run needs: no board was asked anything. "
            "Run the whole playbook: a board that is what its plan says costs one module call."
        )
    if limit:
        return (
            f"--limit {limit} leaves no host on which this can be done (a file of facts is read on localhost): run it"
            " without."
        )
    return (
        "This playbook is a part of others, and nobody has checked the request before it. Run one of"
        " edgeai.fleet.provision, edgeai.fleet.verify, edgeai.fleet.build, edgeai.fleet.rollback or"
        " edgeai.fleet.explain."
    )
