# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Huawei's packages: their names, and what is said of a repository that does not give them. The packages themselves are
built, signed, fetched and unpacked for real in tests/integration/test_cann_from_bare.py.
"""

import os

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup import cann_packages
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.cann_packages import fetch_installers, package_of


@pytest.mark.parametrize(
    "part, version, chip, apt, dnf",
    [
        # instg_0105 of 9.0.0 (apt), instg_0089 of 9.1.0 (dnf)
        ("toolkit", "9.0.0", "310b", "ascend-cann-toolkit", "Ascend-cann-toolkit"),
        ("ops", "9.0.0", "950", "ascend-cann-950-ops", "Ascend-cann-950-ops"),
        ("ops", "8.5.0", "a3", "ascend-cann-a3-ops", "Ascend-cann-A3-ops"),
        ("ops", "9.1.0", "310b", "ascend-cann-310b-ops", "Ascend-cann-310b-ops"),
        ("nnal", "9.1.0", "310b", "ascend-cann-nnal", "Ascend-cann-nnal"),
        # before 8.5
        ("ops", "7.0.0", "310b", None, "Ascend-cann-kernels-310b"),
        ("ops", "8.3.RC1", "a3", None, "Atlas-A3-cann-kernels"),
    ],
)
def test_the_names_of_the_packages(part, version, chip, apt, dnf):
    assert package_of(part, version, chip, "dnf") == dnf
    if apt:
        assert package_of(part, version, chip, "apt") == apt


class Commands(object):
    """Programs of a board: those that are named do what they are told, all others succeed."""

    def __init__(self, **programs):
        self.programs, self.calls = programs, []

    def __call__(self, argv, cwd):
        self.calls.append(argv)
        name = argv[0].replace("-", "_")
        for key in (name + "_" + next((word for word in argv[1:] if word in WORDS), ""), name):
            if key in self.programs:
                answer = self.programs[key]
                return answer(argv, cwd) if callable(answer) else answer
        return 0, "", ""


WORDS = ("update", "download", "madison", "list")


def source(tmp_path, manager, **more):
    key = tmp_path / "key.asc"
    key.write_text("-----BEGIN PGP PUBLIC KEY BLOCK-----\n")
    return dict({"from": manager, "repository": "https://cann.example", "key": str(key)}, **more)


def fails(run, given, tmp_path, version="9.1.0", packages=None):
    place = tmp_path / "place"
    place.mkdir()
    with pytest.raises(EnvironmentProblem) as raised:
        fetch_installers(run, given, packages or {"toolkit": "ascend-cann-toolkit"}, version, str(place))
    return str(raised.value)


def test_apt_uses_one_source_with_its_own_key_and_admits_nothing_unsigned(tmp_path):
    run = Commands(apt_get_update=(100, "", "E: The repository is not signed."))
    message = fails(run, source(tmp_path, "apt"), tmp_path)
    assert message == (
        "the repository https://cann.example cannot be read: `apt-get update` ended with status 100: "
        "E: The repository is not signed. Nothing was installed"
    )
    ((argv),) = run.calls
    place = tmp_path / "place"
    assert (place / "cann.list").read_text() == ("deb [signed-by=%s/key.asc] https://cann.example cann main\n" % place)
    for option in (
        "Dir::Etc::SourceParts=/dev/null",
        "APT::Get::AllowUnauthenticated=false",
        "Acquire::AllowInsecureRepositories=false",
        "APT::Update::Error-Mode=any",
    ):
        assert option in argv


def test_a_binary_key_has_the_name_that_apt_wants(tmp_path):
    given = source(tmp_path, "apt")
    with open(given["key"], "wb") as stream:
        stream.write(b"\x99\x01\x8d\x04")
    fails(Commands(apt_get_update=(100, "", "no")), given, tmp_path)
    assert "key.gpg] " in (tmp_path / "place" / "cann.list").read_text()


def test_without_a_key_huaweis_own_is_used_or_asked_for(tmp_path, monkeypatch):
    monkeypatch.setattr(cann_packages, "APT_KEYRING", str(tmp_path / "cann-archive-keyring.gpg"))
    given = source(tmp_path, "apt", key=None)
    assert "give the public key in Huawei's package cann-keyring as atlas_cann.key" in fails(
        Commands(), given, tmp_path
    )
    (tmp_path / "cann-archive-keyring.gpg").write_bytes(b"\x99")
    (tmp_path / "place").rmdir()
    assert "cannot be read" in fails(Commands(apt_get_update=(1, "", "")), given, tmp_path)
    assert "cann-archive-keyring.gpg] " in (tmp_path / "place" / "cann.list").read_text()


def test_dnf_needs_a_key(tmp_path):
    given = source(tmp_path, "dnf", key=None)
    assert "https://cann.example/RPM-GPG-KEY-CANN" in fails(Commands(), given, tmp_path)


def test_a_missing_version_names_those_that_are_there(tmp_path):
    table = "ascend-cann-toolkit | 9.1.1 | https://x cann/main\nascend-cann-toolkit | 9.0.0 | https://x cann/main\n"
    run = Commands(apt_get_download=(100, "", "E: Version not found"), apt_cache=(0, table, ""))
    assert fails(run, source(tmp_path, "apt"), tmp_path) == (
        "https://cann.example has no ascend-cann-toolkit 9.1.0; it has 9.1.1, 9.0.0. Nothing was installed"
    )


def test_a_dnf_without_download_says_what_it_needs(tmp_path):
    run = Commands(dnf_download=(1, "", "No such command: download. Please use /usr/bin/dnf --help"))
    assert "install dnf-plugins-core" in fails(run, source(tmp_path, "dnf"), tmp_path)


def fetched(name):
    def download(argv, cwd):
        open(os.path.join(cwd, name), "w").close()
        return 0, "", ""

    return download


@pytest.mark.parametrize(
    "answer",
    [
        (1, "x.rpm: digests SIGNATURES NOT OK\n", ""),
        (0, "x.rpm: digests OK\n", ""),  # not signed at all
        (1, "x.rpm: RSA sha1 ((MD5) PGP) md5 NOT OK (MISSING KEYS: (MD5) PGP#1)\n", ""),
        (0, "x.rpm: sha1 md5 OK\n", ""),
    ],
)
def test_an_rpm_without_the_signature_of_the_key_is_not_used(tmp_path, answer):
    name = "Ascend-cann-toolkit"
    run = Commands(
        dnf_download=fetched(name + "-9.1.0-linux.x86_64.rpm"),
        rpmkeys=lambda argv, _cwd: answer if "--checksig" in argv else (0, "", ""),
    )
    message = fails(run, source(tmp_path, "dnf"), tmp_path, packages={"toolkit": name})
    assert "the signature of Ascend-cann-toolkit-9.1.0-linux.x86_64.rpm is not that of the given key" in message


@pytest.mark.parametrize("text", ["x.rpm: digests signatures OK\n", "x.rpm: rsa sha1 (md5) pgp md5 OK\n"])
def test_a_package_without_an_installer_is_not_used(tmp_path, text):
    name = "Ascend-cann-toolkit"
    run = Commands(dnf_download=fetched(name + "-9.2.0_beta.2-linux.x86_64.rpm"), rpmkeys=(0, text, ""))
    message = fails(run, source(tmp_path, "dnf"), tmp_path, "9.2.0-beta.2", {"toolkit": name})
    assert "the package Ascend-cann-toolkit 9.2.0-beta.2 has 0 .run files below /usr/local/Ascend" in message
    assert [name + "-9.2.0_beta.2"] == [argv[-1] for argv in run.calls if "download" in argv]
