# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A Raspberry Pi 4: real wheels for aarch64 on a core without LSE atomics.

The order matters: the last tests request versions that the board cannot run.
"""

import json

import pytest

ROOT = "/opt/edgeai/torch"


@pytest.fixture
def current(host):
    return lambda: host.file(f"{ROOT}/current").linked_to


def test_the_lab_is_a_pi4(host):
    assert host.check_output("cat /sys/firmware/devicetree/base/model").rstrip("\0") == "Raspberry Pi 4 Model B Rev 1.4"
    assert host.check_output("dpkg --print-architecture") == "arm64"


def test_what_the_firmware_complains_of_is_in_the_report(state):
    board = json.loads((state / "reports" / "latest" / "report.json").read_text(encoding="utf-8"))["boards"]["pi4"][
        "board"
    ]
    assert board["platform"]["throttled"] == "0x50005"
    assert any("now under-voltage, throttled" in warning for warning in board["warnings"])


def test_the_record_says_satisfied(record):
    verdict = record["verdict"]
    assert (verdict["satisfied"], verdict["outcome"], verdict["died"]) == (True, "cpu", None), verdict["reason"]
    assert verdict["torch"].split("+")[0] == "2.9.1"
    assert verdict["user"] == "vision"


def test_the_probe_ran_on_the_core_of_a_pi4(record):
    # SSH and sudo drop a container's variables. Without this one, QEMU has every instruction, and the crash is not
    # reproduced.
    assert record["verdict"]["environment"]["QEMU_CPU"] == "cortex-a72"


def test_torch_multiplies(multiply):
    assert multiply("vision") == ("2.9.1", 27.0)


def test_no_cuda_package_is_on_a_cpu_board(host):
    assert host.check_output(f"find -L {ROOT}/current/ -maxdepth 5 -iname 'nvidia*' -print -quit") == ""


def test_a_version_known_to_crash_is_refused_and_nothing_changes(host, provision, current):
    def contents():
        return host.check_output(f"find {ROOT} -printf '%p %T@ %l\\n' | sort | md5sum")

    before, environment = contents(), current()
    status, boards = provision(torch_version="2.4.0")
    verdict = boards["pi4"]["verdict"]
    assert status != 0
    assert verdict["outcome"] == "refused"
    assert "2.4.0" in verdict["reason"] and "atomics" in verdict["reason"]
    assert (contents(), current()) == (before, environment)


def test_forced_it_dies_of_sigill_and_current_is_untouched(provision, current, multiply):
    before = current()
    status, boards = provision(torch_version="2.4.0", torch_force=True)
    verdict = boards["pi4"]["verdict"]
    assert status != 0
    assert (verdict["outcome"], verdict["satisfied"]) == ("error", False)
    assert verdict["died"]["signal"] == "SIGILL"
    assert verdict["forced"]
    assert current() == before
    assert multiply("vision") == ("2.9.1", 27.0)
