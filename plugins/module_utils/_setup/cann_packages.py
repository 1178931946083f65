# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""CANN's installers out of the packages of Huawei's apt and dnf repositories.

Huawei's packages are wrappers: each holds one .run file, which its script starts without --quiet. That asks for the
licence, and fails without a terminal. It installs over the version before, too. So a package is only fetched and
unpacked here, with the signature of the repository checked, and the .run file is then started like an operator's own.
Nothing of the repository stays on the board. Sources, read on 2026-11-30:

* https://www.hiascend.com/document/detail/en/CANNCommunityEdition/900/softwareinst/instg/instg_0105.html (apt: the
  repository, and the packages ascend-cann-toolkit, ascend-cann-<chip>-ops and ascend-cann-nnal, from 8.5.0 on),
* https://www.hiascend.com/document/detail/en/CANNCommunityEdition/910/softwareinst/instg/instg_0089.html (dnf:
  Ascend-cann-toolkit-9.1.0; 8.2.RC1 in canncommercial/82RC1/softwareinst/instg/instg_0001.html),
* public notes of who unpacked them: the .deb of 9.2.0-beta.2 (suite cann, component main, script without --quiet), the
  .rpm of 8.5.0 (fails without a terminal) and of 9.2.0-beta.2 (Ascend-cann-toolkit-9.2.0_beta.2-linux.x86_64.rpm below
  <repository>/<architecture>/Packages, key RPM-GPG-KEY-CANN).

Unproven: Huawei's repositories themselves could not be reached from the tests, which have local ones of this shape.
"""

import glob
import os
import re

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove, write_atomic
from .._base.text import clean_line, last_words, numbers_in

REPOSITORIES = {
    "apt": "https://ascend.devcloud.huaweicloud.com/cann/debian",
    "dnf": "https://repo.oepkgs.net/ascend/cann",
}
SUITE, COMPONENT = "cann", "main"
# What Huawei's package cann-keyring installs.
APT_KEYRING = "/usr/share/keyrings/cann-archive-keyring.gpg"
# About as large as these are: 1.3 GB the toolkit, up to 2.8 GB the kernels (of the 950), 0.6 GB NNAL (9.1.0, 9.2.0).
PACKAGES_BYTES = {"toolkit": 1400 << 20, "ops": 2800 << 20, "nnal": 600 << 20}
# The first CANN whose kernels are called ops, and which apt has.
OPS_SINCE = [8, 5]


def is_before_ops(version):
    """Whether a CANN is older than 8.5: its kernels are packages of another name, and its directories are others."""
    return numbers_in(version)[:2] < OPS_SINCE


def package_of(part, version, chip, manager):
    """The name of a part's package. chip: as kernels are named (310b, 310p, 910, 910b, a3, 950)."""
    if part != "ops":
        name = "Ascend-cann-" + part
    elif not is_before_ops(version):
        name = "Ascend-cann-%s-ops" % ("A3" if chip == "a3" else chip)
    elif chip == "a3":
        name = "Atlas-A3-cann-kernels"
    else:
        name = "Ascend-cann-kernels-" + chip
    return name.lower() if manager == "apt" else name


def fetch_installers(run, source, packages, version, directory):
    """{part: path of its .run file} below `directory`. packages: {part: name}; source: {from, repository, key}.

    run(argv, cwd) -> (status, stdout, stderr).
    """
    repository = _Apt(run, source, directory) if source["from"] == "apt" else _Dnf(run, source, directory)
    found = {}
    for part, name in packages.items():
        unpacked = os.path.join(directory, "unpacked-" + part)
        remove(unpacked)
        make_directory(unpacked, 0o755)
        package = repository.fetch(name, version)
        repository.unpack(package, unpacked)
        remove(package)
        files = sorted(glob.glob(unpacked + "/usr/local/Ascend/*.run"))
        if len(files) != 1:
            raise EnvironmentProblem(
                "the package %s %s has %d .run files below /usr/local/Ascend instead of one, so it is not as Huawei's "
                "packages were: install CANN by its .run files (from: run)" % (name, version, len(files))
            )
        found[part] = files[0]
    return found


class _Repository(object):
    def __init__(self, run, source, directory):
        self.run, self.url, self.directory = run, source["repository"], directory
        self.key = source["key"]

    def run_checked(self, argv, shown, what):
        status, out, err = self.run(argv, self.directory)
        if status != 0:
            raise EnvironmentProblem(
                "%s: `%s` ended with status %d: %s. Nothing was installed"
                % (what, shown, status, last_words(err.strip() or out).rstrip("."))
            )
        return out


class _Apt(_Repository):
    """apt with its own lists and one source: the system's are neither used nor changed."""

    def __init__(self, run, source, directory):
        super(_Apt, self).__init__(run, source, directory)
        key = self.key or APT_KEYRING
        if not os.path.exists(key):
            raise EnvironmentProblem(
                "the repository's key is missing: give the public key in Huawei's package cann-keyring as "
                "atlas_cann.key, or install that package (%s)" % APT_KEYRING
            )
        if self.key:
            # apt tells by the name whether a key is text.
            with open(self.key, "rb") as stream:
                text = stream.read(64).lstrip().startswith(b"-----BEGIN")
            key = os.path.join(directory, "key.asc" if text else "key.gpg")
            with open(self.key, "rb") as stream:
                write_atomic(key, stream)
        sources = os.path.join(directory, "cann.list")
        write_atomic(sources, "deb [signed-by=%s] %s %s %s\n" % (key, self.url, SUITE, COMPONENT))
        for name in ("lists/partial", "cache/archives/partial"):
            make_directory(os.path.join(directory, name))
        self.options = [
            word
            for option in (
                "Dir::Etc::SourceList=" + sources,
                "Dir::Etc::SourceParts=/dev/null",
                "Dir::State::Lists=" + os.path.join(directory, "lists"),
                "Dir::Cache=" + os.path.join(directory, "cache"),
                # Only root can enter the directory.
                "APT::Sandbox::User=root",
                # Without them, the operator's own configuration could admit what is not signed.
                "APT::Get::AllowUnauthenticated=false",
                "Acquire::AllowInsecureRepositories=false",
                "Acquire::AllowDowngradeToInsecureRepositories=false",
                # An update that fails ends with status 0 otherwise.
                "APT::Update::Error-Mode=any",
            )
            for word in ("-o", option)
        ]
        self.run_checked(
            ["apt-get", "-q"] + self.options + ["update"],
            "apt-get update",
            "the repository %s cannot be read" % self.url,
        )

    def fetch(self, name, version):
        status, out, err = self.run(
            ["apt-get", "-q"] + self.options + ["download", "%s=%s" % (name, version)], self.directory
        )
        files = glob.glob(os.path.join(self.directory, name + "_*.deb"))
        if status != 0 or len(files) != 1:
            table = self.run(["apt-cache"] + self.options + ["madison", name], self.directory)[1]
            versions = re.findall(r"^\s*\S+\s*\|\s*(\S+)", table, re.M)
            raise EnvironmentProblem(_not_there(self.url, name, version, versions, err.strip() or out))
        return files[0]

    def unpack(self, package, directory):
        self.run_checked(
            ["dpkg-deb", "--extract", package, directory], "dpkg-deb --extract", "the package cannot be unpacked"
        )


class _Dnf(_Repository):
    """dnf with one repository of its own; rpm with a database of its own, which has the repository's key only."""

    def __init__(self, run, source, directory):
        super(_Dnf, self).__init__(run, source, directory)
        if not self.key:
            raise EnvironmentProblem(
                "the repository's key is missing: give the public key (%s/RPM-GPG-KEY-CANN) as atlas_cann.key"
                % self.url
            )
        repositories = os.path.join(directory, "repositories")
        make_directory(repositories)
        write_atomic(
            os.path.join(repositories, "ascend-cann.repo"),
            "[ascend-cann]\nname=ascend-cann\nbaseurl=%s/$basearch\nenabled=1\ngpgcheck=1\ngpgkey=file://%s\n"
            % (self.url, self.key),
        )
        self.options = [
            "--setopt=reposdir=" + repositories,
            "--setopt=cachedir=" + os.path.join(directory, "cache"),
            "--disablerepo=*",
            "--enablerepo=ascend-cann",
        ]
        self.database = os.path.join(directory, "rpmdb")
        make_directory(self.database)
        self.run_checked(
            ["rpmkeys", "--dbpath", self.database, "--import", self.key], "rpmkeys --import", "the key cannot be read"
        )

    def fetch(self, name, version):
        # A hyphen separates version and release.
        spec = "%s-%s" % (name, version.replace("-", "_"))
        status, out, err = self.run(
            ["dnf", "-q", "-y"] + self.options + ["download", "--destdir", self.directory, spec], self.directory
        )
        files = glob.glob(os.path.join(self.directory, name + "-*.rpm"))
        if status != 0 or len(files) != 1:
            if re.search(r"[Nn]o such command: download", out + err):
                raise EnvironmentProblem("dnf has no command download: install dnf-plugins-core")
            table = self.run(["dnf", "-q"] + self.options + ["list", "--showduplicates", name], self.directory)[1]
            versions = re.findall(r"^%s\.\S+\s+(\S+?)(?:-\S+)?\s" % re.escape(name), table, re.M)
            raise EnvironmentProblem(_not_there(self.url, name, version, versions, err.strip() or out))
        # dnf download does not compare signatures.
        status, out, err = self.run(["rpmkeys", "--dbpath", self.database, "--checksig", files[0]], self.directory)
        # "digests signatures OK"; before rpm 4.14 "rsa sha1 (md5) pgp md5 OK". What is missing or wrong is in capitals.
        if status != 0 or not re.search(r": .*\b(signatures|pgp|gpg)\b.* OK\s*$", out):
            raise EnvironmentProblem(
                "the signature of %s is not that of the given key (%s): it was not used. Nothing was installed"
                % (os.path.basename(files[0]), last_words(out + err))
            )
        return files[0]

    def unpack(self, package, directory):
        # Without its scripts, below a directory of its own.
        self.run_checked(
            [
                "rpm",
                "--root",
                directory,
                "--install",
                "--nodeps",
                "--noscripts",
                "--notriggers",
                "--nosignature",
                "--ignoreos",
                package,
            ],
            "rpm --install",
            "the package cannot be unpacked",
        )


def _not_there(url, name, version, versions, output):
    there = ", ".join(clean_line(known) for known in versions[:12])
    return "%s has no %s %s%s. Nothing was installed" % (
        url,
        name,
        version,
        "; it has %s" % there if there else " (%s)" % last_words(output),
    )
