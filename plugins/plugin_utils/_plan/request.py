# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The request as the engine needs it, checked."""

from __future__ import annotations

import re
from typing import Any, NamedTuple

from .._base.cool_down import read_cool_down
from .._base.packaging_shim import InvalidVersion, Requirement, SpecifierSet, Version, canonicalize_name
from .._base.specifiers import is_satisfiable, is_specifier
from .._base.urls import is_url
from .._catalogue.build_recipes import requested_recipe
from .._catalogue.rows import OUTCOMES, fail, read_requirement

_KEYS = """
    version accelerator python companions requirements constraints system_site_packages
    environment force catalogue mirrors mirrors_preset trust_on_first_use exclude_newer jupyter_kernel
    build_policy build_features build_environment build_source build_patches build_commands env_owner extra_packages
""".split()


class Ask(NamedTuple):
    """A checked request."""

    version: str
    specifier: SpecifierSet | None  # None: auto
    accelerator: str
    python: str
    companions: dict[str, str]  # normalized name -> as written
    force: bool
    build: str  # auto, never or always
    owner: str  # the owner of the environments; empty: Ansible's user
    exclude_newer: str  # as read_cool_down() returns it


def read_request(request: Any) -> Ask:
    """Check a request and return it as Ask."""
    missing = [key for key in _KEYS if key not in request] if isinstance(request, dict) else _KEYS
    if missing:
        fail(f"This is not a request of the lookup edgeai.fleet.torch_request: {', '.join(missing)} missing.")
    version = str(request["version"]).strip()
    if request["accelerator"] not in ("auto", *OUTCOMES):
        fail(f"torch_accelerator is {request['accelerator']!r}: it must be auto, cuda, npu or cpu.")
    requested_recipe(request)
    python = str(request["python"]).strip()
    if python != "auto" and not python.startswith("/") and not re.fullmatch(r"\d+(\.\d+){0,2}", python):
        fail(
            f"torch_python is {python!r}: it must be auto, a version such as 3.11, or the path of an interpreter on the"
            " board."
        )
    for key in ("companions", "requirements", "constraints"):
        for text in request[key]:
            if canonicalize_name(read_requirement(f"torch_{key}", text).name) == "torch":
                fail(f"torch_{key} has {text!r}: torch itself is asked for with torch_version.")
    for place, mirror in request["mirrors"].items():
        for url in (place, mirror):
            if not is_url(url):
                fail(
                    f"torch_mirrors has {place!r}: {mirror!r}, where {url!r} is not a URL; it maps URLs of http, https"
                    " or file to others."
                )
    companions: dict[str, str] = {canonicalize_name(Requirement(text).name): text for text in request["companions"]}
    try:
        exclude_newer = read_cool_down(request["exclude_newer"])
    except ValueError as error:
        fail(f"torch_exclude_newer is {request['exclude_newer']!r}: {error}.")
    return Ask(
        version,
        _read_specifier(version),
        request["accelerator"],
        python,
        companions,
        bool(request["force"]),
        request["build_policy"],
        request["env_owner"].strip(),
        exclude_newer,
    )


def _read_specifier(version: str) -> SpecifierSet | None:
    """The specifier of torch_version; None for auto."""
    if version == "auto":
        return None
    try:
        return SpecifierSet(f"=={Version(version)}")
    except InvalidVersion:
        if (
            not version
            or not is_specifier(version)
            or any(clause.operator == "===" for clause in SpecifierSet(version))
        ):
            fail(
                f"torch_version is {version!r}: it must be auto, a version such as 2.9.1, or a range such as"
                " '>=2.6,<2.10'."
            )
    specifier = SpecifierSet(version)
    if not is_satisfiable(specifier, None):
        fail(f"torch_version is {version!r}: no version can satisfy that.")
    return specifier
