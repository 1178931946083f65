# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README.zh-CN.md says what README.md says: the same sections, commands, tables, names and links."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[3]
ENGLISH, CHINESE = ((REPOSITORY / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))


def code_blocks(page: str) -> list[str]:
    return re.findall(r"(?ms)^```\w+\n.*?^```$", page)


def prose(page: str) -> str:
    return re.sub(r"(?ms)^```\w+\n.*?^```$", "", page)


def sections(page: str) -> list[str]:
    return re.split(r"(?m)^#{2,3} .+$", prose(page))


def levels(page: str) -> list[str]:
    return re.findall(r"(?m)^(#+) ", prose(page))


def quoted(text: str) -> list[str]:
    """What is in backquotes, but for words around which a language puts its own."""
    return sorted(" ".join(name.split()) for name in re.findall(r"`([^`]+)`", text))


def test_the_sections_are_the_same():
    assert levels(CHINESE) == levels(ENGLISH)


def test_the_code_is_the_same():
    assert code_blocks(CHINESE) == code_blocks(ENGLISH)


def test_the_tables_have_the_same_rows():
    def rows(page):
        return [re.findall(r"(?m)^\|", section).__len__() for section in sections(page)]

    assert rows(CHINESE) == rows(ENGLISH)


def test_every_section_names_the_same_things():
    for english, chinese in zip(sections(ENGLISH), sections(CHINESE), strict=True):
        assert quoted(chinese) == quoted(english), english.strip()[:80]


def test_every_section_has_the_same_links():
    def links(section):
        # Anchors within the page have the names of its own headings, and each page links the other one.
        found = re.findall(r"\]\(([^)\s]+)\)", section)
        return sorted("#" if link.startswith("#") else link for link in found if not link.startswith("README."))

    for english, chinese in zip(sections(ENGLISH), sections(CHINESE), strict=True):
        assert links(chinese) == links(english), english.strip()[:80]


def test_each_page_links_the_other():
    assert "](README.zh-CN.md)" in sections(ENGLISH)[0] and "](README.md)" in sections(CHINESE)[0]


def test_the_prose_is_chinese():
    han, latin = (
        len(re.findall(kind, re.sub(r"`[^`]+`|\]\([^)]+\)|(?m:^\|.*$)", "", prose(CHINESE))))
        for kind in (r"[\u4e00-\u9fff]", r"[a-z]+")
    )
    assert han > 1500 and han > 3 * latin
