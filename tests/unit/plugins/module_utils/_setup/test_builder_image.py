# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""An image as the base of a builder: what an engine may answer that the one in tests/integration does not."""

import io
import json
import tarfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.builder_image import BuilderImage, _reference
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.container_engine import Engine

DEBIAN = 'ID=debian\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
DIGEST = "sha256:" + "1" * 64
ARM = {"Id": "sha256:arm", "Os": "linux", "Architecture": "arm", "Variant": "v7", "RepoDigests": ["debian@" + DIGEST]}
AMD = {"Id": "sha256:amd", "Os": "linux", "Architecture": "amd64", "RepoDigests": []}


class Images(object):
    """An engine with these images: {name: description}; `pulled` replaces or adds the one that is pulled."""

    def __init__(self, images=None, pulled=None, refusal="", release=DEBIAN, answer="Setting up\narmhf\n"):
        self.images, self.pulled, self.refusal = images or {}, pulled, refusal
        self.release, self.answer = release, answer
        self.commands, self.sent = [], None

    def run(self, argv, data=None):
        words = argv[1:]
        self.commands.append(words)
        if words[0] == "image":
            found = self.images.get(words[2])
            return (0, json.dumps([found]), "") if found else (1, "[]", "Error: No such image: %s" % words[2])
        if words[0] == "pull":
            if self.refusal:
                return 1, "", self.refusal
            self.images[words[-1]] = self.pulled
        if words[0] == "create":
            return 0, "0123abc\n", ""
        if words[:2] == ["cp", "-"]:
            self.sent = data
        elif words[0] == "cp":
            with open(words[-1], "w") as stream:
                stream.write(self.release)
        if words[0] == "start":
            return 0 if "armhf" in self.answer else 100, self.answer, ""
        return 0, "", ""

    def ran(self, name):
        return [words for words in self.commands if words[0] == name]


def image(images, suite="", architecture="armhf", **more):
    return BuilderImage(images.run, Engine(images.run), suite, architecture, base="debian:bookworm", **more)


def test_pulled_filled_and_imported(tmp_path):
    images = Images(pulled=ARM)
    image(images, environment={"http_proxy": "http://proxy"}).make(str(tmp_path))
    ((_create, *created),) = images.ran("create")
    assert "--platform=linux/arm/v7" in created and "--env=http_proxy=http://proxy" in created
    assert "sha256:arm" in created and "openssh-server" in created
    ((_import, *imported),) = images.ran("import")
    assert 'LABEL edgeai.fleet.builder.base="debian@%s"' % DIGEST in imported
    assert 'LABEL edgeai.fleet.builder.suite="bookworm"' in imported
    assert images.ran("rm") == [["rm", "--force", "0123abc"]] and not images.ran("tag")
    assert list(tmp_path.iterdir()) == []


def test_one_that_is_there_is_not_pulled(tmp_path):
    images = Images({"debian:bookworm": dict(ARM, Variant="", RepoDigests=[])})
    image(images).make(str(tmp_path))
    assert not images.ran("pull")
    assert 'LABEL edgeai.fleet.builder.base="sha256:arm"' in images.ran("import")[0]


def test_the_users_own_image_of_another_architecture_keeps_its_name(tmp_path):
    images = Images({"debian:bookworm": AMD}, pulled=ARM)
    image(images).make(str(tmp_path))
    assert images.ran("tag") == [["tag", "sha256:amd", "debian:bookworm"]]


@pytest.mark.parametrize(
    "pulled, refusal, message",
    [
        (AMD, "", "the image debian:bookworm is for linux/amd64, not for armhf"),
        (dict(ARM, Variant="v5"), "", "is for linux/arm/v5, not for armhf"),
        (None, "no matching manifest for linux/arm/v7 in the manifest list entries", "has no variant for armhf"),
        (None, "Error: choosing an image: no image found in manifest list for architecture arm", "has no variant"),
        (None, "dial tcp: lookup registry-1.docker.io: no such host", "cannot be pulled: dial tcp"),
    ],
)
def test_one_that_is_not_for_this_architecture(tmp_path, pulled, refusal, message):
    images = Images(pulled=pulled, refusal=refusal)
    with pytest.raises(EnvironmentProblem, match=message):
        image(images).make(str(tmp_path))
    assert not images.ran("create") and not images.ran("import") and list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "suite, release, answer, message",
    [
        ("trixie", DEBIAN, "armhf", "is of bookworm, but trixie was asked for"),
        ("", "ID=fedora\nPRETTY_NAME='x'\n", "armhf", "is of 'x'; a builder is of Debian or Ubuntu"),
        ("", "", "armhf", "is of an unknown system"),
        ("", DEBIAN, "armel", "cannot be installed in the image debian:bookworm"),
        ("", DEBIAN, "armhf\narmel\n", "is of the architecture armel, not armhf"),
    ],
)
def test_one_that_cannot_be_a_builder(tmp_path, suite, release, answer, message):
    images = Images(pulled=ARM, release=release, answer=answer)
    with pytest.raises(EnvironmentProblem, match=message):
        image(images, suite).make(str(tmp_path))
    assert images.ran("rm") and not images.ran("import") and list(tmp_path.iterdir()) == []


def test_raspbian_and_ubuntu_are_made_from_debian(tmp_path):
    release = "ID=raspbian\nID_LIKE=debian\nVERSION_CODENAME=bookworm\n"
    images = Images(pulled=ARM, release=release)
    image(images, "bookworm").make(str(tmp_path))
    assert images.ran("import")


def test_mirrors_replace_those_of_the_image(tmp_path):
    images = Images(pulled=ARM)
    mirrors = ["http://mirror.example/debian", "deb http://other.example/debian bookworm contrib"]
    image(images, mirrors=mirrors).make(str(tmp_path))
    with tarfile.open(fileobj=io.BytesIO(images.sent)) as tar:
        lines = tar.extractfile("etc/apt/sources.list").read().decode().splitlines()
        assert tar.getmember("etc/apt/sources.list.d/debian.sources").size == 0
    assert lines == ["deb http://mirror.example/debian bookworm main", mirrors[1]]


def test_the_digest_of_its_own_repository():
    found = {"RepoDigests": ["example.com/other@" + DIGEST, "docker.io/library/debian@" + DIGEST], "Id": "sha256:1"}
    assert _reference("debian:bookworm", found) == "docker.io/library/debian@" + DIGEST
    assert _reference("127.0.0.1:5000/none", found) == "example.com/other@" + DIGEST
    assert _reference("debian", {"Id": "sha256:1"}) == "sha256:1"


def test_another_image_is_another_builder():
    names = {
        BuilderImage(None, None, suite, "armhf", base=base).name
        for suite, base in [
            ("bookworm", ""),
            ("bookworm", "debian:bookworm"),
            ("", "debian:bookworm"),
            ("", "a@" + DIGEST),
        ]
    }
    assert len(names) == 4
