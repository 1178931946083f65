# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of both sides need."""

import os
import shutil

import pytest
from conda_support import make_channel

# Files whose tests start processes, or plan for all golden boards at once: `make fast` leaves them out.
SLOW = (
    "/docs/test_readme.py",
    "/golden/test_digests.py",
    "/lab/",
    "/plugins/action/",
    "/module_utils/_conda_env/",
    "/module_utils/_environment/",
    "/module_utils/_rattler/",
    "/module_utils/_setup/",
    "/module_utils/_torch_build/",
    "/module_utils/_verify/",
    "/plugin_utils/_base/test_network_errors.py",
    "/plugin_utils/_lock/",
    "/plugin_utils/_plan/test_variables.py",
    "/plugin_utils/_wheelhouse/",
)


def pytest_collection_modifyitems(items):
    for item in items:
        if any(part in item.nodeid for part in SLOW):
            item.add_marker(pytest.mark.slow)


@pytest.fixture(scope="session")
def conda_channel(tmp_path_factory):
    """A conda channel that no test changes."""
    return make_channel(tmp_path_factory.mktemp("conda"))


@pytest.fixture
def own_conda_channel(conda_channel, tmp_path):
    """A copy of it, to be tampered with."""
    channel, lab = conda_channel
    shutil.copytree(str(channel), os.path.join(str(tmp_path), "own-channel"))
    return tmp_path / "own-channel", lab
