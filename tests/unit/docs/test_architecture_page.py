# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/architecture.md names every room and every file, and nothing else."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("layers", REPOSITORY / "tests" / "unit" / "test_architecture.py")
layers = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(layers)
# What development.md says of old names is about paths that are gone.
PAGES = {
    path.name: path.read_text(encoding="utf-8").partition("## Old names")[0] for path in REPOSITORY.glob("docs/*.md")
}
PAGE = PAGES["architecture.md"]
SECTIONS = dict(re.findall(r"(?ms)^### `([\w/]+)`: [^\n]+\n(.*?)(?=^##)", PAGE))
FOLDERS = ("plugins/", "roles/", "playbooks/", "molecule/", "tests/", "docs/")
PREFIXES = ("", "plugins/plugin_utils/", "plugins/module_utils/")


@pytest.mark.parametrize(("side", "files"), [("plugin_utils", layers.CONTROL), ("module_utils", layers.BOARD)])
def test_every_file_has_its_line(side, files):
    named = {
        f"{room.partition('/')[2]}.{name.replace('/', '.')}"
        for room, section in SECTIONS.items()
        for name in re.findall(r"(?m)^\| `([\w/]+)\.py` \| .+ \|$", section)
        if room.startswith(f"{side}/")
    }
    assert named == set(files)


def test_every_plugin_has_its_line():
    folders = ("modules", "filter", "lookup")
    plugins = {f"{folder}/{path.name}" for folder in folders for path in (REPOSITORY / "plugins" / folder).glob("*.py")}
    assert set(re.findall(rf"`((?:{'|'.join(folders)})/\w+\.py)`", PAGE)) == plugins


def test_layers_are_those_of_the_test():
    shown = {
        room: set(re.findall(r"`(\w+)`", imports))
        for room, imports in re.findall(r"(?m)^\| `(\w+/_\w+)` \|(.*)\|$", PAGE)
    }
    sides = {"plugin_utils": layers.CONTROL_LAYERS, "module_utils": layers.BOARD_LAYERS}
    assert shown == {f"{side}/{room}": lower for side, rooms in sides.items() for room, lower in rooms.items()}


def test_what_the_control_node_shares_is_marked():
    marked = {
        f"{room.partition('/')[2]}.{name}"
        for room, section in SECTIONS.items()
        for name in re.findall(r"(?m)^\| `(\w+)\.py` \| .*also (?:used )?on the control node", section)
    }
    # That of a module's message: the control node only catches it.
    assert marked == layers.SHARED - {"_base.errors"}


@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"development.md"}))
def test_paths_exist(name):
    """Paths from the top of the repository, or from a side's folder (`_plan/engine.py`). One page lists old ones."""
    paths = [
        path
        for path in re.findall(r"`([\w./<>{},-]+)`", PAGES[name])
        if path.startswith(FOLDERS) or re.match(r"_\w+/\w+", path)
    ]
    missing = []
    for path in paths:
        pattern = re.sub(r"<\w+>|\{[\w,]+\}", "*", path)
        if not any(next(REPOSITORY.glob(prefix + pattern), None) for prefix in PREFIXES):
            missing.append(path)
    assert missing == []


@pytest.mark.parametrize("name", PAGES)
def test_links_lead_somewhere(name):
    anchors = {
        page: {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in re.findall(r"(?m)^#+ (.+)$", text)}
        for page, text in PAGES.items()
    }
    for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", PAGES[name]):
        path, _hash, anchor = target.partition("#")
        assert (REPOSITORY / "docs" / (path or name)).exists(), target
        if anchor and (not path or path in PAGES):
            assert anchor in anchors[path or name], target


@pytest.mark.parametrize("name", PAGES)
def test_prose_is_wrapped(name):
    """Tables, code and links may be longer."""
    prose = re.sub(r"(?ms)^ *```.*?^ *```$", "", PAGES[name])
    long = [line for line in prose.splitlines() if len(line) > 120 and not re.match(r" *(\||\* `)|.*https?://", line)]
    assert long == []
