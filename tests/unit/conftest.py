# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What tests of both sides need."""

import os
import shutil

import pytest
from conda_support import make_channel


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
