# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Make a plan exact for its target: choose torch, let uv resolve the rest, lock every artifact by URL and sha256."""

from __future__ import annotations

import urllib.parse
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact

from .._base import hashes, specifiers, urls
from .._base.errors import Refused
from .._base.packaging_shim import (
    InvalidWheelFilename,
    Requirement,
    Version,
    canonicalize_name,
    parse_wheel_filename,
)
from .._catalogue.torch_releases import numpy_limit
from .._model.artifact import make_artifact
from .._model.lock import make_lock
from .._wheelhouse.package_index import Sources
from .._wheelhouse.pip_config import Source
from .foreign_wheels import choose_foreign_wheels
from .installer_tools import tools_for
from .lockfile import forbidden_packages, lock_id
from .named_files import NamedWheel
from .target_platform import is_foreign, tag_rank, target_text, uv_platform
from .torch_selection import CPU_INDEX, Candidate, choose_torch, companion_source, list_candidates
from .upload_times import UploadTimes
from .uv import files_of, resolve_with_uv

_TRIES = 8  # each limits packages without a wheel for a target that uv does not know


def resolve_plan(
    plan: dict[str, Any], index: Sources, cache: Path, wheels: Mapping[str, NamedWheel], files: list[dict[str, Any]]
) -> dict[str, Any]:
    """The lock of a plan whose `wheels` (by project) and `files` are fetched.

    Refused: there is no lock for this plan. Unreachable: no source answers.
    """
    if plan["provider"] == "conda":
        from .._lock import conda_lock

        return {**conda_lock.resolve_conda_plan(plan, index, cache), "files": files}
    constraints = [*plan["constraints"], *(f"{name}=={version}" for name, version in plan["provided"].items())]
    for requirement in [*plan["companions"], *plan["requirements"], *constraints]:
        _check_requirement(requirement, wheels)
    uv_platform(plan["target"])  # refuses a target for which nothing can be resolved, before anything is asked
    torch = _named_torch(wheels["torch"].artifact) if "torch" in wheels else choose_torch(plan, index)
    names = [canonicalize_name(Requirement(companion).name) for companion in plan["companions"]]
    companions: dict[str, Source] = {
        name: source for name in names if name not in wheels and (source := companion_source(name, torch, plan, index))
    }
    places = companions if "torch" in wheels else {"torch": torch.source, **companions}
    # torchaudio 2.11.0 requires no torch (METADATA of its wheel; 2.10.0 still requires torch==2.10.0), but its version
    # still says for which torch it was built: without this, an older torch gets a torchaudio that is too new for it.
    constraints += [f"torchaudio<{torch.version.major}.{torch.version.minor + 1}", *numpy_limit(torch.version)]
    times = UploadTimes(plan, index)
    constraints += _too_new_companions(companions, plan, index, times)
    requirements = [f"torch=={torch.version}", *plan["companions"], *plan["requirements"], "pip"]
    resolved, said = resolve_packages(plan, requirements, constraints, places, wheels, index, cache)
    # First, because a forbidden package may also have no wheel, which explains less.
    _refuse_forbidden(plan, resolved, torch)
    packages = [
        wheels[package["name"]].artifact if package["name"] in wheels else best_wheel_of(package, plan)
        for package in resolved
    ]
    _check_answer(plan, packages, torch, wheels)
    version = next(package["version"] for package in packages if package["name"] == "torch")
    return make_lock(
        lock_id(plan), plan, version, packages, tools_for(plan, index), files, [str(torch.source)], said, times.text
    )


def _too_new_companions(
    companions: Mapping[str, Source], plan: dict[str, Any], index: Sources, times: UploadTimes
) -> list[str]:
    """Constraints against versions of companions that are too new, for indexes whose upload times uv does not know."""
    return sorted(
        {
            f"{name}!={candidate.version.public}"
            for name, source in companions.items()
            for candidate in list_candidates(name, [source], index, plan["target"])
            if times.follows_pypi(source) and not times.allow(name, candidate.version, source, candidate.file)
        }
    )


def _check_requirement(text: str, wheels: Mapping[str, NamedWheel]) -> None:
    """It is valid, and the wheel that the plan names for it, if any, satisfies it at least by its public version."""
    requirement = specifiers.parse_requirement(text)
    explicit = wheels.get(canonicalize_name(requirement.name))
    if explicit and not requirement.marker:
        version = Version(explicit.artifact["version"])
        if not any(
            requirement.specifier.contains(nominal, prereleases=True) for nominal in (version, version.base_version)
        ):
            raise Refused(
                f"{text} is required, but the wheel in the catalogue is {explicit.artifact['filename']}",
                f"require {requirement.name} without a version, or {requirement.name}=={version.base_version}",
            )


def _named_torch(artifact: dict[str, Any]) -> Candidate:
    return Candidate(Version(artifact["version"]), 0, Source("file", artifact["url"]), artifact)


def resolve_packages(
    plan: dict[str, Any],
    requirements: list[str],
    constraints: list[str],
    places: Mapping[str, Source],
    wheels: Mapping[str, NamedWheel],
    index: Sources,
    cache: Path,
) -> tuple[list[dict[str, Any]], list[str]]:
    """The packages that uv resolves, without those that the board or its system has; and uv's warnings."""
    there, constraints = {*plan["provided"], *plan["system"]}, list(constraints)
    for _try in range(_TRIES):
        resolved, said = resolve_with_uv(plan, requirements, constraints, places, wheels, index, cache)
        resolved = [{**package, "name": canonicalize_name(package["name"])} for package in resolved]
        resolved = [package for package in resolved if package["name"] not in there]
        limits = choose_foreign_wheels([package for package in resolved if package["name"] not in wheels], plan, index)
        if not limits:
            break
        constraints += limits
    return resolved, said


def best_wheel_of(package: dict[str, Any], plan: dict[str, Any]) -> dict[str, Any]:
    """The wheel of a resolved package that fits the target best."""
    target = plan["target"]
    ranked = []
    for wheel in files_of(package):
        filename = wheel.get("name") or urllib.parse.unquote(
            urllib.parse.urlsplit(wheel["url"]).path.rpartition("/")[2]
        )
        try:
            rank = tag_rank(filename, target)
        except InvalidWheelFilename:
            continue
        if rank >= 0:
            ranked.append((rank, filename, wheel))
    if not ranked:
        foreign = (
            f"; or install it from the system: a row of torch_catalogue with system: {{{package['name']}: <package of"
            " the system>}; or add a source that has a wheel to the pip configuration of the control node"
            if is_foreign(target)
            else ""
        )
        if plan["exclude_newer"]:
            foreign += (
                f"; torch_exclude_newer ({plan['exclude_newer']}) leaves out wheels that are newer, or of which their"
                " index does not say when they were uploaded"
            )
        raise Refused(
            f"{package['name']} {package.get('version', '')} has no wheel for {target_text(target)}",
            f"constrain it to a version that has a wheel (torch_constraints){foreign}",
        )
    _rank, filename, wheel = min(ranked, key=lambda entry: entry[:2])
    path = urls.local_path(wheel["url"])
    sha256 = wheel.get("hashes", {}).get("sha256") or (hashes.sha256_of(path) if path else None)
    if not sha256:
        raise Refused(
            f"{redact(wheel['url'])} is published without a sha256 and cannot be locked",
            "download it once, check it, and put it in a find-links folder of pip's configuration",
        )
    return make_artifact(
        filename,
        urls.mirror_url(wheel["url"], plan["mirrors"]),
        sha256,
        name=package["name"],
        version=str(package.get("version") or parse_wheel_filename(filename)[1]),
        size=path.stat().st_size if path else wheel.get("size"),
    )


def _refuse_forbidden(plan: dict[str, Any], packages: list[dict[str, Any]], torch: Candidate) -> None:
    hits = forbidden_packages(plan, packages)
    if not hits:
        return
    names = ", ".join(f"{package['name']} {package.get('version', '')}" for package in hits[:8]) + (
        f" and {len(hits) - 8} more" if len(hits) > 8 else ""
    )
    if plan["accelerator"] != "cpu":
        raise Refused(
            f"torch {torch.version} from {torch.source} and the requirements need {names}; the row {plan['row']} of the"
            " catalogue forbids that",
            "choose another version, or remove the requirement that needs it",
        )
    raise Refused(
        f"torch {torch.version} from {torch.source} is not a CPU build, or a requirement needs CUDA: {names} would be"
        " installed, and a CPU board gets no CUDA packages",
        f"choose a version for which that source has a CPU build, add {CPU_INDEX} as a source reachable from the"
        " control node, or put a +cpu wheel in a find-links folder of pip's configuration; remove requirements for such"
        " packages",
    )


def _check_answer(
    plan: dict[str, Any], packages: list[dict[str, Any]], torch: Candidate, wheels: Mapping[str, NamedWheel]
) -> None:
    """uv chose this torch, and companions with its label, except where the plan names their wheels."""
    found = {package["name"]: Version(package["version"]) for package in packages}
    if found["torch"] != torch.version:
        raise Refused(
            f"uv resolved torch to {found['torch']} instead of {torch.version}",
            "look for a requirement that pins torch",
        )
    label = plan["torch"]["local"]
    for companion in plan["companions"]:
        name = canonicalize_name(Requirement(companion).name)
        version = found.get(name)  # None: the board has it, or its marker excludes this target
        if label and version and name not in wheels and version.local != label:
            raise Refused(
                f"{companion} {version} (the release for torch {torch.version}) has no +{label} build",
                f"leave {companion} out, or add a source that has the +{label} build",
            )
