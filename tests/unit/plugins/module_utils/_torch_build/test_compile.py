# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The compile step."""

from build_support import wait_for


def test_a_flag_without_effect_is_named_before_hours_are_lost(builds):
    build = builds(
        'os.makedirs("build")\nopen("build/CMakeCache.txt",'
        ' "w").write("USE_CUDA:BOOL=ON\\n")\nopen("build/build.ninja", "w").close()\ntime.sleep(600)'
    )
    build.start()
    assert "cuda should be off, but USE_CUDA is on (CMake" in wait_for(build, "finished", "failed")["error"]


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


def test_colours_are_not_part_of_a_message(builds):
    coloured = r"x.cpp:1:2: \x1b[01;31m\x1b[Kerror: \x1b[m\x1b[Kno such thing [\x1b[01;31m\x1b[K-Werror=x\x1b[m\x1b[K]"
    build = builds('print("%s"); print("1 error"); sys.exit(1)' % coloured)
    build.start()
    assert "\nx.cpp:1:2: error: no such thing [-Werror=x]" in wait_for(build, "finished", "failed")["error"]
