# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""@EXPLICIT lists, the lock files of conda, mamba and micromamba. This room is used by the module conda_env only: conda
without conda, a product of its own for boards."""

import re

from .._base.errors import EnvironmentProblem

_LINE = re.compile(
    r"((?:https?|file)://\S+/([^/#\s]+?)(?:\.conda|\.tar\.bz2))(?:#(?:([0-9a-f]{32})|(?:sha256:)?([0-9a-f]{64})))?$"
)
# conda's own hash in these lists is MD5; ours are in comments, which other programs ignore.
_SHA256 = re.compile(r"#\s*sha256:\s*([0-9a-f]{64})\s+(\S+)$")


def read_explicit(text, platform):
    """The packages of an @EXPLICIT list: [{name, version, build, filename, url, md5, sha256, size}]."""
    packages, ours, marked = [], {}, False
    for number, line in enumerate(text.splitlines(), 1):
        line = line.strip()
        if line.startswith("#"):
            target, comment = re.match(r"#\s*platform:\s*(\S+)", line), _SHA256.match(line)
            if target and target.group(1) != platform:
                raise EnvironmentProblem("the lock is for %s, and this machine is %s" % (target.group(1), platform))
            if comment:
                ours[comment.group(2)] = comment.group(1)
        elif line == "@EXPLICIT":
            marked = True
        elif line:
            packages.append(_parse_line(line, number))
    if not marked or not packages:
        raise EnvironmentProblem(
            "the lock %s: it is not an @EXPLICIT list of conda, mamba or this module"
            % ("names no package" if marked else "has no line @EXPLICIT")
        )
    names = [package["name"] for package in packages]
    twice = sorted(set(name for name in names if names.count(name) > 1))
    if twice:
        raise EnvironmentProblem("the lock has %s more than once" % ", ".join(twice))
    for package in packages:
        package["sha256"] = package["sha256"] or ours.get(package["filename"])
    return packages


def _parse_line(line, number):
    match = _LINE.match(line)
    if not match:
        raise EnvironmentProblem("line %d of the lock is not the URL of a conda package: %s" % (number, line))
    url, stem, md5, sha256 = match.groups()
    if not md5 and not sha256:
        raise EnvironmentProblem(
            "line %d of the lock has no hash, so its package cannot be verified: %s (conda list --explicit --md5"
            " writes them)" % (number, line)
        )
    parts = stem.rsplit("-", 2)
    if len(parts) != 3:
        raise EnvironmentProblem(
            "line %d of the lock is not the URL of a conda package (name-version-build): %s" % (number, line)
        )
    return {
        "name": parts[0],
        "version": parts[1],
        "build": parts[2],
        "filename": url.rsplit("/", 1)[1],
        "url": url,
        "md5": md5,
        "sha256": sha256,
        "size": None,
    }


def write_explicit(platform, packages):
    packages = sorted(packages, key=lambda package: package["name"])
    lines = (
        ["# platform: %s" % platform]
        + ["# sha256: %(sha256)s %(filename)s" % package for package in packages if package["sha256"]]
        + ["@EXPLICIT"]
        + ["%s#%s" % (package["url"], package["md5"] or "sha256:" + package["sha256"]) for package in packages]
    )
    return "\n".join(lines) + "\n"
