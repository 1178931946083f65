# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock of a build."""

from ansible_collections.edgeai.fleet.plugins.module_utils._root.build_directory import acquire_lock, is_held
from build_support import make_place


def test_the_lock_is_one_supervisors(tmp_path):
    place = make_place(tmp_path / "root")
    assert not is_held(place)
    first = acquire_lock(place)
    assert is_held(place) and acquire_lock(place) is None
    first.close()
    assert not is_held(place)
    acquire_lock(place, seconds=1).close()
