# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Make a plan from a board, a catalogue and a request: a pure function.

The catalogue decides; this engine knows no board family.
"""

from __future__ import annotations

import re
import urllib.parse
from typing import Any

from .._base.cool_down import cool_down_words
from .._base.packaging_shim import Requirement, Version, canonicalize_name
from .._base.specifiers import tidy_specifier
from .._base.urls import mirror_url
from .._catalogue.conditions import can_be_for, difference_of, is_for, unknown_for
from .._catalogue.mirror_presets import requested_mirrors
from .._catalogue.rows import (
    PROVEN,
    check_catalogue,
    check_platform_names,
    fail,
    is_addition_for,
    is_addition_to,
    kind_of,
    merge_catalogues,
    own_row_notes,
)
from .._catalogue.system_packages import manager_of, translate_packages, unknown_words
from .._model.board import REQUIRED_KEYS
from .._model.plan import empty_plan
from . import ansible_cores
from .build_variables import feature_variables_in, notes_on
from .builds import TORCH, compiled_companions, is_compiled, mirrored_build, source_words
from .missing_accelerators import idle_warnings, refuse_cpu_plan, refuse_missing, with_coming_drivers
from .offers import Case, Fit, Miss, asked_label, fit_offer, is_conda, is_cpu_version, python_words, wheels_for
from .refusal import closest_miss, device_words, refuse_unfit, refuse_unready
from .request import read_request

__all__ = ["PROVEN", "check_catalogue", "kind_of", "plan"]


def plan(board: dict, catalogue: list[dict], request: dict) -> dict:
    """The plan for a board: what it gets and why, or a refusal with its reason and fix."""
    _check_board(board)
    ask = read_request(request)
    request = _with_kernel(request)
    own = request["catalogue"]
    rows = merge_catalogues(catalogue, own)
    check_platform_names(rows, board)
    board, stated = _with_stated_releases(board, rows)
    board, installed = _with_coming_releases(board, rows)
    board, coming = with_coming_drivers(board, rows)
    refusal = refuse_unready(board, ask) or refuse_missing(board, rows, ask)
    if refusal:
        return refusal
    bad, additions = (
        [row for row in rows if kind_of(row) == kind and is_for(row, board)] for kind in ("known-bad", "addition")
    )
    doubtful = [row for row in rows if kind_of(row) == "known-bad" and unknown_for(row, board)]
    warned = [
        {"id": row["id"], "plan": row.get("plan", {}), "warning": _doubt_words(row["warning"], row, board)}
        for row in rows
        # A version may be unknown because nothing is installed yet.
        if kind_of(row) == "addition" and row.get("warning") and unknown_for(row, board, hardware=True)
    ]
    additions = [row for row in [*additions, *warned] if is_addition_to(row, request["requirements"])]
    case = Case(board, request, ask, bad, doubtful, additions, force=False)
    made = _choose_plan(case, rows)
    made["why"] += [*installed, *coming, *own_row_notes(catalogue, own)]
    made["warnings"] += stated
    made["warnings"] += ansible_cores.core_warnings(board)
    if made["provider"] == "conda":
        # The plan to use if no channel answers. It must promise the same outcome.
        instead = _choose_plan(case, [row for row in rows if not is_conda(row)])
        made["otherwise"] = instead if instead["expect"] == made["expect"] else None
    return made


KERNEL = "ipykernel"


def _with_kernel(request: dict) -> dict:
    """The request with what Jupyter needs to start the environment, unless it is there already."""
    named = {canonicalize_name(Requirement(text).name) for text in request["requirements"]}
    if not request["jupyter_kernel"] or KERNEL in named:
        return request
    return {**request, "requirements": [*request["requirements"], KERNEL]}


def _with_stated_releases(board: dict, rows: list[dict]) -> tuple[dict, list[str]]:
    """The board with the releases that its operator states, where it does not say them itself, and warnings."""
    key, warnings = dict(board["key"]), []
    for row in rows:
        for name, release in row.get("states", {}).items() if is_for(row, board) else ():
            if key.get(name) is None:
                key[name] = release
                warnings.append(f"{name.upper()} {release} is stated ({row['id']}), not measured.")
            elif key[name] != release:
                warnings.append(
                    f"{row['id']} states {name.upper()} {release}; the board has {key[name]}, which counts."
                )
    return {**board, "key": key}, warnings


def _with_coming_releases(board: dict, rows: list[dict]) -> tuple[dict, list[str]]:
    """The board with the releases that the role's preparation installs (C(becomes)), as if they were there, and the
    reasons for the plan. What the old release's scripts set is not known of the new one.
    """
    why = []
    for row in rows:
        becomes: dict = row.get("becomes", {}) if is_for(row, board) else {}
        coming = {
            name: release
            for name, release in becomes.get("key", {}).items()
            if (board["key"].get(name) or "").lower() != release.lower()
        }
        if coming:
            board = {
                **board,
                "key": {**board["key"], **coming},
                "platform": {**board["platform"], **becomes.get("platform", {})},
                "variables": {},
            }
            words = " and ".join(f"{name.upper()} {release}" for name, release in coming.items())
            why.append(f"{words} is installed first ({row['id']}); then the board is examined and planned again.")
    return board, why


def _doubt_words(text: str, row: dict, board: dict) -> str:
    return f"This may hold here, as nobody knows {' and '.join(unknown_for(row, board))}: {text}"


def _check_board(board: Any) -> None:
    missing = [key for key in REQUIRED_KEYS if key not in board] if isinstance(board, dict) else REQUIRED_KEYS
    if missing:
        fail(f"This is not a board of edgeai.fleet.board_facts: {', '.join(missing)} missing.")


def _choose_plan(case: Case, rows: list[dict]) -> dict:
    """The plan of the best offer, or the refusal of a CPU plan that would leave an accelerator unused."""
    # Preferred: the build that torch_version names by its label, torch that is not compiled, then an accelerator, then
    # companions that are not compiled. The sort is stable, so the order of the catalogue decides the rest.
    label = None if is_cpu_version(case.ask) else asked_label(case.ask)
    offers = sorted(
        (row for row in rows if kind_of(row) == "offer"),
        key=lambda row: (
            bool(label) and row.get("local") != label,
            is_compiled(row),
            row["accelerator"] == "cpu",
            bool(compiled_companions(row, case.ask.companions)),
        ),
    )
    made, misses = _first_plan(case, offers)
    refusal = refuse_cpu_plan(case, rows, made, misses)
    return refusal or {**made, "warnings": [*made["warnings"], *idle_warnings(case, rows, made)]}


def _first_plan(case: Case, offers: list[dict]) -> tuple[dict, list[Miss]]:
    """The plan of the first offer that serves all accelerators of its kind, or else of the one that serves most.

    The second value has the offers that do not fit.
    """
    misses: list[Miss] = []
    # Known-bad rows are overridden only if nothing else fits.
    for force in [False, True] if case.ask.force else [False]:
        misses = []
        best: tuple[Case, Fit] | None = None
        for row in offers:
            if best and row["accelerator"] != best[1].row["accelerator"]:
                continue
            narrowed = case._replace(
                force=force, additions=[addition for addition in case.additions if is_addition_for(addition, row)]
            )
            answer = fit_offer(row, narrowed)
            if isinstance(answer, Miss):
                misses.append(answer)
            elif best is None or len(answer.devices) > len(best[1].devices):
                best = narrowed, answer
                if not _left_out(case.board, answer):
                    break
        if best:
            return _make_plan(*best, misses), misses
    return refuse_unfit(case, misses), misses


def _left_out(board: dict, found: Fit) -> list[dict]:
    """The accelerators of the offer's kind that the offer does not serve."""
    return [
        device
        for device in board["accelerators"]
        if device["kind"] == found.row["accelerator"] and device not in found.devices
    ]


# --- The content of a plan
# --------------------------------------------------------------------------------------------------


def _make_plan(case: Case, found: Fit, misses: list[Miss]) -> dict:
    """The plan of an offer that fits, with all keys."""
    board, request, row = case.board, case.request, found.row
    given = [row, *case.additions]
    places = row["channels"] if is_conda(row) else row.get("sources", ["configured"])
    groups = [
        group for device in board["accelerators"] if device["kind"] == row["accelerator"] for group in device["groups"]
    ]
    forced = [
        {"row": other["id"], "reason": other["refuse"], "evidence": list(other.get("evidence", []))}
        for other in found.forced
    ]

    def gathered(key: str) -> list[str]:
        return _without_repeats([word for source in given for word in source.get(key, [])])

    packages = translate_packages(
        _without_repeats(
            [
                *gathered("packages"),
                *request["extra_packages"],
                *(package for name, package in found.provided.brought.items() if name not in found.provided.packages),
            ]
        ),
        manager_of(board),
    )
    wheels, files = (
        _first_artifacts(wheels_for(row, case.ask)),
        _first_artifacts([entry for source in given for entry in source.get("files", [])]),
    )
    mirrors = requested_mirrors(request)
    kernel = bool(request["jupyter_kernel"])
    build_reasons, build_warnings = _notes_on_variables(found.builds, request)
    made = {
        **empty_plan(board["family"]),
        "row": row["id"],
        "action": row.get("action", "install"),
        "accelerator": row["accelerator"],
        "expect": row["accelerator"],
        "provider": row.get("provider", "venv"),
        "python": {"path": found.python["path"], "version": found.version},
        "target": {"architecture": board["architecture"], "libc": board["libc"]["version"], "python": found.version},
        "torch": {"specifier": tidy_specifier(found.specifier), "local": row.get("local")},
        "conda": _conda_part(row, board, found.devices) if is_conda(row) else None,
        "companions": list(request["companions"]),
        "requirements": found.provided.requirements,
        "constraints": _without_repeats([*gathered("constraints"), *request["constraints"]]),
        "sources": [] if is_conda(row) else list(places),
        "wheels": wheels,
        "files": files,
        "forbid": list(row.get("forbid", [])),
        "paths": found.provided.paths,
        "provided": found.provided.packages,
        "system_site_packages": found.provided.system,
        "system": found.provided.brought,
        "system_packages": packages.names,
        "builds": found.builds,
        "groups": _without_repeats([*groups, *gathered("groups")]),
        "environment": {
            **_replaced(board["variables"], row.get("replace_in_variables", {})),
            **{name: value for source in [*given, request] for name, value in source.get("environment", {}).items()},
        },
        "modules": _without_repeats([*gathered("modules"), *case.ask.companions, *[KERNEL] * kernel]),
        "jupyter_kernel": kernel,
        "left_out": _without_repeats(
            [device["compute_capability"] or device["name"] for device in _left_out(board, found)]
        ),
        "mirrors": mirrors,
        "trust_on_first_use": bool(request["trust_on_first_use"]),
        "exclude_newer": case.ask.exclude_newer,
        "forced": forced,
        "warnings": [
            *(f"Forced: {refusal['reason']}" for refusal in forced),
            *(_doubt_words(other["refuse"], other, board) for other in found.doubtful),
            *_unused_accelerators(case, row, misses),
            *_left_out_warnings(board, found),
            *_foreign_paths(found),
            *([unknown_words(manager_of(board), packages.unknown)] if packages.unknown else []),
            *build_warnings,
            *(source["warning"] for source in given if source.get("warning")),
        ],
        "why": [
            *_reasons_of(case, found, places),
            *build_reasons,
            *(source["why"] for source in given if source.get("why")),
            *_missing_hashes([*wheels, *files], request),
            *([cool_down_words(case.ask.exclude_newer)] if case.ask.exclude_newer else []),
            *([f"The environment gets {KERNEL} and is a kernel of Jupyter (torch_jupyter_kernel)."] * kernel),
        ],
        "proven": found.proof(board),
        "checked": row.get("checked"),
        "evidence": _without_repeats(
            [
                url
                for source in [row, *found.excluded, *found.forced, *found.doubtful]
                for url in source.get("evidence", [])
            ]
        ),
    }
    return _by_mirrors(made, mirrors)


def _notes_on_variables(builds: list[dict], request: dict) -> tuple[list[str], list[str]]:
    """(reasons, warnings) about variables of the request that are features of the torch that is compiled."""
    for build in builds:
        if build["package"] == TORCH:
            variables = feature_variables_in(request["build_environment"], build["version"])
            return notes_on(variables, build["features"], build["version"])
    return [], []


def _replaced(variables: dict[str, str], texts: dict[str, str]) -> dict[str, str]:
    for old, new in texts.items():
        variables = {name: value.replace(old, new) for name, value in variables.items()}
    return variables


def _without_repeats(words: list[str]) -> list[str]:
    return list(dict.fromkeys(words))


def _first_artifacts(entries: list[dict]) -> list[dict]:
    """The first artifact of each file name: several rows may name the same file."""
    first: dict[str, dict] = {}
    for entry in entries:
        sha256 = entry["sha256"].lower() if entry.get("sha256") else None
        first.setdefault(entry["filename"], {"filename": entry["filename"], "url": entry["url"], "sha256": sha256})
    return list(first.values())


def _conda_part(row: dict, board: dict, devices: list[dict]) -> dict:
    """The channels, the build and the board's virtual packages, for the conda solver.

    A CPU build has no virtual package for CUDA, so the solver cannot choose packages for CUDA.
    """
    known = [device["cuda"] for device in devices if device["cuda"]] if row["build"] == "cuda" else []
    kernel = re.match(r"\d+(\.\d+)*", board["kernel"]["release"])
    virtual = {
        "cuda": max(known, key=Version, default=None),
        "glibc": board["libc"]["version"],
        "linux": kernel[0] if kernel else None,
    }
    specs = {"specs": list(row["specs"])} if row.get("specs") else {}
    return {"channels": list(row["channels"]), "build": row["build"], "virtual": virtual, **specs}


def _reasons_of(case: Case, found: Fit, places: list[str]) -> list[str]:
    """The plan's reasons, in sentences. The first one names the row and how it was proven."""
    row, wheels = found.row, [wheel["url"] for wheel in wheels_for(found.row, case.ask)]
    if is_compiled(row):
        places = [source_words(found.builds[0])]
    why = [
        f"Row {row['id']} ({found.proof(case.board)['how']}): {row['accelerator']}, torch"
        f" {tidy_specifier(found.specifier)}, from {' or '.join(wheels or places)}."
    ]
    why += [
        f"{build['package']} {build['version']} is compiled, once for all boards with build id {build['key']}."
        for build in found.builds
    ]
    asked = None if case.ask.python == "auto" else f"torch_python asks for {case.ask.python}"
    if is_conda(row):
        why.append(
            f"Python {found.version}: {asked or 'the newest that fits this torch'}; {python_words(found.python)}"
            " creates the environment."
        )
    else:
        why.append(f"Python {python_words(found.python)}: {asked or 'the first on the board that fits this torch'}.")
    why += [f"Without torch {other['torch']}: {other['refuse']}" for other in found.excluded]
    return why + [
        f"{text} is not installed: the preinstalled {held} satisfies it." for text, held in found.provided.met.items()
    ]


def _unused_accelerators(case: Case, row: dict, misses: list[Miss]) -> list[str]:
    """Warnings about accelerators that a CPU plan leaves unused although nobody asked for the CPU."""
    if row["accelerator"] != "cpu" or case.ask.accelerator != "auto" or is_cpu_version(case.ask):
        return []
    warnings = []
    for kind in dict.fromkeys(device["kind"] for device in case.board["accelerators"]):
        of_kind = [miss for miss in misses if miss.row["accelerator"] == kind and not miss.row.get("option")]
        devices = [device for device in case.board["accelerators"] if device["kind"] == kind]
        miss, names = closest_miss(case.board, of_kind), ", ".join(map(device_words, devices))
        because = (
            f"row {miss.row['id']} is closest: {miss.why.rstrip('.')}" if miss else "the catalogue has no row for it"
        )
        if (
            kind == "cuda"
            and miss
            and not any(can_be_for(other.row, device) for other in of_kind for device in devices)
        ):
            # A newer driver would not help; it may not support the card at all.
            because = (
                "no row supports compute capability"
                f" {', '.join(_without_repeats([device['compute_capability'] or 'unknown' for device in devices]))}"
            )
        warnings.append(f"{names} is unused, torch runs on the CPU: {because}.")
    return warnings


def _left_out_warnings(board: dict, found: Fit) -> list[str]:
    """Warnings about accelerators that the row does not serve, each with the reason."""
    warnings = [
        f"{device_words(device)} is not used: {difference_of(found.row, device)}." for device in _left_out(board, found)
    ]
    return [
        f"{warnings.count(warning)} times: {warning}" if warnings.count(warning) > 1 else warning
        for warning in _without_repeats(warnings)
    ]


def _foreign_paths(found: Fit) -> list[str]:
    return [
        f"{path} is not in the environment: it belongs to another Python, not {found.version}."
        for path in found.provided.strange
    ]


def _missing_hashes(artifacts: list[dict], request: dict) -> list[str]:
    """Warnings about artifacts without a published hash."""
    way = (
        "torch_trust_on_first_use is true, so the first download is pinned"
        if request["trust_on_first_use"]
        else ("set torch_trust_on_first_use: true once, or add a pin to pins.json")
    )
    return [
        f"{urllib.parse.urlsplit(artifact['url']).netloc or artifact['url']} publishes no hash for"
        f" {artifact['filename']}: {way}."
        for artifact in artifacts
        if not artifact["sha256"]
    ]


def _by_mirrors(made: dict, mirrors: dict[str, str]) -> dict:
    """The plan with mirrored URLs. This is the last step: rows and messages have the original URLs."""

    def through(urls: list[str]) -> list[str]:
        return [mirror_url(url, mirrors) for url in urls]

    made = {
        **made,
        "sources": through(made["sources"]),
        "wheels": [{**wheel, "url": mirror_url(wheel["url"], mirrors)} for wheel in made["wheels"]],
        "files": [{**entry, "url": mirror_url(entry["url"], mirrors)} for entry in made["files"]],
        "builds": [mirrored_build(build, mirrors) for build in made["builds"]],
    }
    if made["conda"]:
        made["conda"] = {**made["conda"], "channels": through(made["conda"]["channels"])}
    return made
