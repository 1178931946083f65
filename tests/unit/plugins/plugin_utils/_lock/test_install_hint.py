# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is advised works where it is advised: in environments of pip, uv and pipx. The commands are run."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import install_hint
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import uv as _uv

PROGRAM = (
    "import sys; from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.install_hint import install_command;"
    " print(install_command('tomli'))"
)


def advised(python, *more):
    """What an interpreter that borrows this one's packages advises."""
    borrowed = [path for path in sys.path if path.endswith("site-packages")]
    collections = next(path for path in sys.path if os.path.isdir(os.path.join(path, "ansible_collections", "edgeai")))
    code = f"import sys; sys.path += {[*borrowed, collections]!r}\n{PROGRAM}"
    return subprocess.run([python, *more, "-c", code], stdout=subprocess.PIPE, text=True, check=True).stdout.strip()


@pytest.fixture
def environment(tmp_path):
    """An environment without a pip, as uv makes it."""
    subprocess.run([_uv.find_uv(), "venv", "-q", "--python", sys.executable, tmp_path / "tool"], check=True)
    return tmp_path / "tool"


def test_where_there_is_no_pip_it_is_uv(environment, monkeypatch):
    monkeypatch.setattr(install_hint.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(install_hint.sys, "executable", str(environment / "bin/python"))
    command = install_hint.install_command("tomli")
    assert command == f"uv pip install --python {environment}/bin/python tomli"
    uv, *words = shlex.split(command)
    done = subprocess.run(
        [_uv.find_uv(), *words, "--dry-run", "--offline"], stderr=subprocess.PIPE, text=True, check=False
    )
    # It has found that environment; that it may not ask an index is this test's doing.
    assert re.search("(?i)no solution found|network was disabled|would install|would download", done.stderr), (
        done.stderr
    )


def test_where_there_is_pip_it_is_pip():
    assert re.fullmatch(r"\S+/python\S* -m pip install tomli", advised(sys.executable)), "this test's own environment"


def test_an_environment_of_pipx(environment):
    (environment / "pipx_metadata.json").touch()
    assert advised(environment / "bin/python") == "pipx inject tool tomli"


def test_an_environment_of_uv_tool(environment):
    (environment / "uv-receipt.toml").touch()
    assert re.fullmatch(
        r"uv tool install 'ansible-core==[\d.]+' --with uv --with py-rattler --with tomli",
        advised(environment / "bin/python"),
    )
