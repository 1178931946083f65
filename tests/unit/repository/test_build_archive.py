# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The archive: the same bytes from the same commit, and README's links for Galaxy's page."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]
SPECIFICATION = importlib.util.spec_from_file_location("build_archive", REPOSITORY / "tools" / "build_archive.py")
build_archive = importlib.util.module_from_spec(SPECIFICATION)
SPECIFICATION.loader.exec_module(build_archive)


@pytest.mark.parametrize(
    ("link", "made"),
    [
        ("[a](docs/a.md#b)", "[a](https://x/blob/v1/docs/a.md#b)"),
        ("[a](LICENSE)", "[a](https://x/blob/v1/LICENSE)"),
        ("[a](#use-it)", "[a](#use-it)"),
        ("[a](https://semver.org)", "[a](https://semver.org)"),
        ("`a[0](b c)`", "`a[0](b c)`"),
    ],
)
def test_links_lead_to_the_tag(link, made):
    assert build_archive.absolute_links(f"x {link} y", "https://x/blob/v1") == f"x {made} y"
