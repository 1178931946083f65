# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Boards that are far from their peers or from their own past: throttled, worn out, or busy with something else.

Pure functions on the timings of verdicts.
"""

from __future__ import annotations

import statistics
import typing as t

# : How many times as long as its peers, or as before, is far. Imports depend on what the disk has cached, the rest on
# the processor alone.
FAR = {"import": 2.5}
FAR_OTHERWISE = 1.5
#: Below this many seconds a timing is mostly noise.
NOISE = 0.002
#: A median of fewer boards says little.
PEERS = 2


def find(states: t.Mapping[str, dict[str, t.Any]]) -> dict[str, list[str]]:
    """A sentence for each timing of each board that is far off; boards without one are left out."""
    found: dict[str, list[str]] = {}
    groups: dict[tuple, list[str]] = {}
    for host, state in states.items():
        verdict = state["verdict"]
        if state["board"] and verdict and verdict["satisfied"] and verdict.get("timings"):
            alike = (state["board"]["model"], verdict["outcome"], verdict["torch"], verdict["level"])
            groups.setdefault(alike, []).append(host)
            _add(found, host, _against_the_past(state["board"], verdict))
    for (model, *_rest), hosts in groups.items():
        for host in hosts:
            peers = [states[other]["verdict"]["timings"] for other in hosts if other != host]
            if len(peers) >= PEERS:
                _add(found, host, _against_peers(states[host]["verdict"]["timings"], peers, model))
    return found


def _against_peers(timings: dict[str, float], peers: list[dict[str, float]], model: str | None) -> t.Iterator[str]:
    for name, seconds in sorted(timings.items()):
        others = [timing[name] for timing in peers if _usable(timing.get(name))]
        if len(others) >= PEERS and _far(name, seconds, statistics.median(others)):
            median = statistics.median(others)
            yield (
                f"{name} took {seconds:.3f} s, {seconds / median:.1f} times the median of {len(others)} other boards of"
                f" the model {model} ({median:.3f} s)"
            )


def _against_the_past(board: dict[str, t.Any], verdict: dict[str, t.Any]) -> t.Iterator[str]:
    record = board["state"]["record"] or {}
    before = record.get("verdict") or {}
    if before == verdict or (before.get("torch"), before.get("outcome")) != (verdict["torch"], verdict["outcome"]):
        return
    past = before.get("timings")
    for name, seconds in sorted(verdict["timings"].items()):
        then = past.get(name) if isinstance(past, dict) else None
        if _usable(then) and _far(name, seconds, then):
            yield (
                f"{name} took {seconds:.3f} s, {seconds / then:.1f} times what it took when this was recorded"
                f" ({then:.3f} s on {record.get('recorded')})"
            )


def _usable(seconds: t.Any) -> t.TypeGuard[float]:
    # A record comes from the board: it may hold anything.
    return isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds > 0


def _far(name: str, seconds: t.Any, usual: float) -> bool:
    return _usable(seconds) and seconds > NOISE and seconds > FAR.get(name, FAR_OTHERWISE) * max(usual, NOISE)


def _add(found: dict[str, list[str]], host: str, sentences: t.Iterable[str]) -> None:
    told = list(sentences)
    if told:
        found.setdefault(host, []).extend(told)
