# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How torch and companions are compiled: the C(build) of rows and the C(torch_build_*) of requests.

The functions check these recipes and combine them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import FEATURES

from .._base.messages import did_you_mean, expect, expect_known, fail
from .._base.specifiers import is_specifier, is_version
from .._base.urls import is_url

NEEDS = ("memory_mib", "job_mib", "space_mib")
TOOLS = ("cc", "cxx")
# Kind of source -> its keys. A directory is on the builder.
_SOURCES = {"git": ("git", "ref"), "archive": ("archive", "sha256"), "directory": ("directory",)}
_SOURCE_KEYS = tuple(key for keys in _SOURCES.values() for key in keys)
# Variables that the build sets itself. Another value would contradict the wheel's name and its build record.
_OWN = (
    "PYTORCH_BUILD_VERSION",
    "PYTORCH_BUILD_NUMBER",
    "BUILD_VERSION",
    "MAX_JOBS",
    "CMAKE_BUILD_PARALLEL_LEVEL",
    "CC",
    "CXX",
    "PYTHONPATH",
)


def is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def is_hex_sha256(value: Any) -> bool:
    return isinstance(value, str) and bool(re.fullmatch(r"[0-9A-Fa-f]{64}", value))


def _check_mapping(where: str, value: Any, known: Collection[str]) -> dict:
    expect(isinstance(value, dict), where, value, f"a mapping of some of {', '.join(known)}")
    expect_known(where, "name", value, known)
    return value


def _check_values(where: str, value: Any, known: Collection[str], fits: Callable[[Any], bool], expected: str) -> None:
    for name, item in _check_mapping(where, value, known).items():
        expect(fits(item), f"{where}: {name}", item, expected)


def _check_environment(where: str, environment: Any) -> None:
    expect(isinstance(environment, dict), where, environment, "a mapping of texts")
    for name, value in environment.items():
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            fail(f"{where} has {name!r}, which is not a valid variable name.")
        if name in _OWN:
            fail(
                f"{where} has {name}, which the build sets by itself: jobs are torch_build_jobs, compilers are the"
                " toolchain, the version is torch_version."
            )
        expect(isinstance(value, str), f"{where}: {name}", value, "a text; write it in quotes")


def _check_patches(where: str, patches: Any) -> None:
    expect(isinstance(patches, (list, tuple)), where, patches, "a list of patches, each a mapping with name and text")
    for number, patch in enumerate(patches, 1):
        if not isinstance(patch, dict) or set(patch) != {"name", "text"} or not all(map(is_text, patch.values())):
            fail(f"{where}: number {number} must be a mapping with name and text, the text of a unified diff.")
        if not re.search(r"^--- .*\n\+\+\+ ", patch["text"], re.MULTILINE):
            fail(
                f"{where}: the text of {patch['name']} is not a unified diff: it has no lines '--- a/...' and"
                " '+++ b/...'."
            )


def _check_commands(where: str, commands: Any) -> None:
    expect(isinstance(commands, (list, tuple)), where, commands, "a list of commands")
    for command in commands:
        if not isinstance(command, (list, tuple)) or not command or not all(map(is_text, command)):
            fail(
                f"{where} has {command!r}, it must be a list of words such as [sed, -i, s/a/b/, setup.py]: no shell"
                " reads it."
            )


def _check_toolchain(where: str, toolchain: Any) -> None:
    _check_values(where, toolchain, TOOLS, is_text, "the name of a compiler")
    if len(toolchain) == 1:
        fail(f"{where} is {toolchain!r}, it must name the compilers for both C (cc) and C++ (cxx).")


def _check_packages(where: str, packages: Any) -> None:
    expect(isinstance(packages, (list, tuple)) and all(map(is_text, packages)), where, packages, "a list of texts")


def _check_source(where: str, source: Any) -> None:
    _check_mapping(where, source, _SOURCE_KEYS)
    kinds = [kind for kind, keys in _SOURCES.items() if any(key in source for key in keys)]
    if len(kinds) != 1:
        fail(f"{where} is {source!r}, it must say one of: git and ref, archive and sha256, directory.")
    for key, expected in (("git", "the URL of a repository"), ("ref", "a tag, a branch or a commit")):
        # git reads a value that begins with a hyphen as an option.
        expect(
            key not in source or is_text(source[key]) and bool(re.fullmatch(r"[^-\s]\S*", source[key])),
            f"{where}: {key}",
            source.get(key),
            expected,
        )
    if kinds == ["archive"]:
        archive, sha256 = source.get("archive"), source.get("sha256")
        expect(is_url(archive), f"{where}: archive", archive, "a URL of http, https or file")
        expect(is_hex_sha256(sha256), f"{where}: sha256", sha256, f"the 64 hexadecimal digits of {archive}")
    if kinds == ["directory"]:
        directory = source["directory"]
        expect(
            is_text(directory) and directory.startswith("/"),
            f"{where}: directory",
            directory,
            "an absolute path on the builder",
        )


CHECKS: dict[str, Callable[[str, Any], None]] = {
    "features": partial(
        _check_values, known=FEATURES, fits=lambda value: isinstance(value, bool), expected="true or false"
    ),
    "environment": _check_environment,
    "patches": _check_patches,
    "commands": _check_commands,
    "toolchain": _check_toolchain,
    "needs": partial(
        _check_values,
        known=NEEDS,
        fits=lambda value: isinstance(value, int) and not isinstance(value, bool) and value > 0,
        expected="a whole number of MiB",
    ),
    "packages": _check_packages,
    "source": _check_source,
}


def check_build(where: str, build: Any) -> None:
    """Fail on the first error in the 'build' of a row."""
    for key, value in _check_mapping(where, build, CHECKS).items():
        CHECKS[key](f"{where}: '{key}'", value)


def check_companion(where: str, rule: dict) -> None:
    """Check a companion that is compiled: {build: version or true, torch: specifier, ...}."""
    version, torch = rule.get("build"), rule.get("torch", "")
    expect(
        version is True or isinstance(version, str) and is_version(version),
        f"{where}: 'build'",
        version,
        "the version that is compiled, or true for the one that was released with torch",
    )
    expect(is_specifier(torch), f"{where}: 'torch'", torch, "a version specifier")
    allowed = ["build", "torch", *(key for key in CHECKS if key != "features")]  # only torch has features
    for key in rule:
        if key not in allowed:
            fail(
                f"{where} has {key!r}, which it cannot have{did_you_mean(key, allowed) or ';'} it has:"
                f" {', '.join(allowed)}."
            )
    check_build(where, {key: value for key, value in rule.items() if key in CHECKS})


def requested_recipe(request: dict) -> dict:
    """The recipe of a request, checked."""
    parts = {key: request[f"build_{key}"] for key in ("features", "environment", "source", "patches", "commands")}
    for key, value in parts.items():
        if value:
            CHECKS[key](f"torch_build_{key}", value)
    return {key: value for key, value in parts.items() if value}


def combine_recipes(parts: Iterable[dict]) -> dict:
    """Several recipes as one: later values win by name, lists grow, and the last source replaces all others."""
    made: dict[str, Any] = {key: [] if key in ("patches", "commands", "packages") else {} for key in CHECKS}
    for part in parts:
        for key, value in part.items():
            if key == "source":
                made[key] = dict(value)
            elif isinstance(made[key], list):
                made[key] += [entry for entry in value if entry not in made[key]]
            else:
                made[key] = {**made[key], **value}
    return made
