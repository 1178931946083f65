# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Delivered and downloaded artifacts, the cache, and its space."""

import http.server
import os
import pwd
import re
import threading

import pytest
from ansible_collections.edgeai.fleet.plugins.module_utils._environment import artifacts
from ansible_collections.edgeai.fleet.plugins.module_utils._environment.present import ensure_present
from environment_support import pip_artifact, problem, run_python


def test_a_changed_artifact_in_the_cache_is_fetched_again(bench):
    torch = bench.wheel("torch", "2.9.1")
    bench.present([torch])
    cached = os.path.join(bench.root, "cache", "artifacts", torch["sha256"], torch["filename"])
    with open(cached, "r+b") as stream:
        stream.write(b"XX")
    os.unlink(os.path.join(bench.site(bench.env(1)), "torch", "__init__.py"))
    answer, incoming = bench.deliver(bench.options([torch]))
    assert [item["filename"] for item in answer["missing"]] == [torch["filename"]], "uv must not be sent again"
    assert any(cached in warning and torch["sha256"] in warning for warning in answer["warnings"])
    assert ensure_present(bench.options([torch], _incoming=incoming), False)["generation"] == 2


def test_what_arrives_damaged_is_refused(bench):
    torch = bench.wheel("torch")
    answer, incoming = bench.deliver(bench.options([torch]))
    with open(os.path.join(incoming, torch["sha256"]), "ab") as stream:
        stream.write(b"X")
    message = problem(ensure_present, bench.options([torch], _incoming=incoming), False)
    assert "arrived damaged" in message
    assert torch["sha256"] in message
    assert not os.path.exists(incoming)
    assert not os.path.exists(os.path.join(bench.root, "cache", "artifacts", torch["sha256"]))


def test_a_delivery_that_stopped_half_way_is_named(bench):
    torch = bench.wheel("torch")
    answer, incoming = bench.deliver(bench.options([torch]))
    os.unlink(os.path.join(incoming, torch["sha256"]))
    assert torch["filename"] in problem(ensure_present, bench.options([torch], _incoming=incoming), False)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root has files of others")
def test_what_another_user_delivered_is_copied(bench):
    """As pi sends and root installs: pi may still hold the file open for writing."""
    torch = bench.wheel("torch")
    nobody = pwd.getpwnam("nobody").pw_uid
    options = bench.options([torch], _incoming_uid=nobody)
    answer, incoming = bench.deliver(options)
    status = os.stat(incoming)
    assert (status.st_uid, status.st_mode & 0o777) == (nobody, 0o700)
    delivered = os.path.join(incoming, torch["sha256"])
    os.chown(delivered, nobody, -1)
    with open(delivered, "ab") as still_open:
        ensure_present(dict(options, _incoming=incoming), False)
        cached = os.stat(os.path.join(bench.root, "cache", "artifacts", torch["sha256"], torch["filename"]))
        assert cached.st_uid == 0
        assert cached.st_ino != os.fstat(still_open.fileno()).st_ino


def test_a_link_in_the_delivery_is_not_followed(bench):
    torch = bench.wheel("torch")
    answer, incoming = bench.deliver(bench.options([torch]))
    delivered = os.path.join(incoming, torch["sha256"])
    os.unlink(delivered)
    os.symlink(torch["path"], delivered)
    with pytest.raises(OSError):
        ensure_present(bench.options([torch], _incoming=incoming), False)


@pytest.fixture
def index(bench):
    """A real HTTP server over the bench's wheels."""
    served = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def translate_path(self, path):
            served.append(path)
            return os.path.join(bench.wheels, os.path.basename(path))

        def log_message(self, *arguments):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield "http://127.0.0.1:%d/" % server.server_address[1], served
    server.shutdown()
    server.server_close()


def test_the_board_fetches_by_itself(bench, index):
    url, served = index
    torch, pip = bench.wheel("torch", "2.9.1"), pip_artifact()
    torch["url"] = url + torch["filename"]
    os.symlink(pip["path"], os.path.join(bench.wheels, pip["filename"]))
    pip["url"] = url + pip["filename"]
    built = ensure_present(bench.options([torch, pip], tools=[], delivery="index"), False)
    assert run_python(built["path"], "import torch; print(torch.__version__)") == "2.9.1"
    assert len(served) == 2


def test_an_index_that_serves_something_else_is_refused(bench, index, monkeypatch):
    torch = bench.wheel("torch", "2.9.1")
    torch["url"] = index[0].replace("//", "//me:secret@") + torch["filename"]
    with open(torch["path"], "ab") as stream:
        stream.write(b"X")
    message = problem(ensure_present, bench.options([torch], tools=[], delivery="index"), False)
    assert torch["sha256"] in message
    assert "secret" not in message


def test_an_unreachable_index_is_named(bench, monkeypatch):
    monkeypatch.setattr(artifacts, "ATTEMPTS", 1)
    torch = bench.wheel("torch")
    torch["url"] = "http://127.0.0.1:9/torch.whl"
    message = problem(ensure_present, bench.options([torch], tools=[], delivery="index"), False)
    assert "http://127.0.0.1:9/torch.whl" in message
    assert "torch_delivery: wheelhouse" in message
    assert "torch_delivery: wheelhouse" in problem(
        ensure_present, bench.options([dict(torch, url="file:///w/torch.whl")], tools=[], delivery="index"), False
    )


def test_no_space_is_said_before_anything_is_sent(bench, monkeypatch):
    monkeypatch.setattr(artifacts, "free_space", lambda path: 10 * 1024 * 1024)
    message = problem(bench.present, [bench.wheel("torch")])
    assert re.search("not enough space at .*: [0-9.]+ MiB needed, 10.0 MiB free", message)
    assert not os.path.exists(os.path.join(bench.root, "envs"))


def test_free_space_is_measured_at_the_nearest_directory(bench):
    status = os.statvfs(bench.folder)
    assert (
        abs(artifacts.free_space(os.path.join(bench.root, "not", "there")) - status.f_bavail * status.f_frsize)
        < 1024**3
    )


@pytest.mark.parametrize("change", [{"filename": "../../x.whl"}, {"sha256": "../../etc"}, {"size": None}])
def test_an_artifact_that_no_lock_holds(bench, change):
    assert "artifact" in problem(ensure_present, bench.options([dict(bench.wheel("torch"), **change)]), True)
