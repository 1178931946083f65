# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Install Huawei's driver and firmware of an Ascend chip from the operator's .run files, in the right order, and never
by force.
"""

import grp
import os
import pwd
import re

from .._base.errors import EnvironmentProblem
from .._base.files import read_or_none
from .._base.text import last_words
from .run_file import check_file, check_itself

BASE = "/usr/local/Ascend"
USER = "HwHiAiUser"
LOG = "/var/log/ascend_seclog/ascend_install.log"
# A first driver comes before the firmware. In an upgrade it is the other way round.
FIRST, OVER = ["driver", "firmware"], ["firmware", "driver"]
FLAGS = {
    ("driver", False): ["--full", "--install-for-all", "--quiet", "--nox11"],
    ("driver", True): ["--upgrade", "--quiet", "--nox11"],
    ("firmware", False): ["--full", "--quiet"],
    ("firmware", True): ["--upgrade", "--quiet"],
}
# Huawei's own deployer treats 2 from the firmware as success, too.
SUCCESS = {"driver": [0], "firmware": [0, 2]}
HINTS = [
    (
        r"The list of missing tools: ?(\S*)",
        "install the packages with these programs (pciutils for lspci, net-tools for ifconfig)",
    ),
    (
        r"Dkms install failed|Drv_dkms_env_check failed",
        "install dkms, gcc, make and the headers of the running kernel (linux-headers-$(uname -r))",
    ),
]


class Hdk(object):
    """The installation of driver and firmware. run(argv) -> (status, stdout, stderr); given: {part: {path, sha256,
    version}}.
    """

    def __init__(self, run, given, create_user=False, base=BASE, user=USER):
        self.run, self.given, self.create_user, self.base, self.user = run, given, create_user, base, user
        self.before = dict((part, self.read_versions(part)) for part in FIRST)
        self.parts = [
            part
            for part in (OVER if self.before["driver"] else FIRST)
            if given.get(part) and given[part]["version"].lower() not in self.before[part]
        ]

    def read_versions(self, part):
        """The versions of a part (the firmware's package has its own); [] if it is not installed."""
        text = read_or_none(os.path.join(self.base, part, "version.info")) or ""
        return [version.lower() for version in re.findall(r"^\s*(?:package_)?version\s*=\s*(\S+)", text, re.M | re.I)]

    def version(self, part):
        return (self.read_versions(part) or [None])[0]

    def check(self, absent=False):
        """Fail before a partial installation. absent: the files may be missing, as in check mode, where nothing
        transfers them.
        """
        for part in self.parts:
            if not (absent and not os.path.exists(self.given[part]["path"])):
                self._check_file(part)
        if "driver" in self.parts and not self.before["driver"] and not self.create_user:
            commands = self._missing_account_commands()
            if commands:
                raise EnvironmentProblem(
                    "the driver needs the user and the group %s, which do not exist: set create_user "
                    "(atlas_create_user), or create them: %s"
                    % (self.user, "; ".join(" ".join(argv) for argv in commands))
                )

    def install(self):
        """Install the parts; returns [(part, argv)]."""
        for part in self.parts:
            check_itself(self.run, part, ["/bin/sh", self.given[part]["path"]])
        if "driver" in self.parts and not self.before["driver"]:
            self._make_user()
        done = []
        for part in self.parts:
            self._check_file(part)  # again: hours may have passed, and root runs this file
            argv = ["/bin/sh", self.given[part]["path"]] + FLAGS[part, bool(self.before[part])]
            status, out, err = self.run(argv)
            if status not in SUCCESS[part]:
                raise EnvironmentProblem(self._describe_failure(part, argv, status, out + err, done))
            if self.given[part]["version"].lower() not in self.read_versions(part):
                raise EnvironmentProblem(
                    "the %s was installed (exit status %d), but its version.info says %s instead of %s: "
                    "correct the version that you give, or check %s"
                    % (part, status, self.version(part) or "nothing", self.given[part]["version"], LOG)
                )
            done.append((part, argv))
        return done

    def _describe_failure(self, part, argv, status, output, done):
        hint = next((" %s." % advice for pattern, advice in HINTS if re.search(pattern, output)), "")
        before = ", ".join("the %s is now %s" % (name, self.version(name)) for name, _argv in done)
        return "the %s cannot be installed: %s ended with status %d: %s.%s %s. See also %s" % (
            part,
            " ".join(argv),
            status,
            last_words(output),
            hint,
            "Installed before it: %s" % before if before else "Nothing was installed before it",
            LOG,
        )

    def _check_file(self, part):
        check_file(part, self.given[part]["path"], self.given[part]["sha256"])

    # -- the driver's user

    def _missing_account_commands(self):
        """The commands of Huawei's documentation for a missing user or group."""
        commands = []
        try:
            grp.getgrnam(self.user)
        except KeyError:
            commands.append(["groupadd", self.user])
        try:
            pwd.getpwnam(self.user)
        except KeyError:
            commands.append(
                ["useradd", "-g", self.user, "-d", "/home/" + self.user, "-m", self.user, "-s", "/bin/bash"]
            )
        return commands

    def _make_user(self):
        for argv in self._missing_account_commands():
            status, out, err = self.run(argv)
            if status != 0:
                raise EnvironmentProblem(
                    "%s ended with status %d: %s" % (" ".join(argv), status, last_words(out + err))
                )
