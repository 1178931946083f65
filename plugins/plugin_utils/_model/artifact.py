# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""An artifact: a wheel, conda package or other file with its URL and hash.

docs/schemas/lock.schema.json describes its keys.
"""

from __future__ import annotations

from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact


def make_artifact(
    filename: str, url: str, sha256: str, name: str | None = None, version: str = "", size: int | None = None
) -> dict[str, Any]:
    """An artifact. Without a name it is a plain file: its name is the file name, and it has no version."""
    return {
        "name": name or filename,
        "version": version,
        "filename": filename,
        "url": redact(url),
        "sha256": sha256,
        "size": size,  # None until it is known: some indexes do not list it
        "unpacked": None,  # the size of a wheel's files, once the wheelhouse has fetched it
    }


KEYS = frozenset(make_artifact("", "", ""))
