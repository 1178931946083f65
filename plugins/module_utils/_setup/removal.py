# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Take away from a board what this collection added to it, and only that."""

import glob
import os
import re

from .._base.errors import EnvironmentProblem
from .._base.files import read_or_none
from .._base.text import last_words
from .._environment.absent import ensure_absent, remove_empty
from .._environment.carry import find_added, name_list
from .._environment.prune import environments_in_use
from .._environment.status import list_environments, read_complete
from .._root.additions import read_additions
from .._root.jupyter_kernel import find_kernels, remove_kernel
from .._root.layout import Layout, environment_name, environment_path
from . import distcc_helper, jetson_power, swap
from .packages import DATABASES, PackageDatabase

_DISTCC = re.compile(r"edgeai-distccd-(.+)\.(?:pid|arguments)$")


class Removal(object):
    """What would be removed, what is left and why, and what cannot be known.

    run(argv, answer) returns (exit status, stdout, stderr), find(name) the path of a program or None.
    """

    def __init__(self, root, run, find, packages=False, top="/", lock_timeout=600):
        self.layout, self.run, self.find, self.top = Layout(root), run, find, top
        self.packages, self.lock_timeout = packages, lock_timeout
        self.additions = read_additions(root)
        self.steps = []  # (what, apply), in the order in which they must be made
        self.left = []
        self.unknown = []
        self.reboot_reasons = []
        self._check_processes()
        self._plan_helpers()
        self._plan_swap()
        self._plan_power()
        self._plan_groups()
        self._plan_kernels()
        self._plan_packages()
        self._plan_vendors()
        self.environment = self._plan_root()

    @property
    def removed(self):
        return [what for what, _apply in self.steps] + self.environment

    def apply(self):
        for _what, apply in self.steps:
            reason = apply()
            if reason:
                self.reboot_reasons.append(reason)
        for entry in reversed(self.additions.of("directory")):
            if not (self.layout.root + os.sep).startswith(entry["path"] + os.sep):
                remove_empty(entry["path"])
        # Last: its record says what else there is to remove, should this be interrupted.
        if self.environment:
            ensure_absent(self._absent_options(), False)

    # --- what is in the way

    def _check_processes(self):
        used = sorted(environments_in_use(self.layout.envs)) if os.path.isdir(self.layout.envs) else []
        if used:
            raise EnvironmentProblem(
                "processes still use the environment %s in %s: stop them first (`fuser -v` or `lsof` name them). "
                "Nothing was removed" % (", ".join(used), self.layout.envs)
            )

    # --- outside torch_root

    def _plan_helpers(self):
        folder = os.path.join(self.top, "run")
        names = [_DISTCC.match(os.path.basename(path)) for path in glob.glob(os.path.join(folder, "edgeai-distccd-*"))]
        for builder in sorted(set(match.group(1) for match in names if match)):
            helper = distcc_helper.Helper(self._run, builder, directory=folder)
            self.steps.append(("distccd for the builder %s" % builder, helper.stop))

    def _plan_swap(self):
        host = swap.SwapHost(self._run, self.top)
        recorded = [entry["path"] for entry in self.additions.of("swap") if entry.get("manager") == "swapfile"]
        for what, change in swap.plan_removal(host, recorded):
            self.steps.append((what, self._after(change.apply, what if change.reboot else None)))

    def _plan_power(self):
        host = jetson_power.JetsonHost(self.run, self.find, self.top)
        self.steps += [(what, change.apply) for what, change in jetson_power.plan_restore(host, self.additions)]

    def _plan_groups(self):
        members = _read_groups(read_or_none(os.path.join(self.top, "etc", "group")) or "")
        for entry in self.additions.of("group"):
            if entry["user"] in members.get(entry["group"], ()):
                what = "group %s of the user %s" % (entry["group"], entry["user"])
                self.steps.append((what, self._group_step(entry["user"], entry["group"])))

    def _group_step(self, user, group):
        def leave():
            self._run_or_fail(["gpasswd", "--delete", user, group])
            return "the groups of %s in its open sessions" % user

        return leave

    def _plan_kernels(self):
        found = [kernel["path"] for kernel in find_kernels(self.layout.root, self.top)]
        for path in found:
            self.steps.append(("Jupyter kernel %s" % path, self._kernel_step(path)))
        self.left += [
            "%s: someone has changed this Jupyter kernel" % entry["path"]
            for entry in self.additions.of("kernel")
            if entry["path"] not in found and os.path.lexists(os.path.join(entry["path"], "kernel.json"))
        ]

    def _kernel_step(self, path):
        return lambda: remove_kernel(path)

    def _plan_packages(self):
        recorded = self.additions.of("package")
        if not recorded:
            return
        kinds = sorted(set(entry.get("manager") for entry in recorded))
        managers = dict((DATABASES[manager], manager) for manager in sorted(DATABASES))
        for kind in kinds:
            names = [entry["name"] for entry in recorded if entry.get("manager") == kind]
            if kind not in managers:
                self.left += ["package %s: its manager %s is not known" % (name, kind) for name in names]
                continue
            database = PackageDatabase(self._run, managers[kind])
            present = sorted(database.installed().intersection(names))
            if not self.packages:
                self.left += ["package %s: torch_remove_packages is not set" % name for name in present]
                continue
            removable, kept = database.split_removable(present)
            self.left += ["package %s: %s" % (name, why) for name, why in sorted(kept.items())]
            if removable:
                what = "system packages: %s" % ", ".join(removable)
                self.steps.append((what, self._package_step(database, removable)))

    def _package_step(self, database, names):
        return lambda: database.remove(names)

    def _plan_vendors(self):
        for entry in self.additions.of("vendor"):
            self.left.append(
                "%s %s: only its vendor's own program removes it" % (entry["name"], entry.get("version") or "")
            )

    # --- torch_root

    def _absent_options(self):
        return {"root": self.layout.root, "id": None, "generation": None, "lock_timeout": self.lock_timeout}

    def _plan_root(self):
        planned = ensure_absent(self._absent_options(), True)
        self.left += planned["left"]
        if planned["removed"] and (self.additions.problem or not self.additions.complete):
            self.unknown.append(
                "%s: groups of users, system packages, power modes and directories that were added before are not known"
                % (self.additions.problem or "%s began after the first installation" % self.layout.additions)
            )
        return [self._describe(path) for path in planned["removed"]]

    def _describe(self, path):
        for item in list_environments(self.layout.root):
            if path == environment_path(self.layout.root, item["id"], item["generation"]):
                complete = read_complete(path)
                added = find_added(path, complete, []) if complete else []
                more = ", with packages that someone added: %s" % name_list(added) if added else ""
                return "environment %s%s" % (environment_name(item["id"], item["generation"]), more)
        return path

    # --- programs

    def _run(self, argv, answer=None):
        program = self.find(argv[0])
        if not program:
            raise EnvironmentProblem("the program %s is missing" % argv[0])
        return self.run([program] + argv[1:], answer)

    def _run_or_fail(self, argv):
        status, out, err = self._run(argv)
        if status:
            raise EnvironmentProblem(
                "`%s` ended with status %d: %s" % (" ".join(argv), status, last_words(err.strip() or out))
            )

    def _after(self, apply, reason):
        def call():
            apply()
            return reason

        return call


def _read_groups(text):
    """{group: its members} of /etc/group."""
    rows = [line.split(":") for line in text.splitlines()]
    return dict((row[0], row[3].split(",")) for row in rows if len(row) == 4)
