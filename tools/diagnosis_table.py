# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the table of docs/diagnosis.md: run python tools/diagnosis_table.py. A unit test compares it."""

from __future__ import annotations

import importlib.util
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PAGE = REPOSITORY / "docs" / "diagnosis.md"
BEGIN, END = "<!-- diagnoses: begin -->\n", "<!-- diagnoses: end -->\n"
WORDS = {
    "signal": "died of {}",
    "timeout": "time-out",
    "stage": "in {}",
    "torch": "torch `{}`",
    "atomics": "no LSE atomics",
    "family": "{}",
    "soc": "{}",
    "machine": "{}",
    "variable": "`{}` is set",
    "conda": "conda",
    "out_of_memory": "OOM kill",
    "replaced": "not the locked torch",
    "misled": "a wrong library in LD_LIBRARY_PATH",
    "text": "`{}`",
}


def load_table() -> tuple[dict, ...]:
    path = REPOSITORY / "plugins" / "module_utils" / "_verify/diagnosis_table.py"
    specification = importlib.util.spec_from_file_location("diagnosis_table", path)
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module.TABLE


def markdown_table() -> str:
    lines = ["| id | where it is seen | cause | fix | how sure |", "|---|---|---|---|---|"]
    for row in sorted(load_table(), key=lambda row: row["id"]):
        seen = ", ".join(
            words.format(" or ".join(row[name]) if isinstance(row[name], tuple) else row[name])
            for name, words in WORDS.items()
            if name in row
        )
        cells = [f"[{row['id']}]({row['evidence']})", seen, row["cause"], row["fix"], row["confidence"]]
        lines.append("| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def main() -> None:
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    PAGE.write_text(head + BEGIN + markdown_table() + END + rest.split(END)[1], encoding="utf-8")


if __name__ == "__main__":
    main()
