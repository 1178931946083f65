# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""System packages by dnf, zypper and pacman: Debian's own of these, on boards that say they are openEuler, openSUSE and
Arch, each from a local repository of stub packages with the real names. Those for rpm are signed.
"""

from __future__ import annotations

import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import wheels
from playbook_runs import Operator

pytestmark = pytest.mark.heavy  # Debian's dnf, zypper and pacman, and a hundred packages that they need
MANAGERS = ["dnf", "zypper", "pacman"]
LAB = {"name": "managers", "vars": {"ansible_become": True}, "boards": [{"name": manager} for manager in MANAGERS]}
# What a plan can name by Debian's names, and what the others call it. kernel-devel is an operator's own name.
ASKED = ["libopenblas0", "build-essential", "distcc", "kernel-devel"]
NAMES = {
    "dnf": {"openblas", "gcc", "gcc-c++", "make", "distcc", "kernel-devel"},
    "zypper": {"libopenblas_pthreads0", "gcc", "gcc-c++", "make", "distcc", "kernel-devel"},
    "pacman": {"openblas", "base-devel", "distcc", "kernel-devel"},
}
# Ansible's modules for zypper and pacman are in community.general, which is on PyPI as a part of `ansible`.
ANSIBLE = "ansible-12.3.0-py3-none-any.whl"
START = r"""
set -e
export DEBIAN_FRONTEND=noninteractive
apt-get -qq update && apt-get -qqy --no-install-recommends install @PACKAGES@ >/dev/null
mkdir -p /srv/stubs && cd /srv/stubs
"""
RPMS = r"""
export GNUPGHOME=/srv/gnupg
mkdir -m 0700 $GNUPGHOME
gpg --batch --quiet --passphrase '' --quick-gen-key stubs rsa3072 sign never 2>/dev/null
gpg --armor --export stubs >/srv/key.asc
printf '%%_gpg_name stubs\n%%_gpg_path /srv/gnupg\n%%__gpg /usr/bin/gpg\n' >/root/.rpmmacros
for name in @NAMES@; do
    printf 'Name: %s\nVersion: 1\nRelease: 1\nSummary: s\nLicense: none\nBuildArch: noarch\n' "$name" >"$name.spec"
    printf '%%description\ns\n%%files\n' >>"$name.spec"
    rpmbuild -bb --quiet --define "_topdir /srv/stubs" "$name.spec" 2>/dev/null
done
rpmsign --addsign RPMS/*/*.rpm >/dev/null 2>&1
createrepo_c -q .
gpg --batch --quiet --armor --detach-sign repodata/repomd.xml
"""
REPOSITORY = (
    "[stubs]\\nname=stubs\\nbaseurl=file:///srv/stubs\\ngpgcheck=1\\nrepo_gpgcheck=1\\ngpgkey=file:///srv/key.asc\\n"
)
SCRIPTS = {
    "dnf": START.replace("@PACKAGES@", "dnf python3-dnf createrepo-c rpm gnupg")
    + RPMS
    + f"mkdir -p /etc/yum.repos.d; printf '{REPOSITORY}' >/etc/yum.repos.d/stubs.repo\n"
    + "rpm --import /srv/key.asc\n"
    + 'printf \'ID="openEuler"\\nVERSION_ID="22.03"\\n\' >/etc/os-release\n',
    # Debian's rpm keeps its database in the home of its user, libzypp where SUSE's is.
    "zypper": START.replace("@PACKAGES@", "zypper createrepo-c rpm gnupg")
    + "mkdir -p /etc/rpm /var/lib/rpm; echo '%_dbpath /var/lib/rpm' >>/etc/rpm/macros\n"
    + RPMS
    + f"mkdir -p /etc/zypp/repos.d; printf '{REPOSITORY}enabled=1\\nautorefresh=1\\n' >/etc/zypp/repos.d/stubs.repo\n"
    + "rpm --import /srv/key.asc; zypper --quiet --non-interactive --gpg-auto-import-keys refresh\n"
    + 'printf \'ID="opensuse-leap"\\nID_LIKE="suse opensuse"\\nVERSION_ID="15.6"\\n\' >/etc/os-release\n',
    "pacman": START.replace("@PACKAGES@", "pacman-package-manager makepkg libarchive-tools zstd")
    + r"""
for name in first second @NAMES@; do
    printf 'pkgname = %s\npkgver = 1-1\npkgdesc = s\nsize = 0\narch = any\ngroup = stubs\n' "$name" >.PKGINFO
    bsdtar --zstd -cf "$name-1-1-any.pkg.tar.zst" .PKGINFO
done
repo-add --quiet stubs.db.tar.gz ./*.zst >/dev/null
printf '[options]\nArchitecture = auto\nSigLevel = Never\n[stubs]\nServer = file:///srv/stubs\n' >/etc/pacman.conf
pacman -Sy >/dev/null
# No board is without packages, asked for and not, and no repository without a group: the module for pacman fails there.
pacman -S --noconfirm first >/dev/null && pacman -S --noconfirm --asdeps second >/dev/null
printf 'ID=arch\nPRETTY_NAME="Arch Linux"\n' >/etc/os-release
""",
}
LISTED = {
    "dnf": r"sudo rpm -qa --qf '%{NAME}\n'",
    "zypper": r"sudo rpm -qa --qf '%{NAME}\n'",
    "pacman": "pacman -Qq || true",
}
PLAYBOOK = [
    {
        "hosts": "boards",
        "gather_facts": False,
        "tasks": [
            {"edgeai.fleet.board_facts": {"as_fact": False}, "register": "found"},
            {
                "ansible.builtin.include_role": {
                    "name": "edgeai.fleet.torch",
                    "tasks_from": "packages",
                    "rolespec_validate": False,
                },
                "vars": {"torch_board": "{{ found.board }}", "torch_system_package_names": ASKED},
            },
        ],
    }
]


def on_board(lab: Operator, board: str, command: str) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", board, command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    ).stdout


def set_up(lab: Operator, board: str) -> None:
    script = SCRIPTS[board].replace("@NAMES@", " ".join(sorted(NAMES[board])))
    done = subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", board, "sudo bash -s"],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.fixture(scope="module")
def boards(lab: Operator) -> Operator:
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda board: set_up(lab, board), MANAGERS))
    return lab


@pytest.fixture(scope="module")
def general(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of collections with community.general."""
    directory = tmp_path_factory.mktemp("collections")
    with zipfile.ZipFile(wheels.fetch(ANSIBLE, ANSIBLE)) as wheel:
        wheel.extractall(
            directory, [name for name in wheel.namelist() if name.startswith("ansible_collections/community/general/")]
        )
    return directory


def install(
    lab: Operator, board: str, *options: str, collections: Path | None = None, **variables: object
) -> tuple[int, int, str]:
    """Return the exit status of a run, the number of tasks that changed something, and its output."""
    environ = {}
    if collections:
        environ["ANSIBLE_COLLECTIONS_PATH"] = f"{lab.environment()['ANSIBLE_COLLECTIONS_PATH']}:{collections}"
    run = lab.play(PLAYBOOK, "-l", board, *options, environ=environ, **variables)
    return run.status, run.changed(), run.output


def installed(lab: Operator, board: str) -> set[str]:
    return set(on_board(lab, board, LISTED[board]).split()) & NAMES[board]


@pytest.mark.parametrize("board", MANAGERS)
def test_the_boards_own_manager_installs_what_the_plan_names_once(boards: Operator, general: Path, board: str):
    names = NAMES[board]
    status, changed, output = install(boards, board, collections=general, torch_system_packages="require")
    assert status == 2 and "Packages | Check that they are installed" in output, output
    status, changed, output = install(boards, board, "--check", collections=general)
    assert (status, changed, installed(boards, board)) == (0, 1, set()), output
    status, changed, output = install(boards, board, collections=general)
    assert (status, changed, installed(boards, board)) == (0, 1, names), output
    status, changed, output = install(boards, board, collections=general)
    assert (status, changed) == (0, 0), output
    status, changed, output = install(boards, board, collections=general, torch_system_packages="require")
    assert (status, changed) == (0, 0), output


@pytest.mark.parametrize("board", ["zypper", "pacman"])
def test_without_its_collection_the_message_says_what_to_install(boards: Operator, board: str):
    status, _changed, output = install(boards, board, torch_system_package_names=["not-installed-yet"])
    words = " ".join(output.split())
    assert status == 2 and "ansible-galaxy collection install community.general on the control node" in words, output


def test_a_system_without_a_known_package_manager_is_told_what_it_needs(boards: Operator):
    on_board(boards, "dnf", "sudo sh -c 'cd /usr/bin && mkdir away && mv dnf* yum* apt-get away/ 2>/dev/null || true'")
    try:
        status, _changed, output = install(boards, "dnf")
        assert status == 2
        words = " ".join(output.split())
        assert (
            "Install by hand what this needs of the system: OpenBLAS (libopenblas.so.0) (Debian: libopenblas0)" in words
        )
        assert "no package manager that is known" in words
    finally:
        on_board(boards, "dnf", "sudo sh -c 'mv /usr/bin/away/* /usr/bin/ && rmdir /usr/bin/away'")
