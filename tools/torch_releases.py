# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Generate the table of releases in plugins/plugin_utils/_catalogue/torch_releases.py, from the metadata of PyPI's
wheels.

    PYTHONPATH=.build/collections .build/test/bin/python tools/torch_releases.py

reads the first index of pip's configuration, writes the table in place, and prints where PyPI contradicts the Pythons
of a release in plugins/module_utils/_torch_build/features.py, which is copied to builders and edited by hand. What
wheels do not say, such as those from before 2020, stays in the table as it is.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TABLE = ROOT / "plugins/plugin_utils/_catalogue/torch_releases.py"
sys.path.append(str(ROOT / "tests/index"))

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.features import python_range  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.packaging_shim import Version  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.specifiers import exact_versions  # noqa: E402
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.torch_releases import (  # noqa: E402
    COMPANIONS,
    LAST_BY_SETUP_PY,
    RELEASES,
)
from pypi import Index  # noqa: E402  (the two lines above find it)

ARCHITECTURE = "x86_64"


def linux_wheels(index: Index, project: str, architecture: str = "") -> list:
    return [
        wheel
        for wheel in index.wheels(project)
        if any("linux" in tag.platform and tag.platform.endswith(architecture) for tag in wheel.tags)
    ]


def companions_by_torch(index: Index) -> dict[str, dict[str, str]]:
    """Return the newest torchvision and torchaudio whose wheels require exactly this release of torch."""
    found: dict[str, dict[str, str]] = {}
    for project in COMPANIONS:
        for version in sorted({wheel.version for wheel in linux_wheels(index, project, ARCHITECTURE)}):
            wanted = index.wants(project, version, "torch", ARCHITECTURE)
            for torch in exact_versions(wanted) if wanted else []:
                found.setdefault(str(torch), {})[project] = str(version)
    return found


def pythons_by_torch(index: Index) -> dict[str, list[tuple[int, int]]]:
    found: dict[str, set[tuple[int, int]]] = {}
    for wheel in linux_wheels(index, "torch"):
        for tag in wheel.tags:
            match = re.fullmatch(r"cp3(\d+)", tag.interpreter)
            if match:
                found.setdefault(str(wheel.version), set()).add((3, int(match[1])))
    return {torch: sorted(pythons) for torch, pythons in found.items()}


def lines_of(releases: dict[str, dict[str, str]]) -> str:
    """Return the table as text: one release per line, the oldest first."""
    rows = [
        [torch, *(releases[torch].get(name, "-") for name in COMPANIONS)] for torch in sorted(releases, key=Version)
    ]
    return "".join(f"{torch:<6} {vision:<6} {audio}\n" for torch, vision, audio in rows)


def main() -> None:
    index = Index()
    known, pythons = companions_by_torch(index), pythons_by_torch(index)
    new = [torch for torch in pythons if Version("0.4.0") <= Version(torch) <= Version(LAST_BY_SETUP_PY)]
    releases = {torch: {**RELEASES.get(torch, {}), **known.get(torch, {})} for torch in {*RELEASES, *new}}
    head, _table, rest = re.split(r'(?<=_TABLE = """\n)(.*?)(?=""")', TABLE.read_text("utf-8"), maxsplit=1, flags=re.S)
    TABLE.write_text(head + lines_of(releases) + rest, "utf-8")
    for torch in sorted(pythons, key=Version):
        if torch in releases and python_range(torch) != (pythons[torch][0], pythons[torch][-1]):
            print(f"{torch}: features.py has Python {python_range(torch)}, PyPI has {pythons[torch]}")


if __name__ == "__main__":
    main()
