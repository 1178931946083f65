# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Network errors, recognized by the words of OpenSSL, urllib, uv and rattler, and the fix for each kind."""

from __future__ import annotations

import re

MIRRORS = "or name a mirror of it that the control node can reach (torch_mirrors)"

_KINDS = tuple(
    (kind, re.compile("|".join(words), re.IGNORECASE))
    for kind, words in (
        (
            "client-certificate",
            [
                r"certificate[_ ]?required",
                "alert bad certificate",
                "alert certificate",
                r"HTTP 400 \(.*certificate",
                "HTTP 496",
            ],
        ),
        ("file", ["of the control node cannot be read", "NO_CERTIFICATE_OR_CRL_FOUND", "PEM lib", "NO_START_LINE"]),
        ("ca-itself", ["CaUsedAsEndEntity"]),
        ("expired", ["certificate has expired", "invalid peer certificate: Expired", "certificate expired"]),
        ("name", ["Hostname mismatch", "NotValidForName", "not valid for name", "IP address mismatch"]),
        (
            "certificate",
            [
                "CERTIFICATE_VERIFY_FAILED",
                "invalid peer certificate",
                "UnknownIssuer",
                "self.signed certificate",
                "the certificate of .* is not trusted",
            ],
        ),
        (
            "proxy",
            [
                r"HTTP 407",
                r"\(407",
                "407 Proxy",
                "Proxy Authentication",
                "Tunnel connection failed",
                "tunnel error",
                "unsuccessful tunnel",
                "proxy connect",
                "proxy error",
                "proxy authorization",
            ],
        ),
        (
            "credentials",
            [
                r"HTTP 40[13]\b",
                "a sign-in page",
                r"\(40[13] ",
                "401 Unauthorized",
                "403 Forbidden",
                "authentication credentials",
            ],
        ),
        (
            "tls",
            [
                r"\[SSL",
                "SSLError",
                "TLS handshake",
                "HandshakeFailure",
                "wrong version number",
                "UNEXPECTED_EOF",
                "EOF occurred",
                "InvalidContentType",
            ],
        ),
        ("busy", [r"HTTP 429", r"HTTP 5\d\d", "HTTP status server error", r"\(429 ", "Too Many Requests"]),
        (
            "unreachable",
            [
                "Connection refused",
                r"timed? ?out",
                "Name or service not known",
                "Temporary failure in name resolution",
                "nodename nor servname",
                "dns error",
                "No address associated",
                "No route to host",
                "Network is unreachable",
                "Connection reset",
                "error sending request",
                "Failed to fetch",
                "Remote end closed",
                r"client error \(Connect\)",
                "are you offline",
                "connection broke",
                "connection ended",
            ],
        ),
    )
)

_FIXES = {
    "client-certificate": (
        "that host asks for a client certificate: name a PEM file with key and certificate as client-cert in pip's"
        " configuration (or PIP_CLIENT_CERT) of the control node"
    ),
    "file": (
        "correct the path of that file: cert and client-cert of pip's configuration, or PIP_CERT, PIP_CLIENT_CERT,"
        " REQUESTS_CA_BUNDLE, SSL_CERT_FILE"
    ),
    "ca-itself": (
        "that host presents the certificate of a CA itself, which uv never accepts: give it one that this CA has"
        " signed, or name the host as trusted-host in pip's configuration of the control node"
    ),
    "expired": "renew the certificate of that host, or set the clock of the control node",
    "name": (
        "use the host name for which its certificate was made, or trusted-host in pip's configuration of the control"
        " node"
    ),
    "certificate": (
        "name the certificate of your CA as cert in pip's configuration of the control node (pip config set global.cert"
        " FILE, or PIP_CERT), or add it to the certificates of its system (update-ca-certificates)"
    ),
    "proxy": (
        "correct the proxy and its password: proxy in pip's configuration (or PIP_PROXY), or HTTPS_PROXY, and NO_PROXY"
        " for hosts that need no proxy"
    ),
    "credentials": (
        "give the control node's pip a user and a password or token for that host: in the URL of its index, in ~/.netrc"
        " or in a keyring; for a mirror, in torch_mirrors"
    ),
    "tls": (
        "check whether that host and port speak HTTPS, whether a proxy intercepts it (then name its CA as cert in pip's"
        " configuration), and whether it asks for a client certificate (client-cert)"
    ),
    "busy": ("that host, or a proxy before it, is overloaded or broken: try again later, or ask those who run it"),
    "unreachable": (
        "check the name, the port and the network; behind a proxy, set proxy in pip's configuration (or HTTPS_PROXY) of"
        " the control node"
    ),
}


def kind_of(text: str) -> str | None:
    """The kind of network error in a text; None if it is about something else."""
    return next((kind for kind, words in _KINDS if words.search(text)), None)


def fix_for(text: str) -> str:
    """The fix for a place that could not be reached."""
    return f"{_FIXES[kind_of(text) or 'unreachable']}; {MIRRORS}"


def hosts_in(text: str) -> str:
    """The hosts of the URLs in a text, for a message."""
    return ", ".join(dict.fromkeys(re.findall(r'https?://(?:[^/@\s\'"`]*@)?([^/\s\'"`)]+)', text)))
