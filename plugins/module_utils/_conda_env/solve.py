# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""A request for a conda environment, and its solution: which packages, of which build."""

import hashlib
import json
import os
import re
import tempfile

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory
from .._base.processes import run
from .._base.secrets import redact
from .._board.collect import DETECTORS
from .._board.system import System
from .._rattler.call import CondaProblem, ask_worker
from .._rattler.channels import channel_urls
from .._rattler.platform import platform_of, virtual_packages
from .explicit_list import read_explicit
from .packages import KEYS

SECONDS = 600


class Request(object):
    """Specs for a platform and a build, or the packages of a lock."""

    def __init__(self, options):
        self.platform = platform_of(os.uname().machine)
        self.offline = options["offline"]
        self.packages = read_explicit(options["_explicit"], self.platform) if options["_explicit"] is not None else None
        self.specs = options["specs"] or []
        self.channels = channel_urls(options["channels"])
        # Stored URLs have no passwords; fetching finds them here.
        self.origins = dict(
            (redact(url), url) for url in self.channels + [package["url"] for package in self.packages or ()]
        )
        for package in self.packages or ():
            package["url"] = redact(package["url"])
        self.cuda = None if self.packages else find_cuda(options["cuda"])
        self.build = None if self.packages else choose_build(options["accelerator"], self.cuda)

    @property
    def digest(self):
        """The fingerprint of the request. A newer kernel or driver alone does not change it."""
        what = (
            [self.platform, self.specs, [redact(channel) for channel in self.channels], self.build]
            if self.packages is None
            else [[package["url"], package["md5"], package["sha256"]] for package in self.packages]
        )
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:16]

    def solve(self, layout, rattler, persistent):
        """The packages. If `persistent`, repodata stays in the cache for a later run without network."""
        if self.packages is not None:
            return self.packages
        installer = rattler.get_installer()
        if persistent:
            make_directory(layout.cache)
        cache = os.path.join(layout.cache, "repodata")
        request = {
            "do": "solve",
            "channels": self.channels,
            "specs": self.specs,
            "constraints": ["pytorch * *%s*" % self.build],
            "platform": self.platform,
            "virtual": virtual_packages(
                os.uname().machine,
                (System().glibc_version() or "glibc 0").split()[-1],
                re.match(r"[\d.]*\d", os.uname().release).group(),
                self.cuda if self.build == "cuda" else None,
            ),
            "offline": self.offline,
            "timeout": SECONDS,
        }
        with tempfile.TemporaryDirectory(prefix="work-", dir=layout.cache if persistent else None) as work:
            request["cache"] = cache if persistent or os.path.isdir(cache) else os.path.join(work, "repodata")
            try:
                answer = ask_worker(
                    request, installer.python, installer.rattler, work, lambda argv: run(argv, work, None)
                )
            except CondaProblem as problem:
                raise EnvironmentProblem("%s%s" % (redact(str(problem)), self._fix_for(problem))) from problem
        return [
            dict(dict((key, package[key]) for key in KEYS), url=redact(package["url"]))
            for package in answer["packages"]
        ]

    def _fix_for(self, problem):
        if problem.kind == "channel":
            return (
                ". offline: true uses what is cached here"
                if not self.offline
                else ". It is not in the cache: run once without offline"
            )
        if self.build == "cuda" and ("pytorch" in str(problem) or "__cuda" in str(problem)):
            return (
                ". accelerator is cuda and the driver supports CUDA %s: install a newer driver, or set accelerator: cpu"
                % self.cuda
            )
        if problem.kind == "lacking":
            return " (%s)" % ", ".join(redact(channel) for channel in self.channels)
        return ""


def find_cuda(option):
    """The newest CUDA for the solver or None: the option, else CONDA_OVERRIDE_CUDA, else what the driver supports."""
    override = option if option is not None else os.environ.get("CONDA_OVERRIDE_CUDA")
    if override is not None:
        if not re.match(r"(\d+\.\d+|none|)$", override):
            raise EnvironmentProblem(
                "cuda is %r: give the CUDA version that the driver supports, such as 12.8, or none" % override
            )
        return None if override in ("", "none") else override
    system = System()
    board = next(filter(None, (detector.detect(system) for detector in DETECTORS)), {})
    versions = [device.get("cuda") for device in board.get("accelerators", []) if device.get("cuda")]
    return max(versions, key=lambda text: [int(part) for part in text.split(".")]) if versions else None


def choose_build(accelerator, cuda):
    if accelerator == "cuda" and not cuda:
        raise EnvironmentProblem(
            "accelerator is cuda, but no NVIDIA driver responds: install one, or set cuda (12.8) if this environment"
            " is for another machine, or set accelerator: cpu"
        )
    return accelerator if accelerator != "auto" else "cuda" if cuda else "cpu"


def build_of(packages):
    """The build of pytorch among these packages: cuda, cpu or None without pytorch."""
    torch = next((package for package in packages if package["name"] == "pytorch"), None)
    return torch and ("cuda" if "cuda" in torch["build"] else "cpu")
