# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Write the report of a run on the control node and print its table."""

from __future__ import annotations

import json
import pathlib
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import clock, files, progress
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout import (
    benchmark,
    bill_of_materials,
    board_status,
    builders,
    junit,
    metrics,
    report,
    slow_boards,
)
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wall.write import PAGE, write_wall

display = Display()


def write_report(reports: pathlib.Path, written: dict[str, t.Any], others: dict[str, str]) -> pathlib.Path:
    """Write C(<reports>/<run>/report.json) and, by their names, the other files, each whole or not at all, and link
    C(<reports>/latest) to them.

    URLs of mirrors and sources may contain passwords: a report has their hosts only.
    """
    # The live view has made the directory of this run at its beginning, for the log.
    begun = progress.run_directory()
    same = begun is not None and begun.parent.resolve() == reports.resolve() and not (begun / "report.json").exists()
    run = begun if begun is not None and same else progress.make_run_directory(reports, written["finished"])
    report_text = json.dumps({"run": run.name, **written}, indent=2, sort_keys=True) + "\n"
    for name, text in {**others, "report.json": report_text}.items():
        files.write_atomically(run / name, redact(text))
    link = reports / f".latest-{run.name}"
    link.symlink_to(run.name)
    link.replace(reports / "latest")
    return run / "report.json"


def short_path(path: pathlib.Path) -> pathlib.Path:
    """The path as seen from here, if it is below."""
    here = pathlib.Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path


def _show_verdicts(boards: dict[str, dict[str, t.Any]]) -> None:
    """The verdicts for the live view."""
    if progress.is_on():
        for host, status in boards.items():
            verdict = status["verdict"]
            progress.append(
                {
                    "host": host,
                    "verdict": {
                        name: verdict[name] for name in ("outcome", "satisfied", "torch", "reason", "diagnosis")
                    },
                }
            )


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "hosts": {"type": "list", "elements": "str", "required": True},
                "purpose": {"type": "str", "choices": ["provision", "build"], "default": "provision"},
                "started": {"type": "str", "required": True},
                "failure_budget": {"type": "str", "default": "0"},
                "path": {"type": "path", "required": True},
            }
        )
        check, purpose = self._task.check_mode, arguments["purpose"]
        # Read here, not handed over by a template: that would go through every word about every board.
        hostvars, hosts = (task_vars or {})["hostvars"], arguments["hosts"]
        statuses = board_status.read_statuses(hostvars, hosts)
        built = builders.list_builds(hostvars, hosts)
        boards = report.add_missing_verdicts(statuses, arguments["failure_budget"], check, purpose)
        trend = slow_boards.find_slow_boards(boards)
        boards = {host: {**status, "trend": trend.get(host, [])} for host, status in boards.items()}
        written = {
            "started": arguments["started"],
            "finished": clock.now(),
            "boards": {
                host: {name: status[name] for name in ("board", "plan", "lock", "verdict", "trend", "seconds")}
                for host, status in boards.items()
            },
            "builds": built,
        }
        results = benchmark.list_results(boards)
        failed = report.failed_boards(boards, check, purpose)
        _show_verdicts(boards)
        builds = builders.describe_builds(built)
        # The terminal first: a full disk must not lose the result.
        parts = [report.table_lines(boards), builds, benchmark.table_lines(results) if results else []]
        table = "\n".join(line for part in parts if part for line in ["", *part])
        display.display(table)
        progress.append_lines("table", table)
        if not check:
            judged = {
                host: status for host, status in boards.items() if status["verdict"]["satisfied"] or host in failed
            }
            bills = bill_of_materials.list_bills(written["started"], written["finished"], judged)
            others = {
                "junit.xml": junit.render(judged, written["started"]),
                "metrics.prom": metrics.render(judged, written["finished"]),
                **({"benchmark.csv": benchmark.csv_text(results)} if results else {}),
                **{f"sbom/{bill_of_materials.file_name(host)}": text for host, text in bills.items()},
            }
            try:
                path = write_report(pathlib.Path(arguments["path"]), written, others)
                for sentence in write_wall(path.parent, written, boards, builds):
                    display.warning(sentence)
            except OSError as error:
                raise AnsibleActionFail(
                    f"The report cannot be written to {arguments['path']}: {error}. Set torch_reports to a directory"
                    " that you can write to."
                ) from error
            result["path"] = str(path)
            result["page"] = str(path.with_name(PAGE))
            paths = f"\nReport: {short_path(path)}\nPage:   {short_path(path.with_name(PAGE))}"
            display.display(paths)
            progress.append_lines("table", paths)
        result["unsatisfied"] = [
            {"host": host, "reason": f"{status['verdict']['outcome']}: {status['verdict']['reason']}"}
            for host, status in failed.items()
        ]
        result["changed"] = False  # a report changes no board
        return result
