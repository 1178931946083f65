# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The command that installs a Python package into the environment of this ansible-core, which may have no pip."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

from ansible.release import __version__


def install_command(package: str) -> str:
    prefix = Path(sys.prefix)
    if (prefix / "uv-receipt.toml").is_file():
        # uv makes the environment of a tool again, with nothing but the named packages.
        packages = dict.fromkeys(["uv", "py-rattler", package])
        return f"uv tool install 'ansible-core=={__version__}' {' '.join(f'--with {name}' for name in packages)}"
    if (prefix / "pipx_metadata.json").is_file():
        return f"pipx inject {prefix.name} {package}"
    if importlib.util.find_spec("pip"):
        return f"{sys.executable} -m pip install {package}"
    return f"uv pip install --python {sys.executable} {package}"
