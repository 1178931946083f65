# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What holds for a whole run."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from ansible.errors import AnsibleError
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import run_options as run


def template(value):
    if isinstance(value, str) and "{{" in value:
        raise AnsibleError(f"{value} is undefined") if "nowhere" in value else AssertionError(value)
    return value


def hosts(**variables):
    return {name: run.HostVariables(name, raw, template) for name, raw in variables.items()}


def everything(asked):
    raise AssertionError(asked)


def test_without_a_word_all_hosts_are_boards():
    assert run.select_hosts(hosts(a={}, b={"fleet_member": "yes"}), everything) == (["a", "b"], ["a", "b"])


def test_fleet_hosts_and_fleet_member_choose():
    lab = hosts(
        nas={},
        a={"fleet_hosts": "boards"},
        b={"fleet_hosts": ["boards "], "fleet_member": "no"},
        c={"torch_build_container": {"like": "a"}},
    )
    asked = []
    assert run.select_hosts(lab, lambda pattern: asked.append(pattern) or ["c", "b", "a", "elsewhere"]) == (
        ["a", "c"],
        ["a"],
    )
    assert asked == ["boards"]


@pytest.mark.parametrize(
    ("lab", "matched", "words"),
    [
        (
            {"a": {"fleet_hosts": "jetsons"}},
            [],
            ["fleet_hosts is 'jetsons'", "matches none of the hosts of this run (a)"],
        ),
        ({"a": {"fleet_member": False}}, None, ["fleet_member is false for each host", "(a)"]),
        ({"a": {"torch_build_container": {"like": "b"}}}, None, ["torch_build_container", "(a)"]),
        (
            {"a": {"fleet_hosts": "x"}, "b": {"fleet_hosts": "y"}},
            ["a", "b"],
            ["fleet_hosts holds for the whole run", "'x' on a; 'y' on b"],
        ),
        ({"a": {"fleet_hosts": ""}}, ["a"], ["a: fleet_hosts is ''", "host pattern"]),
        ({"a": {"fleet_hosts": {"boards": 1}}}, ["a"], ["a: fleet_hosts is"]),
        ({"a": {}, "b": {"fleet_member": "perhaps"}}, None, ["b: fleet_member is 'perhaps': it must be true or false"]),
        ({"a": {"torch_build_container": "{{ nowhere }}"}}, None, ["a: ", "nowhere"]),
    ],
)
def test_who_takes_part_is_never_guessed(lab, matched, words):
    with pytest.raises(AnsibleError) as caught:
        run.select_hosts(hosts(**lab), lambda pattern: matched)
    for word in words:
        assert word in str(caught.value)


def test_options_of_the_whole_run_agree():
    # Their defaults need a real templar: they are paths here.
    paths = {"torch_reports": "r", "wheelhouse_dir": "w", "wheelhouse_locks": "l"}
    agreed = run.run_wide_options(
        hosts(a={**paths, "torch_failure_budget": 1}, b={**paths, "torch_failure_budget": "1"})
    )
    assert agreed["torch_failure_budget"] == "1" and agreed["wheelhouse_locks"] == "l"
    assert set(agreed) == set(run.RUN_WIDE)
    with pytest.raises(AnsibleError, match=r"torch_relock .*: False on a, c, d, e, f and 1 more; True on b"):
        run.run_wide_options(
            hosts(a=paths, b={**paths, "torch_relock": True}, c=paths, d=paths, e=paths, f=paths, g=paths)
        )


def test_typos_are_named_once_with_their_hosts():
    lab = hosts(
        a={"torch_verison": 1, "torch_cuda_version": 2},
        b={"torch_verison": 1},
        c={"fleet_ignore_variables": ["torch_keeps"], "torch_keeps": 3},
    )
    (said,) = run.typo_warnings(lab)
    assert said.startswith(
        "torch_verison is not a variable of this collection (it is set for a, b); did you mean torch_version?"
    )


def test_old_names_and_results_end_the_run_with_their_hosts():
    lab = {"a": {"torch_build": "never"}, "b": {"torch_build": "auto"}, "c": {"torch_plan": {"refusal": None}}}
    with pytest.raises(run.RunError, match=r"torch_build is now torch_build_policy \(it is set for a, b\)\. Rename it"):
        run.typo_warnings(hosts(**lab))
    assert run.typo_warnings(hosts(**lab, d={"fleet_ignore_variables": ["torch_build"]})) == []
    with pytest.raises(run.RunError, match=r"torch_plan is what .* not an option \(it is set for c\)\. Remove it\."):
        run.typo_warnings(hosts(c={"torch_plan": {"version": "2.9.1"}}))


def as_nobody(action):
    """The result of an action of a user without rights, from a child process."""
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        os.setuid(65534)
        os.write(writer, str(action()).encode())
        os._exit(0)
    os.waitpid(child, 0)
    return os.read(reader, 4096).decode()


def test_what_can_be_written_is_found_out_and_nothing_is_left(tmp_path):
    assert run.why_unwritable(str(tmp_path)) is None
    assert run.why_unwritable(str(tmp_path / "not" / "yet")) is None
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").touch()
    assert run.why_unwritable(str(tmp_path / "file")) == f"{tmp_path}/file: Not a directory"
    assert run.why_unwritable(str(tmp_path / "file" / "below")) == f"{tmp_path}/file: Not a directory"
    (tmp_path / "dangling").symlink_to("nowhere")
    assert "No such file" in run.why_unwritable(str(tmp_path / "dangling"))
    assert run.why_unwritable("/proc/reports").startswith("/proc: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="a small file system is mounted by root")
def test_a_full_disk_is_found_out_although_it_takes_directories(tmp_path):
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(tmp_path)], check=True)
    try:
        assert run.why_unwritable(str(tmp_path / "reports")) == f"{tmp_path}: No space left on device"
        assert list(tmp_path.iterdir()) == []
    finally:
        subprocess.run(["umount", str(tmp_path)], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root becomes somebody else")
def test_what_another_user_cannot_write(tmp_path):
    assert as_nobody(lambda: run.why_unwritable(str(tmp_path / "reports"))).endswith("Permission denied")


def test_the_message_names_variable_path_and_user(tmp_path):
    (tmp_path / "file").touch()
    file = tmp_path / "file"
    with pytest.raises(
        run.RunError,
        match=rf"torch_reports is {file}, which \S+ cannot write to \({file}: Not a directory\)\. Set torch_reports",
    ):
        run.check_writable("torch_reports", str(file))


def test_a_path_is_what_modules_take_it_for(monkeypatch):
    monkeypatch.setenv("HOME", "/home/ann")
    monkeypatch.setenv("LAB", "/srv/lab")
    assert (run.expand_path("~/r"), run.expand_path("$LAB/r"), run.expand_path("r")) == (
        "/home/ann/r",
        "/srv/lab/r",
        "r",
    )


def test_committed_locks_need_not_be_writable(monkeypatch):
    monkeypatch.setattr(run, "locks_in", lambda directory: [directory / "k.json"])
    run.check_writable("wheelhouse_locks", "/proc/locks")
    with pytest.raises(run.RunError):
        run.check_writable("wheelhouse_dir", "/proc/locks")


@pytest.mark.parametrize(
    ("others", "inventory"),
    [
        ("inventory/locks", "inventory/hosts.yml"),
        ("locks", "inventory/hosts.yml"),
        ("inventory/locks", "inventory"),
    ],
)
def test_locks_beside_the_inventory_are_not_forgotten(tmp_path, others, inventory):
    (tmp_path / "inventory").mkdir()
    (tmp_path / "inventory" / "hosts.yml").touch()
    other, mine = tmp_path / others, tmp_path / "elsewhere" / "locks"
    other.mkdir(parents=True)
    source = str(tmp_path / inventory)
    assert run.forgotten_locks(str(mine), [source, "pi,"]) is None
    (other / "k.json").touch()
    said = run.forgotten_locks(str(mine), ["pi,", source])
    assert str(mine) in said and str(other) in said and "wheelhouse_locks" in said
    assert run.forgotten_locks(str(other), [source]) is None
    mine.mkdir(parents=True)
    (mine / "k.json").touch()
    assert run.forgotten_locks(str(mine), [source]) is None
    assert run.forgotten_locks(str(tmp_path / "new"), [str(Path(tmp_path, "gone", "hosts.yml"))]) is None
