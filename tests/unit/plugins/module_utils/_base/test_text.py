# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from ansible_collections.edgeai.fleet.plugins.module_utils._base.text import clean_line, last_lines, last_words


def test_a_line_is_printable_and_short():
    assert clean_line(" a\x00b\x1b[0m\u202e\tc\n") == "a b [0m c"
    assert len(clean_line("x" * 100000)) == 120


def test_the_last_words_of_a_program_are_one_line():
    assert last_words("\n".join("line %d" % number for number in range(9))) == "line 5 / line 6 / line 7 / line 8"
    assert last_words("\x1b[31m red \n\n") == "[31m red"
    assert last_words("a" + "x" * 1000) == "x" * 600
    assert last_words(" \n") == "it printed nothing"


def test_the_last_lines_of_a_program_are_as_they_are():
    assert last_lines("a\n b\nc\n", 2) == " b\nc"
