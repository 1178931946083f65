# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What belongs to a bundle: the artifacts of its boards' locks, what their builds need, and a description of it all."""

from __future__ import annotations

import json
import typing as t
from collections.abc import Mapping
from pathlib import Path

from .._lock.lockfile import render_lock
from .._lock.pins import SCHEMA as PINS_SCHEMA
from .._lock.pylock import pylock_name, render_pylock
from .._model.lock import artifacts_of
from .._rollout.board_status import one_line
from . import layout
from .layout import BundleError, Entry

#: By family, what a lab has to have besides, because nobody else may hand it out.
_OF_FAMILIES = {
    "atlas": "Huawei's driver, firmware and CANN (atlas_driver, atlas_firmware, ascend_cann): files of your own",
    "jetson": "JetPack and its apt packages: NVIDIA's, from the board's image or a mirror of its repository",
}


def describe_boards(
    explained: Mapping[str, Mapping[str, t.Any]], locked: Mapping[str, t.Any]
) -> dict[str, dict[str, t.Any]]:
    """By host what the bundle has for this board, or why it has nothing.

    C(explained): C(board), C(plan) and C(error) of each; C(locked): what the module wheelhouse returned. The names,
    models and texts of boards are on one printable line each.
    """
    return {
        host: _describe_board(one, (locked.get("boards") or {}).get(host), locked) for host, one in explained.items()
    }


def _describe_board(
    one: Mapping[str, t.Any], share: Mapping[str, t.Any] | None, locked: Mapping[str, t.Any]
) -> dict[str, t.Any]:
    board, plan = one["board"] or {}, (share or {}).get("plan") or one["plan"] or {}
    refusal = (share or {}).get("refusal") or plan.get("refusal")
    reason = one["error"] or (refusal and _with_fix(refusal))
    lock = (share or {}).get("lock")
    waiting = list((share or {}).get("waiting") or ())
    if not reason and not lock and not waiting:
        reason = "it was neither locked nor refused"
    state = "left out" if reason else "to be compiled" if waiting else "ready"
    if state == "to be compiled":
        packages = " and ".join(f"{build['package']} {build['version']}" for build in plan.get("builds") or ())
        reason = (
            f"{packages or 'a package'} must be compiled for it first. Run the playbook build here, and make the bundle"
            " again: without a network, what is compiled cannot be locked."
        )
    return {
        "model": _line(board.get("model")),
        "family": board.get("family"),
        "architecture": board.get("architecture"),
        "os": _line((board.get("os") or {}).get("pretty_name")),
        "python": (plan.get("python") or {}).get("version"),
        "state": state,
        "reason": _line(reason),
        "lock": lock,
        "torch": locked["locks"][lock]["torch"] if lock else None,
        "accelerator": plan.get("accelerator"),
        "proven": _line((plan.get("proven") or {}).get("how")),
        "builds": waiting,
        "system_packages": [_line(name) for name in plan.get("system_packages") or ()],
        "package_manager": (board.get("os") or {}).get("package_manager"),
        "hypothetical": any(str(text).startswith("This board is hypothetical") for text in board.get("warnings") or ()),
        "warnings": [_line(text) for text in plan.get("warnings") or ()],
    }


def _with_fix(refusal: Mapping[str, t.Any]) -> str:
    """The reason and the fix of a refusal as sentences."""
    fix = (refusal["way_out"] or "").strip()
    return f"{refusal['reason'].rstrip('. ')}. {fix[:1].upper()}{fix[1:]}".strip()


def printable(text: str) -> str:
    """A line without control characters, for a terminal."""
    indent = len(text) - len(text.lstrip(" "))
    return " " * indent + one_line(text, 2000)


def _line(text: t.Any) -> str | None:
    return None if text is None else one_line(text)


def collect_artifacts(locked: Mapping[str, t.Any], boards: Mapping[str, Mapping[str, t.Any]]) -> list[dict[str, t.Any]]:
    """The artifacts of the locks and builds of the boards that are in the bundle, each once."""
    keys = {board["lock"] for board in boards.values() if board["state"] == "ready"}
    wanted = [artifact for key in sorted(keys) for artifact in artifacts_of(locked["locks"][key])]
    for build in _builds_of(locked, boards).values():
        wanted += [*build["wheels"], *([build["archive"]] if build["archive"] else [])]
    return list({layout.artifact_name(artifact): artifact for artifact in wanted}.values())


def _builds_of(locked: Mapping[str, t.Any], boards: Mapping[str, Mapping[str, t.Any]]) -> dict[str, dict[str, t.Any]]:
    wanted = {key for board in boards.values() for key in board["builds"]}
    return {key: build for key, build in sorted((locked.get("builds") or {}).items()) if key in wanted}


def collect_entries(
    locked: Mapping[str, t.Any], boards: Mapping[str, Mapping[str, t.Any]], compiled: t.Iterable[str], check: bool
) -> dict[str, Entry]:
    """The files for the boards: locks, pins, artifacts, and the records of what was compiled (C(compiled): build ids).

    BundleError if a file is missing on this control node; with C(check) it may be one that a run would write.
    """
    house = Path(locked["wheelhouse"])
    entries = {
        layout.artifact_name(artifact): Entry(
            artifact["sha256"], house / "sha256" / artifact["sha256"] / artifact["filename"]
        )
        for artifact in collect_artifacts(locked, boards)
    }
    named: set[str] = set()
    for key in sorted({board["lock"] for board in boards.values() if board["state"] == "ready"}):
        lock = locked["locks"][key]
        entries[layout.lock_name(key)] = Entry.of_text(render_lock(lock))
        if pylock := render_pylock(lock):
            entries[f"{layout.LOCKS}/{pylock_name(key)}"] = Entry.of_text(pylock)
        named.update(artifact["filename"] for artifact in artifacts_of(lock))
    if pins := _pins_of(Path(locked["pins"]), named):
        entries[f"{layout.LOCKS}/pins.json"] = Entry.of_text(pins)
    for key in sorted(compiled):
        for suffix in (".json", ".log.gz"):
            entries.update(_kept_file(house, f"builds/{key}{suffix}", required=suffix == ".json"))
    for key in _builds_of(locked, boards):
        entries.update(_kept_file(house, f"builds/{key}.wheels.json", required=not check))
    return entries


def _kept_file(house: Path, name: str, required: bool) -> dict[str, Entry]:
    try:
        content = (house / name).read_bytes()
    except OSError as error:
        if not required:
            return {}
        raise BundleError(f"{house / name} cannot be read: {error.strerror}. Run the playbook build again.") from error
    return {f"{layout.WHEELHOUSE}/{name}": Entry.of_bytes(content)}


def _pins_of(path: Path, filenames: set[str]) -> str | None:
    """The pins of these files, as they are kept; None if none of them is pinned."""
    try:
        pins = json.loads(path.read_text("utf-8"))["pins"]
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BundleError(f"{path} cannot be read: {error!r}") from error
    kept = {name: pin for name, pin in pins.items() if name in filenames}
    return json.dumps({"schema": PINS_SCHEMA, "pins": kept}, indent=2, sort_keys=True) + "\n" if kept else None


def compiled_builds(locked: Mapping[str, t.Any], boards: Mapping[str, Mapping[str, t.Any]]) -> list[str]:
    """The ids of the builds whose wheels are in the locks of these boards."""
    ready = [host for host, board in boards.items() if board["state"] == "ready"]
    return sorted({build["key"] for host in ready for build in locked["boards"][host]["plan"]["builds"]})


def missing_parts(
    boards: Mapping[str, Mapping[str, t.Any]],
    locked: Mapping[str, t.Any],
    target: Mapping[str, str],
    undriven: list[str],
) -> list[str]:
    """What a lab needs and this bundle does not have, each as one line."""
    inside = {host: board for host, board in boards.items() if board["state"] != "left out"}
    lines = [
        f"Python {target['python']} with its module venv, and the programs ssh and ssh-keygen, on the control node"
    ]
    managers: dict[str, set[str]] = {}
    for board in inside.values():
        if board["system_packages"]:
            managers.setdefault(board["package_manager"] or "unknown", set()).update(board["system_packages"])
    for manager, packages in sorted(managers.items()):
        lines.append(
            f"system packages ({manager}), from a mirror of the boards' distribution, unless they are installed:"
            f" {', '.join(sorted(packages))}. Without a mirror, set torch_system_packages: require or skip"
        )
    builds = _builds_of(locked, boards)
    for key in sorted({key for board in inside.values() for key in board["builds"]}):
        build = builds.get(key)
        if build is None:
            lines.append(f"what the build {key} needs: it begins after another build, whose result it needs")
        elif not build["archive"]:
            lines.append(
                f"the source of {build['package']} {build['version']} (build {key}), which is a clone of git, unless"
                " torch_build_source names an archive of it"
            )
    if builds:
        lines.append("the compilers of the builders, and the images of builder containers")
    lines += [
        words for family, words in _OF_FAMILIES.items() if any(one["family"] == family for one in inside.values())
    ]
    if undriven:
        lines.append(
            "an ansible-core that drives the Python of"
            f" {', '.join(undriven[:5])}{' and others' if len(undriven) > 5 else ''}: make a second bundle for them,"
            " with another bundle_python"
        )
    return [one_line(line, 2000) for line in lines]
