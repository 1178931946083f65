# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Locks and files for a whole fleet. Files travel over real HTTP; uv and ansible-playbook are the real ones."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from ansible.errors import AnsibleActionFail
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.files import write_atomically
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock import fleet_locks
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.lockfile import environment_id, lock_id, render_lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.artifact import make_artifact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.lock import make_lock
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import package_index
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse.pip_config import Configuration
from lock_support import ARM, X86, needs_uv
from plan_support import validate


@pytest.fixture
def fleet(site, wheelhouse):
    site.add("torch", "2.9.1", ARM, requires=["sympy"])
    site.add("torch", "2.9.1+cpu", X86, requires=["sympy"])
    site.add("sympy", "1.13")
    return wheelhouse


@needs_uv
def test_one_download_for_twenty_boards(fleet, site, plan):
    plans = {f"pi{number}": plan() for number in range(10)}
    plans.update({f"pc{number}": plan("x86_64", local="cpu") for number in range(10)})
    result = fleet(plans)
    assert result["changed"] and len(result["locks"]) == 2 and result["warnings"] == []
    assert not (fleet.house / "uv-cache").exists()
    assert (
        sorted(site.fetched()) == sorted(set(site.fetched())) == result["downloaded"] and len(result["downloaded"]) == 5
    )
    key = result["boards"]["pi3"]["lock"]
    assert result["boards"]["pi3"] == {"lock": key, "id": environment_id(plan(), result["locks"][key]), "plan": plan()}
    assert json.loads((fleet.locks / f"{key}.json").read_text()) == result["locks"][key]
    assert all(
        artifact["unpacked"] and artifact["size"]
        for lock in result["locks"].values()
        for artifact in lock["packages"] + lock["tools"]
    )
    site.log.clear()
    second = fleet(plans)
    assert not second["changed"] and second["downloaded"] == [] and site.log == []
    assert (second["locks"], second["boards"]) == (result["locks"], result["boards"])


@needs_uv
def test_locks_are_kept_until_relock(fleet, site, plan):
    (old,) = fleet({"pi": plan()})["locks"].values()
    site.add("torch", "2.10.0", ARM)
    assert not fleet({"pi": plan()})["changed"]
    result = fleet({"pi": plan()}, relock=True, diff=True)
    (new,) = result["locks"].values()
    assert (
        result["changed"]
        and (old["torch"], new["torch"]) == ("2.9.1", "2.10.0")
        and result["downloaded"] == [f"torch-2.10.0-{ARM}.whl"]
    )
    (difference,) = result["diff"]
    assert (
        "2.9.1" in difference["before"]
        and "2.10.0" in difference["after"]
        and difference["before_header"].endswith(f"{new['key']}.json")
    )


@needs_uv
def test_relock_without_news_changes_nothing(fleet, plan):
    fleet({"pi": plan()})
    text = {path: path.read_text() for path in fleet.locks.iterdir()}
    assert not fleet({"pi": plan()}, relock=True)["changed"]
    assert text == {path: path.read_text() for path in fleet.locks.iterdir()}


@needs_uv
def test_check_mode_touches_nothing(fleet, site, plan, tmp_path):
    before = set(tmp_path.rglob("*"))
    result = fleet({"pi": plan()}, check=True, diff=True)
    assert (
        result["changed"]
        and result["boards"]["pi"]["id"]
        and result["diff"]
        and f"torch-2.9.1-{ARM}.whl" in result["downloaded"]
    )
    assert set(tmp_path.rglob("*")) == before and not site.fetched()
    real = fleet({"pi": plan()})
    assert real["boards"] == result["boards"]
    assert not fleet({"pi": plan()}, check=True)["changed"]


@needs_uv
def test_delivery_by_index_fetches_nothing(fleet, site, plan):
    result = fleet({"pi": plan()}, delivery="index")
    assert result["changed"] and result["downloaded"] == [] and not site.fetched() and result["boards"]["pi"]["id"]
    assert not list(fleet.house.rglob("*.whl"))
    assert not fleet({"pi": plan()}, delivery="index")["changed"]


@needs_uv
def test_a_refusal_concerns_its_board_only(fleet, site, plan):
    refused = plan()
    refused["refusal"] = {"reason": "x", "nearly": [], "way_out": "y"}
    result = fleet({"pi": plan(), "wrong": plan(specifier="==99"), "old": plan(libc="2.5"), "refused": refused})
    assert result["boards"]["pi"]["id"] and "refused" not in result["boards"]
    assert (
        "there is no torch ==99" in result["boards"]["wrong"]["refusal"]["reason"]
        and "older than 2.17" in result["boards"]["old"]["refusal"]["reason"]
    )


@needs_uv
def test_tampered_at_the_source_refuses_the_boards_of_that_lock(fleet, site, plan):
    fleet({"pi": plan(), "pc": plan("x86_64", local="cpu")}, delivery="index")
    site.files[f"torch-2.9.1-{ARM}.whl"] += b"!"
    result = fleet({"pi": plan(), "pc": plan("x86_64", local="cpu")})
    assert (
        "SHA-256 mismatch for torch-2.9.1" in result["boards"]["pi"]["refusal"]["reason"]
        and result["boards"]["pc"]["id"]
    )


@needs_uv
def test_a_source_that_is_down_is_a_warning_that_names_it(fleet, site, other_site, plan, pip_settings):
    other_site.status = 503
    pip_settings(extra_index_url=f"http://me:s3cret@{other_site.host}/simple")
    result = fleet({"pi": plan()})
    assert result["boards"]["pi"]["id"] and [
        warning for warning in result["warnings"] if other_site.index in warning and "503" in warning
    ]
    assert "s3cret" not in str(result)


def test_no_source_answers(fleet, site, plan):
    site.status = 503
    with pytest.raises(AnsibleActionFail, match="no source of torch is reachable") as caught:
        fleet({"pi": plan(), "pc": plan("x86_64")})
    assert site.index in str(caught.value) and "503" in str(caught.value)


@needs_uv
def test_one_board_without_sources_does_not_stop_the_others(fleet, other_site, plan):
    other_site.status = 503
    result = fleet({"pi": plan(), "far": plan(sources=[other_site.index])})
    assert (
        result["boards"]["pi"]["id"]
        and "no source of torch is reachable" in result["boards"]["far"]["refusal"]["reason"]
    )


@needs_uv
def test_a_damaged_lock(fleet, plan):
    (key,) = fleet({"pi": plan()})["locks"]
    path = fleet.locks / f"{key}.json"
    good = path.read_text()
    path.write_text(good[:100])
    with pytest.raises(AnsibleActionFail, match=f"{key}.json is damaged.*Delete it, or set torch_relock"):
        fleet({"pi": plan()})
    assert path.read_text() == good[:100]
    assert fleet({"pi": plan()}, relock=True)["changed"] and json.loads(path.read_text())["key"] == key


def test_unusable_places_and_wrong_arguments(fleet, plan, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleActionFail, match="wheelhouse_dir"):
        fleet({"pi": plan()}, wheelhouse=str(tmp_path / "file"))
    with pytest.raises(AnsibleActionFail, match="plan of pi is not one of edgeai.fleet.torch_plan: it lacks .*torch"):
        fleet({"pi": {"schema": 1}})
    with pytest.raises(Exception, match="delivery"):
        fleet({"pi": plan()}, delivery="pigeon")


@needs_uv
def test_unusable_directory_of_locks(fleet, plan, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(AnsibleActionFail, match="wheelhouse_locks"):
        fleet({"pi": plan()}, locks=str(tmp_path / "file" / "locks"))


# --- offline


@needs_uv
def test_offline_a_kept_lock_and_its_files_are_enough(fleet, site, plan):
    online = fleet({"pi": plan()})
    site.status = 503
    site.log.clear()
    result = fleet({"pi": plan()}, offline=True)
    assert not result["changed"] and result["boards"] == online["boards"] and result["warnings"] == []
    assert site.log == []


@needs_uv
def test_offline_a_board_without_a_lock_is_refused_and_nobody_is_asked(fleet, site, plan):
    fleet({"pi": plan()})
    site.log.clear()
    result = fleet({"pi": plan(), "other": plan(libc="2.41", python="3.13.5")}, offline=True)
    assert result["boards"]["pi"]["id"] and list(result["locks"]) == [result["boards"]["pi"]["lock"]]
    refused = result["boards"]["other"]["refusal"]
    assert "no lock for torch (any version) for Python 3.13.5, aarch64, glibc 2.41" in refused["reason"]
    assert "It has torch 2.9.1 for Python 3.11.2, aarch64, glibc 2.36" in refused["reason"]
    assert "bundle_facts" in refused["way_out"] and site.log == []


@needs_uv
def test_offline_a_changed_byte_is_refused_and_left_as_evidence(fleet, site, plan):
    fleet({"pi": plan()})
    (wheel,) = fleet.house.rglob("torch-2.9.1-*.whl")
    wheel.write_bytes(wheel.read_bytes()[:-1] + b"!")
    site.log.clear()
    refused = fleet({"pi": plan()}, offline=True)["boards"]["pi"]["refusal"]
    assert f"{wheel} was changed: its sha256 is " in refused["reason"] and "install.sh --check" in refused["way_out"]
    wheel.unlink()
    refused = fleet({"pi": plan()}, offline=True)["boards"]["pi"]["refusal"]
    assert f"{wheel.name} is not in the wheelhouse {fleet.house}" in refused["reason"] and site.log == []


def test_offline_nothing_is_resolved_again(fleet, site, plan):
    with pytest.raises(AnsibleActionFail, match="wheelhouse_offline: true excludes torch_relock: true"):
        fleet({"pi": plan()}, offline=True, relock=True)
    with pytest.raises(AnsibleActionFail, match="wheelhouse_offline: true excludes torch_delivery: index"):
        fleet({"pi": plan()}, offline=True, delivery="index")
    with pytest.raises(package_index.SourceDown, match="wheelhouse_offline"):
        package_index.open_http(site.index, Configuration(offline=True), {})
    assert site.log == []


# --- delivery by index


@needs_uv
def test_files_of_the_control_node_are_out_of_reach_of_boards(fleet, site, plan, tmp_path, pip_settings):
    wheel = site.add("sympy", "1.14")
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / wheel["filename"]).write_bytes(site.files[wheel["filename"]])
    del site.projects["sympy"][wheel["filename"]]
    pip_settings(find_links=tmp_path / "links")
    boards = {"pi": plan(), "old": plan(constraints=["sympy<1.14"])}
    result = fleet(boards, delivery="index")
    refused = result["boards"]["pi"]["refusal"]
    assert (
        wheel["filename"] in refused["reason"]
        and f"file://{tmp_path}" in refused["reason"]
        and "torch_delivery: wheelhouse" in refused["way_out"]
    )
    assert result["boards"]["old"]["id"] and not fleet(boards, delivery="index")["changed"]
    assert fleet(boards)["boards"]["pi"]["id"]


@needs_uv
def test_boards_that_fetch_by_themselves_know_the_sizes(fleet, site, plan):
    site.json = False  # PEP 503 has none
    result = fleet({"pi": plan()}, delivery="index")
    (lock,) = result["locks"].values()
    validate("lock", lock)
    assert {package["filename"]: package["size"] for package in lock["packages"]} == {
        package["filename"]: len(site.files[package["filename"]]) for package in lock["packages"]
    }
    assert (
        json.loads((fleet.locks / f"{lock['key']}.json").read_text()) == lock
        and not fleet({"pi": plan()}, delivery="index")["changed"]
    )


# --- mirrors


@needs_uv
def test_what_is_locked_comes_from_the_mirrors(fleet, site, other_site, plan):
    other_site.files = site.files
    (lock,) = fleet({"pi": plan(mirrors={f"{site.url}/files": f"http://me:s3cret@{other_site.host}/files"})})[
        "locks"
    ].values()
    assert all(package["url"].startswith(f"{other_site.url}/files/") for package in lock["packages"])
    assert site.fetched() == [] and len(other_site.fetched()) == 4 and "s3cret" not in str(lock)


# --- conda, and what stands in for it


@pytest.fixture
def conda_plan(plan, other_site):
    def make(otherwise=None, channel=None, **differences):
        conda = {
            "channels": [channel or f"{other_site.url}/conda-forge"],
            "build": "cpu",
            "virtual": {"cuda": None, "glibc": "2.36", "linux": "6.1.0"},
        }
        return plan("x86_64", provider="conda", conda=conda, sources=[], otherwise=otherwise, **differences)

    other_site.status = 503
    return make


def keep(fleet, plan) -> dict:
    filename = "pytorch-2.9.1-cpu_0.conda"
    package = make_artifact(filename, f"http://x/{filename}", "0" * 64, "pytorch", "2.9.1", 1)
    lock = make_lock(lock_id(plan), plan, "2.9.1", [package], [], [], [], [])
    write_atomically(fleet.locks / f"{lock['key']}.json", render_lock(lock))
    return lock


@needs_uv
def test_where_conda_cannot_serve_wheels_do(fleet, site, other_site, conda_plan, plan):
    wheels = plan("x86_64", local="cpu", warnings=["as before"])
    result = fleet({"pc": conda_plan(wheels)})
    share = result["boards"]["pc"]
    assert (
        share["plan"]["provider"] == "venv"
        and share["plan"]["warnings"][0] == "as before"
        and share["lock"] == lock_id(wheels)
    )
    assert (
        "virtual environment" in share["plan"]["warnings"][1] and "torch_relock: true" in share["plan"]["warnings"][1]
    )
    assert [lock["torch"] for lock in result["locks"].values()] == ["2.9.1+cpu"]
    site.log.clear()
    other_site.log.clear()
    again = fleet({"pc": conda_plan(wheels)})
    assert not again["changed"] and (again["boards"]["pc"]["lock"], again["boards"]["pc"]["id"]) == (
        share["lock"],
        share["id"],
    )
    assert (
        again["boards"]["pc"]["plan"]["provider"] == "venv"
        and "torch_relock: true" in again["boards"]["pc"]["plan"]["warnings"][1]
    )
    assert site.log == [] == other_site.log  # a second run asks nobody
    assert not fleet({"pc": conda_plan(wheels)}, relock=True)["changed"] and site.log


def test_a_conda_lock_that_is_kept_is_used(fleet, conda_plan, plan):
    board = conda_plan(plan("x86_64", local="cpu"))
    kept = keep(fleet, board)
    result = fleet({"pc": board}, check=True)
    assert (
        result["boards"]["pc"]["lock"] == kept["key"]
        and result["boards"]["pc"]["plan"] == board
        and result["locks"] == {kept["key"]: kept}
    )
    validate("lock", kept)


@needs_uv
def test_who_insists_on_conda_is_refused(fleet, conda_plan, plan):
    result = fleet({"pc": conda_plan(), "pi": plan()})
    assert result["boards"]["pc"]["refusal"]["reason"] and result["boards"]["pi"]["id"]
    with pytest.raises(AnsibleActionFail):
        fleet({"pc": conda_plan()})


def test_a_refusal_by_conda_is_no_reason_for_wheels(fleet, conda_plan, plan):
    pytest.importorskip("rattler")
    result = fleet({"pc": conda_plan(plan("x86_64", local="cpu"), channel="https://repo.anaconda.com/pkgs/main")})
    assert "defaults" in result["boards"]["pc"]["refusal"]["reason"]


@needs_uv
def test_the_role_in_a_playbook_needs_no_connection(fleet, site, plan, tmp_path):
    """The real ansible-playbook, on boards that nothing can reach."""
    play = [
        {
            "hosts": "all",
            "gather_facts": False,
            "roles": [
                {
                    "role": "edgeai.fleet.wheelhouse",
                    "vars": {"wheelhouse_delivery": "index", "wheelhouse_dir": str(tmp_path / "house")},
                }
            ],
            "tasks": [
                {
                    "ansible.builtin.debug": {
                        "msg": (
                            "{{ inventory_hostname }} {{ wheelhouse_result.boards[inventory_hostname] }} {{"
                            " wheelhouse_result.changed }}"
                        )
                    }
                }
            ],
        }
    ]
    (tmp_path / "play.json").write_text(json.dumps(play))
    (tmp_path / "vars.json").write_text(
        json.dumps({"wheelhouse_plans": {"pi": plan(), "pc": plan("x86_64", local="cpu", specifier="==99")}})
    )
    collections = next(
        parent for parent in Path(fleet_locks.__file__).parents if parent.name == "ansible_collections"
    ).parent
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(collections),
        "ANSIBLE_LOCAL_TEMP": str(tmp_path / "temporary"),
        "PWD": str(tmp_path),
        "ANSIBLE_CONFIG": str(tmp_path / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
    }
    (tmp_path / "ansible.cfg").touch()
    (tmp_path / "hosts").write_text("pi ansible_host=pi.invalid\npc ansible_host=pc.invalid\n")
    command = [str(Path(sys.executable).with_name("ansible-playbook")), "-i", "hosts", "-e", "@vars.json", "play.json"]
    for changed in ("True", "False"):
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert (
            f"}} {changed}" in done.stdout
            and "there is no torch ==99" in done.stdout
            and "unreachable=0" in done.stdout
        )
        assert len(list((tmp_path / "locks").glob("*.json"))) == 1
    assert "resolving torch" in done.stdout and not site.fetched()
