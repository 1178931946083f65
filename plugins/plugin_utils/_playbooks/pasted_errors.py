# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The playbook diagnose: an error text from the variables diagnose_*, and its cause and fix."""

from __future__ import annotations

import contextlib
import os
import re
import typing as t
from collections.abc import Mapping, Sequence
from pathlib import Path

from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text

from .._base.messages import did_you_mean, fail, nearest_word
from .._plan import hypothetical_board
from .._rollout import failures

OPTIONS = ("text", "file", "family", "facts", "json")
#: The bytes of a file that are read: its beginning and its end.
HEAD, TAIL = 1 << 16, 3 << 16


class Question(t.NamedTuple):
    """The options of diagnose."""

    text: str
    family: str | None
    board: dict[str, t.Any] | None
    json: str | None


def read_question(variables: Mapping[str, t.Any], extra_vars: Sequence[str] = ()) -> Question:
    """The options in the variables C(diagnose_*). C(extra_vars) are the options -e as they were typed."""
    for name in variables:  # a name that is not similar to an option may belong to somebody else
        word = name.removeprefix("diagnose_")
        near = nearest_word(word, OPTIONS)
        if near not in (None, word):
            fail(f"{name} is not an option of diagnose; did you mean diagnose_{near}?")
    options = {name: value for name in OPTIONS if (value := variables.get(f"diagnose_{name}")) is not None}
    for name in ("file", "facts", "json"):
        if not isinstance(options.get(name, ""), str):
            fail(f"diagnose_{name} is {options[name]!r}; it must be the path of one file.")
    if ("text" in options) is ("file" in options):
        fail(
            "diagnose takes one error text: give "
            + (
                "either diagnose_text or diagnose_file, not both."
                if options.get("text") is not None
                else "diagnose_text (-e diagnose_text='...') or diagnose_file (-e diagnose_file=error.log)."
            )
        )
    text = read_text(str(options["file"])) if "file" in options else _typed_text(options["text"], extra_vars)
    if not text.strip():
        fail(f"There is nothing to diagnose: {options['file'] if 'file' in options else 'diagnose_text'} is empty.")
    family, board = options.get("family"), None
    if family is not None and family not in (families := hypothetical_board.read_families()):
        fail(
            f"diagnose_family is {family!r}, which is not a family{did_you_mean(family, families) or '.'} The"
            f" families are {', '.join(families)}."
        )
    if "facts" in options:
        boards = hypothetical_board.read_boards(str(options["facts"]))
        if len(boards) != 1:
            fail(
                f"diagnose_facts: {options['facts']} has {len(boards)} boards ({', '.join(boards)}). Give a file with"
                " the one board of the error."
            )
        board = next(iter(boards.values()))
        if family and board.get("family") != family:
            fail(
                f"diagnose_family is {family}, but the board of diagnose_facts is of the family {board.get('family')}."
                " Remove one of them."
            )
    return Question(text, family, board, str(options["json"]) if options.get("json") else None)


def answer_question(question: Question) -> dict[str, t.Any]:
    """C(id), C(cause), C(fix), C(confidence), C(evidence)."""
    text = failures.plain_text(question.text)
    diagnosis = diagnose_text(text, question.family, board=question.board) or {
        "id": "UNKNOWN",
        "cause": "the collection does not know this text",
        "confidence": None,
        "fix": (
            "give more of the output (diagnose_file), beginning with the command; "
            + (
                "edgeai.fleet.verify checks the board itself"
                if question.family or question.board
                else "name the board (diagnose_family or diagnose_facts)"
            )
        ),
        "evidence": [line.strip()[:300] for line in failures.meaningful_lines(text)[-failures.LAST_LINES :]],
    }
    return {name: diagnosis[name] for name in ("id", "cause", "fix", "confidence", "evidence")}


def answer_lines(answer: Mapping[str, t.Any], question: Question) -> list[str]:
    """The answer for the terminal."""
    board = (question.board or {}).get("model") or question.family or (question.board or {}).get("family")
    words = {"recorded": "recorded by others", "guess": "a guess"}
    confidence = words.get(answer["confidence"], answer["confidence"])
    return [
        f"{answer['id']}{f' ({confidence})' if confidence else ''}{f', on {board}' if board else ''}",
        f"  cause: {answer['cause']}",
        f"  fix:   {answer['fix']}",
        "  evidence:",
        *(f"    {line}" for line in answer["evidence"]),
    ]


def read_text(path: str) -> str:
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
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):  # from PowerShell
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "gb18030"):
        with contextlib.suppress(UnicodeDecodeError):
            return data.decode(encoding)
    return data.decode("utf-8-sig", "replace")


def _typed_text(value: t.Any, extra_vars: Sequence[str]) -> str:
    """The text. Of C(-e diagnose_text='two words') Ansible keeps only the first word; C(extra_vars) have the others."""
    for option in reversed([str(option) for option in extra_vars]):
        typed = re.match(r"\s*diagnose_text=", option)
        if typed and not re.match(r"(['\"])[^'\"]*\1\s*(?:$|diagnose_)", option[typed.end() :]):
            return re.split(rf"\s(?=diagnose_(?:{'|'.join(OPTIONS)})=)", option[typed.end() :])[0]
    return "\n".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
