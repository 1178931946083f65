# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is added to a board is recorded first, once, and never half."""

import os

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import (
    missing_directories,
    read_additions,
    record_additions,
    start_record,
)

GROUP = {"kind": "group", "user": "ml", "group": "video"}


def test_the_record_begins_with_the_directories_that_did_not_exist(tmp_path):
    root = str(tmp_path / "opt" / "edgeai" / "torch")
    assert missing_directories(root) == [str(tmp_path / "opt"), str(tmp_path / "opt" / "edgeai"), root]
    start_record(root)
    found = read_additions(root)
    assert [entry["path"] for entry in found.of("directory")][-1] == root
    assert (len(found.entries), found.complete, found.problem) == (3, True, None)
    start_record(root)
    assert read_additions(root).entries == found.entries


def test_an_earlier_root_has_no_complete_record(tmp_path):
    (tmp_path / "envs").mkdir()
    record_additions(str(tmp_path), [GROUP])
    found = read_additions(str(tmp_path))
    assert (found.complete, [entry["group"] for entry in found.of("group")]) == (False, ["video"])
    assert found.of("directory") == []


def test_the_first_power_mode_is_kept_and_nothing_is_recorded_twice(tmp_path):
    root = str(tmp_path)
    record_additions(root, [GROUP, {"kind": "power_mode", "was": 1, "set": 2}])
    record_additions(root, [GROUP, {"kind": "power_mode", "was": 2, "set": 0}])
    found = read_additions(root)
    assert [(entry["was"], entry["set"]) for entry in found.of("power_mode")] == [(1, 0)]
    assert len(found.of("group")) == 1
    before = os.stat(os.path.join(root, "state", "additions.json")).st_ino
    record_additions(root, [GROUP])
    assert os.stat(os.path.join(root, "state", "additions.json")).st_ino == before


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        '{"schema": 2, "additions": []}',
        '{"schema": 1, "additions": {}}',
        '{"schema": 1, "additions": [{"kind": "group", "user": "ml"}]}',
        '{"schema": 1, "additions": [{"kind": "soup"}]}',
        '{"schema": 1, "additions": [{"kind": "power_mode", "was": "1", "set": 2}]}',
        '{"schema": 1, "additions": [{"kind": "group", "user": "ml", "group": ["video"]}]}',
    ],
)
def test_a_broken_record_is_named_and_never_replaced(tmp_path, content):
    path = tmp_path / "state" / "additions.json"
    path.parent.mkdir()
    path.write_text(content)
    assert str(path) in read_additions(str(tmp_path)).problem
    with pytest.raises(EnvironmentProblem, match="cannot be recorded"):
        record_additions(str(tmp_path), [GROUP])
    assert path.read_text() == content


def test_no_record(tmp_path):
    assert "does not exist" in read_additions(str(tmp_path / "nowhere")).problem
    record_additions(str(tmp_path / "nowhere"), [])
    assert not (tmp_path / "nowhere").exists()
