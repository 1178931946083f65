# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The user's own checks (torch_checks): Python files on the control node that belong to the verdict."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from pathlib import Path

from ansible.errors import AnsibleError

from .run_options import expand_path

#: Characters of one file: a check is an argument of the module, and of a command on the board.
LONGEST = 32 * 1024


def read_own_checks(paths: Iterable[str]) -> list[dict[str, str]]:
    """Each check as {name, source}; relative paths are those of the working directory.

    Boards have other Pythons: of the syntax, only what this Python cannot read either is an error here.
    """
    checks: dict[str, str] = {}
    for text in paths:
        path = Path(expand_path(text))
        try:
            source = path.read_text(encoding="utf-8")
            tree = ast.parse(source)
        except (OSError, ValueError, SyntaxError) as error:
            raise AnsibleError(f"torch_checks has {text!r}, which cannot be read as Python: {error}.") from None
        if not any(isinstance(node, ast.FunctionDef) and node.name == "check" for node in tree.body):
            raise AnsibleError(f"torch_checks has {text!r}, which does not define a function check(torch, device).")
        if len(source) > LONGEST:
            raise AnsibleError(f"torch_checks has {text!r}, which is longer than {LONGEST} characters.")
        if path.stem in checks:
            raise AnsibleError(f"torch_checks has two files named {path.stem!r}: a verdict tells them by their names.")
        checks[path.stem] = source
    return [{"name": name, "source": source} for name, source in checks.items()]
