# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Whose files they are: an environment's own, packages that someone added, and data of a user."""

import os

from ansible_collections.edgeai.fleet.plugins.module_utils._environment import foreign
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.foreign import (
    find_foreign_files,
    remove_own,
    sort_content,
)
from ansible_collections.edgeai.fleet.plugins.module_utils._root.layout import Layout


def write(path, text="mine\n"):
    if not os.path.isdir(os.path.dirname(path)):
        os.makedirs(os.path.dirname(path))
    with open(path, "w") as stream:
        stream.write(text)
    return path


def add_package(site, name):
    write(os.path.join(site, name, "__init__.py"), "")
    info = os.path.join(site, "%s-1.0.dist-info" % name)
    write(os.path.join(info, "RECORD"), "%s/__init__.py,,\n%s-1.0.dist-info/RECORD,,\n" % (name, name))


def test_a_users_files_stay_and_packages_go(bench):
    env = bench.build_torch("aaa", "1.0")["path"]
    bench.current({"id": "aaa", "generation": 1})
    assert find_foreign_files(env) == []
    add_package(bench.site(env), "added")
    write(os.path.join(bench.site(env), "torch", "__pycache__", "x.cpython-311.pyc"))
    mine = write(os.path.join(env, "notebooks", "a.ipynb"))
    loose = write(os.path.join(bench.site(env), "my_module.py"))
    tool = write(os.path.join(bench.root, "bin", "mytool"))
    data = write(os.path.join(bench.root, "cache", "datasets", "b.bin"))
    other = write(os.path.join(bench.root, "envs", "mine", "pyvenv.cfg"))
    assert sorted(find_foreign_files(env)) == sorted([mine, loose])
    expected = sorted([mine, loose, tool, os.path.dirname(data), os.path.dirname(other)])
    predicted = ensure_absent(bench.options(id=None), True)
    assert (predicted["left"], predicted["changed"]) == (expected, True)
    done = ensure_absent(bench.options(id=None), False)
    assert (done["left"], done["removed"]) == (expected, predicted["removed"])
    left = sorted(os.path.join(folder, name) for folder, _folders, names in os.walk(bench.root) for name in names)
    assert left == sorted([mine, loose, tool, data, other])
    again = ensure_absent(bench.options(id=None), False)
    assert (again["changed"], again["removed"]) == (False, [])


def test_after_a_crash_in_the_middle_the_same_files_are_spared(bench, monkeypatch):
    env = bench.build_torch("aaa", "1.0")["path"]
    mine = write(os.path.join(env, "share", "notes.txt"))
    own = dict(sort_content(Layout(bench.root))[0])
    calls = []

    def remove(path):
        calls.append(path)
        if len(calls) == 5:
            raise KeyboardInterrupt
        os.unlink(path)

    monkeypatch.setattr(foreign, "remove", remove)
    try:
        remove_own(env, own[env])
    except KeyboardInterrupt:
        pass
    monkeypatch.undo()
    assert len(calls) == 5
    assert find_foreign_files(env) == [mine]
    ensure_absent(bench.options(id=None), False)
    assert os.path.exists(mine)


def test_an_unfinished_environment_is_garbage(bench):
    bench.build_torch("aaa", "1.0")
    path = os.path.join(bench.root, "envs", "bbb-1")
    write(os.path.join(path, "pyvenv.cfg"))
    write(os.path.join(path, "lib", "half"))
    assert find_foreign_files(path) is None
    assert ensure_absent(bench.options(id=None), False)["left"] == []
    assert not os.path.exists(bench.root)


def test_a_system_directory_loses_nothing(bench):
    """torch_root: /var by mistake, with directories of the same names."""
    for name in ("cache/ccache/1", "tools/uv-1/uv", "state/notes", "builds/0123456789abcdef/x", "bin/python"):
        write(os.path.join(bench.root, name))
    done = ensure_absent(bench.options(id=None), False)
    assert (done["changed"], len(done["left"])) == (False, 5)


def test_a_root_that_existed_before_stays(bench):
    os.mkdir(bench.root)
    bench.build_torch("aaa", "1.0")
    ensure_absent(bench.options(id=None), False)
    assert os.listdir(bench.root) == []


def test_a_damaged_manifest_makes_nothing_foreign_that_venv_wrote(bench):
    env = bench.build_torch("aaa", "1.0")["path"]
    os.unlink(os.path.join(env, ".edgeai", "manifest"))
    assert find_foreign_files(env) == []
