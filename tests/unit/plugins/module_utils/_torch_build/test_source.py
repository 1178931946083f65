# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Sources of all kinds, real repositories and archives among them, and what is wrong with some."""

import hashlib
import io
import os
import shutil
import subprocess
import tarfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.processes import clean_environment
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.source import EPOCH, prepare_source
from build_support import GIT, make_job, make_place, make_tree

needs_git = pytest.mark.skipif(not shutil.which("git"), reason="git is not installed")
needs_patch = pytest.mark.skipif(not shutil.which("patch"), reason="patch is not installed")


@pytest.fixture
def place(tmp_path):
    return make_place(tmp_path / "root")


def refused(place, job):
    with pytest.raises(EnvironmentProblem) as problem:
        prepare_source(place, job, clean_environment(place))
    assert not os.path.exists(place.source), "what is refused must not be taken for a source later"
    return str(problem.value)


def from_archive(tmp_path, place, members, **changes):
    """A job whose source is a tar archive of these members, which was delivered."""
    path = tmp_path / "source.tar.gz"
    with tarfile.open(str(path), "w:gz") as tar:
        for member, content in members:
            if isinstance(member, str):
                member = tarfile.TarInfo(member)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    shutil.copy(str(path), os.path.join(place.incoming, sha256))
    source = {
        "git": None,
        "ref": None,
        "directory": None,
        "archive": "https://example.com/source.tar.gz",
        "filename": "source.tar.gz",
        "sha256": sha256,
    }
    return make_job(None, source=source, **changes)


def test_directory_is_copied_and_stays_as_it_is(tmp_path, place):
    tree = make_tree(tmp_path / "tree")
    prepare_source(place, make_job(tree, commands=[["touch", "made"]]), clean_environment(place))
    assert sorted(os.listdir(place.source)) == ["made", "setup.py", "version.txt"]
    assert sorted(os.listdir(str(tree))) == ["setup.py", "version.txt"]
    assert set(os.stat(os.path.join(place.source, name)).st_mtime for name in os.listdir(place.source)) == {EPOCH}


def test_what_an_attempt_left_is_thrown_away(tmp_path, place):
    os.makedirs(place.source + ".new/half")
    prepare_source(place, make_job(make_tree(tmp_path / "tree")), clean_environment(place))
    assert sorted(os.listdir(place.source)) == ["setup.py", "version.txt"]
    assert not os.path.exists(place.source + ".new")


def test_missing_directory(place):
    assert "directory /nowhere does not exist on this machine" in refused(place, make_job("/nowhere"))


def test_another_version(tmp_path, place):
    message = refused(place, make_job(make_tree(tmp_path / "tree", version="2.5.1")))
    assert message.endswith("is the source of torch 2.5.1a0, but 2.6.0 was requested")


def test_no_setup_py(tmp_path, place):
    (tmp_path / "tree").mkdir()
    assert "has no setup.py: it is not the source of torch" in refused(place, make_job(tmp_path / "tree"))


def test_submodules_are_missing(tmp_path, place):
    tree = make_tree(tmp_path / "tree")
    (tree / ".gitmodules").write_text(
        '[submodule "third_party/fp16"]\n    path = third_party/fp16\n    url = https://example.com/fp16.git\n'
    )
    assert "lacks its submodules: third_party/fp16. Use the git source" in refused(place, make_job(tree))
    # A command may bring them.
    prepare_source(
        place, make_job(tree, commands=[["mkdir", "-p", "third_party/fp16/include"]]), clean_environment(place)
    )


def test_a_command_that_fails(tmp_path, place):
    message = refused(place, make_job(make_tree(tmp_path / "tree"), commands=[["false", "$(reboot)"]]))
    assert "a command before the build: `false $(reboot)` ended with status 1" in message


@needs_patch
def test_patches(tmp_path, place):
    tree = make_tree(tmp_path / "tree")
    diff = "--- a/version.txt\n+++ b/version.txt\n@@ -1 +1 @@\n-%s\n+2.6.0\n"
    prepare_source(
        place, make_job(tree, patches=[{"name": "version", "text": diff % "2.6.0a0"}]), clean_environment(place)
    )
    with open(os.path.join(place.source, "version.txt")) as stream:
        assert stream.read() == "2.6.0\n"
    shutil.rmtree(place.source)
    assert "the patch version does not apply" in refused(
        place, make_job(tree, patches=[{"name": "version", "text": diff % "9.9"}])
    )


def test_archive_with_one_directory(tmp_path, place):
    job = from_archive(tmp_path, place, [("pytorch-v2.6.0/setup.py", b""), ("pytorch-v2.6.0/version.txt", b"2.6.0")])
    prepare_source(place, job, clean_environment(place))
    assert sorted(os.listdir(place.source)) == ["setup.py", "version.txt"]
    assert sorted(os.listdir(place.path)) == ["incoming", "src", "tmp"]


def test_archive_that_is_another(tmp_path, place):
    job = from_archive(tmp_path, place, [("setup.py", b"")])
    with open(os.path.join(place.incoming, job["source"]["sha256"]), "ab") as stream:
        stream.write(b"more")
    assert "is not the expected archive: its sha256 is" in refused(place, job)


@pytest.mark.parametrize(
    "name, link", [("/etc/x", None), ("../x", None), ("a/link", "../../x"), ("link", "/etc/passwd")]
)
def test_archive_that_leads_out(tmp_path, place, name, link):
    member = tarfile.TarInfo(name)
    if link:
        member.type, member.linkname = tarfile.SYMTYPE, link
    assert "leads out of the archive" in refused(
        place, from_archive(tmp_path, place, [("setup.py", b""), (member, b"")])
    )


def test_archive_that_is_none(tmp_path, place):
    job = from_archive(tmp_path, place, [])
    path = os.path.join(place.incoming, "x")
    with open(path, "wb") as stream:
        stream.write(b"<html>")
    sha256 = hashlib.sha256(b"<html>").hexdigest()
    os.rename(path, os.path.join(place.incoming, sha256))
    assert "is not a tar archive" in refused(place, dict(job, source=dict(job["source"], sha256=sha256)))


@needs_git
class TestGit:
    """A repository on this disk, with a submodule; its history and its other tags stay there."""

    @pytest.fixture
    def repository(self, tmp_path, monkeypatch):
        monkeypatch.setenv("HOME", str(tmp_path))
        module, main = tmp_path / "fp16", tmp_path / "repository"
        module.mkdir()
        (module / "fp16.h").write_text("")
        make_tree(main)
        for tree, commands in (
            (module, []),
            (main, [["submodule", "--quiet", "add", str(module), "third_party/fp16"]]),
        ):
            for command in (
                [["init", "--quiet"]] + commands + [["add", "."], ["commit", "--quiet", "-m", "one"], ["tag", "v2.6.0"]]
            ):
                subprocess.check_call(GIT + ["-C", str(tree)] + command)
        return main

    @staticmethod
    def job(repository, ref):
        source = {
            "git": repository.as_uri(),
            "ref": ref,
            "archive": None,
            "sha256": None,
            "filename": None,
            "directory": None,
        }
        return make_job(None, source=source)

    @staticmethod
    def environment(place):
        # Submodules on the disk itself are for tests: git forbids them since
        # https://github.blog/2022-10-18-git-security-vulnerabilities-announced/
        return dict(
            clean_environment(place),
            GIT_CONFIG_COUNT="1",
            GIT_CONFIG_KEY_0="protocol.file.allow",
            GIT_CONFIG_VALUE_0="always",
        )

    def test_tag_with_submodules(self, place, repository):
        prepare_source(place, self.job(repository, "v2.6.0"), self.environment(place))
        assert os.listdir(os.path.join(place.source, "third_party", "fp16")) != []
        assert os.path.isfile(os.path.join(place.source, "setup.py"))

    def test_tag_that_does_not_exist(self, place, repository):
        message = refused(place, self.job(repository, "v2.6.1"))
        assert "has no tag or branch v2.6.1; similar: v2.6.0. Correct torch_version or torch_build_source" in message

    def test_repository_that_is_not_there(self, place, tmp_path):
        assert "cannot be listed" in refused(place, self.job(tmp_path / "nowhere", "v2.6.0"))


def test_a_repositorys_password_is_in_no_message(place):
    source = {"git": "http://me:S3cr3tPw@127.0.0.1:9/pytorch.git", "ref": "v2.6.0", "archive": None, "directory": None}
    with pytest.raises(EnvironmentProblem) as caught:
        prepare_source(place, {"source": source, "package": "torch", "patches": [], "commands": []}, dict(os.environ))
    assert "127.0.0.1:9/pytorch.git" in str(caught.value) and "S3cr3tPw" not in str(caught.value)
