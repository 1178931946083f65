# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The settings of uv on the control node: variables UV_*, and uv.toml of the user and of the system."""

from __future__ import annotations

import os
import urllib.parse
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

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


@dataclass
class UvSettings:
    """The settings for reaching an index."""

    default: str | None = None
    extra: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    no_index: bool = False
    insecure: list[str] = field(default_factory=list)
    keyring: str | None = None
    proxy: str | None = None
    names: list[str] = field(default_factory=list)  # which settings say where packages come from
    ignored: list[str] = field(default_factory=list)
    passed: dict[str, str] = field(default_factory=dict)


def is_true(text: Any) -> bool:
    return str(text).lower() in ("1", "true", "yes", "on", "y", "t")


def uv_settings(environ: Mapping[str, str]) -> UvSettings:
    found = UvSettings()
    for path in _config_files(environ):  # the strongest first, as uv reads them
        _read_file(path, found)
    _read_variables(environ, found)
    return found


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


def _read_file(path: Path, found: UvSettings) -> None:
    if tomllib is None:
        found.ignored.append(f"{path} (tomli is not installed for this Python)")
        return
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ValueError(f"uv's configuration {path} cannot be read: {error}") from error
    content = {**content.pop("pip", {}), **content}
    indexes = [entry for entry in content.get("index", []) if isinstance(entry, dict) and entry.get("url")]
    default = next((entry["url"] for entry in indexes if entry.get("default")), None) or content.get("index-url")
    found.default = found.default or default
    found.extra += [entry["url"] for entry in indexes if not entry.get("default") and not entry.get("explicit")] + list(
        content.get("extra-index-url", [])
    )
    found.links += list(content.get("find-links", []))
    found.no_index = found.no_index or content.get("no-index") is True
    found.insecure += list(content.get("allow-insecure-host", content.get("trusted-host", [])))
    found.keyring = found.keyring or content.get("keyring-provider")
    found.proxy = found.proxy or content.get("https-proxy") or content.get("http-proxy")
    found.names += [
        f"{key} of {path}"
        for key in ("index", "index-url", "extra-index-url", "find-links", "no-index")
        if content.get(key)
    ]
    found.ignored += [f"{key} of {path}" for key in _UNUSED_KEYS if content.get(key)]


def _read_variables(environ: Mapping[str, str], found: UvSettings) -> None:
    given = {name: value for name, value in environ.items() if name.startswith("UV_") and value}
    found.default = given.get("UV_DEFAULT_INDEX") or given.get("UV_INDEX_URL") or found.default
    # A name before the URL is only good for credentials in variables of their own.
    named = [
        place.partition("=") if not place.split("=")[0].count("/") and "=" in place else ("", "", place)
        for place in given.get("UV_INDEX", "").split()
    ]
    extra = [_with_credentials(name, url, given) for name, _sign, url in named] + given.get(
        "UV_EXTRA_INDEX_URL", ""
    ).split()
    if found.default and "=" in found.default.split("/")[0]:
        name, _sign, url = found.default.partition("=")
        found.default = _with_credentials(name, url, given)
    found.extra = extra + found.extra
    found.links = [place for place in given.get("UV_FIND_LINKS", "").split(",") if place] + found.links
    found.no_index = found.no_index or is_true(given.get("UV_NO_INDEX", ""))
    found.insecure += given.get("UV_INSECURE_HOST", "").split()
    found.keyring = given.get("UV_KEYRING_PROVIDER") or found.keyring
    found.names = [name for name in _INDEX if name in given] + found.names
    found.ignored += [name for name in _UNUSED if name in given]
    found.passed = {name: given[name] for name in PASSED if name in given}


def _with_credentials(name: str, url: str, given: Mapping[str, str]) -> str:
    word = "".join(sign if sign.isalnum() else "_" for sign in name).upper()
    user, password = given.get(f"UV_INDEX_{word}_USERNAME"), given.get(f"UV_INDEX_{word}_PASSWORD")
    if not name or not (user or password) or "://" not in url or "@" in url.split("://", 1)[1].split("/")[0]:
        return url
    scheme, _sign, rest = url.partition("://")
    return f"{scheme}://{urllib.parse.quote(user or '', '')}:{urllib.parse.quote(password or '', '')}@{rest}"
