# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Find secrets, and hide them in texts.

Used by the control node and the boards: standard library only.
"""

import base64
import json
import re

MASK = "********"

# The user information of a URL: all up to the last @ before the path, since a password may contain @. A password with
# /, ? or # breaks the URL, but must be hidden, too. A number like a port is a port, and an @ in the path does not end a
# password
# (git+https://host:8080/x@tag).
_USER = re.compile(r'(?<=://)(?:[^/?#\s"`]+@|[^/?#\s:@"`[]+:(?!\d+[/?#])(?:(?!://)[^\s"`])+@)')
# Tokens in the path, as Anaconda has them: https://host/t/TOKEN/channel. Forums have /t/topic/number, PyPI has
# /source/t/project.
_TOPIC = r"(?![^/\s]+/\d+\b)"
_PATH = re.compile(
    r'(://[^/?#\s"`]+/t/%s|://[^?#\s"`]*(?<!/source)/t/%s(?=[\w-]*\d)(?=[\w-]{20}))[^/?#\s\'"`]+' % (_TOPIC, _TOPIC)
)
_WORDS = (
    "token|key|apikey|password|passwd|passphrase|pwd|secret|signature|sig|credential|credentials|auth|authorization"
    "|pat|sas|jwt"
)
_QUERY = re.compile(
    r'([?&;](?:[\w.-]*[_.-])?(?:%s|[\w.-]*(?:token|apikey|password|secret))=)[^&;#\s\'"`<>]+' % _WORDS, re.IGNORECASE
)
_PAIR = re.compile(r"(^|;)\s*(account_?key|shared_?access_?key|password|pwd|secret|token)\s*=\s*\S", re.IGNORECASE)

_SECRET_WORDS = frozenset(
    [
        "KEY",
        "KEYS",
        "PASS",
        "AUTH",
        "AUTHORIZATION",
        "CREDENTIAL",
        "CREDENTIALS",
        "CRED",
        "CREDS",
        "PAT",
        "SAS",
        "JWT",
        "COOKIE",
        "PIN",
        "BEARER",
        "PWD",
    ]
)
_SECRET_ENDS = (
    "TOKEN",
    "TOKENS",
    "PASSWORD",
    "PASSWORDS",
    "PASSWD",
    "PASSPHRASE",
    "SECRET",
    "SECRETS",
    "APIKEY",
    "ACCESSKEY",
    "SECRETKEY",
    "PRIVATEKEY",
    "DBPASS",
)
# Secrets that are recognized by their form, whatever the variable's name is.
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:Bearer|Basic)"
    r' [\w.~+/=-]{8}|"private_key"|\b(?:hf_|gh[pousr]_|github_pat_|glpat-|pypi-|AKIA)\w{12}'
)
# Values and last words of a name that only say whether there is a secret, or where it is.
_PLAIN = frozenset(["", "0", "1", "true", "false", "yes", "no", "on", "off", "none"])
_PLACES = ("FILE", "PATH", "DIR", "SOCK")


def redact(text, user=""):
    """The text with `user` for the user information of URLs, and with secrets in their queries and paths masked."""
    if "://" not in text:
        return text
    return _PATH.sub(r"\g<1>" + MASK, _QUERY.sub(r"\g<1>" + MASK, _USER.sub(user, text)))


def mask_urls(text):
    """The same, with a mask where something is hidden."""
    return redact(text, MASK + "@")


def mask_variable(name, value):
    """The value of an environment variable with secrets masked; unchanged if it has none."""
    value = decrypt_text(value)
    text = str(value)
    if text.strip().lower() in _PLAIN:
        return value
    words = [word.rstrip("0123456789") for word in re.split("[_-]", str(name).upper())]
    secret = any(word in _SECRET_WORDS or word.endswith(_SECRET_ENDS) for word in words) and not (
        len(words) == 1 and words[0] == "PWD" or name == "OLDPWD"
    )
    if (
        secret
        and not (words[-1] in _PLACES and text.startswith("/"))
        or _PAIR.search(text)
        or _SECRET_VALUE.search(text)
    ):
        return MASK
    shown = mask_urls(text)
    return value if shown == text else shown


def is_secret(name, value):
    return mask_variable(name, value) != value


def mask_variables(variables):
    return dict((name, mask_variable(name, value)) for name, value in variables.items())


def mask_secrets(value):
    """A structure with secrets masked: in all URLs, and in the values of every mapping `environment` or
    `*_environment`.
    """
    value = decrypt_text(value)
    if isinstance(value, str):
        return mask_urls(value)
    if isinstance(value, (list, tuple)):
        return [mask_secrets(item) for item in value]
    if isinstance(value, dict):
        return dict(
            (mask_secrets(name), mask_variables(item) if holds_variables(name, item) else mask_secrets(item))
            for name, item in value.items()
        )
    return value


def decrypt_text(value):
    """Before ansible-core 2.19, a text encrypted with !vault is not a str."""
    return str(value) if type(value).__name__ == "AnsibleVaultEncryptedUnicode" else value


def holds_variables(name, item):
    return isinstance(item, dict) and isinstance(name, str) and (name == "environment" or name.endswith("_environment"))


def remove_secrets(value, secrets):
    """A structure without these secrets.

    Short secrets are kept: they would also be found in unrelated words.
    """
    long = sorted((secret for secret in secrets if len(secret) >= 6), key=len, reverse=True)
    if not long:
        return value
    if isinstance(value, str):
        for secret in long:
            value = value.replace(secret, MASK)
        return value
    if isinstance(value, (list, tuple)):
        return [remove_secrets(item, long) for item in value]
    if isinstance(value, dict):
        return dict((name, remove_secrets(item, long)) for name, item in value.items())
    return value


def secret_parts(name, value):
    """The secret parts of a variable's value: all of it, or the user information and tokens of its URLs."""
    shown, text = mask_variable(name, value), str(value)
    if shown == value:
        return []
    if shown == MASK:
        return [text]
    users = [match.group()[:-1] for match in _USER.finditer(text)]
    others = [match.group()[len(match.group(1)) :] for pattern in (_QUERY, _PATH) for match in pattern.finditer(text)]
    return users + [part for user in users for part in user.split(":", 1)[1:]] + others


def pack(value):
    """A structure as one text for an option with no_log: of a structure, Ansible would hide every short value in all
    results.
    """
    return (
        base64.b64encode(json.dumps(value, sort_keys=True, default=str).encode("utf-8")).decode("ascii")
        if value
        else ""
    )


def unpack(text):
    return json.loads(base64.b64decode(text).decode("utf-8")) if text else {}
