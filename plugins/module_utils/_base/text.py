# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""Text from boards and programs, made fit for a message."""

import re


def clean_line(text, limit=120):
    """One printable line of at most limit characters: what a board says about itself is not to be trusted with a
    terminal or a report.
    """
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[: 8 * limit]).split())[:limit]


def numbers_in(text):
    return [int(number) for number in re.findall(r"\d+", text)]


def last_lines(output, count=15):
    """The last lines of a program's output, as they are."""
    return "\n".join(output.strip().splitlines()[-count:])


def last_words(output, limit=600):
    """The last four lines of a program's output, on one printable line."""
    lines = [clean_line(line, len(line)) for line in output.splitlines()]
    return " / ".join([line for line in lines if line][-4:])[-limit:] or "it printed nothing"
