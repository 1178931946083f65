# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The action: its options, and a bundle from what the tasks of a run have registered, without any request."""

from __future__ import annotations

import json
import os

import pytest
from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.loader import connection_loader
from ansible.template import Templar
from ansible_collections.edgeai.fleet.plugins.action import fleet_bundle
from ansible_collections.edgeai.fleet.plugins.plugin_utils._bundle import control_node, layout
from bundle_support import HERE, explained, keep_wheel, make_locked
from plan_support import validate


def run(check=False, hostvars=None, **arguments):
    task = Task()
    task.action = "edgeai.fleet.fleet_bundle"
    task.args, task.check_mode, task.diff = arguments, check, True
    loader, context = DataLoader(), PlayContext()
    connection = connection_loader.get("local", context, os.devnull)
    action = fleet_bundle.ActionModule(task, connection, context, loader, Templar(loader=loader), None)
    return action.run(task_vars={"hostvars": hostvars or {}})


@pytest.fixture
def fleet(tmp_path, monkeypatch):
    """The variables of a run with one board; what this control node would resolve and build is small."""
    locked = make_locked(tmp_path)
    house = tmp_path / "house"
    names = [line.partition("=")[0] for line in control_node.requirements_of(HERE, "2.19")]
    wheels = [keep_wheel(house, name, "2.19.1" if name == "ansible-core" else "1.0") for name in names]
    resolved = []

    def resolve(target, boards, index, folder):
        resolved.append(target)
        return control_node.Packages([dict(wheel) for wheel in wheels], "2.19", [])

    monkeypatch.setattr(control_node, "resolve_control_node", resolve)
    monkeypatch.setattr(control_node, "choose_core", lambda target, boards: ("2.19", []))
    monkeypatch.setattr(
        fleet_bundle.collection_archive, "make_archive", lambda: ("edgeai-fleet-0.1.0.tar.gz", b"an archive")
    )
    board = explained(locked)["pi"]["board"]
    run.resolved = resolved
    return {
        "pi": {
            "inventory_hostname": "pi",
            "wheelhouse_result": locked,
            "torch_detected": {"board": board},
            "torch_plan": locked["boards"]["pi"]["plan"],
        },
        "gone": {"inventory_hostname": "gone", "torch_detected": {"unreachable": True, "msg": "no answer"}},
    }


def make(fleet, tmp_path, check=False, **arguments):
    return run(
        check,
        fleet,
        hosts=["gone", "pi"],
        path=str(tmp_path / "bundle"),
        python=HERE["python"],
        platform=HERE["architecture"],
        **arguments,
    )


def test_made_once(fleet, tmp_path):
    predicted = make(fleet, tmp_path, check=True)
    assert predicted["changed"] and not (tmp_path / "bundle").exists()
    made = make(fleet, tmp_path, tar=True)
    assert made["changed"] and made["files"] and made["signer"] is None and made["tar"].endswith("bundle.tar")
    assert list(made["left_out"]) == ["gone"] and "no answer" in made["left_out"]["gone"]
    about = json.loads((tmp_path / "bundle/bundle.json").read_text())
    validate("bundle", about)
    assert about["boards"]["pi"]["state"] == "ready" and about["collection"] == "0.1.0"
    before = len(run.resolved)
    again = make(fleet, tmp_path, tar=True)
    assert not again["changed"] and again["created"] == made["created"]
    assert not make(fleet, tmp_path, check=True)["changed"]
    assert len(run.resolved) == before, "the packages of the control node stay as they are"
    make(fleet, tmp_path, relock=True)
    assert len(run.resolved) == before + 1


@pytest.mark.slow
def test_signed(fleet, tmp_path):
    from bundle_support import make_key

    first, second = make_key(tmp_path, "first"), make_key(tmp_path, "second")
    assert make(fleet, tmp_path)["signer"] is None
    signed = make(fleet, tmp_path, key=str(first))
    assert signed["changed"] and signed["signer"].startswith("SHA256:")
    assert not make(fleet, tmp_path, key=str(first))["changed"]
    other = make(fleet, tmp_path, key=str(second))
    assert other["changed"] and other["signer"] != signed["signer"]
    verified = run(purpose="verify", path=str(tmp_path / "bundle"), signer=f"{second}.pub")
    assert verified["signer"] == other["signer"] and not verified["changed"]
    refused = run(purpose="verify", path=str(tmp_path / "bundle"), signer=f"{first}.pub")
    assert refused["failed"] and "Do not use it" in refused["msg"]
    assert make(fleet, tmp_path)["signer"] is None and not (tmp_path / "bundle" / layout.SIGNATURE).exists()


def test_a_damaged_bundle_is_repaired(fleet, tmp_path):
    make(fleet, tmp_path)
    (wheel,) = (tmp_path / "bundle").glob("wheelhouse/sha256/*/torch-*.whl")
    wheel.write_bytes(b"damaged")
    assert run(purpose="verify", path=str(tmp_path / "bundle"))["failed"]
    assert make(fleet, tmp_path)["changed"] and not run(purpose="verify", path=str(tmp_path / "bundle")).get("failed")


def test_no_board_no_bundle(fleet, tmp_path):
    nothing = {"gone": fleet["gone"]}
    result = run(hostvars=nothing, hosts=["gone"], path=str(tmp_path / "bundle"), platform="x86_64")
    assert result["failed"] and "no board can be served. gone: " in result["msg"]
    assert not (tmp_path / "bundle").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({}, "bundle_path is missing"),
        ({"path": "{tmp}/mine"}, "has files that belong to no bundle (thesis.tex)"),
        ({"path": "{tmp}/b", "python": "3.1"}, "No ansible-core runs on Python 3.1"),
        ({"path": "{tmp}/b", "platform": "arm64"}, "bundle_platform is 'arm64'"),
        ({"path": "{tmp}/b", "key": "{tmp}/nowhere"}, "nowhere is not a file"),
    ],
)
def test_wrong_options(tmp_path, arguments, words):
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/thesis.tex").touch()
    given = {name: value.replace("{tmp}", str(tmp_path)) for name, value in arguments.items()}
    result = run(purpose="check", **{"python": "3.12", "platform": "x86_64", **given})
    assert result["failed"] and words in result["msg"]
    assert not run(purpose="check", path=str(tmp_path / "b"), python="3.12", platform="x86_64").get("failed")
