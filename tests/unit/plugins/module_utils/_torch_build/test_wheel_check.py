# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The check of the built wheel."""

import pytest
from build_support import wait_for


def test_a_flag_without_effect_is_named(builds):
    build = builds('os.environ["USE_CUDA"] = "ON"')
    build.start()
    error = wait_for(build, "finished", "failed")["error"]
    assert error.startswith("the build does not match torch_build_features: cuda should be off, but USE_CUDA is on")


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
