# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Building environments: with real wheels, the real uv and this Python."""

import glob
import json
import os
import signal
import subprocess
import sys
import time
import zipfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.absent import ensure_absent
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.variables import load_variables
from environment_support import describe, pip_artifact, problem, run_python


def test_builds_and_then_leaves_alone(bench):
    torch = bench.wheel("torch", "2.9.1")
    built = bench.present([torch], environment={"OPENBLAS_CORETYPE": "it's $HOME"})
    env = bench.env(1)
    assert (built["changed"], built["generation"], built["path"], built["added"], built["warnings"]) == (
        True,
        1,
        env,
        ["aaa-1"],
        [],
    )
    assert run_python(env, "import torch; print(torch.__version__, torch.__cached__)").startswith("2.9.1 " + env)
    assert glob.glob(os.path.join(bench.site(env), "torch", "__pycache__", "*.pyc")), "no bytecode"
    assert load_variables(env) == {"OPENBLAS_CORETYPE": "it's $HOME"}
    with open(os.path.join(env, ".complete")) as stream:
        complete = json.load(stream)
    assert (complete["id"], complete["generation"], complete["wheels"][0]["name"]) == ("aaa", 1, "torch")
    assert complete["python"]["version"] == "%d.%d.%d" % sys.version_info[:3]
    assert sorted(os.listdir(os.path.join(bench.root, "cache"))) == ["artifacts"], "leftovers of the build"
    again = bench.present([torch])
    assert (again["changed"], again["generation"], again["diff"]["before"]) == (False, 1, again["diff"]["after"])


def test_check_mode_on_a_virgin_board_writes_nothing(bench):
    torch = bench.wheel("torch")
    before = bench.tree()
    planned = ensure_present(bench.options([torch], _incoming_uid=0), True)
    assert (planned["changed"], planned["generation"], [item["filename"] for item in planned["missing"]]) == (
        True,
        1,
        [torch["filename"], bench.uv["filename"]],
    )
    assert planned["diff"]["before"]["environments"] == []
    assert planned["diff"]["after"] == {"current": None, "environments": ["aaa-1"], "packages": ["torch 1.0"]}
    assert bench.current(planned, check_mode=True)["changed"]
    assert not ensure_absent(bench.options(id=None), True)["changed"]
    assert bench.tree() == before


def test_check_mode_on_a_converged_board_is_no_change(bench):
    built = bench.present([bench.wheel("torch")])
    bench.current(built)
    before = bench.tree()
    assert not ensure_present(bench.options([bench.wheel("torch")]), True)["changed"]
    assert not bench.current(built, check_mode=True)["changed"]
    assert ensure_absent(bench.options(id=None), True)["changed"]
    assert bench.tree() == [(folder, names, os.stat(folder).st_mtime_ns) for folder, names, mtime in before]


def test_unfinished_environments_are_garbage(bench):
    os.makedirs(os.path.join(bench.env(4), "lib"))
    os.makedirs(os.path.join(bench.env(1, "bbb"), "lib"))
    os.makedirs(os.path.join(bench.root, "cache", "work-dead", "uv"))
    answer, incoming = bench.deliver(bench.options([bench.wheel("torch")]))
    assert answer["removed"] == ["aaa-4", "bbb-1"]
    built = ensure_present(bench.options([bench.wheel("torch")], _incoming=incoming), False)
    assert os.listdir(os.path.join(bench.root, "envs")) == [os.path.basename(built["path"])]
    assert os.listdir(os.path.join(bench.root, "cache")) == ["artifacts"]


def test_a_failed_installation_leaves_nothing_and_says_why(bench):
    path = bench.wheel("torch")["path"]
    with open(path, "w") as stream:
        stream.write("no archive")
    message = problem(bench.present, [describe(path, "torch", "1.0")])
    assert "uv pip install" in message
    assert "zip" in message, "uv's own words are missing"
    assert os.listdir(os.path.join(bench.root, "envs")) == []
    assert os.listdir(os.path.join(bench.root, "cache")) == ["artifacts"]


def test_installs_by_pip_where_uv_cannot_run(bench, tmp_path):
    path = str(tmp_path / "uv-0.0.2-py3-none-any.whl")
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("uv-0.0.2.data/scripts/uv", b"\x7fELF of another machine")
    broken = describe(path, "uv", "0.0.2")
    built = bench.present([bench.wheel("torch", "2.9.1"), pip_artifact()], tools=[broken])
    assert "uv cannot run on this board" in built["warnings"][0]
    assert run_python(built["path"], "import torch; print(torch.__version__)") == "2.9.1"
    assert glob.glob(os.path.join(bench.site(built["path"]), "torch", "__pycache__", "*.pyc"))
    assert read_state(bench.root)["environments"][0]["complete"]


@pytest.mark.parametrize("python, what", [("/no/python", "cannot be run"), ("/bin/false", "does not work")])
def test_an_interpreter_that_does_not_run(bench, python, what):
    message = problem(ensure_present, bench.options([bench.wheel("torch")], python=python), True)
    assert python in message
    assert what in message


def test_a_held_lock_names_its_holder(bench):
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            (
                'import fcntl, os, sys, time\nf = open(sys.argv[1], "w")\nfcntl.flock(f,'
                ' fcntl.LOCK_EX)\nf.write(\'{"pid": %d, "since": "2026-11-23T04:00:00Z"}\' % os.getpid()); f.flush();'
                ' print("held", flush=True); time.sleep(60)'
            ),
            _lock_path(bench),
        ],
        stdout=subprocess.PIPE,
    )
    try:
        holder.stdout.readline()
        message = problem(bench.present, [bench.wheel("torch")], lock_timeout=1)
        assert "process %d has held" % holder.pid in message
        assert "since 2026-11-23T04:00:00Z" in message
        assert "has ended" not in message
    finally:
        holder.kill()
        holder.communicate()


def _lock_path(bench):
    path = os.path.join(bench.root, "state", "lock")
    os.makedirs(os.path.dirname(path))
    return path


CHILD = """
import json, sys
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
ensure_present(json.loads(sys.argv[1]), False)
"""


def _find_installer(parent):
    """The pid of `uv pip install`, a child of this process, once it works."""
    deadline = time.time() + 30
    while time.time() < deadline:
        for path in glob.glob("/proc/[0-9]*/stat"):
            try:
                with open(path) as stream:
                    pid, rest = stream.read().split(" ", 1)
                if int(rest.rsplit(")", 1)[1].split()[1]) == parent:
                    with open("/proc/%s/cmdline" % pid, "rb") as stream:
                        if b"install" in stream.read().split(b"\0"):
                            return int(pid)
            except OSError:
                continue
        time.sleep(0.001)
    raise AssertionError("the installer did not start")


def test_killed_in_the_middle_of_a_build(bench):
    """The module dies of SIGKILL, its installer lives on: it keeps the lock; `current` works all the time; the next run
    completes.
    """
    first = bench.present([bench.wheel("torch", "2.9.1")])
    bench.current(first)
    large = bench.wheel(
        "torch",
        "2.10.0",
        files=dict(
            [("torch/__init__.py", '__version__ = "2.10.0"\n')]
            + [("torch/m%d.py" % number, "x = %d\n" % number) for number in range(1500)]
        ),
    )
    options = bench.options([large], id="bbb")
    answer, incoming = bench.deliver(options)
    child = subprocess.Popen([sys.executable, "-c", CHILD, json.dumps(dict(options, _incoming=incoming))])
    installer = _find_installer(child.pid)
    os.kill(installer, signal.SIGSTOP)
    child.kill()
    child.wait()
    try:
        assert not os.path.exists(os.path.join(bench.env(1, "bbb"), ".complete"))
        assert run_python(os.path.join(bench.root, "current"), "import torch; print(torch.__version__)") == "2.9.1"
        state = read_state(bench.root)
        assert (state["intact"], state["environments"][1]) == (True, {"id": "bbb", "generation": 1, "complete": False})
        message = problem(ensure_present, dict(options, lock_timeout=1), False)
        assert "process %d has held" % child.pid in message
        assert "but a child of it still runs" in message
    finally:
        os.kill(installer, signal.SIGCONT)
    built = bench.present([large], id="bbb")
    assert built["changed"]
    assert run_python(built["path"], "import torch; print(torch.__version__)") == "2.10.0"
    assert [item["complete"] for item in read_state(bench.root)["environments"]] == [True, True]
    # A delivery needs no lock: its directory goes only when nothing has moved in it for long.
    stale = [
        os.path.join(bench.root, "cache", name)
        for name in os.listdir(os.path.join(bench.root, "cache"))
        if name != "artifacts"
    ]
    assert [os.path.basename(path)[:9] for path in stale] == ["incoming-"]
    os.utime(stale[0], (0, 0))
    bench.current(built)
    assert os.listdir(os.path.join(bench.root, "cache")) == ["artifacts"]
