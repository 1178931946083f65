# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What the control node's pip would use, and uv where pip says nothing: indexes, certificates, proxy."""

from __future__ import annotations

import configparser
import os
import re
import sys
import urllib.parse
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import MASK, redact

from .._base.urls import credentials_of, local_path
from .uv_config import is_true, uv_settings

PYPI = "https://pypi.org/simple"


TIMEOUT = 15


# Options of pip that choose packages are ignored: the plan chooses, and torch_constraints limits it.
_UNUSED = (
    "constraint",
    "pre",
    "no-binary",
    "only-binary",
    "prefer-binary",
    "require-hashes",
    "requirement",
    "retries",
    "use-deprecated",
    "uploaded-prior-to",
)


class Source(NamedTuple):
    """A simple index (one page per project) or a find-links place (one page or folder for all)."""

    kind: str  # 'index' | 'links'
    location: str  # as configured: a URL, perhaps with credentials, or a path

    @classmethod
    def parse(cls, location: str) -> Source:
        """A source of a plan: a URL or path; its kind is detected."""
        folder = local_path(location)
        if folder is not None:
            flat = folder.is_dir() and any(entry.suffix == ".whl" for entry in folder.iterdir())
            return cls("links" if flat else "index", location)
        return cls("links" if urllib.parse.urlsplit(location).path.endswith(".html") else "index", location)

    @property
    def url(self) -> str:
        folder = local_path(self.location)
        return folder.as_uri() if folder is not None else self.location

    def __str__(self) -> str:
        return redact(self.location)


@dataclass(frozen=True)
class Configuration:
    """The settings of the control node's pip, and of uv where pip has none."""

    sources: tuple[Source, ...] = (Source("index", PYPI),)
    cert: str | None = None
    trusted_hosts: tuple[str, ...] = ()
    credentials: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # 'host:port' -> (user, password)
    proxy: str | None = None
    client_cert: str | None = None  # a PEM file with key and certificate
    keyring: bool = False  # whether the program keyring is asked for passwords
    timeout: float = TIMEOUT
    # URL without its token, as locks have it -> with the token in its path or query
    tokens: Mapping[str, str] = field(default_factory=dict)
    passed: Mapping[str, str] = field(default_factory=dict)  # variables that uv gets as they are
    ignored: tuple[str, ...] = ()  # settings that say something about packages, and are not used
    offline: bool = False  # nothing is requested from any host

    def as_variables(self) -> dict[str, str]:
        """The variables with which other programs (uv, rattler, keyring) reach the same hosts."""
        variables = {
            **{
                name: self.proxy for word in ("http_proxy", "https_proxy", "all_proxy") for name in (word, word.upper())
            },
            "SSL_CERT_DIR" if self.cert and os.path.isdir(self.cert) else "SSL_CERT_FILE": self.cert,
            "SSL_CLIENT_CERT": self.client_cert,
        }
        return {name: value for name, value in variables.items() if value}


def _configuration_files(environ: Mapping[str, str], prefix: str) -> list[Path]:
    """pip's own files, the weakest first (pip's documentation, "Configuration", "Precedence / Override order")."""
    named = environ.get("PIP_CONFIG_FILE")
    if named == os.devnull:
        return []
    home = Path(environ.get("HOME") or Path.home())
    system = (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep)
    user = [home / ".pip", Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip"]
    return [
        *(Path(folder) / "pip" / "pip.conf" for folder in system),
        Path("/etc/pip.conf"),
        # A named file replaces the user's.
        *(folder / "pip.conf" for folder in user if not (named and os.path.exists(named))),
        Path(prefix) / "pip.conf",
        *([Path(named)] if named else []),
    ]


def _read_options(environ: Mapping[str, str], prefix: str) -> dict[str, str]:
    merged: dict[str, dict[str, str]] = {"global": {}, "install": {}}
    for path in _configuration_files(environ, prefix):
        parser = configparser.RawConfigParser()
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, OSError, UnicodeDecodeError) as error:
            raise ValueError(f"pip's configuration {path} cannot be read: {error}") from error
        for section, found in merged.items():
            if parser.has_section(section):
                found.update((name.replace("_", "-"), value) for name, value in parser.items(section))
    variables = {
        name[4:].lower().replace("_", "-"): value
        for name, value in environ.items()
        if name.startswith("PIP_") and value
    }
    return {**merged["global"], **merged["install"], **variables}


def pip_configuration(environ: Mapping[str, str] | None = None, prefix: str | None = None) -> Configuration:
    """What `pip install` of this interpreter would use: indexes, find-links, certificates, proxy; uv's settings where
    pip has none.

    Indexes: if pip has a default index (index-url, no-index), uv's indexes are ignored; otherwise uv's default index
    and the extra indexes of both are used.
    """
    environ = os.environ if environ is None else environ
    options = _read_options(environ, prefix or sys.prefix)
    uv = uv_settings(environ)
    links, extra = options.get("find-links", "").split(), options.get("extra-index-url", "").split()
    default, no_index = options.get("index-url"), is_true(options.get("no-index", ""))
    ignored = [f"{name} of pip" for name in _UNUSED if options.get(name)] + uv.ignored
    if not default and not no_index:
        default, no_index = uv.default, uv.no_index
        links, extra = [*links, *uv.links], [*uv.extra, *extra]
    elif {*filter(None, [uv.default]), *uv.extra, *uv.links} - {default, *extra, *links}:
        ignored += [f"{name} (the index of pip's configuration wins)" for name in uv.names]
    places = [Source("links", place) for place in links]
    if not no_index:
        places = [Source("index", place) for place in dict.fromkeys([default or PYPI, *extra])] + places
    proxy = options.get("proxy") or uv.proxy
    if proxy and "://" not in proxy:
        proxy = f"http://{proxy}"
    if proxy and not proxy.startswith(("http://", "https://")):
        ignored.append(f"the proxy {redact(proxy)} (only HTTP proxies are supported)")
        proxy = None
    return Configuration(
        sources=tuple(dict.fromkeys(places)),
        cert=options.get("cert") or environ.get("REQUESTS_CA_BUNDLE") or environ.get("SSL_CERT_FILE") or None,
        trusted_hosts=tuple(dict.fromkeys([*options.get("trusted-host", "").split(), *uv.insecure])),
        credentials=credentials_of(place.location for place in places),
        tokens=tokens_of(place.location for place in places),
        proxy=proxy,
        client_cert=options.get("client-cert") or environ.get("SSL_CLIENT_CERT") or None,
        keyring=(options.get("keyring-provider") or uv.keyring) in ("subprocess", "import"),
        timeout=_parse_seconds(
            options.get("timeout") or options.get("default-timeout") or environ.get("UV_HTTP_TIMEOUT")
        ),
        passed=uv.passed,
        ignored=tuple(ignored),
    )


def _parse_seconds(text: str | None) -> float:
    try:
        return max(float(text or TIMEOUT), 1)
    except ValueError:
        return TIMEOUT


def tokens_of(locations: Iterable[str]) -> dict[str, str]:
    """What `redact` removes from these URLs besides user and password: it is in no lock or record, but is needed to
    fetch.
    """
    found = {}
    for location in locations:
        parts = urllib.parse.urlsplit(location)
        without_user = parts._replace(netloc=parts.netloc.rpartition("@")[2])
        shown, real = redact(location), urllib.parse.urlunsplit(without_user)
        at = shown.find(MASK)
        if at < 0 or shown[:at] != real[:at]:
            continue
        found[shown] = real
        # A token in the path gives access to everything below it, also to the files that the index links to.
        if "?" not in shown[:at]:
            found[shown[:at] + MASK] = real[:at] + re.split("[/?#]", real[at:], maxsplit=1)[0]
    return found
