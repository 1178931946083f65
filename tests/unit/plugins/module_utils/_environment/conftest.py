# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import pytest
from environment_support import Bench, uv_artifact


@pytest.fixture(scope="session")
def uv(tmp_path_factory):
    return uv_artifact(tmp_path_factory.mktemp("uv"))


@pytest.fixture
def bench(tmp_path, uv):
    return Bench(tmp_path, uv)
