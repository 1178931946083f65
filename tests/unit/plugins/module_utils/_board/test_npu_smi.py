# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""npu-smi as a real program, and the tables that it was recorded with."""

import fcntl
import os
import threading
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._board import npu_smi
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System

TABLE = """+------------------------------------------------------------------------------+
| npu-smi 23.0.0            Version: 23.0.0                                     |
+-------------------+-----------------+----------------------------------------+
| NPU     Name      | Health          | Power(W)   Temp(C)  Hugepages-Usage(page)|
| Chip    Device    | Bus-Id          | AICore(%%)  Memory-Usage(MB)            |
+===================+=================+========================================+
%s
+===================+=================+========================================+
| NPU     Chip      | Process id      | Process name    | Process memory(MB)   |
| 0       0         | 79096           | python          | 49379                |
| No running processes found in NPU 0                                           |
"""


# Rows as they were recorded: of which chip, by which release of npu-smi.
RECORDED = {
    "310, 23.0.0": (
        "| 0 310 | OK | 12.8 61 0 / 969 |\n| 0 0 | 0000:01:00.0 | 0 577 / 7759 |",
        {"npu": 0, "chip": 0, "name": "310", "health": "OK", "bus": "0000:01:00.0", "memory": 7759 << 20},
    ),
    "310B1, 23.0.rc3": (
        "| 0 310B1 | OK | 9.2 53 15 / 15 |\n| 0 0 | NA | 0 3841 / 11577 |",
        {"npu": 0, "chip": 0, "name": "310B1", "health": "OK", "bus": None, "memory": 11577 << 20},
    ),
    "310P3, 25.3.rc1": (
        "| 6 310P3 | OK | NA 50 0 / 0 |\n| 0 0 | 0000:84:00.0 | 0 1839 / 21525 |",
        {"npu": 6, "chip": 0, "name": "310P3", "health": "OK", "bus": "0000:84:00.0", "memory": 21525 << 20},
    ),
    "310P3, number 32800": (
        "| 32800 310P3 | OK | NA 50 0 / 0 |\n| 0 0 | 0000:84:00.0 | 0 1839 / 21525 |",
        {"npu": 32800, "chip": 0, "name": "310P3", "health": "OK", "bus": "0000:84:00.0", "memory": 21525 << 20},
    ),
    "910B, 24.1.0": (
        "| 0 910B | OK | 70.0 34 0 / 0 |\n| 0 | 0000:C1:00.0 | 0 1197 / 13553 1365 / 32768 |",
        {"npu": 0, "chip": 0, "name": "910B", "health": "OK", "bus": "0000:c1:00.0", "memory": 32768 << 20},
    ),
    "910B3, 23.0.7": (
        "| 0     910B3 | OK | 102.8 55 0 / 0 |\n| 0 | 0000:C1:00.0 | 0 0 / 0 3338 / 65536 |",
        {"npu": 0, "chip": 0, "name": "910B3", "health": "OK", "bus": "0000:c1:00.0", "memory": 65536 << 20},
    ),
    "Atlas 200I DK A2 in its documentation, 25.5.0": (
        "| 0 xxx | OK | 10.4 66 0 / 0 |\n| 0 0 | NA | 0 957 / 10810 |",
        {"npu": 0, "chip": 0, "name": None, "health": "OK", "bus": None, "memory": 10810 << 20},
    ),
}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_recorded_tables(name):
    rows, expected = RECORDED[name]
    assert npu_smi.parse_table(TABLE % rows) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "dcmi module initialize failed. ret is -8005",
        TABLE % "",
        TABLE % "| 0 310 | OK | 12.8 61 0 / 969 |",
        "|||\n| 0 |\n",
    ],
)
def test_no_table(text):
    assert npu_smi.parse_table(text) == []


def test_a_row_that_lacks_its_second_loses_only_its_own_chip():
    rows = "| 0 310P3 | Critical | NA 50 0 / 0 |\n| 1 310P3 | OK | NA 50 0 / 0 |\n| 0 1 | 0000:05:00.0 | 0 1 / 21525 |"
    assert [(chip["npu"], chip["bus"]) for chip in npu_smi.parse_table(TABLE % rows)] == [(1, "0000:05:00.0")]


class Here(System):
    """This machine with an npu-smi of the test's."""

    def __init__(self, place):
        super(Here, self).__init__()
        self.environ = dict(os.environ, PATH="%s:%s" % (place, os.environ["PATH"]))


@pytest.fixture
def smi(tmp_path, monkeypatch):
    monkeypatch.setattr(npu_smi, "PLACES", [])

    def write(body):
        program = tmp_path / "npu-smi"
        program.write_text("#!/bin/sh\n" + body)
        program.chmod(0o755)
        return program

    return write


def test_npu_smi_answers(smi, tmp_path):
    smi("[ \"$*\" = info ] || exit 1\ncat <<'EOF'\n%s\nEOF\n" % (TABLE % RECORDED["310P3, 25.3.rc1"][0]))
    assert npu_smi.ask_npu_smi(Here(tmp_path)) == ([RECORDED["310P3, 25.3.rc1"][1]], "23.0.0", None, [])


def test_npu_smi_is_never_run_twice_at_the_same_time(smi, tmp_path):
    smi(
        "echo begin >>{0}/log\nsleep 0.3\necho end >>{0}/log\ncat <<'EOF'\n{1}\nEOF\n".format(
            tmp_path, TABLE % RECORDED["310, 23.0.0"][0]
        )
    )
    answers = []
    threads = [
        threading.Thread(target=lambda: answers.append(npu_smi.ask_npu_smi(Here(tmp_path)))) for _number in range(3)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 3 and all(answer[0] for answer in answers)
    assert (tmp_path / "log").read_text().split() == ["begin", "end"] * 3


def test_npu_smi_that_another_keeps_busy_is_not_asked(smi, tmp_path, monkeypatch):
    monkeypatch.setattr(npu_smi, "TIMEOUT", 0.3)
    program = smi("echo ran >%s/log\n" % tmp_path)
    with open(str(program)) as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        chips, _version, trouble, warnings = npu_smi.ask_npu_smi(Here(tmp_path))
    assert (chips, trouble) == ([], None) and "was in use by another program" in warnings[0]
    assert not (tmp_path / "log").exists()


@pytest.mark.parametrize(
    "body, cause, said",
    [
        ("sleep 300\n", "hang", "gave no answer within"),
        ("exit 0\n", "silent", "lists no NPU (exit status 0: it printed nothing)"),
        (
            'echo "dcmi module initialize failed. ret is -8005"\nexit 255\n',
            "error",
            "lists no NPU (exit status 255: dcmi module initialize failed. ret is -8005)",
        ),
    ],
)
def test_npu_smi_that_does_not_answer(smi, tmp_path, monkeypatch, body, cause, said):
    monkeypatch.setattr(npu_smi, "TIMEOUT", 1)
    smi(body)
    started = time.monotonic()
    chips, version, trouble, warnings = npu_smi.ask_npu_smi(Here(tmp_path))
    assert (chips, version, warnings) == ([], None, []) and trouble[0] == cause and said in trouble[1]
    assert time.monotonic() - started < 20
