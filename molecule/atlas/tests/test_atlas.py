# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""An Atlas 200I DK A2 without the libraries of CANN. The order matters: after the last test, the board is satisfied."""

import hashlib
import json

ROOT = "/opt/edgeai/torch"
CANN = "/usr/local/Ascend/cann"
# A stand-in for Huawei's installers: it records its arguments and what it installs.
RUN = """#!/bin/sh
echo "{part} $*" >>/var/log/hdk.log
[ "$1" != --check ] || exit 0
mkdir -p /usr/local/Ascend/{part}
echo Version={version} >/usr/local/Ascend/{part}/version.info
"""


def installed(host):
    names = host.check_output(f"ls {ROOT}/envs/*/lib/python3.11/site-packages").split()
    return dict(name.removesuffix(".dist-info").rsplit("-", 1) for name in names if name.endswith(".dist-info"))


def test_the_lab_is_a_dk_a2(host):
    assert host.file("/dev/davinci0").group == "HwHiAiUser"
    assert "310B4" in host.check_output("/usr/local/sbin/npu-smi info")


def test_npu_smi_was_never_called_twice_at_the_same_time(host):
    assert not host.file("/var/log/npu-smi.log").exists


def test_the_user_of_the_workload_may_open_the_npu(host):
    assert {"HwHiAiUser", "HwBaseUser", "HwDmUser"} <= set(host.user("vision").groups)
    with host.sudo("vision"):
        host.run_expect([0], "head -c 0 /dev/davinci0")


def test_torch_and_torch_npu_are_of_one_pair(host):
    versions = installed(host)
    assert (versions["torch"].split("+")[0], versions["torch_npu"]) == ("2.9.0", "2.9.0")
    # CANN 8.5.0 wants numpy below 2 for this Python.
    assert versions["numpy"].startswith("1.")
    # Packages that torch_npu does not declare, and no package of CUDA.
    assert {"decorator", "scipy", "psutil", "attrs", "absl_py"} <= {name.replace("-", "_") for name in versions}
    assert not [name for name in versions if name.startswith(("nvidia", "triton"))]


def test_what_does_not_satisfy_is_not_switched_to(host):
    assert not host.file(f"{ROOT}/current").exists


def test_nothing_was_written_into_canns_directories(host):
    assert host.check_output(f"find {CANN} /usr/local/Ascend/driver -newer {ROOT} -print") == ""
    assert not host.file("/home/HwHiAiUser").exists


def test_driver_and_firmware_are_installed_in_order_and_a_cpu_build_satisfies_who_asks_for_one(
    host, state, provision, multiply
):
    given = {}
    for part, version in {"driver": "25.5.1", "firmware": "7.8.0.5.216"}.items():
        path = state / f"Ascend-hdk-310b-npu-{part}_{version}.run"
        path.write_text(RUN.format(part=part, version=version), encoding="utf-8")
        given[f"atlas_{part}"] = {
            "path": str(path),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "version": version,
        }

    status, boards = provision(torch_accelerator="cpu", torch_version="2.9.0", **given)

    verdict = boards["dk-a2"]["verdict"]
    assert (status, verdict["outcome"], verdict["satisfied"]) == (0, "cpu", True), verdict["reason"]
    assert multiply("vision") == ("2.9.0", 27.0)
    # A driver is installed, so the firmware comes first; it is new on the board. The files are removed.
    assert host.file("/var/log/hdk.log").content_string.splitlines() == [
        "firmware --check",
        "driver --check",
        "firmware --full --quiet",
        "driver --upgrade --quiet --nox11",
    ]
    assert not host.file("/var/lib/edgeai-fleet/hdk").exists
    # The verdict is about the new driver.
    with host.sudo():
        assert json.loads(host.file(f"{ROOT}/state/record.json").content_string)["key"]["driver"] == "25.5.1"
