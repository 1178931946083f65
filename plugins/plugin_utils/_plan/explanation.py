# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A plan in words: what a board would get, from where, why, and how far the row is proven."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from ansible.errors import AnsibleFilterError

from .._catalogue.system_packages import APT, manager_of, translate_packages
from .._catalogue.torch_releases import build_requirements
from .builds import source_words
from .missing_accelerators import cause_words, clean_text
from .proof import run_words

DEVICES = {"cpu": "the CPU", "cuda": "CUDA", "npu": "the NPU"}
PROVEN = {
    "hardware": "it ran on such a board",
    "emulated": "it ran in such a board's userland on an emulated core, not on the board",
    "container": "it ran on this kind of machine, in a container",
    "recorded": "others say so, see the evidence; it was not run for this catalogue",
    "guess": "an inference from the evidence; nobody is known to have run it",
}


NEAREST = 3  # candidates of a refusal


def explain(plan: Any, board: Any = None, every_candidate: bool = False) -> list[str]:
    """The plan as lines of text, after the lines of the board if it is given.

    Of the candidates of a refusal only the nearest, unless every one is wanted.
    """
    if not isinstance(plan, dict) or "refusal" not in plan:
        raise AnsibleFilterError("This is not a plan of the filter edgeai.fleet.torch_plan.")
    manager = manager_of(board) if board else APT
    return [
        *(_board_lines(board) if board else []),
        *(_refusal_lines(plan["refusal"], every_candidate) if plan["refusal"] else _plan_lines(plan, manager)),
        *_list_lines(f"evidence{_reading_words(plan)}", plan["evidence"]),
    ]


def _board_lines(board: dict) -> Iterator[str]:
    """The facts of the board, its unusable accelerators and its warnings."""
    key, devices = board["key"], board["accelerators"]
    yield "board: " + ", ".join(
        filter(
            None,
            [
                board["model"] or "unknown model",
                board["family"] or "unknown family",
                board["module"],
                board["soc"],
                board["os"]["pretty_name"] or board["os"]["id"],
                board["architecture"],
                "{name} {version}".format(**board["libc"]),
                key["l4t"] and f"L4T {key['l4t']}",
                key["cann"] and f"CANN {key['cann']}",
                *(f"{device['kind']} ({device['name']})" for device in devices),
                (
                    "Python " + " and ".join(python["version"] for python in board["pythons"])
                    if board["pythons"]
                    else "no Python"
                ),
            ],
        )
    )
    yield from _list_lines(
        "not usable", [f"{cause_words(sign)}. {clean_text(sign['fix'])}" for sign in board.get("signs", [])]
    )
    yield from _list_lines("not used by PyTorch", map(_unserved_words, board.get("unserved", [])))
    yield from _list_lines("board notes", board["warnings"])


def _unserved_words(other: dict) -> str:
    return f"{clean_text(other['name'])} ({clean_text(other['where'])}" + (
        ", the processor's own graphics)" if other["integrated"] else ")"
    )


def _plan_lines(plan: dict, manager: str | None) -> Iterator[str]:
    """What the board gets, from where, and why."""
    local = f"+{plan['torch']['local']}" if plan["torch"]["local"] else ""
    verb = "gets" if plan["action"] == "install" else "must be compiled"
    yield (
        f"{verb}: torch {plan['torch']['specifier'] or '(any version)'}{local and f' labelled {local}'} for"
        f" {DEVICES[plan['accelerator']]}"
    )
    yield from _list_lines("also installs", [*plan["companions"], *plan["requirements"]])
    yield from _list_lines("constraints", plan["constraints"])
    if plan["provider"] == "conda":
        yield f"from: conda packages ({plan['conda']['build']} build) of {' or '.join(plan['conda']['channels'])}"
        yield f"Python: {plan['python']['version']}, itself a conda package; {plan['python']['path']} installs it"
    else:
        yield from _list_lines("from", _source_words(plan))
        yield from _list_lines("compiled", map(_build_words, plan["builds"]))
        yield from _list_lines("the builder needs", _builder_needs(plan["builds"], manager))
        yield f"Python: {plan['python']['version']} ({plan['python']['path']}), in a virtual environment" + (
            " that sees the system's packages" if plan["system_site_packages"] else ""
        )
    for label, entries in (
        ("files for the preparation", [file["url"] for file in plan["files"]]),
        ("kept on sys.path", plan["paths"]),
        (
            "provided by system packages",
            [f"{name} ({package})" for name, package in plan["system"].items() if name not in plan["provided"]],
        ),
        ("not replaced", [f"{name} {version}" for name, version in plan["provided"].items()]),
        ("system packages", plan["system_packages"]),
        ("groups of the workload's user", plan["groups"]),
        ("environment", [f"{name}={value}" for name, value in plan["environment"].items()]),
        ("also verified", [f"import {name}" for name in plan["modules"]]),
        ("why", plan["why"]),
        ("warning", plan["warnings"]),
    ):
        yield from _list_lines(label, entries)
    yield f"how far proven: {_proven_words(plan)}"
    if plan["otherwise"]:
        yield "if no channel answers:"
        yield from (f"  {line}" for line in _plan_lines(plan["otherwise"], manager))


def _source_words(plan: dict) -> list[str]:
    """Where the wheels come from, in words."""
    if plan["wheels"]:
        unknown = "no sha256 is published: pinned at the first use, if torch_trust_on_first_use allows that"
        return [
            f"{wheel['url']} as {wheel['filename']} ({'sha256 known' if wheel['sha256'] else unknown})"
            for wheel in plan["wheels"]
        ]
    if plan["action"] == "build":
        return []
    return [
        "the package index of the control node's pip" if source == "configured" else source
        for source in plan["sources"]
    ]


def _build_words(build: dict) -> str:
    """A build in words, with what differs from the default."""
    features = {
        wish: ", ".join(name for name, value in build["features"].items() if value is wish) for wish in (True, False)
    }
    parts = [
        f"{build['package']} {build['version']} from {source_words(build)}",
        features[True] and f"with {features[True]}",
        features[False] and f"without {features[False]}",
        build["patches"] and f"patched: {', '.join(patch['name'] for patch in build['patches'])}",
        " ".join(f"{name}={value}" for name, value in build["environment"].items()),
        f"once for all boards with build id {build['key']}",
    ]
    return "; ".join(filter(None, parts))


def _builder_needs(builds: list[dict], manager: str | None) -> Iterator[str]:
    """What a builder needs for all builds: the maximum of each, since it compiles one after another. Its packages are
    named as on the board.
    """
    if builds:
        most = {name: max(build["needs"][name] for build in builds) for name in builds[0]["needs"]}
        named = translate_packages([package for build in builds for package in build["system_packages"]], manager)
        packages = dict.fromkeys([*named.names, *named.unknown])
        yield (
            f"{most['memory_mib']} MiB of memory and swap, {most['job_mib']} MiB for each compiler, {most['space_mib']}"
            " MiB on the disk"
        )
        yield f"the packages {', '.join(packages)}"
        brought = dict.fromkeys(
            requirement
            for build in builds
            for requirement in [*build_requirements(build["package"], build["version"]), *build["python_packages"]]
        )
        yield f"the wheels {', '.join(brought)}, for the build only; the control node sends them"


def _proven_words(plan: dict) -> str:
    """How far this plan is proven for this board, and what ran otherwise."""
    how, here, elsewhere = (plan["proven"][part] for part in ("how", "here", "elsewhere"))
    if here and how == here[0]["how"]:
        return f"{how}, this ran: {run_words(here[0])}"
    if here:
        return f"{how}, another torch may be chosen than the one that ran: {'; '.join(map(run_words, here))}"
    if elsewhere:
        return f"{how}, not run on such a board and system; this ran: {'; '.join(map(run_words, elsewhere))}"
    return f"{how}, {PROVEN[how]}"


def _reading_words(plan: dict) -> str:
    """When the evidence was read, where somebody noted it."""
    return f", read on {plan['checked']}" if plan["checked"] else ""


def _refusal_lines(refusal: dict, every_candidate: bool) -> Iterator[str]:
    yield f"refused: {refusal['reason']}"
    yield f"fix: {refusal['way_out']}"
    shown = refusal["nearly"] if every_candidate else refusal["nearly"][:NEAREST]
    rows: dict[str, list[str]] = {}
    for miss in shown:
        rows.setdefault(miss["why"], []).append(miss["row"])
    yield from _list_lines("the nearest candidates", [f"{', '.join(names)}: {why}" for why, names in rows.items()])
    if others := len(refusal["nearly"]) - len(shown):
        yield f"other candidates: {others}; -v lists them"


def _list_lines(label: str, entries: Iterable[str]) -> Iterator[str]:
    """One line for one entry, a label with indented lines for several, no line for none."""
    entries = list(entries)
    if len(entries) == 1:
        yield f"{label}: {entries[0]}"
    elif entries:
        yield f"{label}:"
        yield from (f"  {entry}" for entry in entries)
