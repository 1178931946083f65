# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Progress of actions, from process to process."""

from __future__ import annotations

import json
import os

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import heartbeat, progress


@pytest.fixture
def events(tmp_path):
    progress.turn_on(tmp_path / progress.FILE, tmp_path)
    yield progress.Reader(tmp_path / progress.FILE)
    progress.turn_on(None)


def test_nothing_is_written_unless_somebody_reads(tmp_path):
    progress.append({"host": "a"})
    assert not progress.is_on() and progress.run_directory() is None and not list(tmp_path.iterdir())


def test_events_of_forked_processes_arrive(events, tmp_path):
    assert events.read() == []
    for number in range(4):
        if os.fork() == 0:
            for step in range(50):
                progress.append({"host": f"b{number}", "sent": step})
            os._exit(0)
    for _number in range(4):
        os.wait()
    found = events.read()
    assert len(found) == 200 and events.read() == []
    assert [event["sent"] for event in found if event["host"] == "b2"] == list(range(50))
    assert progress.run_directory() == tmp_path


def test_a_line_that_is_not_complete_is_read_later(events):
    with events.path.open("a", encoding="utf-8") as stream:
        stream.write('{"host": "a"}\n{"ho')
        stream.flush()
        assert events.read() == [{"host": "a"}]
        stream.write('st": "b"}\njunk\n[]\n{"host": "c"}\n')
    assert events.read() == [{"host": "b"}, {"host": "c"}]


def test_passwords_and_huge_texts_are_not_written(events):
    progress.append({"doing": "fetching https://user:secret@mirror.example/x.whl"})
    progress.append({"doing": "x" * progress.LONGEST})
    (event,) = events.read()
    assert event["doing"] == "fetching https://mirror.example/x.whl"
    assert events.path.stat().st_mode & 0o777 == 0o600


def test_a_long_table_comes_in_parts(events):
    lines = [f"board-{number}: {'x' * 100} \N{CHECK MARK}" for number in range(5000)]
    progress.append_lines("table", "\n".join(["", *lines]))
    found = [event["table"] for event in events.read()]
    assert len(found) > 10 and "\n".join(found).split("\n") == ["", *lines]
    progress.append_lines("table", "\N{CHECK MARK}" * progress.LONGEST)
    (cut,) = events.read()
    assert set(cut["table"]) == {"\N{CHECK MARK}"}


def test_a_directory_that_is_gone_stops_nothing(tmp_path):
    progress.turn_on(tmp_path / "gone" / "x")
    try:
        progress.append({"host": "a"})
    finally:
        progress.turn_on(None)


def test_the_heartbeat_is_silent_while_there_is_a_screen(events, monkeypatch):
    said = []
    monkeypatch.setattr(heartbeat, "SECONDS", 0.01)
    monkeypatch.setattr(heartbeat.display, "display", said.append)
    with heartbeat.heartbeat("board-1", "installing"):
        os.stat(events.path)
    assert said == [] and [(event["host"], event["doing"]) for event in events.read()] == [("board-1", "installing")]


def test_run_directories_are_new(tmp_path):
    names = [progress.make_run_directory(tmp_path, "2026-11-23T04:00:00Z").name for _number in range(3)]
    assert names == ["20261123T040000Z", "20261123T040000Z-1", "20261123T040000Z-2"]
    assert json.dumps(names)
