# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Rings of boards, and the gate before each."""

from __future__ import annotations

import math
import re
import typing as t

from .board_status import gave_no_answer, has_failed, join_hosts

#: The number of rings that playbooks/parts/rings.yml imports.
MAX_RINGS = 4


class RolloutError(ValueError):
    """The options of the rollout are wrong."""


def share_of(step: t.Any, total: int) -> int:
    """A number ("3", 3) or a percentage ("10%") of a total, as a number of boards, rounded up."""
    text = str(step).strip()
    match = re.fullmatch(r"(\d+(?:\.\d+)?)(%?)", text)
    if not match:
        raise RolloutError(f"{text!r} is neither a number of boards nor a percentage such as '10%'.")
    value = float(match[1])
    return math.ceil(total * value / 100) if match[2] else math.ceil(value)


def assign_rings(statuses: t.Mapping[str, dict[str, t.Any]], steps: t.Sequence[t.Any]) -> list[dict[str, t.Any]]:
    """The ring of each board that needs work: C(host), C(ring).

    Each step is the share of these boards that is done after its ring: C(canary) stands for one board of each family, a
    number or a percentage counts all boards up to and including that ring. The last ring has all other boards.
    """
    if not steps or len(steps) > MAX_RINGS:
        raise RolloutError(
            f"torch_rings has {len(steps)} steps; give 1 to {MAX_RINGS} of them, for example ['canary', '10%', '50%',"
            " '100%']."
        )
    due = [host for host, status in statuses.items() if status["due"] and status["verdict"] is None]
    canaries = list({statuses[host]["plan"]["family"]: host for host in reversed(due)}.values())
    queue = sorted(due, key=lambda host: host not in canaries)
    assigned: list[dict[str, t.Any]] = []
    for number, step in enumerate(steps):
        last = number == len(steps) - 1
        until = len(queue) if last else len(canaries) if step == "canary" else share_of(step, len(queue))
        assigned += [{"host": host, "ring": number} for host in queue[len(assigned) : until]]
    return assigned


def check_gate(statuses: t.Mapping[str, dict[str, t.Any]], budget: t.Any) -> dict[str, t.Any]:
    """Whether the next ring may start: C(open), and the C(reason) if not.

    Boards that are unreachable, gave no usable answer or failed count against the budget. Refused boards and boards
    whose build failed do not: nothing was installed on them.
    """
    failed = [host for host, status in statuses.items() if gave_no_answer(status) or has_failed(status)]
    allowed = (
        math.floor(len(statuses) * float(str(budget)[:-1]) / 100)
        if str(budget).endswith("%")
        else share_of(budget, len(statuses))
    )
    if len(failed) <= allowed:
        return {"open": True, "reason": None}
    return {
        "open": False,
        "reason": (
            f"the rollout stopped before this board: {len(failed)} failed ({join_hosts(failed)}), torch_failure_budget"
            f" allows {allowed}. Fix the failed boards and run again, exclude them (--limit '!{failed[0]}'), or allow"
            f" more failures (-e torch_failure_budget={len(failed)})."
        ),
    }
