# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Accelerators that a board has, or had, and cannot use now.

A plan never treats a missing accelerator as a request for the CPU.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple, cast

from .._catalogue.conditions import (
    can_be_for,
    difference_of,
    is_about,
    is_for,
    is_for_architecture,
    may_serve,
)
from .._catalogue.rows import kind_of
from .._model.board import empty_accelerator
from .._model.refusal import make_refusal
from .offers import Case, Miss, is_asked_for, is_cpu_version
from .refusal import device_words, refuse_unfit, refused_plan
from .request import Ask


class Words(NamedTuple):
    outcome: str
    device: str
    unnamed: str


KINDS = {
    "cuda": Words("CUDA", "GPU", "An NVIDIA GPU"),
    "npu": Words("the NPU", "NPU", "An Ascend NPU"),
}
ON_PURPOSE = "torch_accelerator: cpu selects the CPU."


def clean_text(text: Any) -> str:
    """Text from a board, as one line of at most 400 characters."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", str(text)).strip()[:400]


def signs_of(board: dict) -> list[dict]:
    """The signs of a board; boards of earlier releases have none."""
    return board.get("signs", [])


def card_words(sign: dict) -> str:
    return f"{clean_text(sign['name'] or KINDS[sign['kind']].unnamed)} ({clean_text(sign['where'])})"


def cause_words(sign: dict) -> str:
    """Which accelerator is not usable and why, as the beginning of a sentence."""
    return f"{card_words(sign)}: {clean_text(sign['why']).rstrip('.')}"


# --- A driver that this run installs
# --------------------------------------------------------------------------------------------------


def with_coming_drivers(board: dict, rows: list[dict]) -> tuple[dict, list[str]]:
    """The board with the drivers that its rows C(brings), as if they were installed, and the reasons for the plan.

    The preparation installs the drivers, examines the board and plans again. If the accelerator is still not usable,
    that plan is a refusal. A sign without a name is skipped, because no plan can be made for it.
    """
    # A driver without a version cannot be planned for.
    given = {
        kind: (driver, row["id"])
        for row in rows
        if row.get("brings") and is_for(row, board)
        for kind, driver in row["brings"].items()
        if driver
    }
    coming = [
        sign
        for sign in signs_of(board)
        if sign["name"]
        and sign["kind"] in given
        and (sign["driver"] or board["key"]["driver"]) != given[sign["kind"]][0]
    ]
    if not coming:
        return board, []
    devices = [
        {
            **empty_accelerator(),
            **{key: sign[key] for key in ("kind", "name", "compute_capability")},
            "driver": given[sign["kind"]][0],
        }
        for sign in coming
    ]
    why = [
        f"{cause_words(sign)}. Driver {driver} is installed first ({row}); then the board is examined and"
        " planned again."
        for sign in coming
        for driver, row in [given[sign["kind"]]]
    ]
    return {
        **board,
        "accelerators": [*board["accelerators"], *devices],
        "signs": [sign for sign in signs_of(board) if sign not in coming],
    }, why


# --- What the catalogue could serve
# --------------------------------------------------------------------------------------------------


def _offers_for(rows: list[dict], kind: str, ask: Ask) -> list[dict]:
    """The offers for this kind of accelerator. Rows that must be asked for count only if the request does so."""
    return [
        row
        for row in rows
        if row.get("accelerator") == kind
        and kind_of(row) == "offer"
        and not row.get("option")
        and (not row.get("asked") or is_asked_for(row, ask))
    ]


def _could_be_served(sign: dict, rows: list[dict], ask: Ask) -> bool:
    """Whether a row could serve the accelerator of a sign if it were usable.

    The driver and the system can be changed, the hardware cannot. Rows have the names of devices as drivers report
    them. The name in a sign may come from elsewhere, so it cannot rule out an offer.
    """
    hardware = {"name": sign["name"], "memory": None, "compute_capability": sign["compute_capability"]}
    return any(can_be_for(row, {**hardware, "name": None}) for row in _offers_for(rows, sign["kind"], ask)) and not any(
        _is_blanket(row, sign["kind"]) and is_about(row, hardware) for row in rows
    )


def _is_blanket(row: dict, kind: str) -> bool:
    """Whether a row refuses every torch for a kind of accelerator."""
    return (
        kind_of(row) == "known-bad"
        and row.get("accelerator") in (None, kind)
        and not row.get("torch")
        and not row.get("sources")
    )


def _served_devices(case: Case, rows: list[dict], by: Callable[[dict, dict], bool]) -> list[dict]:
    """The usable accelerators with a row for them; C(by) compares the hardware, or the driver as well."""
    return [
        device
        for device in case.board["accelerators"]
        if case.ask.accelerator in ("auto", device["kind"])
        and not any(_is_blanket(row, device["kind"]) for row in case.bad)
        and any(by(row, device) for row in _offers_for(rows, device["kind"], case.ask))
    ]


# --- Refusals
# --------------------------------------------------------------------------------------------------


def refuse_missing(board: dict, rows: list[dict], ask: Ask) -> dict | None:
    """The refusal if the accelerator of torch_accelerator is missing or not usable, else None."""
    kind = ask.accelerator
    if kind in ("auto", "cpu") or kind in {device["kind"] for device in board["accelerators"]}:
        return None
    seen = ", ".join(map(device_words, board["accelerators"])) or "none"
    asks = f"torch_accelerator is {kind}, but this board has no such accelerator"
    signs = [sign for sign in signs_of(board) if sign["kind"] == kind]
    rows = [row for row in rows if is_for_architecture(row, board)]
    if able := [sign for sign in signs if _could_be_served(sign, rows, ask)]:
        return refused_plan(
            board, f"{asks} that is usable now (seen: {seen}). {_causes_of(able)}", f"{_fix_of(able)} {ON_PURPOSE}"
        )
    if signs:
        return refused_plan(
            board,
            f"{asks} that the catalogue supports (seen: {seen}). {_causes_of(signs)}",
            "Ask for torch_accelerator: auto or cpu.",
        )
    return refused_plan(
        board,
        f"{asks} (seen: {seen}).",
        "Ask for torch_accelerator: auto or cpu. If the board has this accelerator, install its driver.",
    )


def _causes_of(signs: list[dict]) -> str:
    """The cause of the first sign, and the number of the others."""
    others = len(signs) - 1
    return f"{cause_words(signs[0])}." + (
        f" {others} more {'is' if others == 1 else 'are'} unusable." if others else ""
    )


def _fix_of(signs: list[dict]) -> str:
    return clean_text(signs[0]["fix"]).rstrip(".") + "."


def promised_kind(board: dict) -> str | None:
    """The kind of accelerator that the verdict in the state record has as outcome or expectation."""
    verdict = (board["state"].get("record") or {}).get("verdict") or {}
    return next((kind for name in ("outcome", "expect") for kind in KINDS if verdict.get(name) == kind), None)


def refuse_cpu_plan(case: Case, rows: list[dict], made: dict, misses: list[Miss]) -> dict | None:
    """The refusal of a CPU plan if the board has, or had, an accelerator and nobody asked for the CPU, else None."""
    board, ask = case.board, case.ask
    if ask.accelerator == "cpu" or made["accelerator"] not in (None, "cpu"):
        return None
    rows = [row for row in rows if is_for_architecture(row, board)]
    promise = promised_kind(board) if ask.accelerator == "auto" else None
    able = _served_devices(case, rows, lambda row, device: difference_of(row, device) is None)
    signs = [
        sign
        for sign in signs_of(board)
        if ask.accelerator in ("auto", sign["kind"]) and _could_be_served(sign, rows, ask)
    ]
    if promise and promise not in {device["kind"] for device in board["accelerators"]}:
        same = [sign for sign in signs_of(board) if sign["kind"] == promise]
        return _refuse_lost(board, promise, [sign for sign in signs if sign in same] or same)
    if signs and not able:
        return _refuse_lost(board, promise if promise == signs[0]["kind"] else None, signs)
    # A requested torch_version is wanted on the accelerator, even if that needs a newer driver. Unknown hardware facts
    # are not a reason to leave an accelerator unused.
    wanted = (
        _served_devices(case, rows, can_be_for)
        if ask.specifier is not None
        else [device for device in _served_devices(case, rows, may_serve) if device not in able]
    )
    if made["refusal"] or not (promise or (wanted and not is_cpu_version(ask))):
        return None
    kind = promise or wanted[0]["kind"]
    nearest = refuse_unfit(
        case._replace(ask=ask._replace(accelerator=kind)), [miss for miss in misses if miss.row["accelerator"] == kind]
    )
    refusal = nearest["refusal"]
    unused = ", ".join(
        dict.fromkeys(device_words(device) for device in board["accelerators"] if device["kind"] == kind)
    )
    lead = f"{_promise_words(board, promise)}, and only a CPU build fits now. " if promise else ""
    reason = f"{lead}{refusal['reason']} A CPU build would leave {unused} unused."
    if not promise and ask.specifier is None:
        refusal["way_out"] = (
            "Check which part of the driver is missing (libcuda.so.1, nvidia-smi); without it the board cannot describe"
            " this accelerator."
        )
    way_out = refusal["way_out"] if "torch_accelerator" in refusal["way_out"] else f"{refusal['way_out']} {ON_PURPOSE}"
    return {**nearest, "refusal": make_refusal(reason, way_out, refusal["nearly"])}


def _refuse_lost(board: dict, promise: str | None, signs: list[dict]) -> dict:
    """The refusal for an accelerator that is not usable now, or that is missing although it was promised."""
    words = KINDS[signs[0]["kind"] if signs else cast(str, promise)]  # there is a sign or a promise
    lead = f"No {words.device} that PyTorch could use works on this board now."
    if promise:
        lead = f"{_promise_words(board, promise)}, and no {words.device} is usable now."
    if not signs:
        return refused_plan(
            board,
            lead,
            f"Check that the {words.device} is still connected, and read the kernel log about its driver. {ON_PURPOSE}",
        )
    return refused_plan(board, f"{lead} {_causes_of(signs)}", f"{_fix_of(signs)} {ON_PURPOSE}")


def _promise_words(board: dict, kind: str) -> str:
    proven = board["state"]["record"]["verdict"].get("outcome") == kind
    return f"The environment in use was {'proven on' if proven else 'made for'} {KINDS[kind].outcome}"


# --- Warnings
# --------------------------------------------------------------------------------------------------


def idle_warnings(case: Case, rows: list[dict], made: dict) -> list[str]:
    """Warnings about accelerators that are not usable or have no row; none if the request is for the CPU."""
    if case.ask.accelerator == "cpu" or made["refusal"]:
        return []
    on_cpu = ", so torch runs on the CPU" if made["accelerator"] == "cpu" else ""
    warnings = []
    for sign in signs_of(case.board):
        # 0.0 means a card from before CUDA.
        capability = (
            f" has compute capability {sign['compute_capability']};"
            if sign["compute_capability"] not in (None, "0.0")
            else ":"
        )
        warnings.append(
            f"{cause_words(sign)}. It is not used. {_fix_of([sign])}"
            if _could_be_served(sign, rows, case.ask)
            else f"{card_words(sign)}{capability} no PyTorch build of this family's catalogue uses it{on_cpu}."
        )
    warnings += [
        f"{clean_text(other['name'])} is at {clean_text(other['where'])}; no PyTorch build of this collection uses"
        f" it{on_cpu}."
        for other in case.board.get("unserved", [])
        if not other["integrated"]
    ]
    return list(dict.fromkeys(warnings))
