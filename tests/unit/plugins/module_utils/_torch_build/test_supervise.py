# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The detached supervisor itself, as a real process: it finishes, it fails, it is killed and goes on.

What it compiles is nothing.
"""

import hashlib
import os
import signal
import sys
import threading
import time
import zipfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build import start as _start
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.errors import BuildProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.processes import kill_all
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.start import MAX_IDLE, Build
from build_support import KEY, make_job, make_tree

SECONDS = 60


@pytest.fixture
def builds(tmp_path):
    made = []

    def build(body, **changes):
        made.append(Build(str(tmp_path / "root"), make_job(make_tree(tmp_path / "tree", body), **changes), 0, 0))
        return made[-1]

    yield build
    for one in made:
        kill_all(one.place)


def wait_for(build, *wanted):
    deadline = time.time() + SECONDS
    while build.read_status() not in wanted:
        assert time.time() < deadline, (build.read_progress(), build.log_tail())
        time.sleep(0.05)
    return build.read_progress()


def test_it_finishes(builds):
    build = builds('print("[1/2] one"); print("[2/2] two")')
    assert build.read_status() is None
    build.start()
    progress = wait_for(build, "finished", "failed")
    assert progress["error"] is None
    assert progress["wheel"]["filename"].startswith("torch-2.6.0+edgeai.k0123456789ab-")
    assert os.path.getsize(os.path.join(build.place.dist, progress["wheel"]["filename"])) == progress["wheel"]["size"]
    assert (progress["done"], progress["total"], progress["resumed"]) == (2, 2, 0)
    assert progress["flags"]["asked"] == {"USE_CUDA": "0"} and progress["flags"]["found"]["cuda"] is False
    assert progress["toolchain"]["cc"] is None or "gcc" in progress["toolchain"]["cc"].lower()
    with open(build.place.log) as stream:
        assert "[2/2] two" in stream.read()
    build.clean_up()
    assert build.read_status() is None, "without its wheel it is to be made again"


def test_a_cmake_that_was_sent_stands_before_that_of_the_system(builds, tmp_path):
    wheel = tmp_path / "cmake-3.31.10-py3-none-any.whl"
    with zipfile.ZipFile(str(wheel), "w") as archive:
        program = zipfile.ZipInfo("cmake/data/bin/cmake")
        program.external_attr = 0o100755 << 16
        archive.writestr(program, "#!/bin/sh\necho cmake version 3.31.10 of the wheel\n")
    sha256 = hashlib.sha256(wheel.read_bytes()).hexdigest()
    build = builds('os.system("cmake --version")', wheels=[{"filename": wheel.name, "sha256": sha256}])
    os.makedirs(build.place.incoming)
    wheel.rename(os.path.join(build.place.incoming, sha256))
    build.start()
    progress = wait_for(build, "finished", "failed")
    assert progress["error"] is None and progress["toolchain"]["cmake"] == "cmake version 3.31.10 of the wheel"
    with open(build.place.log) as stream:
        assert "cmake version 3.31.10 of the wheel" in stream.read()


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
    with pytest.raises(BuildProblem, match=problem):
        build.check_builder()
    build.job["wheels"] = [{"filename": "cmake-3.31.10-py3-none-any.whl", "sha256": "0" * 64}]
    build.check_builder()


def test_a_flag_without_effect_is_named(builds):
    build = builds('os.environ["USE_CUDA"] = "ON"')
    build.start()
    error = wait_for(build, "finished", "failed")["error"]
    assert error.startswith("the build does not match torch_build_features: cuda should be off, but USE_CUDA is on")


def test_a_flag_without_effect_is_named_before_hours_are_lost(builds):
    build = builds(
        'os.makedirs("build")\nopen("build/CMakeCache.txt",'
        ' "w").write("USE_CUDA:BOOL=ON\\n")\nopen("build/build.ninja", "w").close()\ntime.sleep(600)'
    )
    build.start()
    assert "cuda should be off, but USE_CUDA is on (CMake" in wait_for(build, "finished", "failed")["error"]


def test_a_wheel_of_another_name_is_none(builds):
    build = builds('version = "2.6.0+debian"')
    build.start()
    error = wait_for(build, "finished", "failed")["error"]
    assert "the wheel is called torch-2.6.0+debian-cp3-cp3-linux_" in error and "torch_build_patches" in error


@pytest.mark.parametrize(
    "path, problem",
    [
        ('os.path.dirname(__file__) + "/lib/libtorch_cpu.so"', None),
        ("%r", "loads libraries of another torch: %s. The libraries of this source do not find each other"),
    ],
)
def test_a_wheel_that_takes_the_libraries_of_another_torch(builds, tmp_path, path, problem):
    (tmp_path / "disk").mkdir()
    (tmp_path / "root").symlink_to(tmp_path / "disk")  # the kernel tells where it really is
    foreign = tmp_path / "libtorch_cpu.so.2.6"
    foreign.write_text("not hollow")
    path = path if problem is None else path % str(foreign)
    mapped = (
        'import mmap, os\nstream = open(%s, "rb")\nkept = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)\n'
        % path
    )
    build = builds("more = %r" % mapped)
    build.start()
    error = wait_for(build, "finished", "failed")["error"]
    assert error is None if problem is None else problem % foreign in error, error


def test_a_failure_keeps_its_reason_and_can_be_mended(builds, tmp_path):
    build = builds(
        'if not os.path.exists(%r): print("a.cpp:1:1: error: no such thing"); sys.exit(3)' % str(tmp_path / "mended")
    )
    build.start()
    error = wait_for(build, "finished", "failed")["error"]
    assert "setup.py bdist_wheel ended with status 3" in error and "a.cpp:1:1: error: no such thing" in error
    (tmp_path / "mended").write_text("")
    build.start()
    progress = wait_for(build, "finished", "failed")
    assert (progress["status"], progress["error"]) == ("finished", None)


def test_a_killed_compiler_is_tried_again_with_fewer(builds):
    build = builds(
        'jobs = os.environ["MAX_JOBS"]\n'
        'if jobs != "1":\n    print("c++: fatal error: Killed signal terminated program cc1plus"); sys.exit(1)',
        jobs=5,
    )
    build.start()
    progress = wait_for(build, "finished", "failed")
    assert (progress["status"], progress["jobs"]) == ("finished", 1)
    assert [event.rsplit(" with ")[1] for event in progress["events"]] == ["2 at a time", "1 at a time"]


def test_a_compiler_that_is_killed_every_time(builds):
    build = builds("os.kill(os.getpid(), 9)", jobs=2)
    build.start()
    error = wait_for(build, "finished", "failed")["error"]
    assert error.startswith("the only running compiler was killed:") and "torch_build_swap_mib" in error


def test_it_is_killed_and_goes_on(builds, tmp_path):
    """Its parent's children live on; the next start ends them, so that there are never two."""
    build = builds(
        'mark = %r\nopen(mark, "a").write("%%d\\n" %% os.getpid())\nprint("[1/4]", flush=True)\n'
        "if len(open(mark).readlines()) < 3: time.sleep(600)" % str(tmp_path / "pids")
    )
    build.start()
    for times in (1, 2):
        deadline = time.time() + SECONDS
        while not (tmp_path / "pids").exists() or len((tmp_path / "pids").read_text().splitlines()) < times:
            assert time.time() < deadline, build.log_tail()
            time.sleep(0.05)
        compiler = int((tmp_path / "pids").read_text().splitlines()[-1])
        os.kill(build.place.read_state()["pid"], signal.SIGKILL)
        assert wait_for(build, "interrupted")["error"] is None
        assert os.path.exists("/proc/%d" % compiler)
        build.resume()
        assert not os.path.exists("/proc/%d" % compiler) or "Z" in open("/proc/%d/stat" % compiler).read().split()[2]
    progress = wait_for(build, "finished", "failed")
    assert (progress["status"], progress["resumed"]) == ("finished", 2)


def test_two_starts_are_one_build(builds, tmp_path):
    build = builds('open(%r, "a").write("run\\n"); time.sleep(1)' % str(tmp_path / "runs"))
    other = Build(str(tmp_path / "root"), build.job, 0, 0)
    build.start()
    other.start()
    assert wait_for(build, "finished", "failed")["status"] == "finished"
    other.start()
    assert (tmp_path / "runs").read_text() == "run\n", "nor is one begun that has just ended"


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
    Build(str(tmp_path / "elsewhere"), build.job, 0, 0).clean_up()


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
    looking = threading.Thread(target=lambda: found.append(build._python(installed=False)))
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
        with pytest.raises(BuildProblem, match="not a delivery directory"):
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
    build.cancel(keep=True)
    assert build.read_status() == "cancelled" and os.path.isdir(build.place.source)
    build.cancel(keep=False)
    assert not os.path.exists(build.place.source)
    assert build.read_progress()["key"] == KEY
