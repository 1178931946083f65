# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""How far the sending of a file is."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import progress, sent_bytes

SLOW_COPY = """
import sys, time
with open(sys.argv[1], "rb", buffering=0) as stream:
    stream.read(700)
    print("ready", flush=True)
    time.sleep(60)
"""


@pytest.fixture
def artifact(tmp_path):
    path = tmp_path / "torch.whl"
    path.write_bytes(b"x" * 1000)
    return path


@pytest.fixture
def events(tmp_path):
    progress.turn_on(tmp_path / progress.FILE)
    yield progress.Reader(tmp_path / progress.FILE)
    progress.turn_on(None)


@pytest.mark.slow
def test_what_a_child_has_read(artifact, events, monkeypatch):
    """sftp is a child of ssh's connection plugin, or a child of a child."""
    if not sent_bytes.PROC.joinpath("self", "fdinfo").is_dir():
        pytest.skip("this system does not say what a process has read")
    monkeypatch.setattr(sent_bytes, "SECONDS", 0.05)
    command = ["sh", "-c", f'"{sys.executable}" -c "$0" "$1"; true', SLOW_COPY, str(artifact)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
        try:
            child.stdout.readline()
            assert sent_bytes.read_position(artifact) == 700
            with sent_bytes.sending("b", artifact, before=500, total=2000):
                time.sleep(0.4)
        finally:
            subprocess.run(["pkill", "-P", str(child.pid)], check=False)
            child.kill()
    found = [(event["host"], event["sent"], event["total"]) for event in events.read()]
    assert found[0] == ("b", 500, 2000) and found[-1] == ("b", 1500, 2000)
    assert ("b", 1200, 2000) in found


def test_without_a_reader_nothing_is_watched(artifact):
    with sent_bytes.sending("b", artifact, 0, 1000):
        pass
    assert sent_bytes.read_position(artifact) == 0


def test_this_process_may_read_the_file_itself(artifact):
    with artifact.open("rb", buffering=0) as stream:
        stream.read(10)
        if sent_bytes.PROC.joinpath("self", "fdinfo").is_dir():
            assert sent_bytes.read_position(artifact) == 10
