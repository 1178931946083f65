# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What a lock is called, what it holds, and how it is kept."""

from __future__ import annotations

import re

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import files as _files
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import lockfile
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.artifact import make_artifact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.lock import make_lock
from lock_support import ARM


def test_the_key_is_that_of_the_wish(plan):
    key = lockfile.lock_id(plan(requirements=["a", "b"]))
    assert re.fullmatch("[0-9a-f]{16}", key)
    assert key == lockfile.lock_id(
        {**plan(requirements=["b", "a"], why=["y"]), "python": {"path": "/elsewhere", "version": "3.11.2"}}
    )
    others = [
        plan(python="3.11.4"),
        plan(libc="2.31"),
        plan("x86_64"),
        plan(specifier=">2"),
        plan(local="cpu"),
        plan(companions=["torchvision"]),
    ]
    others += [
        plan(constraints=["a"]),
        plan(sources=["http://x"]),
        plan(forbid=[]),
        plan(sources=["http://x", "configured"]),
    ]
    wheel = {"filename": "torch-1-py3-none-any.whl", "url": "http://x/y", "sha256": None}
    others += [
        plan(wheels=[wheel]),
        plan(wheels=[{**wheel, "url": "http://x/z"}]),
        plan(wheels=[{**wheel, "sha256": "0" * 64}]),
        plan(files=[wheel]),
    ]
    others += [
        plan(provided={"numpy": "1.21.5"}),
        plan(provided={"numpy": "1.21.6"}),
        plan(accelerator="npu"),
        plan(mirrors={"http://x": "http://y"}),
    ]
    others += [
        plan(system={"numpy": "python3-numpy"}),
        plan(system={"numpy": "python3-numpy", "pyyaml": "python3-yaml"}),
    ]
    conda = {"channels": ["http://c"], "build": "cpu", "virtual": {"cuda": None, "glibc": "2.36", "linux": "6.1"}}
    others += [plan(provider="conda", conda=conda), plan(provider="conda", conda={**conda, "build": "cuda"})]
    assert len({key, *map(lockfile.lock_id, others)}) == len(others) + 1
    assert key == lockfile.lock_id(
        plan(requirements=["a", "b"], trust_on_first_use=True, paths=["/p"], environment={"A": "b"}, otherwise=plan())
    )
    for passwords in (
        lambda word: plan(sources=[f"http://u:{word}@x"]),
        lambda word: plan(wheels=[{**wheel, "url": f"http://u:{word}@x/y"}]),
    ):
        assert lockfile.lock_id(passwords("p")) == lockfile.lock_id(passwords("q"))


def test_a_lock_is_the_same_wherever_what_was_compiled_is_kept(plan):
    wheel = {
        "filename": "torch-2.6.0+edgeai.0123456789ab-cp311-cp311-linux_armv7l.whl",
        "url": "file:///srv/a/torch.whl",
        "sha256": "0" * 64,
    }
    compiled = plan(builds=[{"label": "edgeai.0123456789ab"}], wheels=[wheel])
    assert lockfile.lock_id(compiled) == lockfile.lock_id(
        {**compiled, "wheels": [{**wheel, "url": "file:///home/b/torch.whl"}]}
    )
    assert lockfile.lock_id(compiled) != lockfile.lock_id({**compiled, "wheels": [{**wheel, "sha256": "1" * 64}]})
    assert lockfile.lock_id(compiled) != lockfile.lock_id({**compiled, "wheels": []})


def test_the_environment_id_is_that_of_what_is_installed(plan):
    lock = {
        "packages": [{"name": "torch", "version": "1", "sha256": "0" * 64, "url": "http://a", "size": 1}],
        "created": "x",
    }
    name = lockfile.environment_id(plan(), lock)
    assert re.fullmatch("[0-9a-f]{12}", name)
    same = {"packages": [{**lock["packages"][0], "url": "http://b", "size": None}], "created": "y"}
    assert name == lockfile.environment_id(plan(why=["z"]), same)
    others = [
        plan(environment={"A": "b"}),
        plan(system_site_packages=True),
        {**plan(), "python": {"path": "/x", "version": "3.11.2"}},
    ]
    others += [plan(paths=["/usr/local/share/pynq-venv/lib/python3.10/site-packages"]), plan(provider="conda")]
    assert len({name, *(lockfile.environment_id(other, lock) for other in others)}) == len(others) + 1
    assert name != lockfile.environment_id(plan(), {"packages": [{**lock["packages"][0], "sha256": "1" * 64}]})


@pytest.fixture
def good(plan):
    torch = make_artifact(f"torch-2.9.1-{ARM}.whl", "https://x/y", "0" * 64, "torch", "2.9.1", 1)
    keyring = make_artifact("cuda-keyring_1.1-1_all.deb", "https://x/y", "0" * 64, size=1)
    return make_lock(lockfile.lock_id(plan()), plan(), "2.9.1", [torch], [], [keyring], [], [])


def test_locks_are_kept(good, tmp_path):
    path = tmp_path / "locks" / "a.json"
    assert lockfile.read_lock(path, good["key"]) is None
    _files.write_atomically(path, lockfile.render_lock(good))
    assert lockfile.read_lock(path, good["key"]) == good
    assert [entry.name for entry in path.parent.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    "spoil, word",
    [
        (lambda lock: lock.update(schema=2), "schema"),
        (lambda lock: lock.update(key="0" * 16), "key"),
        (lambda lock: lock.pop("torch"), "entries"),
        (lambda lock: lock.update(packages=[]), "no packages"),
        (lambda lock: lock["packages"][0].pop("sha256"), "incomplete"),
        (lambda lock: lock["packages"][0].update(sha256="../../x"), "no sha256"),
        (
            lambda lock: lock["packages"][0].update(filename="torch-2.9.1-py3-none-any/../../x.whl"),
            "file name|incomplete",
        ),
        (lambda lock: lock["packages"][0].update(filename="torch-2.9.0-py3-none-any.whl"), "file name"),
        (lambda lock: lock["packages"][0].update(url="ftp://x"), "no URL"),
        (lambda lock: lock["packages"][0].update(size="1"), "sizes"),
        (lambda lock: lock["packages"][0].update(filename="pytorch-2.9.1-cpu_0.conda"), "file name"),
        (lambda lock: lock["packages"][0].update(filename="torch-2.9.0-cpu_0.tar.bz2"), "file name"),
        (lambda lock: lock["packages"][0].update(filename="../torch-2.9.1-cpu_0.conda"), "file name"),
        (lambda lock: lock["packages"][0].update(filename="torch-2.9.1.tar.gz"), "file name"),
        (lambda lock: lock["files"][0].update(filename="other.deb"), "file name"),
        (lambda lock: lock["files"][0].update(name="../x.deb", filename="../x.deb"), "file name"),
        (lambda lock: lock["files"][0].update(name=".verified", filename=".verified"), "file name"),
        (lambda lock: lock["files"][0].update(sha256=None), "no sha256"),
        (lambda lock: lock.update(files=None), "no packages"),
    ],
)
def test_damaged_locks(good, tmp_path, spoil, word):
    key = good["key"]
    spoil(good)
    (tmp_path / "a.json").write_text(lockfile.render_lock(good))
    with pytest.raises(ValueError, match=word):
        lockfile.read_lock(tmp_path / "a.json", key)


@pytest.mark.parametrize(
    "name, version, filename",
    [
        ("pytorch", "2.9.1", "pytorch-2.9.1-cpu_mkl_py311_h0_100.conda"),
        ("_libgcc_mutex", "0.1", "_libgcc_mutex-0.1-conda_forge.tar.bz2"),
        ("libtorch-headers", "1!2.9", "libtorch-headers-1!2.9-h_0.conda"),
    ],
)
def test_conda_packages_are_artifacts(good, tmp_path, name, version, filename):
    good["packages"][0].update(name=name, version=version, filename=filename)
    (tmp_path / "a.json").write_text(lockfile.render_lock(good))
    assert lockfile.read_lock(tmp_path / "a.json", good["key"]) == good


def test_a_lock_that_is_no_json(tmp_path):
    (tmp_path / "a.json").write_text('{"schema": 1,')
    with pytest.raises(ValueError, match="cannot be read"):
        lockfile.read_lock(tmp_path / "a.json", "0" * 16)


def test_a_crash_leaves_the_old_lock(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    path.write_text("old")

    def interrupted(*_args):
        raise KeyboardInterrupt

    monkeypatch.setattr(_files.os, "replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        _files.write_atomically(path, "new")
    assert path.read_text() == "old" and [entry.name for entry in tmp_path.iterdir()] == ["a.json"]


@pytest.mark.parametrize(
    "provider, architecture", [(provider, architecture) for provider in TOOLS for architecture in TOOLS[provider]]
)
def test_tools_are_wheels_for_old_boards(provider, architecture):
    assert TOOLS[provider][architecture]
    for tool in TOOLS[provider][architecture]:
        assert lockfile.artifact_fault(tool) is None
        assert f"manylinux_2_17_{architecture}" in tool["filename"] or (provider, architecture) == ("conda", "aarch64")
