# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Builders from an image instead of mmdebstrap, and by Podman instead of Docker, as a host of the inventory asks for
them. The image is the lab's own Debian in a registry of this machine: Docker Hub is not reached.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import resource
import shutil
import subprocess
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import docker
import engine
import images
import pytest
import registry
from test_builder_containers import Bench, ssh

NAME = "test-image-builder"
BUILDER = f"edgeai-builder-{NAME}"


class Registry(NamedTuple):
    debian: str
    other: str


@pytest.fixture(scope="module")
def official(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """The names of an image of Debian for amd64, and of one of another distribution."""
    client = engine.ensure()
    base = images.ensure(client, "amd64")
    release = b'ID=alpine\nVERSION_ID=3.20\nPRETTY_NAME="Alpine Linux v3.20"\n'
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        member = tarfile.TarInfo("usr/lib/os-release")
        member.size = len(release)
        tar.addfile(member, io.BytesIO(release))
    with registry.running(tmp_path_factory.mktemp("registry")) as address:
        found = Registry(f"{address}/debian:bookworm", f"{address}/alpine:3.20")
        client.images.get(base).tag(found.debian)
        client.api.import_image_from_data(packed.getvalue(), repository=f"{address}/alpine", tag="3.20")
        for name in found:
            assert "error" not in client.images.push(name), name
            client.images.remove(name)
        yield found
        # Only these names: the lab's own image stays.
        for image in client.images.list():
            for name in [*image.tags, *image.attrs["RepoDigests"]]:
                # The last name of an image takes its digest with it.
                with contextlib.suppress(docker.errors.ImageNotFound):
                    if name.startswith(address):
                        client.images.remove(name)


@pytest.fixture(scope="module", params=["docker", "podman"])
def bench(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, official: Registry):
    """A host of the inventory that is a container of the engine, from the image."""
    directory = tmp_path_factory.mktemp("images")
    patch = pytest.MonkeyPatch()
    if request.param == "podman":
        if not shutil.which("podman"):
            engine.install("podman", "catatonit", "netavark", "aardvark-dns", what="Podman")
        address = official.debian.split("/")[0]
        (directory / "registries.conf").write_text(f'[[registry]]\nlocation = "{address}"\ninsecure = true\n')
        # Podman as root takes higher limits than a container that the tests run in may set.
        limits = {"nofile": resource.RLIMIT_NOFILE, "nproc": resource.RLIMIT_NPROC}
        words = [f"{name}=1024:{min(resource.getrlimit(kind)[1], 1 << 15)}" for name, kind in limits.items()]
        (directory / "containers.conf").write_text(f"[containers]\ndefault_ulimits = {json.dumps(words)}\n")
        patch.setenv("CONTAINERS_REGISTRIES_CONF", str(directory / "registries.conf"))
        patch.setenv("CONTAINERS_CONF", str(directory / "containers.conf"))
    container = {
        "name": NAME,
        "engine": request.param,
        "image": official.debian,
        "architecture": "amd64",
        "directory": str(directory / "builders"),
    }
    inventory = directory / "hosts.json"
    hosts = {"builder": {"torch_build_container": container}}
    inventory.write_text(json.dumps({"all": {"hosts": hosts}}), encoding="utf-8")
    found = Bench(directory, inventory)
    found.container = container
    yield found
    found.module(**{**container, "state": "absent"})
    if request.param == "podman":
        names = subprocess.run(["podman", "images", "--quiet", address], stdout=subprocess.PIPE, text=True, check=True)
        subprocess.run(["podman", "rmi", "--force", *names.stdout.split()], check=False)
    patch.undo()


def ask(bench: Bench, *arguments: str, **options: object) -> dict:
    return bench.module(*arguments, **{**bench.container, **options})


def all_containers(bench: Bench) -> str:
    command = [bench.container["engine"], "ps", "--all", "--format", "{{.Names}} {{.Labels}}"]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def test_a_builder_from_an_image(bench: Bench, official: Registry):
    foretold = ask(bench, "--check")
    assert foretold["changed"] and foretold["builder"]["base"] is None and BUILDER not in all_containers(bench)

    # The token is in no image.
    variables = {"APP_TOKEN": "tell-nobody"}
    made = ask(bench, environment=variables)
    assert made["changed"], made
    builder = made["builder"]
    assert builder["suite"] == "bookworm" and builder["engine"] == bench.container["engine"]
    repository, _separator, digest = builder["base"].partition("@sha256:")
    assert repository == official.debian.removesuffix(":bookworm") and len(digest) == 64
    assert "edgeai.fleet.builder.making" not in all_containers(bench)
    image = subprocess.run(
        [builder["engine"], "image", "inspect", builder["image"]], stdout=subprocess.PIPE, text=True, check=True
    ).stdout
    assert "tell-nobody" not in image
    answer = ssh(builder, "uname -m; . /etc/os-release; echo $VERSION_CODENAME $APP_TOKEN; echo kept >/opt/edgeai/kept")
    assert answer.stdout.split() == ["x86_64", "bookworm", "tell-nobody"]
    assert not ask(bench, environment=variables)["changed"]

    # Without the registry, and with other variables: the builder's own image is there, and the volume stays.
    again = ask(bench)
    assert again["changed"] and again["builder"]["image"] == builder["image"]
    assert ssh(again["builder"], "cat /opt/edgeai/kept; echo $APP_TOKEN").stdout == "kept\n\n"

    # By its digest the builder is the same everywhere; and it is another image by name.
    fixed = ask(bench, image=builder["base"], suite="bookworm")
    assert fixed["changed"] and fixed["builder"]["base"] == builder["base"]
    assert fixed["builder"]["image"] != builder["image"]
    assert not ask(bench, image=builder["base"], suite="bookworm")["changed"]


def test_the_role_reaches_it_and_changes_nothing_the_second_time(bench: Bench):
    for _time in range(2):
        status, output = bench.play()
        assert status == 0, output
    assert re.search(r"^builder +: .*changed=0 ", output, re.M), output


def test_an_image_that_does_not_serve(bench: Bench, official: Registry):
    said = ask(bench, suite="trixie")["msg"]
    assert "is of bookworm, but trixie was asked for" in said, said
    said = ask(bench, image=official.other)["msg"]
    assert "is of Alpine Linux v3.20; a builder is of Debian or Ubuntu" in said, said
    said = ask(bench, image=official.debian.replace("bookworm", "no-such-tag"))["msg"]
    assert "no-such-tag cannot be pulled: " in said, said
    said = ask(bench, architecture="arm64")["msg"]
    assert "arm64" in said and ("is for linux/amd64, not for arm64" in said or "has no variant for arm64" in said), said
    assert "edgeai.fleet.builder.making" not in all_containers(bench)


def test_absent(bench: Bench):
    assert ask(bench, "--check", state="absent")["changed"] and BUILDER in all_containers(bench)
    assert ask(bench, state="absent")["changed"] and BUILDER not in all_containers(bench)
    assert not ask(bench, state="absent")["changed"]


def test_an_option_that_does_not_exist(bench: Bench):
    status, output = bench.play(arguments=("-e", '{"torch_build_container": {"name": "x", "engin": "podman"}}'))
    said = " ".join(output.split())
    assert status and "torch_build_container has no option engin. It has architecture, cross, directory, engine" in said


def test_an_engine_that_is_not_installed(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    for folder in dict.fromkeys(os.environ["PATH"].split(":")):
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            if program.name not in ("docker", "podman") and not (tmp_path / program.name).exists():
                (tmp_path / program.name).symlink_to(program)
    monkeypatch.setenv("PATH", str(tmp_path))
    said = ask(bench)["msg"]
    assert f"1. the program {bench.container['engine']}" in said and "apt install " in said
