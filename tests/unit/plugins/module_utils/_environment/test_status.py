# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The state of a torch_root, and roots that are refused."""

import os
import pwd

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from environment_support import SATISFIED, problem


def test_a_link_that_leads_elsewhere_is_passed_over(bench):
    bench.current(bench.build_torch("aaa", "1.0"))
    link = os.path.join(bench.root, "current")
    os.unlink(link)
    os.symlink("/usr", link)
    state = read_state(bench.root)
    assert (state["current"], len(state["warnings"])) == (None, 1)
    os.unlink(link)
    os.symlink("envs/gone-1", link)
    state = read_state(bench.root)
    assert (state["complete"], state["intact"]) == (False, False)
    assert "gone-1 is missing" in state["damage"][0]


def test_state_of_what_was_built(bench):
    assert read_state(bench.root) == {
        "root": bench.root,
        "problem": None,
        "current": None,
        "complete": False,
        "intact": False,
        "damage": [],
        "record": None,
        "environments": [],
        "exposed": [],
        "jupyter_kernels": [],
        "warnings": [],
    }
    bench.current(bench.present([bench.wheel("torch")]), key={"kernel": "6.1"})
    state = read_state(bench.root)
    env = bench.env(1)
    assert state["current"] == {"id": "aaa", "generation": 1, "path": env, "python": env + "/bin/python"}
    assert (state["problem"], state["complete"], state["intact"], state["damage"], state["warnings"]) == (
        None,
        True,
        True,
        [],
        [],
    )
    assert (state["record"]["verdict"], state["record"]["key"], state["record"]["previous"]) == (
        SATISFIED,
        {"kernel": "6.1"},
        None,
    )
    assert state["environments"] == [{"id": "aaa", "generation": 1, "complete": True}]


@pytest.mark.parametrize(
    "content",
    ["", '{"schema": 1', "[]", '{"schema": 1, "id": "aaa", "generation": 1, "verdict": {}, "previous": {"id": 3}}'],
)
def test_a_corrupt_record_counts_as_none(bench, content):
    bench.current(bench.present([bench.wheel("torch")]))
    with open(os.path.join(bench.root, "state", "record.json"), "w") as stream:
        stream.write(content)
    state = read_state(bench.root)
    assert state["record"] is None
    assert "record.json" in state["warnings"][0]
    assert state["intact"]


@pytest.mark.parametrize(
    "root, what",
    [
        ("file", "is a file"),
        ("file/below", "is a file"),
        ("dangling", "leads nowhere"),
        ("a b", "white space"),
        ("a:b", "colon"),
    ],
)
def test_a_root_that_cannot_be_one(bench, root, what):
    open(os.path.join(bench.folder, "file"), "w").close()
    os.symlink("/nowhere", os.path.join(bench.folder, "dangling"))
    root = os.path.join(bench.folder, root)
    message = problem(ensure_present, bench.options([bench.wheel("torch")], root=root), False)
    assert root in message
    assert what in message
    assert read_state(root)["problem"] == message


def test_a_root_where_something_was_compiled_first_is_one(bench):
    os.makedirs(os.path.join(bench.root, "cache", "ccache"))
    os.makedirs(os.path.join(bench.root, "builds"))
    assert read_state(bench.root)["problem"] is None
    os.makedirs(os.path.join(bench.root, "cache", "somebody"))
    assert "which this collection did not create" in read_state(bench.root)["problem"]


def test_a_system_directory_is_no_root(bench):
    """torch_root: /usr by mistake would replace /usr/bin/python."""
    python = os.path.join(bench.root, "bin", "python")
    os.makedirs(os.path.dirname(python))
    open(python, "w").close()
    assert "which this collection did not create" in problem(
        ensure_present, bench.options([bench.wheel("torch")]), False
    )
    removal = ensure_absent(bench.options(id=None), False)
    assert (removal["changed"], removal["left"]) == (False, [os.path.join(bench.root, "bin")])
    assert os.path.exists(python)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")
def test_a_root_that_is_not_writable(bench):
    os.chmod(bench.folder, 0o755)
    folder = bench.folder
    while folder != "/tmp" and folder != "/":
        os.chmod(folder, os.stat(folder).st_mode | 0o055)
        folder = os.path.dirname(folder)
    read_end, write_end = os.pipe()
    if os.fork() == 0:
        os.setuid(pwd.getpwnam("nobody").pw_uid)
        os.write(write_end, str(read_state(bench.root)["problem"]).encode())
        os._exit(0)
    os.wait()
    message = os.read(read_end, 10000).decode()
    assert "cannot be created: %s is not writable by user nobody (uid" % bench.folder in message
