# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What loggers, terminals and languages add to an error text does not change its diagnosis."""

import json

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.pasted_text import text_shapes
from field_texts import ATLAS, ORIN, PC, PI4, TEXTS

PREFIXES = [
    "Nov 30 12:00:01 nano python3[1234]: ",
    "2026-11-30T12:00:01+0000 nano start.sh[1234]: ",
    "2026-11-30T12:00:01.123456Z ",
    "2026-11-30 12:00:01,123 ERROR ",
    "[2026-11-30 12:00:01] ",
    "2025-11-19 11:14:59.028 | ERROR    | __main__:doc_parse:95 - ",
    "[  123.456789] ",
    "[Mon Nov 30 12:00:01 2026] ",
    "[rank0]: ",
    "[1,0]<stderr>:",
    "(EngineCore pid=118) ERROR 09-06 23:28:45 [core.py:714] ",
    "#12 3.456 ",
    "        ",
    "> ",
]
MEMORY = "torch 2.4.0\n>>> import torch\nIllegal instruction (core dumped)"


def prefixed(prefix, text):
    return "\n".join(prefix + line for line in text.splitlines())


def wrapped(text, width):
    return "\n".join(
        line[start : start + width] for line in text.splitlines() for start in range(0, max(1, len(line)), width)
    )


def identify(text, board):
    found = diagnose_text(text, board=board)
    return found["id"] if found else None


@pytest.mark.parametrize("prefix", PREFIXES)
def test_what_loggers_put_before_lines(prefix):
    for board, _source, text, _identities, _words, _not_words in TEXTS[::6]:
        if "docker" not in text and "Downloading" not in text:
            assert identify(prefixed(prefix, text), board) == identify(text, board), text
    assert identify(prefixed(prefix, MEMORY), PI4) == "ARM-01"


@pytest.mark.parametrize(
    "change",
    [
        lambda text: "\n".join("\x1b[0;31m%s\x1b[0m" % line for line in text.splitlines()),
        lambda text: text.replace("\n", "\r\n") + "\r\n",
        lambda text: "fatal: [b1]: FAILED! => " + json.dumps({"changed": False, "msg": text}),
        lambda text: "some line before\n" + text + "\n$ ",
        lambda text: wrapped(text, 100),
    ],
    ids=["colours", "Windows", "JSON of Ansible", "more text", "wrapped"],
)
def test_what_terminals_and_programs_do_to_lines(change):
    for board, _source, text, _identities, _words, _not_words in TEXTS[::6]:
        if "\\\\" not in text:  # Docker quotes quotes
            assert identify(change(text), board) == identify(text, board), text


@pytest.mark.parametrize(
    ("lines", "board", "identity"),
    [
        ("cam-1  | {}\ncam-1  | (exit)", ORIN, "JET-30"),
        ("cam_1    | {}\ncam_1    | (exit)", ORIN, "JET-30"),
        ("2026-11-30T12:00:01.123456789Z stderr F {}\n2026-11-30T12:00:01.2Z stderr F x", ORIN, "JET-30"),
        ('{{"log":"{}\\n","stream":"stderr","time":"2026-11-30T12:00:01.1Z"}}', ORIN, "JET-30"),
        ("{}", ORIN, "JET-08"),
        ("| name | {} |", ORIN, "JET-08"),
    ],
)
def test_logs_of_containers_are_those_of_containers(lines, board, identity):
    assert identify(lines.format("cuInit(0) returned 100"), board) == identity


@pytest.mark.parametrize(
    ("text", "board", "identity"),
    [
        ("libcudart.so.12: Ne peut ouvrir le fichier d'objet partag\u00e9: Aucun fichier ou dossier", ORIN, "JET-07"),
        ("libascend_hal.so: no se puede abrir el archivo del objeto compartido: No existe", ATLAS, "NPU-21"),
        ("libopenblas.so.0: impossibile aprire il file oggetto condiviso: File non esistente", PI4, "RUN-05"),
        ("\tlibcublas.so.12 => not found\n\tlibm.so.6 => /lib/libm.so.6 (0x7f)", PC, "CUDA-29"),
        ("Speicherzugriffsfehler (Speicherabzug geschrieben)\ncpuinfo_linux_init", PI4, "ARM-11"),
        ("Instrucci\u00f3n ilegal (`core' generado)", PI4, "RUN-01"),
        ("tar: torch: Auf dem Ger\u00e4t ist kein Speicherplatz mehr verf\u00fcgbar", PI4, "RUN-08"),
    ],
)
def test_messages_in_other_languages_and_of_other_programs(text, board, identity):
    assert identify(text, board) == identity


def test_shapes_hold_no_control_characters():
    for shape in text_shapes('{"msg": "a\\u001b[31mb\\u0007 \\ud83d c\\u00e9"}'):
        assert "\x1b" not in shape and "\x07" not in shape and "\u00e9" in shape
        assert shape.encode("utf-8")
