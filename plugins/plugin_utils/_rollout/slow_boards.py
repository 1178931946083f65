# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Boards that are much slower than their peers or than before: throttled, worn out, or busy with other work.

Pure functions on the timings of verdicts.
"""

from __future__ import annotations

import re
import statistics
import typing as t

#: How many times the timing of its peers, or its earlier timing, is slow.
SLOW = 1.5
#: What was measured once (an import, a first kernel) depends on caches and on what else the board did in that moment;
#: these are the fastest of many.
REPEATED = re.compile(r"(?:matmul|convolution|\w+?(?<!_first)_image)_")
#: Below this many seconds a timing is mostly noise.
NOISE = 0.005
#: A median of fewer boards says little.
PEERS = 2


def find_slow_boards(statuses: t.Mapping[str, dict[str, t.Any]]) -> dict[str, list[str]]:
    """A sentence for each slow timing of each board; boards without a slow timing are left out."""
    slow: dict[str, list[str]] = {host: [] for host in statuses}
    groups: dict[tuple, list[str]] = {}
    for host, status in statuses.items():
        verdict = status["verdict"]
        if status["board"] and verdict and verdict["satisfied"] and verdict.get("timings"):
            alike = (status["board"]["model"], verdict["outcome"], verdict["torch"], verdict["level"])
            groups.setdefault(alike, []).append(host)
            slow[host] += _against_the_past(status["board"], verdict)
    for (model, *_rest), hosts in groups.items():
        for host in hosts:
            peers = [statuses[other]["verdict"]["timings"] for other in hosts if other != host]
            if len(peers) >= PEERS:
                slow[host] += _against_peers(statuses[host]["verdict"]["timings"], peers, model)
    for host, sentences in slow.items():
        slow[host] = [sentence + _conditions(statuses[host]["verdict"]) for sentence in sentences]
    return {host: sentences for host, sentences in slow.items() if sentences}


def _against_peers(timings: dict[str, float], peers: list[dict[str, float]], model: str | None) -> t.Iterator[str]:
    for name, seconds in sorted(timings.items()):
        others = [timing[name] for timing in peers if _is_usable(timing.get(name))]
        if len(others) >= PEERS and _is_slow(name, seconds, statistics.median(others)):
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
        if _is_usable(then) and _is_slow(name, seconds, then):
            yield (
                f"{name} took {seconds:.3f} s, {seconds / then:.1f} times its recorded timing ({then:.3f} s on"
                f" {record.get('recorded')})"
            )


def _is_usable(seconds: t.Any) -> t.TypeGuard[float]:
    # A state record comes from the board and may contain any value.
    return isinstance(seconds, (int, float)) and not isinstance(seconds, bool) and seconds > 0


def _is_slow(name: str, seconds: t.Any, usual: float) -> bool:
    return bool(REPEATED.match(name)) and _is_usable(seconds) and seconds > SLOW * max(usual, NOISE)


def _conditions(verdict: dict[str, t.Any]) -> str:
    """What may be the reason: how busy and how hot the board was."""
    found = verdict.get("conditions") or {}
    words = [f"load {found['load']:.0%} of its cores"] if "load" in found else []
    if "temperature" in found:
        words.append(f"{found['temperature'][1]:.0f} degrees Celsius")
    return f"; {', '.join(words)}" if words else ""
