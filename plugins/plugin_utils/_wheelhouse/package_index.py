# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Package indexes: what simple indexes and find-links places list, read with pip's configuration."""

from __future__ import annotations

import datetime
import functools
import http.client
import json
import os
import re
import shutil
import ssl
import subprocess
import threading
import time
import urllib.error
import urllib.parse
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from ansible.module_utils.urls import ConnectionError as AnsibleConnectionError
from ansible.module_utils.urls import open_url
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import MASK, redact

from .._base.packaging_shim import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from .._base.urls import credentials_of, local_path
from .pip_config import (
    Configuration,
    Source,
    pip_configuration,
)

AGENT = "edgeai.fleet"
_NOT_ASKED = 403  # as a host that refuses: another try does not help
_ACCEPT = "application/vnd.pypi.simple.v1+json, text/html;q=0.2, application/vnd.pypi.simple.v1+html;q=0.2"
_NETWORK_ERRORS = (OSError, http.client.HTTPException, ValueError, AnsibleConnectionError)
# ansible-core installs its opener (certificates, credentials) process-wide before it opens a URL: only one thread opens
# a URL at a time, so that a trusted host's relaxed check is not used for another's. Bodies are read outside the lock.
_OPENING = threading.Lock()


class SourceDown(Exception):
    """A source that could not be read; the text says why."""

    def __init__(self, why: str, status: int | None = None) -> None:
        super().__init__(why)
        self.status = status  # of HTTP

    @property
    def is_temporary(self) -> bool:
        """Whether another try may help."""
        return self.status is None or self.status >= 500


def _with_token(url: str, tokens: Mapping[str, str]) -> str:
    place = max((place for place in tokens if MASK in url and url.startswith(place)), key=len, default=None)
    return url if place is None else tokens[place] + url[len(place) :]


class _Socket(ssl.SSLSocket):
    """A host with TLS 1.3 that wants a client certificate says so after the handshake, and hangs up. A request that is
    sent later fails with "Broken pipe", which names no cause: the cause is still to be read.
    """

    def sendall(self, data: Any, flags: int = 0) -> None:
        with suppress(BrokenPipeError, ConnectionResetError):
            super().sendall(data, flags)


@contextmanager
def _process_settings(configuration: Configuration) -> Iterator[None]:
    """urllib knows proxies by variables only, OpenSSL a folder of certificates; open_url makes its own TLS context.

    They are changed under the lock, and only until a response is open.
    """
    wanted = {
        name: value
        for name, value in configuration.as_variables().items()
        if name.lower().endswith("_proxy") or name == "SSL_CERT_DIR"
    }
    before = {name: os.environ[name] for name in wanted if name in os.environ}
    os.environ.update(wanted)
    usual, ssl.SSLContext.sslsocket_class = ssl.SSLContext.sslsocket_class, _Socket
    try:
        yield
    finally:
        ssl.SSLContext.sslsocket_class = usual
        for name in wanted:
            del os.environ[name]
        os.environ.update(before)


def _from_keyring(parts: urllib.parse.SplitResult, host: str, configuration: Configuration) -> tuple[str, str] | None:
    """From the program keyring, asked as pip asks it: for the index, then the host, with the user in the URL."""
    user = (
        urllib.parse.unquote(parts.netloc.rpartition("@")[0].partition(":")[0])
        or configuration.credentials.get(host, ("", ""))[0]
    )
    if not configuration.keyring or not user or not shutil.which("keyring"):
        return None
    services = [*(source.location for source in configuration.sources if host in source.location), host]
    for service in dict.fromkeys(map(redact, services)):
        if password := _ask_keyring(service, user):
            return user, password
    return None


@functools.cache
def _ask_keyring(service: str, user: str) -> str:
    """The password; '' for none."""
    try:
        done = subprocess.run(
            ["keyring", "get", service, user],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.rstrip("\n") if done.returncode == 0 else ""


def open_http(url: str, configuration: Configuration, headers: Mapping[str, str]) -> Any:
    """The open response; SourceDown with a readable line if there is none."""
    if configuration.offline:
        raise SourceDown("wheelhouse_offline is true, so nothing is requested", _NOT_ASKED)
    parts = urllib.parse.urlsplit(_with_token(url, configuration.tokens))
    host = parts.netloc.rpartition("@")[2]
    known = credentials_of([url]).get(host) or configuration.credentials.get(host)
    if not known or not known[1]:
        known = _from_keyring(parts, host, configuration) or known
    user, password = known or (None, None)
    for name, path in (("certificate", configuration.cert), ("client certificate", configuration.client_cert)):
        if parts.scheme == "https" and path and not os.access(path, os.R_OK):
            raise SourceDown(f"the {name} {path} of the control node cannot be read")
    try:
        with _OPENING, _process_settings(configuration):
            return open_url(
                urllib.parse.urlunsplit(parts._replace(netloc=host, fragment="")),
                headers=dict(headers),
                timeout=configuration.timeout,
                http_agent=AGENT,
                client_cert=configuration.client_cert,
                ca_path=None if configuration.cert and os.path.isdir(configuration.cert) else configuration.cert,
                validate_certs=not {host, parts.hostname}.intersection(configuration.trusted_hosts),
                url_username=user,
                url_password=password,
                force_basic_auth=user is not None,
            )
    except urllib.error.HTTPError as error:
        # urllib's message about a redirect has three lines.
        is_redirect = 300 <= error.code < 400
        why = ": its redirects form a loop or have no target" if is_redirect else f" ({error.reason})"
        raise SourceDown(f"it answered HTTP {error.code}{why}", error.code) from error
    except _NETWORK_ERRORS as error:
        raise SourceDown(_error_text(getattr(error, "reason", None) or error, host)) from error


def _error_text(error: Any, host: str) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return f"the certificate of {host} is not trusted: {error.verify_message or error}"
    return redact(str(error) or type(error).__name__)


def read_body(response: Any, size: int = -1) -> bytes:
    try:
        return response.read(size)
    except _NETWORK_ERRORS as error:
        raise SourceDown(f"the connection broke: {error or type(error).__name__}") from error


def _listed_file(
    filename: str,
    url: str,
    sha256: str | None = None,
    size: int | None = None,
    requires_python: str | None = None,
    yanked: bool = False,
    uploaded: str | None = None,
) -> dict[str, Any]:
    """A file as an index or a folder lists it; None where it does not say."""
    return {
        "filename": filename,
        "url": url,
        "sha256": sha256,
        "size": size,
        "requires_python": requires_python,
        "yanked": yanked,
        "uploaded": uploaded,
    }


class _Links(HTMLParser):
    """The anchors of a PEP 503 page."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self.base = base
        self.files: list[dict[str, Any]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "base" and values.get("href"):
            self.base = urllib.parse.urljoin(self.base, str(values["href"]))
        elif tag == "a" and values.get("href"):
            url, fragment = urllib.parse.urldefrag(urllib.parse.urljoin(self.base, str(values["href"])))
            self.files.append(
                _listed_file(
                    filename=urllib.parse.unquote(urllib.parse.urlsplit(url).path.rpartition("/")[2]),
                    url=url,
                    sha256=fragment[len("sha256=") :] if fragment.startswith("sha256=") else None,
                    requires_python=values.get("data-requires-python") or None,
                    yanked="data-yanked" in values,
                )
            )


_SIGN_IN = re.compile(r'\b(?:sign|log)[ -]?(?:in|on)\b|type=["\']?password', re.IGNORECASE)


def _parse_html(text: str, base: str) -> list[dict[str, Any]]:
    page = _Links(base)
    page.feed(text)
    # A sign-in page may come instead of a refusal; it must not be taken for an index without that project.
    if _SIGN_IN.search(text) and not any(project_of(file["filename"]) for file in page.files):
        raise SourceDown("it answered with a sign-in page instead of a package index")
    return page.files


def _parse_json(text: str, base: str) -> list[dict[str, Any]]:
    try:
        return [
            _listed_file(
                entry["filename"],
                urllib.parse.urljoin(base, entry["url"]),
                entry.get("hashes", {}).get("sha256"),
                entry.get("size"),
                entry.get("requires-python"),
                bool(entry.get("yanked")),
                str(entry["upload-time"]) if entry.get("upload-time") else None,
            )
            for entry in json.loads(text)["files"]
        ]
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceDown(f"its answer is not a simple index: {error!r}") from error


def project_of(filename: str) -> str | None:
    """The normalized project of a wheel or source archive; None for anything else."""
    try:
        return canonicalize_name(
            (parse_wheel_filename if filename.endswith(".whl") else parse_sdist_filename)(filename)[0]
        )
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None


def _read_local(source: Source, project: str, path: Path) -> list[dict[str, Any]]:
    try:
        if source.kind == "links" and path.is_dir():
            files = [file for file in sorted(path.iterdir()) if file.is_file()]
            return [_listed_file(file.name, file.as_uri(), size=file.stat().st_size) for file in files]
        if source.kind == "links":
            return _parse_html(path.read_text("utf-8"), path.as_uri())
        if not path.is_dir():
            raise SourceDown("there is no such folder")
        page = path / project / "index.html"
        return _parse_html(page.read_text("utf-8"), page.as_uri()) if page.is_file() else []
    except OSError as error:
        raise SourceDown(f"{error.strerror or error}") from error


def _read_http(source: Source, project: str, configuration: Configuration) -> list[dict[str, Any]]:
    url = source.location if source.kind == "links" else f"{source.location.rstrip('/')}/{project}/"
    tries_left = 1
    while True:
        try:
            with open_http(url, configuration, {"Accept": _ACCEPT}) as response:
                text = read_body(response).decode("utf-8", "replace")
                parse = _parse_json if "json" in response.headers.get("Content-Type", "") else _parse_html
                return parse(text, response.geturl())
        except SourceDown as down:
            if down.status == 404 and source.kind == "index":  # the index does not have the project
                return []
            if not tries_left or not down.is_temporary:
                raise
            tries_left -= 1
            time.sleep(0.5)


def list_files(source: Source, project: str, configuration: Configuration | None = None) -> list[dict[str, Any]]:
    """The files that a source lists of a project. SourceDown if it does not answer."""
    project = canonicalize_name(project)
    path = local_path(source.location)
    files = (
        _read_local(source, project, path)
        if path is not None
        else _read_http(source, project, configuration or pip_configuration())
    )
    return [entry for entry in files if project_of(entry["filename"]) == project]


class Sources:
    """The sources of one run. Each is read once per project; one that is down is remembered and skipped."""

    def __init__(self, configuration: Configuration | None = None) -> None:
        self.configuration = configuration or pip_configuration()
        self.now = datetime.datetime.now(datetime.timezone.utc)  # one moment for all plans of the run
        self.down: dict[str, str] = {}  # source without credentials -> why
        self._answers: dict[tuple[Source, str], list[dict[str, Any]]] = {}
        self._locks: dict[Source, threading.Lock] = {}

    def sources_of(self, place: str) -> list[Source]:
        """The sources that an entry of a plan's `sources` names."""
        return list(self.configuration.sources) if place == "configured" else [Source.parse(place)]

    def files_of(self, source: Source, project: str) -> list[dict[str, Any]] | None:
        """The source's files of the project; None if it is down."""
        with self._locks.setdefault(source, threading.Lock()):  # setdefault of a dict is atomic
            if str(source) not in self.down and (source, project) not in self._answers:
                try:
                    self._answers[source, project] = list_files(source, project, self.configuration)
                except SourceDown as down:
                    self.down[str(source)] = str(down)
            return None if str(source) in self.down else self._answers[source, project]

    def usable_sources(self) -> list[Source]:
        """The configured sources that answer."""
        return [source for source in self.configuration.sources if self.files_of(source, "pip") is not None]
