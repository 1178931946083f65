# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""The image of a builder: a distribution's packages by mmdebstrap, or an image of Debian or Ubuntu with what Ansible
needs added.
"""

import hashlib
import io
import json
import os
import re
import shutil
import tarfile
import tempfile
import time

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_or_none, remove
from .._base.text import clean_line, last_words
from .native_compiler import add_compiler, unpack_command

# Packages that Ansible needs; a build installs its own.
PACKAGES = ["ca-certificates", "openssh-server", "procps", "python3", "python3-apt", "python3-venv"]
DEBIAN_KEYS = "/usr/share/keyrings/debian-archive-keyring.gpg"
UBUNTU_KEYS = "/usr/share/keyrings/ubuntu-archive-keyring.gpg"
UBUNTU_SUITES = ("bionic", "focal", "jammy", "noble")
UBUNTU_MIRRORS = {"amd64": "http://archive.ubuntu.com/ubuntu"}  # and for all others:
UBUNTU_PORTS = "http://ports.ubuntu.com/ubuntu-ports"
REPOSITORY = "edgeai-builder"
LABEL = "edgeai.fleet.builder"
CA_BUNDLE = "/etc/ssl/certs/ca-certificates.crt"
# How registries call Debian's architectures, and what an image says of itself.
PLATFORMS = {"amd64": "linux/amd64", "arm64": "linux/arm64/v8", "armhf": "linux/arm/v7"}
# An image of armel says v5, one of a Raspberry Pi 1 v6.
_VARIANTS = {"amd64": None, "arm64": None, "armhf": ("", "v7", "v8")}
_NO_VARIANT = re.compile(
    r"no matching manifest|no image found in (?:manifest list|image index)|no match for platform", re.I
)
_OS_RELEASE = re.compile(r'^(\w+)="?([^"\n]*)"?$', re.M)

# The arguments are packages. The last line is Debian's name of the architecture.
ADD_PACKAGES = """\
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends "$@"
apt-get clean
rm -rf /var/lib/apt/lists/*
dpkg --print-architecture
"""


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


class BuilderImage(object):
    """One image, by the options of the module; `base` is its option `image`. With `own`, this machine's architecture,
    it has a compiler that runs natively.
    """

    def __init__(self, run, engine, suite, architecture, mirrors=(), base="", environment=None, own=None):
        self.run, self.engine, self.suite, self.architecture = run, engine, suite, architecture
        self.mirrors, self.base, self.environment, self.own = list(mirrors), base, environment or {}, own
        self.recipe = userland_command(suite, architecture, mirrors)
        key = ["image", base, suite, architecture, self.mirrors, PACKAGES, ADD_PACKAGES] if base else self.recipe
        if own:
            key = [key, unpack_command(userland_command(suite, own, mirrors)[0], architecture)]
        digest = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        self.name = "%s:%s-%s-%s" % (REPOSITORY, suite or "image", architecture, digest[:12])

    def inspect(self):
        return self.engine.inspect("image", self.name)

    def describe(self):
        """(the image it was made from, as it can be named again, or None; its release of Debian or Ubuntu)"""
        labels = ((self.inspect() or {}).get("Config") or {}).get("Labels") or {} if self.base else {}
        return labels.get(LABEL + ".base"), self.suite or labels.get(LABEL + ".suite") or None

    def find_missing(self):
        """What this machine lacks to make it: [(description, [packages])]."""
        lacks = []
        if self.base and not self.own:
            return lacks
        if not shutil.which("mmdebstrap"):
            lacks.append(("the program mmdebstrap (or give an image)", ["mmdebstrap"]))
        keys, package = (
            (UBUNTU_KEYS, "ubuntu-keyring") if self.suite in UBUNTU_SUITES else (DEBIAN_KEYS, "debian-archive-keyring")
        )
        # Mirrors from the options may have keys of their own.
        if not os.path.exists(keys) and (self.suite in UBUNTU_SUITES or not self.recipe[1]):
            lacks.append(("the archive keys of %s (%s)" % (self.suite, keys), [package]))
        if os.geteuid() != 0 and not shutil.which("newuidmap"):
            lacks.append(("the program newuidmap (without it only root can make a userland)", ["uidmap"]))
        return lacks

    def make(self, directory):
        """Make it; the archive of its files is in this directory meanwhile."""
        make_directory(directory, 0o700)
        folder = tempfile.mkdtemp(prefix="image-", dir=directory)
        tar = os.path.join(folder, "userland.tar")
        try:
            labels = self._make_from_base(folder, tar) if self.base else self._make_userland(tar)
            if self.own:
                suite = self.suite or dict(labels)[LABEL + ".suite"]
                unpacked = os.path.join(folder, "compiler.tar")
                command, mirrors = userland_command(suite, self.own, self.mirrors)
                self._bootstrap(unpack_command(command, self.architecture), mirrors, unpacked, suite)
                add_compiler(tar, unpacked, self.own, self.architecture)
            changes = [word for pair in labels for word in ("--change", 'LABEL %s="%s"' % pair)]
            # Without a platform: older engines record a foreign image as native, and would then try to pull.
            self.engine.call("import", *(changes + [tar, self.name]))
        finally:
            remove(folder)

    def _make_userland(self, tar):
        command, mirrors = self.recipe
        self._bootstrap(command, mirrors, tar, self.suite)
        return []

    def _bootstrap(self, command, mirrors, tar, suite):
        status, out, err = self.run(command + [tar] + mirrors)
        if status:
            raise EnvironmentProblem(
                "the userland of %s for %s cannot be made: %s ended with status %d: %s"
                % (suite, self.architecture, " ".join(command + mirrors), status, first_errors(err))
            )

    # -- from an image

    def _make_from_base(self, folder, tar):
        """The labels of the image, whose files are in the archive then."""
        base, reference = self._fetch_base()
        self._remove_leftovers()
        container = self.engine.call(
            "create",
            "--platform=" + PLATFORMS[self.architecture],
            "--label=%s=%s" % (LABEL + ".making", self.name),
            "--user=0:0",
            "--entrypoint=/bin/sh",
            *self.engine.create_options()
            + ["--env=%s=%s" % pair for pair in sorted(self.environment.items())]
            + [base, "-c", ADD_PACKAGES, "sh"]
            + PACKAGES,
        ).split()[-1]
        try:
            suite = self._check_release(container, folder)
            self.engine.call("cp", "-", container + ":/", data=self._sources_of(suite))
            status, out, err = self.run([self.engine.name, "start", "--attach", container])
            if status:
                raise EnvironmentProblem(
                    "the packages of a builder cannot be installed in the image %s (status %d): %s"
                    % (self.base, status, first_errors(err + out))
                )
            found = out.split()[-1] if out.split() else ""
            if found != self.architecture:
                raise EnvironmentProblem(
                    "the image %s is of the architecture %s, not %s" % (self.base, clean_line(found), self.architecture)
                )
            # Not a commit: that would keep the variables, which may hold a proxy's password.
            self.engine.call("export", "--output", tar, container)
        finally:
            self.run([self.engine.name, "rm", "--force", container])
        return [(LABEL + ".base", reference), (LABEL + ".suite", suite)]

    def _fetch_base(self):
        """(id, name with digest) of the image for this architecture, pulled if it is not there."""
        found = self.engine.inspect("image", self.base)
        if found is None or not self._is_for(found):
            before, found = found, self._pull()
            if not self._is_for(found):
                raise EnvironmentProblem(
                    "the image %s is for %s/%s, not for %s (%s). Name one that is for this architecture, such as"
                    " debian:%s of the official images"
                    % (
                        self.base,
                        clean_line(found.get("Os") or "?"),
                        clean_line("/".join(filter(None, [found.get("Architecture"), found.get("Variant")]))),
                        self.architecture,
                        PLATFORMS[self.architecture],
                        self.suite or "bookworm",
                    )
                )
            if before and "@" not in self.base:
                # The user's own image, of another architecture, keeps its name.
                self.engine.call("tag", before["Id"], self.base)
        return found["Id"], _reference(self.base, found)

    def _pull(self):
        status, out, err = self.run([self.engine.name, "pull", "--platform=" + PLATFORMS[self.architecture], self.base])
        if status:
            said = last_words(err or out)
            raise EnvironmentProblem(
                "the image %s %s: %s"
                % (
                    self.base,
                    "has no variant for %s (%s)" % (self.architecture, PLATFORMS[self.architecture])
                    if _NO_VARIANT.search(said)
                    else "cannot be pulled",
                    said,
                )
            )
        found = self.engine.inspect("image", self.base)
        if found is None:
            raise EnvironmentProblem("the image %s was pulled, and is not there" % self.base)
        return found

    def _is_for(self, found):
        variants = _VARIANTS[self.architecture]
        return found.get("Architecture") == PLATFORMS[self.architecture].split("/")[1] and (
            variants is None or (found.get("Variant") or "") in variants
        )

    def _check_release(self, container, folder):
        """Its release of Debian or Ubuntu; a problem if it is of another one, or of another distribution."""
        path = os.path.join(folder, "os-release")
        status, out, err = self.run([self.engine.name, "cp", container + ":/usr/lib/os-release", path])
        text = "" if status else read_or_none(path) or ""
        found = dict(_OS_RELEASE.findall(text))
        if "debian" not in [found.get("ID")] + found.get("ID_LIKE", "").split() or not found.get("VERSION_CODENAME"):
            raise EnvironmentProblem(
                "the image %s is of %s; a builder is of Debian or Ubuntu, or of what is made from them"
                % (self.base, clean_line(found.get("PRETTY_NAME") or "an unknown system (%s)" % last_words(err or out)))
            )
        suite = clean_line(found["VERSION_CODENAME"])
        if self.suite and suite != self.suite:
            raise EnvironmentProblem(
                "the image %s is of %s, but %s was asked for: a wheel runs neither with an older C library nor with"
                " another Python than it was built for. Correct image or suite" % (self.base, suite, self.suite)
            )
        return suite

    def _sources_of(self, suite):
        """The mirrors of the options instead of the image's, and this machine's certificates for them."""
        files = []
        if self.mirrors:
            lines = [
                mirror if mirror.startswith("deb") else "deb %s %s main" % (mirror, suite) for mirror in self.mirrors
            ]
            files += [
                ("etc/apt/sources.list", "".join(line + "\n" for line in lines).encode(), 0o644),
                ("etc/apt/sources.list.d/debian.sources", b"", 0o644),
                ("etc/apt/sources.list.d/ubuntu.sources", b"", 0o644),
            ]
        return archive_of(files + certificates())

    def _remove_leftovers(self):
        """Containers of a run that was killed while it made this image."""
        label = "label=%s=%s" % (LABEL + ".making", self.name)
        for container in self.engine.call("ps", "--all", "--quiet", "--filter", label).split():
            self.engine.call("rm", "--force", container)


def _reference(base, found):
    """The name of the image with its digest; without one, as for an image that was never pulled, its id."""
    name = base.split("@")[0]
    digests = [text for text in found.get("RepoDigests") or () if "@" in text]
    short = re.sub(r":[^/:]+$", "", name)
    own = [text for text in digests if text.split("@")[0] == short or text.split("@")[0].endswith("/" + short)]
    return (own or digests or [found["Id"]])[0]


def certificates():
    """This machine's certificates: downloads in the container trust the same."""
    if not os.path.exists(CA_BUNDLE):
        return []
    with open(CA_BUNDLE, "rb") as stream:
        return [(CA_BUNDLE.lstrip("/"), stream.read(), 0o644)]


def archive_of(files, directories=()):
    """A tar archive of root's files: [(name, content, mode)]."""
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        for name in directories:
            folder = tarfile.TarInfo(name)
            folder.type, folder.mode = tarfile.DIRTYPE, 0o755
            tar.addfile(folder)
        for name, content, mode in files:
            member = tarfile.TarInfo(name)
            member.size, member.mode, member.mtime = len(content), mode, int(time.time())
            tar.addfile(member, io.BytesIO(content))
    return archive.getvalue()


def first_errors(text):
    """The first errors of mmdebstrap and apt: their last lines are about the cleanup."""
    complaints = [line for line in text.splitlines() if line.startswith("E: ")]
    return last_words("\n".join(complaints[:2]) or text)
