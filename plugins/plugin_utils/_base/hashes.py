# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Digests: of texts, of files, and what looks like one."""

from __future__ import annotations

import hashlib
import json
import os
import re
from typing import Any


def canonical_json(value: Any) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def text_digest(text: str, length: int) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:length]


def is_sha256(text: Any) -> bool:
    return isinstance(text, str) and bool(re.fullmatch(r"[0-9a-f]{64}", text))


def sha256_of(path: str | os.PathLike[str]) -> str:
    content = hashlib.sha256()
    with open(path, "rb") as stream:
        while block := stream.read(1 << 20):
            content.update(block)
    return content.hexdigest()
