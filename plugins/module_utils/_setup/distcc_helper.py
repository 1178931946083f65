# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""distccd on a helper for one builder, and how that builder tests a helper. Debian's distcc in its plain mode:
preprocessed text goes to the helper, an object comes back.
"""

import hashlib
import os
import re
import socket
import time

from .._base.errors import EnvironmentProblem
from .._base.files import read_or_none, remove, write_atomic

# How Debian calls the architecture of a compiler's target.
ARCHITECTURES = {"aarch64-linux-gnu": "arm64", "arm-linux-gnueabihf": "armhf", "x86_64-linux-gnu": "amd64"}
LOG = "/var/log/distccd.log"
# Every builder has a port of its own on its helpers.
_FIRST_PORT, _PORTS = 3700, 1000
_LISTEN_SECONDS, _COMPILE_SECONDS = 30, 120


def port_of(builder):
    return _FIRST_PORT + int(hashlib.sha256(builder.encode("utf-8")).hexdigest()[:6], 16) % _PORTS


def slots_for(cores, memory_mib, job_mib):
    """As many compilers as the helper has cores, and memory for."""
    return max(1, min(cores, memory_mib // job_mib))


def baseline_of(version):
    """For which processors a GCC compiles by default: Raspberry Pi OS and Debian differ there."""
    return sorted(re.findall(r"--with-(?:abi|arch|cpu|float|fpu|mode)=\S+", version))


def packages_for(target, major, architecture):
    """distcc, and the builder's compiler: native, or a cross compiler where the helper has another architecture."""
    if target not in ARCHITECTURES:
        raise EnvironmentProblem(
            "the builder compiles for %s, and helpers can compile for %s" % (target, ", ".join(sorted(ARCHITECTURES)))
        )
    cross = "" if architecture == ARCHITECTURES[target] else "-" + target.replace("_", "-")
    return ["distcc", "g++-%s%s" % (major, cross)]


class Helper(object):
    """This machine as a helper of one builder. run(argv) returns (exit status, stdout, stderr)."""

    def __init__(self, run, builder, directory="/run", user="distccd", program="/usr/bin/distccd"):
        if not re.match(r"[^/\s]+$", builder):
            raise EnvironmentProblem("builder %r: a name without slashes and white space is needed" % builder)
        self.run, self.builder, self.user, self.program = run, builder, user, program
        self.port = port_of(builder)
        self.pid_file = os.path.join(directory, "edgeai-distccd-%s.pid" % builder)
        self.arguments_file = os.path.join(directory, "edgeai-distccd-%s.arguments" % builder)

    def run_checked(self, *argv):
        status, out, err = self.run(list(argv))
        if status:
            raise EnvironmentProblem(
                "`%s` ended with status %d: %s"
                % (" ".join(argv), status, " ".join((err.strip() or out.strip()).split()))
            )
        return out

    # --- compilers

    def missing_packages(self, target, major):
        return [
            package
            for package in packages_for(target, major, self.run_checked("dpkg", "--print-architecture").strip())
            if not self.run(["dpkg-query", "--show", "--showformat=${Status}", package])[1].endswith(" installed")
        ]

    def check_baseline(self, compiler, builders_version):
        """EnvironmentProblem if this machine's compiler has other defaults than the builder's."""
        status, out, err = self.run([compiler, "-v"])
        if status:
            raise EnvironmentProblem("`%s -v` ended with status %d: %s" % (compiler, status, (err or out).strip()))
        own, wanted = baseline_of(err), baseline_of(builders_version)
        if own != wanted:
            raise EnvironmentProblem(
                "its %s compiles for %s, that of %s for %s: the objects would not be the same"
                % (compiler, " ".join(own), self.builder, " ".join(wanted))
            )

    # --- the daemon

    def daemon_arguments(self, slots, clients):
        return [
            "--no-detach",
            "--log-file=" + LOG,
            "--nice=10",
            "--port=%d" % self.port,
            "--jobs=%d" % slots,
        ] + ["--allow=" + client for client in clients]

    def running_arguments(self):
        """The text of the arguments of the daemon that runs; empty if none runs."""
        return (read_or_none(self.arguments_file) or "unknown\n") if self.is_running() else ""

    def is_running(self):
        if not os.path.exists(self.pid_file):
            return False
        return self.run(["start-stop-daemon", "--status", "--pidfile=" + self.pid_file, "--user=" + self.user])[0] == 0

    def start(self, arguments):
        """A daemon with these arguments instead of any other for this builder."""
        self.stop()
        write_atomic(self.arguments_file, " ".join(arguments) + "\n")
        self.run_checked(
            "start-stop-daemon",
            "--start",
            "--background",
            "--make-pidfile",
            "--pidfile=" + self.pid_file,
            "--user=" + self.user,
            "--chuid=" + self.user,
            "--startas=" + self.program,
            "--",
            *arguments,
        )

    def wait_until_it_listens(self, seconds=_LISTEN_SECONDS):
        deadline = time.time() + seconds
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=5).close()
                return
            except OSError as error:
                if time.time() > deadline:
                    raise EnvironmentProblem(
                        "distccd does not listen at port %d after %d s (%s); see %s" % (self.port, seconds, error, LOG)
                    ) from None
            time.sleep(0.2)

    def stop(self):
        if self.is_running():
            self.run_checked(
                "start-stop-daemon",
                "--stop",
                "--retry=5",
                "--remove-pidfile",
                "--pidfile=" + self.pid_file,
                "--user=" + self.user,
            )
        for path in self.existing_files():
            remove(path)

    def existing_files(self):
        return [path for path in (self.pid_file, self.arguments_file) if os.path.exists(path)]


# --- on the builder


def source_address(address):
    """The address of this machine that a helper at `address` sees."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
            connection.connect((address, 9))  # sends nothing
            return connection.getsockname()[0]
    except OSError as error:
        raise EnvironmentProblem("no way to the helper's address %s: %s" % (address, error)) from None


def check_helper(run, compiler, place, directory):
    """EnvironmentProblem if the helper at `place` (ADDRESS:PORT) does not compile with this compiler."""
    write_atomic(os.path.join(directory, "trial.cc"), "int main() {}\n")
    # By notes in DISTCC_DIR, distcc does not use a host again that failed a minute ago.
    environment = {"DISTCC_HOSTS": place, "DISTCC_FALLBACK": "0", "DISTCC_DIR": directory}
    argv = ["timeout", str(_COMPILE_SECONDS), "distcc", compiler, "-c", "trial.cc", "-o", "trial.o"]
    status, out, err = run(argv, cwd=directory, environ_update=environment)
    if status:
        said = "no answer within %d s" % _COMPILE_SECONDS if status == 124 else err.strip() or out.strip()
        raise EnvironmentProblem(
            "%s does not compile a test program with %s: %s. Port %s of the helper must be open for the builder"
            % (place, compiler, said or "status %d" % status, place.rpartition(":")[2])
        )
