# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""docs/build-features.md's tables: C(python tools/feature_table.py) writes them, a unit test compares them."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "build-features.md"
BEGIN, END = "<!-- {}: begin -->\n", "<!-- {}: end -->\n"
PACKAGE = "edgeai_fleet_build"


def source() -> ModuleType:
    """_torch_build/features.py, as a part of a package, for it imports its neighbour."""
    directory = REPOSITORY / "plugins" / "module_utils" / "_torch_build"
    specification = importlib.util.spec_from_file_location(
        PACKAGE, directory / "__init__.py", submodule_search_locations=[str(directory)]
    )
    sys.modules[PACKAGE] = importlib.util.module_from_spec(specification)
    return importlib.import_module(f"{PACKAGE}.features")


def table(header: list[str], rows: list[list[str]]) -> str:
    return "".join("| " + " | ".join(line) + " |\n" for line in [header, ["---"] * len(header), *rows])


def features() -> str:
    rows = [[f"`{name}`", feature.what, _switched(feature.forms)] for name, feature in source().FEATURES.items()]
    return table(["feature", "what it is", "what switches it"], rows)


def _switched(forms: tuple[tuple[str, str | None], ...]) -> str:
    words = []
    for begin, names in forms:
        how = (
            "not there any more" if names is None else " and ".join(f"`{name}`" for name in names.split()) or "nothing"
        )
        words.append(f"from {begin} on {how}")
    return "; ".join(words)


def pythons() -> str:
    ranges = source().PYTHONS
    rows = []
    for (begin, oldest, newest), following in zip(ranges, [*(row[0] for row in ranges[1:]), None], strict=True):
        releases = f"{begin} and later, before {following}" if following else f"{begin} and later"
        rows.append([releases, f"{_dotted(oldest)} to {_dotted(newest)}" if newest else f"{_dotted(oldest)} and later"])
    return table(["PyTorch", "Python"], rows)


def cmakes() -> str:
    return table(["PyTorch", "CMake"], [[f"from {begin} on", _dotted(least)] for begin, least in source().CMAKES])


def _dotted(version: tuple[int, int]) -> str:
    return ".".join(map(str, version))


TABLES = {"features": features, "pythons": pythons, "cmakes": cmakes}


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name, made in TABLES.items():
        head, rest = page.split(BEGIN.format(name))
        page = head + BEGIN.format(name) + made() + END.format(name) + rest.split(END.format(name))[1]
    PAGE.write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main()
