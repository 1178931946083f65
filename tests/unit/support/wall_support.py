# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Fleets of any size as a run leaves them, for the tests of the report wall."""

from __future__ import annotations

import copy
import functools

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.plan import empty_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.hypothetical_board import board

MODELS = (
    {"board": "Raspberry Pi 4", "os": "debian 12"},
    {"board": "Jetson Orin Nano", "l4t": "36.4.3"},
    {"board": "PC"},
)
CHECKS = (
    "import identity accelerator tensor_product temporary_files data_loader collective functions convolution reduction"
    " autograd training script parallel numpy_bridge benchmark_cpu"
).split()
DIAGNOSIS = {
    "id": "ARM-01",
    "cause": "this core has no LSE atomics",
    "fix": "take torch 2.5.1",
    "evidence": ["Illegal instruction", "https://example.org/1?a=1&b=2"],
    "confidence": "proven",
    "repair": None,
}


def lock(torch: str) -> dict:
    names = ["torch", "numpy", "filelock", "fsspec", "jinja2", "markupsafe", "mpmath", "networkx", "sympy"]
    packages = {name: {"version": torch if name == "torch" else "1.0", "sha256": f"{len(name):064x}"} for name in names}
    return {"key": "0123456789abcdef", "id": "0123456789ab", "torch": torch, "packages": packages}


@functools.cache
def _plan() -> dict:
    torch = {"specifier": "==2.9.1", "local": None}
    python = {"path": "/usr/bin/python3", "version": "3.11.2"}
    return {
        **empty_plan(),
        "family": "raspberrypi",
        "action": "install",
        "accelerator": "cpu",
        "expect": "cpu",
        "provider": "venv",
        "torch": torch,
        "python": python,
        "requirements": ["numpy"],
        "sources": ["configured"],
        "row": "pi-2.9",
        "proven": {"how": "recorded", "here": [], "elsewhere": []},
        "why": ["Row pi-2.9 (recorded): the newest that this core runs"],
    }


def satisfied(number: int = 0) -> dict:
    return {
        **make_verdict("cpu", "torch 2.9.1 works on the CPU as planned"),
        "satisfied": True,
        "expect": "cpu",
        "torch": "2.9.1",
        "level": "deep",
        "checks": [
            {
                "name": name,
                "passed": True,
                "value": 1e-6 * (number + 1),
                "bound": 1e-3,
                "seconds": 0.01,
                "advisory": False,
            }
            for name in CHECKS
        ],
        "skipped": [{"name": "lapack", "why": "no LAPACK"}],
        "timings": {"import": 2.0 + number % 7, "matmul_cpu": 0.01 + number % 5 / 1000, "classifier_image_cpu": 0.05},
        "conditions": {"load": 0.25, "temperature": [50.0, 60.5], "peak_memory": 300 << 20},
    }


def fleet(number: int, **others: dict) -> dict[str, dict]:
    """So many boards of three models: each tenth fails, each 17th is unreachable. C(others) are added as they are."""
    kinds = [board(facts) for facts in MODELS]
    statuses: dict[str, dict] = {}
    for index in range(number):
        kind = kinds[index % len(kinds)]
        status = {
            "board": {**kind, "seconds": index / 1000},
            "plan": _plan(),
            "lock": lock("2.9.1"),
            "verdict": satisfied(index),
            "seconds": 12.5,
            "trend": [],
        }
        if index % 10 == 9:
            status["verdict"] = {
                **status["verdict"],
                **{"outcome": "error", "satisfied": False, "reason": "importing torch died of SIGILL"},
                "diagnosis": DIAGNOSIS,
            }
            status["verdict"]["checks"] = [
                {**status["verdict"]["checks"][0], "passed": False, "value": None},
            ]
        if index % 17 == 16:
            status.update(board=None, plan=None, lock=None, verdict=make_verdict("unreachable", "no route to host"))
        statuses[f"board-{index}"] = status
    return {**statuses, **copy.deepcopy(others)}


def hostile() -> dict:
    """A board whose every text tries to leave its place."""
    bad = "<script>alert(1)</script>"
    status = copy.deepcopy(fleet(1)["board-0"])
    status["board"].update(model=bad, soc="</script><script>alert(2)//", warnings=['"><img src=x onerror=alert(3)>'])
    status["verdict"].update(
        satisfied=False,
        outcome="error",
        reason="\u202egnp.exe \x1b[31m <b>bold</b>\n]]>--> {{ 7 * 7 }}",
        torch="2.9<i>",
        warnings=["\ud800 half a pair", "http://user:secret@mirror.example/simple"],
        diagnosis={
            **DIAGNOSIS,
            "cause": "<style>*{display:none}</style>",
            "evidence": ["</pre><script>alert(4)</script>"],
        },
    )
    status["verdict"]["timings"] = {"<svg onload=alert(5)>": 1.0}
    return status


def written(statuses: dict[str, dict], run: str = "20261130T120000Z", finished: str = "2026-11-30T12:00:00Z") -> dict:
    """The report of these statuses."""
    return {"run": run, "started": "2026-11-30T11:00:00Z", "finished": finished, "boards": statuses, "builds": []}
