# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdicts of a run as JUnit XML, so that a CI can use a lab as a gate: a suite for each board, a case for its
verdict and for each check.

The format is the one that Jenkins and GitLab read: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

import re
import typing as t
from xml.etree import ElementTree

#: Characters that XML 1.0 cannot hold, not even escaped. A board can say anything.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(states: t.Mapping[str, dict[str, t.Any]], started: str) -> str:
    """The XML document."""
    root = ElementTree.Element("testsuites", name="edgeai.fleet")
    for host, state in states.items():
        verdict = state["verdict"]
        cases = [("verdict", verdict["satisfied"], _words(verdict), state["seconds"] or 0.0)]
        cases += [
            (
                check["name"],
                check["passed"] or check.get("advisory"),
                f"{check['value']}, where {check['bound']} is the bound",
                check["seconds"] or 0.0,
            )
            for check in verdict["checks"]
            if isinstance(check, dict) and {"name", "passed", "value", "bound", "seconds"} <= set(check)
        ]
        # What stands behind a verdict that fails is told there; a board that could not be tried has no failed check.
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_clean(host),
            timestamp=started.rstrip("Z"),
            tests=str(len(cases)),
            failures=str(sum(not passed for _name, passed, _text, _seconds in cases)),
        )
        for name, passed, text, seconds in cases:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_clean(host), name=_clean(name), time=f"{float(seconds):.3f}"
            )
            if not passed:
                failure = ElementTree.SubElement(
                    case, "failure", message=_clean(text.split("\n")[0]), type=_clean(verdict["outcome"])
                )
                failure.text = _clean(text)
        for skipped in verdict.get("skipped") or []:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_clean(host), name=_clean(skipped["name"]), time="0.000"
            )
            ElementTree.SubElement(case, "skipped", message=_clean(skipped["why"]))
            suite.set("tests", str(int(suite.get("tests", "0")) + 1))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _words(verdict: dict[str, t.Any]) -> str:
    lines = [f"{verdict['outcome']}: {verdict['reason']}"]
    if verdict["diagnosis"]:
        lines += [f"{word}: {verdict['diagnosis'][word]}" for word in ("id", "cause", "fix")]
        lines += map(str, verdict["diagnosis"]["evidence"])
    return "\n".join(lines)


def _clean(text: t.Any) -> str:
    return FORBIDDEN.sub("?", str(text))
