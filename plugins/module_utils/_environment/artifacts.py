# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Wheels and conda packages on the board: a cache addressed by sha256 that holds verified files only."""

import os
import re
import shutil
import stat
import tempfile
import time

from ansible.module_utils.urls import open_url

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, remove
from .._base.hashes import hash_stream
from .._base.secrets import redact

MIB = 1024 * 1024
# An incoming directory without a change for so long is left from a delivery that died.
STALE_SECONDS = 3600
ATTEMPTS = 3
_FILENAME = re.compile(r"^[0-9A-Za-z_][0-9A-Za-z_.+!-]*\.(whl|conda|tar\.bz2)$")


def format_size(size):
    return "%.1f GiB" % (size / 1024.0**3) if size >= 1024**3 else "%.1f MiB" % (size / 1024.0**2)


def check_artifacts(artifacts):
    """The names become paths: refuse any that no wheelhouse writes."""
    for artifact in artifacts:
        lacking = [key for key in ("name", "version", "filename", "sha256", "size") if artifact.get(key) in (None, "")]
        if lacking:
            raise EnvironmentProblem("an artifact lacks %s: %s" % (", ".join(lacking), artifact))
        if not re.match("^[0-9a-f]{64}$", artifact["sha256"]) or not _FILENAME.match(artifact["filename"]):
            raise EnvironmentProblem(
                "artifact %(filename)s with sha256 %(sha256)s: not the file name of a wheel or a conda package "
                "and a sha256 in lower case" % artifact
            )


def find_missing(layout, artifacts, discard):
    """(artifacts that the cache lacks, warnings).

    A file with another sha256 than its name counts as missing; `discard` removes it.
    """
    missing, warnings = [], []
    for artifact in artifacts:
        path = layout.artifact(artifact)
        try:
            with open(path, "rb") as stream:
                actual = hash_stream(stream)
        except FileNotFoundError:
            missing.append(artifact)
            continue
        if actual != artifact["sha256"]:
            warnings.append(
                "%s was changed on the board: its sha256 is %s instead of %s; it is fetched again"
                % (path, actual, artifact["sha256"])
            )
            missing.append(artifact)
            if discard:
                remove(path)
    return missing, warnings


def free_space(path):
    """Bytes that an ordinary user can still write at `path`, which need not exist."""
    while not os.path.exists(path):
        path = os.path.dirname(path)
    status = os.statvfs(path)
    if status.f_flag & os.ST_NOEXEC:
        raise EnvironmentProblem(
            "%s is on a file system that is mounted noexec: no library can be loaded from there; choose another"
            " torch_root" % path
        )
    return status.f_bavail * status.f_frsize


def check_space(layout, artifacts, missing, copied):
    """Check the space for downloads, unpacked files and bytecode before anything is written."""
    needed = sum(artifact["size"] for artifact in missing) + 64 * MIB
    needed += int(sum(artifact.get("unpacked") or artifact["size"] * 4 for artifact in artifacts) * 1.15)
    if copied and missing:
        needed += max(artifact["size"] for artifact in missing)
    free = free_space(layout.root)
    if free < needed:
        raise EnvironmentProblem(
            "not enough space at %s: %s needed, %s free. Make room there, or choose a torch_root on a larger disk"
            % (layout.root, format_size(needed), format_size(free))
        )


def make_incoming(layout, uid):
    """A directory to which the connection's user can send artifacts."""
    make_directory(layout.cache)
    incoming = tempfile.mkdtemp(prefix="incoming-", dir=layout.cache)
    if uid is not None and uid != os.geteuid():
        if os.geteuid() == 0:
            os.chown(incoming, uid, -1)
        else:
            # Two ordinary users: every file is verified by its hash, whoever put it there.
            os.chmod(incoming, 0o1777)  # noqa: S103
    return incoming


def remove_leftovers(layout):
    """Remove the leftovers of killed runs in the cache.

    Only under the lock, where no other run has a working directory.
    """
    for name in os.listdir(layout.cache) if os.path.isdir(layout.cache) else ():
        path = os.path.join(layout.cache, name)
        if name.startswith(("work-", "fetch-")) or (
            name.startswith("incoming-") and _idle_seconds(path) > STALE_SECONDS
        ):
            remove(path)


def _idle_seconds(folder):
    paths = [folder] + [os.path.join(folder, name) for name in os.listdir(folder)]
    return time.time() - max(os.lstat(path).st_mtime for path in paths)


class Fetcher(object):
    """Puts missing artifacts into the cache, through a private directory on the same file system."""

    def __init__(self, layout):
        self.layout = layout
        self.private = None

    def __enter__(self):
        make_directory(self.layout.artifacts)
        self.private = tempfile.mkdtemp(prefix="fetch-", dir=self.layout.cache)
        return self

    def __exit__(self, *unused):
        remove(self.private)

    def take_delivered(self, incoming, artifact):
        """Take an artifact that was delivered into `incoming` under its sha256 as file name."""
        source, target = os.path.join(incoming, artifact["sha256"]), os.path.join(self.private, artifact["sha256"])
        try:
            descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW)
        except FileNotFoundError:
            raise EnvironmentProblem(
                "%s did not arrive on the board in %s; run again" % (artifact["filename"], incoming)
            ) from None
        with os.fdopen(descriptor, "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise EnvironmentProblem("%s arrived as something that is not a file; run again" % source)
            if status.st_uid == os.geteuid() and status.st_nlink == 1:
                # Once in the private directory nobody can swap it any more; the hash is read from the descriptor held
                # since before.
                os.rename(source, target)
                if not os.path.samestat(status, os.lstat(target)):
                    raise EnvironmentProblem("%s was replaced during the delivery; run again" % source)
                actual = hash_stream(stream)
            else:
                # Someone else's file could still be written to through an open descriptor: only a copy is safe.
                with open(target, "wb") as copy:
                    actual = hash_stream(stream, target=copy)
                remove(source)
        self._check_sha256(artifact, actual, "arrived damaged on the board", "run again")
        self.store_in_cache(artifact, target)

    def download(self, artifact):
        url = str(artifact.get("url") or "")
        shown = redact(url)
        if not url.startswith(("https://", "http://")):
            raise EnvironmentProblem(
                "%s comes from %s, from which the board cannot fetch: use torch_delivery: wheelhouse"
                % (artifact["filename"], shown or "no URL")
            )
        target = os.path.join(self.private, artifact["sha256"])
        actual = self.download_unverified(artifact, url, target, ", or use torch_delivery: wheelhouse")
        self._check_sha256(
            artifact, actual, "was fetched from %s" % shown, "the index has changed: lock again (torch_relock: true)"
        )
        self.store_in_cache(artifact, target)

    def download_unverified(self, artifact, url, target, hint=""):
        """Download to `target`; its sha256. Nothing is verified yet."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with open(target, "wb") as copy:
                    actual = hash_stream(open_url(url, timeout=60), target=copy)
                    if copy.tell() < (artifact["size"] or 0):
                        raise OSError("ended after %d of %d bytes" % (copy.tell(), artifact["size"]))
                return actual
            except Exception as error:  # urllib, http.client, ssl and Ansible have no common class
                if attempt == ATTEMPTS:
                    raise EnvironmentProblem(
                        "%s cannot be fetched from %s (%s, %d attempts): %s%s"
                        % (
                            artifact["filename"],
                            redact(url),
                            redact(str(error)),
                            ATTEMPTS,
                            _fix_for_fetch_error(error),
                            hint,
                        )
                    ) from error
                time.sleep(attempt)

    def _check_sha256(self, artifact, actual, event, fix):
        if actual != artifact["sha256"]:
            raise EnvironmentProblem(
                "%s %s: its sha256 is %s instead of %s. Nothing of it was installed; %s"
                % (artifact["filename"], event, actual, artifact["sha256"], fix)
            )

    def store_in_cache(self, artifact, path):
        """Move a verified file into the cache."""
        os.chmod(path, 0o644)
        with open(path, "rb") as stream:
            os.fsync(stream.fileno())
        final = self.layout.artifact(artifact)
        make_directory(os.path.dirname(final))
        os.rename(path, final)


def _fix_for_fetch_error(error):
    """The settings of the control node's pip do not reach the board."""
    if getattr(error, "code", None) in (401, 403):
        return "locks hold no passwords: write user and password to ~/.netrc of the user who runs this on the board"
    if "certificate" in str(error).lower():
        return "add the CA's certificate to the board's system (update-ca-certificates)"
    if getattr(error, "code", None) == 407 or "proxy" in str(error).lower() or "tunnel" in str(error).lower():
        return "correct HTTPS_PROXY of the task (environment:) or of the board"
    return "check the board's network and proxy"


def remove_unlisted(layout, listed):
    """Remove cached artifacts whose sha256 is not listed."""
    for sha256 in sorted(os.listdir(layout.artifacts)) if os.path.isdir(layout.artifacts) else ():
        if sha256 not in listed:
            shutil.rmtree(os.path.join(layout.artifacts, sha256))
