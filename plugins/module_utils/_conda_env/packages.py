# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Fetch packages from their channels into the board's cache and verify each: rattler does not verify the hashes of
file:// channels.
"""

import os
import shutil
from urllib.parse import urlsplit
from urllib.request import url2pathname

from .._base.errors import EnvironmentProblem
from .._base.files import read_json, remove
from .._base.hashes import hash_file
from .._environment.artifacts import Fetcher, check_space, find_missing

# What an environment keeps of its request and packages.
RECORD = os.path.join(".edgeai", "conda.json")
KEYS = ("name", "version", "build", "filename", "url", "sha256", "md5", "size")


def fetch_packages(layout, packages, request):
    """(packages with sha256 and size, all of them in the cache; warnings)."""
    missing, warnings = find_missing(layout, [package for package in packages if package["sha256"]], discard=True)
    absent = missing + [package for package in packages if not package["sha256"]]
    sized = [package for package in packages if package["size"]]
    check_space(layout, sized, [package for package in sized if package in absent], copied=False)
    with Fetcher(layout) as fetcher:
        for package in absent:
            _fetch_package(fetcher, package, request)
    for package in packages:
        package["size"] = os.path.getsize(layout.artifact(package))
    return packages, warnings


def _fetch_package(fetcher, package, request):
    """Fetch one package; its sha256 is filled in if the channel or the lock has only its MD5."""
    path = os.path.join(fetcher.private, package["filename"])
    parts = urlsplit(package["url"])
    if parts.scheme == "file":
        try:
            shutil.copyfile(url2pathname(parts.path), path)
        except OSError as error:
            raise EnvironmentProblem(
                "%s cannot be read from its channel: %s" % (package["url"], error.strerror)
            ) from error
    elif request.offline:
        raise EnvironmentProblem(
            "%s is not in the cache %s, and offline: true forbids fetching it"
            % (package["filename"], fetcher.layout.artifacts)
        )
    else:
        origin = max(
            (origin for origin in request.origins if (package["url"] + "/").startswith(origin + "/")),
            key=len,
            default=None,
        )
        fetcher.download_unverified(
            package, package["url"] if origin is None else request.origins[origin] + package["url"][len(origin) :], path
        )
    actual = dict((name, hash_file(path, name)) for name in ("sha256", "md5") if package[name] or name == "sha256")
    for name in ("sha256", "md5"):
        if package[name] and actual[name] != package[name]:
            remove(path)
            raise EnvironmentProblem(
                "%s mismatch for %s: expected %s (channel or lock), got %s. Nothing was installed"
                % ({"sha256": "SHA-256", "md5": "MD5"}[name], package["url"], package[name], actual[name])
            )
    package["sha256"] = actual["sha256"]
    fetcher.store_in_cache(package, path)


def compare_packages(before, after):
    """(added, removed, updated) as texts, from {name: package} to {name: package}."""

    def package_text(package):
        return "%(name)s %(version)s %(build)s" % package

    return (
        [package_text(after[name]) for name in sorted(set(after) - set(before))],
        [package_text(before[name]) for name in sorted(set(before) - set(after))],
        [
            "%s -> %s %s" % (package_text(before[name]), after[name]["version"], after[name]["build"])
            for name in sorted(set(before) & set(after))
            if before[name]["filename"] != after[name]["filename"]
        ],
    )


def by_name(packages):
    return dict((package["name"], package) for package in packages)


def read_conda_record(env, key, kind):
    """What an environment keeps; None if it keeps nothing, or not what this version writes."""
    try:
        record = read_json(os.path.join(env, RECORD))
        usable = isinstance(record[key], kind) and all(set(KEYS) <= set(package) for package in record["packages"])
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return record if usable else None
