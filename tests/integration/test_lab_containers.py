# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A board of the lab shows what its description says. All other proofs on it depend on that."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
import venvs
import yaml
from playbook_runs import LAB as LAB_PROGRAM
from playbook_runs import Operator

LAB = {
    "name": "lab",
    "vars": {"ansible_become": True},
    "boards": [
        {
            "name": "board",
            "model": "NVIDIA Jetson Xavier NX",
            "compatible": ["nvidia,p3509-0000+p3668-0001", "nvidia,tegra194"],
            "users": ["vision"],
            "files": {
                "/etc/nv_tegra_release": "# R32 (release)\n",
                "/lib/firmware/blob": {"base64": "AAEC"},
                "/usr/sbin/nvpmodel": {"text": "#!/bin/sh\necho MAXN\n", "mode": "0755"},
                "/usr/local/cuda": {"link": "cuda-10.2"},
                "/sys/firmware/devicetree/base/chosen/pynq_board": "Pynq-Z2\0",
                "/sys/class/fpga_manager/fpga0/state": "operating\n",
                "/proc/cpuinfo": "processor : 0\n",
            },
            "devices": [
                {"path": "/dev/nvmap", "group": "video"},
                {"path": "/dev/dri/renderD128", "group": "render", "mode": "0666"},
            ],
            "groups_on_board": ["HwHiAiUser"],
            "apt": [
                {"name": "libcusparselt0", "version": "0.7.1.0-1"},
                {"name": "nvidia-l4t-core", "version": "32.7.1-20220219090432", "installed": True},
            ],
        },
        {"name": "by-password", "password": "L4b-s3cret"},
    ],
    "www": {"keyring.deb": {"deb": {"name": "cuda-keyring", "version": "1.1-1"}}},
}


def on_board(lab: Operator, command: str) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", "board", command],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def module(lab: Operator, name: str, arguments: str) -> str:
    ansible = Path(sys.executable).with_name("ansible")
    command = [ansible, "board", "-i", lab.inventory, "-m", name, "-a", arguments]
    done = subprocess.run(
        command,
        env=lab.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_files_are_where_the_kernel_and_the_vendor_put_them(lab: Operator):
    assert on_board(lab, "cat /etc/nv_tegra_release; /usr/sbin/nvpmodel") == "# R32 (release)\nMAXN\n"
    assert on_board(lab, "stat -c '%U %a' /etc/nv_tegra_release /usr/sbin/nvpmodel") == "root 644\nroot 755\n"
    assert on_board(lab, "stat -c %s /usr/lib/firmware/blob; readlink /usr/local/cuda") == "3\ncuda-10.2\n"
    assert on_board(
        lab, "cat /sys/firmware/devicetree/base/chosen/pynq_board /sys/firmware/devicetree/base/compatible"
    ).split("\0") == [
        "Pynq-Z2",
        "nvidia,p3509-0000+p3668-0001",
        "nvidia,tegra194",
        "",
    ]
    assert on_board(lab, "cat /sys/class/fpga_manager/fpga0/state /proc/cpuinfo") == "operating\nprocessor : 0\n"
    # Existing directories keep their owner and mode.
    assert on_board(lab, "stat -c %a / /tmp /usr/sbin; readlink /lib") == "755\n1777\n755\nusr/lib\n"


def test_devices_and_groups(lab: Operator):
    assert (
        on_board(lab, "stat -c '%F %G %a' /dev/nvmap /dev/dri/renderD128")
        == "character special file video 660\ncharacter special file render 666\n"
    )
    assert on_board(lab, "sudo head -c 1 /dev/nvmap | wc -c").strip() == "0"
    assert on_board(lab, "getent group HwHiAiUser").startswith("HwHiAiUser:")


def test_packages_of_the_vendor(lab: Operator):
    assert on_board(lab, "dpkg-query --show nvidia-l4t-core") == "nvidia-l4t-core\t32.7.1-20220219090432\n"
    module(lab, "ansible.builtin.apt", "name=libcusparselt0 update_cache=true cache_valid_time=3600")
    assert on_board(lab, "dpkg-query --show libcusparselt0") == "libcusparselt0\t0.7.1.0-1\n"


def test_what_the_vendor_serves(lab: Operator):
    inventory = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))
    url = inventory["all"]["children"]["boards"]["vars"]["lab_www"]
    with urllib.request.urlopen(f"{url}/keyring.deb") as answer:  # noqa: S310
        assert answer.read().startswith(b"!<arch>\n")


def test_a_restarted_board_is_the_same_board(lab: Operator):
    on_board(lab, "echo changed | sudo tee /etc/nv_tegra_release")
    state = lab.inventory.parent
    command = [sys.executable, str(LAB_PROGRAM), "restart", "--lab", str(lab.directory / "lab.yml")]
    subprocess.run([*command, "--state-dir", str(state), "--board", "board"], check=True)
    assert on_board(lab, "cat /etc/nv_tegra_release; test -c /dev/nvmap && echo there") == "changed\nthere\n"


def test_python_3_6(tmp_path: Path):
    if venvs.python_of("3.6") is None:
        message = "this machine has no CPython 3.6"
        pytest.fail(message) if os.environ.get("CI") == "true" else pytest.skip(message)
    description = tmp_path / "lab.yml"
    description.write_text(
        json.dumps({"name": "python36", "boards": [{"name": "board", "python36": True}]}), encoding="utf-8"
    )
    command = [
        sys.executable,
        str(LAB_PROGRAM),
        "{}",
        "--lab",
        str(description),
        "--state-dir",
        str(tmp_path / "state"),
    ]
    subprocess.run([word.format("create") for word in command], check=True)
    try:
        lab = Operator(tmp_path, tmp_path / "state" / "hosts.yml")
        # This machine's ansible-core may not support Python 3.6 any more: run the interpreter without a module.
        answer = module(
            lab,
            "ansible.builtin.raw",
            "{{ ansible_python_interpreter }} -c 'import ssl, sys; print(sys.version_info[:2], sys.prefix)'",
        )
        assert "(3, 6) /opt/python3.6" in answer
    finally:
        subprocess.run([word.format("destroy") for word in command], check=True)


def test_a_board_with_a_password_is_reached_with_the_repositorys_configuration(lab: Operator):
    """The connection stays open for the next task.

    The program sshpass is not needed: ansible-core answers the password prompt since 2.19.
    """
    ansible = Path(sys.executable).with_name("ansible")
    done = subprocess.run(
        [ansible, "by-password", "-i", lab.inventory, "-m", "ansible.builtin.ping", "-vvv"],
        env=lab.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0 and "pong" in done.stdout, done.stdout
    assert "L4b-s3cret" not in done.stdout
    address = yaml.safe_load(lab.inventory.read_text(encoding="utf-8"))["all"]["children"]["boards"]["hosts"][
        "by-password"
    ]["ansible_host"]
    assert list((Path.home() / ".ansible" / "cp").glob(f"lab-*-{address}-22")), "no connection is kept"
