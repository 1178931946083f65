# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CANN by .run files: stand-ins with Huawei's options, paths and quirks (tests/lab/cann_standin.py), really run."""

import hashlib
import os
import subprocess

import cann_standin
import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._board.system import System
from ansible_collections.edgeai.fleet.plugins.module_utils._setup import ascend_cann, ascend_preflight
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.ascend_cann import Cann

ARCH = os.uname().machine
ME = System().find_account(os.getuid())["name"]


class Board(object):
    """A board's directory for CANN, and files of the operator."""

    def __init__(self, directory):
        self.path, self.files, self.log = directory / "Ascend", directory / "files", directory / "log"
        self.scratch, self.info = directory / "scratch", directory / "etc/ascend_cann_install.info"
        for place in (self.path, self.files, self.scratch):
            place.mkdir()
            place.chmod(0o755)

    def cann(self, version="9.1.0", chip="310B4"):
        return Cann(run, System(), version, chip, str(self.path), ME)

    def file(self, part, version="9.1.0", chip="310b", **more):
        path = self.files / cann_standin.file_name(part, version, chip, ARCH)
        path.write_text(
            cann_standin.installer(part, version, chip, ARCH, str(self.log), "/nowhere", str(self.info), **more)
        )
        path.chmod(0o600)
        return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest().upper()}

    def given(self, version="9.1.0", chip="310b"):
        return dict((part, self.file(part, version, chip)) for part in ascend_cann.ORDER)

    def install(self, version="9.1.0", chip="310B4", files=None):
        cann = self.cann(version, chip)
        return cann, cann.install(files or self.given(version), str(self.scratch))

    def calls(self):
        return [line.split() for line in self.log.read_text().splitlines()] if self.log.exists() else []


def run(argv, cwd=None, environ_update=None, umask=None):
    process = subprocess.Popen(
        argv,
        cwd=cwd,
        env=dict(os.environ, **(environ_update or {})),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        universal_newlines=True,
        preexec_fn=os.setsid,  # no terminal, as under Ansible
    )
    out, err = process.communicate()
    return process.returncode, out, err


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def fails(function, *arguments, **named):
    with pytest.raises(EnvironmentProblem) as raised:
        function(*arguments, **named)
    return str(raised.value)


def test_all_three_are_installed_in_order_and_found_again(board):
    cann = board.cann()
    assert cann.missing(ascend_cann.ORDER) == ["toolkit", "ops", "nnal"]
    _cann, done = board.install()
    assert [part for part, _argv in done] == ["toolkit", "ops", "nnal"]
    path = "--install-path=%s" % board.path
    assert board.calls()[3:] == [
        word
        for word in (
            ["toolkit", ME, "--full", "--quiet", path],
            ["ops", ME, "--install", "--quiet", path],
            ["nnal", ME, "--install", "--quiet", path],
        )
        for word in [word + (["--install-for-all"] if ME == "root" else [])]
    ]
    assert [words[2] for words in board.calls()[:3]] == ["--check"] * 3
    assert cann.installed() == {"toolkit": "9.1.0", "ops": "310b", "nnal": "9.1.0"}
    assert cann.missing(ascend_cann.ORDER) == []
    assert (board.path / "cann-9.1.0/python/site-packages/acl.so").exists()


def test_another_version_stays(board):
    board.install("8.2.RC1")
    board.install("9.1.0")
    for version, home in (("8.2.RC1", "ascend-toolkit/8.2.RC1"), ("9.1.0", "cann-9.1.0")):
        cann = board.cann(version)
        assert cann.home == str(board.path / home)
        assert cann.missing(ascend_cann.ORDER) == []
    assert board.cann("9.0.0").missing(["toolkit", "nnal"]) == ["toolkit", "nnal"]


def test_only_what_is_missing_counts(board):
    board.install(files={"toolkit": board.file("toolkit")})
    assert board.cann().missing(["toolkit", "ops"]) == ["ops"]
    assert board.cann().missing(["toolkit"]) == []


@pytest.mark.parametrize("part", ["toolkit", "ops", "nnal"])
def test_a_damaged_file_stops_before_anything_is_installed(board, part):
    files = dict(board.given(), **{part: board.file(part, check=1)})
    message = fails(board.cann().install, files, str(board.scratch))
    assert "--check reports a damaged file of the %s" % part in message
    assert not os.listdir(str(board.path))


def test_a_wrong_hash_stops_before_anything_is_run(board):
    files = board.given()
    files["nnal"]["sha256"] = "0" * 64
    assert "was given for the nnal" in fails(board.cann().install, files, str(board.scratch))
    assert not board.calls()


def test_an_installer_that_ends_well_and_installs_nothing_is_a_failure(board):
    """The kernels do so for a scene that they do not know."""
    path = board.files / "renamed.run"
    path.write_text("#!/bin/bash\necho 'Usage: ./ops.run [options]'\n")
    path.chmod(0o600)
    files = {"toolkit": board.file("toolkit")}
    files["ops"] = {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    message = fails(board.cann().install, files, str(board.scratch))
    assert "the ops of CANN 9.1.0 cannot be installed" in message
    assert "ended with status 0, but it in %s/cann-9.1.0 is not there: Usage:" % board.path in message
    assert "Installed before it: toolkit" in message


def test_a_failure_says_what_the_installer_said(board):
    path = board.files / "renamed.run"
    path.write_text("#!/bin/bash\n[ $1 = --check ] && exit\necho '[ERROR] the disk is full'\nexit 3\n")
    path.chmod(0o600)
    file = {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
    message = fails(board.cann().install, {"toolkit": file}, str(board.scratch))
    assert "ended with status 3: [ERROR] the disk is full. Nothing was installed before it" in message
    assert "/var/log/ascend_seclog" in message


def test_kernels_and_nnal_need_the_toolkit(board):
    assert "ops and nnal of CANN 9.1.0 needs its toolkit" in fails(check, board, ["ops", "nnal"])
    board.install(files={"toolkit": board.file("toolkit")})
    check(board, ["ops", "nnal"])


@pytest.mark.parametrize(
    "part, name, words",
    [
        (
            "toolkit",
            "Ascend-cann-toolkit_9.0.0_linux-%s.run" % ARCH,
            "for the version 9.0.0, and this board needs 9.1.0",
        ),
        ("toolkit", "Ascend-cann-toolkit_9.1.0_linux-riscv64.run", "for the architecture riscv64"),
        ("ops", "Ascend-cann-910b-ops_9.1.0_linux-%s.run" % ARCH, "for the chip 910b, and this board needs 310b"),
        ("ops", "Ascend-cann-kernels-310p_9.1.0_linux-%s.run" % ARCH, "for the chip 310p"),
        ("ops", "Ascend-cann-A3-ops_9.1.0_linux-%s.run" % ARCH, "for the chip a3"),
        ("ops", "Atlas-A3-cann-kernels_9.1.0_linux-%s.run" % ARCH, "for the chip a3"),
    ],
)
def test_a_file_for_something_else_is_named(board, part, name, words):
    assert words in fails(board.cann().check_name, part, "/srv/" + name)


def test_names_that_fit_or_say_nothing_are_taken(board):
    for version, chip in (("9.1.0", "310B4"), ("8.2.RC1", "310P3")):
        for part in ascend_cann.ORDER:
            short = chip[:4].lower()
            board.cann(version, chip).check_name(part, cann_standin.file_name(part, version, short, ARCH))
    board.cann(chip="910_9391").check_name("ops", "Ascend-cann-A3-ops_9.1.0_linux-%s.run" % ARCH)
    board.cann().check_name("ops", "ops.run")


# -- checks


def check(board, parts=("toolkit",), cann=None, skip=("health", "in_use", "owner", "space")):
    return (cann or board.cann()).check(list(parts), str(board.scratch), skip)


def test_each_check_is_made_unless_it_is_left_out(board, monkeypatch):
    made = []
    for name in ("idle", "owner", "space", "health"):
        monkeypatch.setattr(ascend_cann, "check_" + name, lambda *_given, **_named: made.append(1) or ["a warning"])
    assert check(board) == [] and made == []
    assert check(board, skip=()) == ["a warning"] and len(made) == 4
    assert sorted(ascend_preflight.CHECKS) == ["health", "in_use", "owner", "space"]


def test_the_room_that_huawei_names_is_wanted(board, monkeypatch):
    board.install(files={"toolkit": board.file("toolkit")})
    wanted = []
    monkeypatch.setattr(ascend_cann, "check_space", wanted.append)
    for parts in (["toolkit", "ops", "nnal"], ["nnal"]):
        board.cann().check(parts, "/srv/staging", ("health", "in_use", "owner"), 7)
    gib = ascend_preflight.GIB
    assert wanted == [
        [(str(board.path), size, "CANN"), ("/srv/staging", 7, "the installers")] for size in (10 * gib, 2 * gib)
    ]


def test_kernels_of_another_chip_are_not_added_to_a_new_cann(board):
    board.install()
    message = fails(check, board, ["ops"], board.cann(chip="910B3"))
    assert "has the kernels of 310b, and Huawei supports those of one chip only" in message
    board.install("8.2.RC1")
    check(board, ["ops"], board.cann("8.2.RC1", "910B3"))


def test_a_chip_without_known_kernels_and_a_user_who_is_missing_are_refused(board):
    assert "the kernels of the chip 310 are not known" in fails(
        check, board, ["toolkit", "ops"], board.cann(chip="310")
    )
    stranger = Cann(run, System(), "9.1.0", "310B4", str(board.path), "nobody-of-this-name")
    assert "does not exist: create it" in fails(check, board, ["toolkit"], stranger)


def test_an_older_cann_goes_only_where_the_recorded_one_is(board, monkeypatch):
    board.info.parent.mkdir()
    board.info.write_text("Install_Path=/data/Ascend\n")
    monkeypatch.setattr(ascend_cann, "INSTALL_INFO", str(board.info))
    monkeypatch.setattr(Cann, "_as_root", lambda self: True)
    assert "says that CANN is in /data/Ascend" in fails(check, board, cann=board.cann("8.2.RC1"))
    check(board, cann=board.cann("8.3.RC1"))
