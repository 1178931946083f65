# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Plans that are refusals: the reason, the rejected candidates, and the fix."""

from __future__ import annotations

from .._base.packaging_shim import SpecifierSet, Version
from .._base.specifiers import tidy_specifier
from .._catalogue.conditions import is_for
from .._catalogue.rows import is_addition_for
from .._model.plan import empty_plan
from .._model.refusal import make_refusal
from .builds import is_compiled
from .offers import Case, Fit, Miss, fit_offer, is_blanket, is_own
from .request import Ask


def refused_plan(
    board: dict, reason: str, way_out: str, nearly: list[dict] | None = None, evidence: list[str] | None = None
) -> dict:
    return {
        **empty_plan(board["family"]),
        "refusal": make_refusal(reason, way_out, nearly or []),
        "evidence": list(evidence or []),
    }


def device_words(device: dict) -> str:
    driver = f", driver {device['driver']}" if device["driver"] else ""
    return f"{device['kind']} ({device['name']}{driver})"


def refuse_unready(board: dict, ask: Ask) -> dict | None:
    """The refusal that the board itself causes, whatever the catalogue has, or None."""
    if not board["family"]:
        seen = ", ".join(f"{key} {board[key]}" for key in ("model", "soc", "architecture") if board[key])
        return refused_plan(
            board,
            f"Unsupported board: it matches no known family ({seen}).",
            "Detect the board again, or give it the family generic: boards of no other family belong to it now.",
        )
    if board["state"]["problem"]:
        why, _sign, way_out = board["state"]["problem"].partition("; ")  # most problems include a fix
        return refused_plan(
            board,
            f"torch_root cannot be used: {why}.",
            way_out or "Correct it on the board, or choose another torch_root.",
        )
    if not board["workload"]["exists"]:
        return refused_plan(
            board,
            f"The user {board['workload']['name']} (torch_user) does not exist on this board.",
            "Create the user, or correct torch_user.",
        )
    # Only root can run programs as another user, or give files to one.
    user, workload = board["user"], board["workload"]
    if not user["root"] and workload["uid"] != user["uid"]:
        return refused_plan(
            board,
            f"torch_user is {workload['name']}, but Ansible works as {user['name']} on this board, without root: it"
            f" cannot become {workload['name']}.",
            f"Set ansible_become: true, or leave torch_user out: then {user['name']} is the workload's user.",
        )
    if not user["root"] and ask.owner not in ("", user["name"], workload["name"]):
        return refused_plan(
            board,
            f"torch_env_owner is {ask.owner}, but Ansible works as {user['name']} on this board, without root: it"
            f" cannot give files to {ask.owner}.",
            f"Set ansible_become: true, or leave torch_env_owner out: then {user['name']} owns the environments.",
        )
    return None


def refuse_unfit(case: Case, misses: list[Miss]) -> dict:
    """The refusal if no offer fits: why the closest offer does not fit, and what would help."""
    board, ask = case.board, case.ask
    nearly = [{"row": miss.row["id"], "why": miss.why} for miss in misses]
    nearest = closest_miss(misses)
    # An operator's row that is for this board says more than what the collection does not have.
    own = nearest is not None and is_own(nearest.row, case) and is_for(nearest.row, board)
    blanket = [] if own else [row for row in case.bad if is_blanket(row)]
    if known := nearest.bad if nearest and nearest.bad else blanket[0] if blanket else None:
        way_out = known.get("way_out", "Ask for another torch_version.")
        if known.get("torch"):
            way_out = f"{way_out} torch_force: true goes ahead regardless."
        return refused_plan(board, known["refuse"], _with_asked(way_out, case, misses), nearly, known.get("evidence"))
    torch = "torch" if ask.specifier is None else f"torch {ask.version}"
    what = torch if ask.accelerator == "auto" else f"{torch} for {ask.accelerator}"
    if not nearest:
        return refused_plan(
            board, f"The catalogue of {board['family']} has no row that gives {what}.", "Correct the catalogue."
        )
    return refused_plan(
        board,
        f"{what} is not available for this board. Row {nearest.row['id']} is closest: {nearest.why}.",
        _with_asked(_way_out(nearest, misses), case, misses),
        nearly,
        nearest.row.get("evidence"),
    )


def _way_out(nearest: Miss, misses: list[Miss]) -> str:
    if offers := list(dict.fromkeys(miss.offer for miss in misses if miss.offer)):
        choices = " or ".join(f"torch_version: '{offer}'" for offer in offers)
        newest = [offer.rpartition("<=")[2].split(",")[0] for offer in offers if "<=" in offer]
        return f"Available for this board: {choices}" + (
            f" (the newest: {', '.join(dict.fromkeys(newest))})." if newest else "."
        )
    return nearest.way_out or nearest.row.get("way_out", "See why each candidate was rejected.")


def _with_asked(way_out: str, case: Case, misses: list[Miss]) -> str:
    """The fix, with what the board would get from rows that must be asked for."""
    told = {}
    for miss in misses:
        row, compiled = miss.row, is_compiled(miss.row)
        if not row.get("asked") or compiled in told:
            continue
        ask = case.ask._replace(**{"build": "always"} if compiled else {"accelerator": row["accelerator"]})
        answer = fit_offer(
            row,
            case._replace(
                ask=ask, additions=[addition for addition in case.additions if is_addition_for(addition, row)]
            ),
        )
        if isinstance(answer, Fit):
            kind = {"cpu": "CPU"}.get(row["accelerator"], row["accelerator"])
            told[compiled] = (
                f"torch_build_policy: always compiles torch {answer.builds[0]['version']}, a {kind} build"
                f" ({row.get('proven', 'guess')})."
                if compiled
                else f"torch_accelerator: {row['accelerator']} gives a {kind} build of torch"
                f" {tidy_specifier(answer.specifier)}."
            )
    return " ".join([way_out, *(told[compiled] for compiled in sorted(told))])


def closest_miss(misses: list[Miss]) -> Miss | None:
    """The miss of the offer that came furthest; of several that need a version, the one with the lowest."""

    def least(miss: Miss) -> Version:
        return max(
            (Version(clause.version.removesuffix(".*")) for clause in SpecifierSet(miss.wanted or "")),
            default=Version("0"),
        )

    furthest = max((miss.depth for miss in misses), default=None)
    return min((miss for miss in misses if miss.depth == furthest), key=least, default=None)
