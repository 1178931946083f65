# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A board of a report becomes a golden case in one step."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path

import golden_support as golden
import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("new_case", REPOSITORY / "tools" / "new_case.py")
new_case = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(new_case)

pytestmark = golden.ON_ONE_WORKER


def reported(**facts):
    """A board as a report has it, of a person called alice."""
    board = golden.board({"board": "Raspberry Pi 4", "os": "debian 12", **facts})
    board["user"]["name"] = board["workload"]["name"] = "alice"
    board["workload"]["groups"] = ["alice", "video"]
    board["pythons"].append({**board["pythons"][0], "path": "/home/alice/py/bin/python3"})
    board["state"]["root"] = "/home/alice/torch"
    return board


def report(tmp_path, boards):
    path = tmp_path / "report.json"
    path.write_text(json.dumps({"schema": 1, "boards": boards}), encoding="utf-8")
    return path


def test_the_case_is_what_the_board_gets(tmp_path):
    path = report(tmp_path, {"pi4": {"board": reported(), "plan": None}, "away": {"board": None}})
    board = new_case.chosen(new_case.read_report(path), None)
    case = new_case.new_case(board, "a reason", {})
    (known,) = [one for one in golden.cases("raspberrypi") if one["name"] == "Pi 4, Bookworm"]
    assert case["plan"] == known["plan"]
    written = new_case.add_case(case, board["family"], tmp_path)
    assert written == tmp_path / "raspberrypi-reported.yml"
    # As the golden test reads it; not the plan that is kept already.
    (read,) = yaml.safe_load(written.read_text(encoding="utf-8"))
    assert set(read) <= golden.KEYS
    made, plan = golden._plan({"request": {}, "options": {}, "family": "raspberrypi", **read})
    assert golden.condensed(plan, made) == {"plan": read["plan"]}
    with pytest.raises(SystemExit, match="of this name already"):
        new_case.add_case(case, board["family"], tmp_path)


def test_nobody_is_named(tmp_path):
    path = report(tmp_path, {"alices-pi": {"board": reported(record="cpu")}})
    case = new_case.new_case(new_case.chosen(new_case.read_report(path), "alices-pi"), "a reason", {})
    written = new_case.add_case(case, "raspberrypi", tmp_path).read_text(encoding="utf-8")
    assert "alice" not in written
    assert case["board"]["workload"]["groups"] == ["user", "video"]
    assert case["board"]["state"]["record"]["verdict"]["outcome"] == "cpu"


def test_a_refusal_is_a_case_too():
    board = reported(board="BeagleBone Black", family="generic", os="debian 12") | {
        "libc": {"name": "musl", "version": "1"}
    }
    case = new_case.new_case(board, "a reason", {})
    assert set(case["refusal"]) == {"reason", "way_out"} and "plan" not in case


def test_the_request_counts():
    case = new_case.new_case(reported(), "a reason", {"version": "2.8.0"})
    assert case["name"].endswith(", version 2.8.0")
    assert case["request"] == {"version": "2.8.0"} and "2.8.0" in case["plan"]["torch"]


@pytest.mark.parametrize(
    ("content", "host", "message"),
    [
        ("no json", None, "neither a report.json"),
        ("[]", None, "neither a report.json"),
        ('{"boards": {"a": {"board": null}}}', None, "no board that was detected"),
        ('{"boards": {"a": {"board": {"schema": 1}}}}', None, "has no family"),
        ('{"boards": {"a": {"board": {"x": 1}}, "b": {"board": {"x": 1}}}}', None, "name one with --host"),
        ('{"boards": {"a": {"board": {"x": 1}}}}', "c", "c is not a detected board"),
    ],
)
def test_other_files_are_told(tmp_path, content, host, message):
    path = tmp_path / "report.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(SystemExit, match=message):
        new_case.chosen(new_case.read_report(path), host)
