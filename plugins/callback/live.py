# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

from __future__ import annotations

DOCUMENTATION = r"""
name: live
type: stdout
version_added: 0.1.0
short_description: One screen for the whole fleet
author: edgeai.fleet authors (@edgeai-fleet)
description:
  - Shows a run of the playbooks C(provision), C(verify), C(build) and C(rollback) of this collection as one screen,
    with the ring, the gate and the failure budget, what each board does (bytes sent, steps of a build, time), and each
    failure with its cause and fix as it comes. A large fleet is summarized by model, and only the boards that are not
    idle have a line.
  - Where the output is no terminal, or the Python package rich is missing, it prints a short line for each event.
  - Everything that Ansible would have printed is in C(ansible.log) in the report's directory. If the run breaks off,
    the part about its last task is printed.
  - With C(-v), C(--diff) or C(--step), for other playbooks, and for plays before and after those of this collection,
    the output is that of P(ansible.builtin.default#callback).
  - It cannot be used when the run asks for something on the terminal during these playbooks; ssh before ansible-core
    2.19 asks about new host keys. The answer is read, but the question is not seen. Use C(-v) there.
requirements:
  - rich (Python library), for the screen
options:
  view:
    description: With V(lines), there are short lines also on a terminal.
    type: str
    choices: [auto, lines]
    default: auto
    env:
      - name: EDGEAI_FLEET_VIEW
    ini:
      - section: callback_live
        key: view
extends_documentation_fragment:
  - default_callback
  - result_format_callback
"""

# ruff: noqa: E402 (Ansible wants the documentation before the imports)

import atexit
import contextlib
import os
import shutil
import tempfile
import threading
import time
import typing as t
from pathlib import Path

from ansible import context
from ansible.plugins.callback.default import CallbackModule as Default
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import progress
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live import screen
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.fleet_state import Fleet, count_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.terminal import Terminal

OURS = "edgeai.fleet."
REQUEST = f"{OURS}fleet_request"
REPORT = f"{OURS}fleet_report"
#: How often progress is read, and at most a screen drawn; and how often a screen of which only the clocks move.
TICK = 0.5
DRAW = 1.0
IDLE = 20.0
#: A screen that takes long to make (many boards, a slow computer) is drawn less often: after so many times its cost.
REST = 50
#: Without a screen: how often a line says that the run lives.
STILL = 60.0


class CallbackModule(Default):
    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "stdout"
    CALLBACK_NAME = "edgeai.fleet.live"

    def __init__(self) -> None:
        super().__init__()
        self._terminal = Terminal()
        self._fleet: Fleet | None = None
        self._reader: progress.Reader | None = None
        self._lock = threading.RLock()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self._folder: str | None = None
        self._begun: tuple[t.Any, ...] | None = None  # what tells one request from the next
        self._reported = False
        self._plain = False  # Ansible's own output
        self._waiting = False  # the first results decide whether this run is one to show
        self._ring: int | None = None
        self._changed = True
        self._drawn = self._said = self._cost = 0.0
        atexit.register(self._broken_off)

    # --- when it begins and ends

    def v2_playbook_on_start(self, playbook: t.Any) -> None:
        self._plain = self._display.verbosity > 0 or any(context.CLIARGS.get(option) for option in ("diff", "step"))
        if not self._plain:
            self._waiting = True
            self._terminal.begin()
        super().v2_playbook_on_start(playbook)

    def v2_playbook_on_play_start(self, play: t.Any) -> None:
        if self._reported and not self._is_ours(play):
            self._end()
        if self._fleet:
            self._play_begins(play)
        super().v2_playbook_on_play_start(play)

    def v2_playbook_on_stats(self, stats: t.Any) -> None:
        super().v2_playbook_on_stats(stats)
        self._pass_on()
        self._end()

    def v2_playbook_on_vars_prompt(self, *arguments: t.Any, **more: t.Any) -> None:
        # Somebody is asked: on the real terminal.
        self._pass_on()
        self._end()
        super().v2_playbook_on_vars_prompt(*arguments, **more)

    def _broken_off(self) -> None:
        """At the end of the process: a run that ended without its statistics has its error in the log only."""
        if not self._terminal.is_active:
            return
        if self._waiting:
            self._pass_on()
            return
        tail, path = self._terminal.tail(), self._terminal.path
        self._end()
        with contextlib.suppress(OSError):
            os.write(2, (tail + (f"\nThe whole output: {path}\n" if path else "")).encode("utf-8", "replace"))

    def _pass_on(self) -> None:
        """This run is not one to show: what was held back goes to the terminal."""
        if self._waiting:
            self._waiting = False
            self._terminal.end(show_log=True)

    def _begin(self, result: t.Mapping[str, t.Any], check_mode: bool) -> None:
        key = (result.get("started"), result.get("again"), tuple(result.get("hosts") or ()))
        if (
            self._plain
            or key == self._begun
            or "torch_reports" not in result.get("writes", ())
            or not result.get("hosts")
        ):
            return
        self._begun, self._reported, self._waiting = key, False, False
        self._stop_thread()
        self._terminal.begin()
        request = result["request"]
        run = None
        if not check_mode:
            with contextlib.suppress(OSError):  # the report will say why this cannot be written
                run = progress.make_run_directory(Path(request["reports"]), str(result["started"]))
        if run:
            folder = run / progress.DIRECTORY
            folder.mkdir(exist_ok=True)
            self._terminal.keep_log(run)
        else:
            folder = Path(self._temporary_folder())
        progress.turn_on(folder / progress.FILE, run)
        self._reader = progress.Reader(folder / progress.FILE)
        self._fleet = Fleet(result["hosts"], request["failure_budget"], request["rings"], time.time())
        self._said = time.time()
        self._terminal.watch_signals()
        self._stop.clear()
        self._thread = threading.Thread(target=self._run, name="edgeai-live", daemon=True)
        self._thread.start()
        if not self._has_screen():
            log = self._terminal.path
            self._terminal.write_line(
                count_boards(len(result["hosts"])) + (f"; all output: {_short(log)}" if log else "")
            )

    def _end(self) -> None:
        if not self._terminal.is_active or self._waiting:
            return
        self._stop_thread()
        progress.turn_on(None)
        fleet, log = self._fleet, self._terminal.path
        if fleet:
            self._read_progress()
            self._terminal.leave_screen()
            if not self._has_screen():
                self._write_news(fleet)
            for table in fleet.tables:
                self._terminal.write_line(table)
            if log:
                self._terminal.write_line(f"Log:    {_short(log)}")
        self._terminal.end()
        self._fleet, self._reader, self._reported = None, None, False
        if self._folder:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder = None

    def _temporary_folder(self) -> str:
        if self._folder is None:
            self._folder = tempfile.mkdtemp(prefix="edgeai-fleet-")
        return self._folder

    def _stop_thread(self) -> None:
        self._stop.set()
        if self._thread:
            self._thread.join()
            self._thread = None

    # --- the thread that draws

    def _has_screen(self) -> bool:
        return screen.HAS_RICH and self.get_option("view") == "auto" and self._terminal.is_terminal()

    def _run(self) -> None:
        size = (0, 0)
        while True:
            with self._lock:
                self._read_progress()
                fleet, now = self._fleet, time.time()
                if fleet and self._has_screen():
                    due = now - self._drawn >= (max(DRAW, REST * self._cost) if self._changed else IDLE)
                    if due or self._terminal.size() != size:
                        size = self._terminal.size()
                        self._draw(fleet, now, size)
                elif fleet:
                    self._write_news(fleet)
                    if now - self._said >= STILL:
                        self._said = now
                        self._terminal.write_line(f"{fleet.head(now)}; {fleet.count_words()}; {fleet.step}")
            if self._stop.wait(TICK):
                return

    def _read_progress(self) -> None:
        if self._reader and self._fleet:
            for event in self._reader.read():
                self._fleet.progress(event)
                self._changed = True

    def _draw(self, fleet: Fleet, now: float, size: tuple[int, int]) -> None:
        self._drawn, self._changed = now, False
        started = time.thread_time()
        fleet.take_news()
        log = str(_short(self._terminal.path)) if self._terminal.path else ""
        colours = "NO_COLOR" not in os.environ and "ANSIBLE_NOCOLOR" not in os.environ
        self._terminal.draw(screen.render(fleet, now, *size, log, colours))
        self._cost = time.thread_time() - started

    def _write_news(self, fleet: Fleet) -> None:
        for sentence in fleet.take_news():
            self._said = time.time()
            self._terminal.write_line(f"{time.strftime('%H:%M:%S')} {sentence}")

    # --- what happens

    def _play_begins(self, play: t.Any) -> None:
        self._terminal.mark()
        name = play.get_name()
        with self._lock:
            if self._fleet:
                ring = name.rpartition(" ")[2]
                # It begins with its first task: a play may have no hosts.
                self._ring = int(ring) - 1 if name.startswith("Provision ring ") and ring.isdigit() else None
                self._fleet.begin_step(name)

    def v2_playbook_on_task_start(self, task: t.Any, is_conditional: bool) -> None:
        self._task_begins(task)
        super().v2_playbook_on_task_start(task, is_conditional)

    def v2_playbook_on_handler_task_start(self, task: t.Any) -> None:
        self._task_begins(task)
        super().v2_playbook_on_handler_task_start(task)

    def _task_begins(self, task: t.Any) -> None:
        if self._waiting and task.action != REQUEST:
            self._pass_on()
        if not self._fleet:
            return
        self._terminal.mark()
        with self._lock:
            if self._ring is not None:
                self._fleet.begin_ring(self._ring)
                self._ring = None
            self._fleet.begin_step(task.get_name())
            self._changed = True

    def v2_runner_on_start(self, host: t.Any, task: t.Any) -> None:
        if self._fleet and not _is_bookkeeping(task):
            with self._lock:
                self._fleet.begin_board(host.get_name(), _module(task), task.get_name(), time.time())
                self._changed = True
        super().v2_runner_on_start(host, task)

    def v2_runner_on_ok(self, result: t.Any) -> None:
        host, task, found = _parts(result)
        if task.action == REQUEST and not found.get("failed"):
            self._begin(found, bool(task.check_mode))
        elif self._waiting:
            self._pass_on()
        if self._fleet:
            with self._lock:
                self._result(host, task, found)
        super().v2_runner_on_ok(result)

    def v2_runner_item_on_ok(self, result: t.Any) -> None:
        _host, _task, found = _parts(result)
        if self._fleet and isinstance(found.get("add_host"), dict):
            with self._lock:
                for group in found["add_host"].get("groups") or ():
                    self._fleet.assign_ring(str(group))
        super().v2_runner_item_on_ok(result)

    def v2_runner_on_skipped(self, result: t.Any) -> None:
        host, task, found = _parts(result)
        if self._fleet and not _is_bookkeeping(task):
            with self._lock:
                self._fleet.end_board(host, "", found)
        super().v2_runner_on_skipped(result)

    def v2_runner_on_failed(self, result: t.Any, ignore_errors: bool = False) -> None:
        self._failed(result, ignore_errors, unreachable=False)
        super().v2_runner_on_failed(result, ignore_errors)

    def v2_runner_on_unreachable(self, result: t.Any) -> None:
        self._failed(result, ignore_errors=False, unreachable=True)
        super().v2_runner_on_unreachable(result)

    def _failed(self, result: t.Any, ignore_errors: bool, unreachable: bool) -> None:
        host, task, found = _parts(result)
        if not self._fleet or ignore_errors or self._reported or _is_bookkeeping(task):
            return
        hidden = task.no_log or found.get("censored")
        with self._lock:
            self._fleet.fail_board(host, task.get_name(), {"censored": True} if hidden else found, unreachable)
            self._changed = True

    def _result(self, host: str, task: t.Any, found: t.Mapping[str, t.Any]) -> None:
        if not self._fleet:
            return
        self._changed = True
        module, facts = _module(task), found.get("ansible_facts")
        if task.action == f"{OURS}fleet_plan":
            self._fleet.plans(found)
        elif task.action == f"{OURS}wheelhouse":
            self._fleet.locks(found)
        elif task.action == REPORT:
            self._reported = True
        elif isinstance(facts, dict) and isinstance(facts.get("__fleet_gate"), dict):
            self._fleet.gate(facts["__fleet_gate"])
        elif not _is_bookkeeping(task):
            self._fleet.end_board(host, module, found)

    def _is_ours(self, play: t.Any) -> bool:
        return play.get_name() == "Boards that are not satisfied"


def _parts(result: t.Any) -> tuple[str, t.Any, t.Mapping[str, t.Any]]:
    """The host's name, the task and the result. Their public names are new in ansible-core 2.19."""
    host = getattr(result, "host", None) or result._host
    task = getattr(result, "task", None) or result._task
    found = result.result if hasattr(result, "result") else result._result
    return host.get_name(), task, found if isinstance(found, t.Mapping) else {}


def _module(task: t.Any) -> str:
    return str(task.action).removeprefix(OURS)


def _is_bookkeeping(task: t.Any) -> bool:
    """Whether a task is about the run, not about the board that it is for."""
    return bool(task.run_once) or task.delegate_to == "localhost" or task.action in _LOCAL


#: These never run on a board, and take no time.
_LOCAL = {
    f"{prefix}{name}"
    for prefix in ("", "ansible.builtin.", "ansible.legacy.")
    for name in ("add_host", "assert", "debug", "fail", "include_role", "include_tasks", "meta", "set_fact")
}


def _short(path: Path) -> Path:
    """The path as seen from here, if it is below."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
