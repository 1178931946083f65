# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Two runs that wait for one build: the action, the module and the supervisor are the real ones, only nothing lies
between them but a hook.

The hook lets one run come to its end exactly where the other one stands between two looks at the builder.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from unittest import mock

import pytest
from ansible.errors import AnsibleError
from ansible_collections.edgeai.fleet.plugins.action.torch_build import ActionModule
from ansible_collections.edgeai.fleet.plugins.module_utils._base.errors import EnvironmentProblem
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.processes import kill_all
from ansible_collections.edgeai.fleet.plugins.module_utils._torch_build.start import Build
from ansible_collections.edgeai.fleet.plugins.modules import torch_build
from build_support import KEY, make_job, make_tree  # noqa: E402  (found by the line above)


class SlowBuilder:
    """A builder with a source that waits until it may go on, and counts how often it is compiled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.go_on, self.runs = folder / "go-on", folder / "runs"
        body = (
            f'open({str(self.runs)!r}, "a").write("run\\n")\n'
            f"while not os.path.exists({str(self.go_on)!r}): time.sleep(0.05)"
        )
        self.job = make_job(make_tree(folder / "tree", body))

    def operator(self, wheelhouse: str, **hooks) -> Operator:
        return Operator(self, self.folder / wheelhouse, hooks)

    def compiled(self) -> int:
        return len(self.runs.read_text(encoding="utf-8").splitlines())


class Operator(ActionModule):
    """A run of the task. Each hook is called once, before what it is named after is done."""

    def __init__(self, slow_builder: SlowBuilder, wheelhouse: Path, hooks: dict) -> None:
        self.slow_builder, self.hooks = slow_builder, hooks
        task = mock.Mock(
            check_mode=False,
            async_val=0,
            args={
                **slow_builder.job,
                "root": str(slow_builder.folder / "root"),
                "state": "finished",
                "wheelhouse": str(wheelhouse),
                "poll": 60,
                "timeout": 0,
            },
        )
        connection = mock.Mock(become=None)
        connection.fetch_file.side_effect = self.fetch
        super().__init__(task, connection, mock.Mock(), mock.Mock(), mock.Mock(), mock.Mock())

    def reach(self, moment: str) -> None:
        self.hooks.pop(moment, lambda: None)()

    def fetch(self, path: str, target: str) -> None:
        self.reach("fetch")
        try:
            shutil.copy(path, target)
        except OSError as error:
            raise AnsibleError(f"failed to transfer file from {path}: {error}") from error

    def _execute_module(self, module_name, module_args, task_vars):
        self.reach("look" if module_args.get("_wait") else "collected" if module_args.get("_collected") else "start")
        defaults = {
            "_deliver": False,
            "_wait": 0,
            "_collected": False,
            "_incoming": None,
            "_incoming_uid": None,
            "_anew": False,
            "keep": False,
        }
        options = {**defaults, **module_args, "memory_mib": 0, "space_mib": 0}
        try:
            build = Build(options["root"], options)
            changed, lacking = torch_build._ensure_build(build, options, False)
            return dict(lacking, changed=changed, build=build.read_progress())
        except EnvironmentProblem as problem:
            return {"failed": True, "msg": str(problem)}

    def finish(self) -> dict:
        return self.run(task_vars={"inventory_hostname": "builder"})


@pytest.fixture
def slow_builder(tmp_path, monkeypatch):
    # What tools this machine lacks is another test's question.
    monkeypatch.setattr(Build, "check_builder", lambda self, installed: None)
    slow_builder = SlowBuilder(tmp_path)
    yield slow_builder
    kill_all(Build(str(tmp_path / "root"), slow_builder.job).place)


@pytest.mark.parametrize(
    ("moment", "wheelhouse", "times"),
    [
        ("fetch", "wheelhouse", 1),
        ("look", "wheelhouse", 1),
        ("start", "wheelhouse", 1),
        # On another control node it is on a record that this run cannot see.
        ("fetch", "elsewhere", 2),
        ("look", "elsewhere", 2),
        ("start", "elsewhere", 2),
    ],
)
def test_another_run_takes_the_wheel_between_two_looks(slow_builder, moment, wheelhouse, times):
    first = []

    def the_other_run():
        slow_builder.go_on.touch()
        first.append(slow_builder.operator(wheelhouse).finish())
        assert not Path(slow_builder.folder, "root", "builds", KEY, "dist").exists()

    if moment == "fetch":
        slow_builder.go_on.touch()
    second = slow_builder.operator("wheelhouse", **{moment: the_other_run}).finish()
    (first,) = first
    assert "msg" not in first and "msg" not in second, (first, second)
    assert first["record"]["version"] == second["record"]["version"]
    assert times == slow_builder.compiled()
    for folder in ("wheelhouse", wheelhouse):
        record = second["record"] if folder == "wheelhouse" else first["record"]
        assert Path(slow_builder.folder, folder, "sha256", record["sha256"], record["filename"]).is_file()


def test_what_another_run_began_anew_is_not_cleared_away(slow_builder):
    """A slow run says that it has the wheel when the next one compiles already."""
    slow_builder.go_on.touch()
    late = []

    def another_control_node():
        slow_builder.operator("elsewhere").finish()
        slow_builder.go_on.unlink()
        late.append(Build(str(slow_builder.folder / "root"), slow_builder.job))
        late[0].start()

    slow_builder.operator("wheelhouse", collected=another_control_node).finish()
    (build,) = late
    assert build.read_status() == "running" and Path(build.place.program).is_dir()
    slow_builder.go_on.touch()
    build.wait_for_end(60)
    assert build.read_status() == "finished", build.log_tail()


def test_a_connection_that_fails_is_not_a_wheel_that_is_gone(slow_builder):
    slow_builder.go_on.touch()

    def broken():
        raise AnsibleError("the connection is broken")

    with pytest.raises(AnsibleError, match="the connection is broken"):
        slow_builder.operator("wheelhouse", fetch=broken).finish()
    assert slow_builder.compiled() == 1
    assert slow_builder.operator("wheelhouse").finish()["record"]["key"] == KEY
    assert slow_builder.compiled() == 1
