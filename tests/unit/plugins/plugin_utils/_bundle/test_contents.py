# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import json

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import contents, layout
from bundle_support import explained, keep_wheel, make_locked

TARGET = {"architecture": "x86_64", "libc": "2.28", "python": "3.11"}


def test_a_board_that_is_ready(tmp_path):
    locked = make_locked(tmp_path)
    board = contents.describe_boards(explained(locked), locked)["pi"]
    assert (board["state"], board["torch"], board["reason"], board["python"]) == ("ready", "2.9.1", None, "3.11.2")
    assert board["lock"] in locked["locks"] and not board["hypothetical"]


def test_boards_that_are_left_out(tmp_path):
    locked = make_locked(tmp_path)
    told = {
        **explained(locked),
        "gone": {"board": None, "plan": None, "error": "no answer"},
        "old": {**explained(locked)["pi"], "plan": {**locked["boards"]["pi"]["plan"], "refusal": None}},
        "lost": explained(locked)["pi"],
    }
    locked["boards"]["old"] = {"refusal": {"reason": "there is no torch ==99", "nearly": [], "way_out": "take another"}}
    boards = contents.describe_boards(told, locked)
    assert {host: board["state"] for host, board in boards.items()} == {
        "pi": "ready",
        "gone": "left out",
        "old": "left out",
        "lost": "left out",
    }
    assert boards["gone"]["reason"] == "no answer" and boards["gone"]["model"] is None
    assert boards["old"]["reason"] == "there is no torch ==99. Take another"


def test_what_boards_say_is_one_printable_line(tmp_path):
    locked = make_locked(tmp_path)
    board = contents.describe_boards(explained(locked, model="Pi\x1b[2J\n" + "x" * 5000), locked)["pi"]
    assert board["model"].startswith("Pi [2J x") and len(board["model"]) == 600
    assert contents.printable("  a\x1b]0;b\x07c\nd") == "  a ]0;b c d"


def test_files_of_a_board(tmp_path):
    locked = make_locked(tmp_path)
    (key,) = locked["locks"]
    (tmp_path / "locks").mkdir()
    torch = locked["locks"][key]["packages"][0]
    pins = {name: {"sha256": "0" * 64} for name in (torch["filename"], "other.whl")}
    (tmp_path / "locks/pins.json").write_text(json.dumps({"schema": 1, "pins": pins}))
    boards = contents.describe_boards(explained(locked), locked)
    entries = contents.collect_entries(locked, boards, [], check=False)
    assert sorted(name.partition("/")[0] for name in entries) == ["locks"] * 3 + ["wheelhouse"] * 2
    assert layout.artifact_name(torch) in entries and f"locks/pylock.{key}.toml" in entries
    kept = json.loads(entries["locks/pins.json"].source)
    assert list(kept["pins"]) == [torch["filename"]], "of other boards nothing is handed out"
    (tmp_path / "locks/pins.json").write_text("{")
    with pytest.raises(layout.BundleError, match=r"pins\.json cannot be read"):
        contents.collect_entries(locked, boards, [], check=False)


def test_a_board_that_waits_for_a_build(tmp_path):
    locked = make_locked(tmp_path)
    house = tmp_path / "house"
    key = "f" * 16
    cmake, source = keep_wheel(house, "cmake", "4.0"), keep_wheel(house, "source", "1.0")
    build = {"key": key, "package": "torch", "version": "2.6.0", "wheels": [cmake], "archive": source}
    locked["boards"]["pi"] = {"refusal": None, "waiting": [key]}
    locked["builds"] = {key: build, "e" * 16: {**build, "wheels": []}}
    boards = contents.describe_boards(explained(locked), locked)
    assert (boards["pi"]["state"], boards["pi"]["builds"]) == ("to be compiled", [key])
    assert "must be compiled for it first. Run the playbook build here" in boards["pi"]["reason"]
    assert contents.collect_artifacts(locked, boards) == [cmake, source]
    with pytest.raises(layout.BundleError, match=rf"{key}\.wheels\.json cannot be read"):
        contents.collect_entries(locked, boards, [], check=False)
    (house / "builds").mkdir()
    (house / f"builds/{key}.wheels.json").write_text("[]")
    entries = contents.collect_entries(locked, boards, [], check=False)
    assert f"wheelhouse/builds/{key}.wheels.json" in entries and layout.artifact_name(source) in entries
    assert any("compilers" in line for line in contents.missing_parts(boards, locked, TARGET, []))
    build["archive"] = None
    assert any("clone of git" in line for line in contents.missing_parts(boards, locked, TARGET, []))
    del locked["builds"][key]
    assert any("begins after another build" in line for line in contents.missing_parts(boards, locked, TARGET, []))


def test_what_was_compiled_comes_with_its_record(tmp_path):
    locked = make_locked(tmp_path)
    key = "f" * 16
    locked["boards"]["pi"]["plan"]["builds"] = [{"key": key}]
    boards = contents.describe_boards(explained(locked), locked)
    assert contents.compiled_builds(locked, boards) == [key]
    (tmp_path / "house/builds").mkdir()
    (tmp_path / f"house/builds/{key}.json").write_text("{}")
    entries = contents.collect_entries(locked, boards, [key], check=False)
    assert f"wheelhouse/builds/{key}.json" in entries and f"wheelhouse/builds/{key}.log.gz" not in entries


def test_what_is_missing_is_named(tmp_path):
    locked = make_locked(tmp_path)
    locked["boards"]["pi"]["plan"]["system_packages"] = ["libgomp1"]
    boards = contents.describe_boards(explained(locked), locked)
    boards["dk"] = {**boards["pi"], "family": "atlas"}
    boards["out"] = {**boards["pi"], "family": "jetson", "state": "left out", "system_packages": ["x"]}
    lines = contents.missing_parts(boards, locked, TARGET, ["old-1"])
    assert lines[0].startswith("Python 3.11 ") and lines[1].startswith("system packages (apt)")
    assert "libgomp1. Without a mirror, set torch_system_packages" in lines[1]
    assert "Huawei" in lines[2] and "old-1" in lines[3] and len(lines) == 4
