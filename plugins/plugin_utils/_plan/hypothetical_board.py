# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A hypothetical board from a few facts, to see its plan before the board exists.

Other facts come from C(meta/boards.yml) of the family and from the releases of distributions (such as the libc). The
board's warnings name everything that was assumed. Boards that answer are never described this way.
"""

from __future__ import annotations

import fnmatch
import functools
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.yaml import yaml_load
from yaml import YAMLError

from .._base.messages import did_you_mean, fail, nearest_word
from .._catalogue.distributions import DEBIAN_ARCHITECTURES, PACKAGE_MANAGERS, RELEASES, Release
from .._model.board import empty_accelerator, empty_board, empty_python, empty_sign, empty_unserved
from .._model.verdict import make_verdict

_ROLES = Path(__file__).resolve().parents[3] / "roles"
BOARDS = "meta/boards.yml"
_UNITS = {"KiB": 10, "MiB": 20, "GiB": 30, "TiB": 40}
GIB = 1 << 30

# Cause -> why an accelerator is not usable, and the fix, if the facts do not give them.
CAUSES = {
    "no-driver": ("no driver runs it", "Install its vendor's driver, and restart the board."),
    "nouveau": ("nouveau runs it, which PyTorch cannot use", "Install NVIDIA's driver, and restart the board."),
    "vfio": (
        "it is kept for virtual machines (vfio-pci)",
        "Give it back to its vendor's driver, or use it in the virtual machine.",
    ),
    "module": (
        "the driver's kernel module is not loaded",
        "Build and sign the module for this kernel, and restart the board.",
    ),
    "mismatch": ("the driver's library and its kernel module are of different versions", "Restart the board."),
    "forward-compat": (
        "CUDA's forward compatibility does not work on it",
        "Remove the cuda-compat package, or install the newer driver itself.",
    ),
    "fabric": ("NVLink's fabric is not initialized", "Start nvidia-fabricmanager, in the driver's version."),
    "no-device": (
        "its driver finds no device",
        "Look at the kernel's log, and whether a container was started with its devices.",
    ),
    "unknown-error": ("its driver answers with an unknown error", "Look at the kernel's log, and restart the board."),
    "open-module": (
        "it needs the open kernel module, and the proprietary one is loaded",
        "Install the driver with the open kernel module.",
    ),
    "hang": ("its driver gives no answer", "Look at the kernel's log, and restart the board."),
    "no-nodes": (
        "its device nodes are not there",
        "Start the container with the device; on the board itself, restart it.",
    ),
    "no-library": (
        "the driver's library is not there",
        "Install the library of the driver's version; start a container with the driver's libraries.",
    ),
    "access": ("its device nodes are closed to this user", "Give the user the groups of the device nodes."),
    "silent": ("its vendor's tool names no chip", "Look at the kernel's log, and restart the board."),
    "error": ("its driver answers with an error", "Look at the kernel's log, and restart the board."),
}


# --- Facts in a file
# --------------------------------------------------------------------------------------------------


def _expect(fits: bool, name: str, value: Any, expected: str) -> None:
    if not fits:
        fail(f"{name} is {value!r}: it must be {expected}.")


def _read_text(name: str, value: Any) -> str | None:
    # YAML reads an unquoted 36.10 as the number 36.1, so the intended text is lost.
    if isinstance(value, float):
        fail(f"{name} is {value!r}, a number: write it in quotes.")
    if value is None:
        return None
    _expect(
        not isinstance(value, bool) and isinstance(value, (str, int)) and bool(str(value).strip()),
        name,
        value,
        "a text",
    )
    return str(value).strip()


def _read_count(name: str, value: Any) -> int:
    _expect(not isinstance(value, bool) and isinstance(value, int) and value >= 1, name, value, "a whole number")
    return value


def _read_flag(name: str, value: Any) -> bool | None:
    _expect(value is None or isinstance(value, bool), name, value, "true or false")
    return value


def _read_size(name: str, value: Any) -> int | None:
    """Bytes, from a number or a text such as 8 GiB."""
    match = re.fullmatch(r"(\d+(?:\.\d+)?) ?([KMGT]iB)", value.strip()) if isinstance(value, str) else None
    if match:
        return int(float(match[1]) * (1 << _UNITS[match[2]]))
    _expect(
        value is None or not isinstance(value, bool) and isinstance(value, int) and value >= 0,
        name,
        value,
        "a number of bytes, or a text such as 8 GiB",
    )
    return value


def _read_texts(name: str, value: Any) -> list[str]:
    _expect(isinstance(value, (list, tuple)) and None not in value, name, value, "a list of texts")
    return [cast(str, _read_text(name, word)) for word in value]


def _read_texts_by_name(name: str, value: Any) -> dict[str, str | None]:
    return {key: _read_text(f"{name}.{key}", inner) for key, inner in _read_mapping(name, value).items()}


def _read_mapping(name: str, value: Any) -> dict:
    _expect(isinstance(value, Mapping), name, value, "a mapping")
    return dict(value)


def _read_platform(name: str, value: Any) -> dict:
    return {
        key: inner if isinstance(inner, (bool, int)) else _read_text(f"{name}.{key}", inner)
        for key, inner in _read_mapping(name, value).items()
    }


def _read_list(name: str, value: Any, read: Callable[[str, Any], dict], expected: str) -> list[dict]:
    _expect(isinstance(value, (list, tuple)), name, value, expected)
    return [read(f"{name}[{number}]", one) for number, one in enumerate(value)]


def _read_known(name: str, value: Any, known: Mapping, **read: Callable) -> dict:
    """A mapping with known keys; `read` has the readers of keys that are not texts."""
    found = _read_mapping(name, value)
    _check_keys(name, found, known)
    return {key: read.get(key, _read_text)(f"{name}.{key}", inner) for key, inner in found.items()}


def _read_accelerator(name: str, value: Any) -> dict:
    return _read_known(name, value, empty_accelerator(), memory=_read_size, nodes=_read_texts, groups=_read_texts)


def _read_sign(name: str, value: Any) -> dict:
    return _read_known(name, value, empty_sign(), cause=_read_cause)


def _read_cause(name: str, value: Any) -> str | None:
    cause = _read_text(name, value)
    _expect(cause in CAUSES, name, cause, f"one of {', '.join(CAUSES)}")
    return cause


def _read_unserved(name: str, value: Any) -> dict:
    found = _read_known(name, value, empty_unserved(), integrated=_read_flag)
    if not found.get("name"):
        fail(f"{name} needs a name.")
    return found


def _read_outcome(name: str, value: Any) -> str:
    _expect(value in ("cuda", "npu", "cpu"), name, value, "what torch was proven on, cuda, npu or cpu")
    return value


def _read_pythons(name: str, value: Any) -> list[dict]:
    """Interpreters from versions or mappings. The first one is the default, /usr/bin/python3."""
    _expect(
        isinstance(value, (list, tuple)),
        name,
        value,
        "a list of versions, or of mappings with path and version; empty for none",
    )
    found = []
    for number, python in enumerate(value):
        one = _read_mapping(name, python) if isinstance(python, Mapping) else {"version": python}
        _check_keys(f"{name}[{number}]", one, empty_python())
        version = _read_text(f"{name}[{number}].version", one.get("version"))
        if version is None or not re.match(r"\d+\.\d+\.\d+", version):
            fail(f"{name}[{number}] is {python!r}: the version of a Python is a text such as 3.11.2.")
        path = "/usr/bin/python3" if number == 0 else "/usr/bin/python" + ".".join(version.split(".")[:2])
        found.append({**empty_python(), "path": path, "default": number == 0, **one, "version": version})
    return found


# Fact -> its reader. Messages list the facts in this order.
FACTS: dict[str, Callable[[str, Any], Any]] = {
    "family": _read_text,
    "board": _read_text,
    "name": _read_text,
    "model": _read_text,
    "module": _read_text,
    "board_id": _read_text,
    "soc": _read_text,
    "os": _read_text,
    "libc": _read_text,
    "ros": _read_text,
    "pythons": _read_pythons,
    "architecture": _read_text,
    "machine": _read_text,
    "kernel": _read_text,
    "cpu": _read_text,
    "cores": _read_count,
    "atomics": _read_flag,
    "cpu_level": _read_count,
    "page_size": _read_count,
    "memory": _read_size,
    "swap": _read_size,
    "disk": _read_size,
    "compatible": _read_texts,
    "accelerators": functools.partial(_read_list, read=_read_accelerator, expected="a list, empty for none"),
    "accelerator": _read_accelerator,
    "signs": functools.partial(_read_list, read=_read_sign, expected="a list of mappings"),
    "unserved": functools.partial(_read_list, read=_read_unserved, expected="a list of mappings"),
    "record": _read_outcome,
    "l4t": _read_text,
    "cann": _read_text,
    "driver": _read_text,
    "platform": _read_platform,
    "variables": _read_texts_by_name,
    "paths": _read_texts,
    "provided": _read_texts_by_name,
    "user": _read_text,
    "groups": _read_texts,
    "warnings": _read_texts,
}


def _check_keys(where: str, found: Mapping, known: Mapping) -> None:
    for key in found:
        if key not in known:
            question = did_you_mean(str(key), known) or f"; known are: {', '.join(known)}."
            fail(f"{where} has the unknown key '{key}'{question}")


def _read_facts(where: str, facts: Any) -> dict:
    if not isinstance(facts, Mapping):
        fail(
            f"{where} must be a mapping of facts, such as {{board: Raspberry Pi 4, os: debian 12}}, not"
            f" {type(facts).__name__}."
        )
    _check_keys(where, facts, FACTS)
    return {name: FACTS[name](name, value) for name, value in facts.items()}


# --- Assumptions of a family
# --------------------------------------------------------------------------------------------------


@functools.cache
def read_families() -> dict[str, dict]:
    """The named boards and the assumptions of each family, from meta/boards.yml of its role.

    Every role with a tasks/plan.yml is a family.
    """
    roles = [tasks.parents[1] for tasks in sorted(_ROLES.glob("*/tasks/plan.yml"))]
    return {
        role.name: {
            "boards": {},
            "assume": [],
            **(yaml_load((role / BOARDS).read_text(encoding="utf-8")) if (role / BOARDS).is_file() else {}),
        }
        for role in roles
    }


def _letters(name: str) -> str:
    """What counts of a board's name: people write OrangePi AIpro (20T), too."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _spellings(board: str, facts: dict) -> tuple[str, str]:
    """What else people write for a board: its name without brackets, and its model without the revision."""
    return board.partition(" (")[0], str(facts.get("model", board)).partition(" Rev ")[0]


def _known_board(name: str, family: str | None) -> tuple[str, dict]:
    """The family and the facts of a named board; upper and lower case are the same, as are spaces and brackets."""
    known = [
        (of, facts, board)
        # A family of its own wins over generic.
        for of, kind in sorted(read_families().items(), key=lambda entry: entry[0] == "generic")
        for board, facts in kind["boards"].items()
        if family in (None, of)
    ]
    named = {_letters(board): (of, facts) for of, facts, board in reversed(known)}
    for of, facts, board in known:
        for spelling in _spellings(board, facts):
            named.setdefault(_letters(spelling), (of, facts))
    if _letters(name) not in named:
        fail(f"board '{name}' is not known; {_board_hint(name, [board for *_facts, board in known])}")
    return named[_letters(name)]


def _board_hint(name: str, known: list[str]) -> str:
    """The boards that are probably meant: of the same maker (the first word of a name), or named without it."""
    makers = {board.split()[0].lower().partition("-")[0]: board.split()[0].partition("-")[0] for board in known}
    without = (
        "Without board, give family and the facts, such as {family: generic, architecture: aarch64, os: debian 12}."
    )
    ends = [board for board in known if board.lower().endswith(f" {name.lower()}")]
    if ends:
        return f"did you mean {' or '.join(ends[:3])}? {without}"
    maker = nearest_word(re.split(r"[\s-]", name.strip().lower())[0], makers, cutoff=0.75)
    if maker is None:
        return f"known are boards of {', '.join(sorted(set(makers.values())))} (docs/catalogue.md). {without}"
    theirs = {board.lower(): board for board in known if board.lower().startswith(maker)}
    near = nearest_word(name.lower(), theirs, cutoff=0.7)
    return f"did you mean {theirs[near]}? {without}" if near else f"known are {', '.join(theirs.values())}. {without}"


def _is_like(wanted: Any, value: Any) -> bool:
    """Whether a fact matches one of the patterns; of a mapping, all entries must match."""
    if isinstance(wanted, dict):
        return all(_is_like(inner, (value or {}).get(name)) for name, inner in wanted.items())
    patterns = wanted if isinstance(wanted, list) else [wanted]
    return any(
        value == pattern or (isinstance(value, str) and fnmatch.fnmatchcase(value, str(pattern)))
        for pattern in patterns
    )


def _with_assumptions(facts: dict, assumptions: list[dict]) -> dict:
    """The facts with the family's assumptions added. Facts that are known already stay; mappings are merged."""
    known = dict(facts)
    for assumption in assumptions:
        if all(_is_like(wanted, known.get(name)) for name, wanted in assumption.get("when", {}).items()):
            for name, value in _read_facts("An assumption", assumption["facts"]).items():
                if isinstance(value, dict):
                    known[name] = {**value, **known.get(name, {})}
                else:
                    known.setdefault(name, value)
    return known


# --- The board
# --------------------------------------------------------------------------------------------------


def board(facts: Any) -> dict:
    """A whole board from a few facts; a whole board is returned unchanged."""
    if isinstance(facts, Mapping) and "schema" in facts:
        return dict(facts)
    given = _read_facts("A hypothetical board", facts)
    family, known = given.get("family"), given
    if "board" in given:
        family, of_board = _known_board(given["board"], family)
        known = _with_assumptions(given, [{"facts": of_board}])
    if not family:
        fail(f"A hypothetical board needs a family ({', '.join(read_families())}), or the name of a board.")
    if family not in read_families():
        fail(f"family is '{family}': it must be one of {', '.join(read_families())}.")
    devices = known.get("accelerators") or [{}]
    if "driver" not in known and "driver" in devices[0]:
        known = {**known, "driver": devices[0]["driver"]}
    known = _with_assumptions({**known, "family": family}, read_families()[family]["assume"])
    system, release = _operating_system(known)
    architecture = known.get("architecture") or fail(
        f"The architecture of a {family} board is unknown: give architecture, such as aarch64."
    )
    libc = _libc_of(known, release)
    pythons = known.get("pythons", _read_pythons("pythons", [release.python]) if release else None)
    if pythons is None:
        fail(
            f"The Python of {known.get('os') or 'this system'} is unknown: give pythons, such as [3.11.2];"
            " empty for none."
        )
    for python in pythons:
        if python["externally_managed"] is None:
            python["externally_managed"] = (
                release is not None and release.externally_managed and python["path"].startswith("/usr/bin/")
            )
    accelerators = [
        {**empty_accelerator(), "driver": known.get("driver"), **known.get("accelerator", {}), **device}
        for device in known.get("accelerators", [])
    ]
    signs = [_make_sign(sign, number, known) for number, sign in enumerate(known.get("signs", []), 1)]
    for device in accelerators + signs:
        if device["kind"] not in ("cuda", "npu"):
            fail(f"The kind of an accelerator is {device['kind']!r}: it must be cuda or npu.")
    user = known.get("user", "user")
    memory, swap, disk = known.get("memory", 4 * GIB), known.get("swap", 0), known.get("disk", 32 * GIB)
    kernel = known.get("kernel", "6.1.0")
    same = "model module board_id soc compatible page_size variables paths provided warnings".split()
    made = {
        **empty_board(),
        **{name: known[name] for name in same if name in known},
        "family": family,
        "architecture": architecture,
        "dpkg_architecture": DEBIAN_ARCHITECTURES.get(architecture)
        if system["id"] in ("debian", "raspbian", "ubuntu")
        else None,
        "kernel": {"release": kernel, "machine": known.get("machine", architecture)},
        "cpu": {
            "model": known.get("cpu"),
            "cores": known.get("cores", 4),
            "atomics": known.get("atomics") if architecture == "aarch64" else None,
            **({"level": known["cpu_level"]} if "cpu_level" in known and architecture == "x86_64" else {}),
        },
        "libc": libc,
        "os": {**system, "ros": known["ros"]} if known.get("ros") else system,
        "pythons": pythons,
        "memory": {"total": memory, "available": memory},
        "swap": {"total": swap, "free": swap},
        "disk": {"path": "/", "total": disk, "free": disk},
        "accelerators": accelerators,
        "signs": signs,
        "unserved": [{**empty_unserved(), "where": "0000:01:00.0", **one} for one in known.get("unserved", [])],
        # '@driver' as a value of the platform means: the same as the fact driver.
        "platform": {
            name: known.get(value[1:]) if str(value).startswith("@") else value
            for name, value in known.get("platform", {}).items()
        },
        # The privileges on a hypothetical board are unknown, so they must not cause a refusal.
        "user": {"name": user, "uid": 1000, "root": True},
        "workload": {"name": user, "exists": True, "uid": 1000, "groups": known.get("groups", [user])},
        "key": {
            "kernel": kernel,
            "driver": accelerators[0]["driver"] if accelerators else None,
            "l4t": known.get("l4t"),
            "cann": known.get("cann"),
        },
    }
    if "record" in known:
        made["state"] = _recorded_state(made, known["record"])
    return {**made, "warnings": [*made["warnings"], _assumption_words(made, given)]}


def _make_sign(given: dict, number: int, known: dict) -> dict:
    """A sign with defaults; its cause gives the reason and the fix."""
    sign = {
        **empty_sign(),
        "kind": known.get("accelerator", {}).get("kind"),
        "where": f"0000:{number:02x}:00.0",
        "cause": "no-driver",
        **given,
    }
    if "driver" not in given and sign["cause"] not in ("no-driver", "nouveau", "vfio"):
        sign["driver"] = known.get("driver")
    why, fix = CAUSES[sign["cause"]]
    return {**sign, "why": sign["why"] or why, "fix": sign["fix"] or fix}


def _recorded_state(made: dict, outcome: str) -> dict:
    """The state of a board whose environment in use was proven on this outcome."""
    identity = {"id": "0" * 12, "generation": 1}
    path = f"{made['state']['root']}/envs/{identity['id']}-1"
    return {
        **made["state"],
        "current": {**identity, "path": path, "python": f"{path}/bin/python"},
        "complete": True,
        "intact": True,
        "record": {
            "schema": 1,
            **identity,
            "previous": None,
            "verdict": make_verdict(
                outcome,
                "This board is hypothetical.",
                satisfied=True,
                expect=outcome,
                user=made["workload"]["name"],
            ),
            "key": made["key"],
            "recorded": "2000-01-01T00:00:00Z",
        },
        "environments": [{**identity, "complete": True}],
    }


def _explained_facts(path: str, name: str, entry: Any) -> dict:
    """The facts of a board in a file that explain_json named."""
    facts = entry.get("board") if isinstance(entry, Mapping) else None
    if not isinstance(facts, Mapping):
        fail(f"{path}, board {name}: it has no facts. explain could not detect it; remove it from the file.")
    return {**facts, "name": name}


def read_boards(path: str) -> dict[str, dict]:
    """The boards of a file, by name. The file has the facts of one board, a list of named boards, or what explain_json
    wrote.
    """
    file = Path(str(path)).expanduser()
    try:
        found = yaml_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        fail(
            f"{path} cannot be read: {getattr(error, 'strerror', None) or 'it is not a text file'} ({file.absolute()})."
        )
    except YAMLError as error:
        where = getattr(error, "problem_mark", None)
        fail(
            f"{path} is not valid YAML: {getattr(error, 'problem', None) or error}"
            + (f", line {where.line + 1}, column {where.column + 1}." if where else ".")
        )
    if isinstance(found, Mapping) and set(found) == {"boards"}:
        found = [_explained_facts(path, name, entry) for name, entry in dict(found["boards"] or {}).items()]
    several = found if isinstance(found, list) else [found]
    if not several:
        fail(f"{path} has no board.")
    boards = {}
    for number, facts in enumerate(several, 1):
        try:
            whole = isinstance(facts, Mapping) and "schema" in facts  # out of a report
            name = _read_text("name", facts.get("name") if isinstance(facts, Mapping) else None)
            name = name or (file.stem if len(several) == 1 else f"{file.stem}-{number}" if whole else None)
            if not name or name in boards:
                fail("several boards need different names: give it a name.")
            boards[name] = board({key: value for key, value in facts.items() if key != "name"} if whole else facts)
        except AnsibleFilterError as error:
            fail(f"{path}, board {number}: {error}")
    return boards


def _operating_system(known: dict) -> tuple[dict, Release | None]:
    """The `os` of the board from a text such as debian 12, and the release if it is known."""
    name, _blank, version = (known.get("os") or "").partition(" ")
    release, version = RELEASES.get((name.lower(), version.strip())), version.strip() or None
    return {
        "id": name.lower() if release else name or None,
        "version_id": version,
        "codename": release.codename if release else None,
        "pretty_name": release.pretty_name if release else known.get("os"),
        # Of a system without a name nothing is known that would not be Debian's.
        "package_manager": PACKAGE_MANAGERS.get(name.lower()) if name else "apt",
    }, release


def _libc_of(known: dict, release: Release | None) -> dict:
    """The libc from a text such as musl 1.2.4 or 2.35 (then it is glibc), or else from the release."""
    if "libc" not in known:
        if not release:
            fail(
                f"The libc of {known.get('os') or 'this system'} is unknown: give os, such as debian 12, or libc,"
                " such as glibc 2.36."
            )
        return {"name": "glibc", "version": release.glibc}
    name, _blank, version = known["libc"].rpartition(" ")
    return {"name": name or "glibc", "version": version}


def _assumption_words(made: dict, given: dict) -> str:
    """One sentence with all facts that were assumed."""
    devices = [
        "{kind} {name}".format(**device) + (f" with driver {device['driver']}" if device["driver"] else "")
        for device in made["accelerators"]
    ]
    told = {
        "model": made["model"],
        "module": made["module"],
        "soc": made["soc"],
        "architecture": made["architecture"],
        "os": made["os"]["pretty_name"],
        "libc": "{name} {version}".format(**made["libc"]),
        "pythons": ", ".join(python["version"] for python in made["pythons"]),
        "atomics": {None: None, True: "with LSE atomics", False: "no LSE atomics"}[made["cpu"]["atomics"]],
        "page_size": f"{made['page_size']} B pages",
        "accelerators": ", ".join(devices),
        "l4t": made["key"]["l4t"] and f"L4T {made['key']['l4t']}",
        "cann": made["key"]["cann"] and f"CANN {made['key']['cann']}",
        **{
            name: f"{name} {value}"
            for name, value in made["platform"].items()
            if value is not None and name not in given.get("platform", {})
        },
    }
    in_words = ("libc", "atomics", "page_size", "l4t", "cann", *made["platform"])
    words = [
        told[name] if name in in_words else f"{name} {told[name]}" for name in told if told[name] and name not in given
    ]
    return f"This board is hypothetical; assumed, not measured: {'; '.join(words)}."
