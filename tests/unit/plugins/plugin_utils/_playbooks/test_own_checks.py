# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""torch_checks: files of the user, read on the control node before any board is contacted."""

import pytest
from ansible.errors import AnsibleError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks.own_checks import read_own_checks

GOOD = "def check(torch, device):\n    return {}\n"


def test_names_and_sources(tmp_path, monkeypatch):
    (tmp_path / "model.py").write_text(GOOD)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PLACE", str(tmp_path))
    assert read_own_checks(["model.py"]) == read_own_checks(["$PLACE/model.py"]) == [{"name": "model", "source": GOOD}]
    assert read_own_checks([]) == []


@pytest.mark.parametrize(
    "source, words",
    [
        (None, "cannot be read as Python: [Errno 2]"),
        ("def check(torch, device)\n", "cannot be read as Python: expected ':'"),
        ("def test(torch, device):\n    pass\n", "does not define a function check(torch, device)"),
        (GOOD + "#" * 40000, "is longer than 32768 characters"),
    ],
)
def test_a_file_that_is_no_check_is_named(tmp_path, source, words):
    path = tmp_path / "model.py"
    if source is not None:
        path.write_text(source)
    with pytest.raises(AnsibleError) as error:
        read_own_checks([str(path)])
    assert str(path) in str(error.value) and words in str(error.value)


def test_two_of_one_name(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "model.py").write_text(GOOD)
    with pytest.raises(AnsibleError, match="two files named 'model'"):
        read_own_checks([str(tmp_path / folder / "model.py") for folder in ("a", "b")])
