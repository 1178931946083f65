# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

import os
import tarfile

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import layout, writer
from bundle_support import make_entries, write


def state(root):
    return {path: path.stat().st_mtime_ns for path in root.rglob("*") if path.is_file()}


def test_written_once_and_then_left_alone(tmp_path):
    entries, root = make_entries(tmp_path), tmp_path / "bundle"
    sums = write(root, entries)
    assert (root / layout.SUMS).read_text() == sums and os.access(root / layout.INSTALLER, os.X_OK)
    before = state(root)
    (root / "wheelhouse/.lock").touch()  # a run has used it
    assert writer.differing(root, entries) == ([], [])
    assert before.items() <= state(root).items()


def test_what_no_longer_belongs_to_it_goes(tmp_path):
    entries, root = make_entries(tmp_path), tmp_path / "bundle"
    write(root, entries)
    (name,) = [name for name in entries if "torch-" in name]
    (root / "locks/old.json").write_text("{}")
    (root / name).write_bytes(b"changed")
    assert writer.differing(root, entries) == ([name], ["locks/old.json"])
    write(root, entries)
    assert writer.differing(root, entries) == ([], [])
    less = {other: entry for other, entry in entries.items() if other != name}
    write(root, less)
    assert not (root / name).parent.exists()


def test_an_interrupted_bundle_has_no_sums(tmp_path):
    entries, root = make_entries(tmp_path), tmp_path / "bundle"
    write(root, entries)
    (name,) = [name for name in entries if "torch-" in name]
    changed = {**entries, name: layout.Entry("0" * 64, entries[name].source)}
    with pytest.raises(layout.BundleError, match=r"torch-.*\.whl was changed meanwhile: its sha256 is .* Run again"):
        write(root, changed)
    assert not (root / layout.SUMS).exists() and not list(root.rglob(".*"))
    write(root, entries)
    assert (root / layout.SUMS).exists()


def test_a_file_that_is_gone_from_the_wheelhouse(tmp_path):
    entries, root = make_entries(tmp_path), tmp_path / "bundle"
    (name,) = [name for name in entries if "torch-" in name]
    entries[name].source.unlink()
    with pytest.raises(layout.BundleError, match="cannot be read: No such file"):
        write(root, entries)


def test_places_that_are_no_bundle(tmp_path):
    writer.check_place(tmp_path / "new")
    (tmp_path / "holiday").mkdir()
    writer.check_place(tmp_path / "holiday")
    (tmp_path / "holiday/photo.jpg").touch()
    with pytest.raises(layout.BundleError, match=r"files that belong to no bundle \(photo\.jpg\)"):
        writer.check_place(tmp_path / "holiday")
    with pytest.raises(layout.BundleError, match="is not a directory"):
        writer.check_place(tmp_path / "holiday/photo.jpg")
    (tmp_path / "link").symlink_to(tmp_path / "holiday")
    with pytest.raises(layout.BundleError, match="is not a directory"):
        writer.check_place(tmp_path / "link")


def test_a_stick_without_modes(tmp_path, monkeypatch):
    """FAT, where a mode cannot be set."""

    def refuse(descriptor, mode):
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "fchmod", refuse)
    entries, root = make_entries(tmp_path), tmp_path / "bundle"
    sums = write(root, entries)
    assert writer.differing(root, entries) == ([], [])
    path, _is_new = writer.write_tar(root, sums, "2026-11-30T19:00:00Z")
    with tarfile.open(path) as tar:
        assert tar.getmember("bundle/install.sh").mode == 0o755 and tar.getmember("bundle/bundle.json").mode == 0o644


def test_a_full_disk_is_said_before_anything_is_removed(tmp_path, monkeypatch):
    entries, root = make_entries(tmp_path), tmp_path / "bundle"
    write(root, {name: entry for name, entry in entries.items() if "torch-" not in name})
    usage = writer.shutil.disk_usage(tmp_path)._replace(free=10)
    monkeypatch.setattr(writer.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(layout.BundleError, match="has 1 KiB free, but .* must be written"):
        write(root, entries)
    assert (root / layout.SUMS).exists()


def test_a_tar_is_the_same_for_the_same_bundle(tmp_path):
    entries, root = make_entries(tmp_path), tmp_path / "bundle"
    sums = write(root, entries)
    path, is_new = writer.write_tar(root, sums, "2026-11-30T19:00:00Z")
    assert is_new and path == tmp_path / "bundle.tar"
    first = path.read_bytes()
    assert writer.write_tar(root, sums, "2026-11-30T19:00:00Z") == (path, False)
    path.unlink()
    writer.write_tar(root, sums, "2026-11-30T19:00:00Z")
    assert path.read_bytes() == first
    with tarfile.open(path) as tar:
        members = tar.getmembers()
    assert [member.name for member in members][:3] == ["bundle/SHA256SUMS", "bundle/install.sh", "bundle/bundle.json"]
    assert {(member.uid, member.uname) for member in members} == {(0, "")}
    (root / "locks/extra.json").write_text("{}")
    entries["locks/extra.json"] = layout.Entry.of_text("{}")
    assert writer.write_tar(root, write(root, entries), "2026-11-30T19:00:00Z")[1]
