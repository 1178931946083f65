# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The settings of uv on the control node: variables UV_*, and uv.toml of the user and of the system."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

try:
    import tomllib
except ImportError:  # Python 3.10
    try:
        import tomli as tomllib
    except ImportError:
        tomllib = None

# Passed to uv unchanged; https://docs.astral.sh/uv/reference/environment/.
PASSED = (
    "UV_HTTP_TIMEOUT",
    "UV_HTTP_CONNECT_TIMEOUT",
    "UV_HTTP_RETRIES",
    "UV_REQUEST_TIMEOUT",
    "UV_CONCURRENT_DOWNLOADS",
)
_INDEX = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS", "UV_NO_INDEX")
# Settings that choose packages are ignored: the plan chooses.
_UNUSED = (
    "UV_CONSTRAINT",
    "UV_OVERRIDE",
    "UV_EXCLUDE",
    "UV_EXCLUDE_NEWER",
    "UV_PRERELEASE",
    "UV_RESOLUTION",
    "UV_INDEX_STRATEGY",
    "UV_FORK_STRATEGY",
    "UV_OFFLINE",
    "UV_NO_BINARY",
    "UV_NO_BINARY_PACKAGE",
    "UV_NO_SOURCES",
    "UV_REQUIRE_HASHES",
    "UV_TORCH_BACKEND",
    "UV_PROJECT",
    "UV_GITHUB_TOKEN",
)
_INDEX_KEYS = ("index", "index-url", "extra-index-url", "find-links", "no-index")
_UNUSED_KEYS = (
    "constraint-dependencies",
    "override-dependencies",
    "exclude-newer",
    "prerelease",
    "resolution",
    "index-strategy",
    "no-binary",
    "no-binary-package",
    "offline",
    "dependency-metadata",
    "torch-backend",
)


class UvSettings(NamedTuple):
    """The settings for reaching an index."""

    default: str | None
    extra: list[str]
    links: list[str]
    no_index: bool
    insecure: list[str]
    keyring: str | None
    proxy: str | None
    names: list[str]  # which settings say where packages come from
    ignored: list[str]
    passed: dict[str, str]


def is_true(text: Any) -> bool:
    return str(text).lower() in ("1", "true", "yes", "on", "y", "t")


def uv_settings(environ: Mapping[str, str]) -> UvSettings:
    paths = _config_files(environ)  # the strongest first, as uv reads them
    files = {path: _read_file(path) for path in paths if tomllib}
    given = {name: value for name, value in environ.items() if name.startswith("UV_") and value}
    default = given.get("UV_DEFAULT_INDEX") or given.get("UV_INDEX_URL") or _first(map(_default_of, files.values()))
    return UvSettings(
        default=default and _index_url(default, given),
        extra=[
            *(_index_url(place, given) for place in given.get("UV_INDEX", "").split()),
            *given.get("UV_EXTRA_INDEX_URL", "").split(),
            *(place for file in files.values() for place in _extra_of(file)),
        ],
        links=[
            *filter(None, given.get("UV_FIND_LINKS", "").split(",")),
            *(place for file in files.values() for place in file.get("find-links", [])),
        ],
        no_index=is_true(given.get("UV_NO_INDEX", "")) or any(file.get("no-index") is True for file in files.values()),
        insecure=[
            *(
                host
                for file in files.values()
                for host in file.get("allow-insecure-host", file.get("trusted-host", []))
            ),
            *given.get("UV_INSECURE_HOST", "").split(),
        ],
        keyring=given.get("UV_KEYRING_PROVIDER") or _first(file.get("keyring-provider") for file in files.values()),
        proxy=_first(file.get("https-proxy") or file.get("http-proxy") for file in files.values()),
        names=[
            *(name for name in _INDEX if name in given),
            *(f"{key} of {path}" for path, file in files.items() for key in _INDEX_KEYS if file.get(key)),
        ],
        ignored=[
            *(f"{path} (tomli is not installed for this Python)" for path in paths if not tomllib),
            *(f"{key} of {path}" for path, file in files.items() for key in _UNUSED_KEYS if file.get(key)),
            *(name for name in _UNUSED if name in given),
        ],
        passed={name: given[name] for name in PASSED if name in given},
    )


def _first(values: Iterable[str | None]) -> str | None:
    return next(filter(None, values), None)


def _config_files(environ: Mapping[str, str]) -> list[Path]:
    if is_true(environ.get("UV_NO_CONFIG", "")):
        return []
    if environ.get("UV_CONFIG_FILE"):
        return [Path(environ["UV_CONFIG_FILE"])]
    home = Path(environ.get("HOME") or Path.home())
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "uv" / "uv.toml"
    system = [
        Path(folder) / "uv" / "uv.toml" for folder in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    ] + [Path("/etc/uv/uv.toml")]
    return [path for path in [user, next((path for path in system if path.is_file()), None)] if path and path.is_file()]


def _read_file(path: Path) -> dict[str, Any]:
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"uv's configuration {path} cannot be read: {error}") from error
    return {**content.pop("pip", {}), **content}


def _indexes_of(file: dict[str, Any]) -> list[dict[str, Any]]:
    return [entry for entry in file.get("index", []) if isinstance(entry, dict) and entry.get("url")]


def _default_of(file: dict[str, Any]) -> str | None:
    return _first(entry["url"] for entry in _indexes_of(file) if entry.get("default")) or file.get("index-url")


def _extra_of(file: dict[str, Any]) -> list[str]:
    extra = [entry["url"] for entry in _indexes_of(file) if not entry.get("default") and not entry.get("explicit")]
    return [*extra, *file.get("extra-index-url", [])]


def _index_url(place: str, given: Mapping[str, str]) -> str:
    """The URL of an index. A name before it is only good for credentials in variables of their own."""
    name, sign, url = place.partition("=")
    if not sign or "/" in name:
        return place
    word = "".join(letter if letter.isalnum() else "_" for letter in name).upper()
    user, password = given.get(f"UV_INDEX_{word}_USERNAME"), given.get(f"UV_INDEX_{word}_PASSWORD")
    scheme, has_scheme, rest = url.partition("://")
    if not (user or password) or not has_scheme or "@" in rest.split("/")[0]:
        return url
    return f"{scheme}://{urllib.parse.quote(user or '', '')}:{urllib.parse.quote(password or '', '')}@{rest}"
