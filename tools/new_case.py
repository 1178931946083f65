# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Turn a board of a report into a golden case: what it is, and what it gets today.

.build/test/bin/python tools/new_case.py report.json                # the only board of the report
.build/test/bin/python tools/new_case.py report.json --host pi4 --because "a source" --request version=2.9.1

The file is a run's report.json, or what explain_json wrote. The case is added to
tests/unit/golden/<family>-reported.yml. Whoever adds it says in `because` what the sources say, and corrects the plan
if the board should get another one: the test then fails until the catalogue agrees.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from pathlib import Path
from typing import Any

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
sys.path += [str(REPOSITORY / ".build" / "collections"), str(REPOSITORY / "tests" / "unit" / "support")]

import golden_support  # noqa: E402  (found by the line above)

GOLDEN = REPOSITORY / "tests" / "unit" / "golden"
#: Longer files are no reports of a few boards, and are not read.
LARGEST = 64 << 20
UNSAID = "Reported; say here what the sources say about this board."


def read_report(path: Path) -> dict[str, dict[str, Any]]:
    """Return the boards of a report by name, without those that could not be asked."""
    if path.stat().st_size > LARGEST:
        sys.exit(f"{path} has more than {LARGEST >> 20} MiB: it is no report.")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        boards = {name: entry["board"] for name, entry in found["boards"].items() if entry.get("board")}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        sys.exit(f"{path} is neither a report.json nor a file of explain_json ({type(error).__name__}: {error}).")
    if not boards:
        sys.exit(f"{path} has no board that was detected.")
    return boards


def chosen(boards: dict[str, dict[str, Any]], host: str | None) -> dict[str, Any]:
    if host is None and len(boards) > 1:
        sys.exit(f"Several boards are in the report: name one with --host ({', '.join(sorted(boards))}).")
    if host is not None and host not in boards:
        sys.exit(f"{host} is not a detected board of the report ({', '.join(sorted(boards))}).")
    board = boards[host] if host is not None else next(iter(boards.values()))
    missing = [key for key in ("schema", "family", "state", "user", "workload") if key not in board]
    if missing:
        sys.exit(f"The board has no {', '.join(missing)}: the report is not of this collection, or incomplete.")
    return board


def anonymous(board: dict[str, Any]) -> dict[str, Any]:
    """Return the board without names of users and its state, of which only the promised outcome stays."""
    found = copy.deepcopy(board)
    for who in ("user", "workload"):
        name = found[who].get("name")
        if name not in (None, "root"):
            found = _without_home(found, f"/home/{name}")
            found[who]["name"] = "user"
            if "groups" in found[who]:
                found[who]["groups"] = ["user" if group == name else group for group in found[who]["groups"]]
    found["seconds"] = 0
    outcome = ((board["state"].get("record") or {}).get("verdict") or {}).get("outcome")
    promised = {"record": outcome} if outcome else {}
    # A verdict has texts of the board. A plan asks the record for the outcome.
    like = {"family": "generic", "os": "debian 12", "architecture": "aarch64", **promised}
    found["state"] = golden_support.board(like)["state"]
    return found


def _without_home(value: Any, home: str) -> Any:
    if isinstance(value, dict):
        return {name: _without_home(inner, home) for name, inner in value.items()}
    if isinstance(value, list):
        return [_without_home(inner, home) for inner in value]
    return value.replace(home, "/home/user") if isinstance(value, str) else value


def new_case(board: dict[str, Any], because: str, request: dict[str, Any]) -> dict[str, Any]:
    """Return the golden case of this board, with what the engine gives today."""
    family, board = board["family"], anonymous(board)
    system = (board.get("os") or {}).get("pretty_name") or "unknown system"
    told = [board.get("model") or "unknown model", system, *(f"{name} {value}" for name, value in request.items())]
    case = {"name": ", ".join(told), "board": board, "because": because}
    if request:
        case["request"] = request
    made, plan = golden_support.planned({"request": {}, "options": {}, "family": family, **case})
    return {**case, **golden_support.condensed(plan, made)}


def add_case(case: dict[str, Any], family: str, golden: Path = GOLDEN) -> Path:
    """Append the case to the family's reported ones; return the file."""
    path = golden / f"{family}-reported.yml"
    text = path.read_text(encoding="utf-8") if path.exists() else HEADER
    if case["name"] in [known["name"] for known in yaml.safe_load(text) or []]:
        sys.exit(f"{path} has a case of this name already: {case['name']}")
    # As JSON, the plan's texts lose the classes that templates give them.
    dumped = yaml.safe_dump(
        [json.loads(json.dumps(case))], sort_keys=False, default_flow_style=None, width=116, allow_unicode=True
    )
    path.write_text(f"{text}\n{dumped}", encoding="utf-8")
    return path


HEADER = """---
# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Boards out of reports (tools/new_case.py).
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("report", type=Path, help="report.json of a run, or a file of explain_json")
    parser.add_argument("--host", help="the board, if there are several")
    parser.add_argument("--because", default=UNSAID, help="what the sources say about this board")
    parser.add_argument("--request", action="append", default=[], metavar="NAME=VALUE", help="a torch_* variable")
    options = parser.parse_args()
    board = chosen(read_report(options.report), options.host)
    request = {name: yaml.safe_load(value) for name, _is, value in (word.partition("=") for word in options.request)}
    case = new_case(board, options.because, request)
    path = add_case(case, board["family"])
    outcome = case.get("plan", {}).get("torch") or f"refused: {case['refusal']['reason']}"
    print(f"{path}: {case['name']} gets {outcome}. Correct what it should get, then: make one T=tests/unit/golden")


if __name__ == "__main__":
    main()
