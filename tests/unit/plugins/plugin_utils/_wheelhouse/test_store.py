# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The store. Files travel over real HTTP."""

from __future__ import annotations

import fcntl
import hashlib
import os
import re
import threading
import time
import zipfile
from pathlib import Path

import pytest
import yaml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.hashes import sha256_of
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.pip_config import Configuration
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.store import (
    FetchFailed,
    Mismatch,
    Wheelhouse,
    WheelhouseError,
    default_wheelhouse,
    size_text,
)
from lock_support import ARM

ROOT = Path(__file__).parents[5]


@pytest.fixture
def store(tmp_path):
    said = []
    store = Wheelhouse(tmp_path / "wheelhouse", Configuration(), said.append)
    store.said = said
    with store.lock_for_run():
        yield store


def reopen(store):
    return Wheelhouse(store.root, Configuration())


def test_fetch_and_keep(store, site):
    artifact = site.add("torch", "2.9.1", ARM, content="x = 1\n" * 1000)
    expected = site.files[artifact["filename"]]
    again = {**artifact, "size": None}
    assert store.fetch_all([again]) == {} == store.fetch_all([artifact])
    path = store.root / "sha256" / artifact["sha256"] / artifact["filename"]
    assert path == store.path_of(artifact) and path.read_bytes() == expected
    with zipfile.ZipFile(path) as archive:
        assert (
            artifact["unpacked"]
            == again["unpacked"]
            == sum(entry.file_size for entry in archive.infolist())
            > len(expected)
        )
    assert again["size"] == len(expected)
    assert store.downloaded == site.fetched() == [artifact["filename"]]
    assert store.said == [f"fetching {artifact['filename']}"]
    assert sorted(entry.name for entry in path.parent.iterdir()) == [f".{path.name}.verified", path.name]
    later = reopen(store)
    assert (
        later.fetch_all([{**artifact, "unpacked": None}]) == {} and later.downloaded == [] and len(site.fetched()) == 1
    )


def test_a_local_file_is_copied(store, site, tmp_path):
    artifact = site.add("torch", "2.9.1")
    origin = tmp_path / artifact["filename"]
    origin.write_bytes(site.files[artifact["filename"]])
    artifact["url"] = origin.as_uri()
    assert store.fetch_all([artifact]) == {}
    origin.write_bytes(b"changed")  # the copy is one, not a link
    assert reopen(store).has(artifact) and store.path_of(artifact).read_bytes() == site.files[artifact["filename"]]


def test_tampered_in_the_store(store, site):
    artifact = site.add("torch", "2.9.1")
    store.fetch_all([artifact])
    path = store.path_of(artifact)
    good = path.read_bytes()
    path.write_bytes(good[:-1] + b"!")
    again = reopen(store)
    assert not again.has(artifact)
    assert again.fetch_all([artifact]) == {}
    assert path.read_bytes() == good and len(site.fetched()) == 2
    (warning,) = again.warnings
    assert str(path) in warning and artifact["sha256"] in warning and sha256_of(f"{path}.tampered") in warning


def test_tampered_at_the_source(store, site):
    artifact = site.add("torch", "2.9.1")
    site.files[artifact["filename"]] += b"!"
    (why,) = store.fetch_all([artifact]).values()
    got = hashlib.sha256(site.files[artifact["filename"]]).hexdigest()
    assert isinstance(why, Mismatch) and why.found == got
    assert all(word in str(why) for word in (artifact["filename"], artifact["sha256"], got, artifact["url"]))
    assert not store.path_of(artifact).exists() and list(store.path_of(artifact).parent.iterdir()) == []


def test_tampered_in_both_places(store, site):
    artifact = site.add("torch", "2.9.1")
    store.fetch_all([artifact])
    store.path_of(artifact).write_bytes(b"!")
    site.files[artifact["filename"]] += b"!"
    again = reopen(store)
    assert isinstance(again.fetch_all([artifact])[artifact["sha256"]], Mismatch) and again.warnings


def test_the_hash_is_that_of_a_wheel(store, site):
    artifact = site.add("torch", "2.9.1")
    site.files[artifact["filename"]] = b"<html>"
    artifact["sha256"] = hashlib.sha256(b"<html>").hexdigest()
    assert "is not a wheel" in str(store.fetch_all([artifact])[artifact["sha256"]])


def test_only_changed_files_are_hashed_again(store, site, monkeypatch):
    artifact = site.add("torch", "2.9.1")
    store.fetch_all([artifact])
    hashed = []
    monkeypatch.setattr(
        "ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.store.hashes.sha256_of",
        lambda path: hashed.append(path) or artifact["sha256"],
    )
    reopen(store).fetch_all([artifact])
    assert hashed == []
    os.utime(store.path_of(artifact))
    reopen(store).fetch_all([artifact])
    assert hashed == [store.path_of(artifact)]
    reopen(store).fetch_all([artifact])
    assert len(hashed) == 1
    store.path_of(artifact).with_name(f".{artifact['filename']}.verified").write_text("{")
    reopen(store).fetch_all([artifact])
    assert len(hashed) == 2


def partial_of(store, artifact, data):
    folder = store.path_of(artifact).parent
    folder.mkdir(parents=True)
    (folder / f".{artifact['filename']}.partial").write_bytes(data)


def ranges(site):
    return [wanted for _agent, path, wanted in site.log if path.startswith("/files/")]


@pytest.mark.parametrize("server_resumes", [True, False])
def test_a_download_is_resumed(store, site, server_resumes):
    artifact = site.add("torch", "2.9.1")
    site.ranges = server_resumes
    partial_of(store, artifact, site.files[artifact["filename"]][:100])
    assert store.fetch_all([artifact]) == {} and store.has(artifact)
    assert ranges(site) == ["bytes=100-"]


@pytest.mark.parametrize("remains", [b"rubbish", b"rubbish" * 1000, None])
def test_wrong_or_complete_remains_do_no_harm(store, site, remains):
    artifact = site.add("torch", "2.9.1")
    partial_of(store, artifact, remains or site.files[artifact["filename"]])
    assert store.fetch_all([artifact]) == {} and store.has(artifact)


def test_a_broken_connection_is_resumed(store, site):
    artifact = site.add("torch", "2.9.1")
    site.cut_once = 200
    assert store.fetch_all([artifact]) == {} and store.has(artifact)
    assert ranges(site) == [None, "bytes=200-"]


def test_a_source_that_is_gone(store, site, tmp_path):
    gone, local, good = site.add("torch", "2.9.1"), site.add("other", "1"), site.add("pip", "1")
    del site.files[gone["filename"]]
    local["url"] = (tmp_path / "none.whl").as_uri()
    failed = store.fetch_all([gone, local, good])
    assert "cannot be fetched from" in str(failed[gone["sha256"]]) and "404" in str(failed[gone["sha256"]])
    assert "No such file" in str(failed[local["sha256"]]) and good["sha256"] not in failed and good["unpacked"]


def test_no_space(store, site):
    artifact = site.add("torch", "2.9.1")
    artifact["size"] = 1 << 60
    with pytest.raises(WheelhouseError, match="MiB free"):
        store.fetch_all([artifact])


def test_two_runs_do_not_clash(tmp_path, site):
    artifact = site.add("torch", "2.9.1")
    first, second = (Wheelhouse(tmp_path / "wheelhouse", Configuration()) for _number in range(2))
    said = []
    second.say = said.append

    def run():
        with second.lock_for_run():
            second.fetch_all([artifact])

    other = threading.Thread(target=run)
    with first.lock_for_run():
        other.start()
        time.sleep(0.5)
        assert said and "waiting" in said[0] and not site.fetched()
        first.fetch_all([dict(artifact)])
    other.join()
    assert len(site.fetched()) == 1 and second.downloaded == []
    with first.lock_for_run(), pytest.raises(WheelhouseError, match="another run"), second.lock_for_run(timeout=0.3):
        pass
    with open(tmp_path / "wheelhouse" / ".lock") as stream:  # a stray lock file holds nobody up
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_wheelhouse_that_is_a_file(tmp_path):
    (tmp_path / "wheelhouse").touch()
    with (
        pytest.raises(WheelhouseError, match="wheelhouse_dir"),
        Wheelhouse(tmp_path / "wheelhouse", Configuration()).lock_for_run(),
    ):
        pass


# --- files that are no wheels, files of which no hash is known


def serve(site, name, data):
    site.files[name] = data
    return {
        "name": name,
        "version": "",
        "filename": name,
        "url": f"{site.url}/files/{name}",
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": None,
        "unpacked": None,
    }


def test_files_of_other_kinds_are_kept(store, site):
    kinds = [
        serve(site, "cuda-keyring_1.1-1_all.deb", b"whatever"),
        serve(site, "a-1-0.conda", b"PK"),
        serve(site, "a-1-0.tar.bz2", b"BZh"),
    ]
    assert store.fetch_all(kinds) == {} and [(one["size"], one["unpacked"]) for one in kinds] == [
        (8, None),
        (2, None),
        (3, None),
    ]
    assert reopen(store).fetch_all(kinds) == {} and len(site.fetched()) == 3


def test_one_content_under_two_names(store, site):
    wheel = site.add("torch", "2.9.1", "py3-none-any")
    other = {**wheel, "filename": f"torch-2.9.1-{ARM}.whl"}
    assert (
        store.fetch_all([wheel, other]) == {}
        and wheel["unpacked"] == other["unpacked"]
        and store.path_of(wheel).is_file()
        and store.path_of(other).is_file()
    )
    assert reopen(store).fetch_all([wheel, other]) == {} and len(site.fetched()) == 2


def test_the_first_time(store, site):
    wheel = site.add("torch", "2.9.1", ARM)
    assert store.fetch_first({**wheel, "sha256": "", "size": None}) == {
        **wheel,
        "unpacked": store._read_stamp(wheel)["unpacked"],
    }
    assert store.path_of(wheel).read_bytes() == site.files[wheel["filename"]] and store.downloaded == [
        wheel["filename"]
    ]
    assert sorted(entry.name for entry in store.root.iterdir()) == [".lock", "sha256"]


def test_remains_of_an_earlier_first_time_are_not_gone_on_with(store, site):
    deb = serve(site, "a.deb", b"!<arch>\nnew content")
    (store.root / ".a.deb.first").write_bytes(b"!<arch>\nold")
    assert store.fetch_first(deb)["sha256"] == deb["sha256"] and ranges(site) == [None]


def test_a_connection_that_breaks_the_first_time_is_resumed(store, site):
    wheel = site.add("torch", "2.9.1", ARM)
    site.cut_once = 200
    assert store.fetch_first(wheel)["sha256"] == wheel["sha256"] and ranges(site) == [None, "bytes=200-"]


@pytest.mark.parametrize(
    "name, word",
    [("torch-2.9.1-py3-none-any.whl", "not a wheel"), ("a.deb", "begins with b'!<arch>"), ("a.run", "b'#!'")],
)
def test_a_login_page_is_not_trusted(store, site, name, word):
    with pytest.raises(FetchFailed, match=f"is not {name}: .*{word}"):
        store.fetch_first(serve(site, name, b"<!DOCTYPE html><html>Sign in</html>"))
    assert [entry.name for entry in store.root.iterdir()] == [".lock"]


def test_another_wheel_is_not_trusted(store, site):
    wheel = site.add("torch", "2.8.0", ARM)
    site.files[f"torch-2.9.1-{ARM}.whl"] = site.files[wheel["filename"]]
    with pytest.raises(FetchFailed, match="it is a wheel of torch 2.8.0"):
        store.fetch_first({**wheel, "filename": f"torch-2.9.1-{ARM}.whl"})


def test_sizes_of_what_is_not_fetched(store, site):
    here, gone = site.add("torch", "2.9.1"), site.add("other", "1")
    here["size"] = gone["size"] = None
    del site.files[gone["filename"]]
    failed = store.measure_sizes([here, gone])
    assert here["size"] == len(site.files[here["filename"]]) and "404" in str(failed[gone["sha256"]])


@pytest.mark.parametrize(
    "size, text",
    [(0, "0 KiB"), (1, "1 KiB"), (1024, "1 KiB"), (222003, "217 KiB"), (1 << 20, "1.0 MiB"), (846 << 20, "846.0 MiB")],
)
def test_sizes_are_readable(size, text):
    assert size_text(size) == text


@pytest.mark.parametrize("role, name", [("wheelhouse", "wheelhouse_dir"), ("torch_build", "torch_build_wheelhouse")])
def test_the_default_directory_is_that_of_the_roles(monkeypatch, role, name):
    monkeypatch.setenv("XDG_CACHE_HOME", "/srv/cache")
    default = yaml.safe_load((ROOT / "roles" / role / "defaults/main.yml").read_text("utf-8"))[name]
    assert re.sub(r"{{.*XDG_CACHE_HOME.*}}", "/srv/cache", default, flags=re.DOTALL) == str(default_wheelhouse())
