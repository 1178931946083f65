# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The question of the playbook diagnose: what does this error text mean? And its answer."""

from __future__ import annotations

import difflib
import os
import re
import typing as t
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text

from .._base.messages import did_you_mean, fail
from .._plan import hypothetical_board
from .._rollout import failures

OPTIONS = ("text", "file", "family", "facts", "json")
#: Of a file, its beginning and its end: what a person would look at.
HEAD, TAIL = 1 << 16, 3 << 16


class Asked(t.NamedTuple):
    """What was asked."""

    text: str
    family: str | None
    board: dict[str, t.Any] | None
    json: str | None


def asked(given: Mapping[str, t.Any], extra_vars: Sequence[str] = ()) -> Asked:
    """The question in the variables C(diagnose_*). C(extra_vars) are the options -e as they were typed."""
    for name in given:  # what is not nearly an option is somebody else's variable
        word = name.removeprefix("diagnose_")
        near = difflib.get_close_matches(word, OPTIONS, n=1) if word not in OPTIONS else None
        if near:
            fail(f"{name} is not an option of diagnose; did you mean diagnose_{near[0]}?")
    options = {name: value for name in OPTIONS if (value := given.get(f"diagnose_{name}")) is not None}
    for name in ("file", "facts", "json"):
        if not isinstance(options.get(name, ""), str):
            fail(f"diagnose_{name} is {options[name]!r}; it takes the path of one file.")
    if ("text" in options) is ("file" in options):
        fail(
            "diagnose takes one error text: give "
            + (
                "either diagnose_text or diagnose_file, not both."
                if options.get("text") is not None
                else "diagnose_text (-e diagnose_text='...') or diagnose_file (-e diagnose_file=error.log)."
            )
        )
    text = read(str(options["file"])) if "file" in options else _typed(options["text"], extra_vars)
    if not text.strip():
        fail(f"There is nothing to diagnose: {options['file'] if 'file' in options else 'diagnose_text'} is empty.")
    family, board = options.get("family"), None
    if family is not None and family not in (known := hypothetical_board.families()):
        fail(
            f"diagnose_family is {family!r}, which is not a family{did_you_mean(family, known) or '.'} The families are"
            f" {', '.join(known)}."
        )
    if "facts" in options:
        boards = hypothetical_board.load(str(options["facts"]))
        if len(boards) != 1:
            fail(
                f"diagnose_facts: {options['facts']} has {len(boards)} boards ({', '.join(boards)}); the error is of"
                " one: give a file with that one."
            )
        board = next(iter(boards.values()))
        if family and board.get("family") != family:
            fail(
                f"diagnose_family is {family}, and the board of diagnose_facts is of the family {board.get('family')}:"
                " leave one of them out."
            )
    return Asked(text, family, board, str(options["json"]) if options.get("json") else None)


def answer(question: Asked) -> dict[str, t.Any]:
    """C(id), C(cause), C(fix), C(confidence), C(evidence)."""
    text = failures.plain(question.text)
    found = diagnose_text(text, question.family, board=question.board) or {
        "id": "UNKNOWN",
        "cause": "this text is not known to the collection",
        "confidence": None,
        "fix": (
            "give more of the output (diagnose_file), beginning with the command; "
            + (
                "edgeai.fleet.verify looks at the board itself"
                if question.family or question.board
                else "say which board it is (diagnose_family or diagnose_facts)"
            )
        ),
        "evidence": [line.strip()[:300] for line in failures.meaningful(text)[-failures.LAST_LINES :]],
    }
    return {name: found[name] for name in ("id", "cause", "fix", "confidence", "evidence")}


def lines(found: Mapping[str, t.Any], question: Asked) -> list[str]:
    """The answer for the screen."""
    of = (question.board or {}).get("model") or question.family or (question.board or {}).get("family")
    sure = {"proven": "proven", "recorded": "recorded by others", "guess": "a guess", None: None}[found["confidence"]]
    head = f"{found['id']}{f' ({sure})' if sure else ''}{f', on {of}' if of else ''}"
    return [
        head,
        f"  cause: {found['cause']}",
        f"  fix:   {found['fix']}",
        "  evidence:",
        *(f"    {line}" for line in found["evidence"]),
    ]


def read(path: str) -> str:
    """The text of a file, or its beginning and its end."""
    file = Path(path).expanduser()
    try:
        if not file.is_file():
            fail(f"diagnose_file: {path} is not a file ({file.absolute()}).")
        with file.open("rb") as stream:
            data = stream.read(HEAD + TAIL)
            size = os.fstat(stream.fileno()).st_size
            if size > HEAD + TAIL:
                stream.seek(size - TAIL)
                data = data[:HEAD] + b"\n" + stream.read(TAIL)
    except OSError as error:
        fail(f"diagnose_file: {path} cannot be read: {error.strerror or error} ({file.absolute()}).")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # what PowerShell writes
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8-sig", "replace")


def _typed(value: t.Any, extra_vars: Sequence[str]) -> str:
    """The text. Of C(-e diagnose_text='two words') Ansible keeps the first word only; the rest is in what was typed."""
    for option in reversed([str(option) for option in extra_vars]):
        typed = re.match(r"\s*diagnose_text=", option)
        if typed and not re.match(r"(['\"])[^'\"]*\1\s*(?:$|diagnose_)", option[typed.end() :]):
            return re.split(rf"\s(?=diagnose_(?:{'|'.join(OPTIONS)})=)", option[typed.end() :])[0]
    return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
