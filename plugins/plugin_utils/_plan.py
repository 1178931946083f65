# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this plugin util is PRIVATE to the collection. Its interface may change at any time.

"""From a board, a catalogue and a request to a plan: a pure function. The catalogue decides, this engine knows no board family.

A catalogue is a list of rows of three kinds:

* an *offer* (it has ``accelerator``): this torch can be had, from there, on boards that are ``when``;
* a *known-bad* row (it has ``refuse``): this torch (or, without ``torch``, any) must not be put on boards that are ``when``;
* an *addition* (neither): what any plan for boards that are ``when`` gets on top.
"""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from typing import Any, NamedTuple

from ansible.errors import AnsibleFilterError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._packaging import (
    InvalidRequirement,
    InvalidSpecifier,
    InvalidVersion,
    Requirement,
    SpecifierSet,
    Version,
    canonicalize_name,
)

SCHEMA = 1
PROVEN = ("hardware", "emulated", "container", "recorded", "guess")
OUTCOMES = ("cpu", "cuda", "npu")


# --- Conditions: what a row's `when` may ask of a board -----------------------------------------------------------------------------


class Condition(NamedTuple):
    kind: str  # 'words': one of these (patterns allowed); 'version': a specifier; 'flag': a boolean
    label: str
    read: Callable[[dict], Any]  # from the board, or from one accelerator if `device`
    device: bool = False


CONDITIONS = {
    "architecture": Condition("words", "the userland's architecture", lambda board: board["architecture"]),
    # Another libc shows up in the message under its own name, and satisfies no version.
    "libc": Condition(
        "version", "glibc", lambda board: board["libc"]["version"] if board["libc"]["name"] == "glibc" else "{name} {version}".format(**board["libc"])
    ),
    "os_id": Condition("words", "the operating system", lambda board: board["os"]["id"]),
    "os_version": Condition("version", "the version of the operating system", lambda board: board["os"]["version_id"]),
    "soc": Condition("words", "the SoC", lambda board: board["soc"]),
    "model": Condition("words", "the model", lambda board: board["model"]),
    "module": Condition("words", "the module", lambda board: board["module"]),
    "board_id": Condition("words", "the board id", lambda board: board["board_id"]),
    "atomics": Condition("flag", "LSE atomics of the CPU", lambda board: board["cpu"]["atomics"]),
    "memory": Condition("version", "the memory in bytes", lambda board: board["memory"]["total"]),
    "page_size": Condition("version", "the page size in bytes", lambda board: board["page_size"]),
    "l4t": Condition("version", "the L4T release", lambda board: board["key"]["l4t"]),
    "cann": Condition("version", "the CANN release", lambda board: board["key"]["cann"]),
    "device": Condition("words", "the accelerator", lambda device: device["name"], True),
    "driver": Condition("version", "the driver", lambda device: device["driver"], True),
    "device_memory": Condition("version", "the accelerator's memory in bytes", lambda device: device["memory"], True),
    "compute_capability": Condition("version", "the compute capability", lambda device: device["compute_capability"], True),
}


def _within(value: Any, specifier: SpecifierSet | str) -> bool:
    """Whether a version satisfies a specifier; what is unknown or no version satisfies none."""
    try:
        return value is not None and SpecifierSet(str(specifier)).contains(Version(str(value)), prereleases=True)
    except InvalidVersion:
        return False


def _holds(kind: str, value: Any, wanted: Any) -> bool:
    if kind == "flag":
        return value is wanted
    if kind == "version":
        return _within(value, wanted)
    return value is not None and any(fnmatch.fnmatchcase(value, pattern) for pattern in _words(wanted))


def _words(wanted: str | list[str]) -> list[str]:
    return [wanted] if isinstance(wanted, str) else list(wanted)


def _told(value: Any) -> str:
    return {None: "not known", True: "yes", False: "no"}[value] if value is None or isinstance(value, bool) else str(value)


class Miss(NamedTuple):
    """The first thing that kept an offer from fitting; `depth` orders misses by how far the offer came."""

    row: dict
    depth: tuple[int, int]
    why: str
    offer: str | None = None  # what torch the row would give instead
    wanted: str | None = None  # the version the row wants of the board
    bad: dict | None = None  # the known-bad row that was hit


ACCELERATOR, WHEN, PYTHON, COMPANIONS, VERSION, BAD = range(6)


def _unmet(row: dict, board: dict) -> Miss | None:
    """The first condition of a row's `when` that does not hold. What is asked of an accelerator must hold for one and the same."""
    devices = [device for device in board["accelerators"] if row.get("accelerator") in (None, device["kind"])]
    for index, (key, wanted) in enumerate(row.get("when", {}).items()):
        condition = CONDITIONS[key]
        subjects = devices if condition.device else [board]
        fitting = [subject for subject in subjects if _holds(condition.kind, condition.read(subject), wanted)]
        if not fitting:
            values = ", ".join(dict.fromkeys(_told(condition.read(subject)) for subject in subjects)) or "not there"
            text = _told(wanted) if condition.kind == "flag" else " or ".join(_words(wanted))
            version = wanted if condition.kind == "version" else None
            return Miss(row, (WHEN, index), f"{condition.label}: {values}; the row wants {text}", wanted=version)
        if condition.device:
            devices = fitting
    return None


# --- Specifiers ---------------------------------------------------------------------------------------------------------------------


_NEGATED = {"==": "!=", "!=": "==", ">=": "<", "<": ">=", ">": "<=", "<=": ">"}


def _negated(specifier: str) -> SpecifierSet:
    (clause,) = SpecifierSet(specifier)
    return SpecifierSet(_NEGATED[clause.operator] + clause.version)


def _possible(specifier: SpecifierSet, local: str | None) -> bool:
    """Whether a release (with that local label) can satisfy the specifier: tried with the versions it names and their successors."""
    points = {Version("0")}
    for clause in specifier:
        version = Version(clause.version.removesuffix(".*"))
        major, minor, micro = version.major, version.minor, version.micro
        points |= {version, *map(Version, (version.public, f"{major}.{minor}.{micro + 1}", f"{major}.{minor + 1}", f"{major + 1}"))}
    if local:
        points = {Version(f"{point.public}+{local}") for point in points}
    return any(specifier.contains(point, prereleases=True) for point in points)


def _tidy(specifier: SpecifierSet) -> str:
    """The same specifier without bounds that tighter ones make idle, in the order a person would write."""
    by_kind: dict[str, list] = {"exact": [], "lower": [], "upper": [], "other": [], "not": []}
    kinds = {">=": "lower", ">": "lower", "<": "upper", "<=": "upper", "!=": "not"}
    for clause in specifier:
        exact = clause.operator == "==" and not clause.version.endswith(".*")
        by_kind["exact" if exact else kinds.get(clause.operator, "other")].append(clause)
    lower = sorted(by_kind["lower"], key=lambda clause: (Version(clause.version), clause.operator == ">"))[-1:]
    upper = sorted(by_kind["upper"], key=lambda clause: (Version(clause.version), clause.operator == "<="))[:1]
    rest = sorted(by_kind["other"], key=str)
    excluded = sorted(by_kind["not"], key=lambda clause: Version(clause.version.removesuffix(".*")))
    return ",".join(map(str, (by_kind["exact"] or [*rest, *lower, *upper]) + excluded))


# --- The inputs, checked ------------------------------------------------------------------------------------------------------------


def _fail(message: str) -> None:
    raise AnsibleFilterError(message)


def _is_words(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value)


def _is_specifier(value: Any) -> bool:
    try:
        return isinstance(value, str) and SpecifierSet(value) is not None
    except InvalidSpecifier:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


_SHAPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text", _is_text),
    "words": ("a list of texts", _is_words),
    "specifier": ("a version specifier", _is_specifier),
    "flag": ("true or false", lambda value: isinstance(value, bool)),
    "when": ("a mapping", lambda value: isinstance(value, dict)),
    "outcome": ("one of " + ", ".join(OUTCOMES), lambda value: value in OUTCOMES),
    "action": ("install or build", lambda value: value in ("install", "build")),
    "proven": ("one of " + ", ".join(PROVEN), lambda value: value in PROVEN),
    "texts": ("a mapping of texts", lambda value: isinstance(value, dict) and all(isinstance(text, str) for text in value.values())),
    "specifiers": ("a mapping to version specifiers", lambda value: isinstance(value, dict) and all(map(_is_specifier, value.values()))),
    "companions": (
        "a mapping to true or to a specifier of torch",
        lambda value: isinstance(value, dict) and all(rule is True or _is_specifier(rule) for rule in value.values()),
    ),
}
_COMMON = {"id": "text", "when": "when", "proven": "proven", "evidence": "words"}
_GIVEN = {"constraints": "words", "packages": "words", "groups": "words", "environment": "texts", "why": "text", "warning": "text"}
ROW_KEYS = {
    "offer": {
        **_COMMON, **_GIVEN, "accelerator": "outcome", "action": "action", "torch": "specifier", "auto": "specifier", "python": "specifier",
        "by_python": "specifiers", "local": "text", "sources": "words", "forbid": "words", "companions": "companions",
        "system_site_packages": "flag", "way_out": "text",
    },
    "known-bad": {**_COMMON, "refuse": "text", "way_out": "text", "accelerator": "outcome", "torch": "specifier", "sources": "words"},
    "addition": {**_COMMON, **_GIVEN},
}  # fmt: skip


def kind_of(row: dict) -> str:
    return "known-bad" if "refuse" in row else "offer" if "accelerator" in row else "addition"


def check_catalogue(catalogue: Any) -> None:
    """Fail on the first thing wrong with a catalogue: it is written by people, and a typo must not silently widen a row."""
    if not isinstance(catalogue, (list, tuple)):
        _fail(f"The catalogue must be a list of rows, not {type(catalogue).__name__}.")
    seen = set()
    for number, row in enumerate(catalogue, 1):
        if not isinstance(row, dict) or not _is_text(row.get("id")):
            _fail(f"Row {number} of the catalogue must be a mapping with an id.")
        where, kind = f"Row '{row['id']}' of the catalogue", kind_of(row)
        if row["id"] in seen:
            _fail(f"{where} is there twice.")
        seen.add(row["id"])
        for key, value in row.items():
            if key not in ROW_KEYS[kind]:
                _fail(f"{where} has the unknown key '{key}'; {kind} rows have: {', '.join(sorted(ROW_KEYS[kind]))}.")
            words, shape = _SHAPES[ROW_KEYS[kind][key]]
            if not shape(value):
                _fail(f"{where}: '{key}' is {value!r}, it must be {words}.")
        for key, wanted in row.get("when", {}).items():
            if key not in CONDITIONS:
                _fail(f"{where} has the unknown condition '{key}'; known are: {', '.join(sorted(CONDITIONS))}.")
            shapes = {"flag": ("flag",), "version": ("specifier",), "words": ("text", "words")}[CONDITIONS[key].kind]
            if not any(_SHAPES[shape][1](wanted) for shape in shapes):
                _fail(f"{where}: condition '{key}' is {wanted!r}, it must be {' or '.join(_SHAPES[shape][0] for shape in shapes)}.")
        if kind == "known-bad" and row.get("torch") and [clause.operator in _NEGATED for clause in SpecifierSet(row["torch"])] != [True]:
            _fail(f"{where}: 'torch' of a known-bad row must be one clause that can be turned round, such as ==2.4.0; it is {row['torch']!r}.")


_BOARD_KEYS = "family architecture cpu libc os pythons accelerators memory page_size key workload state model module board_id soc".split()


def _check_board(board: Any) -> None:
    missing = [key for key in _BOARD_KEYS if key not in board] if isinstance(board, dict) else _BOARD_KEYS
    if missing:
        _fail(f"This is not a board as edgeai.fleet.board_facts describes it: {', '.join(missing)} missing.")


class Ask(NamedTuple):
    """What is asked for, read once."""

    version: str
    specifier: SpecifierSet | None  # None: auto
    accelerator: str
    python: str
    companions: dict[str, str]  # normalized name -> as written
    force: bool


def _requirement(option: str, text: Any) -> Requirement:
    try:
        return Requirement(text)
    except (InvalidRequirement, TypeError) as error:
        raise AnsibleFilterError(f"torch_{option} has {text!r}, which is no requirement such as 'numpy<2': {str(error).splitlines()[0]}") from None


def _read_request(request: Any) -> Ask:
    needed = ("version", "accelerator", "python", "companions", "requirements", "constraints", "system_site_packages", "environment", "force")
    missing = [key for key in needed if key not in request] if isinstance(request, dict) else needed
    if missing:
        _fail(f"This is not a request as the lookup edgeai.fleet.torch_request gives it: {', '.join(missing)} missing.")
    version = str(request["version"]).strip()
    specifier = None
    if version != "auto":
        try:
            specifier = SpecifierSet(f"=={Version(version)}")
        except InvalidVersion:
            if not version or not _is_specifier(version) or any(clause.operator == "===" for clause in SpecifierSet(version)):
                _fail(f"torch_version is {version!r}: it must be auto, a version such as 2.9.1, or a range such as '>=2.6,<2.10'.")
            specifier = SpecifierSet(version)
        if not _possible(specifier, None):
            _fail(f"torch_version is {version!r}: no version can satisfy that.")
    if request["accelerator"] not in ("auto", *OUTCOMES):
        _fail(f"torch_accelerator is {request['accelerator']!r}: it must be auto, cuda, npu or cpu.")
    python = str(request["python"]).strip()
    if python != "auto" and not python.startswith("/") and not re.fullmatch(r"\d+(\.\d+){0,2}", python):
        _fail(f"torch_python is {python!r}: it must be auto, a version such as 3.11, or the path of an interpreter on the board.")
    for key in ("companions", "requirements", "constraints"):
        for text in request[key]:
            if canonicalize_name(_requirement(key, text).name) == "torch":
                _fail(f"torch_{key} has {text!r}: torch itself is asked for with torch_version.")
    companions = {canonicalize_name(Requirement(text).name): text for text in request["companions"]}
    return Ask(version, specifier, request["accelerator"], python, companions, bool(request["force"]))


# --- One offer against one board ----------------------------------------------------------------------------------------------------


class Fit(NamedTuple):
    row: dict
    python: dict
    specifier: SpecifierSet
    excluded: list[dict]  # known-bad rows that narrow the range
    forced: list[dict]  # known-bad rows passed on purpose


def _called(python: dict) -> str:
    return f"{python['version']} ({python['path']})"


def _pythons(board: dict) -> str:
    return "Python " + ", ".join(map(_called, board["pythons"])) if board["pythons"] else "no Python"


def _is_asked(python: dict, asked: str) -> bool:
    if asked.startswith("/"):
        return python["path"] == asked
    return asked == "auto" or f"{python['version']}.".startswith(f"{asked}.")


def _device(device: dict) -> str:
    driver = f", driver {device['driver']}" if device["driver"] else ""
    return f"{device['kind']} ({device['name']}{driver})"


def _fit(row: dict, board: dict, ask: Ask, bad: list[dict], force: bool) -> Fit | Miss:
    """How this offer serves the request on this board, or the first reason why it does not."""
    outcome = row["accelerator"]
    if ask.accelerator not in ("auto", outcome):
        return Miss(row, (ACCELERATOR, 0), f"it is for {outcome}; torch_accelerator asks for {ask.accelerator}")
    if outcome != "cpu" and outcome not in {device["kind"] for device in board["accelerators"]}:
        return Miss(row, (ACCELERATOR, 1), f"it is for {outcome}; the board has none")
    unmet = _unmet(row, board)
    if unmet:
        return unmet
    wanted = f"Python {row['python']}" if row.get("python") else "any Python"
    asked = "" if ask.python == "auto" else f"torch_python asks for {ask.python}; "
    best = Miss(row, (PYTHON, 0), f"{asked}the row wants {wanted}; on board: {_pythons(board)}")
    for python in board["pythons"]:
        if _is_asked(python, ask.python) and python["implementation"] == "cpython" and _within(python["version"], row.get("python", "")):
            answer = _fit_python(row, board, ask, bad, force, python)
            if isinstance(answer, Fit):
                return answer
            best = max(best, answer, key=lambda miss: miss.depth)
    return best


def _fit_python(row: dict, board: dict, ask: Ask, bad: list[dict], force: bool, python: dict) -> Fit | Miss:
    local, of_python = row.get("local"), f"Python {python['version']}"
    offer = SpecifierSet(row.get("torch", ""))
    if "by_python" in row:
        minor = ".".join(python["version"].split(".")[:2])
        offer &= SpecifierSet(row["by_python"].get(minor, "<0"))
        if not _possible(offer, local):
            return Miss(row, (PYTHON, 1), f"it has no torch {row.get('torch', '')} for {of_python}".replace("  ", " "))
    for name, text in ask.companions.items():
        rule = row.get("companions", {}).get(name)
        if rule is None:
            return Miss(row, (COMPANIONS, 0), f"it has no {text}; companions it has: {', '.join(row.get('companions', {})) or 'none'}")
        if rule is not True:
            offer &= SpecifierSet(rule)
            if not _possible(offer, local):
                return Miss(row, (COMPANIONS, 1), f"{text} is only there for torch {rule}")
    specifier = offer & (SpecifierSet(row.get("auto", "")) if ask.specifier is None else ask.specifier)
    if not _possible(specifier, local):
        label = f" with the label +{local}" if local else ""
        return Miss(row, (VERSION, 0), f"it gives torch {_tidy(offer)}{label} for {of_python}", offer=_tidy(offer))
    excluded, forced = [], []
    for other in bad:
        if other.get("accelerator", row["accelerator"]) != row["accelerator"] or not _shared(other.get("sources"), row.get("sources")):
            continue
        narrowed = specifier
        if other.get("torch"):
            if not _possible(specifier & SpecifierSet(other["torch"]), local):
                continue
            narrowed = specifier & _negated(other["torch"])
        if narrowed != specifier and _possible(narrowed, local):
            specifier = narrowed
            excluded.append(other)
        elif force:
            forced.append(other)
        else:
            return Miss(row, (BAD, 0), other["refuse"], bad=other)
    return Fit(row, python, specifier, excluded, forced)


def _shared(sources: list[str] | None, others: list[str] | None) -> bool:
    """Whether a known-bad row that speaks of some sources speaks of these; without sources it speaks of all."""
    return not sources or bool(set(sources) & set(others or ["configured"]))


# --- The plan -----------------------------------------------------------------------------------------------------------------------


def plan(board: dict, catalogue: list[dict], request: dict) -> dict:
    """What this board shall get, and why; or the refusal, with its reason and the way out."""
    check_catalogue(catalogue)
    _check_board(board)
    ask = _read_request(request)
    answer = _unready(board, ask)
    if answer:
        return answer
    rows = [dict(row) for row in catalogue]
    # A stable sort: the best accelerator first, otherwise the catalogue's own order.
    offers = sorted((row for row in rows if kind_of(row) == "offer"), key=lambda row: row["accelerator"] == "cpu")
    bad = [row for row in rows if kind_of(row) == "known-bad" and not _unmet(row, board)]
    misses: list[Miss] = []
    # Only what cannot be had otherwise is forced.
    for force in [False, True] if ask.force else [False]:
        misses = []
        for row in offers:
            answer = _fit(row, board, ask, bad, force)
            if isinstance(answer, Fit):
                additions = [row for row in rows if kind_of(row) == "addition" and not _unmet(row, board)]
                return _planned(board, request, ask, answer, misses, additions)
            misses.append(answer)
    return _unfit(board, ask, misses, bad)


def _skeleton(board: dict) -> dict:
    return {
        "schema": SCHEMA, "refusal": None, "family": board["family"], "row": None, "action": None, "accelerator": None, "expect": None,
        "python": None, "target": None, "torch": None, "companions": [], "requirements": [], "constraints": [], "sources": [], "forbid": [],
        "system_site_packages": False, "system_packages": [], "groups": [], "environment": {}, "forced": [], "warnings": [], "why": [],
        "evidence": [],
    }  # fmt: skip


def _refused(board: dict, reason: str, way_out: str, nearly: list[dict] | None = None, evidence: list[str] | None = None) -> dict:
    refusal = {"reason": reason, "nearly": nearly or [], "way_out": way_out}
    return {**_skeleton(board), "refusal": refusal, "evidence": list(evidence or [])}


def _unready(board: dict, ask: Ask) -> dict | None:
    """Refusals that no catalogue can change."""
    if not board["family"]:
        seen = ", ".join(f"{key} {board[key]}" for key in ("model", "soc", "architecture") if board[key])
        return _refused(board, f"This board is of no family that the collection knows ({seen}).", "Set torch_family if it is one of them all the same.")
    if board["state"]["problem"]:
        return _refused(board, f"torch_root cannot be used: {board['state']['problem']}", "Correct it on the board, or choose another torch_root.")
    if not board["workload"]["exists"]:
        return _refused(board, f"The user {board['workload']['name']} (torch_user) does not exist on this board.", "Create the user, or correct torch_user.")
    if ask.accelerator not in ("auto", "cpu") and ask.accelerator not in {device["kind"] for device in board["accelerators"]}:
        seen = ", ".join(map(_device, board["accelerators"])) or "none"
        return _refused(
            board,
            f"torch_accelerator asks for {ask.accelerator}, and this board has no such accelerator (seen: {seen}).",
            "Ask for torch_accelerator: auto or cpu; if the accelerator is there, its driver is not.",
        )
    return None


def _unfit(board: dict, ask: Ask, misses: list[Miss], bad: list[dict]) -> dict:
    """No offer fits: say what kept the one that came furthest, and what would help."""
    nearly = [{"row": miss.row["id"], "why": miss.why} for miss in misses]
    blanket = [row for row in bad if not row.get("torch") and not row.get("sources") and not row.get("accelerator")]
    headline = _headline(misses)
    known = headline.bad if headline and headline.bad else blanket[0] if blanket else None
    if known:
        way_out = known.get("way_out", "Ask for another torch_version.")
        return _refused(board, known["refuse"], f"{way_out} torch_force: true goes ahead regardless." if known.get("torch") else way_out, nearly,
                        known.get("evidence"))  # fmt: skip
    torch = "torch" if ask.specifier is None else f"torch {ask.version}"
    what = torch if ask.accelerator == "auto" else f"{torch} for {ask.accelerator}"
    if not headline:
        return _refused(board, f"The catalogue of {board['family']} has no row that gives {what}.", "Correct the catalogue.")
    reason = f"{what} cannot be had for this board. Row {headline.row['id']} came nearest: {headline.why}."
    others = {miss.offer: miss.row["id"] for miss in misses if miss.offer}
    if others:
        choices = " or ".join(f"torch_version: '{offer}'" for offer in others)
        newest = [offer.rpartition("<=")[2].split(",")[0] for offer in others if "<=" in offer]
        way_out = f"What this board can have: {choices}" + (f" (the newest: {', '.join(newest)})." if newest else ".")
    elif headline.depth[0] == PYTHON:
        way_out = f"Put a Python {headline.row.get('python', '')} on the board beside its own; torch_python takes its path."
    else:
        way_out = headline.row.get("way_out", "See what nearly fitted; the board's own values decide.")
    return _refused(board, reason, way_out, nearly, headline.row.get("evidence"))


def _headline(misses: list[Miss]) -> Miss | None:
    """The offer that came furthest; of several that want a version, the one that wants least."""

    def least(miss: Miss) -> Version:
        return max((Version(clause.version.removesuffix(".*")) for clause in SpecifierSet(miss.wanted or "")), default=Version("0"))

    furthest = max((miss.depth for miss in misses), default=None)
    return min((miss for miss in misses if miss.depth == furthest), key=least, default=None)


def _planned(board: dict, request: dict, ask: Ask, fit: Fit, misses: list[Miss], additions: list[dict]) -> dict:
    row, python, specifier = fit.row, fit.python, _tidy(fit.specifier)
    given = [row, *additions]
    sources = list(row.get("sources", ["configured"]))

    def gathered(key: str) -> list[str]:
        return list(dict.fromkeys(word for source in given for word in source.get(key, [])))

    environment = {name: value for source in [*given, request] for name, value in source.get("environment", {}).items()}
    why = [f"Row {row['id']} ({row.get('proven', 'guess')}): {row['accelerator']}, torch {specifier}, from {' or '.join(sources)}."]
    if ask.python == "auto":
        why.append(f"Python {_called(python)}: the first on board that this torch fits.")
    else:
        why.append(f"Python {_called(python)}: torch_python asks for {ask.python}.")
    why += [f"Without torch {other['torch']}: {other['refuse']}" for other in fit.excluded]
    why += [source["why"] for source in given if source.get("why")]
    forced = [{"row": other["id"], "reason": other["refuse"], "evidence": list(other.get("evidence", []))} for other in fit.forced]
    warnings = [f"Forced: {refusal['reason']}" for refusal in forced]
    if row["accelerator"] == "cpu" and ask.accelerator == "auto":
        for kind in dict.fromkeys(device["kind"] for device in board["accelerators"]):
            miss = _headline([miss for miss in misses if miss.row["accelerator"] == kind])
            names = ", ".join(_device(device) for device in board["accelerators"] if device["kind"] == kind)
            because = f"row {miss.row['id']} came nearest: {miss.why}" if miss else "the catalogue has no row for it"
            warnings.append(f"{names} stays unused, torch computes on the CPU: {because}.")
    warnings += [source["warning"] for source in given if source.get("warning")]
    return {
        **_skeleton(board),
        "row": row["id"],
        "action": row.get("action", "install"),
        "accelerator": row["accelerator"],
        "expect": row["accelerator"],
        "python": {"path": python["path"], "version": python["version"]},
        "target": {"architecture": board["architecture"], "libc": board["libc"]["version"], "python": python["version"]},
        "torch": {"specifier": specifier, "local": row.get("local")},
        "companions": list(request["companions"]),
        "requirements": list(request["requirements"]),
        "constraints": list(dict.fromkeys([*gathered("constraints"), *request["constraints"]])),
        "sources": sources,
        "forbid": list(row.get("forbid", [])),
        "system_site_packages": bool(row.get("system_site_packages") or request["system_site_packages"]),
        "system_packages": gathered("packages"),
        "groups": gathered("groups"),
        "environment": environment,
        "forced": forced,
        "warnings": warnings,
        "why": why,
        "evidence": list(dict.fromkeys(url for source in [row, *fit.excluded, *fit.forced] for url in source.get("evidence", []))),
    }
