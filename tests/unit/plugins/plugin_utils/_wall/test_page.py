# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The pages as HTML: what they contain without their script, and that no text of a board becomes anything but text."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall import page, runs
from wall_support import fleet, hostile, written

VOID = {"meta", "input", "link", "br", "img"}


class Page(HTMLParser):
    """Elements, their attributes and texts; elements that are not closed are an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict]] = []
        self.open: list[str] = []
        self.inside: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.inside.append((self.open[-1] if self.open else "", data))

    def all(self, tag):
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self):
        return " ".join("".join(part for tag, part in self.inside if tag not in ("script", "style")).split())


def rendered(statuses, before=()):
    return page.run_page(written(statuses), statuses, before)


def data_of(text):
    return json.loads(re.search(r'<script id="data" type="application/json">(.*?)</script>', text, re.S)[1])


def test_a_page_says_the_essential_without_its_script():
    text = Page(rendered(fleet(20))).text()
    assert "17 satisfied" in text and "2 error" in text and "1 unreachable" in text
    for part in (
        "board-9",
        "importing torch died of SIGILL",
        "take torch 2.5.1",
        "no route to host",
        "Jetson Orin Nano",
    ):
        assert part in text, part
    assert "There is no earlier run beside this one." in text


def test_the_data_are_all_that_the_report_has():
    data = data_of(rendered(fleet(30)))
    assert [board["host"] for board in data["boards"]] == [f"board-{number}" for number in range(30)]
    assert data["kind"] == "run"


def test_texts_of_boards_stay_texts():
    text = rendered({"good": fleet(1)["board-0"], "<b>host": hostile()})
    found = Page(text)
    assert len(found.all("script")) == 2 and len(found.all("style")) == 1
    assert not found.all("img") and not found.all("i") and not found.all("svg")
    assert not [name for _tag, attributes in found.elements for name in attributes if name.startswith("on")]
    assert "<script>alert(1)</script>" in found.text()
    board = data_of(text)["boards"][1]
    assert board["host"] == "<b>host" and board["model"] == "<script>alert(1)</script>"
    assert "49" not in board["reason"] and "{{ 7 * 7 }}" in board["reason"]
    assert "secret" not in text and "http://mirror.example/simple" in text
    text.encode("utf-8")


def test_a_page_loads_nothing_and_runs_only_its_own_script():
    text = rendered(fleet(3))
    found = Page(text)
    (policy,) = [meta["content"] for meta in found.all("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'" and rules["base-uri"] == "'none'" and rules["form-action"] == "'none'"
    for tag, rule in (("style", "style-src"), ("script", "script-src")):
        content = re.search(rf"<{tag}>(.*?)</{tag}>", text, re.S)[1]
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert rules[rule] == f"'sha256-{digest}'"
    for tag, attributes in found.elements:
        assert tag not in ("link", "img", "iframe", "object")
        assert "src" not in attributes and "style" not in attributes
        assert not attributes.get("href", "").startswith(("http", "//", "javascript"))
    assert "innerHTML" not in text and "eval(" not in text


def test_what_people_with_a_screen_reader_need():
    found = Page(rendered(fleet(20)))
    assert ("html", {"lang": "en"}) in found.elements
    identifiers = [attributes["id"] for _tag, attributes in found.elements if "id" in attributes]
    assert len(set(identifiers)) == len(identifiers)
    for _tag, attributes in found.elements:
        for name in ("aria-labelledby", "aria-describedby"):
            if name in attributes and attributes[name] != "board-name":  # the script makes that one
                assert attributes[name] in identifiers
    for attributes in found.all("th"):
        assert attributes.get("scope") in ("col", "row")
    assert {attributes["href"] for attributes in found.all("a") if attributes.get("class") == "skip"} == {"#fleet"}
    levels = [int(tag[1]) for tag, _attributes in found.elements if re.fullmatch(r"h\d", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    # Each colour has a sign and words beside it.
    assert all(one["words"] and one["sign"] for one in page._counts([]))


def test_a_board_that_does_not_answer_is_of_the_model_that_it_was():
    lost = {"board-1": fleet(17)["board-16"]}
    assert data_of(rendered(lost))["boards"][0]["model"] == "unknown model"
    before = runs.summarize(written(fleet(3), "20261101T120000Z", "2026-11-01T12:00:00Z"))
    assert data_of(rendered(lost, [before]))["boards"][0]["model"] == fleet(3)["board-1"]["board"]["model"]


def test_many_failures_are_named_and_counted():
    statuses = {f"b{number}": fleet(10)["board-9"] for number in range(page.NAMED + 5)}
    assert "And 5 more" in Page(rendered(statuses)).text()


def test_what_changed_and_the_history_are_on_the_page():
    before = runs.summarize(written(fleet(3), "20261101T120000Z", "2026-11-01T12:00:00Z"))
    now = fleet(3)
    now["board-1"]["verdict"].update(satisfied=False, outcome="error", reason="it fails")
    text = rendered(now, [{**before, "page": True}])
    found = Page(text)
    assert "1 no longer satisfied" in found.text()
    assert "../20261101T120000Z/index.html" in [attributes.get("href") for attributes in found.all("a")]
    assert data_of(text)["boards"][1]["history"] == [[0, "satisfied", "cpu", "2.9.1"]]


def test_the_page_of_all_runs_has_the_last_verdict_of_each_board():
    newest = runs.summarize(written(fleet(2), "b", "2026-11-02T12:00:00Z"))
    oldest = runs.summarize(written({**fleet(3), "<x>": hostile()}, "a", "2026-11-01T12:00:00Z"))
    text = page.fleet_page([{**newest, "page": True}, oldest], ["broken is not among the earlier runs: <b>"])
    found = Page(text)
    assert [(board["host"], board["run"]) for board in data_of(text)["boards"]] == [
        ("<x>", 1),
        ("board-0", 0),
        ("board-1", 0),
        ("board-2", 1),
    ]
    links = [attributes.get("href") for attributes in found.all("a")]
    assert "b/index.html" in links and "a/index.html" not in links
    assert "broken is not among the earlier runs: <b>" in found.text()
