# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""The lines of a failed build's output that say why it failed."""

import re

# The end of a traceback. CMake runs PyTorch's code generators, and hides what they say behind an error of its own.
_EXCEPTION = re.compile(r"(?:[A-Za-z_]\w*\.)*\w*(?:Error|Exception|Interrupt)(?:: |$)")
# setup.py's own last words, which only say that CMake or ninja failed.
_FOLLOWS = re.compile(r"subprocess\.CalledProcessError: |SystemExit: ")
_COMPILER = re.compile(
    r":\s*(?:[Ff]atal )?[Ee]rror: |undefined reference to|multiple definition of|cannot find -l|"
    r"internal compiler error|out of memory allocating|virtual memory exhausted|final link failed|"
    r"^fatal: |^nvcc fatal|^terminate called after|std::bad_alloc"
)
# Messages without the source: ninja's line above them has the object.
_FAILED = re.compile(r"FAILED: ")
_NAMELESS = re.compile(
    r"/\S*\.s:|\{standard input\}|cc1\w*: |\w[\w+.-]*: (?:internal compiler |[Ff]atal )?[Ee]rror: |virtual memory"
)
_CMAKE = re.compile(r"CMake Error\b")
_SHOWN = 15
# PyTorch has -fdiagnostics-color=always.
_COLOURS = re.compile(r"\x1b\[[0-9;]*[mK]")


def plain_line(line):
    """The line without colours, which stand between the words of a compiler's message."""
    return _COLOURS.sub("", line)


def telling_lines(lines):
    """The exceptions, messages of compilers and linkers, and errors of CMake with their text, the first ones first:
    later ones mostly follow from them. Without any, the last lines.
    """
    told, failed = [], None
    for number, line in enumerate(lines):
        if _FAILED.match(line):
            failed = line
        elif _EXCEPTION.match(line) and not _FOLLOWS.match(line):
            # The place in the source is two lines above: its line follows it.
            told += [
                place.strip() for place in lines[max(0, number - 2) : number] if place.lstrip().startswith("File ")
            ]
            told.append(line)
        elif _CMAKE.match(line):
            told += [line] + _indented_lines(lines[number + 1 :])
        elif _COMPILER.search(line):
            told += [failed, line] if failed and _NAMELESS.match(line) else [line]
    told = [line for number, line in enumerate(told) if line not in told[:number]]
    return told[:_SHOWN] or lines[-_SHOWN:]


def _indented_lines(lines):
    """The text of CMake's error: the indented lines below it, without its call stack."""
    text = []
    for line in lines:
        if line.strip() and not line.startswith(" "):
            break
        text += [line] if line.strip() else []
    return text
