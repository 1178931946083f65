# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The failure of a task: Ansible's message, which often says only that a module returned no result, and the output that
names the cause.
"""

from __future__ import annotations

import re
import typing as t

from ansible.module_utils.ansible_release import __version__ as CORE
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text

#: The keys of a result with output besides its message. Long output keeps its end.
STREAMS = ("module_stderr", "module_stdout", "stderr", "stdout", "exception")
#: The most characters of one stream and of one failure: the end of a log names the cause, and a host variable must not
#: hold the whole log.
STREAM_LIMIT, LIMIT = 8192, 16384
#: How many items of a loop are quoted.
ITEMS = 3
LAST_LINES = 12

HIDDEN = "the output of this task is hidden (no_log)"
# Messages of Ansible that leave the cause to a stream.
_GENERAL = re.compile(
    r"No start of json char found|MODULE FAILURE|The module failed to execute correctly|non-zero return code|One or"
    r" more items failed|"
    r"Module result deserialization failed|The module interpreter .{1,300} was not found|Premature end of"
    r" stream|\A\s*\Z"
)
_POINTER = re.compile(r"\s*See stdout/stderr for the exact error(?: \(at .{0,200}?\))?\.?")
# Lines of a stream that name no cause: ssh's last message, a traceback's pointers, rules.
_NOISE = re.compile(
    r"@+|(?:Shared connection|Connection) to \S+ closed\.?|[\^~\s]+|[-=_*#\s]+|>>> Standard"
    r" (?:Error|Output)|\(traceback unavailable\)"
)
# NAME_TOKEN=..., "password": "...", Authorization: Bearer ...
_SECRETS = re.compile(
    r"(?i)\b((?:[\w-]{0,40}(?:passw(?:or)?d|token|secret|api_?key)[\w-]{0,20}['\"]?[ \t]?[=:]|"
    r"authorization: ?(?:basic|bearer))[ \t]?['\"]?)[^\s'\"]+"
)
_ESCAPES = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)|[@-Z\\^_])")
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def read_failure(result: t.Any, task: t.Any = None, no_log: t.Any = None) -> dict[str, t.Any]:
    """What a rescue records of C(ansible_failed_result).

    C(task) is its name, C(msg) the whole output, C(reason) one line of it, C(lines) the last lines that may name a
    cause.
    This function never fails: a rescue that fails would lose the failure. Passwords in URLs and the output that
    C(no_log) hides are left out.
    """
    result = result if isinstance(result, t.Mapping) else {"msg": result}
    name = plain_text(task or "").strip() or "a task without a name"
    if no_log or result.get("_ansible_no_log") or result.get("censored"):
        return {"task": name, "msg": HIDDEN, "reason": HIDDEN, "lines": []}
    message, streams = _message_and_streams(result)
    whole = "\n".join(part for part in (message, *streams) if part) or "it failed without any output"
    if len(whole) > LIMIT:  # keep the message at its beginning and the last lines
        whole = f"{whole[: LIMIT // 4]}\n[...]\n{whole[-(LIMIT * 3 // 4) :]}"
    lines = [line for stream in reversed(streams) for line in meaningful_lines(stream)][-LAST_LINES:]
    return {
        "task": name,
        "msg": whole,
        "reason": _failure_reason(message, streams),
        "lines": [line[:300] for line in lines],
    }


def diagnose_failure(
    failure: t.Mapping[str, t.Any], board: t.Mapping[str, t.Any] | None = None
) -> dict[str, t.Any] | None:
    """The diagnosis of a failure from read_failure(); None for an unknown failure with no more than its message."""
    lines = list(failure.get("lines") or [])
    diagnosis = diagnose_text(plain_text(failure.get("msg")), core=CORE, board=board)
    if diagnosis is None:
        return (
            {
                "id": "UNKNOWN",
                "cause": "not known to this collection",
                "fix": "read the evidence: the last lines of the output",
                "confidence": None,
                "repair": None,
                "evidence": lines,
            }
            if lines
            else None
        )
    return {**diagnosis, "evidence": list(dict.fromkeys([*diagnosis["evidence"], *(line.strip() for line in lines)]))}


def plain_text(text: t.Any) -> str:
    """Text without passwords, colours and control characters; its lines stay."""
    cleaned = _CONTROLS.sub(" ", _ESCAPES.sub("", str(text).replace("\r\n", "\n").replace("\r", "\n")))
    return redact(_SECRETS.sub(r"\1********", cleaned))


def meaningful_lines(text: str) -> list[str]:
    """The lines that may name a cause."""
    return [line.rstrip() for line in text.splitlines() if not _NOISE.fullmatch(line) and line.strip()]


def _message_and_streams(result: t.Mapping[str, t.Any]) -> tuple[str, list[str]]:
    """The message, and the other output, the most useful first."""
    message = _POINTER.sub("", _as_text(result.get("msg"))).strip()
    if result.get("reason"):  # from a loader, before ansible-core 2.19
        message = f"{message}\n{_as_text(result['reason'])}".strip()
    streams: list[str] = []
    for name in STREAMS:
        text = _as_text(result.get(name)).strip("\n")[-STREAM_LIMIT:].rstrip()
        if (
            text
            and meaningful_lines(text)
            and text not in message
            and not any(text in other or other in text for other in streams)
        ):
            streams.append(text)
    items = result.get("results")
    items = [one for one in items if isinstance(one, t.Mapping)] if isinstance(items, (list, tuple)) else []
    failed = [one for one in items if one.get("failed") or one.get("unreachable")]
    for one in failed[:ITEMS]:
        if one.get("_ansible_no_log") or one.get("censored"):
            streams.append(HIDDEN)
            continue
        text, more = _message_and_streams(one)
        label = plain_text(one.get("_ansible_item_label", one.get(str(one.get("ansible_loop_var", "item")), "")))[:100]
        streams.append(
            "\n".join([*more, f"{label}: {text}" if label else text])
            if not _GENERAL.search(text)
            else "\n".join([text, *reversed(more)])
        )
    if len(failed) > ITEMS:
        streams.append(f"and {len(failed) - ITEMS} more items failed")
    return message, streams


def _failure_reason(message: str, streams: t.Sequence[str]) -> str:
    """One line: the message, and after a message without a cause the line that names the cause."""
    general = _GENERAL.search(message)
    cause = (
        next((lines[-1].strip() for stream in streams if (lines := meaningful_lines(stream))), "") if general else ""
    )
    words = " ".join(part for line in message.splitlines() if (part := line.strip()) and not _NOISE.fullmatch(line))
    if not cause or cause in words:
        return words or "it failed without any output"
    return f"{words.rstrip(':. ')}: {cause}" if words else cause


def _as_text(value: t.Any) -> str:
    if isinstance(value, (list, tuple)):
        return "\n".join(map(_as_text, value))
    return "" if value is None else plain_text(value)
