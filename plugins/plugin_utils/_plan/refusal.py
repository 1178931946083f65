# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Plans that are refusals: the reason, the rejected candidates, and the fix."""

from __future__ import annotations

from .._base.packaging_shim import SpecifierSet, Version
from .._base.specifiers import tidy_specifier
from .._catalogue.conditions import distance_to, hardware_difference, is_for, missing_driver
from .._catalogue.rows import is_addition_for
from .._catalogue.torch_releases import RELEASES
from .._model.plan import empty_plan
from .._model.refusal import make_refusal
from .builds import is_compiled
from .offers import WHEN, Case, Fit, Miss, fit_offer, is_blanket, is_conda, is_own, python_words
from .request import Ask

# The fix if no row is for this hardware, and the beginning of one that changes the request.
AVAILABLE = "Available for this board:"  # in other versions than the requested one
OWN_ROW = "Take another board, or give torch_catalogue a row for a build that you have for this hardware."


def refused_plan(
    board: dict, reason: str, way_out: str, nearly: list[dict] | None = None, row: dict | None = None
) -> dict:
    """A plan that is a refusal; `row` is the row that it is about, if there is one."""
    row = row or {}
    return {
        **empty_plan(board["family"]),
        "refusal": make_refusal(reason, way_out, nearly or []),
        "checked": row.get("checked"),
        "evidence": list(row.get("evidence", [])),
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
    ordered = nearest_first(board, misses)
    nearly = [{"row": miss.row["id"], "why": miss.why} for miss in ordered]
    nearest = next(iter(ordered), None)
    # An operator's row that is for this board says more than what the collection does not have.
    own = nearest is not None and is_own(nearest.row, case) and is_for(nearest.row, board)
    blanket = [] if own else [row for row in case.bad if is_blanket(row)]
    if known := nearest.bad if nearest and nearest.bad else blanket[0] if blanket else None:
        way_out = known.get("way_out", "Ask for another torch_version.")
        if known.get("torch"):
            way_out = f"{way_out} torch_force: true goes ahead regardless."
        return refused_plan(board, known["refuse"], _with_changes(way_out, case, misses), nearly, known)
    torch = "torch" if ask.specifier is None else f"torch {ask.version}"
    what = torch if ask.accelerator == "auto" else f"{torch} for {ask.accelerator}"
    if not nearest:
        return refused_plan(
            board, f"The catalogue of {board['family']} has no row that gives {what}.", "Correct the catalogue."
        )
    # If the accelerator itself does not fit, a newer driver or another Python would not help.
    device = hardware_difference(nearest.row, board) if nearest.depth[0] == WHEN else None
    return refused_plan(
        board,
        f"{what} is not available for this board. Row {nearest.row['id']} is closest: {device or nearest.why}.",
        _with_changes("" if device else _way_out(nearest, misses), case, misses) or OWN_ROW,
        nearly,
        nearest.row,
    )


def _way_out(nearest: Miss, misses: list[Miss]) -> str:
    if offers := _widest([miss.offer for miss in misses if miss.offer]):
        choices = " or ".join(f"torch_version: '{offer}'" for offer in offers)
        newest = [offer.rpartition("<=")[2].split(",")[0] for offer in offers if "<=" in offer]
        return f"{AVAILABLE} {choices}" + (f" (the newest: {', '.join(dict.fromkeys(newest))})." if newest else ".")
    return nearest.way_out or nearest.row.get("way_out", "See why each candidate was rejected.")


def _widest(offers: list[str]) -> list[str]:
    """The offers without those that another includes, as far as releases of torch are known here."""
    # What is released later is in an offer without an end.
    included = {offer: frozenset(SpecifierSet(offer).filter([*RELEASES, "9999"])) for offer in offers}
    return [
        offer for offer, known in included.items() if not (known and any(known < other for other in included.values()))
    ]


def _with_changes(way_out: str, case: Case, misses: list[Miss]) -> str:
    """The fix, with what the board would get by one change: first what keeps the request, last what changes it."""
    others = [*_by_options(case, misses), *_by_python(case, misses)]
    if "driver" not in way_out:
        others += _by_driver(case, misses)
    parts = [*others, way_out] if way_out.startswith(AVAILABLE) else [way_out, *others]
    return " ".join(filter(None, [*parts, *_by_asking(case, misses)]))


def _first_fit(case: Case, rows: list[dict]) -> Fit | None:
    """How the first of these rows that fits does."""
    for row in rows:
        additions = [addition for addition in case.additions if is_addition_for(addition, row)]
        answer = fit_offer(row, case._replace(additions=additions))
        if isinstance(answer, Fit):
            return answer
    return None


def _torch_words(found: Fit) -> str:
    outcome = found.row["accelerator"]
    return f"torch {tidy_specifier(found.specifier)} for {'the CPU' if outcome == 'cpu' else outcome.upper()}"


def _by_options(case: Case, misses: list[Miss]) -> list[str]:
    """What options of the family's role would give."""
    rows: dict[str, list[dict]] = {}
    for miss in misses:
        if option := miss.row.get("option"):
            rows.setdefault(option, []).append({key: miss.row[key] for key in miss.row if key != "option"})
    fits = {option: _first_fit(case, others) for option, others in rows.items()}
    return [f"{option} gives {_torch_words(found)}." for option, found in fits.items() if found]


def _by_driver(case: Case, misses: list[Miss]) -> list[str]:
    """What the oldest newer driver would give under which something fits."""
    drivers: dict[str, list[dict]] = {}
    for miss in misses:
        if not miss.row.get("option") and (driver := missing_driver(miss.row, case.board)):
            drivers.setdefault(driver, []).append(miss.row)
    for driver in sorted(drivers, key=Version):
        devices = [{**device, "driver": driver} for device in case.board["accelerators"]]
        if found := _first_fit(case._replace(board={**case.board, "accelerators": devices}), drivers[driver]):
            return [f"Driver {driver} or later gives {_torch_words(found)}."]
    return []


def _by_python(case: Case, misses: list[Miss]) -> list[str]:
    """What another Python of the board would give, if torch_python names one that gives nothing."""
    if case.ask.python == "auto":
        return []
    found = _first_fit(case._replace(ask=case.ask._replace(python="auto")), [miss.row for miss in misses])
    if not found:
        return []
    python = f"Python {found.version} of conda" if is_conda(found.row) else f"Python {python_words(found.python)}"
    return [f"Without torch_python, {python} gives {_torch_words(found)}."]


def _by_asking(case: Case, misses: list[Miss]) -> list[str]:
    """What rows that must be asked for would give, or the CPU where another accelerator is asked for."""
    told = {}
    for miss in misses:
        row, compiled = miss.row, is_compiled(miss.row)
        elsewhere = case.ask.accelerator not in ("auto", "cpu") and row["accelerator"] == "cpu"
        if compiled in told or not (row.get("asked") or elsewhere):
            continue
        ask = case.ask._replace(**{"build": "always"} if compiled else {"accelerator": row["accelerator"]})
        if found := _first_fit(case._replace(ask=ask), [row]):
            kind = {"cpu": "CPU"}.get(row["accelerator"], row["accelerator"])
            told[compiled] = (
                f"torch_build_policy: always compiles torch {found.builds[0]['version']}, a {kind} build"
                f" ({found.proof(case.board)['how']})."
                if compiled
                else f"torch_accelerator: {row['accelerator']} gives a {kind} build of torch"
                f" {tidy_specifier(found.specifier)}."
            )
    return [told[compiled] for compiled in sorted(told)]


def nearest_first(board: dict, misses: list[Miss]) -> list[Miss]:
    """The misses, those of the offers first that came furthest.

    Of offers that another board could use: those whose conditions this board comes closest to, so that a Jetson is
    compared with the wheels of its L4T, and not with the first row of the catalogue. Those for an accelerator of the
    board come before those for the CPU, and offers that only known-bad rows refuse come last.
    """

    def key(miss: Miss) -> tuple:
        stage, held = miss.depth
        if stage != WHEN:
            return -stage, -held, False, distance_to(miss.row, board)
        idle = miss.row["accelerator"] == "cpu" and bool(board["accelerators"])
        return -stage, miss.row.get("only_refused", False), idle, distance_to(miss.row, board)

    return sorted(misses, key=key)


def closest_miss(board: dict, misses: list[Miss]) -> Miss | None:
    return next(iter(nearest_first(board, misses)), None)
