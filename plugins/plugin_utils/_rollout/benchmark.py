# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How fast boards compute whole networks: the timings that verdicts of level deep have, as a table and as CSV.

Pure functions.
"""

from __future__ import annotations

import csv
import io
import re
import statistics
import typing as t

COLUMNS = (
    "host",
    "model",
    "power_mode",
    "torch",
    "network",
    "device",
    "images_per_second",
    "first_image_seconds",
    "of_median",
    "load",
    "celsius_before",
    "celsius_after",
    "peak_memory_mib",
)


def list_results(statuses: t.Mapping[str, dict[str, t.Any]]) -> list[dict[str, t.Any]]:
    """A dictionary with COLUMNS for each board, network and device; what is not known is None.

    of_median compares with the boards of the same model, power mode and torch, and is None if there are no others.
    """
    results = [result for host, status in statuses.items() if status["verdict"] for result in _results_of(host, status)]
    groups: dict[tuple, list[float]] = {}
    for result in results:
        groups.setdefault(_alike(result), []).append(result["images_per_second"])
    for result in results:
        peers = groups[_alike(result)]
        if len(peers) > 1:
            result["of_median"] = round(result["images_per_second"] / statistics.median(peers), 2)
    return sorted(results, key=lambda result: (_alike(result), -result["images_per_second"]))


def _alike(result: dict[str, t.Any]) -> tuple[str, ...]:
    return tuple(str(result[name]) for name in ("network", "device", "model", "power_mode", "torch"))


def _results_of(host: str, status: dict[str, t.Any]) -> t.Iterator[dict[str, t.Any]]:
    board, verdict = status["board"] or {}, status["verdict"]
    conditions = verdict.get("conditions") or {}
    before, after = conditions.get("temperature", (None, None))
    memory = conditions.get("peak_memory")
    for name, seconds in sorted((verdict.get("timings") or {}).items()):
        match = re.fullmatch(r"(\w+?)(?<!_first)_image_(\w+)", name)
        if match and seconds:
            network, device = match.groups()
            yield {
                "host": host,
                "model": board.get("model"),
                "power_mode": (board.get("platform") or {}).get("power_mode"),
                "torch": verdict["torch"],
                "network": network,
                "device": device,
                "images_per_second": round(1 / seconds, 2),
                "first_image_seconds": verdict["timings"].get(f"{network}_first_image_{device}"),
                "of_median": None,
                "load": conditions.get("load"),
                "celsius_before": before,
                "celsius_after": after,
                "peak_memory_mib": memory and memory >> 20,
            }


def csv_text(results: list[dict[str, t.Any]]) -> str:
    """All results, one line each, for a plot."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(results)
    return stream.getvalue()


def table_lines(results: list[dict[str, t.Any]]) -> list[str]:
    """The results for the terminal."""
    shown = ("network", "device", "model", "power_mode", "host", "images_per_second", "of_median", "celsius_after")
    heads = ("network", "device", "model", "power mode", "board", "images/s", "of median", "Celsius")
    rows = [heads, *(tuple(_cell(result[name]) for name in shown) for result in results)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(heads))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    lines.insert(1, "  ".join("-" * width for width in widths))
    return lines


def _cell(value: t.Any) -> str:
    return "-" if value is None else str(value)[:40]
