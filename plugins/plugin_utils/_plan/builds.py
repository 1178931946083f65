# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""What must be compiled for a board: builds, made from a row, a request and a board.

Boards whose builds have the same build id share one wheel.
"""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterable
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import (
    FeatureProblem,
    cmake_range,
    feature_variables,
    oldest_gcc,
    python_range,
)

from .._base import files, hashes, specifiers, urls
from .._base.errors import Refused
from .._base.packaging_shim import Requirement
from .._catalogue import build_recipes, distributions, torch_releases
from .build_variables import contradiction, feature_variables_in

TORCH = "torch"
LABEL = "edgeai.k"  # before the build id: a label of digits alone would be read as a number and lose its zeros
_PACKAGES = (
    "build-essential",
    "ccache",
    "cmake",
    "git",
    "ninja-build",
    "patch",
    "python3-dev",
    "python3-setuptools",
    "python3-wheel",
)
# The minimum of RAM and swap for a build, memory for each compiler, and disk space. Compilers were killed below 4 GiB
# (8 GiB with CUDA) and with less than 2 GiB for each of them (https://github.com/pytorch/pytorch/issues/49078 and
# others). https://github.com/wzqvip/jetson-pytorch-builder asks for 32 GB of disk with CUDA. The other figures are
# guesses.
_NEEDS = {
    "cpu": {"memory_mib": 4096, "job_mib": 2048, "space_mib": 16384},
    "cuda": {"memory_mib": 8192, "job_mib": 4096, "space_mib": 32768},
    "companion": {"memory_mib": 2048, "job_mib": 1024, "space_mib": 4096},
}


class Unbuildable(Refused):
    """The requested package cannot be compiled."""


def is_compiled(row: dict) -> bool:
    """Whether the row's torch is compiled."""
    return row.get("action") == "build"


def compiled_companions(row: dict, asked: Iterable[str]) -> list[str]:
    """The requested companions that are compiled, in the order of the row."""
    return [
        name
        for name, rule in row.get("companions", {}).items()
        if name in asked and (is_compiled(row) or isinstance(rule, dict))
    ]


def builds_for(
    row: dict, additions: list[dict], request: dict, companions: dict[str, str], board: dict, python: str, version: str
) -> list[dict]:
    """The builds for this version of torch: torch itself unless there is a wheel, then companions without a wheel.

    Raises Unbuildable.
    """
    every = build_recipes.combine_recipes(
        [source.get("build", {}) for source in (row, *additions) if isinstance(source.get("build", {}), dict)]
    )
    system = {name: package for source in (row, *additions) for name, package in source.get("system", {}).items()}
    every["packages"] += [package for package in system.values() if package not in every["packages"]]
    target = _target_of(board, python)
    builds = []
    if is_compiled(row):
        how = build_recipes.combine_recipes([every, build_recipes.requested_recipe(request)])
        _check_buildable(version, python, how["features"], request["build_environment"])
        if not how["toolchain"]:
            _check_gcc(version, board["os"])
        kind = "cuda" if how["features"].get("cuda", row["accelerator"] == "cuda") else "cpu"
        builds.append(
            _make_build(TORCH, version, how, target, kind, _cmake_requirements(board["os"], version), [], None)
        )
        of: Any = builds[0]["key"]
    else:
        of = sorted([wheel["filename"], wheel.get("sha256") or wheel["url"]] for wheel in row.get("wheels", [])) or [
            f"{version}",
            row.get("local"),
        ]
    common = {
        "environment": {**every["environment"], **request["build_environment"]},
        "toolchain": every["toolchain"],
        "packages": every["packages"],
    }
    for name in compiled_companions(row, companions):
        rule = row["companions"][name]
        own = (
            {key: value for key, value in rule.items() if key in build_recipes.CHECKS} if isinstance(rule, dict) else {}
        )
        how = build_recipes.combine_recipes([common, own])
        # Of the companions, only torchaudio finds torch through CMake, so it needs the same CMake as torch.
        cmake = _cmake_requirements(board["os"], version) if name == "torchaudio" else []
        builds.append(
            _make_build(
                name,
                _companion_version(name, companions[name], rule, version),
                how,
                target,
                "companion",
                cmake,
                [TORCH],
                of,
            )
        )
    return builds


def _check_buildable(torch: str, python: str, features: dict, environment: dict) -> None:
    """Raise Unbuildable for a version label, an unsupported Python, features that this torch cannot have, or variables
    of the request that contradict them.
    """
    if "+" in torch:
        raise Unbuildable(
            f"torch {torch} cannot be compiled: the label +{torch.partition('+')[2]} is not built from source",
            "Set torch_version without the label.",
        )
    try:
        if not torch_releases.is_for_python(torch, python):
            oldest, newest = (part and "{}.{}".format(*part) for part in python_range(torch))
            known = f"Python {oldest} to {newest}" if newest else f"Python {oldest} and later"
            raise Unbuildable(
                f"torch {torch} can be compiled for {known}, this is {python}",
                "Ask for another torch_version, or for another torch_python.",
            )
        feature_variables(torch, features)
    except FeatureProblem as problem:
        raise Unbuildable(str(problem), "Correct torch_build_features, or the row of the catalogue.") from problem
    if contrary := contradiction(feature_variables_in(environment, torch), features, torch):
        raise Unbuildable(*contrary)


def _check_gcc(torch: str, os: dict) -> None:
    """Raise Unbuildable if the compiler of the board's distribution is known to be too old for this torch."""
    oldest, release = oldest_gcc(torch), distributions.RELEASES.get((os["id"], os["version_id"]))
    if oldest and release and release.gcc < oldest:
        raise Unbuildable(
            "torch {} needs GCC {}.{} or later, and {} has {}.{}".format(
                torch, *oldest, release.pretty_name, *release.gcc
            ),
            "Ask for an older torch_version, or name another compiler: build: {toolchain: {cc: ..., cxx: ...}} in a row"
            " of torch_catalogue.",
        )


def _companion_version(name: str, text: str, rule: Any, torch: str) -> str:
    """The version to compile: the one in the row, or the one released with torch. Raises Unbuildable."""
    stated = rule.get("build") if isinstance(rule, dict) else None
    version = stated if isinstance(stated, str) else torch_releases.companion_of(torch, name)
    if version is None:
        raise Unbuildable(
            f"{name} must be compiled, but its release for torch {torch} is unknown",
            f"Add it to a row of torch_catalogue: companions: {{{name}: {{build: <version>}}}}.",
        )
    if not specifiers.is_within(version, Requirement(text).specifier):
        raise Unbuildable(
            f"{text} is requested, but the release for torch {torch} is {name} {version}",
            f"Ask for {name} without a version.",
        )
    return version


def _target_of(board: dict, python: str) -> dict:
    """The platform that a wheel is compiled for."""
    architecture = board["architecture"]
    # A wheel without LSE atomics runs on all boards, so unknown counts as without.
    lse = "lse" if board["cpu"]["atomics"] else "no-lse"
    return {
        "architecture": architecture,
        "libc": board["libc"]["version"],
        "python": ".".join(python.split(".")[:2]),
        "baseline": lse if architecture == "aarch64" else architecture,
    }


def _cmake_requirements(os: dict, torch: str) -> list[str]:
    """CMake as a Python package, if the version of the board's distribution is known not to fit."""
    oldest, too_new = cmake_range(torch)
    release = distributions.RELEASES.get((os["id"], os["version_id"]))
    if release is None or oldest <= release.cmake and not (too_new and release.cmake >= too_new):
        return []
    return ["cmake>={}.{}".format(*oldest) + (f",<{too_new[0]}" if too_new else "")]


def _make_build(
    package: str,
    version: str,
    how: dict,
    target: dict,
    kind: str,
    python_packages: list[str],
    requires: list[str],
    of: Any,
) -> dict:
    """One build; docs/schemas/build.schema.json describes its keys."""
    toolchain = {"cc": "gcc", "cxx": "g++", **how["toolchain"]}
    compiler = [] if toolchain["cc"].startswith("gcc") else [toolchain["cc"]]
    made = {
        "package": package,
        "version": version,
        "source": _source_of(package, version, how["source"]),
        "features": how["features"],
        "environment": how["environment"],
        "patches": how["patches"],
        "commands": [list(command) for command in how["commands"]],
        "toolchain": toolchain,
        "target": target,
    }
    key = _build_id(made, of)
    return {
        "key": key,
        **made,
        "label": f"{LABEL}{key[:12]}",
        "needs": {**_NEEDS[kind], **how["needs"]},
        "system_packages": list(dict.fromkeys([*_PACKAGES, *compiler, *how["packages"]])),
        "python_packages": python_packages,
        "requires": requires,
    }


def _source_of(package: str, version: str, wanted: dict) -> dict:
    """The source of a build: an archive, a directory or a git repository. Raises Unbuildable."""
    empty = dict.fromkeys(("git", "ref", "archive", "sha256", "filename", "directory"))
    if "archive" in wanted:
        name = urllib.parse.unquote(urllib.parse.urlsplit(wanted["archive"]).path.rpartition("/")[2])
        return {
            **empty,
            "archive": wanted["archive"],
            "sha256": wanted["sha256"].lower(),
            "filename": name if files.is_file_name(name) else f"{package}-{version}.tar",
        }
    if "directory" in wanted:
        return {**empty, "directory": wanted["directory"]}
    repository = wanted.get("git") or torch_releases.REPOSITORIES.get(package)
    if not repository:
        raise Unbuildable(
            f"the source of {package} is unknown",
            f"Add it to the row: companions: {{{package}: {{source: {{git: <URL>}}}}}}.",
        )
    return {**empty, "git": repository, "ref": wanted.get("ref") or f"v{version}"}


def _build_id(made: dict, of: Any) -> str:
    """The digest of what makes two builds the same. The URL of an archive is not part of it."""
    source = made["source"]
    identity = source["sha256"] or source["directory"] or [source["git"], source["ref"]]
    return hashes.text_digest(redact(hashes.canonical_json({**made, "source": identity, "requires_of": of})), 16)


def source_words(build: dict) -> str:
    """The source of a build, in words."""
    source = build["source"]
    return (
        f"{source['git']} at {source['ref']}"
        if source["git"]
        else source["archive"] or f"the directory {source['directory']} of its builder"
    )


def mirrored_build(build: dict, mirrors: dict[str, str]) -> dict:
    """The build with the mirror of its source; the build id stays the same."""
    source = build["source"]
    return {
        **build,
        "source": {
            **source,
            **{key: urls.mirror_url(source[key], mirrors) for key in ("git", "archive") if source[key]},
        },
    }
