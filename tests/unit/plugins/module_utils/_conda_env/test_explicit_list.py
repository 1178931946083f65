# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""@EXPLICIT lists."""

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env.explicit_list import read_explicit
from environment_support import problem


@pytest.mark.parametrize(
    "text, what",
    [
        ("https://x/linux-64/a-1-0.conda#" + "0" * 32, "has no line @EXPLICIT"),
        ("@EXPLICIT\n", "names no package"),
        ("@EXPLICIT\nhttps://x/linux-64/a-1-0.conda\n", "line 2 of the lock has no hash"),
        ("@EXPLICIT\na=1=0\n", "line 2 of the lock is not the URL"),
        ("# platform: win-64\n@EXPLICIT\n", "the lock is for win-64"),
        ("@EXPLICIT\nhttps://x/a.conda#" + "0" * 32, "name-version-build"),
        ("@EXPLICIT\nhttps://x/a-1-0.conda#%s\nhttps://x/a-2-0.conda#%s\n" % ("0" * 32, "1" * 32), "a more than once"),
    ],
)
def test_what_is_no_lock(text, what):
    assert what in problem(read_explicit, text, "linux-64")
