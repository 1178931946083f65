# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which ansible-core drives which board, against the ansible-core that runs this test, and in the plans of boards."""

from __future__ import annotations

import importlib.metadata
import re
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.module_utils import basic
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import ansible_cores
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board

ROOT = Path(__file__).resolve().parents[5]

import venvs  # noqa: E402  (found by the line above)

NANO, JETPACK5, PI, TRIXIE = (
    board(facts)
    for facts in (
        {"board": "Jetson Nano"},
        {"board": "Jetson AGX Xavier", "l4t": "35.6.0", "os": "ubuntu 20.04"},
        {"board": "Raspberry Pi 4", "os": "debian 12"},
        {"board": "Raspberry Pi 5", "os": "debian 13"},
    )
)
RELEASES = {core.release: core for core in ansible_cores.CORES}


@pytest.fixture
def here(monkeypatch):
    return lambda release: monkeypatch.setattr(ansible_cores, "HERE", RELEASES[release])


def test_the_table_is_what_this_ansible_core_says_of_itself():
    own = importlib.metadata.metadata("ansible-core")
    assert own["Requires-Python"] == f">={ansible_cores.dotted(ansible_cores.HERE.control[0])}"
    classified = {
        tuple(map(int, found))
        for found in re.findall(r"Python :: (3)\.(\d+)$", "\n".join(own.get_all("Classifier")), re.MULTILINE)
    }
    assert (min(classified), max(classified)) == ansible_cores.HERE.control
    # 2.16 writes down the two that it asks for, and keeps only whether they are met.
    source = Path(basic.__file__).read_text(encoding="utf-8")
    oldest = re.search(r"^(?:_PY3_MIN = sys\.version_info >=|_PY_MIN =) \((3), (\d+)\)", source, re.MULTILINE)
    assert tuple(map(int, oldest.groups())) == ansible_cores.HERE.boards[0]


def test_what_make_sets_up_is_what_is_advised():
    assert [core.release for core in ansible_cores.OFFERED] == list(venvs.CONTROL)
    for core in ansible_cores.OFFERED:
        assert venvs.pin_of(core.release)[0].startswith(f"{core.release}.")
        first, last = core.control
        assert sorted(venvs.CONTROL[core.release]) == [f"3.{minor}" for minor in range(first[1], last[1] + 1)]


def test_make_takes_what_was_typed_as_one_word():
    run = subprocess.run(
        ["make", "-C", str(ROOT), "env", "CORE=2.16 2.19"], capture_output=True, text=True, check=False
    )
    assert (
        run.returncode != 0 and "CORE=2.16 2.19: `make` sets up ansible-core 2.16, 2.19, 2.21 or newest" in run.stderr
    )


def test_make_says_what_it_cannot_set_up(monkeypatch):
    monkeypatch.setattr(venvs, "python_of", lambda version: None)
    monkeypatch.setattr(venvs, "ensure", pytest.fail)
    for arguments, words in [
        (["2.14"], ["CORE=2.14", "2.16, 2.19, 2.21 or newest"]),
        (
            ["2.16"],
            [
                "ansible-core 2.16 runs on Python 3.10, 3.11, 3.12",
                "none of these is found",
                "uv python install 3.12",
                "PYTHON=/path/to/python3.12",
            ],
        ),
        (["newest"], ["ansible-core 2.21 runs on Python 3.12, 3.13, 3.14"]),
    ]:
        with pytest.raises(SystemExit) as stopped:
            venvs.core(*arguments)
        assert [word for word in words if word not in str(stopped.value)] == []
    monkeypatch.setitem(venvs.CONTROL, "2.16", ["3.5"])
    with pytest.raises(
        SystemExit, match=r"runs on Python 3\.5, and \S+ is Python 3\.\d+: leave PYTHON out, or name another"
    ):
        venvs.core("2.16", sys.executable)


@pytest.mark.parametrize(
    ("release", "facts", "words"),
    [
        (
            "2.21",
            NANO,
            [
                "ansible-core 2.21 of this control node cannot drive Python 3.6.9",
                "needs 3.9 or newer",
                "make provision CORE=2.16",
                "Python 3.12",
            ],
        ),
        ("2.19", NANO, ["it needs 3.8 or newer", "CORE=2.16", "pip install 'ansible-core==2.16.*'"]),
        ("2.17", NANO, ["it needs 3.7 or newer", "CORE=2.16"]),
        ("2.21", JETPACK5, ["cannot drive Python 3.8.10", "take ansible-core 2.19", "CORE=2.19"]),
        ("2.16", NANO, []),
        ("2.19", JETPACK5, []),
        ("2.21", PI, []),
        ("2.21", TRIXIE, []),
        # Beyond what a release is made for, it may well work.
        ("2.16", TRIXIE, []),
        ("2.21", {**NANO, "pythons": [*NANO["pythons"], {"version": "3.10.13"}]}, []),
        ("2.21", {**NANO, "pythons": []}, []),
        (
            "2.16",
            {**NANO, "pythons": [{"version": "2.7.18"}]},
            ["No ansible-core drives it with this collection: install Python 3.6 or newer"],
        ),
        # A board that has answered was driven.
        ("2.21", {**NANO, "warnings": []}, []),
    ],
)
def test_a_board_that_this_control_node_cannot_drive(here, release, facts, words):
    here(release)
    said = ansible_cores.core_warnings(facts)
    assert len(said) == bool(words)
    for word in words:
        assert word in said[0]


def test_a_bench_that_one_other_core_drives(here):
    here("2.21")
    assert ansible_cores.fleet_advice({"nano": NANO, "pi": PI, "gone": None}) == [
        "ansible-core 2.16 drives all these boards, 2.21 of this control node does not: "
        "make provision CORE=2.16, or pip install 'ansible-core==2.16.*' with Python 3.12."
    ]
    assert "2.19 drives all" in ansible_cores.fleet_advice({"orin": JETPACK5, "trixie": TRIXIE})[0]


def test_a_bench_that_needs_two_says_so_once(here):
    here("2.21")
    lines = ansible_cores.fleet_advice({"nano": NANO, "xavier": JETPACK5, "trixie": TRIXIE})
    assert lines[0].startswith("No ansible-core supports all these boards: this fleet needs 2,")
    assert [line.partition(":")[0] for line in lines[1:]] == [
        "ansible-core 2.16 for nano",
        "ansible-core 2.19 for xavier, trixie",
    ]
    assert "make provision CORE=2.19 ARGS='--limit xavier,trixie'" in lines[2]


def test_nothing_is_said_where_nothing_is_wrong(here):
    here("2.21")
    assert (
        ansible_cores.fleet_advice({"pi": PI, "trixie": TRIXIE})
        == ansible_cores.fleet_advice({"nano": NANO})
        == ansible_cores.fleet_advice({})
        == []
    )
    here("2.16")
    assert ansible_cores.fleet_advice({"nano": NANO, "pi": PI}) == []


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        (NANO, "2.16"),
        (JETPACK5, "2.16 to 2.19"),
        (PI, "2.16 and later"),
        (TRIXIE, "2.18 and later"),
        ({**PI, "pythons": [{"version": "2.7.18"}]}, "none"),
    ],
)
def test_in_words(facts, words):
    assert ansible_cores.core_span(facts) == words


@pytest.mark.parametrize(
    ("version", "release", "like"),
    [("2.99.0rc1", "2.99", "2.21"), ("2.15.13", "2.15", "2.16"), ("2.19.14", "2.19", "2.19")],
)
def test_a_release_that_is_not_in_the_table(version, release, like):
    found = ansible_cores.core_of(version)
    assert found.release == release and found.boards == RELEASES[like].boards
