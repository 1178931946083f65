# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks in the format of PEP 751, read by uv and packaging."""

from __future__ import annotations

import subprocess

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.pylock import pylock_name, render_pylock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.uv import find_uv
from lock_support import ARM, X86, needs_uv, versions
from packaging.pylock import Pylock, is_valid_pylock_path

tomllib = pytest.importorskip("tomllib", reason="Python 3.11 and later have it")


@pytest.fixture
def fleet(site, wheelhouse):
    site.add("torch", "2.9.1", ARM, requires=["sympy"])
    site.add("torch", "2.9.1+cpu", X86, requires=["sympy"])
    site.add("sympy", "1.13")
    return wheelhouse


def installed(path, platform, target):
    """What uv installs from the file: the names of the distributions; or its error."""
    command = [find_uv(), "pip", "install", "--quiet", "--no-config", "--target", target, "--python-version", "3.11"]
    command += ["--python-platform", platform, "--no-cache", "--preview-features", "pylock", "-r", path]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    return done.stderr if done.returncode else {found.name for found in target.glob("*.dist-info")}


@needs_uv
def test_uv_installs_what_the_lock_says(fleet, plan, tmp_path):
    result = fleet({"pi": plan(), "pc": plan("x86_64", local="cpu")})
    paths = {host: fleet.locks / pylock_name(result["boards"][host]["lock"]) for host in ("pi", "pc")}
    common = {"pip-26.0.dist-info", "sympy-1.13.dist-info"}
    arm, x86 = "aarch64-manylinux_2_28", "x86_64-manylinux_2_28"
    assert installed(paths["pi"], arm, tmp_path / "pi") == common | {"torch-2.9.1.dist-info"}
    assert installed(paths["pc"], x86, tmp_path / "pc") == common | {"torch-2.9.1+cpu.dist-info"}
    # On another board than it is for, and with another file than was locked.
    assert "not supported by the lockfile" in installed(paths["pi"], x86, tmp_path / "wrong")
    sha256 = next(one["sha256"] for one in result["locks"][result["boards"]["pi"]["lock"]]["packages"])
    text = paths["pi"].read_text(encoding="utf-8")
    paths["pi"].write_text(text.replace(sha256, "0" * 64), encoding="utf-8")
    assert "Hash mismatch" in installed(paths["pi"], arm, tmp_path / "replaced")


@needs_uv
def test_packaging_reads_it(fleet, plan):
    (lock,) = fleet({"pi": plan()})["locks"].values()
    (path,) = fleet.locks.glob("pylock.*")
    assert is_valid_pylock_path(path)
    read = Pylock.from_dict(tomllib.loads(path.read_text(encoding="utf-8")))
    assert {package.name: str(package.version) for package in read.packages} == versions(lock)
    for package, locked in zip(read.packages, sorted(lock["packages"], key=lambda one: one["name"]), strict=True):
        (wheel,) = package.wheels
        assert (wheel.url, wheel.size, dict(wheel.hashes)) == (
            locked["url"],
            locked["size"],
            {"sha256": locked["sha256"]},
        )


def lock_of(**package):
    wheel = {"name": "torch", "version": "2.9.1", "filename": "torch-2.9.1-py3-none-any.whl", "sha256": "0" * 64}
    target = {"architecture": "armv7l", "libc": "2.36", "python": "3.11"}
    return {"provider": "venv", "target": target, "packages": [{**wheel, "size": None, **package}]}


def test_a_wheel_of_the_control_node_is_a_path():
    read = Pylock.from_dict(tomllib.loads(render_pylock(lock_of(url="file:///srv/my%20wheels/torch.whl"))))
    (wheel,) = read.packages[0].wheels
    assert (wheel.path, wheel.url, wheel.size) == ("/srv/my wheels/torch.whl", None, None)


def test_any_text_stays_inside_its_quotes():
    url = 'https://x/a"b\\c\x7f\n[[packages]]'
    read = Pylock.from_dict(tomllib.loads(render_pylock(lock_of(url=url))))
    assert [package.wheels[0].url for package in read.packages] == [url]


def test_conda_packages_have_no_such_lock():
    assert render_pylock({**lock_of(url="https://x/y"), "provider": "conda"}) is None
