# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Catalogues: rows that say which torch exists for which boards, checked and merged.

A catalogue is a list of rows of three kinds:

* an *offer* (has ``accelerator``): this torch exists, from this source, for boards that match ``when``;
* a *known-bad* row (has ``refuse``): this torch (without ``torch``: any) must not be used on boards that match
  ``when``;
* an *addition* (has neither): what each plan, or each that matches ``plan``, gets in addition on boards that match
  ``when``.

docs/schemas/catalogue.schema.json describes the keys; this file decides what is valid.
"""

from __future__ import annotations

import datetime
import functools
import re
from collections.abc import Callable
from typing import Any

from ansible.errors import AnsibleFilterError

from .._base.messages import did_you_mean, expect, expect_known, fail
from .._base.packaging_shim import (
    InvalidRequirement,
    InvalidVersion,
    InvalidWheelFilename,
    Requirement,
    SpecifierSet,
    Version,
    canonicalize_name,
    parse_wheel_filename,
)
from .._base.specifiers import exact_versions, is_negatable, is_specifier, is_within
from .._base.urls import is_url
from .build_recipes import check_build, check_companion, is_hex_sha256, is_text
from .common_rows import common_rows, row_tables, version_tables, versions_by_python
from .conditions import CONDITIONS, PLATFORM, is_wanted_of_platform

PROVEN = ("hardware", "emulated", "container", "recorded", "guess")
BY_EVIDENCE = ("recorded", "guess")  # not run for the catalogue: such a row is as good as its evidence
RUN_KEYS = ("family", "os", "python", "torch", "how", "by")  # of an entry of `ran`
OUTCOMES = ("cpu", "cuda", "npu")
_CHOICES = {"outcome": OUTCOMES, "action": ("install", "build"), "provider": ("venv", "conda"), "proven": PROVEN}
_FLAVOURS = ("cuda", "cpu")  # of conda packages
# What an addition can require of the plan.
OF_PLAN = {"accelerator": "outcome", "action": "action", "provider": "provider", "requirement": "text"}
_OF_OFFER = {"action": "install", "provider": "venv"}  # the defaults of an offer
ARTIFACT_KEYS = ("filename", "url", "sha256")
OWN = "torch_catalogue"  # the operator's rows


# --- The shapes of values
# --------------------------------------------------------------------------------------------------


def _is_texts(value: Any) -> bool:
    return isinstance(value, (list, tuple)) and all(isinstance(word, str) for word in value)


def _is_day(value: Any) -> bool:
    if not isinstance(value, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        return value is None
    try:
        return bool(datetime.date.fromisoformat(value))
    except ValueError:
        return False


def _is_run(value: Any) -> bool:
    return (
        isinstance(value, dict)
        and set(value) == set(RUN_KEYS)
        and all(map(is_text, value.values()))
        and value["how"] in PROVEN
        and value["how"] not in BY_EVIDENCE
    )


def _is_mapping(value: Any, fits: Callable[[Any], bool]) -> bool:
    return isinstance(value, dict) and all(map(fits, value.values()))


_SHAPES: dict[str, tuple[str, Callable[[Any], bool]]] = {
    "text": ("a text", is_text),
    "texts": ("a list of texts", _is_texts),
    "urls": (
        "a list of URLs, at least one",
        lambda value: _is_texts(value) and bool(value) and all(map(is_url, value)),
    ),
    "specifier": ("a version specifier", is_specifier),
    "day": ("a day such as '2026-11-30', in quotes, or null", _is_day),
    "flag": ("true or false", lambda value: isinstance(value, bool)),
    "mapping": ("a mapping", lambda value: isinstance(value, dict)),
    **{name: (f"one of {', '.join(choices)}", choices.__contains__) for name, choices in _CHOICES.items()},
    "by name": ("a mapping of texts", lambda value: _is_mapping(value, lambda text: isinstance(text, str))),
    "drivers": (
        "a mapping of cuda or npu to the version of its driver",
        lambda value: _is_mapping(value, lambda text: isinstance(text, str)) and set(value) <= {"cuda", "npu"},
    ),
    "releases": (
        "a mapping of l4t or cann to its release",
        lambda value: _is_mapping(value, is_text) and set(value) <= {"l4t", "cann"},
    ),
    "coming": (
        "a mapping with key (of l4t or cann to its release) and platform (of texts)",
        lambda value: (
            isinstance(value, dict)
            and set(value) <= {"key", "platform"}
            and _is_mapping(value.get("key"), is_text)
            and set(value["key"]) <= {"l4t", "cann"}
            and _is_mapping(value.get("platform", {}), is_text)
        ),
    ),
    "versions by python": (
        f"a mapping to version specifiers, or one of {', '.join(version_tables())}",
        lambda value: value in version_tables() if isinstance(value, str) else _is_mapping(value, is_specifier),
    ),
    "rows": (f"one of {', '.join(row_tables())}", lambda value: isinstance(value, str) and value in row_tables()),
    "companions": (
        "a mapping to true, to a specifier of torch, or to how it is compiled",
        lambda value: _is_mapping(value, lambda rule: rule is True or is_specifier(rule) or isinstance(rule, dict)),
    ),
    "build": (
        f"one of {', '.join(_FLAVOURS)} (of conda packages), or a mapping that says how torch is compiled",
        lambda value: value in _FLAVOURS if isinstance(value, str) else isinstance(value, dict),
    ),
    "plan": (
        "a mapping of accelerator, action or provider to one of theirs, or of requirement to a package",
        lambda value: (
            isinstance(value, dict)
            and all(
                key in OF_PLAN and (is_text(word) if key == "requirement" else word in _CHOICES[OF_PLAN[key]])
                for key, word in value.items()
            )
        ),
    ),
    "runs": (
        f"a list of mappings with {', '.join(RUN_KEYS)}, each a text (how: {', '.join(PROVEN[:3])})",
        lambda value: isinstance(value, (list, tuple)) and bool(value) and all(map(_is_run, value)),
    ),
    # These are checked further.
    "requirements": ("a list of texts", _is_texts),
    "artifacts": ("a list of mappings, at least one", lambda value: isinstance(value, (list, tuple)) and bool(value)),
}
_TOLD = ("proven", "checked", "evidence")  # how far a row can be trusted
_COMMON = {"id": "text", "when": "mapping", "proven": "proven", "checked": "day", "evidence": "texts"}
_GIVEN = {
    "requirements": "requirements",
    "constraints": "requirements",
    "packages": "texts",
    "files": "artifacts",
    "groups": "texts",
    "environment": "by name",
    "modules": "texts",
    "system_site_packages": "flag",
    "system_python": "flag",
    "system": "by name",
    "build": "build",
    "why": "text",
    "warning": "text",
}
ROW_KEYS = {
    "offer": {
        **_COMMON,
        **_GIVEN,
        "ran": "runs",
        "accelerator": "outcome",
        "asked": "flag",
        "only_refused": "flag",
        "option": "text",
        "action": "action",
        "provider": "provider",
        "torch": "specifier",
        "auto": "specifier",
        "python": "specifier",
        "by_python": "versions by python",
        "local": "text",
        "sources": "texts",
        "wheels": "artifacts",
        "channels": "urls",
        "specs": "texts",
        "forbid": "texts",
        "replace_in_variables": "by name",
        "companions": "companions",
        "way_out": "text",
    },
    "known-bad": {
        **_COMMON,
        "refuse": "text",
        "way_out": "text",
        "accelerator": "outcome",
        "action": "action",
        "torch": "specifier",
        "sources": "texts",
    },
    "addition": {
        **_COMMON,
        **_GIVEN,
        "plan": "plan",
        "brings": "drivers",
        "states": "releases",
        "becomes": "coming",
        "rows": "rows",
    },
}
_BECAUSE = {
    "offer": "with accelerator, without refuse",
    "known-bad": "with refuse",
    "addition": "without accelerator and refuse",
}
# Keys that a conda row must not have: its packages and its Python come from channels.
_NOT_CONDA = ("sources", "wheels", "local", "action", "system_site_packages", "system_python", "system")
# Keys that a row with a compiled torch must not have.
_NOT_COMPILED = ("wheels", "sources", "local")


def kind_of(row: dict) -> str:
    return "known-bad" if "refuse" in row else "offer" if "accelerator" in row else "addition"


def is_addition_for(addition: dict, offer: dict) -> bool:
    """Whether an addition is for the plan of this offer, whatever is requested."""
    return all(
        offer.get(key, _OF_OFFER.get(key)) == word
        for key, word in addition.get("plan", {}).items()
        if key != "requirement"
    )


def is_addition_to(addition: dict, requirements: list[str]) -> bool:
    """Whether an addition is for a request of these packages."""
    name = addition.get("plan", {}).get("requirement")
    return name is None or canonicalize_name(name) in {
        canonicalize_name(Requirement(text).name) for text in requirements
    }


def read_requirement(where: str, text: Any) -> Requirement:
    try:
        return Requirement(text)
    except (InvalidRequirement, TypeError) as error:
        raise AnsibleFilterError(
            f"{where} has {text!r}, which is not a requirement such as 'numpy<2': {str(error).splitlines()[0]}"
        ) from None


# --- The checks
# --------------------------------------------------------------------------------------------------


def check_catalogue(catalogue: Any, name: str = "the catalogue") -> None:
    """Fail on the first error in a catalogue.

    People write catalogues, and a typing error must not silently make a row match more boards.
    """
    if not isinstance(catalogue, (list, tuple)):
        fail(f"A list of rows is needed as {name}, not {type(catalogue).__name__}.")
    seen = set()
    for number, row in enumerate(catalogue, 1):
        if not isinstance(row, dict) or not is_text(row.get("id")):
            fail(f"Row {number} of {name} must be a mapping with an id.")
        where = f"Row '{row['id']}' of {name}"
        if row["id"] in seen:
            fail(f"{where} is defined twice.")
        seen.add(row["id"])
        _check_row(where, row)


def _check_row(where: str, row: dict) -> None:
    kind = kind_of(row)
    keys = ROW_KEYS[kind]
    for key, value in row.items():
        if key not in keys:
            every = [key for others in ROW_KEYS.values() for key in others]
            fault = (
                f"has '{key}', which it cannot have;"
                if key in every
                else f"has the unknown key '{key}'{did_you_mean(key, every) or ';'}"
            )
            fail(f"{where} {fault} {kind} rows ({_BECAUSE[kind]}) have: {', '.join(sorted(keys))}.")
        expected, fits = _SHAPES[keys[key]]
        if not fits(value):
            fail(
                f"{where}: '{key}' is {value!r}, it must be"
                f" {expected}{did_you_mean(value, _CHOICES.get(keys[key], ())) or '.'}"
            )
        if keys[key] == "requirements":
            _check_requirements(f"{where}: '{key}'", value)
        if keys[key] == "artifacts":
            _check_artifacts(where, key, value)
    if "rows" in row:
        _refuse_keys(where, row, tuple(set(row) - {"id", "rows", *_TOLD}), "a row with 'rows' cannot have.")
    _check_when(where, row.get("when", {}))
    if isinstance(row.get("build"), dict):
        check_build(f"{where}: 'build'", row["build"])
    elif kind == "addition":
        expect("build" not in row, f"{where}: 'build'", row.get("build"), "a mapping that says how torch is compiled")
    if kind == "known-bad" and row.get("torch") and not is_negatable(row["torch"]):
        fail(
            f"{where}: 'torch' of a known-bad row must be one clause that can be negated, such as ==2.4.0; it is"
            f" {row['torch']!r}."
        )
    if kind == "offer":
        _check_provider(where, row)
        _check_compiled(where, row)
        if "wheels" in row:
            _check_wheels(where, row)


def _check_when(where: str, when: dict) -> None:
    expect_known(where, "condition", when, sorted([*CONDITIONS, PLATFORM]))
    for key, wanted in when.items():
        if key == PLATFORM:
            _check_platform(where, wanted)
        else:
            shapes = {"flag": ("flag",), "version": ("specifier",), "words": ("text", "texts")}[CONDITIONS[key].kind]
            expected, fits = zip(*(_SHAPES[shape] for shape in shapes), strict=True)
            expect(any(fit(wanted) for fit in fits), f"{where}: condition '{key}'", wanted, " or ".join(expected))


def _check_platform(where: str, wanted: Any) -> None:
    expect(
        isinstance(wanted, dict),
        f"{where}: condition '{PLATFORM}'",
        wanted,
        "a mapping of the platform's names to what is wanted of them",
    )
    for name, value in wanted.items():
        expect(
            is_wanted_of_platform(value),
            f"{where}: '{name}' of condition '{PLATFORM}'",
            value,
            "true (it is known), false, a text, a list of texts, or a version specifier such as '>=6'",
        )


def check_platform_names(catalogue: list[dict], board: dict) -> None:
    """Fail on a name that is almost one of this board's platform.

    Only the family's detector knows all names, so a name that is like none of them is accepted.
    """
    for row in catalogue:
        for name in row.get("when", {}).get(PLATFORM, {}):
            if name not in board["platform"] and (question := did_you_mean(name, board["platform"])):
                fail(
                    f"Row '{row['id']}' of the catalogue asks for '{name}' of the platform, which no {board['family']}"
                    f" board has{question}"
                )


def _check_requirements(where: str, texts: list[str]) -> None:
    for text in texts:
        if canonicalize_name(read_requirement(where, text).name) == "torch":
            fail(f"{where} has {text!r}: which torch is said by the key 'torch'.")


def _check_artifacts(where: str, key: str, artifacts: list) -> None:
    for number, artifact in enumerate(artifacts, 1):
        which = f"{where}: number {number} of '{key}'"
        expect(
            isinstance(artifact, dict),
            which,
            artifact,
            "a mapping with filename, url and, where one is known, sha256",
        )
        expect_known(which, "key", artifact, ARTIFACT_KEYS, "it has")
        filename, url, sha256 = (artifact.get(name) for name in ARTIFACT_KEYS)
        expect(
            isinstance(filename, str) and bool(re.fullmatch(r"[A-Za-z0-9][^/\s]*", filename)),
            f"{which}: filename",
            filename,
            "the name of a file without its directory",
        )
        expect(is_url(url), f"{which}: url", url, "a URL of http, https or file")
        expect(
            sha256 is None or is_hex_sha256(sha256),
            f"{which}: sha256",
            sha256,
            "64 hexadecimal digits; leave it out where none is known",
        )


def _refuse_keys(where: str, row: dict, keys: tuple[str, ...], why: str) -> None:
    for key in keys:
        if key in row:
            fail(f"{where} has '{key}', which {why}")


def _check_provider(where: str, row: dict) -> None:
    """Check the keys that a row must have, or must not have, with provider: conda."""
    if row.get("provider") != "conda":
        compiled = isinstance(row.get("build"), dict)
        _refuse_keys(
            where,
            row,
            ("channels", "specs") if compiled else ("channels", "specs", "build"),
            "is for rows with provider: conda.",
        )
        return
    for key in ("channels", "build", "python"):
        if key not in row:
            fail(f"{where} has provider: conda, so it needs '{key}'.")
    _refuse_keys(where, row, _NOT_CONDA, "a row with provider: conda cannot have.")
    if isinstance(row["build"], dict):
        fail(f"{where}: 'build' is {row['build']!r}; with provider: conda it must be one of {', '.join(_FLAVOURS)}.")
    if row["build"] != row["accelerator"]:
        fail(f"{where} is for {row['accelerator']}, its 'build' is {row['build']}: they must be the same.")
    if not conda_pythons(row):
        fail(
            f"{where}: 'python' is {row['python']!r}; with provider: conda it is what Python the environment gets, and"
            " needs an end, such as >=3.10,<3.14."
        )


def _check_compiled(where: str, row: dict) -> None:
    """Check the keys that depend on whether torch, or a companion, is compiled."""
    if row.get("action") == "build":
        _refuse_keys(
            where,
            row,
            _NOT_COMPILED,
            "a row with action: build cannot have: its torch is compiled, from the source that its 'build' says.",
        )
    elif isinstance(row.get("build"), dict):
        fail(f"{where} says how torch is compiled in 'build', so it needs action: build.")
    if "system" in row and not row.get("system_site_packages"):
        fail(
            f"{where} has 'system', so it needs system_site_packages: true: otherwise the environment sees none of"
            " them."
        )
    for name, rule in row.get("companions", {}).items():
        if isinstance(rule, dict):
            if row.get("provider") == "conda":
                fail(f"{where} says how {name} is compiled, which a row with provider: conda cannot.")
            check_companion(f"{where}: companion {name}", rule)


def conda_pythons(row: dict) -> list[str]:
    """The minor versions of Python that a conda row offers, the newest first; none if they have no upper limit."""
    admitted, versions = _minors_of(row["python"]), versions_by_python(row)
    if versions is None:
        return [] if "3.99" in admitted else admitted[::-1]
    return [minor for minor in reversed(admitted) if minor in versions]


@functools.cache
def _minors_of(python: str) -> list[str]:
    """The minor versions of Python that a specifier admits; 3.99 is one of them if there is no upper limit."""
    return [minor for minor in (f"3.{number}" for number in range(100)) if is_within(minor, python)]


def _check_wheels(where: str, row: dict) -> None:
    """Check that wheels, torch and Python of a row agree."""
    if "by_python" in row:
        fail(f"{where} has 'wheels' and 'by_python': wheels are for the one Python that their names say.")
    pins = exact_versions(SpecifierSet(row.get("torch", "")))
    if not pins or len(SpecifierSet(row["torch"])) != 1:
        fail(
            f"{where} has 'wheels', so its 'torch' must be one exact version, such as ==2.5.0; it is"
            f" {row.get('torch')!r}."
        )
    if "python" not in row:
        fail(f"{where} has 'wheels', so it needs 'python', such as ==3.10.*.")
    versions = []
    for wheel in row["wheels"]:
        name, version, minors = _read_wheel(where, wheel["filename"])
        versions += [version] if name == "torch" else []
        admitted = set(_minors_of(row["python"]))
        if minors and (not admitted or admitted - set(minors)):
            fail(
                f"{where}: {wheel['filename']} is for Python {', '.join(minors)}, so 'python' must be =={minors[0]}.*;"
                f" it is {row['python']!r}."
            )
    if len(versions) != 1:
        fail(f"{where} must have one wheel of torch among its 'wheels'; it has {len(versions)}.")
    if versions[0].base_version != pins[0].base_version:
        fail(f"{where}: 'torch' is {row['torch']}, but its wheel is of torch {versions[0]}.")


def _read_wheel(where: str, filename: str) -> tuple[str, Version, list[str]]:
    """The name and version of a wheel, and the minor versions of Python that it needs."""
    try:
        name, version, _build, tags = parse_wheel_filename(filename)
    except (InvalidWheelFilename, InvalidVersion) as error:
        if filename.count("+") > 1:
            head, _plus, label = filename.partition("+")
            fail(
                f"{where}: {filename} is not the name of a wheel: a version has one '+' at most (PEP 440, PEP 427)."
                f" Rename the file, such as to {head}+{label.replace('+', '.')}."
            )
        raise AnsibleFilterError(f"{where}: {filename} is not the name of a wheel (PEP 427): {error}") from None
    bound = [re.fullmatch(r"cp3(\d+)", tag.interpreter) for tag in sorted(tags, key=str) if tag.abi != "abi3"]
    return name, version, list(dict.fromkeys(f"3.{match[1]}" for match in bound if match))


# --- The operator's rows
# --------------------------------------------------------------------------------------------------


def with_tables(catalogue: list[dict]) -> list[dict]:
    """The rows with those of the tables that they name, in their place."""
    return [inner for row in catalogue for inner in (row_tables()[row["rows"]] if "rows" in row else [row])]


def merge_catalogues(catalogue: Any, own: Any) -> list[dict]:
    """A family's rows with the common rows and the operator's rows.

    An operator's row replaces the row with the same id; new rows come first.
    """
    check_catalogue(catalogue)
    check_catalogue(own, OWN)
    replacing = {row["id"]: row for row in own}
    theirs = [*with_tables(catalogue), *common_rows()]
    ids = {row["id"] for row in theirs}
    return [row for row in own if row["id"] not in ids] + [replacing.get(row["id"], row) for row in theirs]


def own_row_notes(catalogue: list[dict], own: list[dict]) -> list[str]:
    """Whether each of the operator's rows replaces a row or is new, in sentences: an id may be mistyped."""
    ids = [row["id"] for row in [*with_tables(catalogue), *common_rows()]]
    replacing = [row["id"] for row in own if row["id"] in ids]
    told = [f"Row {name} of {OWN} replaces the collection's." for name in replacing]
    return told + [
        f"Row {row['id']} of {OWN} is new{did_you_mean(row['id'], ids) or '.'}"
        for row in own
        if row["id"] not in replacing
    ]
