# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Every row that PyPI serves, against PyPI itself: where a range begins and ends, for which Python, what goes with it,
and what is refused.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import NamedTuple

import plan_support
import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.specifiers import is_satisfiable
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import (
    common_rows,
    row_tables,
    versions_by_python,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import package_index
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import Version
from pypi import Index, Target

FAMILIES = sorted(path.parents[1].name for path in plan_support.ROOT.glob("roles/*/tasks/plan.yml"))
ROWS = [
    *common_rows(),
    *(row for table in row_tables().values() for row in table),
    *(row for family in FAMILIES for row in plan_support.catalogue(family)),
]
NEWEST_LIBC = "2.39"
PYTHONS = [f"3.{minor}" for minor in range(6, 20)]


class Offer(NamedTuple):
    row: dict
    target: Target

    @property
    def of_python(self) -> str:
        """What the row says about this very Python: a fact about the index, while `torch` may be a choice."""
        return versions_by_python(self.row)[self.target.python] if "by_python" in self.row else self.row["torch"]

    @property
    def torch(self) -> SpecifierSet:
        return SpecifierSet(self.row["torch"]) & SpecifierSet(self.of_python)

    def __str__(self) -> str:
        return f"{self.row['id']}-{self.target.architecture}-{self.target.python}"


def architectures(row: dict) -> list[str]:
    named = row.get("when", {}).get("architecture", [])
    return [named] if isinstance(named, str) else named


def is_on_pypi(row: dict) -> bool:
    """Whether torch comes from there: PyPI has no local version labels."""
    apart = row.get("provider") == "conda" or row.get("action") == "build" or "wheels" in row or "local" in row
    return (
        "accelerator" in row
        and "refuse" not in row
        and not apart
        and "configured" in row.get("sources", ["configured"])
    )


def pythons(row: dict) -> list[str]:
    return [
        python
        for python in versions_by_python(row) or PYTHONS
        if SpecifierSet(row.get("python", "")).contains(f"{python}.99")
    ]


def libc(row: dict) -> str:
    return next(
        (clause.version for clause in SpecifierSet(row.get("when", {}).get("libc", "")) if clause.operator == ">="),
        "2.17",
    )


def offers(row: dict) -> list[Offer]:
    """What the row promises: for a Python whose wheels are outside its range, nothing."""
    found = [
        Offer(row, Target(architecture, python, libc(row)))
        for architecture in architectures(row) or ["aarch64", "x86_64"]
        for python in pythons(row)
    ]
    return [offer for offer in found if is_satisfiable(offer.torch, None)]


OFFERS = [offer for row in ROWS if is_on_pypi(row) for offer in offers(row)]
# Of those that are about builds, PyPI knows nothing.
BAD = [
    row
    for row in ROWS
    if "refuse" in row
    and "torch" in row
    and row.get("action") != "build"
    and "configured" in row.get("sources", ["configured"])
]
NAMED = [
    artifact for row in ROWS for key in ("wheels", "files") for artifact in row.get(key, []) if artifact.get("sha256")
]
every_offer = pytest.mark.parametrize("offer", OFFERS, ids=str)


@pytest.fixture(scope="session")
def index() -> Index:
    found = Index()
    try:
        found.wheels("torch")
    except package_index.SourceDown as down:
        pytest.skip(f"the index {found.source} does not answer: {down}")
    return found


def bounds(specifier: str, *operators: str) -> list[Version]:
    return [
        Version(clause.version.removesuffix(".*")) for clause in SpecifierSet(specifier) if clause.operator in operators
    ]


def words(versions: Iterable[Version]) -> str:
    return ", ".join(map(str, sorted(versions))) or "none"


@every_offer
def test_a_range_begins_and_ends_where_the_wheels_do(index: Index, offer: Offer):
    newest = max(wheel.version for wheel in index.wheels("torch"))
    have = index.versions("torch", offer.target._replace(libc=NEWEST_LIBC))
    assert list(offer.torch.filter(have)), f"no wheel of torch {offer.torch}; there are {words(have)}"
    assert set(bounds(offer.of_python, ">=", "<=", "==")) <= set(have), "a version that it names has no wheel"
    if "==" not in offer.of_python:
        assert (bounds(offer.of_python, "<=") or [newest]) == have[-1:], "where it ends"
    assert not set(bounds(offer.of_python, "!=")) & set(have), "excluded without need"


@every_offer
def test_its_wheels_run_on_the_glibc_that_it_asks_for(index: Index, offer: Offer):
    have = index.versions("torch", offer.target)
    offered = offer.torch.filter(index.versions("torch", offer.target._replace(libc=NEWEST_LIBC)))
    assert not set(offered) - set(have), f"not on glibc {offer.target.libc}: {words(set(offered) - set(have))}"


@pytest.mark.parametrize("row", [row for row in ROWS if is_on_pypi(row)], ids=lambda row: row["id"])
def test_what_a_row_names_is_there(index: Index, row: dict):
    """The bounds that are choices: each is a release for one of the row's Pythons, and what is left out exists, or is
    the release after the newest: a build for CUDA is promised for releases that somebody has seen.
    """
    targets = [offer.target._replace(libc=NEWEST_LIBC) for offer in OFFERS if offer.row is row]
    have = {version for target in targets for version in index.versions("torch", target)}
    assert set(bounds(row["torch"], ">=", "<=", "==")) <= have
    newest = max(have)
    coming = (newest.major, newest.minor + 1)
    assert all(bound <= newest or bound.release[:2] == coming for bound in bounds(row["torch"], "<"))
    assert list((SpecifierSet(row["torch"]) & SpecifierSet(row.get("auto", ""))).filter(have)), "what auto takes"


@every_offer
def test_companions(index: Index, offer: Offer):
    have = list(offer.torch.filter(index.versions("torch", offer.target)))
    for name, rule in offer.row.get("companions", {}).items():
        there = {torch for torch in have if has_companion(index, name, torch, offer.target)}
        promised = set(have if rule is True else SpecifierSet(rule).filter(have))
        assert promised == there, (
            f"{name}: promised in vain: {words(promised - there)}; there and not promised: {words(there - promised)}"
        )


def has_companion(index: Index, name: str, torch: Version, target: Target) -> bool:
    """Whether there is one that is made for this torch: it says so or, as old ones and torchaudio 2.11.0 say nothing,
    by the number of its release.
    """
    for version in index.versions(name, target):
        wanted = index.wants(name, version, "torch", target.architecture)
        if wanted.contains(torch) if wanted else version.release[:2] == release(name, torch):
            return True
    return False


def release(companion: str, torch: Version) -> tuple[int, int]:
    """The release of a companion that came with this one of torch."""
    if companion == "torchvision":
        return 0, torch.minor + {1: 1, 2: 15}[torch.major]
    return (0, torch.minor) if torch.major == 1 else torch.release[:2]


@every_offer
def test_requirements(index: Index, offer: Offer):
    environment = {
        "python_version": offer.target.python,
        "python_full_version": f"{offer.target.python}.99",
        "platform_machine": offer.target.architecture,
    }
    for requirement in map(Requirement, offer.row.get("requirements", [])):
        if requirement.marker and not requirement.marker.evaluate(environment):
            continue
        have = index.versions(requirement.name, offer.target)
        assert list(requirement.specifier.filter(have)), (
            f"{requirement}: there are {', '.join(map(str, have)) or 'none'}"
        )


@pytest.mark.parametrize("row", BAD, ids=lambda row: row["id"])
def test_what_is_known_to_be_bad_exists(index: Index, row: dict):
    wanted = SpecifierSet(row["torch"])
    if any(Version(clause.version.removesuffix(".*")).local for clause in wanted):
        pytest.skip("PyPI has no local version labels")
    assert any(
        list(wanted.filter(index.versions("torch", Target(architecture, python, NEWEST_LIBC))))
        for architecture in architectures(row) or ["aarch64", "x86_64"]
        for python in PYTHONS
    )


def test_the_recorded_wheels_are_those_of_the_index(index: Index):
    """What tools/torch_wheels.py read was of these files, and no release is missing."""
    recorded = json.loads((plan_support.ROOT / "tools/data/torch_wheels.json").read_text(encoding="utf-8"))["wheels"]
    published = {wheel.sha256: wheel.version for wheel in index.wheels("torch")}
    assert all(published.get(one["sha256"]) == Version(one["version"]) for one in recorded)
    assert max(published.values()) == max(Version(one["version"]) for one in recorded), "run tools/torch_wheels.py"


def test_hashes(index: Index):
    published = {
        wheel.filename: wheel.sha256
        for name in {_project(artifact) for artifact in NAMED} - {None}
        for wheel in index.wheels(name)
    }
    wrong = [
        artifact["filename"]
        for artifact in NAMED
        if published.get(artifact["filename"], artifact["sha256"]) != artifact["sha256"]
    ]
    assert not wrong


def _project(artifact: dict) -> str | None:
    return package_index.project_of(artifact["filename"])
