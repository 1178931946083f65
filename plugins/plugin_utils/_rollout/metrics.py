# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdicts of a run as metrics for Prometheus, in the text format that node_exporter's textfile collector reads.

The format: https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import typing as t

from .._base.clock import seconds_since_1970

#: Each metric, a gauge, with its help text.
METRICS = {
    "torch_satisfied": "Whether the board has what its plan promises (1) or not (0).",
    "torch_board_seconds": "What the tasks of the run took on the board.",
    "torch_timing_seconds": "What the verdict measured, by its name.",
    "torch_report_timestamp_seconds": "When the run ended, in seconds since 1970.",
}


def render(statuses: t.Mapping[str, dict[str, t.Any]], finished: str) -> str:
    """The file's text. A board that has no verdict in check mode is left out."""
    samples: dict[str, list[str]] = {name: [] for name in METRICS}
    for host, status in statuses.items():
        board, verdict = status["board"] or {}, status["verdict"]
        labels = {"board": host, "model": board.get("model"), "torch": verdict["torch"], "outcome": verdict["outcome"]}
        samples["torch_satisfied"].append(_sample("torch_satisfied", labels, int(bool(verdict["satisfied"]))))
        if status["seconds"] is not None:
            samples["torch_board_seconds"].append(_sample("torch_board_seconds", {"board": host}, status["seconds"]))
        for name, seconds in sorted((verdict["timings"] or {}).items()):
            if isinstance(seconds, (int, float)):
                samples["torch_timing_seconds"].append(
                    _sample("torch_timing_seconds", {"board": host, "timing": name}, seconds)
                )
    samples["torch_report_timestamp_seconds"].append(
        _sample("torch_report_timestamp_seconds", {}, seconds_since_1970(finished))
    )
    lines = []
    for name, help_text in METRICS.items():
        lines += [f"# HELP {name} {help_text}", f"# TYPE {name} gauge", *samples[name]]
    return "\n".join([*lines, ""])


def _sample(name: str, labels: dict[str, t.Any], value: float) -> str:
    shown = ",".join(f'{key}="{_escaped(text)}"' for key, text in labels.items())
    return f"{name}{{{shown}}} {value}" if shown else f"{name} {value}"


def _escaped(text: t.Any) -> str:
    """A label's value: whatever a board says of itself stays inside its quotes, and is UTF-8."""
    text = "" if text is None else str(text).encode("utf-8", "replace").decode("utf-8")
    return text.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
