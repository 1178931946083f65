# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The kernelspec of a torch_root: written once, recorded first, and taken away with what was made for it."""

import json
import os

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._root import jupyter_kernel
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import read_additions, record_additions
from ansible_collections.edgeai.fleet.plugins.module_utils._root.jupyter_kernel import (
    find_kernels,
    kernel_place,
    kernel_text,
    register_kernel,
    unregister_kernels,
)


@pytest.fixture
def board(tmp_path, monkeypatch):
    """A torch_root, and a / for the kernelspecs of root, whoever runs the test."""
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    (tmp_path / "top" / "usr" / "local").mkdir(parents=True)
    return str(tmp_path / "torch"), str(tmp_path / "top")


def test_it_is_registered_once_and_removed_without_a_trace(board):
    root, top = board
    place = kernel_place(root, top)
    assert register_kernel(root, True, top) == ({}, {place: kernel_text(root)})
    assert not os.path.exists(place) and not os.path.exists(root)
    before, after = register_kernel(root, False, top)
    assert before != after and find_kernels(root, top) == [{"path": place, "right": True}]
    with open(os.path.join(place, "kernel.json")) as stream:
        spec = json.load(stream)
    assert spec["argv"] == [root + "/bin/python", "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    assert spec["display_name"] == "PyTorch (%s)" % root and spec["language"] == "python"
    assert [entry["path"] for entry in read_additions(root).of("kernel")] == [place]
    before, after = register_kernel(root, False, top)
    assert before == after
    assert unregister_kernels(root, True, top) == (after, {}) and os.path.exists(place)
    assert unregister_kernels(root, False, top) == (after, {})
    assert os.listdir(os.path.join(top, "usr", "local")) == []
    assert unregister_kernels(root, False, top) == ({}, {})


def test_directories_of_others_stay(board):
    root, top = board
    other = os.path.join(top, jupyter_kernel.SYSTEM_FOLDER, "ir")
    os.makedirs(other)
    register_kernel(root, False, top)
    unregister_kernels(root, False, top)
    assert os.listdir(os.path.dirname(other)) == ["ir"]


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"metadata": []}', '{"metadata": {"edgeai.fleet": {"root": 1}}}'])
def test_a_kernel_of_others_is_never_replaced(board, content):
    root, top = board
    place = kernel_place(root, top)
    os.makedirs(place)
    with open(os.path.join(place, "kernel.json"), "w") as stream:
        stream.write(content)
    assert find_kernels(root, top) == []
    with pytest.raises(EnvironmentProblem, match="%s is there already.*remove or rename it" % place):
        register_kernel(root, False, top)
    assert unregister_kernels(root, False, top) == ({}, {})
    assert os.path.getsize(os.path.join(place, "kernel.json")) == len(content)


def test_a_link_is_of_others(board, tmp_path):
    root, top = board
    register_kernel(root, False, top)
    place = kernel_place(root, top)
    os.rename(place, str(tmp_path / "moved"))
    os.symlink(str(tmp_path / "moved"), place)
    assert find_kernels(root, top) == []
    with pytest.raises(EnvironmentProblem, match="is there already"):
        register_kernel(root, False, top)


def test_what_an_interrupted_run_left_is_completed(board):
    root, top = board
    place = kernel_place(root, top)
    os.makedirs(place)
    open(os.path.join(place, ".kernel.json-0123"), "w").close()
    register_kernel(root, False, top)
    assert find_kernels(root, top) == [{"path": place, "right": True}]
    unregister_kernels(root, False, top)
    assert not os.path.exists(place)


def test_a_changed_one_is_written_again_and_files_of_users_stay(board):
    root, top = board
    register_kernel(root, False, top)
    place = kernel_place(root, top)
    path = os.path.join(place, "kernel.json")
    with open(path) as stream:
        spec = json.load(stream)
    with open(path, "w") as stream:
        json.dump(dict(spec, display_name="Mine"), stream)
    open(os.path.join(place, "logo-64x64.png"), "w").close()
    assert find_kernels(root, top) == [{"path": place, "right": False}]
    before, after = register_kernel(root, False, top)
    assert "Mine" in before[place] and after[place] == kernel_text(root)
    unregister_kernels(root, False, top)
    assert os.listdir(place) == ["logo-64x64.png"]


def test_without_root_it_is_the_users_and_moves_with_root(board, tmp_path, monkeypatch):
    root, top = board
    monkeypatch.setattr(jupyter_kernel, "_home", lambda: str(tmp_path / "home"))
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    register_kernel(root, False, top)
    own = kernel_place(root, top)
    assert own.startswith(str(tmp_path / "home" / ".local/share/jupyter/kernels/edgeai-torch-"))
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert find_kernels(root, top) == [{"path": own, "right": False}]
    register_kernel(root, False, top)
    assert find_kernels(root, top) == [{"path": kernel_place(root, top), "right": True}]
    assert not os.path.exists(own)


def test_the_usual_root_has_the_usual_name(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert kernel_place("/opt/edgeai/torch") == "/usr/local/share/jupyter/kernels/edgeai-torch"
    assert '"PyTorch (edgeai)"' in kernel_text("/opt/edgeai/torch")
    assert kernel_place("/srv/torch") != kernel_place("/srv/other")


def test_a_record_that_cannot_be_read_stops_it_before_anything_is_written(board):
    root, top = board
    record_additions(root, [{"kind": "group", "user": "ml", "group": "video"}])
    with open(os.path.join(root, "state", "additions.json"), "w") as stream:
        stream.write("{")
    with pytest.raises(EnvironmentProblem, match="cannot be recorded"):
        register_kernel(root, False, top)
    assert os.listdir(os.path.join(top, "usr", "local")) == []
