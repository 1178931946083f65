# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builders that are not boards: containers made from a distribution's packages, and helpers that compile for them.

All of them have this machine's own architecture; tests/bench/distcc.py has an emulated builder with a cross-compiling
helper.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import docker
import engine
import pytest
from playbook_runs import Operator

BUILDER, HELPER = "edgeai-builder-test-builder", "edgeai-builder-test-helper"
JOB = {"toolchain": {"cc": "gcc", "cxx": "g++"}, "needs": {"job_mib": 1024}}


class Bench(Operator):
    """Two containers of the inventory, and the role's tasks for them."""

    def play(
        self, *tasks_from: str, hosts: str = "builder", arguments: tuple[str, ...] = (), before: tuple[dict, ...] = ()
    ) -> tuple[int, str]:
        roles = [
            {"name": name, "ansible.builtin.include_role": {"name": "edgeai.fleet.torch_build", "tasks_from": name}}
            for name in tasks_from
        ]
        told = {
            "name": "Tell",
            "ansible.builtin.debug": {"msg": "told {{ __torch_build_distcc | default([]) | to_json }}"},
        }
        playbook = self.directory / "site.json"
        playbook.write_text(
            json.dumps(
                [
                    {
                        "hosts": "builder,helper",
                        "gather_facts": False,
                        "tasks": [
                            {
                                "name": "Containers",
                                "ansible.builtin.include_role": {
                                    "name": "edgeai.fleet.torch_build",
                                    "tasks_from": "container",
                                },
                            },
                        ],
                    },
                    {
                        "hosts": hosts,
                        "gather_facts": False,
                        "vars": {"torch_build_spec": JOB},
                        "tasks": [*before, *roles, told],
                    },
                ]
            ),
            encoding="utf-8",
        )
        command = [
            str(Path(sys.executable).with_name("ansible-playbook")),
            str(playbook),
            "-i",
            str(self.inventory),
            *arguments,
        ]
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout

    def module(self, *arguments: str, **options: object) -> dict:
        given = {"name": "test-builder", "directory": str(self.directory / "builders"), **options}
        command = [
            str(Path(sys.executable).with_name("ansible")),
            "localhost",
            "-m",
            "edgeai.fleet.builder_container",
            "-a",
            json.dumps(given),
            *arguments,
        ]
        done = subprocess.run(
            command,
            cwd=self.directory,
            env=self.environment(ANSIBLE_CALLBACK_RESULT_FORMAT="json"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        return json.loads(done.stdout.partition(" => ")[2])

    def present(self, *arguments: str, **options: object) -> dict:
        return self.module(*arguments, suite="bookworm", architecture="amd64", **options)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory):
    engine.ensure()
    directory = tmp_path_factory.mktemp("builders")
    container = {"suite": "bookworm", "architecture": "amd64", "directory": str(directory / "builders")}
    inventory = directory / "hosts.json"
    inventory.write_text(
        json.dumps(
            {
                "all": {
                    "hosts": {
                        "builder": {
                            "torch_build_container": {**container, "name": "test-builder"},
                            "torch_build_helpers": ["helper", "off"],
                        },
                        "helper": {"torch_build_container": {**container, "name": "test-helper"}},
                        # A port where nothing listens: a board that is switched off.
                        "off": {"ansible_host": "127.0.0.1", "ansible_port": 1},
                    }
                }
            }
        ),
        encoding="utf-8",
    )
    found = Bench(directory, inventory)
    yield found
    for name in ("test-builder", "test-helper"):
        found.module(name=name, state="absent")


def ssh(builder: dict, command: str, known_hosts: Path | None = None) -> subprocess.CompletedProcess:
    known = known_hosts or builder["known_hosts"]
    options = [
        f"UserKnownHostsFile={known}",
        f"HostKeyAlias={builder['container']}",
        "StrictHostKeyChecking=yes",
        "BatchMode=yes",
    ]
    words = [word for option in options for word in ("-o", option)]
    return subprocess.run(
        [
            "ssh",
            "-i",
            builder["private_key"],
            "-p",
            str(builder["port"]),
            *words,
            f"{builder['user']}@{builder['host']}",
            command,
        ],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def inside(container: str, command: str) -> tuple[int, str]:
    status, output = docker.from_env().containers.get(container).exec_run(["sh", "-c", command])
    return status, output.decode()


def test_a_builder_is_made_once_and_its_volume_stays(bench: Bench, tmp_path: Path):
    foretold = bench.present("--check")
    assert foretold["changed"] and not foretold["builder"]["running"] and foretold["builder"]["port"] is None
    assert not docker.from_env().containers.list(all=True, filters={"name": BUILDER})
    made = bench.present()
    assert made["changed"], made
    builder = made["builder"]
    assert ssh(
        builder, "uname -m; . /etc/os-release; echo $VERSION_CODENAME; echo kept >/opt/edgeai/kept"
    ).stdout.split() == ["x86_64", "bookworm"]
    # Its host key is known; another key would be refused.
    (tmp_path / "known_hosts").write_text(
        f"{builder['container']} {Path(builder['private_key'] + '.pub').read_text(encoding='utf-8')}", encoding="utf-8"
    )
    assert "REMOTE HOST IDENTIFICATION HAS CHANGED" in ssh(builder, "true", tmp_path / "known_hosts").stdout
    assert not bench.present()["changed"]

    docker.from_env().containers.get(BUILDER).stop(timeout=1)
    assert bench.present("--check")["builder"]["running"] is False
    again = bench.present()
    assert again["changed"] and ssh(again["builder"], "cat /opt/edgeai/kept").stdout == "kept\n"

    other = bench.present(memory_mib=1024, environment={"QEMU_CPU": "cortex-a53"})
    assert (
        other["changed"]
        and ssh(other["builder"], "cat /opt/edgeai/kept; echo $QEMU_CPU").stdout == "kept\ncortex-a53\n"
    )
    assert docker.from_env().containers.get(BUILDER).attrs["HostConfig"]["Memory"] == 1 << 30

    assert bench.module("--check", state="absent")["changed"] and docker.from_env().containers.list(
        filters={"name": BUILDER}
    )
    assert bench.module(state="absent")["changed"]
    client = docker.from_env()
    assert not client.containers.list(all=True, filters={"name": BUILDER}) and not client.volumes.list(
        filters={"name": BUILDER}
    )
    assert not Path(builder["private_key"]).exists()
    assert not bench.module(state="absent")["changed"]


def test_a_suite_that_is_not_there(bench: Bench):
    failed = bench.module(suite="no-such-suite", architecture="amd64")
    assert (
        "the userland of no-such-suite for amd64 cannot be made" in failed["msg"]
        and "does not have a Release file" in failed["msg"]
    )
    assert not docker.from_env().containers.list(all=True, filters={"name": BUILDER})


def test_what_a_container_shall_be_has_to_be_said(bench: Bench):
    status, output = bench.play(arguments=("-e", '{"torch_build_container": {"name": "test-builder"}}'))
    assert status and "builder: torch_build_container needs suite" in output and "or like, a board that has" in output


def test_helpers_compile_for_the_builder_and_for_nobody_else(bench: Bench):
    compiler = {
        "name": "Compiler",
        "ansible.builtin.apt": {
            "name": "g++",
            "install_recommends": False,
            "update_cache": True,
            "cache_valid_time": 3600,
        },
    }
    detect = {"name": "What the builder is", "edgeai.fleet.board_facts": {}}
    status, output = bench.play("helpers", before=(compiler, detect))
    assert status == 0, output
    told = re.search(r'told \[\\?"([\d.]+):(\d+)/(\d+)\\?"\]', output)
    assert told, output
    address, port, slots = told.groups()
    assert address == bench.present(name="test-helper")["builder"]["address"] and int(slots) >= 1
    assert re.search(r"off does not compile for builder: .*port 1: Connection refused", " ".join(output.split()))
    assert "COMPILE_OK" in inside(HELPER, "cat /var/log/distccd.log")[1]

    there = (
        f"rm -rf /tmp/.distcc; mkdir /tmp/.distcc; DISTCC_DIR=/tmp/.distcc DISTCC_HOSTS={address}:{port}"
        " DISTCC_FALLBACK=0 timeout 60 distcc"
    )
    line = "echo 'int main() {}' >/tmp/line.cc;"
    status, answer = inside(BUILDER, f"{line} {there} x86_64-linux-gnu-g++-12 -c /tmp/line.cc -o /tmp/line.o")
    assert status == 0, answer
    # The helper is not in its own list, and only compilers run there.
    assert inside(HELPER, f"{line} {there} x86_64-linux-gnu-g++-12 -c /tmp/line.cc -o /tmp/line.o")[0] != 0
    assert (
        inside(
            BUILDER, f"cp /bin/true /usr/local/bin/no-compiler; {there} no-compiler -c /tmp/line.cc -o /tmp/other.o"
        )[0]
        != 0
    )

    status, output = bench.play("helpers", before=(detect,))
    assert status == 0 and sum(map(int, re.findall(r"changed=(\d+)", output))) == 0, output

    status, output = bench.play("helpers_end")
    assert status == 0, output
    assert "distccd" not in inside(HELPER, "cat /proc/[0-9]*/comm")[1]
    status, output = bench.play("helpers_end")
    assert status == 0 and sum(map(int, re.findall(r"changed=(\d+)", output))) == 0, output


def test_helpers_that_nobody_knows(bench: Bench):
    status, output = bench.play("helpers", arguments=("-e", '{"torch_build_helpers": ["helper", "hlper"]}'))
    assert status and "torch_build_helpers of builder: hlper is not in the inventory" in output


def test_check_mode_touches_no_helper(bench: Bench):
    status, output = bench.play("helpers", arguments=("--check",))
    assert status == 0 and "helper, off would compile for builder" in output, output
