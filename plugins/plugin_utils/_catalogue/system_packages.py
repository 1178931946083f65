# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""System packages by the name of each package manager. Rows and builds name them as Debian does."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import NamedTuple

from ansible.module_utils.common.yaml import yaml_load

APT = "apt"
NEEDS_COLLECTION = (
    "Ansible's module for it is in another collection: ansible-galaxy collection install community.general on the"
    " control node."
)
# What the board says -> the column of the table.
_COLUMNS = {"dnf": "dnf", "dnf5": "dnf", "yum": "dnf", "zypper": "zypper", "pacman": "pacman"}


class Packages(NamedTuple):
    names: list[str]  # of the board's own manager
    unknown: list[str]  # what is needed and has no known name there, in words


@functools.cache
def _read_content() -> dict:
    return yaml_load(Path(__file__).with_suffix(".yml").read_text(encoding="utf-8"))


def known_packages() -> dict[str, dict]:
    """Debian's name -> {what, dnf, zypper, pacman}."""
    return _read_content()["packages"]


def _known_package(name: str) -> dict | None:
    """The entry of a package. One whose name ends with {release} has those of all releases."""
    if name in known_packages():
        return known_packages()[name]
    for pattern, entry in known_packages().items():
        beginning, placeholder, _rest = pattern.partition("{release}")
        if placeholder and name.startswith(beginning):
            release = name[len(beginning) :]
            return {
                key: [word.replace(placeholder, release) for word in value] if isinstance(value, list) else value
                for key, value in entry.items()
            }
    return None


def manager_of(board: dict) -> str | None:
    """The package manager of a board, None if it has none that is known. Boards of earlier releases had apt."""
    return board["os"].get("package_manager", APT)


def translate_packages(names: list[str], manager: str | None) -> Packages:
    """Packages by Debian's names, as this manager names them. A name that the table lacks is the operator's own: it
    stays as it is, unless there is no known manager.
    """
    if manager == APT:
        return Packages(list(names), [])
    found: list[str] = []
    unknown: list[str] = []
    column = _COLUMNS.get(manager or "")
    for name in names:
        entry = _known_package(name)
        native = (entry[column] if column else None) if entry else (name if column else None)
        if native is None:
            unknown.append(f"{entry['what']} (Debian: {name})" if entry else name)
        else:
            found += native if isinstance(native, list) else [native]
    return Packages(list(dict.fromkeys(found)), list(dict.fromkeys(unknown)))


def unknown_words(manager: str | None, unknown: list[str]) -> str:
    """What the operator has to install, and why the collection does not."""
    why = (
        f"their names for {manager} are not known"
        if manager
        else "this board has no package manager that is known (apt, dnf, yum, zypper, pacman)"
    )
    return f"Install by hand what this needs of the system: {', '.join(unknown)}; {why}."


def named_packages(names: list[str], board: dict) -> dict:
    """What tasks need to install packages: names, the manager and Ansible's module for it, and what is unknown."""
    manager = manager_of(board)
    packages = translate_packages(names, manager)
    of_others = manager in ("zypper", "pacman")
    return {
        **packages._asdict(),
        "manager": manager,
        "module": f"community.general.{manager}" if of_others else manager,
        "hint": NEEDS_COLLECTION if of_others else "",
        "message": unknown_words(manager, packages.unknown) if packages.unknown else "",
    }
