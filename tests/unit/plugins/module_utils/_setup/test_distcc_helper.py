# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A helper's daemon as a real process under the real start-stop-daemon; dpkg, compilers, distcc and distccd are small
programs of the test. tests/integration/test_builder_containers.py has the real ones.
"""

import getpass
import json
import os
import shutil
import socket
import subprocess
import sys

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.distcc_helper import (
    Helper,
    baseline_of,
    check_helper,
    packages_for,
    port_of,
    slots_for,
    source_address,
)

VERSION = """Using built-in specs.
COLLECT_GCC=g++
Target: %s
Configured with: ../src/configure -v --enable-languages=c,c++ --with-arch=armv7-a+fp --with-float=hard --with-mode=thumb
gcc version 12.2.0 (Debian 12.2.0-14)
"""
NATIVE, FOREIGN = VERSION % "x86_64-linux-gnu", VERSION % "arm-linux-gnueabihf"
DISTCCD = """#!%s
import os, socket, sys
open(%r, "a").write(" ".join(sys.argv[1:]) + "\\n")
listener = socket.socket()
listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
listener.bind(("127.0.0.1", int([word for word in sys.argv if word.startswith("--port=")][0][7:])))
listener.listen(5)
while True:
    listener.accept()[0].close()
"""
daemons = pytest.mark.skipif(
    os.geteuid() != 0 or not shutil.which("start-stop-daemon"), reason="needs root and Debian's start-stop-daemon"
)


class Machine(object):
    """A helper whose programs are in a directory of the test."""

    def __init__(self, directory):
        self.directory, self.log = directory, directory / "log"
        (directory / "bin").mkdir()
        (directory / "run").mkdir()
        self.path = os.pathsep.join([str(directory / "bin"), os.environ["PATH"]])
        self.program("distccd", DISTCCD % (sys.executable, str(self.log)))

    def program(self, name, text):
        path = self.directory / "bin" / name
        path.write_text(text if text.startswith("#!") else "#!/bin/sh\n%s\n" % text)
        path.chmod(0o755)

    def debian(self, architecture="amd64", installed=()):
        self.program("dpkg", "echo %s" % architecture)
        status = "case $3 in %s) printf 'install ok installed' ;; *) exit 1 ;; esac" % "|".join(installed or ["none"])
        self.program("dpkg-query", status)

    def run(self, argv, cwd=None, environ_update=None):
        process = subprocess.Popen(
            argv,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            universal_newlines=True,
            cwd=cwd,
            env=dict(os.environ, PATH=self.path, **environ_update or {}),
        )
        out, err = process.communicate()
        return process.returncode, out, err

    def helper(self, builder):
        return Helper(
            self.run,
            builder,
            directory=str(self.directory / "run"),
            user=getpass.getuser(),
            program=str(self.directory / "bin" / "distccd"),
        )


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path)


# --- what is computed


def test_every_builder_has_a_port_of_its_own():
    assert port_of("pi-1") == 4567 and port_of("pi-2") == 4072
    assert all(3700 <= port_of("board-%d" % number) < 4700 for number in range(100))


@pytest.mark.parametrize("cores, memory, slots", [(8, 64000, 8), (8, 5000, 2), (4, 900, 1), (0, 0, 1)])
def test_slots_are_limited_by_cores_and_memory(cores, memory, slots):
    assert slots_for(cores, memory, 2048) == slots


def test_the_compiler_is_native_or_a_cross_compiler():
    assert packages_for("aarch64-linux-gnu", "12", "arm64") == ["distcc", "g++-12"]
    assert packages_for("aarch64-linux-gnu", "12", "amd64") == ["distcc", "g++-12-aarch64-linux-gnu"]
    assert packages_for("x86_64-linux-gnu", "13", "arm64") == ["distcc", "g++-13-x86-64-linux-gnu"]
    with pytest.raises(
        EnvironmentProblem, match="compiles for riscv64-linux-gnu, and helpers can compile for aarch64-"
    ):
        packages_for("riscv64-linux-gnu", "12", "amd64")


def test_only_what_is_not_installed_is_missing(machine):
    machine.debian("amd64", ["distcc"])
    assert machine.helper("pi").missing_packages("arm-linux-gnueabihf", "12") == ["g++-12-arm-linux-gnueabihf"]
    machine.debian("amd64", ["distcc", "g++-12"])
    assert machine.helper("pi").missing_packages("x86_64-linux-gnu", "12") == []


def test_a_compiler_for_other_processors_does_not_help(machine):
    assert baseline_of(FOREIGN) == ["--with-arch=armv7-a+fp", "--with-float=hard", "--with-mode=thumb"]
    machine.program("arm-linux-gnueabihf-g++-12", "echo '%s' >&2" % FOREIGN)
    helper = machine.helper("pi")
    helper.check_baseline("arm-linux-gnueabihf-g++-12", FOREIGN)
    with pytest.raises(EnvironmentProblem) as problem:
        helper.check_baseline("arm-linux-gnueabihf-g++-12", FOREIGN.replace("armv7-a+fp", "armv6+fp"))
    assert str(problem.value) == (
        "its arm-linux-gnueabihf-g++-12 compiles for --with-arch=armv7-a+fp --with-float=hard --with-mode=thumb, that"
        " of pi for --with-arch=armv6+fp --with-float=hard --with-mode=thumb: the objects would not be the same"
    )


@pytest.mark.parametrize("name", ["../pi", "a b", ""])
def test_a_builder_is_a_file_name(machine, name):
    with pytest.raises(EnvironmentProblem, match="without slashes and white space"):
        machine.helper(name)


# --- the daemon


@daemons
def test_a_daemon_is_started_once_and_stopped(machine):
    helper = machine.helper("pi-1")
    arguments = helper.daemon_arguments(2, ["192.0.2.1", "192.0.2.2"])
    assert (helper.running_arguments(), helper.existing_files()) == ("", [])
    helper.start(arguments)
    try:
        helper.wait_until_it_listens()
        assert machine.log.read_text() == (
            "--no-detach --log-file=/var/log/distccd.log --nice=10 --port=%d --jobs=2 --allow=192.0.2.1"
            " --allow=192.0.2.2\n" % helper.port
        )
        assert helper.running_arguments() == machine.log.read_text()
        # Another builder has its own daemon, and stopping that one leaves this one alone.
        other = machine.helper("pi-2")
        assert not other.is_running()
        other.stop()
        assert helper.is_running()
        # Other clients: the old daemon goes first.
        before = (machine.directory / "run" / "edgeai-distccd-pi-1.pid").read_text()
        helper.start(helper.daemon_arguments(2, ["192.0.2.3"]))
        helper.wait_until_it_listens()
        assert (machine.directory / "run" / "edgeai-distccd-pi-1.pid").read_text() != before
        assert "--allow=192.0.2.3" in helper.running_arguments() and "192.0.2.1" not in helper.running_arguments()
        assert len(machine.log.read_text().splitlines()) == 2
    finally:
        helper.stop()
    assert (helper.running_arguments(), helper.existing_files(), helper.is_running()) == ("", [], False)
    with pytest.raises(OSError):
        socket.create_connection(("127.0.0.1", helper.port), timeout=5)


@daemons
def test_files_of_a_daemon_that_died_are_no_daemon(machine):
    helper = machine.helper("pi-1")
    process = subprocess.Popen(["true"])
    process.wait()
    for name, text in (("pid", "%d\n" % process.pid), ("arguments", "--port=1\n")):
        (machine.directory / "run" / ("edgeai-distccd-pi-1." + name)).write_text(text)
    assert (helper.running_arguments(), len(helper.existing_files())) == ("", 2)
    helper.stop()
    assert helper.existing_files() == []


def test_a_daemon_that_does_not_listen(machine):
    helper = machine.helper("nobody-listens")
    with pytest.raises(
        EnvironmentProblem, match="distccd does not listen at port %d after 0 s .*refused" % helper.port
    ):
        helper.wait_until_it_listens(0)


def test_a_program_that_fails_is_named(machine):
    machine.program("dpkg", "echo no such thing >&2; exit 2")
    with pytest.raises(EnvironmentProblem) as problem:
        machine.helper("pi").missing_packages("x86_64-linux-gnu", "12")
    assert str(problem.value) == "`dpkg --print-architecture` ended with status 2: no such thing"


# --- on the builder


def test_the_address_from_which_the_builder_comes():
    assert source_address("127.0.0.1") == "127.0.0.1"
    with pytest.raises(EnvironmentProblem, match="no way to the helper's address no-such-host.invalid: "):
        source_address("no-such-host.invalid")


def test_a_trial(machine, tmp_path):
    seen = 'echo "$DISTCC_HOSTS $DISTCC_FALLBACK $PWD/$*" >%s; [ $DISTCC_DIR = $PWD ] || exit 9; cat trial.cc >&2'
    machine.program("distcc", seen % machine.log)
    check_helper(machine.run, "arm-linux-gnueabihf-g++-12", "192.0.2.1:4567", str(tmp_path))
    words = "192.0.2.1:4567 0 %s/arm-linux-gnueabihf-g++-12 -c trial.cc -o trial.o\n" % tmp_path
    assert machine.log.read_text() == words
    machine.program("distcc", "echo 'distcc ERROR: connection refused' >&2; exit 103")
    with pytest.raises(EnvironmentProblem) as problem:
        check_helper(machine.run, "g++-12", "192.0.2.1:4567", str(tmp_path))
    assert str(problem.value) == (
        "192.0.2.1:4567 does not compile a test program with g++-12: distcc ERROR: connection refused. Port 4567 of the"
        " helper must be open for the builder"
    )


# --- the modules


def module(machine, name, **arguments):
    """Run it as Ansible does; (exit status, answer)."""
    process = subprocess.Popen(
        [sys.executable, "-m", "ansible_collections.edgeai.fleet.plugins.modules." + name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=str(machine.directory),
        env=dict(os.environ, PATH=machine.path, PYTHONPATH=os.pathsep.join(sys.path)),
    )
    out, err = process.communicate(json.dumps({"ANSIBLE_MODULE_ARGS": arguments}).encode())
    assert out, err.decode()
    return process.returncode, json.loads(out.decode())


def present(machine, **more):
    given = dict(builder="unit-test", address="192.0.2.9", clients=["192.0.2.1"], compiler_version=FOREIGN, job_mib=1)
    given.update(more)
    return module(machine, "distcc_helper", **dict(item for item in given.items() if item[1] is not None))


def test_the_module_predicts(machine):
    machine.debian("amd64", ["distcc"])
    status, answer = present(machine, _ansible_check_mode=True, _ansible_diff=True)
    assert status == 0, answer
    port, cores = port_of("unit-test"), len(os.sched_getaffinity(0))
    assert (answer["changed"], answer["packages"]) == (True, ["g++-12-arm-linux-gnueabihf"])
    assert answer["distcc_host"] == "192.0.2.9:%d/%d,lzo" % (port, cores)
    assert (answer["port"], answer["slots"], answer["compiler"]) == (port, cores, "arm-linux-gnueabihf-g++-12")
    assert answer["diff"]["before"] == "" and answer["diff"]["after"].endswith("--allow=192.0.2.1\n")

    machine.debian("amd64", ["distcc", "g++-12-arm-linux-gnueabihf"])
    machine.program("arm-linux-gnueabihf-g++-12", "echo '%s' >&2" % FOREIGN)
    status, answer = present(machine, compress=False, _ansible_check_mode=True)
    assert (status, answer["changed"], answer["packages"]) == (0, True, []), answer
    assert answer["distcc_host"] == "192.0.2.9:%d/%d" % (port, cores)


def test_the_module_leaves_packages_to_the_action(machine):
    machine.debian("amd64")
    status, answer = present(machine)
    assert (status, answer["changed"]) == (0, False), answer
    assert answer["packages"] == ["distcc", "g++-12-arm-linux-gnueabihf"]


@pytest.mark.parametrize(
    "more, words",
    [
        ({"compiler_version": "Debian clang version 14.0.6"}, "helpers compile with GCC, and unit-test has another"),
        ({"clients": []}, "clients is empty: the address from which unit-test comes is needed"),
        ({"address": None}, "state is present but all of the following are missing: address"),
    ],
)
def test_the_module_refuses(machine, more, words):
    machine.debian()
    status, answer = present(machine, **more)
    assert status == 1 and words in answer["msg"], answer


def test_nothing_is_there_to_stop(machine):
    status, answer = module(machine, "distcc_helper", builder="unit-test", state="absent", _ansible_check_mode=True)
    assert (status, answer["changed"], answer["port"]) == (0, False, port_of("unit-test")), answer


def test_the_module_of_the_builder(machine):
    machine.program("distcc", "[ $DISTCC_HOSTS = 192.0.2.1:4567 ]")
    given = {"host": "192.0.2.1:4567/4,lzo", "compiler_version": NATIVE}
    status, answer = module(machine, "distcc_builder", address="127.0.0.1", **given)
    assert (status, answer["changed"], answer["source"], answer["compiles"]) == (0, False, "127.0.0.1", True), answer
    status, answer = module(machine, "distcc_builder", **{**given, "host": "192.0.2.2:4567/2"})
    assert status == 1 and "compiles" not in answer, answer
    assert "192.0.2.2:4567 does not compile a test program with x86_64-linux-gnu-g++-12: status 1." in answer["msg"]
    status, answer = module(machine, "distcc_builder", address="no-such-host.invalid")
    assert status == 1 and "no way to the helper's address" in answer["msg"]
