# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CHANGELOG.rst is what the fragments and changelog.yaml say, and a release is prepared by one command."""

from __future__ import annotations

import importlib.util
import re
import shutil
from pathlib import Path

import pytest
import yaml

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("changelog", REPOSITORY / "tools" / "changelog.py")
changelog = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(changelog)

CONFIGURATION = yaml.safe_load((REPOSITORY / "changelogs/config.yaml").read_text(encoding="utf-8"))
SECTIONS = dict(CONFIGURATION["sections"])
SUMMARY, TRIVIAL = CONFIGURATION["prelude_section_name"], CONFIGURATION["trivial_section_name"]


def written_changes() -> list[str]:
    """What fragments and changelog.yaml say, without the trivial."""
    every = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in changelog.fragments()]
    every += [release.get("changes", {}) for release in changelog.released().values()]
    return [" ".join(text.split()) for one in every for kind in SECTIONS for text in one.get(kind, [])]


def shown_changes() -> list[str]:
    """The bullets of CHANGELOG.rst, without the lists of plugins that antsibull-changelog makes itself."""
    text = (REPOSITORY / "CHANGELOG.rst").read_text(encoding="utf-8")
    parts = re.split(r"(?m)^(\w[^\n]*)\n[-~=]{4,}\n", text)
    return [
        " ".join(bullet.split())
        for title, body in zip(parts[1::2], parts[2::2], strict=True)
        if title in SECTIONS.values()
        for bullet in re.split(r"(?m)^- ", body)[1:]
    ]


def test_the_changelog_is_what_the_fragments_say():
    written, shown = written_changes(), shown_changes()
    assert shown, "CHANGELOG.rst has no change"
    # A line in CHANGELOG.rst alone would be lost at the next release.
    assert sorted(set(shown) - set(written)) == [], "write it into changelogs/fragments"
    assert sorted(set(written) - set(shown)) == [], "run: .build/test/bin/python tools/changelog.py"


@pytest.mark.parametrize("path", changelog.fragments(), ids=lambda path: path.name)
def test_fragments_have_known_sections(path):
    fragment = yaml.safe_load(path.read_text(encoding="utf-8"))
    assert set(fragment) <= {*SECTIONS, SUMMARY, TRIVIAL}
    assert all(isinstance(text, str) for kind in {*fragment} - {SUMMARY} for text in fragment[kind])


def test_pending_changes_belong_to_a_version_that_is_not_released():
    version = changelog.galaxy_version()
    assert changelog.VERSION.fullmatch(version)
    assert not changelog.fragments() or version not in changelog.released(), "raise the version in galaxy.yml"


@pytest.mark.parametrize("version", ["1.0", "1.0.0.0", "v1.0.0", "01.0.0", "1.0.0+1"])
def test_only_semantic_versions_are_released(version):
    with pytest.raises(SystemExit, match="no semantic version"):
        changelog.check_version(version)


@pytest.fixture
def copy(tmp_path):
    for name in ("galaxy.yml", "README.md", "README.zh-CN.md", "changelogs"):
        source = REPOSITORY / name
        (shutil.copytree if source.is_dir() else shutil.copyfile)(source, tmp_path / name)
    shutil.rmtree(tmp_path / "changelogs/fragments")
    (tmp_path / "changelogs/fragments").mkdir()
    (tmp_path / "changelogs/fragments/a.yml").write_text("bugfixes: [one]\n", encoding="utf-8")
    return tmp_path


def released(copy, *versions):
    text = yaml.safe_dump({"ancestor": None, "releases": {version: {} for version in versions}})
    (copy / "changelogs/changelog.yaml").write_text(text, encoding="utf-8")


@pytest.mark.parametrize("version", ["1.0.0", "1.0.1", "1.1.0-rc.1", "2.0.0"])
def test_newer_versions_are_released(copy, version):
    released(copy, "0.9.0", "1.0.0-rc.1")
    changelog.check_version(version, copy)


@pytest.mark.parametrize(
    ("version", "why"),
    [("1.10.0", "is released already"), ("1.9.0", "is older than 1.10.0"), ("1.10.0-rc.1", "is older than 1.10.0")],
)
def test_older_versions_are_not(copy, version, why):
    released(copy, "1.2.0", "1.10.0")
    with pytest.raises(SystemExit, match=re.escape(why)):
        changelog.check_version(version, copy)


def test_without_fragments_there_is_nothing_to_release(copy):
    (copy / "changelogs/fragments/a.yml").unlink()
    with pytest.raises(SystemExit, match="nothing to release"):
        changelog.check_version("9.0.0", copy)


def test_a_release_changes_version_readme_and_changelog(copy, monkeypatch, tmp_path):
    def rendered(_version, directory, _repository):
        (directory / "changelogs").mkdir()
        (directory / "CHANGELOG.rst").write_text("rst", encoding="utf-8")
        (directory / "changelogs/changelog.yaml").write_text("yaml", encoding="utf-8")
        return directory

    monkeypatch.setattr(changelog, "render", rendered)
    changelog.release("7.0.0", copy)
    assert changelog.galaxy_version(copy) == "7.0.0"
    for page in ("README.md", "README.zh-CN.md"):
        assert re.findall(r"edgeai-fleet-(\S+)\.tar\.gz", (copy / page).read_text(encoding="utf-8")) == ["7.0.0"]
    assert (copy / "CHANGELOG.rst").read_text(encoding="utf-8") == "rst"
    assert (copy / "changelogs/changelog.yaml").read_text(encoding="utf-8") == "yaml"
    assert changelog.fragments(copy) == []


def test_the_tag_is_that_of_the_release(copy):
    version = changelog.galaxy_version(copy)
    with pytest.raises(SystemExit, match="the tag must be v"):
        changelog.check_tag("v999.0.0", copy)
    released(copy, "0.0.1")
    with pytest.raises(SystemExit, match="has no release"):
        changelog.check_tag(f"v{version}", copy)
    released(copy, version)
    with pytest.raises(SystemExit, match="a.yml is in no release"):
        changelog.check_tag(f"v{version}", copy)
    (copy / "changelogs/fragments/a.yml").unlink()
    changelog.check_tag(f"v{version}", copy)
