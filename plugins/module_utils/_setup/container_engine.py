# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Docker or Podman on this machine, by their command lines, which are the same but for what is named here."""

import json
import os
import pwd
import re
import shutil

from .._base.errors import EnvironmentProblem
from .._base.text import last_words

ENGINES = ("docker", "podman")
# Where a container's SSH server is published.
HOST = "127.0.0.1"
# The variable that leads to an engine on another machine.
_ELSEWHERE = {"docker": "DOCKER_HOST", "podman": "CONTAINER_HOST"}
_TITLES = {"docker": "Docker", "podman": "Podman"}
# `podman create --init` needs it; where it may be: containers.conf(5), init_path.
_PODMAN_INIT = (
    "/usr/libexec/podman/catatonit",
    "/usr/local/libexec/podman/catatonit",
    "/usr/local/lib/podman/catatonit",
)
_ABSENT = re.compile(r"no such|image not known", re.I)


class Engine(object):
    """run(argv, data=None) -> (exit status, stdout, stderr)."""

    def __init__(self, run, name="docker"):
        self.run, self.name, self.title = run, name, _TITLES[name]

    def call(self, *arguments, **options):
        """The output of a command of the engine; EnvironmentProblem if it fails."""
        return call(self.run, [self.name] + list(arguments), **options)

    def inspect(self, kind, name):
        """The engine's description of a container, image or volume; None if it does not exist."""
        status, out, err = self.run([self.name, kind, "inspect", name])
        if status == 0:
            return json.loads(out)[0]
        if _ABSENT.search(err):
            return None
        raise EnvironmentProblem(
            "%s %s inspect %s ended with status %d: %s" % (self.name, kind, name, status, last_words(err))
        )

    def read_log(self, container):
        _status, out, err = self.run([self.name, "logs", "--tail", "5", container])
        return last_words(out + err)

    def create_options(self):
        """What makes a container of Podman one of Docker."""
        # sshd ends every login that it cannot write to the kernel's audit log. Docker allows that, Podman does not.
        return ["--cap-add=AUDIT_WRITE"] if self.name == "podman" else []

    # -- what this machine lacks: [(description, [packages])]

    def find_missing(self):
        address = os.environ.get(_ELSEWHERE[self.name], "unix:")
        if not shutil.which(self.name):
            return [self._missing_program()]
        if not address.startswith("unix:"):
            return [
                (
                    "a local %s engine: %s is %s, but the container is reached at %s; unset it"
                    % (self.title, _ELSEWHERE[self.name], address, HOST),
                    [],
                )
            ]
        return self._missing_docker() if self.name == "docker" else self._missing_podman()

    def _missing_program(self):
        packages = {
            "docker": ["docker.io", "docker-cli (a package of its own from Debian 13 on)"],
            "podman": ["podman", "catatonit", "uidmap", "slirp4netns", "netavark"],
        }
        others = [other for other in ENGINES if other != self.name and shutil.which(other)]
        hint = "".join(" (%s is there: engine: %s)" % (_TITLES[other], other) for other in others)
        return "the program %s%s" % (self.name, hint), packages[self.name]

    def _missing_docker(self):
        status, out, err = self.run(["docker", "version", "--format", "{{.Server.Version}}"])
        if status == 0:
            return []
        if "permission denied" in err.lower():
            user = pwd.getpwuid(os.geteuid()).pw_name
            return [
                (
                    "permission to use Docker: the user %s may not; run `usermod -aG docker %s` and log in "
                    "again, run this as root, or take engine: podman, which needs no such group" % (user, user),
                    [],
                )
            ]
        return [
            (
                "a running Docker engine (systemctl start docker): %s" % last_words(err or out),
                [] if shutil.which("dockerd") else ["docker.io"],
            )
        ]

    def _missing_podman(self):
        lacks = []
        if not any(map(os.path.exists, _PODMAN_INIT)) and not shutil.which("catatonit"):
            lacks.append(("the program catatonit, the first process of a container", ["catatonit"]))
        if os.geteuid() != 0:
            if not shutil.which("newuidmap"):
                lacks.append(("the program newuidmap (without it only root can use Podman)", ["uidmap"]))
            if not shutil.which("slirp4netns") and not shutil.which("pasta"):
                lacks.append(("the program slirp4netns or pasta, the network of a user's containers", ["slirp4netns"]))
        if not lacks:
            status, out, err = self.run(["podman", "info", "--format", "{{.Host.Arch}}"])
            if status:
                lacks.append(("a Podman that works for this user: %s" % last_words(err or out), []))
        return lacks


def call(run, argv, data=None):
    """The output of a program; EnvironmentProblem with its last words if it fails."""
    status, out, err = run(argv, data)
    if status:
        raise EnvironmentProblem("%s ended with status %d: %s" % (" ".join(argv), status, last_words(err or out)))
    return out
