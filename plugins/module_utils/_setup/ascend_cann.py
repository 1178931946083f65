# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Install one version of Huawei's CANN beside others: the toolkit, the kernels (ops) of the board's chip, and NNAL.

The options of the .run files are those of
https://www.hiascend.com/document/detail/en/CANNCommunityEdition/910/softwareinst/instg/instg_0042.html. --quiet accepts
Huawei's licence. The toolkit is installed with --full: --install leaves pyACL out, as who unpacked 9.2.0-beta.2 says,
and public scripts use --full with --quiet. For the kernels there is no --full: they print their usage and end with 0.
So what an installer did is always read back. Unproven: Huawei's own files did not run in the tests.
"""

import os
import re

from .._base.errors import EnvironmentProblem
from .._base.text import last_words
from .._board.atlas_board import kernels_of
from .._board.cann import read_installation, read_variables
from .._board.cann_places import INSTALL_INFO
from .ascend_preflight import GIB, check_health, check_idle, check_owner, check_space
from .cann_packages import is_before_ops
from .run_file import check_file, check_itself

# The kernels and NNAL need the toolkit.
ORDER = ["toolkit", "ops", "nnal"]
FLAGS = {"toolkit": "--full", "ops": "--install", "nnal": "--install"}
# "The available space of the installation directory is greater than 10 GB" is all that Huawei says, of the toolkit
# (instg_0054 of 8.3.RC1 to 9.0.0; 7 GB for 8.0.0). NNAL alone is half a GiB.
SPACE = {"toolkit": 10 * GIB, "ops": 6 * GIB, "nnal": 2 * GIB}
# Between 8.0.0 and 8.3.RC1 the installer learned to install somewhere else than before.
ONE_PATH_BEFORE = [8, 3]
NAME = re.compile(r"(?:Ascend-cann|Atlas-A3-cann)-?\w*.*_(?P<version>[^_]+)_linux-(?P<architecture>[a-z0-9_]+)\.run$")


class Cann(object):
    """One version of CANN below `path`. run(argv, **options) -> (status, stdout, stderr)."""

    def __init__(self, run, system, version, chip, path="/usr/local/Ascend", user="root"):
        self.run, self.system, self.version = run, system, version
        self.path, self.user = path.rstrip("/"), user
        self.kernels = kernels_of(chip or "")
        self.chip = chip
        self.account = system.find_account(user)
        name = "ascend-toolkit/%s" if is_before_ops(version) else "cann-%s"
        self.home = os.path.join(self.path, name % version)

    # -- what is there

    def installed(self):
        """{part: its version, or None}: what of this version is there."""
        found = self._toolkit()
        return {
            "toolkit": found["version"],
            "ops": ",".join(sorted(set(found["kernels"]) & set(self.kernels))) or None,
            "nnal": self.version if self.system.is_file(self._nnal() + "/atb/set_env.sh") else None,
        }

    def missing(self, parts):
        there = self.installed()
        return [part for part in ORDER if part in parts and not there[part]]

    def _toolkit(self):
        return read_installation(self.system, self.home, "toolkit", self.path)

    def _nnal(self):
        return os.path.join(self.path, "nnal/atb", self.version)

    # -- before anything is touched

    def check(self, parts, staging, skip=(), staged_bytes=0):
        """EnvironmentProblem if the parts cannot be installed; otherwise warnings."""
        if not self.account:
            raise EnvironmentProblem(
                "the user %s, as whom CANN is to be installed, does not exist: create it" % self.user
            )
        if "toolkit" not in parts and not self.installed()["toolkit"]:
            raise EnvironmentProblem(
                "%s of CANN %s needs its toolkit, which is not installed in %s: give the toolkit, too"
                % (" and ".join(parts), self.version, self.path)
            )
        if "ops" in parts and not self.kernels:
            raise EnvironmentProblem(
                "the kernels of the chip %s are not known, so its package is not: leave ops out of atlas_cann.parts, "
                "and install it by hand" % (self.chip or "(without a name)")
            )
        self._check_kernels_of_others(parts)
        self._check_path()
        warnings = []
        if "owner" not in skip:
            check_owner(self.path, self.account["uid"], self.user)
        if "space" not in skip:
            size = min(SPACE["toolkit"], sum(SPACE[part] for part in parts))
            check_space([(self.path, size, "CANN"), (staging, staged_bytes, "the installers")])
        if "in_use" not in skip:
            check_idle()
        if "health" not in skip:
            warnings += check_health(self.system)
        return warnings

    def _check_kernels_of_others(self, parts):
        others = sorted(set(self._toolkit()["kernels"]) - set(self.kernels))
        if "ops" in parts and others and not is_before_ops(self.version):
            raise EnvironmentProblem(
                "%s has the kernels of %s, and Huawei supports those of one chip only in a directory: set another "
                "atlas_cann.path for this board" % (self.home, ", ".join(others))
            )

    def _check_path(self):
        """Older installers accept no other path than the recorded one."""
        recorded = re.findall(r"^\s*\w*Install_Path\w*\s*=\s*(/\S*)", self.system.read(INSTALL_INFO) or "", re.M | re.I)
        numbers = [int(number) for number in re.findall(r"\d+", self.version)][:2]
        if self._as_root() and numbers < ONE_PATH_BEFORE and recorded and recorded[0].rstrip("/") != self.path:
            raise EnvironmentProblem(
                "%s says that CANN is in %s, and the installer of %s accepts no other path than that: set "
                "atlas_cann.path to it" % (INSTALL_INFO, recorded[0], self.version)
            )

    def check_name(self, part, path):
        """EnvironmentProblem if a file's name says that it is of another version, architecture or chip."""
        name = os.path.basename(path)
        match = NAME.match(name)
        if not match:
            return  # renamed by the operator; its hash and the reading back remain
        expected = [
            ("version", match.group("version"), self.version),
            ("architecture", match.group("architecture"), self.system.architecture()[0]),
        ]
        if part == "ops":
            chip = re.match(r"Ascend-cann-(?:kernels-)?(\w+?)(?:-ops)?_|Atlas-(A3)-cann-kernels", name)
            named = (chip.group(1) or chip.group(2)).lower() if chip else None
            if named and named not in self.kernels:
                expected.append(("chip", named, " or ".join(self.kernels)))
        for what, found, wanted in expected:
            if found.lower() != wanted.lower():
                raise EnvironmentProblem(
                    "%s is for the %s %s, and this board needs %s: give the right file" % (name, what, found, wanted)
                )

    # -- the installation

    def install(self, files, staging):
        """Install {part: {path, sha256}}, in their order; returns [(part, argv)]."""
        parts = [part for part in ORDER if part in files]
        for part in parts:
            self.check_name(part, files[part]["path"])
            check_file(part, files[part]["path"], files[part]["sha256"])
        for part in parts:
            check_itself(lambda argv: self._run(argv, staging), part, self._program(files[part]["path"]))
        done = []
        for part in parts:
            check_file(part, files[part]["path"], files[part]["sha256"])  # again: root runs this file
            argv = self._program(files[part]["path"]) + [FLAGS[part], "--quiet", "--install-path=" + self.path]
            if self._as_root():
                # The user of the workload is another.
                argv.append("--install-for-all")
            status, out, err = self._run(argv, staging, {} if part == "toolkit" else self._variables())
            if status != 0 or not self.installed()[part]:
                raise EnvironmentProblem(self._describe_failure(part, argv, status, out + err, done))
            done.append((part, argv))
        return done

    def _as_root(self):
        return self.account["uid"] == 0

    def _program(self, path):
        here = self.account["uid"] == self.system.uid()
        return ([] if here else ["runuser", "-u", self.user, "--"]) + ["bash", path]

    def _run(self, argv, staging, variables=None):
        # A board's /tmp may be a small RAM disk, and the installers unpack themselves.
        environment = dict(variables or {}, TMPDIR=staging, HOME=self.account["home"], USER=self.user)
        return self.run(argv, cwd=staging, environ_update=environment, umask=0o022)

    def _variables(self):
        """What CANN's set_env.sh sets: NNAL's installer refuses to run without."""
        variables, warnings = read_variables(self.system, self._toolkit()["set_env"])
        if not variables:
            raise EnvironmentProblem("; ".join(warnings) or "CANN's set_env.sh sets nothing")
        return variables

    def _describe_failure(self, part, argv, status, output, done):
        log = "%s/var/log/ascend_seclog" % ("" if self._as_root() else self.account["home"])
        return "the %s of CANN %s cannot be installed: `%s` ended with status %d%s: %s. %s. See also %s" % (
            part,
            self.version,
            " ".join(argv),
            status,
            "" if status else ", but %s is not there" % (self._nnal() if part == "nnal" else "it in " + self.home),
            last_words(output),
            "Installed before it: " + ", ".join(name for name, _argv in done)
            if done
            else "Nothing was installed before it",
            log,
        )
