# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

import os
import sys

import pytest


@pytest.fixture(scope="session")
def torch_python():
    if sys.version_info < (3, 7):
        pytest.skip("the same processes run from the newer Python, and they take minutes")
    python = os.environ.get("EDGEAI_TORCH_PYTHON")
    if not python:
        reason = "EDGEAI_TORCH_PYTHON does not name an interpreter that has torch"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return python
