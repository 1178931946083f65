# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Power, clocks and compressed swap: real files below a directory, and programs that behave as nvpmodel and systemctl
were recorded to do.
"""

import json
import os
import pathlib
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._root.additions import Additions
from ansible_collections.edgeai.fleet.plugins.module_utils._setup import jetson_power
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.jetson_power import (
    SERVICE,
    UNIT_PATH,
    JetsonHost,
    find_changes,
)

CONF = """< POWER_MODEL ID=0 NAME=15W >
< POWER_MODEL ID=1 NAME=25W >
< POWER_MODEL ID=2 NAME=MAXN_SUPER >
< POWER_MODEL NAME=7W ID=3 >
< PM_CONFIG DEFAULT=1 >
"""
PROGRAMS = pathlib.Path(__file__).parents[3] / "fixtures" / "jetson"
CHANGES = ("nvpmodel -m", "systemctl enable", "systemctl disable", "systemctl restart", "systemctl daemon-reload")


def write(path, text, mode=0o644):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(mode)


class Board(object):
    """A directory that is a board's /."""

    def __init__(self, root):
        self.root = root
        self.environment = dict(os.environ, BOARD=str(root), PATH="%s:%s" % (root / "bin", os.environ["PATH"]))
        for name in ("nvpmodel", "systemctl"):
            write(root / "bin" / name, (PROGRAMS / (name + ".sh")).read_text(), 0o755)
        write(root / "bin/jetson_clocks", "#!/bin/sh\n", 0o755)
        write(root / "etc/nvpmodel.conf", CONF)
        write(root / "var/lib/nvpmodel/status", "pmode:0001 fmode:quiet\n")
        write(root / "mode", "1\n")
        write(root / "asks", "3\n")
        write(root / "calls", "")
        (root / "units").mkdir()
        (root / "etc/systemd/system").mkdir(parents=True)

    def run(self, argv, answer=None):
        # As a module's run_command does: a line, or no standard input of its own.
        child = subprocess.Popen(
            argv,
            stdin=subprocess.PIPE if answer else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            env=self.environment,
        )
        out, err = child.communicate(answer + "\n" if answer else None, timeout=60)
        return child.returncode, out, err

    def find(self, name):
        path = self.root / "bin" / name
        return str(path) if path.exists() else None

    def changes(self, mode="", clocks="keep", zram="keep"):
        return find_changes(JetsonHost(self.run, self.find, str(self.root)), mode, clocks, zram)

    def ensure(self, **wanted):
        """(changed, what waits for a restart, warnings) as the module does it."""
        changes = self.changes(**wanted)
        waits = [change.apply() if change.apply else change.waits for change in changes]
        return (
            any(change.diff for change in changes),
            [text for text in waits if text],
            [change.warning for change in changes if change.warning],
        )

    def read(self, path):
        return (self.root / path.lstrip("/")).read_text()

    def calls(self):
        """What was done since, without what was only asked."""
        said = [line for line in self.read("calls").splitlines() if line.startswith(CHANGES)]
        write(self.root / "calls", "")
        return said


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


@pytest.mark.parametrize("mode", ["2", "MAXN_SUPER", "maxn super"])
def test_a_mode_is_set_once(board, mode):
    (change,) = board.changes(mode=mode)
    assert (change.diff["before"], change.diff["after"]) == ("power mode 1 (25W)\n", "power mode 2 (MAXN_SUPER)\n")
    assert board.read("mode") == "1\n"
    assert board.ensure(mode=mode) == (True, [], [])
    assert board.read("mode") == "2\n"
    assert board.ensure(mode=mode) == (False, [], [])
    assert board.calls() == ["nvpmodel -m 2"]


def test_a_mode_that_is_taken_at_a_start_is_recorded_for_it(board):
    assert board.ensure(mode="7W") == (True, ["the power mode 3 (7W)"], [])
    assert not (board.root / "rebooted").exists()
    assert (board.read("mode"), board.read("/var/lib/nvpmodel/status")) == ("1\n", "pmode:0003 fmode:quiet\n")
    # Still waiting, and nothing is done again.
    assert board.ensure(mode="7W") == (False, ["the power mode 3 (7W)"], [])
    assert board.calls() == ["nvpmodel -m 3"]


def test_a_mode_that_was_not_taken_at_the_start_does_not_have_the_board_restarted_for_ever(board):
    board.ensure(mode="7W")
    recorded = os.stat(str(board.root / "var/lib/nvpmodel/status")).st_mtime
    write(board.root / "proc/stat", "cpu 1 2 3\nbtime %d\n" % (recorded - 60))
    assert board.ensure(mode="7W")[1] == ["the power mode 3 (7W)"]
    write(board.root / "proc/stat", "cpu 1 2 3\nbtime %d\n" % (recorded + 60))
    changed, waits, warnings = board.ensure(mode="7W")
    assert (changed, waits) == (False, [])
    assert "nvpmodel did not apply it" in warnings[0] and "3 (7W)" in warnings[0]


@pytest.mark.parametrize("mode", ["4", "MAXN", "-1"])
def test_a_mode_that_the_board_does_not_have(board, mode):
    with pytest.raises(EnvironmentProblem) as problem:
        board.changes(mode=mode)
    assert (
        str(problem.value) == "this board has no power mode %s; it has: 0 (15W), 1 (25W), 2 (MAXN_SUPER), 3 (7W)" % mode
    )


def test_nvpmodel_that_tells_no_mode(board):
    write(board.root / "fails", "")
    with pytest.raises(EnvironmentProblem) as problem:
        board.changes(mode="2")
    assert "status 255" in str(problem.value) and "failed to read PARAM EMC" in str(problem.value)


def test_nvpmodel_that_ignores_a_request(board):
    write(board.root / "chroot", "")
    with pytest.raises(EnvironmentProblem) as problem:
        board.ensure(mode="2")
    assert "Running in chroot, ignoring request" in str(problem.value)


@pytest.mark.parametrize(
    ("program", "wanted"),
    [("nvpmodel", {"mode": "2"}), ("jetson_clocks", {"clocks": "maximum"}), ("systemctl", {"zram": "disabled"})],
)
def test_a_program_that_is_not_there(board, program, wanted):
    (board.root / "bin" / program).unlink()
    with pytest.raises(EnvironmentProblem) as problem:
        board.changes(**wanted)
    assert str(problem.value).startswith("%s is missing. It is part of L4T" % program)


def test_clocks(board):
    assert board.ensure(clocks="maximum") == (True, [], [])
    assert "ExecStart=%s/bin/jetson_clocks\n" % board.root in board.read(UNIT_PATH)
    assert board.calls() == ["systemctl daemon-reload", "systemctl enable " + SERVICE, "systemctl restart " + SERVICE]
    assert board.ensure(clocks="maximum") == (False, [], [])
    assert board.calls() == []
    # Someone has stopped it.
    (board.root / "units" / (SERVICE + ".active")).unlink()
    (change,) = board.changes(clocks="maximum")
    assert change.diff["before"].endswith("# not active\n") and change.diff["after"].endswith("# enabled and active\n")
    assert board.ensure(clocks="maximum")[0] is True
    assert board.calls() == ["systemctl enable " + SERVICE, "systemctl restart " + SERVICE]

    assert board.ensure(clocks="dynamic") == (True, ["clocks that are no longer fixed"], [])
    assert not (board.root / UNIT_PATH.lstrip("/")).exists()
    assert board.ensure(clocks="dynamic") == (False, [], [])


def test_clocks_are_fixed_again_after_a_new_mode(board):
    board.ensure(clocks="maximum")
    board.calls()
    assert board.ensure(mode="0", clocks="maximum") == (True, [], [])
    assert board.calls() == ["nvpmodel -m 0", "systemctl enable " + SERVICE, "systemctl restart " + SERVICE]
    assert board.ensure(mode="0", clocks="maximum") == (False, [], [])


def test_zram(board):
    assert board.ensure(zram="disabled") == (False, [], [])  # a release without the service
    write(board.root / "units/nvzramconfig.enabled", "enabled\n")
    write(board.root / "proc/swaps", "Filename Type Size Used Priority\n/dev/zram0 partition 1 0 5\n")
    assert board.ensure(zram="disabled") == (True, ["the end of compressed swap"], [])
    assert board.calls() == ["systemctl disable nvzramconfig"]
    assert board.ensure(zram="disabled") == (False, ["the end of compressed swap"], [])
    write(board.root / "proc/swaps", "Filename Type Size Used Priority\n")
    assert board.ensure(zram="disabled") == (False, [], [])


def test_the_module_itself(board):
    """The file that is sent to a board, on this Python: check mode, and what it says where there is no nvpmodel."""
    pytest.importorskip("ansible.module_utils.basic")
    source = os.path.join(
        os.path.dirname(os.path.dirname(os.path.dirname(jetson_power.__file__))), "modules", "jetson_power.py"
    )

    def run(**options):
        arguments = json.dumps({"ANSIBLE_MODULE_ARGS": dict(options, _ansible_check_mode=True)})
        child = subprocess.Popen(
            [sys.executable, "-W", "ignore", source, arguments],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            env=dict(board.environment, PYTHONPATH=os.pathsep.join(sys.path)),
        )
        out, err = child.communicate()
        assert out, err
        return json.loads(out)

    told = run()
    told.pop("invocation", None)  # not every ansible-core tells it
    assert told == {"changed": False, "diff": [], "reboot_required": False, "reboot_reasons": []}
    # The board's own files are not below a root of the test's: only nvpmodel's answer is.
    answer = run(mode="1")
    assert (answer["changed"], answer["reboot_required"]) == (False, False)
    (board.root / "bin/nvpmodel").unlink()
    assert run(mode="1")["failed"] and "nvpmodel is missing. It is part of L4T" in run(mode="1")["msg"]


def test_what_was_recorded_is_restored_unless_someone_changed_it(board):
    write(board.root / "units/nvzramconfig.enabled", "enabled\n")
    write(board.root / "etc/systemd/system/nvzramconfig", "[Unit]\n")
    recorded = [change.addition for change in board.changes("MAXN_SUPER", "maximum", "disabled")]
    board.ensure(mode="MAXN_SUPER", clocks="maximum", zram="disabled")
    assert recorded == [
        {"kind": "power_mode", "was": 1, "set": 2},
        {"kind": "service", "name": SERVICE},
        {"kind": "zram"},
    ]
    additions = Additions(recorded)
    host = JetsonHost(board.run, board.find, str(board.root))
    restored = jetson_power.plan_restore(host, additions)
    assert [what.split(" ")[0] for what, _change in restored] == ["service", "compressed", "the"]
    for _what, change in restored:
        change.apply()
    assert not (board.root / UNIT_PATH.lstrip("/")).exists()
    assert jetson_power.current_mode(host) == (1, "25W")
    assert jetson_power.plan_restore(host, additions) == []
    board.ensure(mode="15W")
    assert jetson_power.plan_restore(host, additions) == [], "another mode is someone's own"
