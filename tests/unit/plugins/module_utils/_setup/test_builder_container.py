# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a container is made of, and what a machine lacks to make one. tests/integration makes them."""

import io
import platform
import subprocess
import tarfile

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._base.machine import MACHINES
from ansible_collections.edgeai.fleet.plugins.module_utils._setup import builder_container, builder_image
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.builder_container import EMULATORS, Builder
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.builder_image import first_errors, userland_command

FOREIGN = "armhf" if platform.machine() != "armv7l" else "arm64"
OWN = dict((MACHINES[name], name) for name in EMULATORS).get(platform.machine(), "amd64")
HANDLER = "enabled\ninterpreter /usr/libexec/qemu-binfmt/arm-binfmt-P\nflags: %s\noffset 0\nmagic 7f454c46\n"


def run(argv, data=None):
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    out, err = process.communicate(data)
    return process.returncode, out.decode(), err.decode()


@pytest.fixture
def machine(tmp_path, monkeypatch):
    """A machine with nothing: its programs and the kernel's handlers are files of the test."""
    for name in ("bin", "binfmt"):
        (tmp_path / name).mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    monkeypatch.setattr(builder_container, "BINFMT", str(tmp_path / "binfmt"))
    return tmp_path


def install(machine, **programs):
    for name, script in programs.items():
        path = machine / "bin" / name.replace("_", "-")
        path.write_text("#!/bin/sh\n%s\n" % script)
        path.chmod(0o755)


def register(machine, flags="OCF", text=HANDLER):
    (machine / "binfmt" / EMULATORS[FOREIGN]).write_text(text % flags)


def builder(machine, architecture=FOREIGN, **more):
    return Builder(run, "pi", str(machine / "builders"), "bookworm", architecture, **more)


def lacks(machine, architecture=FOREIGN):
    with pytest.raises(EnvironmentProblem) as problem:
        builder(machine, architecture).check_requirements()
    return str(problem.value)


NOTHING_MADE = 'echo "Error: No such image: x" >&2; [ "$1" = version ]'


def test_everything_that_is_missing_is_said_at_once(machine):
    message = lacks(machine)
    assert message.startswith(
        "this machine cannot make the %s container edgeai-builder-pi. Missing: 1. the program docker; 2. " % FOREIGN
    )
    assert "mmdebstrap" in message and "update-binfmts --enable %s" % EMULATORS[FOREIGN] in message
    for package in ("docker.io", "openssh-client", "mmdebstrap", "qemu-user-static", "binfmt-support"):
        assert package in message.split("apt install ")[1]


def test_nothing_is_missing(machine):
    install(machine, docker=NOTHING_MADE, mmdebstrap="", ssh_keygen="", newuidmap="")
    register(machine)
    lacking = [what for what, packages in builder(machine).find_missing() if "keyring" not in what]
    assert lacking == []


@pytest.mark.parametrize("flags, text", [("OC", HANDLER), ("OCF", HANDLER.replace("enabled", "disabled"))])
def test_a_handler_that_is_of_no_use_in_a_container(machine, monkeypatch, flags, text):
    monkeypatch.setattr(builder_container.os, "geteuid", lambda: 1000)
    install(machine, docker=NOTHING_MADE, mmdebstrap="", ssh_keygen="", newuidmap="")
    register(machine, flags, text)
    assert "with the flag F" in lacks(machine)


def test_no_emulation_for_what_this_machine_runs(machine):
    assert "QEMU" not in lacks(machine, OWN) and not builder(machine, OWN).is_emulated()


def test_an_engine_that_this_user_may_not_use(machine):
    install(
        machine,
        docker='echo "Got permission denied while trying to connect to the Docker daemon socket" >&2; exit 1',
        ssh_keygen="",
    )
    assert "permission to use Docker: the user" in lacks(machine) and "usermod -aG docker" in lacks(machine)


def test_an_engine_that_does_not_run(machine):
    install(machine, docker='echo "Cannot connect to the Docker daemon" >&2; exit 1', dockerd="", ssh_keygen="")
    message = lacks(machine)
    assert (
        "systemctl start docker" in message
        and "Cannot connect to the Docker daemon" in message
        and "docker.io" not in message
    )


def test_an_engine_elsewhere(machine, monkeypatch):
    install(machine, docker="", ssh_keygen="")
    monkeypatch.setenv("DOCKER_HOST", "tcp://10.0.0.1:2375")
    assert "DOCKER_HOST is tcp://10.0.0.1:2375" in lacks(machine)


def test_an_image_that_is_there_needs_nothing_to_make_one(machine):
    install(machine, docker='echo "[{}]"', ssh_keygen="")
    register(machine)
    assert builder(machine).find_missing() == []


def test_a_container_of_somebody_else_is_left_alone(machine):
    install(machine, docker='echo \'[{"Config": {"Labels": {"com.example": "x"}}}]\'')
    with pytest.raises(EnvironmentProblem, match="edgeai-builder-pi exists and was not made by this module"):
        builder(machine).inspect_container()


def test_an_answer_that_is_no_answer(machine):
    install(machine, docker='echo "Error response from daemon: the disk is full" >&2; exit 1')
    with pytest.raises(
        EnvironmentProblem, match="docker container inspect edgeai-builder-pi ended with status 1: .*the disk is full"
    ):
        builder(machine).inspect_container()


@pytest.mark.parametrize("name", ["", "Pi", "-x", "a b", "a/b"])
def test_names_that_no_container_can_have(name):
    with pytest.raises(EnvironmentProblem, match="lower-case letters"):
        Builder(run, name, "/nowhere")


def test_debian_and_ubuntu():
    command, mirrors = userland_command("bookworm", "armhf")
    assert command[-1] == "bookworm" and "--architectures=armhf" in command and not mirrors
    command, mirrors = userland_command("jammy", "armhf")
    assert [line.split()[2:] for line in mirrors] == [
        ["http://ports.ubuntu.com/ubuntu-ports", "jammy" + part, "main", "universe"]
        for part in ("", "-updates", "-security")
    ]
    assert "archive.ubuntu.com" in userland_command("jammy", "amd64")[1][0]
    assert userland_command("jammy", "armhf", ["http://mirror.example/ubuntu"])[1] == ["http://mirror.example/ubuntu"]


def test_another_recipe_is_another_image(machine):
    images = set(
        builder(machine, **more).image.name
        for more in ({}, {"mirrors": ["http://mirror.example/debian"]}, {"architecture": "amd64"})
    )
    assert len(images) == 3


def test_what_makes_a_container_another_one(machine):
    digests = set(
        builder(machine, **more)._container_digest()
        for more in ({}, {"environment": {"A": "1"}}, {"memory_mib": 512}, {"path": "/srv"})
    )
    assert len(digests) == 4


def test_its_files(machine, monkeypatch):
    keys = machine / "builders" / "pi"
    keys.mkdir(parents=True)
    for name in ("id_ed25519.pub", "host_key"):
        (keys / name).write_text(name)
    bundle = machine / "ca.crt"
    bundle.write_text("of this machine")
    monkeypatch.setattr(builder_image, "CA_BUNDLE", str(bundle))
    with tarfile.open(
        fileobj=io.BytesIO(builder(machine, environment={"QEMU_CPU": "cortex-a53"})._container_files())
    ) as archive:
        files = dict((member.name, member) for member in archive)
        assert files["etc/ssh/builder/host_key"].mode == 0o600 and files["etc/ssh/builder"].mode == 0o755
        assert set(member.uid for member in files.values()) == {0}
        assert archive.extractfile("etc/environment").read() == b"QEMU_CPU=cortex-a53\n"
        assert archive.getmember("etc/environment").mode == 0o600  # there may be a token in it
        assert archive.extractfile("etc/ssh/builder/authorized_keys").read() == b"id_ed25519.pub"
        assert archive.extractfile(str(bundle).lstrip("/")).read() == b"of this machine"


def test_the_reason_and_not_the_tidying_up():
    said = (
        "I: running apt-get update...\nE: Failed to fetch http://x  File has unexpected size\nI: removing tempdir\nE:"
        " some failed\nE: mmdebstrap failed\n"
    )
    assert first_errors(said) == "E: Failed to fetch http://x File has unexpected size / E: some failed"


def test_a_native_compiler_only_where_the_containers_own_is_emulated(machine):
    plain, cross = builder(machine), builder(machine, cross=True)
    assert plain.image.name != cross.image.name and not plain.image.own
    if OWN in ("amd64", "arm64"):
        assert cross.image.own == OWN
    own = builder(machine, OWN, cross=True)
    assert own.image.own is None and own.image.name == builder(machine, OWN).image.name


def test_no_native_compiler_for_this_machine(machine, monkeypatch):
    monkeypatch.setattr(builder_container.platform, "machine", lambda: "riscv64")
    with pytest.raises(EnvironmentProblem, match="for machines of amd64 and arm64, this one is riscv64"):
        builder(machine, "armhf", cross=True)


def test_a_native_compiler_needs_mmdebstrap_even_with_an_image(machine):
    image = {"image": "debian:bookworm"}
    assert builder(machine, **image).image.find_missing() == []
    what = [text for text, _packages in builder(machine, cross=True, **image).image.find_missing()]
    assert any("mmdebstrap" in text for text in what)
