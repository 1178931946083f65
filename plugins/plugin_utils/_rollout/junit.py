# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The verdicts of a run as JUnit XML, for a CI: a suite for each board, a case for its verdict and for each check.

The format is the one that Jenkins and GitLab read: https://docs.gitlab.com/ci/testing/unit_test_reports/
"""

from __future__ import annotations

import re
import typing as t
from xml.etree import ElementTree

#: Characters that XML 1.0 cannot contain, not even escaped. The output of a board may have any.
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def render(statuses: t.Mapping[str, dict[str, t.Any]], started: str) -> str:
    """The XML document."""
    root = ElementTree.Element("testsuites", name="edgeai.fleet")
    for host, status in statuses.items():
        verdict = status["verdict"]
        cases = [("verdict", verdict["satisfied"], _verdict_text(verdict), status["seconds"] or 0.0)]
        cases += [
            (
                check["name"],
                check["passed"] or check.get("advisory"),
                f"{check['value']}, with the bound {check['bound']}",
                check["seconds"] or 0.0,
            )
            for check in verdict["checks"]
            if isinstance(check, dict) and {"name", "passed", "value", "bound", "seconds"} <= set(check)
        ]
        skipped = verdict.get("skipped") or []
        # A board that could not be tested has no failed check: the case of its verdict fails.
        suite = ElementTree.SubElement(
            root,
            "testsuite",
            name=_xml_text(host),
            hostname=_xml_text(host),
            timestamp=started.rstrip("Z"),
            time=f"{float(status['seconds'] or 0):.3f}",
            tests=str(len(cases) + len(skipped)),
            failures=str(sum(not passed for _name, passed, _text, _seconds in cases)),
            errors="0",
            skipped=str(len(skipped)),
        )
        for name, passed, text, seconds in cases:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_xml_text(host), name=_xml_text(name), time=f"{float(seconds):.3f}"
            )
            if not passed:
                failure = ElementTree.SubElement(
                    case, "failure", message=_xml_text(text.split("\n")[0]), type=_xml_text(verdict["outcome"])
                )
                failure.text = _xml_text(text)
        for item in skipped:
            case = ElementTree.SubElement(
                suite, "testcase", classname=_xml_text(host), name=_xml_text(item["name"]), time="0.000"
            )
            ElementTree.SubElement(case, "skipped", message=_xml_text(item["why"]))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _verdict_text(verdict: dict[str, t.Any]) -> str:
    lines = [f"{verdict['outcome']}: {verdict['reason']}"]
    if verdict["diagnosis"]:
        lines += [f"{word}: {verdict['diagnosis'][word]}" for word in ("id", "cause", "fix")]
        lines += map(str, verdict["diagnosis"]["evidence"])
    return "\n".join(lines)


def _xml_text(text: t.Any) -> str:
    return FORBIDDEN.sub("?", str(text))
