# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Write CHANGELOG.rst, or prepare a release.

.build/test/bin/python tools/changelog.py                  # CHANGELOG.rst with the fragments of the next release
.build/test/bin/python tools/changelog.py --check          # compare only
.build/test/bin/python tools/changelog.py release 1.0.0    # fragments become an entry of changelogs/changelog.yaml
.build/test/bin/python tools/changelog.py tag v1.0.0       # whether this commit is that release

antsibull-changelog does the work, in a copy: only a release removes fragments and changes changelog.yaml.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).resolve().parents[1]
ANTSIBULL = Path(sys.executable).with_name("antsibull-changelog")
#: What antsibull-changelog reads: documentation of plugins and roles, and the changelog itself.
READ = ("galaxy.yml", "meta", "plugins", "roles", "changelogs")
#: Semantic versioning, https://semver.org: Galaxy takes nothing else.
VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?")


def galaxy_version(repository: Path = REPOSITORY) -> str:
    return yaml.safe_load((repository / "galaxy.yml").read_text(encoding="utf-8"))["version"]


def released(repository: Path = REPOSITORY) -> dict:
    """Return the releases of changelogs/changelog.yaml."""
    return yaml.safe_load((repository / "changelogs/changelog.yaml").read_text(encoding="utf-8"))["releases"]


def fragments(repository: Path = REPOSITORY) -> list[Path]:
    return sorted((repository / "changelogs/fragments").glob("*.yml"))


def render(version: str, directory: Path, repository: Path = REPOSITORY) -> Path:
    """Return a copy of the collection in which this version has its entry, and CHANGELOG.rst is written."""
    copy = directory / "ansible_collections" / "edgeai" / "fleet"
    copy.mkdir(parents=True)
    for name in READ:
        source = repository / name
        if source.is_dir():
            shutil.copytree(source, copy / name)
        else:
            shutil.copy2(source, copy / name)
    # Cumulative: also the plugins of versions that were never released.
    command = ["release", "--cummulative-release", "--version", version] if fragments(repository) else ["generate"]
    done = subprocess.run(
        [str(ANTSIBULL), *command],
        cwd=copy,
        # It calls ansible-doc.
        env={**os.environ, "PATH": f"{ANTSIBULL.parent}{os.pathsep}{os.environ['PATH']}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"antsibull-changelog {' '.join(command)} ended with {done.returncode}:\n{done.stdout}")
    return copy


def check_version(version: str, repository: Path = REPOSITORY) -> None:
    """End with a message unless this version can be released now."""
    if not VERSION.fullmatch(version):
        sys.exit(f"{version} is no semantic version, such as 1.0.0 or 1.0.0-rc.1.")
    if version in released(repository):
        sys.exit(f"{version} is released already: changelogs/changelog.yaml has it.")
    if not fragments(repository):
        sys.exit("There is nothing to release: changelogs/fragments has no fragment.")
    newest = max(released(repository), key=_order, default="0.0.0")
    if _order(version) < _order(newest):
        sys.exit(f"{version} is older than {newest}, which is released already.")


def _order(version: str) -> tuple:
    """A key by which versions sort; a pre-release comes before its release."""
    numbers, _dash, label = version.partition("-")
    return (*map(int, numbers.split(".")), label == "", label)


def release(version: str, repository: Path = REPOSITORY) -> None:
    """Write the version into galaxy.yml and both READMEs, and turn the fragments into its entry of the changelog."""
    check_version(version, repository)
    former = galaxy_version(repository)
    with tempfile.TemporaryDirectory() as directory:
        copy = render(version, Path(directory), repository)
        for name in ("CHANGELOG.rst", "changelogs/changelog.yaml"):
            shutil.copyfile(copy / name, repository / name)
    for path in fragments(repository):
        path.unlink()
    for name, old, new in (
        ("galaxy.yml", f"\nversion: {former}\n", f"\nversion: {version}\n"),
        ("README.md", f"edgeai-fleet-{former}.tar.gz", f"edgeai-fleet-{version}.tar.gz"),
        ("README.zh-CN.md", f"edgeai-fleet-{former}.tar.gz", f"edgeai-fleet-{version}.tar.gz"),
    ):
        path = repository / name
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")


def check_tag(tag: str, repository: Path = REPOSITORY) -> None:
    """End with a message unless the tag is that of the prepared release."""
    version = galaxy_version(repository)
    if tag != f"v{version}":
        sys.exit(f"The tag is {tag}, and galaxy.yml has {version}: the tag must be v{version}.")
    if version not in released(repository):
        sys.exit(f"changelogs/changelog.yaml has no release {version}: make release VERSION={version}.")
    if pending := fragments(repository):
        sys.exit(f"{pending[0].name} is in no release: make release, and tag that commit.")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare CHANGELOG.rst, and write nothing")
    commands = parser.add_subparsers(dest="command")
    commands.add_parser("release", help="prepare a release").add_argument("version")
    commands.add_parser("tag", help="check the tag of a release").add_argument("tag")
    options = parser.parse_args()
    if options.command == "tag":
        check_tag(options.tag)
        return 0
    if options.command == "release":
        release(options.version)
        print(
            f"Look at the changes, then: git commit -am 'Release {options.version}' && git tag -s v{options.version}"
            f" && git push --tags. The workflow of releases does the rest."
        )
        return 0
    with tempfile.TemporaryDirectory() as directory:
        text = (render(galaxy_version(), Path(directory)) / "CHANGELOG.rst").read_text(encoding="utf-8")
    path = REPOSITORY / "CHANGELOG.rst"
    if not options.check:
        path.write_text(text, encoding="utf-8")
        return 0
    difference = list(
        difflib.unified_diff(path.read_text(encoding="utf-8").splitlines(), text.splitlines(), lineterm="")
    )
    if difference:
        print("\n".join(difference))
        print("Changes are written in changelogs/fragments, then: .build/test/bin/python tools/changelog.py")
    return int(bool(difference))


if __name__ == "__main__":
    sys.exit(main())
