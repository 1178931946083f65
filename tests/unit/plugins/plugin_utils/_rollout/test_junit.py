# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Verdicts as JUnit XML."""

from __future__ import annotations

from xml.etree import ElementTree

from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.verdict import make_verdict
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import junit
from rollout_support import GOOD


def test_junit():
    failed = {
        **make_verdict("error", "died of SIGILL\x1b[31m"),
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
    text = junit.render(
        {"good": {"verdict": GOOD, "seconds": 5.0}, "bad\x00": {"verdict": failed, "seconds": 5.0}},
        "2026-11-23T04:00:00Z",
    )
    root = ElementTree.fromstring(text.encode())  # noqa: S314 (our own)
    good, bad = root
    assert (good.get("name"), good.get("failures")) == ("good", "0")
    assert (bad.get("name"), bad.get("tests"), bad.get("failures")) == ("bad?", "5", "2")
    assert (bad.get("hostname"), bad.get("skipped"), bad.get("errors"), bad.get("time")) == ("bad?", "1", "0", "5.000")
    assert [case.get("name") for case in bad if case.find("failure") is not None] == ["verdict", "autograd"]
    text = bad[0].find("failure").text
    assert "ARM-01" in text and "the <core>" in text and "\x1b" not in text
    assert bad[-1].find("skipped").get("message") == "no torch.distributed"
