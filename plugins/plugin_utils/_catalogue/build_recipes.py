# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""How torch and companions are compiled: the C(build) of rows and the C(torch_build_*) of requests.

The functions check these recipes and combine them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import FEATURES

from .._base.messages import did_you_mean, fail
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


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value)


def _check_mapping(where: str, value: Any, known: Iterable[str]) -> dict:
    known = list(known)
    if not isinstance(value, dict):
        fail(f"{where} is {value!r}, it must be a mapping of some of {', '.join(known)}.")
    for name in value:
        if name not in known:
            question = did_you_mean(name, known) or ";"
            fail(f"{where} has the unknown name {name!r}{question} known are: {', '.join(known)}.")
    return value


def _check_features(where: str, features: Any) -> None:
    for name, value in _check_mapping(where, features, FEATURES).items():
        if not isinstance(value, bool):
            fail(f"{where}: {name} is {value!r}, it must be true or false.")


def _check_environment(where: str, environment: Any) -> None:
    if not isinstance(environment, dict):
        fail(f"{where} is {environment!r}, it must be a mapping of texts.")
    for name, value in environment.items():
        if not isinstance(name, str) or not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            fail(f"{where} has {name!r}, which is not a valid variable name.")
        if name in _OWN:
            fail(
                f"{where} has {name}, which the build sets by itself: jobs are torch_build_jobs, compilers are the"
                " toolchain, the version is torch_version."
            )
        if not isinstance(value, str):
            fail(f"{where}: {name} is {value!r}, it must be a text; write it in quotes.")


def _check_patches(where: str, patches: Any) -> None:
    if not isinstance(patches, (list, tuple)):
        fail(f"{where} is {patches!r}, it must be a list of patches, each a mapping with name and text.")
    for number, patch in enumerate(patches, 1):
        if not isinstance(patch, dict) or set(patch) != {"name", "text"} or not all(map(_is_text, patch.values())):
            fail(f"{where}: number {number} must be a mapping with name and text, the text of a unified diff.")
        if not re.search(r"^--- .*\n\+\+\+ ", patch["text"], re.MULTILINE):
            fail(
                f"{where}: the text of {patch['name']} is not a unified diff: it has no lines '--- a/...' and"
                " '+++ b/...'."
            )


def _check_commands(where: str, commands: Any) -> None:
    if not isinstance(commands, (list, tuple)):
        fail(f"{where} is {commands!r}, it must be a list of commands.")
    for command in commands:
        if not isinstance(command, (list, tuple)) or not command or not all(map(_is_text, command)):
            fail(
                f"{where} has {command!r}, it must be a list of words such as [sed, -i, s/a/b/, setup.py]: no shell"
                " reads it."
            )


def _check_toolchain(where: str, toolchain: Any) -> None:
    for name, value in _check_mapping(where, toolchain, TOOLS).items():
        if not _is_text(value):
            fail(f"{where}: {name} is {value!r}, it must be the name of a compiler.")
    if len(toolchain) == 1:
        fail(f"{where} is {toolchain!r}, it must name the compilers for both C (cc) and C++ (cxx).")


def _check_needs(where: str, needs: Any) -> None:
    for name, value in _check_mapping(where, needs, NEEDS).items():
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            fail(f"{where}: {name} is {value!r}, it must be a whole number of MiB.")


def _check_packages(where: str, packages: Any) -> None:
    if not isinstance(packages, (list, tuple)) or not all(map(_is_text, packages)):
        fail(f"{where} is {packages!r}, it must be a list of texts.")


def _check_source(where: str, source: Any) -> None:
    _check_mapping(where, source, _SOURCE_KEYS)
    kinds = [kind for kind, keys in _SOURCES.items() if any(key in source for key in keys)]
    if len(kinds) != 1:
        fail(f"{where} is {source!r}, it must say one of: git and ref, archive and sha256, directory.")
    for key in ("git", "ref"):
        # git reads a value that begins with a hyphen as an option.
        if key in source and not (_is_text(source[key]) and re.fullmatch(r"[^-\s]\S*", source[key])):
            fail(
                f"{where}: {key} is {source[key]!r}, it must be"
                f" {'the URL of a repository' if key == 'git' else 'a tag, a branch or a commit'}."
            )
    if kinds == ["archive"]:
        if not is_url(source.get("archive")):
            fail(f"{where}: archive is {source.get('archive')!r}, it must be a URL of http, https or file.")
        if not isinstance(source.get("sha256"), str) or not re.fullmatch(r"[0-9A-Fa-f]{64}", source["sha256"]):
            fail(
                f"{where}: sha256 is {source.get('sha256')!r}, it must be the 64 hexadecimal digits of"
                f" {source['archive']}."
            )
    if kinds == ["directory"] and not (_is_text(source["directory"]) and source["directory"].startswith("/")):
        fail(f"{where}: directory is {source['directory']!r}, it must be an absolute path on the builder.")


CHECKS: dict[str, Callable[[str, Any], None]] = {
    "features": _check_features,
    "environment": _check_environment,
    "patches": _check_patches,
    "commands": _check_commands,
    "toolchain": _check_toolchain,
    "needs": _check_needs,
    "packages": _check_packages,
    "source": _check_source,
}


def check_build(where: str, build: Any) -> None:
    """Fail on the first error in the 'build' of a row."""
    for key, value in _check_mapping(where, build, CHECKS).items():
        CHECKS[key](f"{where}: '{key}'", value)


def check_companion(where: str, rule: dict) -> None:
    """Check a companion that is compiled: {build: version or true, torch: specifier, ...}."""
    version = rule.get("build")
    if version is not True and not (isinstance(version, str) and is_version(version)):
        fail(
            f"{where}: 'build' is {version!r}, it must be the version that is compiled, or true for the one that was"
            " released with torch."
        )
    if "torch" in rule and not is_specifier(rule["torch"]):
        fail(f"{where}: 'torch' is {rule['torch']!r}, it must be a version specifier.")
    allowed = ["build", "torch", *(key for key in CHECKS if key != "features")]  # only torch has features
    for key in rule:
        if key not in allowed:
            question = did_you_mean(key, allowed) or ";"
            fail(f"{where} has {key!r}, which it cannot have{question} it has: {', '.join(allowed)}.")
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
