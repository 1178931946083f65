# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the tables of docs/build-features.md: run python tools/feature_table.py. A unit test compares them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "build-features.md"
BEGIN, END = "<!-- {}: begin -->\n", "<!-- {}: end -->\n"
PACKAGE = "edgeai_fleet_board"


def load_features() -> ModuleType:
    """Import _torch_build/features.py as part of a package, because it imports from another room."""
    directory = REPOSITORY / "plugins" / "module_utils"
    specification = importlib.util.spec_from_file_location(
        PACKAGE, directory / "__init__.py", submodule_search_locations=[str(directory)]
    )
    sys.modules[PACKAGE] = importlib.util.module_from_spec(specification)
    return importlib.import_module(f"{PACKAGE}._torch_build.features")


def markdown_table(header: list[str], rows: list[list[str]]) -> str:
    return "".join("| " + " | ".join(line) + " |\n" for line in [header, ["---"] * len(header), *rows])


def feature_table() -> str:
    rows = [
        [f"`{name}`", feature.what, _switch_text(feature.forms)] for name, feature in load_features().FEATURES.items()
    ]
    return markdown_table(["feature", "what it is", "what switches it"], rows)


def _switch_text(forms: tuple[tuple[str, str | None], ...]) -> str:
    words = []
    for begin, names in forms:
        how = "removed" if names is None else " and ".join(f"`{name}`" for name in names.split()) or "nothing"
        words.append(f"from {begin} on {how}")
    return "; ".join(words)


def python_table() -> str:
    ranges = load_features().PYTHONS
    rows = []
    for (begin, oldest, newest), following in zip(ranges, [*(row[0] for row in ranges[1:]), None], strict=True):
        releases = f"{begin} and later, before {following}" if following else f"{begin} and later"
        rows.append(
            [
                releases,
                f"{_version_text(oldest)} to {_version_text(newest)}"
                if newest
                else f"{_version_text(oldest)} and later",
            ]
        )
    return markdown_table(["PyTorch", "Python"], rows)


def cmake_table() -> str:
    return markdown_table(
        ["PyTorch", "CMake"], [[f"from {begin} on", _version_text(least)] for begin, least in load_features().CMAKES]
    )


def _version_text(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


TABLES = {"features": feature_table, "pythons": python_table, "cmakes": cmake_table}


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, made in TABLES.items():
        head, rest = page.split(BEGIN.format(name))
        page = head + BEGIN.format(name) + made() + END.format(name) + rest.split(END.format(name))[1]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
