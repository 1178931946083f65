# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Packages that someone added to an environment: found, and carried into the next one."""

import csv
import glob
import json
import os
import re
import shutil

from .._base.files import make_directory, read_or_none, read_text


class Distribution(object):
    """One installed distribution, by its .dist-info, .egg-info or .egg-link."""

    def __init__(self, path):
        self.path = path
        stem, self.kind = os.path.splitext(os.path.basename(path))
        self.display = stem.split("-")[0]
        self.name = re.sub("[-_.]+", "-", self.display).lower()
        self.record = os.path.join(path, "RECORD") if self.kind == ".dist-info" else None

    @property
    def obstacle(self):
        """Why its files cannot be carried, or None."""
        if self.record is None or not os.path.isfile(self.record):
            return "it has no list of its files"
        if (read_or_none(os.path.join(self.path, "INSTALLER")) or "").strip() == "conda":
            return "conda installed it, and it may have files elsewhere"
        try:
            origin = json.loads(read_text(os.path.join(self.path, "direct_url.json")))
        except (OSError, ValueError):
            return None
        return "it is an editable installation" if origin.get("dir_info", {}).get("editable") else None


def site_packages(env):
    """<env>/lib/pythonX.Y/site-packages"""
    paths = sorted(glob.glob(os.path.join(env, "lib", "python*", "site-packages")))
    # conda-forge's python has a link lib/python3.1 to lib/python3.11.
    return next((path for path in paths if not os.path.islink(os.path.dirname(path))), None)


def find_distributions(env):
    site = site_packages(env)
    distributions = [
        Distribution(os.path.join(site, name))
        for name in (sorted(os.listdir(site)) if site else ())
        if name.endswith((".dist-info", ".egg-info", ".egg-link"))
    ]
    return dict((distribution.name, distribution) for distribution in distributions)


def find_added(env, complete, new_names):
    """Distributions in `env` that are neither in its own lock nor in the new environment."""
    # A conda package has another name than the distribution in it (pytorch, torch), or contains several.
    known = set(complete.get("distributions") or [wheel["name"] for wheel in complete["wheels"]]) | set(new_names)
    return [distribution for name, distribution in sorted(find_distributions(env).items()) if name not in known]


def carry_packages(added, old, new):
    """Copy these distributions from environment `old` to `new`; (names that were carried, warnings)."""
    carried, warnings = [], []
    source, target = site_packages(old), site_packages(new)
    if os.path.basename(os.path.dirname(source)) != os.path.basename(os.path.dirname(target)):
        return [], [
            "the new environment has another Python, so these packages that someone added are not in it: %s"
            % name_list(added)
        ]
    for distribution in added:
        obstacle = distribution.obstacle or _copy_files(distribution, old, new, source)
        if obstacle:
            warnings.append(
                "%s was added by someone and is not in the new environment: %s; install it again"
                % (distribution.display, obstacle)
            )
        else:
            carried.append(distribution.display)
    return carried, warnings


def name_list(distributions):
    return ", ".join(distribution.display for distribution in distributions)


def _copy_files(distribution, old, new, site):
    """Copy the files in RECORD; the obstacle as text, or None."""
    with open(distribution.record, newline="", encoding="utf-8") as stream:
        listed = [os.path.normpath(os.path.join(site, row[0])) for row in csv.reader(stream) if row]
    files = [path for path in listed if os.path.lexists(path) or not path.endswith(".pyc")]
    inside = os.path.realpath(old) + os.sep
    for path in files:
        # The list belongs to whoever owns the environment: it must not make root copy a file from elsewhere.
        if not path.startswith(old + os.sep) or not os.path.realpath(path).startswith(inside):
            return "it lists %s, which is outside its environment" % path
        if not os.path.isfile(path):
            return "%s is missing" % path
    for path in files:
        target = os.path.join(new, os.path.relpath(path, old))
        if os.path.lexists(target):
            continue  # the lock's file wins
        make_directory(os.path.dirname(target))
        shutil.copy2(path, target, follow_symlinks=False)
        if os.path.dirname(path) == os.path.join(old, "bin") and not os.path.islink(path):
            _point_script(target, old, new)
    return None


def _point_script(path, old, new):
    """Point a script's first lines to the new environment's Python."""
    with open(path, "rb") as stream:
        lines = stream.read().split(b"\n", 2)
    if lines[0].startswith(b"#!"):
        # pip writes '#!/bin/sh' and the interpreter's path in the second line where the path is long.
        lines[:2] = [line.replace(os.fsencode(old) + b"/", os.fsencode(new) + b"/") for line in lines[:2]]
        with open(path, "wb") as stream:
            stream.write(b"\n".join(lines))
