# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""torch_exclude_newer, with a real index that says when its files were uploaded, and the real uv."""

from __future__ import annotations

import datetime
import json

import pytest
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import upload_times
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import lock_id
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.wheel_lock import resolve_plan
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.package_index import Sources
from index_support import make_wheel
from lock_support import ARM, X86, needs_uv, refusal, versions
from plan_support import validate

OLD, FRESH = "2026-10-01T08:00:00.123456Z", "2026-11-29T08:00:00Z"
NOW = datetime.datetime(2026, 11, 30, 12, tzinfo=datetime.timezone.utc)


@pytest.fixture
def lock(site, pip_settings, tmp_path):
    pip_settings(index_url=site.index)
    site.add("pip", "26.0", uploaded=OLD)

    def make(plan, now=NOW):
        index = Sources()
        index.now = now
        return resolve_plan(plan, index, tmp_path / "cache", {}, [])

    return make


@needs_uv
def test_torch_and_its_dependencies_are_older_than_the_limit(lock, plan, site):
    for version, uploaded in (("2.9.1", OLD), ("2.10.0", FRESH)):
        site.add("torch", version, ARM, requires=["sympy"], uploaded=uploaded)
    for version, uploaded in (("1.13", OLD), ("1.14", FRESH)):
        site.add("sympy", version, uploaded=uploaded)
    site.add("sympy", "1.15")  # of which the index does not say it
    newest, cooled = lock(plan()), lock(plan(exclude_newer="14 days"))
    assert versions(newest) == {"torch": "2.10.0", "sympy": "1.15", "pip": "26.0"}
    assert versions(cooled) == {"torch": "2.9.1", "sympy": "1.13", "pip": "26.0"}
    assert "uploaded_before" not in newest and cooled["uploaded_before"] == "2026-11-16T12:00:00Z"
    assert cooled["warnings"] == [
        "torch_exclude_newer (14 days) left files out: sympy has files of which the index does not say when they were"
        " uploaded (upload-time, PEP 700)."
    ]
    validate("lock", cooled)
    assert versions(lock(plan(exclude_newer="14 days"), NOW + datetime.timedelta(days=30)))["torch"] == "2.10.0"


def test_a_torch_that_is_too_new_is_named(lock, plan, site):
    site.add("torch", "2.10.0", ARM, uploaded=FRESH)
    found = refusal(lock, plan(exclude_newer="14 days"))
    assert "no wheel of torch" in found["reason"] and "uploaded before 2026-11-16T12:00:00Z" in found["reason"]
    assert f"{site.index} has torch 2.10.0, uploaded {FRESH}." in found["reason"]
    assert "shorten torch_exclude_newer" in found["way_out"]


def test_an_index_without_upload_times_is_named(lock, plan, site):
    site.json = False  # PEP 503 has none
    site.add("torch", "2.10.0", ARM)
    found = refusal(lock, plan(exclude_newer="2026-11-01T00:00:00Z"))
    assert f"{site.index} does not say when its torch 2.10.0 was uploaded (upload-time, PEP 700)." in found["reason"]
    assert "leave torch_exclude_newer out for this board" in found["way_out"]


@needs_uv
def test_a_dependency_without_an_old_version_is_named(lock, plan, site):
    site.add("torch", "2.9.1", ARM, requires=["sympy", "networkx"], uploaded=OLD)
    site.add("sympy", "1.14", uploaded=FRESH)
    site.add("networkx", "3.5")
    found = refusal(lock, plan(exclude_newer="14 days"))
    assert "torch_exclude_newer (14 days) left files out: " in found["reason"]
    assert (
        "networkx has files of which the index does not say" in found["reason"]
        or "sympy has only files that were uploaded after 2026-11-16T12:00:00Z" in found["reason"]
    )
    assert "exclude-newer-package" not in found["reason"] and "missing an upload date" not in found["reason"]
    assert "shorten torch_exclude_newer" in found["way_out"]


@needs_uv
def test_what_pytorch_publishes_is_dated_by_pypi(lock, plan, site, other_site, monkeypatch):
    monkeypatch.setattr(upload_times, "PYTORCH", other_site.url)
    other_site.json = False
    for version, uploaded in (("2.9.1", OLD), ("2.10.0", FRESH)):
        site.add("torch", version, X86, uploaded=uploaded)
        other_site.add("torch", f"{version}+cpu", X86)
    other_site.add("torch", "2.11.0+cpu", X86)  # which PyPI does not have
    for version, uploaded in (("0.24.0", OLD), ("0.24.1", FRESH)):
        site.add("torchvision", version, X86, uploaded=uploaded)
        other_site.add("torchvision", f"{version}+cpu", X86, requires=["torch==2.9.1"])
    wish = plan("x86_64", local="cpu", sources=[other_site.index], companions=["torchvision"], exclude_newer="14 days")
    found = lock(wish)
    assert versions(found) == {"torch": "2.9.1+cpu", "torchvision": "0.24.0+cpu", "pip": "26.0"}
    newer = refusal(lock, {**wish, "torch": {"specifier": ">=2.11", "local": "cpu"}})
    assert "and no configured index says when 2.11.0 was" in newer["reason"]


@needs_uv
def test_folders_of_ones_own_are_not_limited(lock, plan, pip_settings, site, tmp_path):
    links = tmp_path / "links"
    links.mkdir()
    for name, tag in (("torch", ARM), ("sympy", "py3-none-any")):
        filename, data = make_wheel(name, "2.10.0", tag, ["sympy"] if name == "torch" else [])
        (links / filename).write_bytes(data)
    pip_settings(index_url=site.index, find_links=links)
    assert versions(lock(plan(exclude_newer="14 days")))["sympy"] == "2.10.0"


@needs_uv
def test_a_target_that_uv_does_not_know(lock, plan, site):
    arm = "cp311-cp311-linux_armv7l"
    for version, uploaded in (("2.9.1", OLD), ("2.10.0", FRESH)):
        for tag in (ARM, arm):
            site.add("torch", version, tag, requires=["numpy"], uploaded=uploaded)
    for version, wheels in (("1.26.0", {ARM: OLD, arm: OLD}), ("1.27.0", {ARM: OLD, arm: FRESH})):
        for tag, uploaded in wheels.items():
            site.add("numpy", version, tag, uploaded=uploaded)
    assert versions(lock(plan("armv7l")))["numpy"] == "1.27.0"
    assert versions(lock(plan("armv7l", exclude_newer="14 days"))) == {
        "torch": "2.9.1",
        "numpy": "1.26.0",
        "pip": "26.0",
    }


def test_boards_with_another_limit_have_another_lock(plan):
    ids = [lock_id(plan(exclude_newer=limit)) for limit in ("", "14 days", "15 days", "2026-11-01T00:00:00Z")]
    assert len(set(ids)) == 4 and ids[0] == lock_id(plan())


@needs_uv
def test_a_lock_stays_as_it_is_while_days_pass(wheelhouse, plan, site, monkeypatch):
    site.add("pip", "26.0", uploaded=OLD)
    site.add("torch", "2.9.1", ARM, uploaded=OLD)
    wish = plan(exclude_newer="14 days")
    first = wheelhouse({"pi": wish})
    assert first["changed"] and not first["boards"]["pi"].get("refusal"), first
    site.add("torch", "2.9.2", ARM, uploaded=OLD)
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=40)
    usual = Sources.__init__

    def another_day(self, *arguments):
        usual(self, *arguments)
        self.now = later

    monkeypatch.setattr(Sources, "__init__", another_day)
    again = wheelhouse({"pi": wish})
    assert not again["changed"] and again["locks"] == first["locks"]
    # Resolved again with the same answer, it keeps the moment that it was made with.
    site.projects["torch"].popitem()
    assert not wheelhouse({"pi": wish}, relock=True)["changed"]
    assert not wheelhouse({"pi": plan()})["boards"]["pi"].get("refusal")  # another lock, beside it
    assert len(list(wheelhouse.locks.glob("[0-9a-f]*.json"))) == 2


@needs_uv
def test_a_lock_that_does_not_respect_the_limit_is_refused(wheelhouse, plan, site):
    site.add("pip", "26.0", uploaded=OLD)
    site.add("torch", "2.9.1", ARM, uploaded=OLD)
    wish = plan(exclude_newer="14 days")
    wheelhouse({"pi": wish})
    path = wheelhouse.locks / f"{lock_id(wish)}.json"
    for made, words in ((None, "at any time"), ("2030-01-01T00:00:00Z", "before 2030-01-01T00:00:00Z")):
        kept = json.loads(path.read_text("utf-8"))
        kept.pop("uploaded_before", None)
        path.write_text(json.dumps({**kept, **({"uploaded_before": made} if made else {})}), "utf-8")
        refused = wheelhouse({"pi": wish})["boards"]["pi"]["refusal"]
        assert f"was made with files that were uploaded {words}" in refused["reason"]
        assert "torch_relock: true" in refused["way_out"]
    assert not wheelhouse({"pi": wish}, relock=True)["boards"]["pi"].get("refusal")
