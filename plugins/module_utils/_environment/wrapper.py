# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""<root>/bin/python: starts programs in the current environment, with its variables."""

import os
import shlex

from .._base.files import make_directory, read_or_none, write_atomic
from .assemble import CONSTRAINTS
from .variables import SCRIPT

# In every wrapper that this collection ever wrote.
MARK = "EDGEAI_ENVIRONMENT="

_TEXT = """\
#!/bin/sh
# Written by the Ansible collection edgeai.fleet; changes here are overwritten.
# `current` is resolved once: a process started through the link itself would import from the next environment
# after a switch.
root={root}
env=$(cd -P "$root/current" 2>/dev/null && pwd -P) || {{
    echo "$root/bin/python: there is no current environment at $root; the playbook edgeai.fleet.provision makes one" >&2
    exit 1
}}
. "$env/{script}" || exit 1
export EDGEAI_ENVIRONMENT="$env" UV_CONSTRAINT="$env/{constraints}"
exec "$env/bin/python" "$@"
"""


def wrapper_text(root):
    return _TEXT.format(root=shlex.quote(root), script=SCRIPT, constraints=CONSTRAINTS)


def wrapper_is_right(layout):
    text = read_or_none(layout.wrapper)
    return text == wrapper_text(layout.root) and os.stat(layout.wrapper).st_mode & 0o777 == 0o755


def write_wrapper(layout):
    make_directory(layout.bin)
    write_atomic(layout.wrapper, wrapper_text(layout.root), mode=0o755)
