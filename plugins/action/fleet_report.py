# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the report of a run on the control node and show its table."""

from __future__ import annotations

import datetime
import json
import os
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import builders, report, slow_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import junit as _junit

display = Display()


def write(reports: pathlib.Path, report: dict[str, t.Any], junit: str) -> pathlib.Path:
    """Write C(<reports>/<run>/report.json) and C(junit.xml), and point C(<reports>/latest) at them; each appears whole
    or not at all.

    Mirrors and sources may hold passwords: a report shows their hosts only.
    """
    stamp, attempt = report["finished"].replace(":", "").replace("-", ""), 0
    while True:
        run = reports / (stamp if not attempt else f"{stamp}-{attempt}")
        try:
            run.mkdir(parents=True)
            break
        except FileExistsError:  # two runs that ended in the same second
            attempt += 1
    for name, text in (
        ("junit.xml", junit),
        ("report.json", redact(json.dumps({"run": run.name, **report}, indent=2, sort_keys=True)) + "\n"),
    ):
        partial = run / f".{name}"
        with partial.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(run / name)
    link = reports / f".latest-{run.name}"
    link.symlink_to(run.name)
    link.replace(reports / "latest")
    return run / "report.json"


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "boards": {"type": "dict", "required": True},
                "builds": {"type": "list", "elements": "dict", "default": []},
                "purpose": {"type": "str", "choices": ["provision", "build"], "default": "provision"},
                "started": {"type": "str", "required": True},
                "failure_budget": {"type": "str", "default": "0"},
                "path": {"type": "path", "required": True},
            }
        )
        check, purpose = self._task.check_mode, arguments["purpose"]
        boards = report.conclude(arguments["boards"], arguments["failure_budget"], check, purpose)
        trend = slow_boards.find(boards)
        boards = {host: {**state, "trend": trend.get(host, [])} for host, state in boards.items()}
        written = {
            "started": arguments["started"],
            "finished": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "boards": {
                host: {name: state[name] for name in ("board", "plan", "lock", "verdict", "trend", "seconds")}
                for host, state in boards.items()
            },
            "builds": arguments["builds"],
        }
        unsatisfied = report.unsatisfied(boards, check, purpose)
        told = builders.sentences(arguments["builds"])
        # First of all the screen: what came out must not be lost with a disk that is full.
        display.display("\n".join(["", *report.table(boards), *(["", *told] if told else [])]))
        if not check:
            judged = {
                host: state for host, state in boards.items() if state["verdict"]["satisfied"] or host in unsatisfied
            }
            try:
                path = write(pathlib.Path(arguments["path"]), written, _junit.render(judged, arguments["started"]))
            except OSError as error:
                raise AnsibleActionFail(
                    f"The report cannot be written to {arguments['path']}: {error}. Set torch_reports to a directory of"
                    " yours."
                ) from error
            result["path"] = str(path)
            display.display(
                f"\nReport: {path.relative_to(pathlib.Path.cwd()) if path.is_relative_to(pathlib.Path.cwd()) else path}"
            )
        result["unsatisfied"] = [
            {"host": host, "reason": f"{state['verdict']['outcome']}: {state['verdict']['reason']}"}
            for host, state in unsatisfied.items()
        ]
        result["changed"] = False  # a written about boards changes no board
        return result
