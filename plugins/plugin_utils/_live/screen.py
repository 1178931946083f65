# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""One screen for the whole fleet, as lines of text with the terminal's colours, by rich."""

from __future__ import annotations

import io
import typing as t

from .._rollout.builders import duration_text
from .fleet_state import SIGNS, Board, Fleet

try:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    HAS_RICH = True
except ImportError:
    HAS_RICH = False

STYLES = {
    "working": "cyan",
    "satisfied": "green",
    "failed": "red",
    "refused": "magenta",
    "unreachable": "yellow",
    "not_started": "dim",
}
#: A fleet up to this size has a line for each board, if the screen is high enough.
EACH = 100
#: Failures with cause and fix below the boards.
FAILURES = 4


def render(fleet: Fleet, now: float, width: int, height: int, log: str = "", colours: bool = True) -> list[str]:
    """The lines of a screen of this size; no line is longer, and there are not more."""
    console = Console(
        file=io.StringIO(),
        width=width,
        height=height,
        force_terminal=colours,
        color_system="standard" if colours else None,
        legacy_windows=False,
        highlight=False,
        markup=False,
        emoji=False,
    )
    head = [Text(f"edgeai.fleet  {fleet.head(now)}", "bold"), Text(fleet.count_words())]
    if fleet.gate_reason:
        head.append(Text(fleet.gate_reason, "red"))
    head.append(Text(f"now: {fleet.step}", "dim"))
    foot = [Text(f"Everything that Ansible says: {log}" if log else "Ctrl-C ends the run", "dim")]
    failures = _failure_lines(fleet, max(0, min(3 * FAILURES, (height - len(head) - len(foot)) // 3)))
    room = height - len(head) - len(foot) - len(failures) - 2
    parts: list[t.Any] = [*head, *_board_rows(fleet, now, room, width), *failures, *foot]
    for part in parts:
        console.print(part, no_wrap=True, overflow="ellipsis", crop=True)
    output = t.cast(io.StringIO, console.file).getvalue()
    return output.split("\n")[:-1][:height]


def _board_rows(fleet: Fleet, now: float, room: int, width: int) -> list[t.Any]:
    """A line for each board; of many, a summary by model and the boards that are not idle."""
    boards = list(fleet.boards.values())
    if len(boards) <= min(EACH, room):
        return [_board_table(boards, now, width)]
    models = _model_table(fleet, max(1, room // 3), width)
    left = room - models.row_count - 2
    busy = fleet.busy()
    shown = busy[: max(0, left - 1)]
    parts: list[t.Any] = [models, _board_table(shown, now, width)]
    if len(busy) > len(shown):
        parts.append(Text(f"and {len(busy) - len(shown)} more that are not idle", "dim"))
    return parts


def _board_table(boards: t.Sequence[Board], now: float, width: int) -> Table:
    table = _table(width, (("", 1), ("board", None), ("model", None), ("torch", None), ("time", 7), ("", None)))
    for board in boards:
        time = duration_text(now - board.since) if board.stands == "working" else ""
        style = STYLES.get(board.stands, "")
        table.add_row(
            Text(SIGNS[board.stands], style),
            Text(board.host),
            Text(board.model, "dim"),
            Text(board.torch),
            Text(time),
            Text(board.phase(), style),
        )
    return table


def _model_table(fleet: Fleet, room: int, width: int) -> Table:
    names = [name for name in SIGNS if name != "idle"]
    table = _table(width, (("model", None), ("boards", 6), *((name.replace("_", " "), None) for name in names)))
    groups: dict[str, list[Board]] = {}
    for board in fleet.boards.values():
        groups.setdefault(board.model or "not detected yet", []).append(board)
    rows = sorted(groups.items(), key=lambda group: -len(group[1]))
    for model, boards in rows[: room - 1] if len(rows) > room else rows:
        numbers = [sum(board.stands == name for board in boards) for name in names]
        table.add_row(
            Text(model),
            Text(str(len(boards))),
            *(Text(str(number or ""), STYLES.get(name, "")) for name, number in zip(names, numbers, strict=True)),
        )
    if len(rows) > room:
        table.add_row(Text(f"and {len(rows) - room + 1} more models", "dim"))
    return table


def _table(width: int, columns: t.Iterable[tuple[str, int | None]]) -> Table:
    columns = list(columns)
    stretched = ("", None) in columns
    table = Table(box=None, padding=(0, 1, 0, 0), header_style="dim", width=width if stretched else None)
    for name, size in columns:
        last = name == "" and size is None
        table.add_column(
            name,
            no_wrap=True,
            overflow="ellipsis",
            width=size,
            max_width=None if last else size or max(8, width // 5),
            ratio=1 if last else None,
        )
    return table


def _failure_lines(fleet: Fleet, room: int) -> list[t.Any]:
    """The last failures, the newest last."""
    lines: list[Text] = []
    for failure in reversed(fleet.failures.values()):
        block = [Text.assemble((f"{SIGNS['failed']} {failure.host}: ", "red"), failure.reason)]
        block += [
            Text(f"    {word}: {text}") for word, text in (("cause", failure.cause), ("fix", failure.fix)) if text
        ]
        if len(lines) + len(block) > room:
            break
        lines = [*block, *lines]
    return lines
