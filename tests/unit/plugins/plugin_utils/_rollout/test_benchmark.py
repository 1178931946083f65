# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Images per second of whole networks, compared among boards of one model."""

import csv
import io

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import benchmark


def state(seconds, model="Jetson Orin Nano", mode="15W", **conditions):
    timings = {
        "import": 2.0,
        "matmul_cpu": 0.01,
        "classifier_image_cuda": seconds,
        "classifier_first_image_cuda": 1.5,
    }
    verdict = {**make_verdict("cuda", "works"), "torch": "2.5.0", "timings": timings, "conditions": conditions}
    return {"board": {"model": model, "platform": {"power_mode": mode}}, "verdict": verdict}


def test_boards_of_one_model_and_power_mode_are_compared():
    results = benchmark.list_results(
        {
            "slow": state(0.04, load=1.2, temperature=[50.0, 83.5], peak_memory=3 << 20),
            "a": state(0.02),
            "b": state(0.02),
            "other mode": state(0.01, mode="MAXN_SUPER"),
            "nobody": {"board": None, "verdict": make_verdict("unreachable", "off")},
        }
    )
    found = {result["host"]: (result["images_per_second"], result["of_median"]) for result in results}
    assert found == {"a": (50.0, 1.0), "b": (50.0, 1.0), "slow": (25.0, 0.5), "other mode": (100.0, None)}
    slow = next(result for result in results if result["host"] == "slow")
    assert (slow["network"], slow["device"], slow["first_image_seconds"]) == ("classifier", "cuda", 1.5)
    assert (slow["load"], slow["celsius_before"], slow["celsius_after"], slow["peak_memory_mib"]) == (
        1.2,
        50.0,
        83.5,
        3,
    )


def test_csv_and_table_have_every_result():
    results = benchmark.list_results({"a, the first": state(0.02), "b": state(0.02, model=None)})
    lines = list(csv.DictReader(io.StringIO(benchmark.csv_text(results))))
    assert {line["host"]: line["model"] for line in lines} == {"a, the first": "Jetson Orin Nano", "b": ""}
    table = benchmark.table_lines(results)
    assert len(table) == 4 and table[0].split()[:2] == ["network", "device"] and "50.0" in table[2]
