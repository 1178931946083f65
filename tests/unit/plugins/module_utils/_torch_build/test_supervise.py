# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The detached supervisor itself, as a real process: it finishes, it fails, it is killed and goes on.

What it compiles is nothing.
"""

import hashlib
import os
import signal
import time
import zipfile

from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.start import Build
from build_support import SECONDS, wait_for


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


def test_a_failure_keeps_its_reason_and_can_be_repaired(builds, tmp_path):
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
    other = Build(str(tmp_path / "root"), build.job)
    build.start()
    other.start()
    assert wait_for(build, "finished", "failed")["status"] == "finished"
    other.start()
    assert (tmp_path / "runs").read_text() == "run\n", "nor is one begun that has just ended"
