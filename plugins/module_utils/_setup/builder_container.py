# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A container for builds: a distribution's userland of any architecture, reached over SSH.

Its builds are in a volume.
"""

import hashlib
import json
import os
import platform
import re
import shutil
import socket
import time

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_or_none, remove, write_atomic
from .._base.machine import MACHINES
from .._base.text import last_words
from .builder_image import LABEL, BuilderImage, archive_of, certificates
from .container_engine import HOST, Engine, call
from .native_compiler import LOADERS

# The kernel's name of an architecture's emulator, by Debian's name of the architecture.
EMULATORS = {"amd64": "qemu-x86_64", "arm64": "qemu-aarch64", "armhf": "qemu-arm"}
# Debian's name of this machine's architecture.
OWN = dict((machine, name) for name, machine in MACHINES.items())
BINFMT = "/proc/sys/fs/binfmt_misc"
SSH_SECONDS = 120

SSHD = """\
Port 22
HostKey /etc/ssh/builder/host_key
AuthorizedKeysFile /etc/ssh/builder/authorized_keys
PasswordAuthentication no
ChallengeResponseAuthentication no
PermitRootLogin prohibit-password
UsePAM yes
MaxStartups 100
Subsystem sftp /usr/lib/openssh/sftp-server
"""
# Otherwise the package lists of a userland made within the last hour would count as fresh.
COMMAND = [
    "/bin/sh",
    "-c",
    "touch -d @0 /var/lib/apt/lists && mkdir -p /run/sshd && exec /usr/sbin/sshd -D -e -f /etc/ssh/builder/sshd_config",
]


class Builder(object):
    """One container. run(argv, data=None) -> (exit status, stdout, stderr); the other arguments are the module's
    options.
    """

    def __init__(
        self,
        run,
        name,
        directory,
        suite="",
        architecture="",
        mirrors=(),
        environment=None,
        memory_mib=0,
        path="",
        engine="docker",
        image="",
        cross=False,
    ):
        if not re.match(r"[a-z0-9][a-z0-9_.-]*$", name):
            raise EnvironmentProblem(
                "name %r: the name of a container consists of lower-case letters, digits, -, _ and ." % name
            )
        self.run, self.name, self.directory = run, name, os.path.join(directory, name)
        self.architecture, self.emulator = architecture, EMULATORS.get(architecture)
        self.environment, self.memory_mib, self.path = environment or {}, memory_mib, path
        self.container = "edgeai-builder-" + name
        self.unfinished = "edgeai-new-" + name
        self.engine = Engine(run, engine)
        cross = cross and architecture and self.is_emulated()
        own = OWN.get(platform.machine()) if cross else None
        self.image = BuilderImage(run, self.engine, suite, architecture, mirrors, image, self.environment, own)
        if cross and own not in LOADERS:
            raise EnvironmentProblem(
                "cross: a native compiler is for machines of %s, this one is %s"
                % (" and ".join(sorted(LOADERS)), platform.machine())
            )

    # -- state

    def is_emulated(self):
        return platform.machine() != MACHINES[self.architecture]

    def inspect_container(self):
        """The engine's description of the container; None if it does not exist."""
        found = self.engine.inspect("container", self.container)
        if found and found["Config"]["Labels"].get(LABEL) != self.name:
            raise EnvironmentProblem(
                "the container %s exists and was not made by this module: remove it, or give another name"
                % self.container
            )
        return found

    def is_current(self, found):
        """Whether the container matches the options and the local keys."""
        return bool(found) and found["Config"]["Labels"].get(LABEL + ".digest") == self._container_digest()

    def find_missing(self):
        """Everything that this machine lacks, as [(description, [packages])]."""
        lacks = self.engine.find_missing()
        if not shutil.which("ssh-keygen"):
            lacks.append(("the program ssh-keygen", ["openssh-client"]))
        if lacks or self.image.inspect() is None:
            lacks += self.image.find_missing()
        if self.is_emulated() and not _is_registered(self.emulator) and not self._can_register():
            lacks.append(
                (
                    "QEMU for %s programs, registered with the kernel for containers, too (%s/%s with the flag "
                    "F; as root: update-binfmts --enable %s)"
                    % (self.architecture, BINFMT, self.emulator, self.emulator),
                    ["qemu-user-static", "binfmt-support"],
                )
            )
        return lacks

    def check_requirements(self):
        lacks = self.find_missing()
        if lacks:
            packages = [package for _what, needed in lacks for package in needed]
            install = ". As root, on Debian or Ubuntu: apt install %s" % " ".join(packages) if packages else ""
            raise EnvironmentProblem(
                "this machine cannot make the %s container %s. Missing: %s%s"
                % (
                    self.architecture,
                    self.container,
                    "; ".join("%d. %s" % (number, what) for number, (what, needed) in enumerate(lacks, 1)),
                    install,
                )
            )

    def _can_register(self):
        return (
            os.geteuid() == 0
            and shutil.which("update-binfmts")
            and os.path.exists("/usr/share/binfmts/" + self.emulator)
        )

    # -- changes

    def ensure_running(self, found):
        """Make the missing parts, and start the container."""
        if not self.is_current(found):
            if self.is_emulated():
                self._register_emulator()
            if self.image.inspect() is None:
                self.image.make(os.path.dirname(self.directory))
            self._make_keys()
            self._create_container(found)
        self.engine.call("start", self.container)
        self._wait_for_ssh()

    def _remove_unfinished(self):
        if self.engine.inspect("container", self.unfinished):
            self.engine.call("rm", "--force", self.unfinished)

    def remove_all(self):
        self._remove_unfinished()
        if self.inspect_container():
            self.engine.call("rm", "--force", self.container)
        if self.engine.inspect("volume", self.container):
            self.engine.call("volume", "rm", self.container)
        remove(self.directory)

    def is_absent(self):
        return not (
            self.inspect_container()
            or self.engine.inspect("container", self.unfinished)
            or self.engine.inspect("volume", self.container)
            or os.path.exists(self.directory)
        )

    def describe_connection(self, found):
        """How to reach the container; port is None while it does not run."""
        known_hosts = os.path.join(self.directory, "known_hosts")
        running = bool(found) and found["State"]["Running"]
        # A user's Podman has no network that other containers, or this machine, could reach.
        network = next(iter((found["NetworkSettings"].get("Networks") or {"": {}}).values())) if running else {}
        base, suite = self.image.describe()
        options = [
            'UserKnownHostsFile="%s"' % known_hosts,
            "HostKeyAlias=" + self.container,
            "StrictHostKeyChecking=yes",
            "IdentitiesOnly=yes",
        ]
        return dict(
            name=self.name,
            container=self.container,
            engine=self.engine.name,
            image=self.image.name,
            base=base,
            architecture=self.architecture,
            suite=suite,
            emulated=self.is_emulated(),
            cross=bool(self.image.own),
            running=running,
            path=self.path,
            host=HOST,
            port=_port_of(found) if running else None,
            user="root",
            private_key=os.path.join(self.directory, "id_ed25519"),
            known_hosts=known_hosts,
            python="/usr/bin/python3",
            ssh_common_args=" ".join("-o '%s'" % option for option in options),
            address=network.get("IPAddress") or None,
            gateway=network.get("Gateway") or None,
        )

    def _make_keys(self):
        make_directory(self.directory, 0o700)
        for name in ("id_ed25519", "host_key"):
            path = os.path.join(self.directory, name)
            if not (os.path.exists(path) and os.path.exists(path + ".pub")):
                remove(path)
                status, out, err = self.run(
                    ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", self.container, "-f", path]
                )
                if status:
                    raise EnvironmentProblem("the SSH key %s cannot be made: %s" % (path, last_words(err or out)))
        write_atomic(
            os.path.join(self.directory, "known_hosts"),
            "%s %s" % (self.container, self._read_key("host_key.pub")),
            0o600,
        )

    def _register_emulator(self):
        if _is_registered(self.emulator):
            return
        if not os.path.exists(os.path.join(BINFMT, "status")):
            call(self.run, ["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT])
        call(self.run, ["update-binfmts", "--enable", self.emulator])

    def _create_container(self, found):
        """Under another name until its files are in it: a run that is killed leaves no container without them."""
        labels = {LABEL: self.name, LABEL + ".digest": self._container_digest()}
        self._remove_unfinished()
        self.engine.call(
            "create",
            "--name",
            self.unfinished,
            "--hostname",
            self.name,
            "--init",
            "--publish",
            HOST + "::22",
            "--volume",
            self.container + ":" + self.path,
            *(["--memory", "%dm" % self.memory_mib] if self.memory_mib else [])
            + ["--label=%s=%s" % pair for pair in sorted(labels.items())]
            + ["--env=%s=%s" % pair for pair in sorted(self.environment.items())]
            + self.engine.create_options()
            + [self.image.name]
            + COMMAND,
        )
        self.engine.call("cp", "-", self.unfinished + ":/", data=self._container_files())
        if found:
            # This stops a running build; its objects are in the volume, and the next run continues there.
            self.engine.call("rm", "--force", self.container)
        self.engine.call("rename", self.unfinished, self.container)

    def _container_files(self):
        """The container's files, as a tar archive."""
        files = [
            ("etc/ssh/builder/sshd_config", SSHD.encode(), 0o644),
            ("etc/ssh/builder/host_key", self._read_key("host_key").encode(), 0o600),
            ("etc/ssh/builder/authorized_keys", self._read_key("id_ed25519.pub").encode(), 0o644),
        ]
        if self.environment:
            # A login starts with clean variables: PAM adds these, and reads the file as root. They may contain tokens.
            files.append(
                (
                    "etc/environment",
                    "".join("%s=%s\n" % pair for pair in sorted(self.environment.items())).encode(),
                    0o600,
                )
            )
        return archive_of(files + certificates(), ["etc/ssh/builder"])

    def _wait_for_ssh(self):
        deadline = time.time() + SSH_SECONDS
        while True:
            found = self.inspect_container()
            port = _port_of(found) if found["State"]["Running"] else None
            if port is None:
                problem, deadline = "its process ended with status %d" % found["State"]["ExitCode"], 0
            else:
                try:
                    with socket.create_connection((HOST, port), timeout=10) as connection:
                        if connection.recv(4) == b"SSH-":
                            return
                    problem = "its sshd does not answer"
                except OSError as error:
                    problem = str(error)
            if time.time() > deadline:
                raise EnvironmentProblem(
                    "the container %s does not answer SSH: %s. It printed: %s"
                    % (self.container, problem, self.engine.read_log(self.container))
                )
            time.sleep(0.5)

    # -- identity

    def _container_digest(self):
        """The digest of everything that is fixed when a container is created."""
        given = [
            self.image.name,
            self.name,
            self.path,
            self.memory_mib,
            sorted(self.environment.items()),
            SSHD,
            COMMAND,
        ]
        given += self.engine.create_options()
        return hashlib.sha256(
            json.dumps(given + [self._read_key(name) for name in ("id_ed25519.pub", "host_key.pub")]).encode()
        ).hexdigest()

    def _read_key(self, name):
        try:
            with open(os.path.join(self.directory, name)) as stream:
                return stream.read()
        except FileNotFoundError:
            return ""


def _port_of(found):
    """Where this machine reaches the SSH server of a running container."""
    ports = found["NetworkSettings"]["Ports"].get("22/tcp")
    return int(ports[0]["HostPort"]) if ports else None


def _is_registered(handler):
    """Whether the kernel runs such programs in containers, too: it must hold the emulator open (flag F)."""
    text = read_or_none(os.path.join(BINFMT, handler)) or ""
    return text.startswith("enabled") and bool(re.search(r"^flags: .*F", text, re.M))
