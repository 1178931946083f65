# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""README's table of supported boards, made from the catalogues: C(python tests/support_table.py) writes it, a unit test compares it."""

from __future__ import annotations

from pathlib import Path

import yaml
from packaging.specifiers import SpecifierSet

REPOSITORY = Path(__file__).resolve().parents[1]
README = REPOSITORY / "README.md"
BEGIN, END = "<!-- support table: begin -->\n", "<!-- support table: end -->\n"


WORDS = {"architecture": "{}", "libc": "glibc {}", "driver": "driver {}", "compute_capability": "compute capability {}", "atomics": "{} LSE atomics"}


def condition(row: dict) -> str:
    """What the board must be, in words."""
    words = []
    for name, wanted in row.get("when", {}).items():
        value = {True: "with", False: "no"}[wanted] if isinstance(wanted, bool) else " or ".join([wanted] if isinstance(wanted, str) else wanted)
        words.append(WORDS[name].format(value))
    return ", ".join(words)


def pythons(row: dict) -> str:
    """The Pythons that the row serves."""
    fits = SpecifierSet(row.get("python", ""))
    minors = [minor for minor in row.get("by_python", {}) if fits.contains(f"{minor}.99")]
    return f"{minors[0]} to {minors[-1]}" if minors else row["python"].removeprefix("==").removesuffix(".*")


def torch(row: dict) -> str:
    wanted = f"`{row['torch']}`" if "torch" in row else "any"
    if "sources" not in row:
        return wanted
    places = ["PyPI" if place == "configured" else place.removeprefix("https://") for place in row["sources"]]
    return f"{wanted} from {' or '.join(places)}"


def table() -> str:
    lines = ["| family | boards | torch | Python | accelerator | how far it is proven |", "|---|---|---|---|---|---|"]
    for catalogue in sorted(REPOSITORY.glob("roles/*/vars/main.yml")):
        family = catalogue.parts[-3]
        for row in yaml.safe_load(catalogue.read_text(encoding="utf-8")).get(f"__{family}_catalogue", []):
            if "accelerator" in row:
                cells = [f"`{family}`", condition(row), torch(row), pythons(row), row["accelerator"], row["proven"]]
            elif "refuse" in row:
                cells = [f"`{family}`", condition(row), torch(row), "any", "**refused**", row["proven"]]
            else:
                continue
            lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    head, rest = README.read_text(encoding="utf-8").split(BEGIN)
    README.write_text(head + BEGIN + table() + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
