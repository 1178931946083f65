# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Choose torch: the newest wheel that fits, from the first source that has one, or say why there is none."""

from __future__ import annotations

from bisect import bisect
from typing import Any, NamedTuple

from .._base import network_errors, specifiers
from .._base.errors import Refused, Unreachable
from .._base.packaging_shim import InvalidSpecifier, InvalidWheelFilename, SpecifierSet, Version, parse_wheel_filename
from .._wheelhouse.package_index import Sources
from .._wheelhouse.pip_config import Source
from .target_platform import tag_rank, tags_of, target_text
from .upload_times import UploadTimes

CPU_INDEX = "https://download.pytorch.org/whl/cpu"


class Candidate(NamedTuple):
    version: Version
    rank: int  # of its best tag for the target, 0 is best; -1: it does not fit
    source: Source
    file: dict[str, Any]

    @property
    def preference(self) -> tuple[Version, int]:
        return self.version, -self.rank


def _is_wanted(version: Version, specifier: SpecifierSet) -> bool:
    return specifier.contains(version, prereleases=bool(specifier.prereleases))


def list_candidates(project: str, sources: list[Source], index: Sources, target: dict[str, str]) -> list[Candidate]:
    """All wheels of the project, with rank -1 if they do not fit."""
    found = []
    for source in sources:
        for entry in index.files_of(source, project) or ():
            try:
                version = parse_wheel_filename(entry["filename"])[1]
                python_fits = Version(target["python"]) in SpecifierSet(
                    entry["requires_python"] or "", prereleases=True
                )
            except (InvalidWheelFilename, InvalidSpecifier):
                continue
            if not entry["yanked"]:
                found.append(
                    Candidate(version, tag_rank(entry["filename"], target) if python_fits else -1, source, entry)
                )
    return found


def _label_fits(version: Version, plan: dict[str, Any]) -> bool:
    """Whether a build has the required label.

    Without one any fits, except a CPU build for CUDA; torch_npu is used with a CPU build.
    """
    local = plan["torch"]["local"]
    return version.local == local if local else not (version.local == "cpu" and plan["accelerator"] == "cuda")


def _list_versions(versions: set[Version], specifier: SpecifierSet, length: int = 8) -> str:
    """The versions nearest to the pinned one, otherwise the newest."""
    ordered = sorted(versions)
    pins = [
        Version(clause.version)
        for clause in specifier
        if clause.operator in ("==", "===") and not clause.version.endswith(".*")
    ]
    end = min(max(bisect(ordered, pins[0]) + length // 2, length), len(ordered)) if pins else len(ordered)
    return ", ".join(str(version) for version in reversed(ordered[max(0, end - length) : end])) or "none"


def _torch_sources(plan: dict[str, Any], index: Sources) -> list[Source]:
    return list(dict.fromkeys(source for place in plan["sources"] for source in index.sources_of(place)))


def _describe_sources(plan: dict[str, Any], index: Sources) -> str:
    """The sources of torch, with the errors of those that are down."""
    return "; ".join(
        f"{place} (down: {index.down[place]})" if place in index.down else place
        for place in dict.fromkeys(map(str, _torch_sources(plan, index)))
    )


def _no_torch(plan: dict[str, Any], index: Sources, seen: list[Candidate], specifier: SpecifierSet) -> Refused:
    """Why no wheel fits."""
    target, local = plan["target"], plan["torch"]["local"]
    name = f"torch {specifier}".strip()
    asked = f"Searched: {_describe_sources(plan, index)}."
    fitting = [candidate for candidate in seen if candidate.rank >= 0]
    usable = {candidate.version for candidate in fitting if _label_fits(candidate.version, plan)}
    matching = [candidate for candidate in seen if _is_wanted(candidate.version, specifier)]
    mislabelled = [candidate for candidate in fitting if _is_wanted(candidate.version, specifier)]
    available = f"Available for {target_text(target)}: {_list_versions(usable, specifier)}."
    newest = max(mislabelled, key=lambda candidate: candidate.preference, default=None)
    # Without a label: on x86_64 that is PyPI's CUDA build, on Arm it may be a CPU build.
    if (
        newest
        and local == "cpu"
        and (newest.version.local or "").startswith("cu" if target["architecture"] != "x86_64" else "")
    ):
        return Refused(
            f"there are only CUDA builds of {name} for {target_text(target)} ({newest.file['filename']} from"
            f" {newest.source}); a CPU board gets no CUDA packages. {asked}",
            f"add {CPU_INDEX} as a source reachable from the control node, or put a +cpu wheel in a find-links folder"
            " of pip's configuration"
            + (
                "; or let this board have the CUDA build, about 3 GB of wheels, on its CPU:"
                " x86_conda_cuda_build_on_cpu: true"
                if plan["family"] == "x86_conda"
                else ""
            ),
        )
    if mislabelled:
        labels = {candidate.version.local for candidate in mislabelled}
        words = ", ".join(sorted(f"+{label}" if label else "no label" for label in labels))
        wanted = f"labelled +{local}" if local else f"for {plan['accelerator']}"
        return Refused(
            f"no build of {name} for {target_text(target)} is {wanted}; there are: {words}. {asked}",
            f"{available} Or add a source that has builds {wanted}",
        )
    if matching:
        tags = tags_of([candidate.file["filename"] for candidate in matching], target)
        return Refused(
            f"{name} has no wheel for {target_text(target)}, only for: {tags}. {asked}",
            available if usable else "use another Python, or build torch for this board",
        )
    return Refused(
        f"there is no {name}. {asked}",
        available if usable else f"no source has a torch wheel for {target_text(target)}: add a source that has one",
    )


def _too_new(plan: dict[str, Any], index: Sources, times: UploadTimes, late: list[Candidate]) -> Refused:
    """Why torch_exclude_newer leaves no wheel: of each source the oldest that fits."""
    oldest: dict[str, Candidate] = {}
    for candidate in sorted(late, key=lambda candidate: candidate.preference, reverse=True):
        oldest[str(candidate.source)] = candidate
    reasons = [times.why_not("torch", other.version, other.source, other.file) for other in oldest.values()]
    return Refused(
        f"torch_exclude_newer is {plan['exclude_newer']}: no wheel of torch {plan['torch']['specifier']} for"
        f" {target_text(plan['target'])} is known to have been uploaded before {times.text}. {'; '.join(reasons)}."
        f" Searched: {_describe_sources(plan, index)}",
        "shorten torch_exclude_newer, or allow an older torch_version; for an index without upload times add one with"
        " them (PyPI has them) to pip's configuration of the control node, or leave torch_exclude_newer out for this"
        " board",
    )


def choose_torch(plan: dict[str, Any], index: Sources) -> Candidate:
    """The newest wheel that fits, from the first source that has one."""
    specifier = specifiers.parse_specifier(plan["torch"]["specifier"])
    times = UploadTimes(plan, index)
    seen: list[Candidate] = []
    late: list[Candidate] = []
    for place in plan["sources"]:
        found = list_candidates("torch", index.sources_of(place), index, plan["target"])
        if fits := [
            candidate
            for candidate in found
            if candidate.rank >= 0 and _label_fits(candidate.version, plan) and _is_wanted(candidate.version, specifier)
        ]:
            allowed = [fit for fit in fits if times.allow("torch", fit.version, fit.source, fit.file)]
            if allowed:
                return max(allowed, key=lambda candidate: candidate.preference)
            late += fits
        seen += found
    if late:
        raise _too_new(plan, index, times, late)
    if all(str(source) in index.down for source in _torch_sources(plan, index)):
        raise Unreachable(f"no source of torch is reachable: {_describe_sources(plan, index)}")
    refused = _no_torch(plan, index, seen, specifier)
    if down := [index.down[place] for place in map(str, _torch_sources(plan, index)) if place in index.down]:
        refused.refusal["way_out"] += f". For the sources that are down: {network_errors.fix_for(down[0])}"
    raise refused


def companion_source(project: str, torch: Candidate, plan: dict[str, Any], index: Sources) -> Source | None:
    """The source of a companion: torch's own if that has one, else the first that has one with torch's label; None if
    any will do.
    """
    local = plan["torch"]["local"]
    for source in sorted(_torch_sources(plan, index), key=lambda source: source != torch.source):
        if any(
            candidate.rank >= 0 and _label_fits(candidate.version, plan)
            for candidate in list_candidates(project, [source], index, plan["target"])
        ):
            return source
    if local:
        raise Refused(
            f"torch {torch.version} needs a +{local} build of {project}; no source has one for"
            f" {target_text(plan['target'])}. Searched: {_describe_sources(plan, index)}",
            f"leave {project} out, or add a source that has both"
            + (
                f", such as {CPU_INDEX}, or put its wheel in a find-links folder of pip's configuration"
                if local == "cpu"
                else ""
            ),
        )
    return None
