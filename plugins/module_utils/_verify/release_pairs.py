# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The releases of torch and torch_npu that belong to a release of CANN, newest first: what a diagnosis on a board says
of the catalogue, which is on the control node. Generated from roles/atlas/vars/main.yml: run python tools/npu_pairs.py.
"""

# CANN: ((torch, torch_npu), ...)
PAIRS = {
    "9.1.1": (
        ("2.12.0", "2.12.0.post2"),
        ("2.11.0", "2.11.0.post2"),
        ("2.10.0", "2.10.0.post6"),
        ("2.9.0", "2.9.0.post8"),
        ("2.7.1", "2.7.1.post10"),
    ),
    "9.1.0": (
        ("2.12.0", "2.12.0"),
        ("2.11.0", "2.11.0"),
        ("2.10.0", "2.10.0.post4"),
        ("2.9.0", "2.9.0.post6"),
        ("2.7.1", "2.7.1.post8"),
    ),
    "9.0.0": (
        ("2.10.0", "2.10.0.post2"),
        ("2.9.0", "2.9.0.post2"),
        ("2.8.0", "2.8.0.post4"),
        ("2.7.1", "2.7.1.post4"),
    ),
    "8.5.0": (
        ("2.9.0", "2.9.0"),
        ("2.8.0", "2.8.0.post2"),
        ("2.7.1", "2.7.1.post2"),
        ("2.6.0", "2.6.0.post5"),
    ),
    "8.3.RC1": (
        ("2.8.0", "2.8.0"),
        ("2.7.1", "2.7.1"),
        ("2.6.0", "2.6.0.post3"),
        ("2.1.0", "2.1.0.post17"),
    ),
    "8.2.RC1": (
        ("2.6.0", "2.6.0"),
        ("2.5.1", "2.5.1.post1"),
        ("2.1.0", "2.1.0.post13"),
    ),
    "8.1.RC1": (
        ("2.5.1", "2.5.1"),
        ("2.4.0", "2.4.0.post4"),
        ("2.3.1", "2.3.1.post6"),
        ("2.1.0", "2.1.0.post12"),
    ),
    "8.0.0": (
        ("2.4.0", "2.4.0.post2"),
        ("2.3.1", "2.3.1.post4"),
        ("2.1.0", "2.1.0.post10"),
    ),
    "8.0.RC3": (
        ("2.4.0", "2.4.0"),
        ("2.3.1", "2.3.1.post2"),
        ("2.1.0", "2.1.0.post8"),
    ),
    "8.0.RC2": (
        ("2.3.1", "2.3.1"),
        ("2.2.0", "2.2.0.post2"),
        ("2.1.0", "2.1.0.post6"),
    ),
    "8.0.RC1": (
        ("2.2.0", "2.2.0"),
        ("2.1.0", "2.1.0.post3"),
    ),
    "7.0.0": (("2.1.0", "2.1.0"),),
}
