# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which boards are named as slow, and which are not; and the same verdicts as JUnit XML."""

from xml.etree import ElementTree

from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import junit, slow_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.board_status import verdict

TIMINGS = {"import": 3.0, "matmul_cpu": 0.020, "convolution_cpu": 0.010}


def state(model="Raspberry Pi 4", timings=None, past=None, **more):
    measured = {
        **verdict("cpu", "works"),
        "satisfied": True,
        "torch": "2.9.1",
        "level": "standard",
        "timings": {**TIMINGS, **(timings or {})},
        **more,
    }
    record = (
        {"recorded": "2026-11-20T10:00:00Z", "verdict": {**measured, "timings": past}} if past is not None else None
    )
    return {"board": {"model": model, "state": {"record": record}}, "verdict": measured, "seconds": 5.0, "plan": None}


def test_a_throttled_board_among_its_peers():
    boards = {f"pi{number}": state() for number in range(4)}
    boards["pi4"] = state(timings={"matmul_cpu": 0.050})
    assert slow_boards.find(boards) == {
        "pi4": ["matmul_cpu took 0.050 s, 2.5 times the median of 4 other boards of the model Raspberry Pi 4 (0.020 s)"]
    }


def test_other_models_and_too_few_are_no_peers():
    assert slow_boards.find({"a": state(), "b": state(timings={"matmul_cpu": 1.0})}) == {}
    boards = {"a": state(), "b": state(), "slow": state(model="Raspberry Pi 3", timings={"matmul_cpu": 1.0})}
    assert slow_boards.find(boards) == {}


def test_noise_is_not_told():
    boards = {
        "a": state(timings={"matmul_cpu": 0.0002}),
        "b": state(timings={"matmul_cpu": 0.0002}),
        "c": state(timings={"matmul_cpu": 0.0015}),
    }
    assert slow_boards.find(boards) == {}


def test_its_own_past():
    told = slow_boards.find({"pi": state(past={**TIMINGS, "convolution_cpu": 0.004})})
    assert told == {
        "pi": [
            "convolution_cpu took 0.010 s, 2.5 times what it took when this was recorded (0.004 s on"
            " 2026-11-20T10:00:00Z)"
        ]
    }


def test_a_record_may_hold_anything():
    for junk in ("x", [1], {"matmul_cpu": "fast", "import": True, "convolution_cpu": -1}):
        assert slow_boards.find({"pi": state(past=junk)}) == {}


def test_junit():
    failed = {
        **verdict("error", "died of SIGILL\x1b[31m"),
        "checks": [
            {"name": "import", "passed": True, "value": "2.9.1", "bound": None, "seconds": 2.5, "advisory": False},
            {"name": "autograd", "passed": False, "value": 3, "bound": 1e-12, "seconds": 0.1, "advisory": False},
            {
                "name": "architectures",
                "passed": False,
                "value": "8.7",
                "bound": "sm_80",
                "seconds": 0.1,
                "advisory": True,
            },
            "junk",
        ],
        "skipped": [{"name": "collective", "why": "no torch.distributed"}],
        "diagnosis": {"id": "ARM-01", "cause": "the <core>", "fix": "another & newer", "evidence": ["https://x"]},
    }
    text = junit.render({"good": state(), "bad\x00": {**state(), "verdict": failed}}, "2026-11-23T04:00:00Z")
    root = ElementTree.fromstring(text.encode())  # noqa: S314 (our own)
    good, bad = root
    assert (good.get("name"), good.get("failures")) == ("good", "0")
    assert (bad.get("name"), bad.get("tests"), bad.get("failures")) == ("bad?", "5", "2")
    assert [case.get("name") for case in bad if case.find("failure") is not None] == ["verdict", "autograd"]
    text = bad[0].find("failure").text
    assert "ARM-01" in text and "the <core>" in text and "\x1b" not in text
    assert bad[-1].find("skipped").get("message") == "no torch.distributed"
