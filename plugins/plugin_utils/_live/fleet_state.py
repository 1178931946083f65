# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What the live view knows of a run: from the results of tasks, and from the progress of actions.

No clock and no terminal: times are given. What a board reports is untrusted text; it is kept as single lines.
"""

from __future__ import annotations

import dataclasses
import re
import typing as t

from .._rollout.board_status import one_line
from .._rollout.builders import duration_text
from .._rollout.failures import diagnose_failure, read_failure

MIB = 1 << 20
#: How a board can stand, and the sign of each.
SIGNS = {
    "working": "\N{BLACK RIGHT-POINTING SMALL TRIANGLE}",
    "idle": " ",
    "satisfied": "\N{CHECK MARK}",
    "failed": "\N{BALLOT X}",
    "refused": "\N{CIRCLED DIVISION SLASH}",
    "unreachable": "?",
    "not_started": "\N{HORIZONTAL ELLIPSIS}",
}
#: What a board does during a task of these modules.
DOING = {
    "board_facts": "detecting",
    "torch_env": "installing",
    "conda_env": "installing",
    "torch_verify": "verifying",
    "torch_build": "compiling",
    "swap_space": "making swap",
    "ascend_hdk": "installing driver and firmware",
    "jetson_power": "setting the power mode",
    "builder_container": "making the builder",
    "distcc_helper": "preparing a helper",
}
#: Whose beginning is worth a line.
LOUD = ("torch_env", "torch_verify", "torch_build")
LONGEST = 300


@dataclasses.dataclass
class Board:
    host: str
    model: str = ""
    stands: str = "idle"
    doing: str = ""
    since: float = 0.0
    sent: tuple[int, int] | None = None
    torch: str = ""
    words: str = ""  # how it ended
    judged: str = ""  # how it stands when no task runs on it

    def phase(self) -> str:
        if self.stands != "working":
            return self.words
        if self.sent and self.sent[1]:
            sent, total = self.sent
            return f"sending {sent / MIB:.0f} of {total / MIB:.0f} MiB ({100 * sent // total} %)"
        return self.doing


@dataclasses.dataclass
class Failure:
    host: str
    reason: str
    cause: str = ""
    fix: str = ""


def count_boards(number: int) -> str:
    return f"{number} board{'' if number == 1 else 's'}"


class Fleet:
    """The boards of a run, the gate, and what happened; C(news) are sentences for a terminal without a screen."""

    def __init__(self, hosts: t.Iterable[str], budget: t.Any, rings: t.Sequence[t.Any], started: float) -> None:
        self.boards = {host: Board(host) for host in hosts}
        self.budget = str(budget)
        self.rings = list(rings)
        self.started = started
        self.ring: int | None = None
        self.ring_sizes: dict[int, int] = {}
        self.gate_reason = ""
        self.step = ""  # what the control node does for all
        self.failures: dict[str, Failure] = {}
        self.tables: list[str] = []
        self.news: list[str] = []
        self.detected = 0

    # --- tasks

    def begin_step(self, name: str) -> None:
        self.step = one_line(name, LONGEST)

    def begin_board(self, host: str, module: str, task: str, now: float) -> None:
        """A task begins on a board."""
        if board := self._board(host):
            doing = DOING.get(module) or f"preparing: {task}"
            if board.judged == "satisfied":
                doing = "switching to the new environment" if module == "torch_env" else doing
            elif (board.doing != doing or board.stands != "working") and module in LOUD:
                self._tell(f"{host}: {doing}")
            if board.stands != "working" or board.doing.partition(":")[0] != doing.partition(":")[0]:
                board.since = now
            board.stands, board.doing, board.sent = "working", one_line(doing, LONGEST), None

    def end_board(self, host: str, module: str, result: t.Mapping[str, t.Any]) -> None:
        """A task has ended well on a board."""
        board = self._board(host)
        if not board:
            return
        if board.stands == "working":
            board.stands, board.sent = board.judged or "idle", None
        found = (result.get("ansible_facts") or {}).get("edgeai_board") or result.get("board")
        if module in ("board_facts", "torch_verify") and isinstance(found, dict):
            if not board.model:
                self.detected += 1
            board.model = one_line(found.get("model") or found.get("family") or "unknown model", 60)
        if module == "torch_verify" and isinstance(result.get("verdict"), dict):
            self._judge(board, result["verdict"])

    def fail_board(self, host: str, task: str, result: t.Mapping[str, t.Any], unreachable: bool) -> None:
        board = self._board(host)
        if not board:
            return
        failure = read_failure(result, task)
        diagnosis = diagnose_failure(failure) or {}
        board.stands = board.judged = "unreachable" if unreachable else "failed"
        board.words = one_line(failure["reason"], LONGEST)
        reason = failure["reason"] if unreachable else f"{failure['task']}: {failure['reason']}"
        known = diagnosis.get("id") not in (None, "UNKNOWN")
        self._fail(host, reason, diagnosis if known else {})

    # --- what one task decides for all boards

    def plans(self, result: t.Mapping[str, t.Any]) -> None:
        """The result of fleet_plan."""
        plans, of = result.get("plans") or {}, result.get("boards") or {}
        for host, key in of.items():
            refusal = (plans.get(key) or {}).get("refusal")
            if refusal:
                self._refuse(host, refusal)

    def locks(self, result: t.Mapping[str, t.Any]) -> None:
        """The result of wheelhouse."""
        locks = result.get("locks") or {}
        for host, share in (result.get("boards") or {}).items():
            board = self._board(host)
            if share.get("refusal"):
                self._refuse(host, share["refusal"])
            elif board and share.get("lock"):
                board.torch = one_line((locks.get(share["lock"]) or {}).get("torch") or "", 40)
            elif board and share.get("waiting") and board.stands == "idle":
                board.words = "waits for a build"

    def gate(self, gate: t.Mapping[str, t.Any]) -> None:
        reason = "" if gate.get("open") else one_line(gate.get("reason") or "closed")
        if reason and reason != self.gate_reason:
            self._tell(f"the gate is closed: {reason}")
        self.gate_reason = reason

    def begin_ring(self, number: int) -> None:
        self.ring = number
        size = self.ring_sizes.get(number)
        self._tell(f"ring {number + 1} of {len(self.rings)}" + (f": {count_boards(size)}" if size else ""))

    def assign_ring(self, group: str) -> None:
        """A board was added to this group."""
        if match := re.fullmatch(r"fleet_ring_(\d+)_(\d+)", group):
            number = int(match[2])
            self.ring_sizes[number] = self.ring_sizes.get(number, 0) + 1

    # --- progress of actions

    def progress(self, event: t.Mapping[str, t.Any]) -> None:
        if isinstance(event.get("table"), str):
            self.tables.append(event["table"])
        host, verdict = event.get("host"), event.get("verdict")
        if host is None:
            if event.get("doing"):
                self.step = one_line(event["doing"], LONGEST)
                if not self.step.endswith("%"):  # of a long download, the beginning
                    self._tell(self.step)
            return
        board = self._board(str(host))
        if not board:
            return
        if isinstance(verdict, dict):
            self._judge(board, verdict)
            return
        if event.get("doing"):
            board.doing, board.sent = one_line(event["doing"], LONGEST), None
        if isinstance(event.get("sent"), int) and isinstance(event.get("total"), int):
            board.sent = (event["sent"], event["total"]) if event["sent"] < event["total"] else None

    # --- what is shown

    def counts(self) -> dict[str, int]:
        counts = dict.fromkeys(SIGNS, 0)
        for board in self.boards.values():
            counts[board.stands] += 1
        return counts

    def head(self, now: float) -> str:
        parts = [duration_text(now - self.started)]
        if self.ring is not None:
            size = self.ring_sizes.get(self.ring)
            parts.append(f"ring {self.ring + 1} of {len(self.rings)}" + (f" ({count_boards(size)})" if size else ""))
        failed = sum(board.stands in ("failed", "unreachable") for board in self.boards.values())
        gate = "closed" if self.gate_reason else "open"
        parts.append(f"gate {gate}, {failed} failed, budget {self.budget}")
        return ", ".join(parts)

    def count_words(self) -> str:
        words = [f"{number} {name.replace('_', ' ')}" for name, number in self.counts().items() if number]
        return f"{count_boards(len(self.boards))}: " + ", ".join(words)

    def busy(self) -> list[Board]:
        """The boards of which a line says something: those at work first, then those that failed."""
        order = {"working": 0, "failed": 1, "unreachable": 1, "refused": 2, "not_started": 3}
        shown = [board for board in self.boards.values() if board.stands in order]
        return sorted(shown, key=lambda board: order[board.stands])

    def take_news(self) -> list[str]:
        news, self.news = self.news, []
        return news

    # --- inside

    def _board(self, host: str) -> Board | None:
        return self.boards.get(host)

    def _tell(self, sentence: str) -> None:
        self.news.append(one_line(sentence))

    def _refuse(self, host: str, refusal: t.Mapping[str, t.Any]) -> None:
        board = self._board(host)
        if board and board.stands != "refused":
            board.stands = board.judged = "refused"
            board.words = one_line(refusal.get("reason") or "", LONGEST)
            self._fail(host, f"refused: {refusal.get('reason')}", {"fix": refusal.get("way_out") or ""})

    def _judge(self, board: Board, verdict: t.Mapping[str, t.Any]) -> None:
        outcome, reason = str(verdict.get("outcome")), one_line(verdict.get("reason") or "", LONGEST)
        before = board.judged
        if verdict.get("satisfied"):
            board.stands = "satisfied"
        else:
            board.stands = outcome if outcome in ("refused", "unreachable", "not_started") else "failed"
        board.judged, board.words, board.sent = board.stands, reason, None
        board.torch = one_line(verdict.get("torch") or board.torch, 40)
        if board.stands == "satisfied":
            self.failures.pop(board.host, None)
            if before != "satisfied":
                self._tell(f"{board.host}: {SIGNS['satisfied']} {reason}")
        elif board.host not in self.failures and board.stands != "not_started":
            self._fail(board.host, f"{outcome}: {reason}", verdict.get("diagnosis") or {})

    def _fail(self, host: str, reason: str, diagnosis: t.Mapping[str, t.Any]) -> None:
        failure = Failure(
            host, one_line(reason), one_line(diagnosis.get("cause") or ""), one_line(diagnosis.get("fix") or "")
        )
        self.failures[host] = failure
        more = "".join(f" {word}: {text}" for word, text in (("Cause", failure.cause), ("Fix", failure.fix)) if text)
        self._tell(f"{host}: {SIGNS['failed']} {failure.reason}{more}")
