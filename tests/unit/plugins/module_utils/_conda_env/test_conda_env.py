# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Conda environments from specs, files and locks: the real solver and installer on a small real channel."""

import functools
import http.server
import json
import os
import subprocess
import sys
import threading

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._conda_env import rattler_source
from ansible_collections.edgeai.fleet.plugins.module_utils._environment import artifacts
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.status import read_state
from ansible_collections.edgeai.fleet.plugins.modules import conda_env
from conda_support import distribution, rattler_wheel
from environment_support import SATISFIED, Bench, describe, problem


class Conda(Bench):
    """A root, a prefix and the module's work on them."""

    def __init__(self, folder, channel):
        Bench.__init__(self, folder, None)
        self.channel = str(channel)
        self.prefix = os.path.join(self.folder, "prefix")

    def arguments(self, *specs, **others):
        arguments = {
            "state": "present",
            "root": None if "prefix" in others else self.root,
            "prefix": None,
            "id": None,
            "specs": list(specs),
            "channels": [self.channel],
            "accelerator": "auto",
            "cuda": "none",
            "offline": False,
            "update": False,
            "export_lock": None,
            "environment": {},
            "python": sys.executable,
            "owner": None,
            "carry_packages": True,
            "lock_timeout": 30,
            "_explicit": None,
            "_tools": {},
            "_incoming": None,
            "_incoming_uid": None,
        }
        arguments.update(others)
        return arguments

    def make(self, *specs, **others):
        return conda_env.make_present(self.arguments(*specs, **others), False)

    def check(self, *specs, **others):
        return conda_env.make_present(self.arguments(*specs, **others), True)

    def lock(self, text, **others):
        return self.make(_explicit=text, specs=None, channels=[], cuda=None, **others)


@pytest.fixture
def conda(tmp_path, conda_channel, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))  # where the cache for prefixes is
    monkeypatch.delenv("CONDA_OVERRIDE_CUDA", raising=False)
    return Conda(tmp_path, conda_channel[0])


def names(result):
    return dict((package["name"], package["version"]) for package in result["packages"])


def torch_of(result):
    return (
        subprocess.check_output([result["python"], "-c", "import torch; print(torch.__version__, torch.version.cuda)"])
        .decode()
        .strip()
    )


def test_a_root_gets_an_environment_like_all_others(conda):
    before = conda.tree()
    predicted = conda.check("pytorch=2.7.0")
    assert conda.tree() == before
    made = conda.make("pytorch=2.7.0")
    assert (made["changed"], made["accelerator"], made["id"], made["generation"]) == (True, "cpu", predicted["id"], 1)
    assert torch_of(made) == "2.7.0 None"
    assert made["added"] == predicted["added"] and any(text.startswith("pytorch 2.7.0 cpu_") for text in made["added"])
    # The same as any other environment: it can be proven, switched to, and found intact.
    conda.current(made, verdict=SATISFIED)
    assert read_state(conda.root)["intact"]
    again = conda.make("pytorch=2.7.0")
    assert (again["changed"], again["added"], again["diff"]["before"]) == (False, [], again["diff"]["after"])
    assert not conda.check("pytorch=2.7.0")["changed"]
    newer = conda.make("pytorch")
    assert (newer["changed"], names(newer)["pytorch"], newer["path"] != made["path"]) == (True, "2.7.1", True)
    assert [text.split(" -> ")[1].split()[0] for text in newer["updated"]] == ["2.7.1"]
    assert conda.link() == os.path.basename(made["path"]), "the one in use was touched"


def test_it_is_solved_again_only_when_asked(conda, own_conda_channel):
    channel, lab = own_conda_channel
    conda.channel = str(channel)
    made = conda.make("numpy<2", "python")
    lab.add_files(
        channel, "numpy", "1.26.5", "new_0", ["python %s.*" % lab.PYTHON], distribution(lab, "numpy", "1.26.5")
    )
    lab.index(channel)
    assert not conda.make("numpy<2", "python")["changed"]
    assert conda.check("numpy<2", "python", update=True)["changed"]
    updated = conda.make("numpy<2", "python", update=True)
    assert (updated["changed"], names(updated)["numpy"], updated["id"] != made["id"]) == (True, "1.26.5", True)
    assert not conda.make("numpy<2", "python", update=True)["changed"]


def test_damage_is_repaired_with_the_same_packages(conda):
    made = conda.make("numpy<2", "python")
    os.unlink(os.path.join(conda.site(made["path"]), "numpy", "__init__.py"))
    repaired = conda.make("numpy<2", "python")
    assert (repaired["changed"], repaired["id"], repaired["generation"]) == (True, made["id"], 2)


@pytest.mark.parametrize(
    "accelerator, cuda, override, build",
    [
        ("auto", "none", None, "cpu"),
        ("auto", None, "12.8", "cuda"),
        ("auto", None, "", "cpu"),
        ("auto", "12.8", "", "cuda"),
        ("cpu", "12.8", None, "cpu"),
        ("cuda", "13.0", None, "cuda"),
    ],
)
def test_the_build_is_chosen_on_purpose(conda, monkeypatch, accelerator, cuda, override, build):
    if override is not None:
        monkeypatch.setenv("CONDA_OVERRIDE_CUDA", override)
    planned = conda.check("pytorch", accelerator=accelerator, cuda=cuda)
    assert planned["accelerator"] == build
    assert ("cuda-version" in names(planned)) == (build == "cuda")


def test_what_the_driver_cannot_do_is_never_replaced_in_silence(conda):
    assert "CUDA 12.4: install a newer driver, or set accelerator: cpu" in problem(conda.make, "pytorch", cuda="12.4")
    assert "no NVIDIA driver responds" in problem(conda.make, "pytorch", accelerator="cuda")
    assert "cuda is 'twelve'" in problem(conda.make, "pytorch", cuda="twelve")
    assert not os.path.exists(os.path.join(conda.root, "envs"))


def test_a_lock_goes_round(conda):
    made = conda.make("pytorch", "numpy", export_lock=os.path.join(conda.folder, "out", "env.lock"))
    with open(os.path.join(conda.folder, "out", "env.lock")) as stream:
        text = stream.read()
    assert text == made["explicit"] and "@EXPLICIT\n" in text
    other = conda.lock(text, prefix=conda.prefix)
    assert (other["changed"], names(other), torch_of(other)) == (True, names(made), "2.7.1 None")
    assert not conda.lock(text, prefix=conda.prefix)["changed"]
    # As conda writes them, with MD5 only.
    plain = "".join(line + "\n" for line in text.splitlines() if "sha256" not in line)
    same = conda.lock(plain)
    assert (same["changed"], same["id"]) == (False, made["id"]), "the same packages are the same environment"
    from rattler.explicit_environment import ExplicitEnvironmentSpec

    path = os.path.join(conda.folder, "out", "env.lock")
    assert len(ExplicitEnvironmentSpec.from_path(path).packages) == len(made["packages"])


def tamper(channel, lab, stem):
    """Other bytes under the same name, so that the index has a wrong hash."""
    path = str(next((channel / lab.PLATFORM).glob(stem + "*")))
    with open(path, "ab") as stream:
        stream.write(b"X" * 7)
    return path


@pytest.fixture
def serve():
    """Serve a directory by HTTP; its URL."""
    servers = []

    def start(folder):
        class Handler(http.server.SimpleHTTPRequestHandler):
            def log_message(self, *arguments):
                pass

        servers.append(
            http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(folder)))
        )
        threading.Thread(target=servers[-1].serve_forever, daemon=True).start()
        return "http://127.0.0.1:%d" % servers[-1].server_address[1]

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize("scheme", ["file", "http"])
@pytest.mark.parametrize("place", ["root", "prefix"])
def test_a_channel_with_a_wrong_hash_is_refused(conda, own_conda_channel, serve, scheme, place):
    channel, lab = own_conda_channel
    tamper(channel, lab, "numpy-1")
    url = serve(channel) if scheme == "http" else channel.as_uri()
    others = {"prefix": conda.prefix} if place == "prefix" else {}
    message = problem(conda.make, "numpy<2", "python", channels=[url], **others)
    assert "SHA-256 mismatch for " in message and "numpy-1.26.4" in message and "Nothing was installed" in message
    assert not os.path.exists(conda.prefix) and not os.path.exists(os.path.join(conda.root, "envs"))


def test_a_wrong_md5_is_refused(conda, conda_channel):
    channel, lab = conda_channel
    url = next((channel / lab.PLATFORM).glob("cuda-version-12.6*")).as_uri()
    message = problem(conda.lock, "@EXPLICIT\n%s#%s\n" % (url, "0" * 32), prefix=conda.prefix)
    assert message.startswith("MD5 mismatch for %s: expected %s" % (url, "0" * 32))
    assert not os.path.exists(conda.prefix)


def test_without_network_what_was_cached_will_do(conda, own_conda_channel, serve):
    channel, lab = own_conda_channel
    url = serve(channel)
    assert "It is not in the cache" in problem(conda.make, "numpy", "python", channels=[url], offline=True)
    conda.make("numpy<2", "python", channels=[url])
    for path in (channel / lab.PLATFORM).glob("*.conda"):
        path.unlink()
    made = conda.make("python", "numpy <2", channels=[url], offline=True, update=True)
    assert not made["changed"]
    assert "offline: true forbids" in problem(conda.make, "numpy>=2", "python", channels=[url], offline=True)


def test_channels_that_do_not_serve(conda, monkeypatch):
    monkeypatch.setattr(artifacts, "ATTEMPTS", 1)
    assert "the channel http://127.0.0.1:9/x cannot be read: " in problem(
        conda.make, "numpy", channels=["http://127.0.0.1:9/x"]
    )
    assert "no channel has nosuch" in problem(conda.make, "nosuch")
    assert "CondaToSNonInteractiveError" in problem(conda.make, "numpy", channels=["defaults"])
    assert "'numpy >>3' is not a spec" in problem(conda.make, "numpy >>3")


def test_a_prefix_is_changed_in_place(conda):
    made = conda.make("numpy<2", "pytorch", prefix=conda.prefix)
    assert (made["changed"], made["path"], torch_of(made)) == (True, conda.prefix, "2.7.1 None")
    inode = os.stat(os.path.join(conda.prefix, "bin", "python%d.%d" % sys.version_info[:2])).st_ino
    assert not conda.make("numpy<2", "pytorch", prefix=conda.prefix)["changed"]
    planned = conda.check("numpy>=2", prefix=conda.prefix)
    changed = conda.make("numpy>=2", prefix=conda.prefix)
    assert (planned["changed"], planned["updated"], planned["removed"]) == (
        True,
        changed["updated"],
        changed["removed"],
    )
    assert [text.split()[0] for text in changed["removed"]] == ["pytorch"]
    assert os.stat(os.path.join(conda.prefix, "bin", "python%d.%d" % sys.version_info[:2])).st_ino == inode, (
        "python was installed again"
    )
    assert not os.path.exists(os.path.join(conda.site(conda.prefix), "torch", "__init__.py"))
    records = [
        json.loads((open(os.path.join(conda.prefix, "conda-meta", name))).read())
        for name in os.listdir(os.path.join(conda.prefix, "conda-meta"))
        if name.endswith(".json")
    ]
    assert set(record["url"].rsplit("/", 1)[0] for record in records) == set(["file://%s/linux-64" % conda.channel])


def test_a_prefix_that_is_something_else_is_never_touched(conda):
    os.makedirs(conda.prefix)
    with open(os.path.join(conda.prefix, "thesis.tex"), "w") as stream:
        stream.write("x")
    for state in (conda_env.make_present, conda_env.make_absent):
        assert "is neither empty nor a conda environment" in problem(
            state, conda.arguments("numpy", prefix=conda.prefix), False
        )
    assert os.listdir(conda.prefix) == ["thesis.tex"]
    assert "not an absolute path" in problem(conda.make, "numpy", prefix="envs/x")


def test_a_prefix_is_removed(conda):
    arguments = conda.arguments(prefix=conda.prefix, state="absent")
    assert not conda_env.make_absent(arguments, False)["changed"]
    conda.make("cuda-version", prefix=conda.prefix)
    assert conda_env.make_absent(arguments, True)["changed"] and os.path.exists(conda.prefix)
    assert conda_env.make_absent(arguments, False)["removed"] == [conda.prefix]
    assert not os.path.exists(conda.prefix)


def test_rattler_is_delivered_where_there_is_none(conda, tmp_path_factory):
    tool = describe(rattler_wheel(tmp_path_factory.mktemp("rattler")), "py-rattler", "0.28.0")
    # The Python behind this virtual environment has none.
    others = {"_tools": {os.uname().machine: tool}, "python": os.path.join(sys.base_prefix, "bin", "python3")}
    before = conda.tree()
    with pytest.raises(rattler_source.RattlerMissing) as asked:
        conda.check("cuda-version", "python", **others)
    assert asked.value.incoming is None
    delivered = tmp_path_factory.mktemp("delivered")
    os.symlink(tool["path"], str(delivered / tool["sha256"]))
    conda.check("cuda-version", "python", _incoming=str(delivered), **others)
    assert conda.tree() == before, "check mode left something"
    with pytest.raises(rattler_source.RattlerMissing) as asked:
        conda.make("cuda-version", "python", **others)
    os.link(tool["path"], os.path.join(asked.value.incoming, tool["sha256"]))
    made = conda.make("cuda-version", "python", _incoming=asked.value.incoming, **others)
    assert made["changed"] and os.listdir(os.path.join(conda.root, "tools")) == ["py-rattler-0.28.0"]
    assert not os.path.exists(asked.value.incoming)
    assert not conda.make("cuda-version", "python", **others)["changed"]
