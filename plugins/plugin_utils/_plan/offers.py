# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Compare one offer with a board and a request: how it fits, or the first reason why it does not."""

from __future__ import annotations

import re
from typing import NamedTuple

from .._base.packaging_shim import Requirement, SpecifierSet, canonicalize_name, parse_wheel_filename
from .._base.specifiers import exact_versions, is_satisfiable, is_within, negate_specifier, tidy_specifier
from .._base.urls import is_below
from .._catalogue import common_rows, conditions, rows, torch_releases
from .builds import TORCH, Unbuildable, builds_for, compiled_companions, is_compiled
from .proof import proof_of
from .request import Ask

# The reasons why an offer does not fit, ordered by how far the offer came.
ACCELERATOR, WHEN, COMPILING, PYTHON, PROVIDED, COMPANIONS, VERSION, BAD = range(8)
CONDA_MAKER = ">=3.10"  # the board's interpreter that creates conda environments


class Case(NamedTuple):
    """One board and its request."""

    board: dict
    request: dict
    ask: Ask
    bad: list[dict]  # the known-bad rows for this board
    doubtful: list[dict]  # the known-bad rows that may hold: what they depend on is not known
    additions: list[dict]  # the additions for this board
    force: bool  # whether known-bad rows are overridden


class Fit(NamedTuple):
    """How an offer fits."""

    row: dict
    python: dict  # the board's interpreter that creates the environment
    version: str  # of the Python in the environment
    specifier: SpecifierSet
    devices: list[dict]  # the accelerators that the row serves
    provided: Provided
    excluded: list[dict]  # known-bad rows that narrow the range
    forced: list[dict]  # known-bad rows that the request overrides
    doubtful: list[dict]  # known-bad rows that may hold for all that is left
    builds: list[dict]  # what must be compiled

    def proof(self, board: dict) -> dict:
        return proof_of(self.row, board, self.version, self.specifier)


class Miss(NamedTuple):
    """The first reason why an offer does not fit; `depth` orders misses by how far the offer came."""

    row: dict
    depth: tuple[int, int]
    why: str
    way_out: str | None = None
    offer: str | None = None  # the torch that the row would give instead
    wanted: str | None = None  # the version that the row needs on the board
    bad: dict | None = None  # the known-bad row that rejected the offer


class Provided(NamedTuple):
    """What the preinstalled packages mean for an environment."""

    system: bool  # whether the environment sees the system's packages
    paths: list[str]
    packages: dict[str, str]  # preinstalled packages that must not be replaced -> version
    requirements: list[str]  # the ones that must be installed
    met: dict[str, str]  # requirements that need no installation -> the package that satisfies them
    brought: dict[str, str]  # Python distribution -> the system package that contains it
    strange: list[str]  # paths that belong to another Python


def python_words(python: dict) -> str:
    return f"{python['version']} ({python['path']})"


def is_conda(row: dict) -> bool:
    return row.get("provider") == "conda"


def fit_offer(row: dict, case: Case) -> Fit | Miss:
    """How this offer fits the board and the request, or the first reason why it does not."""
    board, ask, outcome = case.board, case.ask, row["accelerator"]
    if ask.accelerator not in ("auto", outcome):
        return Miss(row, (ACCELERATOR, 0), f"it is for {outcome}; torch_accelerator asks for {ask.accelerator}")
    if outcome != "cpu" and is_cpu_version(ask):
        return Miss(
            row,
            (ACCELERATOR, 0),
            f"it is for {outcome}; torch_version names a CPU build",
            "Ask for a torch_version without +cpu.",
        )
    if label := _foreign_label(row, case):
        return Miss(row, (ACCELERATOR, 0), f"it has no build +{label}, which torch_version names")
    if outcome != "cpu" and outcome not in {device["kind"] for device in board["accelerators"]}:
        return Miss(row, (ACCELERATOR, 1), f"it is for {outcome}; the board has none")
    if row.get("option"):
        return Miss(row, (ACCELERATOR, 0), f"it is used only with {row['option']}")
    if row.get("asked") and not is_asked_for(row, ask):
        asking = "torch_build_policy: always" if is_compiled(row) else f"torch_accelerator: {outcome}"
        return Miss(row, (ACCELERATOR, 0), f"it is used only with {asking}")
    devices, unmet = conditions.match_row(row, board)
    if unmet:
        return Miss(row, (WHEN, unmet.held), unmet.why, wanted=unmet.wanted)
    if (whole := _bad_whatever_the_torch(row, case)) and not case.force:
        return Miss(row, (BAD, 0), whole["refuse"], bad=whole)
    if ask.build == ("never" if is_compiled(row) else "always"):
        return Miss(
            row,
            (COMPILING, 0),
            f"its torch {'must be' if is_compiled(row) else 'is not'} compiled, and torch_build_policy is {ask.build}",
            "Set torch_build_policy: auto.",
        )
    for source in [row, *case.additions]:
        if source.get("system_python") and (problem := _system_python_problem(row, source, case)):
            return problem
    pythons = (_conda_pythons if is_conda(row) else _board_pythons)(row, board, ask)
    if isinstance(pythons, Miss):
        return pythons
    if any(source.get("system_python") for source in [row, *case.additions]):
        pythons = [(python, version) for python, version in pythons if python == _system_python(board)]
    misses = []
    for python, version in pythons:
        answer = _fit_python(row, case, devices, python, version)
        if isinstance(answer, Fit):
            return answer
        misses.append(answer)
    return max(misses, key=lambda miss: miss.depth)


def is_cpu_version(ask: Ask) -> bool:
    """Whether the requested version is a CPU build, such as 2.9.1+cpu."""
    return ask.specifier is not None and {version.local for version in exact_versions(ask.specifier)} == {"cpu"}


def asked_label(ask: Ask) -> str | None:
    """The label of the requested version, such as cu124 of 2.5.1+cu124."""
    versions = exact_versions(ask.specifier) if ask.specifier is not None else []
    return versions[0].local if versions else None


def _foreign_label(row: dict, case: Case) -> str | None:
    """The label of the requested version, if a build of the row cannot have it, or None.

    conda packages have none, a build for the CPU none of CUDA, an index that is named for one CUDA no other's, and PyPI
    none at all. What the operator's own rows can have, the operator knows.
    """
    label = asked_label(case.ask)
    if not label or "local" in row:
        return None
    sources = row.get("sources", [])
    indexes = [re.findall(r"/(cu\d+)(?:/|$)", source) for source in sources]
    of_cuda = re.fullmatch(r"cu\d+", label)
    foreign = of_cuda and (
        row["accelerator"] == "cpu"
        or (indexes and all(indexes) and [label] not in indexes)
        or (sources == ["configured"] and not is_own(row, case))
    )
    return label if foreign or is_conda(row) else None


def is_asked_for(row: dict, ask: Ask) -> bool:
    return ask.build == "always" if is_compiled(row) else ask.accelerator == row["accelerator"]


# --- Pythons
# --------------------------------------------------------------------------------------------------


def _is_asked(python: str, asked: str) -> bool:
    return asked == "auto" or f"{python}.".startswith(f"{asked}.")


def _wants_python(row: dict, board: dict, ask: Ask) -> str:
    wanted = f"Python {row['python']}" if row.get("python") else "any Python"
    asked = "" if ask.python == "auto" else f"torch_python asks for {ask.python}; "
    seen = "Python " + ", ".join(map(python_words, board["pythons"])) if board["pythons"] else "no Python"
    return f"{asked}the row needs {wanted}; on the board: {seen}"


def _board_pythons(row: dict, board: dict, ask: Ask) -> list[tuple[dict, str]] | Miss:
    """The board's interpreters that the row can use, each with the version in the environment."""
    fitting = [
        (python, python["version"])
        for python in _cpythons(board, row.get("python", ""))
        if ask.python == python["path"] or _is_asked(python["version"], ask.python)
    ]
    return fitting or Miss(row, (PYTHON, 0), _wants_python(row, board, ask), _another_python(row))


def _system_python(board: dict) -> dict | None:
    """The interpreter that modules from system packages are made for."""
    own = [python for python in _cpythons(board, "") if python["path"].startswith("/usr/bin/")]
    named = [python for python in own if python["path"] == "/usr/bin/python3"]
    default = [python for python in own if python["default"]]
    return next(iter(named or default), own[0] if len(own) == 1 else None)


def _system_python_problem(row: dict, source: dict, case: Case) -> Miss | None:
    """Why the row cannot be used with the system's own Python, which another row needs, or None."""
    own, ask = _system_python(case.board), case.ask.python
    needs = f"{source['id']} needs the system's own Python{f' {python_words(own)}' if own else ''}"
    if own is None:
        return Miss(row, (PYTHON, 0), f"{needs}, and the board has none in /usr/bin", "Install the package python3.")
    if is_conda(row):
        return Miss(row, (PYTHON, 0), f"{needs}, and a conda environment has its own")
    if ask not in ("auto", own["path"]) and not _is_asked(own["version"], ask):
        return Miss(row, (PYTHON, 0), f"{needs}; torch_python asks for {ask}", "Leave torch_python out.")
    if not is_within(own["version"], row.get("python", "")):
        return Miss(row, (PYTHON, 0), f"{needs}; the row needs Python {row['python']}")
    return None


def _cpythons(board: dict, versions: str) -> list[dict]:
    return [
        python
        for python in board["pythons"]
        if python["implementation"] == "cpython" and is_within(python["version"], versions)
    ]


def _another_python(row: dict) -> str:
    if is_conda(row):
        return "Ask for another torch_python."
    return (
        f"Install a Python {row.get('python', '')} on the board in addition to its own, and set torch_python to its"
        " path."
    )


def _conda_pythons(row: dict, board: dict, ask: Ask) -> list[tuple[dict, str]] | Miss:
    """The board's interpreter that creates conda environments, with each Python that the environment can have."""
    brings = rows.conda_pythons(row)
    if ask.python.startswith("/"):
        why = f"torch_python is the path {ask.python}, but a conda environment has its own Python ({', '.join(brings)})"
        return Miss(row, (PYTHON, 0), why, f"Set torch_python to a version, such as '{brings[0]}'.")
    asked = [minor for minor in brings if _is_asked(minor, ask.python)]
    if not asked:
        return Miss(
            row,
            (PYTHON, 0),
            f"torch_python asks for {ask.python}; the row has {', '.join(brings)}",
            f"Ask for torch_python: '{brings[0]}'.",
        )
    makers = _cpythons(board, CONDA_MAKER)
    if not makers:
        seen = ", ".join(map(python_words, board["pythons"])) or "none"
        why = f"creating a conda environment needs a Python {CONDA_MAKER} on the board; there is: {seen}"
        return Miss(row, (PYTHON, 0), why, f"Install a Python {CONDA_MAKER} on the board in addition to its own.")
    return [(makers[0], minor) for minor in asked]


# --- Versions
# --------------------------------------------------------------------------------------------------


def _fit_python(row: dict, case: Case, devices: list[dict], python: dict, version: str) -> Fit | Miss:
    """How the offer fits with this Python, by preinstalled packages, companions, version and known-bad rows."""
    ask, local, of_python = case.ask, row.get("local"), f"Python {version}"
    provided = _preinstalled(row, case, python["path"], version)
    if isinstance(provided, Miss):
        return provided
    offer = SpecifierSet(row.get("torch", ""))
    versions = common_rows.versions_by_python(row)
    if versions is not None:
        offer &= SpecifierSet(versions.get(_minor_of(version), "<0"))
        if not is_satisfiable(offer, local):
            return Miss(
                row,
                (PYTHON, 1),
                f"it has no torch {row.get('torch', '')} for {of_python}".replace("  ", " "),
                _another_python(row),
            )
    for name, text in ask.companions.items():
        rule = row.get("companions", {}).get(name)
        if rule is None:
            return Miss(
                row,
                (COMPANIONS, 0),
                f"it has no {text}; its companions are: {', '.join(row.get('companions', {})) or 'none'}",
            )
        if isinstance(rule, dict) and ask.build == "never":
            return Miss(
                row,
                (COMPANIONS, 1),
                f"{text} must be compiled, and torch_build_policy is never",
                f"Set torch_build_policy: auto, or leave {name} out.",
            )
        wanted = rule.get("torch", "") if isinstance(rule, dict) else "" if rule is True else rule
        offer &= SpecifierSet(wanted)
        if not is_satisfiable(offer, local):
            return Miss(row, (COMPANIONS, 1), f"{text} exists only for torch {wanted}")
    if ask.specifier is None:
        specifier = offer & SpecifierSet(row.get("auto", ""))
    else:
        specifier = offer if _is_the_wheel(row, ask.specifier) else offer & ask.specifier
    if not is_satisfiable(specifier, local):
        label = f" with the label +{local}" if local else ""
        # Versions that are all known-bad must not be suggested.
        had = None if _without_bad(offer, row, case)[2] else tidy_specifier(offer)
        return Miss(row, (VERSION, 0), f"it gives torch {tidy_specifier(offer)}{label} for {of_python}", offer=had)
    specifier, excluded, bad = _without_bad(specifier, row, case)
    if bad and not case.force:
        return Miss(row, (BAD, 0), bad[0]["refuse"], bad=bad[0])
    # What may be bad is left out where the request allows another version, and else only warned of.
    specifier, spared, doubtful = _without_bad(specifier, row, case, case.doubtful)
    made = Fit(row, python, version, specifier, devices, provided, [*excluded, *spared], bad, doubtful, [])
    return _with_builds(made, case) if is_compiled(row) or compiled_companions(row, ask.companions) else made


def _with_builds(made: Fit, case: Case) -> Fit | Miss:
    """The fit with its builds, for one version of torch: a range cannot be compiled."""
    row, torch = made.row, torch_releases.release_within(made.specifier, made.version)
    if torch is None:
        why = f"no release of torch for Python {made.version} known here is {tidy_specifier(made.specifier)}"
        return Miss(row, (VERSION, 1), why, "Set torch_version to one release.")
    try:
        builds = builds_for(row, case.additions, case.request, case.ask.companions, case.board, made.version, torch)
    except Unbuildable as problem:
        return Miss(row, (VERSION, 1), str(problem), problem.way_out)
    return made._replace(specifier=SpecifierSet(f"=={torch}"), builds=builds)


def _without_bad(
    specifier: SpecifierSet, row: dict, case: Case, known: list[dict] | None = None
) -> tuple[SpecifierSet, list[dict], list[dict]]:
    """A specifier without known-bad versions.

    Returns the specifier, the known-bad rows that narrowed it, and those that would leave no version.
    """
    local, excluded, bad = row.get("local"), [], []
    for other in _bad_for(row, case, case.bad if known is None else known):
        narrowed = specifier
        if other.get("torch"):
            if not is_satisfiable(specifier & SpecifierSet(other["torch"]), local):
                continue
            narrowed = specifier & negate_specifier(other["torch"])
        if narrowed != specifier and is_satisfiable(narrowed, local):
            specifier = narrowed
            excluded.append(other)
        else:
            bad.append(other)
    return specifier, excluded, bad


def _bad_for(row: dict, case: Case, known: list[dict]) -> list[dict]:
    """The known-bad rows among these that are about this offer.

    They may be limited to an accelerator, to wheels or builds, and to sources.
    """
    places = _sources_of(row)
    return [
        other
        for other in known
        if not (_is_of_every_torch(other) and is_own(row, case))
        and other.get("accelerator") in (None, row["accelerator"])
        and other.get("action") in (None, row.get("action", "install"))
        and (
            not other.get("sources") or any(is_below(place, source) for place in places for source in other["sources"])
        )
    ]


def _bad_whatever_the_torch(row: dict, case: Case) -> dict | None:
    """The known-bad row that rejects the offer with every Python and version. No other Python is advised then."""
    return next(
        (bad for bad in _bad_for(row, case, case.bad) if _is_of_every_torch(bad) and not is_blanket(bad)),
        None,
    )


def _is_of_every_torch(bad: dict) -> bool:
    """Whether a known-bad row is about every torch, from wherever it comes."""
    return not bad.get("torch") and not bad.get("sources")


def is_blanket(bad: dict) -> bool:
    """Whether a known-bad row is about the board, whatever it would get."""
    return _is_of_every_torch(bad) and not bad.get("accelerator") and not bad.get("action")


def is_own(row: dict, case: Case) -> bool:
    """Whether this is a row of the operator's. It says that there is a torch where the collection knows none."""
    return any(row is own for own in case.request["catalogue"])


def _name_of(wheel: dict) -> str:
    return parse_wheel_filename(wheel["filename"])[0]


def wheels_for(row: dict, ask: Ask) -> list[dict]:
    """The row's wheels, without those of companions that were not requested."""
    idle = set(row.get("companions", {})).difference(ask.companions)
    return [wheel for wheel in row.get("wheels", []) if _name_of(wheel) not in idle]


def _torch_wheel(row: dict) -> dict | None:
    """The row's wheel of torch, if it names one."""
    return next((wheel for wheel in row.get("wheels", []) if _name_of(wheel) == "torch"), None)


def _is_the_wheel(row: dict, specifier: SpecifierSet) -> bool:
    """Whether the request has the whole version of the row's wheel, such as 2.5.0a0+872d972e41.

    The row itself has the nominal version, such as 2.5.0.
    """
    wheel = _torch_wheel(row)
    return (
        wheel is not None
        and bool(exact_versions(specifier))
        and specifier.contains(parse_wheel_filename(wheel["filename"])[1], prereleases=True)
    )


def _sources_of(row: dict) -> list[str]:
    """Where the row's torch comes from: URLs, or 'configured'.

    A build with a label comes from the indexes that the row names: PyPI, of which refusals of 'configured' speak, has
    no labels.
    """
    if is_compiled(row):
        return [row.get("build", {}).get("source", {}).get("git") or torch_releases.REPOSITORIES[TORCH]]
    wheel = _torch_wheel(row)
    if wheel:
        return [wheel["url"]]
    sources = row.get("channels") or row.get("sources") or ["configured"]
    return [source for source in sources if source != "configured" or not row.get("local")]


# --- Preinstalled packages
# --------------------------------------------------------------------------------------------------


def _preinstalled(row: dict, case: Case, python: str, version: str) -> Provided | Miss:
    """The preinstalled packages that the environment sees, and the requirements that they satisfy."""
    board, own = case.board, [] if is_conda(row) else case.board["paths"]
    paths = [path for path in own if _python_of(path) in (None, _minor_of(version))]
    sources = [row, *case.additions, case.request]
    system = not is_conda(row) and any(source.get("system_site_packages") for source in sources)
    # Packages of the operating system are only for its own Python.
    of_system = system and python.startswith("/usr/bin/")
    packages = {str(canonicalize_name(name)): held for name, held in board["provided"].items() if paths or of_system}
    brought = {
        str(canonicalize_name(name)): package
        for source in [row, *case.additions]
        for name, package in source.get("system", {}).items()
        if of_system
    }
    requirements, met = [], {}
    for text in dict.fromkeys(text for source in sources for text in source.get("requirements", [])):
        requirement = Requirement(text)
        name = canonicalize_name(requirement.name)
        held, package = packages.get(name), brought.get(name)
        if held is None and package is None:
            requirements.append(text)
        elif requirement.specifier and not is_within(held, requirement.specifier):
            if held is None:
                why = f"{requirement.name} comes from the system's {package} here, in the system's version"
                fix = f"{requirement.name} without a version"
            else:
                why = f"the preinstalled {requirement.name} {held} must not be replaced"
                fix = f"a {requirement.name} that includes {held}"
            return Miss(
                row,
                (PROVIDED, 0),
                f"{text} is required, but {why}",
                f"Require {fix}, or leave it out of torch_requirements.",
            )
        else:
            met[text] = brought[name] if held is None else f"{requirement.name} {held}"
    return Provided(system, paths, packages, requirements, met, brought, [path for path in own if path not in paths])


def _minor_of(version: str) -> str:
    return ".".join(version.split(".")[:2])


def _python_of(path: str) -> str | None:
    """The minor version of Python in the path of a package directory, or None."""
    found = re.search(r"/python(3\.\d+)(?:/|$)", path)
    return found[1] if found else None
