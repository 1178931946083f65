# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Facts about releases of distributions, and Debian's names of architectures.

CMake and GCC: https://packages.debian.org/cmake, https://packages.ubuntu.com/cmake, and gcc likewise
"""

from __future__ import annotations

from typing import NamedTuple


class Release(NamedTuple):
    """What a release of a distribution contains."""

    codename: str
    pretty_name: str
    glibc: str
    python: str
    cmake: tuple[int, int]
    gcc: tuple[int, int]
    externally_managed: bool  # whether pip must not change its Python (PEP 668)


# The keys are ID and VERSION_ID of os-release.
RELEASES = {
    ("debian", "10"): Release("buster", "Debian GNU/Linux 10 (buster)", "2.28", "3.7.3", (3, 13), (8, 3), False),
    ("debian", "11"): Release("bullseye", "Debian GNU/Linux 11 (bullseye)", "2.31", "3.9.2", (3, 18), (10, 2), False),
    ("debian", "12"): Release("bookworm", "Debian GNU/Linux 12 (bookworm)", "2.36", "3.11.2", (3, 25), (12, 2), True),
    ("debian", "13"): Release("trixie", "Debian GNU/Linux 13 (trixie)", "2.41", "3.13.5", (3, 31), (14, 2), True),
    ("ubuntu", "18.04"): Release("bionic", "Ubuntu 18.04", "2.27", "3.6.9", (3, 10), (7, 5), False),
    ("ubuntu", "20.04"): Release("focal", "Ubuntu 20.04", "2.31", "3.8.10", (3, 16), (9, 4), False),
    ("ubuntu", "22.04"): Release("jammy", "Ubuntu 22.04", "2.35", "3.10.12", (3, 22), (11, 4), False),
    ("ubuntu", "24.04"): Release("noble", "Ubuntu 24.04", "2.39", "3.12.3", (3, 28), (13, 3), True),
}
# The 32-bit Raspberry Pi OS calls itself Raspbian.
RELEASES |= {
    ("raspbian", version): release._replace(pretty_name=release.pretty_name.replace("Debian", "Raspbian"))
    for (name, version), release in RELEASES.items()
    if name == "debian"
}
# ID of os-release -> the package manager, for boards that are not measured. Of Kylin and UOS the servers' editions.
PACKAGE_MANAGERS = {
    **dict.fromkeys(("debian", "ubuntu", "raspbian", "linuxmint", "armbian"), "apt"),
    **dict.fromkeys(("fedora", "rhel", "rocky", "almalinux", "centos", "ol", "openeuler", "kylin", "uos"), "dnf"),
    **dict.fromkeys(("hce", "euleros", "bclinux", "anolis", "opencloudos", "ctyunos", "alinux", "amzn"), "dnf"),
    **dict.fromkeys(("opensuse-leap", "opensuse-tumbleweed", "opensuse", "sles"), "zypper"),
    **dict.fromkeys(("arch", "archarm", "manjaro", "manjaro-arm"), "pacman"),
}
# The keys are the names that Python and uname use.
DEBIAN_ARCHITECTURES = {"aarch64": "arm64", "armv7l": "armhf", "armv6l": "armhf", "x86_64": "amd64"}
