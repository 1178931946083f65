# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""URLs: of artifacts, of mirrors, of local files, and the credentials in them."""

from __future__ import annotations

import urllib.parse
import urllib.request
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import MASK


def is_url(value: Any) -> bool:
    """Whether this is a URL of a kind that artifacts are fetched from."""
    if not isinstance(value, str) or any(sign.isspace() for sign in value):
        return False
    try:
        parts = urllib.parse.urlsplit(value)
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and bool(parts.netloc)
        or parts.scheme == "file"
        and parts.path.startswith("/")
    )


def is_below(url: str, place: str) -> bool:
    """Whether a URL is that place or under it; `/a` is not a prefix of `/ab`."""
    place = place.rstrip("/")
    return url.startswith(place) and url[len(place) : len(place) + 1] in ("", "/", "?", "#")


def mirror_url(url: str, mirrors: Mapping[str, str]) -> str:
    """The URL at the mirror with the longest matching prefix; unchanged if none matches."""
    prefix = max(
        (prefix for prefix in mirrors if is_below(url, prefix)),
        key=lambda prefix: len(prefix.rstrip("/")),
        default=None,
    )
    return url if prefix is None else mirrors[prefix].rstrip("/") + url[len(prefix.rstrip("/")) :]


def local_path(location: str) -> Path | None:
    """The path that a file URL or a plain path names; None for a URL of another kind."""
    parts = urllib.parse.urlsplit(location)
    if parts.scheme == "file":
        return Path(urllib.request.url2pathname(parts.path))
    return Path(location).expanduser().absolute() if not parts.scheme else None


def credentials_of(locations: Iterable[str]) -> dict[str, tuple[str, str]]:
    """By host, user and password of each URL that has them."""
    credentials = {}
    for location in locations:
        user_information, at, host = urllib.parse.urlsplit(location).netloc.rpartition("@")
        if at and user_information != MASK:
            user, _colon, password = user_information.partition(":")
            credentials[host] = (urllib.parse.unquote(user), urllib.parse.unquote(password))
    return credentials
