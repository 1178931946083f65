# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Evidence in the shape of the probe's, for judges."""

from ansible_collections.edgeai.fleet.plugins.module_utils._verify.verdict import STANDARD, add_board


def seen(kind="cpu", **more):
    """Evidence of a probe that went through, on a board with this accelerator: there are none here."""
    checks = [
        {"name": name, "passed": True, "value": None, "bound": None, "seconds": 0.1}
        for name in STANDARD + ("accelerator",) + (("tensor_product_" + kind,) if kind != "cpu" else ())
    ]
    evidence = {
        "python": "/x/bin/python",
        "user": "robot",
        "expect": kind,
        "level": "standard",
        "modules": [],
        "family": None,
        "timeout": 600,
        "problem": None,
        "seconds": 3.0,
        "variables": {},
        "surroundings": {},
        "skipped": [],
        "timings": {},
        "stdout": "",
        "stderr": "",
        "start": {"machine": "x86_64", "environment": {}},
        "torch": {"version": "2.9.1"},
        "accelerator": {"kind": kind, "count": 1, "cause": None},
        "checks": checks,
        "warnings": [],
        "stages": [],
        "stage": "exit",
        "died": None,
    }
    return dict(evidence, **more)


def failed(name, kind, text, advisory=False):
    error = {"type": kind, "text": text, "traceback": []}
    return {"name": name, "passed": False, "value": None, "bound": None, "advisory": advisory, "error": error}


JETSON = {"soc": "tegra234", "os": {"package_manager": "apt"}}


def on_a_jetson(board=None, container=False, **more):
    evidence = seen(family="jetson", surroundings={}, **more)
    add_board(evidence, board or {**JETSON, "platform": {"cuda": "12.6"}}, container)
    return evidence
