# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Files of the control node."""

from __future__ import annotations

import contextlib
import os
import re
import tempfile
from pathlib import Path
from typing import Any


def write_atomically(path: Path, content: str | bytes, mode: int = 0o644) -> None:
    """The whole file or none of it, also after a power cut."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            with contextlib.suppress(PermissionError):  # FAT of a stick has no modes
                os.fchmod(descriptor, mode)
            stream.write(content.encode("utf-8") if isinstance(content, str) else content)
            stream.flush()
            os.fsync(descriptor)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


_FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+!~-]*")


def is_file_name(text: Any) -> bool:
    """Whether a text can be the file name of an artifact: no path, not hidden."""
    return isinstance(text, str) and bool(_FILE_NAME.fullmatch(text))
