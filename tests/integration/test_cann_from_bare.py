# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""CANN on boards that have the driver and nothing else: from .run files, and out of the packages of a signed apt and a
signed dnf repository. The installers are stand-ins with Huawei's paths, options and quirks (tests/lab/cann_standin.py);
the packages hold them as Huawei's do, with scripts that fail without a terminal.
"""

from __future__ import annotations

import base64
import hashlib
import re
import subprocess
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cann_standin
import pytest
from playbook_runs import Operator, Run

pytestmark = pytest.mark.heavy  # Debian's dnf, rpm and gpg
CPU = "https://download.pytorch.org/whl/cpu"
VERSION, OTHER = "9.1.0", "9.0.0"
TORCH = ("2.12.0+cpu", "2.10.0+cpu")  # what Huawei pairs with them
NPU_SMI = """\
#!/bin/sh
health=$(cat /srv/health 2>/dev/null || echo OK)
cat <<END
| 0       310P3      | $health         | 7.7          54                15    / 15            |
| 0       0          | 0000:01:00.0    | 0            2166 / 21527                            |
END
"""
CARD = "/sys/bus/pci/devices/0000:01:00.0/"
NODE = {"group": "HwHiAiUser", "mode": "0660"}
BOARD = {
    "files": {
        "/usr/local/sbin/npu-smi": {"text": NPU_SMI, "mode": "0755"},
        "/usr/local/Ascend/driver/version.info": "Version=25.5.0\n",
        CARD + "vendor": "0x19e5\n",
        CARD + "device": "0xd500\n",
        CARD + "class": "0x120000\n",
    },
    "devices": [{"path": f"/dev/{name}", **NODE} for name in ("davinci0", "davinci_manager", "devmm_svm", "hisi_hdc")],
    "groups_on_board": ["HwHiAiUser"],
}
LAB = {
    "name": "cann",
    "vars": {"ansible_become": True, "torch_mirrors": {CPU: "{{ lab_www }}/simple"}},
    "boards": [
        {"name": "run", "users": ["vision"], "vars": {"torch_user": "vision"}, **BOARD},
        {"name": "apt", **BOARD},
        {"name": "dnf", **BOARD},
        {"name": "small", "tmpfs": {"/usr/local/Ascend": "64m"}, **BOARD},
    ],
    "www": {
        "simple/torch/index.html": "".join(
            f"<a href='torch-{version}-cp311-cp311-linux_x86_64.whl'>torch</a>\n" for version in TORCH
        )
    },
}
# As the role's own tasks are used in a play: what is detected, planned for, prepared.
PLAYBOOK = [
    {
        "hosts": "boards",
        "gather_facts": False,
        "tasks": [
            {
                "ansible.builtin.include_role": {
                    "name": "edgeai.fleet.torch",
                    "tasks_from": "plan_and_fetch",
                    "rolespec_validate": False,
                },
                "vars": {"torch_family_role": "edgeai.fleet.atlas"},
            },
            {"ansible.builtin.include_role": {"name": "edgeai.fleet.atlas", "tasks_from": "prepare"}},
            {"ansible.builtin.debug": {"msg": "PLAN {{ torch_plan.row }} {{ torch_plan.environment | to_json }}"}},
        ],
    }
]
KEY = r"""
set -e
export DEBIAN_FRONTEND=noninteractive GNUPGHOME=/srv/gnupg
apt-get -qq update
apt-get -qqy --no-install-recommends install gnupg @PACKAGES@ >/dev/null
mkdir -m 0700 -p $GNUPGHOME
for name in huawei stranger; do
    gpg --batch --quiet --passphrase '' --quick-gen-key "$name" rsa3072 sign never 2>/dev/null
    gpg --armor --export "$name" >/srv/$name.asc
done
"""
APT = (
    KEY.replace("@PACKAGES@", "apt-utils dpkg-dev")
    + r"""
mkdir -p /srv/apt/pool && cd /srv/apt
for file in /srv/installers/*.run; do
    name=$(basename "$file" | sed 's/_.*//' | tr A-Z a-z)
    version=$(basename "$file" | cut -d_ -f2)
    rm -rf /srv/deb && mkdir -p /srv/deb/DEBIAN /srv/deb/usr/local/Ascend && cp "$file" /srv/deb/usr/local/Ascend/
    printf 'Package: %s\nVersion: %s\nArchitecture: amd64\nMaintainer: lab\nDescription: lab\n' \
        "$name" "$version" >/srv/deb/DEBIAN/control
    printf '#!/bin/sh\nbash "/usr/local/Ascend/%s" --install --install-path=/usr/local/Ascend --install-for-all\n' \
        "$(basename "$file")" >/srv/deb/DEBIAN/postinst
    chmod 0755 /srv/deb/DEBIAN/postinst
    dpkg-deb --build --root-owner-group /srv/deb "pool/${name}_${version}_amd64.deb" >/dev/null
done
place=dists/cann/main/binary-amd64
mkdir -p $place
dpkg-scanpackages --multiversion pool 2>/dev/null >$place/Packages
apt-ftparchive -o APT::FTPArchive::Release::Suite=cann -o APT::FTPArchive::Release::Codename=cann \
    -o APT::FTPArchive::Release::Components=main -o APT::FTPArchive::Release::Architectures=amd64 \
    release dists/cann >/srv/Release && mv /srv/Release dists/cann/Release
gpg --batch --quiet --local-user huawei --clearsign -o dists/cann/InRelease dists/cann/Release
"""
)
STUBS = ["gcc", "gcc-c++", "make", "python3-pip", "dnf-plugins-core", "libgomp"]
DNF = (
    KEY.replace("@PACKAGES@", "dnf python3-dnf dnf-plugins-core createrepo-c rpm")
    + r"""
packages=/srv/rpm/$(uname -m)/Packages
mkdir -p "$packages" /srv/stubs /etc/yum.repos.d
cat >/root/.rpmmacros <<END
%_gpg_name huawei
%_gpg_path /srv/gnupg
%__gpg /usr/bin/gpg
END
for file in /srv/installers/*.run; do
    name=$(basename "$file" | sed 's/_.*//')
    version=$(basename "$file" | cut -d_ -f2 | tr - _)
    cat >/srv/one.spec <<END
Name: $name
Version: $version
Release: linux
Summary: lab
License: none
AutoReqProv: no
%description
lab
%install
mkdir -p %{buildroot}/usr/local/Ascend
cp "$file" %{buildroot}/usr/local/Ascend/
%post
bash /usr/local/Ascend/$(basename "$file") --install --install-path=/usr/local/Ascend --install-for-all
%files
/usr/local/Ascend/$(basename "$file")
END
    rpmbuild -bb --quiet --define "_topdir /srv/build" /srv/one.spec
done
find /srv/build -name '*.rpm' -exec cp {} "$packages" ';'
rpmsign --addsign "$packages"/*.rpm >/dev/null
createrepo_c -q "/srv/rpm/$(uname -m)"
cd /srv/stubs
for name in @STUBS@; do
    printf 'Name: %s\nVersion: 1\nRelease: 1\nSummary: s\nLicense: none\nBuildArch: noarch\n' "$name" >"$name.spec"
    printf '%%description\ns\n%%files\n' >>"$name.spec"
    rpmbuild -bb --quiet --define "_topdir /srv/stubs" "$name.spec"
done
createrepo_c -q .
printf '[stubs]\nname=stubs\nbaseurl=file:///srv/stubs\ngpgcheck=0\n' >/etc/yum.repos.d/stubs.repo
printf 'ID="openEuler"\nVERSION_ID="22.03"\nPRETTY_NAME="openEuler 22.03 LTS"\n' >/etc/os-release
""".replace("@STUBS@", " ".join(STUBS))
)


def on_board(lab: Operator, board: str, command: str, check: bool = True) -> str:
    return subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", board, command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=check,
    ).stdout


def setup(lab: Operator, board: str, script: str) -> None:
    done = subprocess.run(
        ["ssh", "-F", lab.inventory.parent / "ssh_config", board, "sudo bash -s"],
        input=script,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


def tiny_torch(directory: Path, version: str) -> None:
    """A torch that is a version and nothing else: these tests are about what comes before it."""
    name, stem = f"torch-{version}-cp311-cp311-linux_x86_64.whl", f"torch-{version}.dist-info"
    content = {
        "torch/__init__.py": f"__version__ = {version!r}\n",
        f"{stem}/METADATA": f"Metadata-Version: 2.1\nName: torch\nVersion: {version}\n",
        f"{stem}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: cp311-cp311-linux_x86_64\n",
    }
    lines = [
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},"
        f"{len(text.encode())}\n"
        for path, text in content.items()
    ]
    with zipfile.ZipFile(directory / name, "w") as wheel:
        for path, text in {**content, f"{stem}/RECORD": "".join([*lines, f"{stem}/RECORD,,\n"])}.items():
            wheel.writestr(path, text)


@pytest.fixture(scope="module")
def boards(lab: Operator) -> Operator:
    (page,) = lab.inventory.parent.rglob("simple/torch/index.html")
    for version in TORCH:
        tiny_torch(page.parent, version)
    names = {}
    for version in (VERSION, OTHER):
        for part in ("toolkit", "ops", "nnal"):
            names[cann_standin.file_name(part, version, "310p")] = cann_standin.installer(part, version, "310p")
    directory = lab.directory / "installers"
    directory.mkdir()
    send = "set -e; mkdir -p /srv/installers\n"
    for name, text in names.items():
        (directory / name).write_text(text, encoding="utf-8")
        send += f"base64 -d >/srv/installers/{name} <<'END'\n{base64.encodebytes(text.encode()).decode()}END\n"
    scripts = {
        "apt": send + APT,
        "dnf": send + DNF,
        # In check mode nothing updates apt's lists, which this image lacks.
        "run": "apt-get -qq update",
        "small": "apt-get -qq update; chmod 0755 /usr/local/Ascend",  # a tmpfs has 1777
    }
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda board: setup(lab, board, scripts[board]), scripts))
    for board in ("apt", "dnf"):
        for key in ("huawei", "stranger"):
            (lab.directory / f"{board}-{key}.asc").write_text(
                on_board(lab, board, f"sudo cat /srv/{key}.asc"), encoding="utf-8"
            )
    return lab


def files_of(lab: Operator, version: str = VERSION, **changed: str) -> dict:
    found = {}
    for part in ("toolkit", "ops", "nnal"):
        path = lab.directory / "installers" / cann_standin.file_name(part, version, "310p")
        sha256 = changed.get(part) or hashlib.sha256(path.read_bytes()).hexdigest()
        found[part] = {"path": str(path), "sha256": sha256}
    return {"version": version, "from": "run", "files": found}


def package_of(lab: Operator, board: str, version: str = VERSION, key: str = "huawei") -> dict:
    place = {"apt": "file:///srv/apt", "dnf": "file:///srv/rpm"}[board]
    return {
        "version": version,
        "from": board,
        "repository": place,
        "key": str(lab.directory / f"{board}-{key}.asc"),
    }


class Prepared:
    def __init__(self, run: Run) -> None:
        self.status, self.output, self.changed = run.status, run.output, run.changed()
        self.words = " ".join(self.output.split())
        # Each board's row, and its variables as JSON.
        self.plans = re.findall(r"PLAN (\S+) (\{[^}]*\})", self.words.replace('\\"', '"'))


def prepare(lab: Operator, board: str, *options: str, **variables: object) -> Prepared:
    return Prepared(lab.play(PLAYBOOK, "-l", board, *options, **variables))


def versions_on(lab: Operator, board: str) -> set[str]:
    listed = on_board(lab, board, "ls -d /usr/local/Ascend/cann-* 2>/dev/null || true").split()
    return {path.rpartition("cann-")[2] for path in listed}


def calls(lab: Operator, board: str) -> list[str]:
    return on_board(lab, board, "cat /var/log/cann.log 2>/dev/null || true").splitlines()


def clean(lab: Operator, board: str) -> None:
    on_board(
        lab,
        board,
        "sudo sh -c 'rm -rf /usr/local/Ascend/cann* /usr/local/Ascend/nnal /usr/local/Ascend/ascend-toolkit"
        " /etc/Ascend /var/log/cann.log /srv/health'",
    )


def nothing_was_touched(lab: Operator, board: str) -> None:
    assert versions_on(lab, board) == set() and calls(lab, board) == []
    assert on_board(lab, board, "sudo ls -A /var/lib/edgeai-fleet 2>/dev/null || true") == ""


@pytest.mark.parametrize("board", ["run", "apt", "dnf"])
def test_cann_is_installed_once_and_planned_with(boards: Operator, board: str):
    clean(boards, board)
    given = {"atlas_cann": files_of(boards) if board == "run" else package_of(boards, board)}
    predicted = prepare(boards, board, "--check", **given)
    assert predicted.status == 0, predicted.output
    assert "CANN | Install it" in predicted.output and predicted.changed >= 1
    nothing_was_touched(boards, board)

    done = prepare(boards, board, **given)
    assert done.status == 0, done.output
    assert versions_on(boards, board) == {VERSION}
    path = "--install-path=/usr/local/Ascend --install-for-all"
    assert calls(boards, board)[3:] == [
        f"toolkit root --full --quiet {path}",
        f"ops root --install --quiet {path}",
        f"nnal root --install --quiet {path}",
    ]
    # Nothing of the files, the packages or the repository stays.
    assert on_board(boards, board, "sudo ls -A /var/lib/edgeai-fleet") == ""
    assert on_board(boards, board, "ls /usr/local/Ascend/*.run 2>/dev/null || true") == ""
    known = "dpkg-query -W 'ascend-cann-*' 2>/dev/null; rpm -qa 'Ascend-cann-*' 2>/dev/null || true"
    assert on_board(boards, board, known) == ""
    # The plan is of the CANN that is there now, with the C++ ABI of its torch for NNAL.
    ((row, environment),) = done.plans
    assert row == f"atlas-x86-cann{VERSION}-torch2.12.0"
    assert '"ASCEND_HOME_PATH": "/usr/local/Ascend/cann"' in environment
    assert '"ATB_HOME_PATH": "/usr/local/Ascend/nnal/atb/latest/atb/cxx_abi_1"' in environment

    again = prepare(boards, board, **given)
    assert (again.status, again.changed) == (0, 0), again.output
    assert len(calls(boards, board)) == 6


@pytest.mark.parametrize("board", ["run", "apt", "dnf"])
def test_another_version_comes_beside_it_and_the_one_that_is_asked_for_counts(boards: Operator, board: str):
    clean(boards, board)
    for version in (VERSION, OTHER):
        given = files_of(boards, version) if board == "run" else package_of(boards, board, version)
        done = prepare(boards, board, atlas_cann={**given, **({"parts": ["toolkit", "ops"]} if board != "run" else {})})
        assert done.status == 0, done.output
    assert versions_on(boards, board) == {VERSION, OTHER}
    assert done.plans[0][0].startswith(f"atlas-x86-cann{OTHER}-")
    back = prepare(boards, board, atlas_cann=files_of(boards))
    assert back.status == 0 and back.plans[0][0].startswith(f"atlas-x86-cann{VERSION}-"), back.output
    assert f'"ASCEND_HOME_PATH": "/usr/local/Ascend/cann-{VERSION}"' in back.plans[0][1]


@pytest.mark.parametrize("board", ["apt", "dnf"])
def test_a_package_with_another_signature_is_not_used(boards: Operator, board: str):
    clean(boards, board)
    run = prepare(boards, board, atlas_cann=package_of(boards, board, key="stranger"))
    assert run.status != 0, run.output
    assert (
        ("NO_PUBKEY" in run.words or "is not signed" in run.words)
        if board == "apt"
        else ("is not that of the given key" in run.words)
    ), run.output
    nothing_was_touched(boards, board)


@pytest.mark.parametrize("board", ["apt", "dnf"])
def test_a_version_that_the_repository_lacks_is_answered_with_those_that_it_has(boards: Operator, board: str):
    clean(boards, board)
    run = prepare(boards, board, atlas_cann=package_of(boards, board, "9.1.1"))
    assert run.status != 0, run.output
    name = {"apt": "ascend-cann-toolkit", "dnf": "Ascend-cann-toolkit"}[board]
    assert re.search(rf"has no {name} 9\.1\.1; it has (9\.1\.0, 9\.0\.0|9\.0\.0, 9\.1\.0)", run.words), run.output
    nothing_was_touched(boards, board)


HOLD = "exec 3</dev/davinci0; echo $$ >/srv/pid; exec sleep 300"
CASES = {
    "in use": (
        f"sudo setsid -f sh -c '{HOLD}' </dev/null >/dev/null 2>&1; sleep 1",
        r"the NPU is in use by sleep \(process \d+\): stop them first",
    ),
    "owner": (
        "sudo chown vision /usr/local/Ascend",
        r"/usr/local/Ascend belongs to uid \d+ and has the mode 0755; it must belong to root",
    ),
    "mode": ("sudo chmod g+w /usr/local/Ascend", r"has the mode 0775; .*chmod go-w /usr/local/Ascend"),
    "health": ("echo Critical | sudo tee /srv/health", r"NPU 0, chip 0 the health Critical"),
}


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_on_the_board_is_said_before_anything_is_touched(boards: Operator, case: str):
    clean(boards, "run")
    command, words = CASES[case]
    before = on_board(boards, "run", "dpkg-query -W | sha256sum")
    on_board(boards, "run", command)
    try:
        run = prepare(boards, "run", atlas_cann=files_of(boards))
        assert run.status != 0 and re.search(words, run.words), run.output
        nothing_was_touched(boards, "run")
        assert on_board(boards, "run", "dpkg-query -W | sha256sum") == before
        skipped = {"owner": "owner", "mode": "owner", "in use": "in_use", "health": "health"}[case]
        run = prepare(boards, "run", "--check", atlas_cann=files_of(boards), atlas_skip_checks=[skipped])
        assert run.status == 0, run.output
    finally:
        on_board(
            boards,
            "run",
            "sudo sh -c 'rm -f /srv/health; chown root /usr/local/Ascend; chmod 0755 /usr/local/Ascend;"
            " kill $(cat /srv/pid)'",
            check=False,
        )


def test_a_small_disk_and_a_wrong_hash_are_said_before_anything_is_touched(boards: Operator):
    run = prepare(boards, "small", atlas_cann=files_of(boards))
    assert run.status != 0 and re.search(r"/usr/local/Ascend has 0\.\d GiB free, and 10\.0 GiB are needed", run.words)
    nothing_was_touched(boards, "small")
    clean(boards, "run")
    run = prepare(boards, "run", atlas_cann=files_of(boards, ops="0" * 64))
    assert run.status != 0 and "ops (atlas_cann.files.ops)" in run.words, run.output
    nothing_was_touched(boards, "run")


def test_provision_installs_it_and_verifies_with_its_variables(boards: Operator):
    """The playbook: the torch of this lab is none, so its verdict is an error, which it tells."""
    clean(boards, "run")
    run = boards.provision("-l", "run", atlas_cann=files_of(boards))
    assert run.status != 0 and versions_on(boards, "run") == {VERSION}, run.output
    verdict = run.verdict("run")
    assert (verdict["outcome"], verdict["expect"], verdict["user"]) == ("error", "npu", "vision"), verdict
    assert verdict["environment"]["ASCEND_HOME_PATH"] == "/usr/local/Ascend/cann"
    assert verdict["environment"]["ATB_HOME_PATH"].endswith("/cxx_abi_1")
    assert "HwHiAiUser" in on_board(boards, "run", "id -nG vision")
