# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A container for builds: a distribution's userland of any architecture, reached over SSH.

Its builds are in a volume.
"""

import hashlib
import io
import json
import os
import platform
import pwd
import re
import shutil
import socket
import tarfile
import time

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_or_none, remove, write_atomic
from .._base.machine import MACHINES
from .._base.text import last_words

# The kernel's name of an architecture's emulator, by Debian's name of the architecture.
EMULATORS = {"amd64": "qemu-x86_64", "arm64": "qemu-aarch64", "armhf": "qemu-arm"}
# Packages that Ansible needs; a build installs its own.
PACKAGES = ["ca-certificates", "openssh-server", "procps", "python3", "python3-apt", "python3-venv"]
DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
UBUNTU_KEYS = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
UBUNTU_SUITES = ("bionic", "focal", "jammy", "noble")
UBUNTU_MIRRORS = {"amd64": "http://archive.ubuntu.com/ubuntu"}  # and for all others:
UBUNTU_PORTS = "http://ports.ubuntu.com/ubuntu-ports"
REPOSITORY = "edgeai-builder"
LABEL = "edgeai.fleet.builder"
BINFMT = "/proc/sys/fs/binfmt_misc"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
HOST = "127.0.0.1"
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


def userland_command(suite, architecture, mirrors=()):
    """(command that makes the userland, mirrors); the output file belongs between them."""
    if not mirrors and suite in UBUNTU_SUITES:
        mirrors = [
            "deb [signed-by=%s] %s %s%s main universe"
            % (UBUNTU_KEYS, UBUNTU_MIRRORS.get(architecture, UBUNTU_PORTS), suite, part)
            for part in ("", "-updates", "-security")
        ]
    return [
        "mmdebstrap",
        "--variant=minbase",
        "--architectures=" + architecture,
        "--include=" + ",".join(PACKAGES),
        "--format=tar",
        suite,
    ], list(mirrors)


class Builder(object):
    """One container. run(argv, data=None) -> (exit status, stdout, stderr); the other arguments are the module's
    options.
    """

    def __init__(
        self, run, name, directory, suite="", architecture="", mirrors=(), environment=None, memory_mib=0, path=""
    ):
        if not re.match(r"[a-z0-9][a-z0-9_.-]*$", name):
            raise EnvironmentProblem(
                "name %r: the name of a container consists of lower-case letters, digits, -, _ and ." % name
            )
        self.run, self.name, self.directory = run, name, os.path.join(directory, name)
        self.suite, self.architecture, self.emulator = suite, architecture, EMULATORS.get(architecture)
        self.environment, self.memory_mib, self.path = environment or {}, memory_mib, path
        self.container = "edgeai-builder-" + name
        self.recipe = userland_command(suite, architecture, mirrors)
        digest = hashlib.sha256(json.dumps(self.recipe).encode()).hexdigest()
        self.image = "%s:%s-%s-%s" % (REPOSITORY, suite, architecture, digest[:12])

    # -- state

    def is_emulated(self):
        return platform.machine() != MACHINES[self.architecture]

    def inspect_container(self):
        """Docker's description of the container; None if it does not exist."""
        found = self._inspect_object("container", self.container)
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
        lacks = self._missing_engine()
        if not shutil.which("ssh-keygen"):
            lacks.append(("the program ssh-keygen", ["openssh-client"]))
        if lacks or self._inspect_object("image", self.image) is None:
            lacks += self._missing_for_image()
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

    def _missing_engine(self):
        if not shutil.which("docker"):
            return [("the program docker", ["docker.io", "docker-cli (a package of its own from Debian 13 on)"])]
        address = os.environ.get("DOCKER_HOST", "unix:")
        if not address.startswith("unix:"):
            return [
                (
                    "a local Docker engine: DOCKER_HOST is %s, but the container is reached at %s; unset it"
                    % (address, HOST),
                    [],
                )
            ]
        status, out, err = self.run(["docker", "version", "--format", "{{.Server.Version}}"])
        if status == 0:
            return []
        if "permission denied" in err.lower():
            user = pwd.getpwuid(os.geteuid()).pw_name
            return [
                (
                    "permission to use Docker: the user %s may not; run `usermod -aG docker %s` and log in "
                    "again, or run this as root" % (user, user),
                    [],
                )
            ]
        return [
            (
                "a running Docker engine (systemctl start docker): %s" % last_words(err or out),
                [] if shutil.which("dockerd") else ["docker.io"],
            )
        ]

    def _missing_for_image(self):
        lacks = []
        if not shutil.which("mmdebstrap"):
            lacks.append(("the program mmdebstrap", ["mmdebstrap"]))
        keys, package = (
            (UBUNTU_KEYS, "ubuntu-keyring") if self.suite in UBUNTU_SUITES else (DEBIAN_KEYS, "debian-archive-keyring")
        )
        # Mirrors from the options may have keys of their own.
        if not os.path.exists(keys) and (self.suite in UBUNTU_SUITES or not self.recipe[1]):
            lacks.append(("the archive keys of %s (%s)" % (self.suite, keys), [package]))
        if os.geteuid() != 0 and not shutil.which("newuidmap"):
            lacks.append(("the program newuidmap (without it only root can make a userland)", ["uidmap"]))
        return lacks

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
            if self._inspect_object("image", self.image) is None:
                self._make_image()
            self._make_keys()
            if found:
                # This stops a running build; its objects are in the volume, and the next run continues there.
                self._run_docker("rm", "--force", self.container)
            self._create_container()
        self._run_docker("start", self.container)
        self._wait_for_ssh()

    def remove_all(self):
        if self.inspect_container():
            self._run_docker("rm", "--force", self.container)
        if self._inspect_object("volume", self.container):
            self._run_docker("volume", "rm", self.container)
        remove(self.directory)

    def is_absent(self):
        return not (
            self.inspect_container() or self._inspect_object("volume", self.container) or os.path.exists(self.directory)
        )

    def describe_connection(self, found):
        """How to reach the container; port is None while it does not run."""
        known_hosts = os.path.join(self.directory, "known_hosts")
        running = bool(found) and found["State"]["Running"]
        network = next(iter(found["NetworkSettings"]["Networks"].values())) if running else {}
        ports = found["NetworkSettings"]["Ports"].get("22/tcp") if running else None
        options = [
            'UserKnownHostsFile="%s"' % known_hosts,
            "HostKeyAlias=" + self.container,
            "StrictHostKeyChecking=yes",
            "IdentitiesOnly=yes",
        ]
        return dict(
            name=self.name,
            container=self.container,
            image=self.image,
            architecture=self.architecture,
            suite=self.suite,
            emulated=self.is_emulated(),
            running=running,
            path=self.path,
            host=HOST,
            port=int(ports[0]["HostPort"]) if ports else None,
            user="root",
            private_key=os.path.join(self.directory, "id_ed25519"),
            known_hosts=known_hosts,
            python="/usr/bin/python3",
            ssh_common_args=" ".join("-o '%s'" % option for option in options),
            address=network.get("IPAddress"),
            gateway=network.get("Gateway"),
        )

    def _make_image(self):
        tar = "%s.%s.tar" % (self.directory, self.suite)
        make_directory(os.path.dirname(self.directory), 0o700)
        command, mirrors = self.recipe
        try:
            status, out, err = self.run(command + [tar] + mirrors)
            if status:
                raise EnvironmentProblem(
                    "the userland of %s for %s cannot be made: %s ended with status %d: %s"
                    % (self.suite, self.architecture, " ".join(command + mirrors), status, _first_errors(err))
                )
            # Without a platform: older engines record a foreign image as native, and would then try to pull.
            self._run_docker("import", tar, self.image)
        finally:
            remove(tar)

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
            self._run_command(["mount", "-t", "binfmt_misc", "binfmt_misc", BINFMT])
        self._run_command(["update-binfmts", "--enable", self.emulator])

    def _create_container(self):
        labels = {LABEL: self.name, LABEL + ".digest": self._container_digest()}
        self._run_docker(
            "create",
            "--name",
            self.container,
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
            + [self.image]
            + COMMAND,
        )
        self._run_docker("cp", "-", self.container + ":/", data=self._container_files())

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
        if os.path.exists(CA_BUNDLE):
            # Downloads in the container trust the same certificates as this machine.
            with open(CA_BUNDLE, "rb") as stream:
                files.append((CA_BUNDLE.lstrip("/"), stream.read(), 0o644))
        archive = io.BytesIO()
        with tarfile.open(fileobj=archive, mode="w") as tar:
            folder = tarfile.TarInfo("etc/ssh/builder")
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
            for name, content, mode in files:
                member = tarfile.TarInfo(name)
                member.size, member.mode, member.mtime = len(content), mode, int(time.time())
                tar.addfile(member, io.BytesIO(content))
        return archive.getvalue()

    def _wait_for_ssh(self):
        deadline = time.time() + SSH_SECONDS
        while True:
            found = self.inspect_container()
            port = self.describe_connection(found)["port"]
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
                status, out, err = self.run(["docker", "logs", "--tail", "5", self.container])
                raise EnvironmentProblem(
                    "the container %s does not answer SSH: %s. It printed: %s"
                    % (self.container, problem, last_words(out + err))
                )
            time.sleep(0.5)

    # -- the engine

    def _container_digest(self):
        """The digest of everything that is fixed when a container is created."""
        given = [self.image, self.name, self.path, self.memory_mib, sorted(self.environment.items()), SSHD, COMMAND]
        return hashlib.sha256(
            json.dumps(given + [self._read_key(name) for name in ("id_ed25519.pub", "host_key.pub")]).encode()
        ).hexdigest()

    def _read_key(self, name):
        try:
            with open(os.path.join(self.directory, name)) as stream:
                return stream.read()
        except FileNotFoundError:
            return ""

    def _inspect_object(self, kind, name):
        status, out, err = self.run(["docker", kind, "inspect", name])
        if status == 0:
            return json.loads(out)[0]
        if "no such" in err.lower():
            return None
        raise EnvironmentProblem(
            "docker %s inspect %s ended with status %d: %s" % (kind, name, status, last_words(err))
        )

    def _run_docker(self, *arguments, **options):
        return self._run_command(["docker"] + list(arguments), **options)

    def _run_command(self, argv, data=None):
        status, out, err = self.run(argv, data)
        if status:
            raise EnvironmentProblem("%s ended with status %d: %s" % (" ".join(argv), status, last_words(err or out)))
        return out


def _is_registered(handler):
    """Whether the kernel runs such programs in containers, too: it must hold the emulator open (flag F)."""
    text = read_or_none(os.path.join(BINFMT, handler)) or ""
    return text.startswith("enabled") and bool(re.search(r"^flags: .*F", text, re.M))


def _first_errors(text):
    """The first errors of mmdebstrap and apt: their last lines are about the cleanup."""
    complaints = [line for line in text.splitlines() if line.startswith("E: ")]
    return last_words("\n".join(complaints[:2]) or text)
