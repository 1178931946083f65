# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Which boards are named as slow, and which are not."""

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import slow_boards

TIMINGS = {"import": 3.0, "matmul_cpu": 0.020, "convolution_cpu": 0.010}


def state(model="Raspberry Pi 4", timings=None, past=None, **more):
    measured = {
        **make_verdict("cpu", "works"),
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
    assert slow_boards.find_slow_boards(boards) == {
        "pi4": ["matmul_cpu took 0.050 s, 2.5 times the median of 4 other boards of the model Raspberry Pi 4 (0.020 s)"]
    }


def test_other_models_and_too_few_are_no_peers():
    assert slow_boards.find_slow_boards({"a": state(), "b": state(timings={"matmul_cpu": 1.0})}) == {}
    boards = {"a": state(), "b": state(), "slow": state(model="Raspberry Pi 3", timings={"matmul_cpu": 1.0})}
    assert slow_boards.find_slow_boards(boards) == {}


def test_what_was_measured_once_is_not_slow():
    names = ("import", "first_kernel", "first_kernel_cuda", "classifier_first_image_cpu")
    boards = {name: state(timings=dict.fromkeys(names, 0.1)) for name in "abc"}
    boards["d"] = state(timings=dict.fromkeys(names, 3.0))
    assert slow_boards.find_slow_boards(boards) == {}
    boards["d"] = state(timings={"classifier_image_cpu": 3.0, "matmul_cuda": 3.0})
    boards.update((name, state(timings={"classifier_image_cpu": 0.1, "matmul_cuda": 0.1})) for name in "abc")
    assert len(slow_boards.find_slow_boards(boards)["d"]) == 2


def test_noise_is_not_slow():
    boards = {
        "a": state(timings={"matmul_cpu": 0.0002}),
        "b": state(timings={"matmul_cpu": 0.0002}),
        "c": state(timings={"matmul_cpu": 0.0015}),
    }
    assert slow_boards.find_slow_boards(boards) == {}


def test_its_own_past():
    measured = {"timings": {"convolution_cpu": 0.025}, "conditions": {"load": 1.5, "temperature": [60.0, 81.4]}}
    sentences = slow_boards.find_slow_boards({"pi": state(past=TIMINGS, **measured)})
    assert sentences == {
        "pi": [
            "convolution_cpu took 0.025 s, 2.5 times its recorded timing (0.010 s on 2026-11-20T10:00:00Z);"
            " load 150% of its cores, 81 degrees Celsius"
        ]
    }


def test_a_record_may_hold_anything():
    for junk in ("x", [1], {"matmul_cpu": "fast", "import": True, "convolution_cpu": -1}):
        assert slow_boards.find_slow_boards({"pi": state(past=junk)}) == {}
