# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Each text that users reported gets a right cause, and a fix that is possible on that board."""

import re

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._verify.diagnosis import diagnose_text
from field_texts import TEXTS

SOURCE = re.compile(r"https://\S+|[\w.-]+/[\w.-]+/(?:issues|pull)/\d+")


@pytest.mark.parametrize(("board", "source", "text", "identities", "words", "not_words"), TEXTS)
def test_a_reported_text_gets_its_cause(board, source, text, identities, words, not_words):
    found = diagnose_text(text, board=board)
    assert found and found["id"] in identities, source
    said = found["cause"] + "; " + found["fix"]
    assert [word for word in words if word not in said] == [], said
    assert [word for word in not_words if word in said] == [], said
    assert not re.search(r"\{\w*\}", said)


def test_most_texts_have_a_public_source():
    sources = [text[1] for text in TEXTS if text[1]]
    assert len(set(sources)) >= 120 and all(SOURCE.match(source) for source in sources)
