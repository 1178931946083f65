# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Names of system packages by package manager."""

from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue import system_packages
from ansible_collections.edgeai.fleet.plugins.plugin_utils._catalogue.common_rows import common_rows
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import builds

ROOT = Path(__file__).resolve().parents[5]
MANAGERS = ["dnf", "dnf5", "yum", "zypper", "pacman"]
FAMILIES = sorted(path.parents[1].name for path in (ROOT / "roles").glob("*/meta/boards.yml"))


def named_by(row):
    build = row.get("build") if isinstance(row.get("build"), dict) else {}
    return [*row.get("packages", []), *row.get("system", {}).values(), *build.get("packages", [])]


def test_whatever_a_row_or_a_build_names_is_in_the_table():
    rows = list(common_rows())
    for family in FAMILIES:
        for path in sorted((ROOT / "roles" / family / "vars").rglob("*.yml")):
            for value in yaml.safe_load(path.read_text(encoding="utf-8")).values():
                rows += [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
    names = {name for row in rows for name in named_by(row)} | set(builds._PACKAGES)
    assert names - set(system_packages.known_packages()) == set()


def test_every_entry_says_what_it_is_and_has_a_name_or_none_for_each_manager():
    for name, entry in system_packages.known_packages().items():
        assert set(entry) == {"what", "dnf", "zypper", "pacman"} and entry["what"], name
        for manager in ("dnf", "zypper", "pacman"):
            names = entry[manager] if isinstance(entry[manager], list) else [entry[manager]]
            assert all(one is None or isinstance(one, str) for one in names), name
            # Debian's ending for header files is nobody else's.
            assert not [one for one in names if one and one.endswith("-dev")], name


def test_apt_gets_debians_names():
    names = ["libopenblas0", "my-own"]
    assert system_packages.translate_packages(names, "apt") == (names, [])


@pytest.mark.parametrize("manager", MANAGERS)
def test_other_managers_get_their_own(manager):
    found = system_packages.translate_packages(["libopenblas-dev", "build-essential", "kernel-devel"], manager)
    assert found.unknown == [] and "kernel-devel" in found.names
    assert not {"libopenblas-dev", "build-essential"} & set(found.names)
    assert {"gcc-c++", "make"} <= set(found.names) or manager == "pacman"


def test_what_has_no_name_is_said_in_words():
    found = system_packages.translate_packages(["libatlas-base-dev", "git"], "zypper")
    assert found == (["git"], ["ATLAS with its header files (Debian: libatlas-base-dev)"])
    words = system_packages.unknown_words("zypper", found.unknown)
    assert words.startswith("Install by hand what this needs of the system: ATLAS") and "for zypper" in words
    nothing = system_packages.translate_packages(["git", "kernel-devel"], None)
    assert nothing == ([], ["git (Debian: git)", "kernel-devel"])
    assert "no package manager that is known" in system_packages.unknown_words(None, nothing.unknown)


def test_for_tasks():
    board = {"os": {"package_manager": "zypper"}}
    named = system_packages.named_packages(["libgomp1"], board)
    assert (named["names"], named["module"], named["message"]) == (["libgomp1"], "community.general.zypper", "")
    assert system_packages.named_packages(["libgomp1"], {"os": {}})["module"] == "apt"  # of an earlier release
    assert system_packages.named_packages(["libgomp1"], {"os": {"package_manager": "dnf5"}})["module"] == "dnf5"


def test_header_files_are_of_the_running_kernel():
    name = "linux-headers-5.10.0-216.0.0.115.oe2203sp4.aarch64"
    release = name[len("linux-headers-") :]
    assert system_packages.translate_packages([name], "apt").names == [name]
    assert system_packages.translate_packages([name], "dnf").names == [
        f"kernel-devel-{release}",
        f"kernel-headers-{release}",
    ]
    found = system_packages.translate_packages([name], "zypper")
    assert found == ([], [f"the header files of the running kernel (Debian: {name})"])


def test_what_the_installers_of_driver_and_cann_need_has_names_for_dnf():
    variables = yaml.safe_load((ROOT / "roles/atlas/vars/main.yml").read_text(encoding="utf-8"))
    for name in [
        *variables["__atlas_driver_packages"],
        "dkms",
        "gcc",
        "make",
        "g++",
        "python3-pip",
        "dnf-plugins-core",
    ]:
        assert system_packages.known_packages()[name]["dnf"], name
