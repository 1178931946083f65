# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A build as the module sees it: its checks, its start and its end."""

import os
import sys
import threading

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build import start as _start
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.processes import kill_all
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.start import MAX_IDLE, Build
from build_support import KEY, wait_for, wait_for_phase


@pytest.mark.parametrize(
    "version, said, problem",
    [
        (
            "2.9.1",
            "cmake version 3.25.1",
            r"torch 2\.9\.1 needs CMake 3\.27 or later; this machine has 3\.25\. .*torch_builder",
        ),
        ("2.6.0", "cmake version 4.1.2", r"needs CMake 3\.18 or later, before 4\.0; this machine has 4\.1\."),
        ("2.6.0", "cmake: Exec format error", r"this machine has cmake: Exec format error\."),
        ("2.9.1", "cmake version 3.27.0", None),
        ("2.9.1", "cmake version 4.1.2", None),
    ],
)
def test_a_cmake_that_does_not_do(builds, monkeypatch, version, said, problem):
    build = builds("", version=version)
    monkeypatch.setattr(build, "_check_python", lambda installed: None)
    monkeypatch.setattr(build, "_missing_tools", lambda: [])
    monkeypatch.setattr(_start, "run", lambda argv, *_rest, **_options: (0, said))
    if problem is None:
        build.check_builder()
        return
    with pytest.raises(EnvironmentProblem, match=problem):
        build.check_builder()
    build.job["wheels"] = [{"filename": "cmake-3.31.10-py3-none-any.whl", "sha256": "0" * 64}]
    build.check_builder()


def test_what_is_at_work_is_not_cleared_away(builds, tmp_path):
    build = builds("while not os.path.exists(%r): time.sleep(0.05)" % str(tmp_path / "go-on"))
    build.start()
    build.clean_up()
    assert build.read_status() == "running" and os.path.isdir(build.place.program)
    (tmp_path / "go-on").touch()
    wait_for(build, "finished")
    assert not build.is_collected()
    os.mkdir(os.path.join(build.place.path, "gone-of-one-that-was-killed"))
    build.clean_up()
    assert build.is_collected()
    assert sorted(os.listdir(build.place.path)) == ["ccache.log", "job.json", "lock", "log", "state.json"]
    build.clean_up()
    Build(str(tmp_path / "elsewhere"), build.job).clean_up()


def test_what_only_looks_survives_the_start_of_another_run(builds, tmp_path):
    """The supervisor that another run starts ends what an earlier one left, just when this run asks its interpreter and
    CMake.
    """
    asked, go_on, python = (str(tmp_path / name) for name in ("asked", "go-on", "python"))
    with open(python, "w") as stream:
        stream.write(
            '#!/bin/sh\ntouch %s\nuntil [ -e %s ]; do sleep 0.05; done\nexec %s "$@"\n' % (asked, go_on, sys.executable)
        )
    os.chmod(python, 0o755)
    build, found = builds("", python=python), []
    looking = threading.Thread(target=lambda: found.append(build._check_python(installed=False)))
    looking.start()
    while not os.path.exists(asked):
        assert looking.is_alive()
    kill_all(build.place)
    open(go_on, "w").close()
    looking.join()
    assert found == [sys.version_info[:2]]


def test_each_run_sends_to_a_directory_of_its_own(builds):
    build = builds("", wheels=[{"filename": "a.whl", "sha256": "a" * 64}, {"filename": "b.whl", "sha256": "b" * 64}])
    one, other = build.open_incoming(None), build.open_incoming(None)
    for name, text in (("a" * 64, "one"), ("c" * 64, "nobody asked for it")):
        with open(os.path.join(one, name), "w") as stream:
            stream.write(text)
    build.take_delivered(one)
    assert [artifact["filename"] for artifact in build.missing_artifacts()] == ["b.whl"]
    assert sorted(os.listdir(build.place.incoming)) == ["a" * 64, os.path.basename(other)]
    build.take_delivered(one)  # cleared away meanwhile
    for wrong in (build.place.path, build.place.incoming, os.path.join(build.place.incoming, "a" * 64)):
        with pytest.raises(EnvironmentProblem, match="not a delivery directory"):
            build.take_delivered(wrong)


def test_what_is_killed_again_and_again_ends(builds):
    build = builds("time.sleep(600)")
    build.start()
    for _time in range(MAX_IDLE):
        kill_all(build.place)
        assert build.read_status() == "interrupted"
        build.resume()
    assert build.read_status() in ("failed", "running")
    kill_all(build.place)
    if build.read_status() == "interrupted":
        build.resume()
    assert "killed 6 times without progress; see dmesg or the journal" in wait_for(build, "failed")["error"]


def test_cancelled(builds):
    build = builds("time.sleep(600)")
    build.start()
    wait_for_phase(build, "compile")  # before that, there is no source to keep
    build.cancel(keep=True)
    assert build.read_status() == "cancelled" and os.path.isdir(build.place.source)
    build.cancel(keep=False)
    assert not os.path.exists(build.place.source)
    assert build.read_progress()["key"] == KEY
