# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How far a plan is proven for this board.

`ran` of a row lists the runs: family, operating system, Python and torch. A run proves a plan that gives the same torch
to such a board. For every other plan of the row, its `proven` counts: `recorded` or `guess`.
"""

from __future__ import annotations

from .._base.packaging_shim import SpecifierSet, Version
from .._base.specifiers import exact_versions
from .._catalogue.torch_releases import RELEASES

# Releases that may exist by now: the table of releases ends with the last one that this collection compiles.
_LATER = [f"2.{minor}.{patch}" for minor in range(14, 100) for patch in (0, 1)]


def proof_of(row: dict, board: dict, python: str, specifier: SpecifierSet) -> dict:
    """`how`: the word for this plan. `here`: the runs on such a board, of a torch that the plan can give; if one of
    them proves it, it comes first. `elsewhere`: the other runs of the row.
    """
    newest, ran = _newest(specifier), [dict(run) for run in row.get("ran", [])]
    here = [run for run in ran if _is_such_a_board(run, board, python) and specifier.contains(run["torch"])]
    here.sort(key=lambda run: Version(run["torch"]) != newest)
    is_proven = bool(here) and Version(here[0]["torch"]) == newest
    return {
        "how": here[0]["how"] if is_proven else row.get("proven", "guess"),
        "here": here,
        "elsewhere": [run for run in ran if run not in here],
    }


def run_words(run: dict) -> str:
    where = {
        "hardware": "on such a board",
        "emulated": "in such a board's userland on an emulated core",
        "container": "in a container",
    }[run["how"]]
    return (
        f"torch {run['torch']} on {run['os']} with Python {run['python']}, family {run['family']}, {where}"
        f" ({run['by']})"
    )


def _is_such_a_board(run: dict, board: dict, python: str) -> bool:
    system = board["os"]
    return (
        run["family"] == board["family"]
        and run["os"] == f"{system['id']} {system['version_id']}"
        and f"{python}.".startswith(f"{run['python']}.")
    )


def _newest(specifier: SpecifierSet) -> Version | None:
    """The newest release that the specifier allows. A lock takes it, if the index has it."""
    if exact := exact_versions(specifier):
        return exact[0]
    named = [clause.version for clause in specifier if not clause.version.endswith("*")]
    return max((Version(torch) for torch in (*RELEASES, *_LATER, *named) if specifier.contains(torch)), default=None)
