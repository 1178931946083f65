# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The report wall in a real Chromium, by keyboard and by its accessible names."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
import venvs
from chromium import find_chromium
from playwright import sync_api
from wall_support import fleet, hostile, written

#: Pictures of the pages, for a person to look at.
PICTURES = venvs.BUILD / "screenshots"


@pytest.fixture(scope="module")
def browser():
    program = find_chromium()
    if program is None:
        message = "no Chromium is found: on Debian and Ubuntu, apt-get install chromium"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)
    with sync_api.sync_playwright() as playwright:
        # Chromium's own sandbox does not work for root, nor in many containers; the pages are ours.
        started = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield started
        started.close()


class Wall:
    """Pages of a reports directory, opened in the browser; whatever they log or ask the network for is kept."""

    def __init__(self, browser: sync_api.Browser, reports: Path) -> None:
        self.browser, self.reports = browser, reports
        self.complaints: list[str] = []
        self.requests: list[str] = []

    def open(self, path: str, **options: object) -> sync_api.Page:
        page = self.browser.new_page(**options)
        page.on("console", lambda message: self.complaints.append(message.text))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("dialog", lambda dialog: (self.complaints.append(dialog.message), dialog.dismiss()))
        page.on("request", lambda request: self.requests.append(request.url))
        page.goto(f"file://{self.reports}/{path}")
        return page

    def picture(self, page: sync_api.Page, name: str) -> None:
        PICTURES.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=PICTURES / f"{name}.png")


@pytest.fixture
def wall(browser, tmp_path):
    opened = Wall(browser, tmp_path)
    yield opened
    assert opened.complaints == []
    assert [url for url in opened.requests if not url.startswith(f"file://{tmp_path}/")] == []


def write_run(reports: Path, name: str, statuses: dict) -> None:
    from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall.write import write_wall

    run = reports / name
    run.mkdir(parents=True)
    finished = f"{name[:4]}-{name[4:6]}-{name[6:8]}T12:00:00Z"
    write_wall(run, written(statuses, name, finished), statuses, [])


def tiles(page: sync_api.Page) -> list[str]:
    return page.locator("#tiles a.tile b").all_inner_texts()


def test_filter_search_and_keyboard(wall):
    write_run(wall.reports, "20261101T120000Z", fleet(24))
    now = fleet(30)
    now["board-1"]["verdict"].update(satisfied=False, outcome="refused", reason="no driver runs it")
    write_run(wall.reports, "20261102T120000Z", now)
    page = wall.open("20261102T120000Z/index.html", viewport={"width": 1280, "height": 1000})
    status = page.get_by_role("status")
    sync_api.expect(status).to_have_text("30 of 30 boards")
    wall.picture(page, "wall-run")

    # "/" goes to the search, and each word must be found.
    page.keyboard.press("/")
    page.keyboard.type("jetson sigill")
    sync_api.expect(status).to_have_text("1 of 30 boards")
    assert tiles(page) == ["board-19"]
    page.get_by_role("button", name="Show all").click()
    sync_api.expect(status).to_have_text("30 of 30 boards")

    page.get_by_role("checkbox", name="satisfied").uncheck()
    sync_api.expect(status).to_have_text("5 of 30 boards")
    page.get_by_role("button", name="Show all").click()
    page.locator("#model").select_option(now["board-1"]["board"]["model"])
    assert all(int(name.rpartition("-")[2]) % 3 == 1 for name in tiles(page)) and tiles(page)
    page.get_by_role("button", name="Show all").click()

    # By keyboard: from tile to tile, open, close; the focus returns.
    page.locator("#tiles a.tile").first.focus()
    for key in ("ArrowRight", "ArrowRight", "End", "Home", "ArrowRight"):
        page.keyboard.press(key)
    name = page.evaluate("document.activeElement.querySelector('b').innerText")
    assert name == tiles(page)[1]
    page.keyboard.press("Enter")
    section = page.locator("#board")
    sync_api.expect(section.get_by_role("heading", name=name, exact=True)).to_be_visible()
    assert page.evaluate("document.activeElement.id") == "board"
    page.keyboard.press("Escape")
    sync_api.expect(section).to_be_hidden()
    assert page.evaluate("document.activeElement.querySelector('b').innerText") == name


def test_the_section_of_a_board_has_all_that_the_report_has(wall):
    write_run(wall.reports, "20261101T120000Z", fleet(24))
    write_run(wall.reports, "20261102T120000Z", fleet(30))
    page = wall.open("20261102T120000Z/index.html#board=board-19", viewport={"width": 1280, "height": 1400})
    section = page.locator("#board")
    text = section.inner_text()
    for part in ("importing torch died of SIGILL", "this core has no LSE atomics", "take torch 2.5.1", "L4T", "36.4.3",
                 "gets: torch ==2.9.1 for the CPU", "Row pi-2.9 (recorded)", "0123456789abcdef", "FAILED"):  # fmt: skip
        assert part in text, part
    page.goto(f"file://{wall.reports}/20261102T120000Z/index.html#board=board-1")
    sync_api.expect(section.get_by_role("heading", name="board-1", exact=True)).to_be_visible()
    section.get_by_text("9 packages with their sha256").click()
    assert f"{5:064x}" in section.inner_text()
    # Value and bound of a check; a plot that says in words what it shows.
    assert "tensor_product\t\u2713 passed\t0.000002\t0.001\t0.01" in section.inner_text()
    assert "boards, from" in (section.get_by_role("img").first.get_attribute("aria-label") or "")
    section.get_by_role("link", name="2026-11-01T12:00:00Z").click()
    page.wait_for_url("**/20261101T120000Z/index.html#board=board-1")
    wall.picture(page, "wall-board")
    sync_api.expect(page.locator("#board")).to_contain_text("What it got, and why")


def test_the_page_of_all_runs_leads_to_the_run_of_a_board(wall):
    write_run(wall.reports, "20261101T120000Z", fleet(24))
    write_run(wall.reports, "20261102T120000Z", fleet(3))
    page = wall.open("index.html")
    sync_api.expect(page.get_by_role("status")).to_have_text("24 of 24 boards")
    wall.picture(page, "wall-fleet")
    page.get_by_role("link", name="board-20 ", exact=False).first.click()
    page.locator("#board").get_by_role("link", name="20261101T120000Z", exact=True).click()
    page.wait_for_url("**/20261101T120000Z/index.html#board=board-20")


def test_a_board_whose_model_is_a_script(wall):
    write_run(wall.reports, "20261101T120000Z", {"<b>host</b>": hostile(), **fleet(2)})
    page = wall.open("20261101T120000Z/index.html")
    assert "<script>alert(1)</script> (1)" in page.locator("#tiles h3").all_inner_texts()
    assert "<b>host</b>" in tiles(page)
    page.get_by_role("link", name="<b>host</b>").first.click()
    section = page.locator("#board").inner_text()
    for part in ("</script><script>alert(2)//", "<style>*{display:none}</style>", "{{ 7 * 7 }}"):
        assert part in section, part
    assert page.locator("script").count() == 2 and page.locator("img:not(svg)").count() == 0
    wall.open("index.html")


def test_light_dark_and_paper(wall):
    write_run(wall.reports, "20261101T120000Z", fleet(30))
    colours = {}
    for scheme in ("light", "dark"):
        page = wall.open("20261101T120000Z/index.html", color_scheme=scheme)
        colours[scheme] = page.evaluate("getComputedStyle(document.body).backgroundColor")
        # The contrast of each verdict on its tile, as WCAG 2 computes it: 4.5 is level AA.
        for key in ("satisfied", "other", "error", "refused", "unreachable", "not_started"):
            ratio = page.evaluate(CONTRAST, key)
            assert ratio >= 4.5, (scheme, key, ratio)
        wall.picture(page, f"wall-{scheme}")
    assert colours["light"] != colours["dark"]
    page.emulate_media(media="print")
    assert not page.locator("#filter").is_visible() and page.locator("#tiles a.tile").first.is_visible()
    page.get_by_role("status").wait_for()
    pdf = page.pdf()
    assert pdf.startswith(b"%PDF") and pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") >= 1


CONTRAST = """(key) => {
  const tile = document.createElement('a');
  tile.className = 'tile ' + key;
  document.getElementById('tiles').append(tile);
  const light = (text) => {
    const [r, g, b] = text.match(/[0-9.]+/g).slice(0, 3).map((part) => {
      const share = part / 255;
      return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const style = getComputedStyle(tile);
  const [a, b] = [light(style.color), light(style.backgroundColor)].sort((x, y) => y - x);
  tile.remove();
  return (a + 0.05) / (b + 0.05);
}"""


def test_five_thousand_boards_in_pages(wall):
    write_run(wall.reports, "20261101T120000Z", fleet(5000))
    page = wall.open("20261101T120000Z/index.html")
    status = page.get_by_role("status")
    sync_api.expect(status).to_have_text("5000 of 5000 boards, page 1 of 25")
    assert len(tiles(page)) == 200
    seen = set(tiles(page))
    page.get_by_role("button", name="Next page").click()
    sync_api.expect(status).to_have_text("5000 of 5000 boards, page 2 of 25")
    assert not seen & set(tiles(page))
    page.get_by_label("Search").fill("board-4999")
    sync_api.expect(status).to_have_text("1 of 5000 boards")
    page.get_by_role("button", name="Show the sections of this page's boards").click()
    sync_api.expect(page.locator("#sections article")).to_have_count(1)
    assert json.loads(page.locator("#data").text_content())["boards"][4999]["host"] == "board-4999"
    wall.picture(page, "wall-5000")
