# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
#
# This module util is private to the edgeai.fleet collection. It is copied to the builder: standard library only, relative imports only.
"""A build that cannot go on, or cannot begin."""


from .._secrets import redact


class BuildProblem(Exception):
    """What is wrong, on what, with which values, and what to do. It is kept in files that all may read: addresses are without passwords."""

    def __init__(self, text):
        Exception.__init__(self, redact(text))
