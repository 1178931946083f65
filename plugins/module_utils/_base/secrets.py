# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What is a secret, and how a text looks without its secrets.

The control node and the boards agree on it: only the standard library is used.
"""

import base64
import json
import re

MASK = "********"

# The user information of a URL: all up to the last @ before the path, since a password may hold one. A password with /,
# ? or # in it breaks the URL,
# and is a password all the same; what looks like a port is one, and an @ in the path is none of a password
# (git+https://host:8080/x@tag).
_USER = re.compile(r'(?<=://)(?:[^/?#\s"`]+@|[^/?#\s:@"`[]+:(?!\d+[/?#])(?:(?!://)[^\s"`])+@)')
# What Anaconda and those like it have in the path: https://host/t/TOKEN/channel. A forum has /t/words-of-a-topic/number
# there, PyPI /source/t/project.
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
# Secrets that are known by what they look like, whatever they are called.
_SECRET_VALUE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\b(?:Bearer|Basic)"
    r' [\w.~+/=-]{8}|"private_key"|\b(?:hf_|gh[pousr]_|github_pat_|glpat-|pypi-|AKIA)\w{12}'
)
# What such a name has when it only says where a secret is, or whether there is one.
_PLAIN = frozenset(["", "0", "1", "true", "false", "yes", "no", "on", "off", "none"])
_PLACES = ("FILE", "PATH", "DIR", "SOCK")


def redact(text):
    """The text without the user information of any URL in it, and without what its query parameters and its path keep
    secret.
    """
    if "://" not in text:
        return text
    return _PATH.sub(r"\g<1>" + MASK, _QUERY.sub(r"\g<1>" + MASK, _USER.sub("", text)))


def mask_urls(text):
    """The same, and one sees that something is hidden."""
    if "://" not in text:
        return text
    return _PATH.sub(r"\g<1>" + MASK, _QUERY.sub(r"\g<1>" + MASK, _USER.sub(MASK + "@", text)))


def mask_variable(name, value):
    """How the value of an environment variable is shown; as it is, if there is nothing secret in it."""
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
    """A whole structure as it may be shown: URLs anywhere, and the values of every mapping that is called `environment`
    or `build_environment`.
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
    """Before ansible-core 2.19, a text that is encrypted by itself (!vault) is no str."""
    return str(value) if type(value).__name__ == "AnsibleVaultEncryptedUnicode" else value


def holds_variables(name, item):
    return isinstance(item, dict) and isinstance(name, str) and (name == "environment" or name.endswith("_environment"))


def remove_secrets(value, secrets):
    """A structure in which these secrets stand nowhere.

    What is short is left alone: it would be found in words that have nothing to do with it.
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
    """What of a variable's value must not be seen anywhere: all of it, or the user information of a URL in it."""
    shown, text = mask_variable(name, value), str(value)
    if shown == value:
        return []
    if shown == MASK:
        return [text]
    users = [found.group()[:-1] for found in _USER.finditer(text)]
    others = [found.group()[len(found.group(1)) :] for pattern in (_QUERY, _PATH) for found in pattern.finditer(text)]
    return users + [part for user in users for part in user.split(":", 1)[1:]] + others


def pack(value):
    """A structure as one text for an option with no_log: Ansible hides that text in all results, and would hide every
    short secret in them by itself.
    """
    return (
        base64.b64encode(json.dumps(value, sort_keys=True, default=str).encode("utf-8")).decode("ascii")
        if value
        else ""
    )


def unpack(text):
    return json.loads(base64.b64decode(text).decode("utf-8")) if text else {}
