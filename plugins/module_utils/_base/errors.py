# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

# It is copied to the builder: standard library only, relative imports only.

"""The error of the board's code: its text is the module's message."""

import contextlib
import os


class EnvironmentProblem(Exception):
    """What is wrong, with which values, and what to do."""


@contextlib.contextmanager
def problems_reported(module, where, advice):
    """Within, a problem ends the module with its text, an error of the system with where it was and what to do."""
    try:
        yield
    except EnvironmentProblem as error:
        module.fail_json(msg=str(error))
    except OSError as error:
        # No check beforehand can know this: a file that only root may read, a disk that fills up or fails meanwhile.
        module.fail_json(msg="%s: %s%s" % (where, error, advice))


def require_root(action):
    if os.geteuid() != 0:
        raise EnvironmentProblem("only root can %s, and this runs as uid %d: use become" % (action, os.geteuid()))
