# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Verdicts as metrics, read by Prometheus's own parser."""

from __future__ import annotations

import copy

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.metrics import METRICS, render
from prometheus_client.parser import text_string_to_metric_families
from rollout_support import GOOD

FINISHED = "2026-11-23T04:00:00Z"


def status(verdict, model="Raspberry Pi 4", seconds=5.0):
    return {"board": {"model": model}, "verdict": copy.deepcopy(verdict), "seconds": seconds}


def read(text):
    """The samples by metric, as Prometheus sees them."""
    families = list(text_string_to_metric_families(text))
    assert [family.name for family in families] == list(METRICS) and {family.type for family in families} == {"gauge"}
    return {family.name: [(sample.labels, sample.value) for sample in family.samples] for family in families}


def test_metrics():
    timed = {**GOOD, "timings": {"import": 1.5, "resnet_image_cpu": 0.25, "broken": None}}
    lost = {**status(make_verdict("unreachable", "no route"), seconds=None), "board": None}
    samples = read(render({"pi": status(timed), "gone": lost}, FINISHED))
    assert samples == {
        "torch_satisfied": [
            ({"board": "pi", "model": "Raspberry Pi 4", "torch": "2.9.1", "outcome": "cpu"}, 1),
            ({"board": "gone", "model": "", "torch": "", "outcome": "unreachable"}, 0),
        ],
        "torch_board_seconds": [({"board": "pi"}, 5.0)],
        "torch_timing_seconds": [
            ({"board": "pi", "timing": "import"}, 1.5),
            ({"board": "pi", "timing": "resnet_image_cpu"}, 0.25),
        ],
        "torch_report_timestamp_seconds": [({}, 1795406400)],
    }


def test_what_a_board_says_of_itself_stays_one_value():
    model = 'x"} 1\ntorch_satisfied{board="all",model="\\ \udcff'
    ((labels, value),) = read(render({"pi": status(GOOD, model)}, FINISHED))["torch_satisfied"]
    assert (labels["board"], labels["model"], value) == ("pi", model.replace("\udcff", "?"), 1)
    render({"pi": status(GOOD, model)}, FINISHED).encode("utf-8")


def test_a_run_without_a_board_says_when_it_was():
    assert read(render({}, FINISHED))["torch_report_timestamp_seconds"] == [({}, 1795406400)]
