# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What is checked before Huawei's installers run: on this machine's own processes, directories and disk."""

import os
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup import ascend_preflight as preflight
from board_support import FakeSystem, load

TABLE = """\
+----------------------------------------------------------------------------------------+
| npu-smi 25.5.0                                   Version: 25.5.0                       |
+--------------------+------------+------------------------------------------------------+
| NPU     Name       | Health     | Power(W)     Temp(C)           Hugepages-Usage(page) |
| Chip    Device     | Bus-Id     | AICore(%)    Memory-Usage(MB)                        |
+====================+============+======================================================+
| 0       310B4      | HEALTH     | 7.7          54                15    / 15            |
| 0       0          | NA         | 0            2166 / 3513                             |
+====================+============+======================================================+
"""


def fails(check, *arguments):
    with pytest.raises(EnvironmentProblem) as raised:
        check(*arguments)
    return str(raised.value)


def process(directory, number, program, *opened):
    place = directory / str(number)
    (place / "fd").mkdir(parents=True)
    (place / "comm").write_text(program + "\n")
    for fd, path in enumerate(opened):
        os.symlink(path, str(place / "fd" / str(fd)))


# -- in use


def test_a_program_that_has_a_chip_open_is_named(tmp_path):
    process(tmp_path, 20, "python3\x1b[31m", "/dev/null", "/dev/davinci0")
    process(tmp_path, 3, "dmp_daemon", "/dev/davinci_manager", "/dev/hisi_hdc")
    (tmp_path / "cpuinfo").write_text("")
    assert fails(preflight.check_idle, str(tmp_path)) == (
        "the NPU is in use by python3 [31m (process 20): stop them first. Nothing was installed "
        "(atlas_skip_checks: [in_use] leaves this check out)"
    )


def test_many_programs_are_counted(tmp_path):
    for number in range(1, 9):
        process(tmp_path, number, "worker", "/dev/davinci%d" % number)
    assert "worker (process 5) and 3 more" in fails(preflight.check_idle, str(tmp_path))


def test_the_daemons_of_the_driver_and_programs_that_end_meanwhile_are_no_use(tmp_path):
    process(tmp_path, 3, "dmp_daemon", "/dev/davinci_manager")
    (tmp_path / "4").mkdir()
    preflight.check_idle(str(tmp_path))


def test_this_machine_has_no_chip_in_use():
    preflight.check_idle()


# -- owner and mode

UID = os.getuid()


def test_a_directory_of_the_right_owner_is_right_also_where_it_is_not_made_yet(tmp_path):
    preflight.check_owner(str(tmp_path), UID, "me")
    preflight.check_owner(str(tmp_path / "not" / "yet"), UID, "me")


def test_a_directory_that_others_can_write_is_refused_with_the_commands(tmp_path):
    place = tmp_path / "Ascend"
    place.mkdir()
    place.chmod(0o775)
    message = fails(preflight.check_owner, str(place), UID, "me")
    assert "%s belongs to uid %d and has the mode 0775; it must belong to me" % (place, UID) in message
    assert "chown me %s; chmod go-w %s" % (place, place) in message
    # Also one above it: who can write there can put another directory in its place.
    inner = place / "inner"
    inner.mkdir()
    inner.chmod(0o755)
    assert str(place) + " belongs" in fails(preflight.check_owner, str(inner), UID, "me")


def test_a_directory_of_another_owner_is_refused(tmp_path):
    assert "must belong to vision" in fails(preflight.check_owner, str(tmp_path), UID + 1, "vision")


def test_what_is_no_directory_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    (tmp_path / "link").symlink_to(str(tmp_path / "gone"))
    for name in ("file", "link"):
        assert "is not a directory" in fails(preflight.check_owner, str(tmp_path / name), UID, "me")


# -- space


def test_what_goes_to_one_disk_is_added_up(tmp_path):
    found = os.statvfs(str(tmp_path))
    half = found.f_bavail * found.f_frsize // 2
    preflight.check_space([(str(tmp_path / "a" / "b"), half, "CANN")])
    message = fails(
        preflight.check_space,
        [(str(tmp_path / "a"), half, "CANN"), (str(tmp_path), half + (1 << 30), "the installers")],
    )
    assert "for CANN, " in message and "for the installers" in message and "GiB are needed" in message


# -- health


def system(health):
    found = FakeSystem(load("atlas_300i_duo_x86"))
    found.files["/usr/local/sbin/npu-smi"] = b""
    found.board = dict(
        found.board,
        commands={"/usr/local/sbin/npu-smi info": [0, TABLE.replace("HEALTH", health.ljust(6)), ""]},
    )
    return found


@pytest.mark.parametrize("health", ["Alarm", "Critical"])
def test_a_chip_that_must_not_be_used_is_refused(health):
    message = fails(preflight.check_health, system(health))
    assert "NPU 0, chip 0 the health %s" % health in message


def test_a_warning_of_the_chip_is_a_warning_here(tmp_path):
    assert preflight.check_health(system("OK")) == []
    assert "the health Warning" in preflight.check_health(system("Warning"))[0]


def test_a_silent_npu_smi_is_a_warning():
    silent = system("OK")
    silent.board["commands"] = {"/usr/local/sbin/npu-smi info": [1, "", "dcmi module initialize failed. ret is -8005"]}
    assert "-8005" in preflight.check_health(silent)[0]


def test_a_real_open_chip_is_found(tmp_path):
    """A process of this machine, with a file that is called like a chip's node."""
    node = tmp_path / "davinci0"
    node.write_text("")
    program = "import sys, time; open(%r); f = open(%r); print('ready', flush=True); time.sleep(60)"
    child = subprocess.Popen([sys.executable, "-c", program % (os.devnull, str(node))], stdout=subprocess.PIPE)
    try:
        child.stdout.readline()
        pattern = preflight.CHIP_NODE
        preflight.CHIP_NODE = preflight.re.compile(str(node) + "$")
        try:
            assert "(process %d)" % child.pid in fails(preflight.check_idle)
        finally:
            preflight.CHIP_NODE = pattern
    finally:
        child.kill()
        child.communicate()
