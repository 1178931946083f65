# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Errors in a catalogue or a request, and the nearest right word."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable
from typing import Any, NoReturn

from ansible.errors import AnsibleFilterError


def fail(message: str) -> NoReturn:
    raise AnsibleFilterError(message)


def expect(fits: bool, what: str, value: Any, expected: str) -> None:
    """Fail unless the value fits."""
    if not fits:
        fail(f"{what} is {value!r}, it must be {expected}.")


def expect_known(where: str, noun: str, names: Iterable[Any], known: Collection[str], has: str = "known are") -> None:
    """Fail on the first name that is not known."""
    for name in names:
        if name not in known:
            fail(
                f"{where} has the unknown {noun} '{name}'{did_you_mean(name, known) or ';'} {has}: {', '.join(known)}."
            )


def did_you_mean(word: Any, known: Collection[str]) -> str:
    """A question for the end of a message; empty if no known word is near."""
    near = nearest_word(word, known)
    return f"; did you mean {near}?" if near else ""


def nearest_word(word: Any, known: Collection[str], cutoff: float = 0.6) -> str | None:
    near = difflib.get_close_matches(word, known, n=1, cutoff=cutoff) if isinstance(word, str) else []
    return near[0] if near else None
