# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The tools that a board gets, pinned by hash.

This util is private to the collection: its interface changes without notice.

Evidence: https://pypi.org/simple/uv/ (names, sizes and hashes as published there). Of several builds for one architecture the one for
the oldest glibc (2.17) is pinned, so that the oldest supported board runs it too.
"""
from __future__ import annotations

from typing import Any

_FILES = 'https://files.pythonhosted.org/packages'


def _uv(folder: str, platform: str, size: int, sha256: str) -> dict[str, Any]:
    filename = f'uv-0.13.9-py3-none-{platform}.whl'
    return {'name': 'uv', 'version': '0.13.9', 'filename': filename, 'url': f'{_FILES}/{folder}/{filename}', 'sha256': sha256, 'size': size, 'unpacked': None}


TOOLS: dict[str, list[dict[str, Any]]] = {
    'x86_64': [
        _uv(
            '3d/aa/26d64642d808de4a652579ef950d7cd2d37f080a8babf9c67c6b75fc4c3f', 'manylinux_2_17_x86_64.manylinux2014_x86_64',
            17606939, 'd7f459fe4fd247d830351c75686d3996ace3c6f3f728eb0e85a30b7ada0cef19',
        )
    ],
    'aarch64': [
        _uv(
            '57/15/94b6cd62ac3ff6550288328e8035288875197cbc183f51554b266a69877b',
            'manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64',
            18026789, '5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe',
        )
    ],
    'armv7l': [
        _uv(
            '35/c6/0d0fde6157e71381f9c4b1789b5079b8c45c530709169471484a0d4846d7', 'manylinux_2_17_armv7l.manylinux2014_armv7l',
            17937793, '16963d19594e18d746a70c7fce82237bde4f2cac4cfcf0ca2b84796fe9d0c6e9',
        )
    ],
}
