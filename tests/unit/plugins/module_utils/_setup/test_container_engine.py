# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Podman where it differs from Docker; test_builder_container.py has Docker, tests/integration both for real."""

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._setup import container_engine
from ansible_collections.edgeai.fleet.plugins.module_utils._setup.container_engine import Engine


class Machine(object):
    """A machine with these programs; answers are by the first words of a command."""

    def __init__(self, monkeypatch, programs=(), answers=None, uid=0):
        self.answers = answers or {}
        self.commands = []
        monkeypatch.setattr(container_engine.shutil, "which", lambda name: name if name in programs else None)
        monkeypatch.setattr(container_engine.os, "geteuid", lambda: uid)
        monkeypatch.setattr(container_engine, "_PODMAN_INIT", ())
        for name in ("DOCKER_HOST", "CONTAINER_HOST"):
            monkeypatch.delenv(name, raising=False)

    def run(self, argv, data=None):
        self.commands.append(argv)
        for words, answer in self.answers.items():
            if " ".join(argv).startswith(words):
                return answer
        return 0, "", ""


def missing(machine, name="podman"):
    return Engine(machine.run, name).find_missing()


def test_a_podman_that_works(monkeypatch):
    machine = Machine(monkeypatch, ["podman", "catatonit"])
    assert missing(machine) == [] and machine.commands == [["podman", "info", "--format", "{{.Host.Arch}}"]]


def test_all_that_a_users_podman_lacks_at_once(monkeypatch):
    lacks = missing(Machine(monkeypatch, ["podman"], uid=1000))
    assert [packages for _what, packages in lacks] == [["catatonit"], ["uidmap"], ["slirp4netns"]]


def test_pasta_is_a_network_too(monkeypatch):
    assert missing(Machine(monkeypatch, ["podman", "catatonit", "newuidmap", "pasta"], uid=1000)) == []


def test_why_podman_does_not_work(monkeypatch):
    answers = {"podman info": (125, "", "Error: cannot set up namespace using newuidmap: exit status 1\n")}
    ((what, packages),) = missing(Machine(monkeypatch, ["podman", "catatonit"], answers))
    assert what.startswith("a Podman that works for this user: Error: cannot set up namespace") and not packages


@pytest.mark.parametrize("name, other", [("docker", "podman"), ("podman", "docker")])
def test_the_other_engine_is_named(monkeypatch, name, other):
    ((what, packages),) = missing(Machine(monkeypatch, [other]), name)
    assert what.startswith("the program %s (" % name) and what.endswith("is there: engine: %s)" % other)
    assert packages


def test_a_podman_elsewhere(monkeypatch):
    machine = Machine(monkeypatch, ["podman", "catatonit"])
    monkeypatch.setenv("CONTAINER_HOST", "ssh://root@10.0.0.1/run/podman/podman.sock")
    assert "CONTAINER_HOST is ssh://root@10.0.0.1" in missing(machine)[0][0]


@pytest.mark.parametrize(
    "said",
    [
        "Error: inspecting object: no such container x",
        'Error: inspecting object: "x": image not known',
        "Error: No such image: x",
        "Error: No such object: x",
    ],
)
def test_what_is_not_there(monkeypatch, said):
    machine = Machine(monkeypatch, answers={"podman image inspect": (125, "[]\n", said)})
    assert Engine(machine.run, "podman").inspect("image", "x") is None


def test_an_answer_that_is_no_answer(monkeypatch):
    machine = Machine(monkeypatch, answers={"podman image inspect": (125, "", "Error: database is locked")})
    with pytest.raises(EnvironmentProblem, match="podman image inspect x ended with status 125: Error: database is"):
        Engine(machine.run, "podman").inspect("image", "x")


def test_only_podman_must_be_told_to_let_sshd_write_to_the_audit_log():
    assert Engine(None, "podman").create_options() == ["--cap-add=AUDIT_WRITE"]
    assert Engine(None, "docker").create_options() == []
