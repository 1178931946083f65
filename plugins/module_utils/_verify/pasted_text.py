# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Pasted texts in the form that the patterns of diagnoses expect: without colours and what loggers put before lines,
in English, and with the lines whole that a terminal has wrapped.

Every pattern must stay fast on any text.
"""

import re

TEXT_LIMIT, BROKEN_FROM = 1 << 18, 60
ESCAPES = re.compile(
    r"\x1b(?:\[[0-?]{0,40}["
    r" -/]{0,4}[@-~]|\][^\x07\x1b]{0,400}(?:\x07|\x1b\\)|[@-Z\\^_])|[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]"
)
INDENT = re.compile(r"^ {3,}")
# Escaped letters of JSON, without the halves of surrogate pairs.
UNICODE = re.compile(r"\\u((?!d[89a-f])[0-9a-f]{4})")
QUOTED = re.compile(r"^(?:\s{0,4}[>|] ?){1,5}(?!>)")
# What loggers, systemd, the kernel, Docker, Kubernetes and launchers of several processes put before each line.
TIME = r"\d{1,2}:\d{2}:\d{2}(?:[.,]\d{1,9})?"
DATE = r"(?:\d{4}[-/]\d{2}[-/]\d{2}|\d{2}[-/]\d{2}(?:[-/]\d{4})?)"
ZONE = r"(?:Z|[+-]\d{2}:?\d{2})?"
LEVEL = r"\[?(?:DEBUG|INFO|WARN|WARNING|ERROR|CRITICAL|FATAL)\]?:?"
PREFIXES = (
    # Kubernetes; ISO times, with a level and a place in a program
    DATE + "T" + TIME + ZONE + r" std(?:err|out) [FP] ?",
    r"\[?"
    + DATE
    + "[T -]"
    + TIME
    + ZONE
    + r"\]? ?(?:(?:\| ?)?"
    + LEVEL
    + r"[ |:]{0,10}(?:[\w.<>:]{1,80}:\d{1,6} - ?)?)?",
    # the kernel; syslog and journald
    r"\[ {0,8}\d{1,7}\.\d{3,9}\] ",
    r"\[\w{3} \w{3} {1,2}\d{1,2} " + TIME + r" \d{4}\] ",
    r"\w{3} {1,2}\d{1,2} " + TIME + r" [\w.-]{1,60} (?:kernel: |[\w.@/-]{1,60}\[\d{1,9}\]: )",
    r"[A-Za-z][\w.-]{0,60} [\w.@/-]{1,60}\[\d{1,9}\]: ",
    # launchers of several processes, vLLM and its like, BuildKit, ROS
    r"\[(?:rank)?\d{1,4}(?:,\d{1,4})?\](?:<std(?:err|out)>)?: ?",
    r"\((?:\w{1,40} ){1,3}pid=\d{1,9}\) ?",
    LEVEL + " " + DATE + "[ -]" + TIME + r" \[?[\w./-]{1,80}:\d{1,6}\] ?",
    r"#\d{1,4} \d{1,6}\.\d{1,4} ",
    r"\[[\w.]{1,30}-\d{1,4}\] ",
)
LOG_PREFIX = re.compile("^(?:%s)" % "|".join(PREFIXES))
# Of Docker Compose.
COMPOSE = re.compile(r"^[A-Za-z][\w.-]{0,60} {1,20}\| ")
DOCKER_LOG = re.compile(r'^\{"log":"(.{0,16000}?)(?:\\n)?","stream":"std(?:err|out)"[^\n]{0,200}\}$')
# Other words for: the loader does not find a library.
LOADER = (
    re.compile(r"(lib[\w.+-]{1,100}\.so)[\w.*\[\]-]{0,20} not found in the system path"),
    re.compile(r"(lib[\w.+-]{1,100}\.so[\w.]{0,20}) => not found"),
    re.compile(r"[Ll]ibrary '?(lib[\w.+-]{1,100}\.so[\w.]{0,20})'? (?:is|was) not found(?: or cannot be loaded)?"),
    # in German, French, Spanish, Italian and Portuguese
    re.compile(
        r"(lib[\w.+-]{1,100}\.so[\w.]{0,20}) ?: {1,2}(?:Kann die Shared-Object-Datei nicht \S{1,10}|"
        r"[Nn]e peut ouvrir le fichier d.objet partag\S{1,3}|no se puede (?:abrir|encontrar) el (?:archivo|fichero)"
        r" del objeto compartido|impossibile aprire (?:il )?file oggetto condiviso|n\S{1,3}o (?:\S{1,3} poss\S{1,2}vel|"
        r"foi poss\S{1,2}vel) abrir (?:o )?(?:arquivo|ficheiro) (?:de objeto )?compartilhado)"
    ),
)
NOT_THERE = ": cannot open shared object file: No such file or directory"
SAME = (
    ("\u2018", "'"),
    ("\u2019", "'"),
    ("\u201c", '"'),
    ("\u201d", '"'),
    ("\uff1a", ":"),
    ("\xa0", " "),
    # messages of a shell and a loader in Chinese
    ("\u65e0\u6cd5\u6253\u5f00\u5171\u4eab\u5bf9\u8c61\u6587\u4ef6", "cannot open shared object file"),
    ("\u6ca1\u6709\u90a3\u4e2a\u6587\u4ef6\u6216\u76ee\u5f55", "No such file or directory"),
    ("\u8bbe\u5907\u4e0a\u6ca1\u6709\u7a7a\u95f4", "No space left on device"),
    ("\u6743\u9650\u4e0d\u591f", "Permission denied"),
    ("\u975e\u6cd5\u6307\u4ee4", "Illegal instruction"),
    ("\u6bb5\u9519\u8bef", "Segmentation fault"),
    ("\u5df2\u6740\u6b7b", "Killed"),
    ("\u603b\u7ebf\u9519\u8bef", "Bus error"),
    # of a shell in German, French, Spanish and Portuguese
    ("Ung\u00fcltiger Maschinenbefehl", "Illegal instruction"),
    ("Instruction non permise", "Illegal instruction"),
    ("Instrucci\u00f3n ilegal", "Illegal instruction"),
    ("Instru\u00e7\u00e3o ilegal", "Illegal instruction"),
    ("Speicherzugriffsfehler", "Segmentation fault"),
    ("Erreur de segmentation", "Segmentation fault"),
    ("Violaci\u00f3n de segmento", "Segmentation fault"),
    ("Falha de segmenta\u00e7\u00e3o", "Segmentation fault"),
    ("Get\u00f6tet", "Killed"),
    ("Processus arr\u00eat\u00e9", "Killed"),
    ("Terminado (killed)", "Killed"),
    ("\u5f37\u5236\u7d42\u4e86", "Killed"),
    ("Auf dem Ger\u00e4t ist kein Speicherplatz mehr verf\u00fcgbar", "No space left on device"),
    ("Aucun espace disponible sur le p\u00e9riph\u00e9rique", "No space left on device"),
    ("No queda espacio en el dispositivo", "No space left on device"),
)


def text_shapes(text):
    """The text in the forms that patterns expect: without colours, with plain quotation marks, in English; then with
    the lines joined that a terminal or a mail may have wrapped.
    """
    # Output of Ansible may be pasted as JSON.
    text = UNICODE.sub(lambda found: chr(int(found.group(1), 16)), str(text))
    text = (
        "\n".join(DOCKER_LOG.sub(r"\1", line) for line in ESCAPES.sub("", text).splitlines())
        .replace("\\r\\n", "\n")
        .replace("\\n", "\n")
        .replace('\\"', '"')
        .replace("\r", "\n")
    )
    if len(text) > TEXT_LIMIT:
        text = text[: TEXT_LIMIT // 4] + "\n" + text[-(TEXT_LIMIT * 3 // 4) :]
    for theirs, ours in SAME:
        text = text.replace(theirs, ours) if len(ours) == 1 else re.sub(" ?%s ?" % theirs, " %s " % ours, text)
    lines = strip_prefixes([QUOTED.sub("", line).rstrip() for line in text.splitlines()])
    lines = name_missing_library("\n".join(lines)).split("\n")
    shapes = ["\n".join(lines)]
    for glue, shortest in ((" ", BROKEN_FROM // 2), ("", BROKEN_FROM)):
        joined = "".join(
            (INDENT.sub("", line) if glue == "" else line.strip()) + (glue if len(line) >= shortest else "\n")
            for line in lines
        )
        if joined.strip() != shapes[0].strip():
            shapes.append(joined)
    return shapes


def strip_prefixes(lines):
    """The lines without what loggers put before each of them. That of Docker Compose is one only if most lines have
    it: a single `name | ` may be a part of a table.
    """
    filled = [line for line in lines if line.strip()]
    composed = [line for line in filled if COMPOSE.match(line)]
    if len(composed) * 2 > len(filled):
        lines = [COMPOSE.sub("", line) for line in lines]
    for _again in range(3):  # systemd's before the program's own
        lines = [LOG_PREFIX.sub("", line) for line in lines]
    return lines


def name_missing_library(text):
    """The text with the loader's English words for a library that it does not find."""
    if "lib" in text and ".so" in text:
        for pattern in LOADER:
            text = pattern.sub(r"\1" + NOT_THERE, text)
    return text
