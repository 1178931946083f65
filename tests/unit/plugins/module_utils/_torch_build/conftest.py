# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.processes import kill_all
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.start import Build
from build_support import make_job, make_place, make_tree


@pytest.fixture
def place(tmp_path):
    return make_place(tmp_path / "root")


@pytest.fixture
def builds(tmp_path):
    """A function that makes a Build of a source with this body of setup.py."""
    made = []

    def build(body, **changes):
        made.append(Build(str(tmp_path / "root"), make_job(make_tree(tmp_path / "tree", body), **changes)))
        return made[-1]

    yield build
    for one in made:
        kill_all(one.place)
