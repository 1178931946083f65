# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.
# It is copied to the builder: standard library only, relative imports only.

"""The source tree: fetched, checked, patched, and only then moved to its place."""

import difflib
import os
import re
import shutil
import tarfile

from .._base.errors import EnvironmentProblem
from .._base.files import make_directory, read_or_none, remove, write_atomic
from .._base.hashes import hash_file
from .._base.secrets import redact
from .._base.text import last_lines
from .processes import must_run, run

# All sources are older than all built files, even on a board without a clock; it is also the date of a wheel's files.
EPOCH = 1577836800  # 2020-01-01
_TRIES = 3


def prepare_source(place, job, environment):
    """Create place.source from the job's source.

    Problems are written to files that everyone may read: URLs in them have no passwords.
    """
    try:
        _prepare_tree(place, job, environment)
    except EnvironmentProblem as problem:
        raise EnvironmentProblem(redact(str(problem))) from None


def _prepare_tree(place, job, environment):
    """Leftovers of an interrupted attempt are removed first."""
    tree = place.source + ".new"
    remove(tree)
    source = job["source"]
    if source["git"]:
        _clone_git(source, tree, environment)
    elif source["archive"]:
        _unpack_archive(os.path.join(place.incoming, source["sha256"]), source, tree)
    else:
        _copy_directory(source["directory"], tree)
    if not os.path.isfile(os.path.join(tree, "setup.py")):
        raise EnvironmentProblem(
            "%s has no setup.py: it is not the source of %s" % (_source_text(source), job["package"])
        )
    _check_version(tree, job)
    for patch in job["patches"]:
        _apply_patch(patch, tree, environment)
    for command in job["commands"]:
        must_run(command, environment, tree, "a command before the build")
    _check_submodules(tree, source)
    _set_dates(tree)
    os.rename(tree, place.source)


def _source_text(source):
    if source["git"]:
        return "%s at %s" % (source["git"], source["ref"])
    return source["archive"] or source["directory"]


# --- fetch


def _clone_git(source, target, environment):
    url, ref = source["git"], source["ref"]
    # Nobody could answer a prompt for a password.
    environment = dict(environment, GIT_TERMINAL_PROMPT="0")
    if not re.match(r"[0-9a-f]{40}$", ref):
        _check_ref(url, ref, environment)
    git = ["git", "-C", target]
    make_directory(target)
    must_run(git + ["init", "--quiet"], environment, "/", "git")
    # The URL in .git/config may have a password.
    os.chmod(os.path.join(target, ".git"), 0o700)
    must_run(git + ["remote", "add", "origin", url], environment, "/", "git")
    _try_again(
        git + ["fetch", "--quiet", "--depth", "1", "origin", ref],
        environment,
        "%s at %s cannot be fetched" % (url, ref),
    )
    must_run(git + ["checkout", "--quiet", "--detach", "FETCH_HEAD"], environment, "/", "git")
    _try_again(
        git + ["submodule", "--quiet", "update", "--init", "--recursive", "--depth", "1"],
        environment,
        "the submodules of %s cannot be fetched" % url,
    )


def _check_ref(url, ref, environment):
    status, output = run(["git", "ls-remote", "--tags", "--heads", url], environment, "/", timeout=300)
    if status:
        raise EnvironmentProblem("the tags of %s cannot be listed: %s" % (url, last_lines(output)))
    names = [name for name in re.findall(r"refs/(?:tags|heads)/(\S+)", output) if not name.endswith("^{}")]
    if ref not in names:
        near = ", ".join(difflib.get_close_matches(ref, names, n=3)) or "none"
        raise EnvironmentProblem(
            "%s has no tag or branch %s; similar: %s. Correct torch_version or torch_build_source" % (url, ref, near)
        )


def _try_again(argv, environment, what):
    for _attempt in range(_TRIES):
        status, output = run(argv, environment, "/")
        if not status:
            return
    raise EnvironmentProblem("%s: %s" % (what, last_lines(output)))


def _unpack_archive(archive, source, target):
    """Verify and unpack a tar archive; if it has a single directory, that is the source."""
    actual = hash_file(archive)
    if actual != source["sha256"]:
        raise EnvironmentProblem(
            "%s is not the expected archive: its sha256 is %s, expected %s"
            % (_source_text(source), actual, source["sha256"])
        )
    unpacked = target + ".tar"
    remove(unpacked)
    make_directory(unpacked)
    try:
        with tarfile.open(archive) as tar:
            members = tar.getmembers()
            for member in members:
                _check_member(member, source)
                member.uid, member.gid, member.uname, member.gname = os.getuid(), os.getgid(), "", ""
            tar.extractall(unpacked, members)  # noqa: S202 checked above, and its code is run as it is
    except (tarfile.TarError, EOFError) as error:
        raise EnvironmentProblem("%s is not a tar archive: %s" % (_source_text(source), error)) from error
    entries = os.listdir(unpacked)
    top = os.path.join(unpacked, entries[0]) if len(entries) == 1 else unpacked
    os.rename(top if os.path.isdir(top) else unpacked, target)
    remove(unpacked)


def _check_member(member, source):
    """EnvironmentProblem for a member, or a link, that leads out of the archive's tree."""
    names = [member.name]
    if member.issym():
        names.append(os.path.join(os.path.dirname(member.name), member.linkname))
    elif member.islnk():
        names.append(member.linkname)
    elif not (member.isfile() or member.isdir()):
        raise EnvironmentProblem("%s: %s is not a file, directory or link" % (_source_text(source), member.name))
    if any(name.startswith("/") or os.path.normpath(name).split("/")[0] == ".." for name in names):
        raise EnvironmentProblem("%s: %s leads out of the archive" % (_source_text(source), " -> ".join(names)))


def _copy_directory(directory, target):
    if not os.path.isdir(directory):
        raise EnvironmentProblem(
            "directory %s does not exist on this machine; torch_build_source must name one on the builder" % directory
        )
    shutil.copytree(directory, target, symlinks=True)


# --- check and patch


def _check_version(tree, job):
    text = read_or_none(os.path.join(tree, "version.txt"))
    if text is None:  # releases before version.txt have the number in setup.py
        return
    actual, expected = (re.match(r"\d+(\.\d+)*", version) for version in (text.strip(), job["version"]))
    if not actual or _release_numbers(actual) != _release_numbers(expected):
        raise EnvironmentProblem(
            "%s is the source of %s %s, but %s was requested"
            % (_source_text(job["source"]), job["package"], text.strip(), job["version"])
        )


def _release_numbers(match):
    parts = [int(part) for part in match.group().split(".")]
    return parts + [0] * (4 - len(parts))


def _apply_patch(patch, tree, environment):
    path = tree + ".patch"
    write_atomic(path, patch["text"])
    must_run(
        ["patch", "--strip=1", "--forward", "--batch", "--no-backup-if-mismatch", "--input", path],
        environment,
        tree,
        "the patch %s does not apply" % patch["name"],
    )
    os.unlink(path)


def _check_submodules(tree, source):
    paths = re.findall(r"^\s*path\s*=\s*(\S+)", read_or_none(os.path.join(tree, ".gitmodules")) or "", re.M)
    empty = [
        path for path in paths if not (os.path.isdir(os.path.join(tree, path)) and os.listdir(os.path.join(tree, path)))
    ]
    if empty:
        raise EnvironmentProblem(
            "%s lacks its submodules: %s%s. Use the git source, or an archive with submodules (a release has one:"
            " pytorch-v*.tar.gz)"
            % (_source_text(source), ", ".join(empty[:5]), " and %d more" % (len(empty) - 5) if len(empty) > 5 else "")
        )


def _set_dates(tree):
    for folder, _directories, files in os.walk(tree):
        for name in files:
            os.utime(os.path.join(folder, name), (EPOCH, EPOCH), follow_symlinks=False)
