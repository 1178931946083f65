# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conda environments from delivered packages: with real packages and the real rattler."""

import glob
import json
import os
import signal
import sys
import time

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._environment import conda_installer
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from conda_support import rattler_wheel
from environment_support import Bench, describe, make_wheel, problem, run_python


@pytest.fixture(scope="module")
def rattler(conda_channel, tmp_path_factory):
    return describe(rattler_wheel(tmp_path_factory.mktemp("rattler")), "py-rattler", "0.28.0")


@pytest.fixture
def bench(tmp_path, rattler):
    return Bench(tmp_path, rattler)


@pytest.fixture
def packages(conda_channel):
    """Artifacts of these packages, by their file names' beginnings."""
    channel, lab = conda_channel

    def choose(*stems):
        found = []
        for stem in stems + ("python-",):
            path = str(next(iter(sorted((channel / lab.PLATFORM).glob(stem + "*.conda")))))
            name, version, build = os.path.basename(path)[: -len(".conda")].rsplit("-", 2)
            found.append(
                dict(
                    describe(path, name, version),
                    url="https://conda.example.com/forge/linux-64/" + os.path.basename(path),
                )
            )
        return found

    return choose


def read(*parts):
    with open(os.path.join(*parts)) as stream:
        return stream.read()


def test_builds_a_prefix_that_conda_knows_and_then_leaves_it_alone(bench, packages):
    artifacts = packages("pytorch-2.7.1-cpu", "pip-")
    built = bench.present(artifacts, provider="conda", environment={"OMP_NUM_THREADS": "2"})
    env = bench.env(1)
    assert (built["changed"], built["path"], built["warnings"]) == (True, env, [])
    assert (
        run_python(env, "import sys, torch; print(torch.__version__, torch.version.cuda, sys.prefix)")
        == "2.7.1 None " + env
    )
    assert os.path.exists(os.path.join(env, "conda-meta", "history"))
    record = json.loads(read(env, "conda-meta", artifacts[0]["filename"][: -len(".conda")] + ".json"))
    assert (record["url"], record["channel"], record["sha256"]) == (
        artifacts[0]["url"],
        "https://conda.example.com/forge/",
        artifacts[0]["sha256"],
    )
    assert glob.glob(os.path.join(bench.site(env), "torch", "__pycache__", "*.pyc")), "no bytecode"
    assert read(env, ".edgeai", "constraints.txt") == "torch==2.7.1\n"
    assert json.loads(read(env, ".edgeai", "variables.json")) == {"OMP_NUM_THREADS": "2"}
    complete = json.loads(read(env, ".complete"))
    assert (complete["provider"], complete["distributions"], complete["tools"][0]["name"]) == (
        "conda",
        ["pip", "torch"],
        "py-rattler",
    )
    assert complete["python"]["version"] == "%d.%d.%d" % sys.version_info[:3]
    assert sorted(os.listdir(os.path.join(bench.root, "cache"))) == ["artifacts"], "leftovers of the build"
    again = bench.present(artifacts, provider="conda")
    assert (again["changed"], again["generation"]) == (False, 1)
    bench.current(built)
    assert read_state(bench.root)["intact"]


def test_damage_is_repaired_as_the_next_generation(bench, packages):
    artifacts = packages("pytorch-2.7.1-cpu")
    bench.current(bench.present(artifacts, provider="conda"))
    with open(os.path.join(bench.site(bench.env(1)), "torch", "__init__.py"), "r+") as stream:
        stream.write("raise SystemExit")
    assert "was changed" in read_state(bench.root)["damage"][0]
    assert bench.present(artifacts, provider="conda")["generation"] == 2
    # The damage must not reach the repair through a shared inode.
    assert run_python(bench.env(2), "import torch; print(torch.__version__)") == "2.7.1"


def test_no_package_is_installed_unverified(bench, packages, monkeypatch):
    artifacts = packages("pytorch-2.7.1-cpu")
    bench.present(artifacts, provider="conda")
    cached = os.path.join(bench.root, "cache", "artifacts", artifacts[0]["sha256"], artifacts[0]["filename"])
    with open(cached, "ab") as stream:
        stream.write(b"X")
    os.unlink(os.path.join(bench.site(bench.env(1)), "torch", "__init__.py"))
    # As if it happened between the module's look at its cache and the installation.
    monkeypatch.setattr(
        "ansible_collections.edgeai.fleet.plugins.module_utils._environment.present.find_missing",
        lambda *arguments, **others: ([], []),
    )
    message = problem(bench.present, artifacts, provider="conda")
    assert cached in message
    assert artifacts[0]["sha256"] in message
    assert os.listdir(os.path.join(bench.root, "envs")) == ["aaa-1"]


def test_packages_that_someone_added_are_carried_and_those_of_conda_are_not(bench, packages, conda_channel):
    bench.current(bench.present(packages("pytorch-2.7.0-cpu", "pip-"), provider="conda"))
    site = bench.site(bench.env(1))
    for name, installer in (("mine", "pip"), ("theirs", "conda")):
        os.makedirs(os.path.join(site, name + "-1.0.dist-info"))
        for path, text in (
            (name + ".py", "x = 1\n"),
            (name + "-1.0.dist-info/INSTALLER", installer),
            (name + "-1.0.dist-info/METADATA", "Name: x\n"),
            (name + "-1.0.dist-info/RECORD", "%s.py,,\n%s-1.0.dist-info/RECORD,,\n" % (name, name)),
        ):
            with open(os.path.join(site, path), "w") as stream:
                stream.write(text)
    built = bench.present(packages("pytorch-2.7.1-cpu", "pip-"), provider="conda", id="bbb")
    assert built["carried"] == ["mine"]
    assert [text for text in built["warnings"] if text.startswith("theirs was added") and "conda installed it" in text]
    assert run_python(built["path"], "import mine, torch; print(mine.x, torch.__version__)") == "1 2.7.1"


def test_tools_go_with_the_last_environment_that_names_them(bench, packages):
    first = bench.present(packages("pytorch-2.7.1-cpu"), provider="conda")
    bench.current(first)
    tool = os.path.join(bench.root, "tools", "py-rattler-0.28.0")
    os.unlink(os.path.join(tool, "rattler", "__init__.py"))
    second = bench.present(packages("pytorch-2.7.0-cpu"), provider="conda", id="bbb")
    assert os.path.exists(os.path.join(tool, "rattler", "__init__.py")), "a tool that is not whole was used"
    bench.current(second, keep=1)
    bench.rollback(keep=1)
    assert bench.link() == "aaa-1"
    assert os.listdir(os.path.join(bench.root, "tools")) == ["py-rattler-0.28.0"]
    with open(os.path.join(bench.env(1, "bbb"), ".complete")) as stream:
        assert json.load(stream)["id"] == "bbb"


def test_a_killed_installation_is_garbage_of_the_next_run(bench, packages):
    artifacts = packages("pytorch-2.7.1-cpu")
    answer, incoming = bench.deliver(bench.options(artifacts, provider="conda"))
    child = os.fork()
    if child == 0:
        os.setsid()
        try:
            ensure_present(bench.options(artifacts, provider="conda", _incoming=incoming), False)
        finally:
            os._exit(0)
    deadline = time.time() + 60
    while not glob.glob(os.path.join(bench.env(1), "*")) and time.time() < deadline:
        time.sleep(0.002)
    os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
    assert os.path.isdir(bench.env(1)) and not os.path.exists(os.path.join(bench.env(1), ".complete"))
    built = bench.present(artifacts, provider="conda")
    assert (built["generation"], os.listdir(os.path.join(bench.root, "envs"))) == (2, ["aaa-2"])
    assert not glob.glob(os.path.join(bench.root, "cache", "work-*"))


def test_what_cannot_be_a_conda_environment_is_said_first(bench, packages, monkeypatch):
    artifacts = packages("pytorch-2.7.1-cpu")
    assert "do not include python" in problem(bench.present, artifacts[:1], provider="conda")
    assert "virtual environment" in problem(bench.present, artifacts, provider="conda", system_site_packages=True)
    monkeypatch.setattr(conda_installer, "OLDEST", (99, 1))
    assert "needs Python 99.1 or newer, and %s is " % sys.executable in problem(
        bench.present, artifacts, provider="conda"
    )
    assert not os.path.exists(bench.env(1))


def test_a_wheel_is_no_conda_package(bench, packages):
    wheel = make_wheel(bench.wheels, "torch")
    message = problem(bench.present, packages("pytorch-2.7.1-cpu") + [wheel], provider="conda")
    assert wheel["filename"] in message
    assert os.listdir(os.path.join(bench.root, "envs")) == []
