# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Driver and firmware by .run files: real shell scripts that write down how they were called, and put a version.info
there as Huawei's do.
"""

import hashlib
import json
import os
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.ascend_hdk import Hdk

RUN = """#!/bin/sh
echo "{part} $*" >>"{log}"
[ "$1" = --check ] && exit {check}
echo "{said}"
mkdir -p "{base}/{part}"
printf '%s\\n' "{info}" >"{base}/{part}/version.info"
exit {status}
"""


class Board(object):
    """A board's /usr/local/Ascend, and the files that the operator gives."""

    def __init__(self, directory):
        self.base, self.files, self.log = directory / "Ascend", directory / "files", directory / "log"
        for place in (self.base, self.files):
            place.mkdir()
            place.chmod(0o755)

    def installed(self, **versions):
        for part, text in versions.items():
            (self.base / part).mkdir()
            (self.base / part / "version.info").write_text(text)

    def file(self, part, version, check=0, status=0, info=None, said="[INFO] installed"):
        path = self.files / ("Ascend-hdk-310p-npu-%s_%s.run" % (part, version))
        path.write_text(
            RUN.format(
                part=part,
                log=self.log,
                base=self.base,
                check=check,
                status=status,
                said=said,
                info=info or "Version=%s" % version,
            )
        )
        path.chmod(0o600)
        return {"path": str(path), "sha256": hashlib.sha256(path.read_bytes()).hexdigest().upper(), "version": version}

    def hdk(self, create_user=False, user="root", path=None, **given):
        def run(argv):
            process = subprocess.Popen(
                argv,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                universal_newlines=True,
                env=dict(os.environ, PATH=path or os.environ["PATH"]),
            )
            out, err = process.communicate()
            return process.returncode, out, err

        return Hdk(run, given, create_user, base=str(self.base), user=user)

    def calls(self):
        return self.log.read_text().splitlines() if self.log.exists() else []


@pytest.fixture
def board(tmp_path):
    return Board(tmp_path)


def test_the_first_time_the_driver_comes_first(board):
    hdk = board.hdk(driver=board.file("driver", "25.5.0"), firmware=board.file("firmware", "7.8.0.5.216"))
    assert hdk.parts == ["driver", "firmware"]
    hdk.check()
    done = hdk.install()
    assert [part for part, _argv in done] == ["driver", "firmware"]
    assert board.calls() == [
        "driver --check",
        "firmware --check",
        "driver --full --install-for-all --quiet --nox11",
        "firmware --full --quiet",
    ]
    assert (hdk.version("driver"), hdk.version("firmware")) == ("25.5.0", "7.8.0.5.216")


def test_over_an_installed_driver_the_firmware_comes_first(board):
    board.installed(driver="Version=24.1.0\n", firmware="Version=7.5.0.3.220\nfirmware_version=1.0\n")
    board.hdk(driver=board.file("driver", "25.5.0"), firmware=board.file("firmware", "7.8.0.5.216")).install()
    assert board.calls()[2:] == ["firmware --upgrade --quiet", "driver --upgrade --quiet --nox11"]


def test_what_is_there_is_left_alone(board):
    board.installed(
        driver="Version=25.5.0\n", firmware="Version=7.1.0.11.220\nfirmware_version=1.0\npackage_version=23.0.7\n"
    )
    assert board.hdk(driver=board.file("driver", "25.5.0")).parts == []
    # The firmware has a second version, that of its package; a component's is none.
    assert board.hdk(firmware=board.file("firmware", "23.0.7")).parts == []
    assert board.hdk(firmware=board.file("firmware", "1.0")).parts == ["firmware"]


def test_a_version_in_other_letters_is_the_same(board):
    board.installed(driver="Version=25.3.rc1\n")
    assert board.hdk(driver=board.file("driver", "25.3.RC1")).parts == []


def test_the_firmware_of_an_upgrade_is_new_on_the_board(board):
    board.installed(driver="Version=25.5.0\n")
    hdk = board.hdk(firmware=board.file("firmware", "7.8.0.5.216", status=2))
    hdk.install()
    assert board.calls() == ["firmware --check", "firmware --full --quiet"]


@pytest.mark.parametrize("part, status", [("driver", 1), ("driver", 2), ("firmware", 1)])
def test_an_installer_that_fails(board, part, status):
    given = {"driver": board.file("driver", "25.5.0"), "firmware": board.file("firmware", "7.8.0.5.216")}
    given[part] = board.file(
        part,
        given[part]["version"],
        status=status,
        said="Dkms install failed, details in : /var/log/ascend_seclog/ascend_install.log",
    )
    with pytest.raises(EnvironmentProblem) as problem:
        board.hdk(**given).install()
    said = str(problem.value)
    assert "the %s cannot be installed" % part in said and "ended with status %d: Dkms install failed" % status in said
    assert "headers of the running kernel" in said
    assert (
        "Installed before it: the driver is now 25.5.0" if part == "firmware" else "Nothing was installed before it"
    ) in said
    assert not any("--force" in call for call in board.calls())


def test_a_file_that_says_of_itself_that_it_is_broken_keeps_all_from_being_installed(board):
    given = {"driver": board.file("driver", "25.5.0"), "firmware": board.file("firmware", "7.8.0.5.216", check=1)}
    with pytest.raises(EnvironmentProblem, match=r"reports a damaged file of the firmware \(exit status 1"):
        board.hdk(**given).install()
    assert board.calls() == ["driver --check", "firmware --check"]


def test_a_file_with_another_hash_is_never_run(board):
    given = board.file("driver", "25.5.0")
    with open(given["path"], "a") as stream:
        stream.write("# not Huawei\n")
    hdk = board.hdk(driver=given)
    with pytest.raises(EnvironmentProblem, match="has the SHA-256 .* it was not run"):
        hdk.check()
    assert board.calls() == []


def test_a_file_that_changes_after_it_was_checked_is_not_run(board):
    given = {"driver": board.file("driver", "25.5.0"), "firmware": board.file("firmware", "7.8.0.5.216")}
    hdk = board.hdk(**given)
    hdk.check()
    with open(given["firmware"]["path"], "a") as stream:
        stream.write("# changed\n")
    with pytest.raises(EnvironmentProblem, match="given for the firmware: it was not run"):
        hdk.install()
    assert not any(call.startswith("firmware --full") for call in board.calls())


def test_a_file_that_others_can_write_is_not_run(board):
    given = board.file("driver", "25.5.0")
    os.chmod(given["path"], 0o666)
    with pytest.raises(EnvironmentProblem, match="users other than root can write "):
        board.hdk(driver=given).check()
    os.chmod(given["path"], 0o600)
    board.files.chmod(0o777)
    with pytest.raises(EnvironmentProblem, match="users other than root can write "):
        board.hdk(driver=given).check()


def test_a_missing_file(board):
    given = dict(board.file("driver", "25.5.0"), path=str(board.files / "missing.run"))
    hdk = board.hdk(driver=given)
    with pytest.raises(EnvironmentProblem, match="the file of the driver cannot be read"):
        hdk.check()
    hdk.check(absent=True)


def test_a_version_that_is_not_what_was_asked_for(board):
    with pytest.raises(EnvironmentProblem, match="its version.info says 25.3.rc1 instead of 25.5.0"):
        board.hdk(driver=board.file("driver", "25.5.0", info="Version=25.3.RC1")).install()


def test_the_drivers_user_is_made_only_if_allowed(board):
    given = board.file("driver", "25.5.0")
    with pytest.raises(
        EnvironmentProblem,
        match="groupadd nobody-here; useradd -g nobody-here -d /home/nobody-here -m nobody-here -s /bin/bash",
    ):
        board.hdk(driver=given, user="nobody-here").check()
    bin_ = board.files / "bin"
    bin_.mkdir()
    for name in ("groupadd", "useradd"):
        (bin_ / name).write_text('#!/bin/sh\necho %s "$@" >>%s\n' % (name, board.log))
        (bin_ / name).chmod(0o755)
    hdk = board.hdk(create_user=True, driver=given, user="nobody-here", path="%s:%s" % (bin_, os.environ["PATH"]))
    hdk.run = lambda argv, run=hdk.run: run(
        [str(bin_ / argv[0]) if argv[0] in ("groupadd", "useradd") else argv[0]] + argv[1:]
    )
    hdk.check()
    hdk.install()
    assert board.calls()[:3] == [
        "driver --check",
        "groupadd nobody-here",
        "useradd -g nobody-here -d /home/nobody-here -m nobody-here -s /bin/bash",
    ]
    # Over an installed driver the user is there, or is none of our business.
    board.hdk(driver=board.file("driver", "26.0.0"), user="nobody-here").check()


# -- the module
# --------------------------------------------------------------------------------------------------


def module(tmp_path, **arguments):
    """Run it as Ansible does; (exit status, answer)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ansible_collections.edgeai.fleet.plugins.modules.ascend_hdk"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=str(tmp_path),
        env=dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)),
    )
    out, err = process.communicate(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    assert out, err.decode()
    return process.returncode, json.loads(out.decode())


@pytest.mark.skipif(os.path.exists("/usr/local/Ascend"), reason="this machine has an Ascend driver")
def test_the_module_in_check_mode(board, tmp_path):
    driver = board.file("driver", "25.5.0")
    status, answer = module(tmp_path, driver=driver, create_user=True, _ansible_check_mode=True, _ansible_diff=True)
    assert status == 0, answer
    assert (answer["changed"], answer["reboot_required"], answer["commands"], answer["driver"], answer["firmware"]) == (
        True,
        True,
        [],
        "25.5.0",
        None,
    )
    assert answer["diff"] == {
        "before": "driver: not installed\nfirmware: not installed\n",
        "after": "driver: 25.5.0\nfirmware: not installed\n",
    }
    assert board.calls() == [] and answer["parts"] == ["driver"]

    status, answer = module(tmp_path, driver=driver, _list=True, _ansible_check_mode=True)
    assert (status, answer["changed"], answer["parts"]) == (0, False, ["driver"]), answer
    status, answer = module(tmp_path, driver=dict(driver, sha256="0" * 64), create_user=True, _ansible_check_mode=True)
    assert status == 1 and "it was not run" in answer["msg"]
    status, answer = module(tmp_path)
    assert status == 1 and "one of the following is required: driver, firmware" in answer["msg"]
