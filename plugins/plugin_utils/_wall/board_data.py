# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What the page of a run says about its boards: each once, and what many boards share (plans, locks) once for all.

Pure functions. What a board reports is text of any kind: it is data here, and the page writes it as text only.
"""

from __future__ import annotations

import functools
import typing as t

from .._plan.explanation import explain
from .._rollout.benchmark import list_results
from .._rollout.board_status import one_line

MIB = 1 << 20
#: The longest text of one value: a check's value may be a whole traceback.
LONGEST = 400
UNKNOWN = "unknown model"
#: The parts of a benchmark's result that a board shows.
SPEEDS = ("network", "device", "images_per_second", "of_median", "power_mode", "celsius_after")
#: How a verdict is shown: the key, the sign beside the colour, and the words.
VERDICTS = {
    "satisfied": ("\N{CHECK MARK}", "satisfied"),
    "other": ("\N{NOT EQUAL TO}", "works, not as promised"),
    "error": ("\N{BALLOT X}", "error"),
    "refused": ("\N{CIRCLED DIVISION SLASH}", "refused"),
    "unreachable": ("?", "unreachable"),
    "not_started": ("\N{HORIZONTAL ELLIPSIS}", "not started"),
}


def verdict_key(verdict: t.Mapping[str, t.Any]) -> str:
    """The key of VERDICTS: an outcome without a satisfied verdict is one of its own."""
    if verdict["satisfied"]:
        return "satisfied"
    return verdict["outcome"] if verdict["outcome"] in VERDICTS else "other"


class RunBoards:
    """The boards of a run, one at a time: of ten thousand, all their parts at once would be millions of objects.

    C(plans) (lines) and C(locks), which boards name by their index, are complete after the last board.
    """

    def __init__(self, statuses: t.Mapping[str, dict[str, t.Any]]) -> None:
        self._statuses = statuses
        self.plans = _Shared()
        self.locks = _Shared()
        self._words: dict[int, int] = {}  # equal boards have one and the same plan
        self._speeds: dict[str, list[list[t.Any]]] = {}
        for result in list_results(statuses):
            self._speeds.setdefault(result["host"], []).append([result[name] for name in SPEEDS])

    def __iter__(self) -> t.Iterator[dict[str, t.Any]]:
        for host, status in self._statuses.items():
            plan, lock = status["plan"], status["lock"]
            if plan and id(plan) not in self._words:
                self._words[id(plan)] = self.plans.index_of(tuple(_plan_lines(plan)))
            yield {
                **_board(host, status),
                "plan": self._words[id(plan)] if plan else None,
                "lock": self.locks.index_of(_lock_rows(lock)) if lock else None,
                "speeds": self._speeds.get(host, []),
            }


class _Shared:
    """Values that many boards share, each once."""

    def __init__(self) -> None:
        self.values: list[t.Any] = []
        self._index: dict[t.Any, int] = {}

    def index_of(self, value: t.Hashable) -> int:
        if value not in self._index:
            self._index[value] = len(self.values)
            self.values.append(value)
        return self._index[value]


def _plan_lines(plan: dict[str, t.Any]) -> list[str]:
    """The lines of `explain`."""
    return [_short(line) for line in explain(plan, every_candidate=True)]


def _lock_rows(lock: dict[str, t.Any]) -> tuple[t.Any, ...]:
    packages = tuple(
        (name, package["version"], package["sha256"]) for name, package in sorted(lock["packages"].items())
    )
    return lock["id"], lock["key"], lock["torch"], packages


def _board(host: str, status: dict[str, t.Any]) -> dict[str, t.Any]:
    board, verdict = status["board"] or {}, status["verdict"]
    return {
        "host": _short(host),
        "model": _short(board.get("model") or UNKNOWN),
        "family": board.get("family"),
        "verdict": verdict_key(verdict),
        "outcome": verdict["outcome"],
        "expect": verdict.get("expect"),
        "torch": _short(verdict["torch"] or ""),
        "reason": one_line(verdict["reason"]),
        "seconds": status["seconds"],
        "facts": _facts(board),
        "checks": [
            [_short(check[name]) for name in ("name", "passed", "value", "bound", "seconds", "advisory")]
            for check in verdict.get("checks") or []
            if isinstance(check, dict) and {"name", "passed", "value", "bound", "seconds"} <= set(check)
            for check in [{"advisory": None, **check}]
        ],
        "skipped": [[_short(item["name"]), _short(item["why"])] for item in verdict.get("skipped") or []],
        "diagnosis": _diagnosis(verdict.get("diagnosis")),
        "warnings": [
            one_line(text)
            for text in [
                *board.get("warnings", []),
                *(status["plan"] or {}).get("warnings", []),
                *(verdict.get("warnings") or []),
            ]
        ],
        "slow": [one_line(text) for text in status.get("trend", [])],
        "timings": {
            _short(name): round(seconds, 6)
            for name, seconds in (verdict.get("timings") or {}).items()
            if isinstance(seconds, (int, float)) and not isinstance(seconds, bool)
        },
        "conditions": _conditions(verdict.get("conditions") or {}),
    }


def _facts(board: dict[str, t.Any]) -> list[list[str]]:
    """What the board is: label and value of what is known."""
    if not board:
        return []
    system, libc, cpu = board.get("os") or {}, board.get("libc") or {}, board.get("cpu") or {}
    key, memory, workload = board.get("key") or {}, board.get("memory") or {}, board.get("workload") or {}
    disk, state = board.get("disk") or {}, board.get("state") or {}
    devices = [f"{device['kind']}: {device['name']}" for device in board.get("accelerators") or []]
    unusable = [
        f"{sign['name'] or sign['kind']} at {sign['where']}: {sign['why']}" for sign in board.get("signs") or []
    ]
    pairs = [
        ("family", board.get("family")),
        ("module", board.get("module")),
        ("processor", " ".join(filter(None, [board.get("soc"), cpu.get("model")]))),
        ("cores", cpu.get("cores")),
        ("memory", memory.get("total") and f"{memory['total'] // MIB} MiB"),
        ("free disk", disk.get("free") and f"{disk['free'] // MIB} MiB at {disk.get('path')}"),
        ("system", system.get("pretty_name") or system.get("id")),
        ("architecture", board.get("architecture")),
        ("C library", " ".join(filter(None, [libc.get("name"), libc.get("version")]))),
        ("kernel", key.get("kernel")),
        ("driver", key.get("driver")),
        ("L4T", key.get("l4t")),
        ("CANN", key.get("cann")),
        ("accelerators", "; ".join(devices)),
        ("not usable", "; ".join(unusable)),
        ("Python", ", ".join(python["version"] for python in board.get("pythons") or [])),
        ("workload's user", workload.get("name")),
        ("torch_root", state.get("root")),
    ]
    return [[label, _short(value)] for label, value in pairs if value not in (None, "")]


def _conditions(found: t.Mapping[str, t.Any]) -> list[list[str]]:
    pairs = []
    if "load" in found:
        pairs.append(["load before the checks", f"{found['load']:.0%} of the cores"])
    if "temperature" in found:
        pairs.append(
            [
                "temperature before and after",
                " and ".join(f"{one:.0f} \N{DEGREE SIGN}C" for one in found["temperature"]),
            ]
        )
    if "peak_memory" in found:
        pairs.append(["memory of the checks", f"{found['peak_memory'] // MIB} MiB"])
    return pairs


def _diagnosis(found: t.Any) -> dict[str, t.Any] | None:
    if not isinstance(found, dict):
        return None
    evidence = found.get("evidence")
    lines = evidence if isinstance(evidence, (list, tuple)) else [] if evidence is None else [evidence]
    return {
        **{name: one_line(found.get(name) or "") for name in ("id", "cause", "fix", "confidence", "repair")},
        "evidence": [_short(line) for line in lines][:20],
    }


def _short(value: t.Any) -> t.Any:
    """A number or a truth as it is, anything else as one line of text."""
    if value is None or isinstance(value, (bool, int, float)):
        return value
    return _one_line(value) if isinstance(value, str) else one_line(value, LONGEST)


@functools.lru_cache(4096)
def _one_line(text: str) -> str:
    # The names of checks and the versions of packages come again with every board.
    return one_line(text, LONGEST)
