# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Accelerators that a board has, or had, and cannot use now.

A plan never takes their absence for a wish to compute on the CPU.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

from .._catalogue.conditions import can_be_for, difference_of, is_about, is_for, may_serve
from .._catalogue.rows import kind_of
from .._model.board import empty_accelerator
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
    """What a board says of itself is one line of no great length."""
    return re.sub(r"[\x00-\x1f\x7f-\x9f]+", " ", str(text)).strip()[:400]


def signs_of(board: dict) -> list[dict]:
    """Older boards have none."""
    return board.get("signs", [])


def card_words(sign: dict) -> str:
    return f"{clean_text(sign['name'] or KINDS[sign['kind']].unnamed)} ({clean_text(sign['where'])})"


def cause_words(sign: dict) -> str:
    """Which accelerator, and why it is not usable, as the beginning of a sentence."""
    return f"{card_words(sign)}: {clean_text(sign['why']).rstrip('.')}"


# --- A driver that this run installs
# --------------------------------------------------------------------------------------------------


def with_coming_drivers(board: dict, rows: list[dict]) -> tuple[dict, list[str]]:
    """The board as it is once the preparation has installed the drivers that rows C(brings), and what is to be said of
    that.

    The preparation asks the board again, and plans again: if the accelerator is still not usable, that plan refuses it.
    Without a name there is nothing to
    plan for.
    """
    bringing = [row for row in rows if row.get("brings") and is_for(row, board)]
    # Without a version, a driver is not described.
    given = {kind: (driver, row["id"]) for row in bringing for kind, driver in row["brings"].items() if driver}
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
    left = [sign for sign in signs_of(board) if sign not in coming]
    return {**board, "accelerators": [*board["accelerators"], *devices], "signs": left}, why


# --- What a catalogue could serve
# --------------------------------------------------------------------------------------------------


def _offers_for(rows: list[dict], kind: str, ask: Ask) -> list[dict]:
    """The offers for this kind of accelerator, without those that the request does not ask for."""
    return [
        row
        for row in rows
        if row.get("accelerator") == kind
        and kind_of(row) == "offer"
        and (not row.get("asked") or is_asked_for(row, ask))
    ]


def _could_be_served(sign: dict, rows: list[dict], ask: Ask) -> bool:
    """Whether a row could serve it, if it were usable.

    The driver, the system and the rest of the board can be changed; its hardware cannot.

    Names of devices in rows are as drivers tell them. That of a sign may come from elsewhere, so it cannot rule out an
    offer.
    """
    hardware = {"name": sign["name"], "memory": None, "compute_capability": sign["compute_capability"]}
    barred = any(_is_blanket(row, sign["kind"]) and is_about(row, hardware) for row in rows)
    return not barred and any(
        can_be_for(row, {**hardware, "name": None}) for row in _offers_for(rows, sign["kind"], ask)
    )


def _is_blanket(row: dict, kind: str) -> bool:
    """Whether a row refuses all torch for a kind of accelerator."""
    return (
        kind_of(row) == "known-bad"
        and row.get("accelerator") in (None, kind)
        and not row.get("torch")
        and not row.get("sources")
    )


def _served_devices(case: Case, rows: list[dict], by: Callable[[dict, dict], bool]) -> list[dict]:
    """The usable accelerators for which there is a row, as far as C(by) looks: its hardware, or its driver as well."""
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
    """The refusal where the accelerator that torch_accelerator names is not there or not usable."""
    kind = ask.accelerator
    if kind in ("auto", "cpu") or kind in {device["kind"] for device in board["accelerators"]}:
        return None
    seen = ", ".join(map(device_words, board["accelerators"])) or "none"
    asks = f"torch_accelerator is {kind}, but this board has no such accelerator"
    signs = [sign for sign in signs_of(board) if sign["kind"] == kind]
    able = [sign for sign in signs if _could_be_served(sign, rows, ask)]
    if able:
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
    """The first speaks; the others are counted."""
    others = len(signs) - 1
    return f"{cause_words(signs[0])}." + (
        f" {others} more {'is' if others == 1 else 'are'} unusable." if others else ""
    )


def _fix_of(signs: list[dict]) -> str:
    return clean_text(signs[0]["fix"]).rstrip(".") + "."


def promised_kind(board: dict) -> str | None:
    """The kind of accelerator that the recorded verdict was made on, or for."""
    verdict = (board["state"].get("record") or {}).get("verdict") or {}
    return next((kind for name in ("outcome", "expect") for kind in KINDS if verdict.get(name) == kind), None)


def refuse_cpu_plan(case: Case, rows: list[dict], made: dict, misses: list[Miss]) -> dict | None:
    """The refusal in the place of a plan that would leave a board on its CPU, although it has, or had, more, and nobody
    asked for the CPU.
    """
    board, ask = case.board, case.ask
    if ask.accelerator == "cpu" or made["accelerator"] not in (None, "cpu"):
        return None
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
    # A version that is asked for is wanted on the accelerator, also where only a newer driver would do. What is not
    # known of one is no reason to leave it idle.
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
    return refused_plan(board, reason, way_out, refusal["nearly"], nearest["evidence"])


def _refuse_lost(board: dict, promise: str | None, signs: list[dict]) -> dict:
    kind = signs[0]["kind"] if signs else promise
    assert kind is not None  # one of both is there
    words = KINDS[kind]
    lead = f"No {words.device} that PyTorch could use works on this board now."
    if promise:
        lead = f"{_promise_words(board, promise)}, and no {words.device} is usable now."
    if not signs:
        fix = f"Check that the {words.device} is still connected, and read the kernel log about its driver."
        return refused_plan(board, lead, f"{fix} {ON_PURPOSE}")
    return refused_plan(board, f"{lead} {_causes_of(signs)}", f"{_fix_of(signs)} {ON_PURPOSE}")


def _promise_words(board: dict, kind: str) -> str:
    proven = board["state"]["record"]["verdict"].get("outcome") == kind
    return f"The environment in use was {'proven on' if proven else 'made for'} {KINDS[kind].outcome}"


# --- Warnings
# --------------------------------------------------------------------------------------------------


def idle_warnings(case: Case, rows: list[dict], made: dict) -> list[str]:
    """What a plan leaves idle because it is not usable, or because nothing can serve it; for who asks for the CPU that
    is no news.
    """
    if case.ask.accelerator == "cpu" or made["refusal"]:
        return []
    on_cpu = ", so torch runs on the CPU" if made["accelerator"] == "cpu" else ""
    warnings = []
    for sign in signs_of(case.board):
        # 0.0 is a card from before CUDA.
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
    for other in case.board.get("unserved", []):
        if not other["integrated"]:
            warnings.append(
                f"{clean_text(other['name'])} is at {clean_text(other['where'])}; no PyTorch build of this collection"
                f" uses it{on_cpu}."
            )
    return list(dict.fromkeys(warnings))
