# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What is wrong in a catalogue or a request, told to who wrote it."""

from __future__ import annotations

import difflib
from collections.abc import Collection
from typing import Any, NoReturn

from ansible.errors import AnsibleFilterError


def fail(message: str) -> NoReturn:
    raise AnsibleFilterError(message)


def meant(word: Any, known: Collection[str]) -> str:
    """A question after the nearest of the known words, if one is near."""
    near = difflib.get_close_matches(word, known, n=1) if isinstance(word, str) else []
    return f"; did you mean {near[0]}?" if near else ""
