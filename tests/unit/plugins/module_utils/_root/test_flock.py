# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The lock of a torch_root."""

import fcntl
import os

from ansible_collections.edgeai.fleet.plugins.module_utils._root.flock import Lock


def test_a_lock_whose_file_was_removed_is_no_lock(tmp_path):
    path = str(tmp_path / "lock")
    with Lock(path, 1) as first:
        os.unlink(path)
        with Lock(path, 1) as second:
            assert not os.path.samestat(os.fstat(first.descriptor), os.fstat(second.descriptor))
    with open(path) as stream:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
