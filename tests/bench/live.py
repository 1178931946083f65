# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Measure what the live view costs: the processor time of its thread and of what it does with events, as a share of all
that the run uses. The run is `verify` on hosts with local connections, on a terminal of 160 columns.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests"), str(REPOSITORY / "tests" / "lab")]
MOST = 0.03
# What the callback does, without what it inherits from Ansible's own.
OWN = ("_begin", "_end", "_task_begins", "_play_begins", "_result", "_failed", "_run")


def inside(result: Path, arguments: list[str]) -> None:
    """Run ansible-playbook in this process, with a clock in the callback."""
    from ansible.cli.playbook import main as ansible_playbook
    from ansible.plugins.loader import init_plugin_loader

    init_plugin_loader()  # or Python's own import finds the collection, and Ansible does not know it
    from ansible_collections.edgeai.fleet.plugins.callback import live
    from ansible_collections.edgeai.fleet.plugins.plugin_utils._live.fleet_state import Fleet

    spent = [0.0]

    def timed(function):
        def call(*positional, **named):
            started = time.thread_time()
            try:
                return function(*positional, **named)
            finally:
                spent[0] += time.thread_time() - started

        return call

    for name in OWN:
        setattr(live.CallbackModule, name, timed(getattr(live.CallbackModule, name)))
    Fleet.begin_board = timed(Fleet.begin_board)
    Fleet.assign_ring = timed(Fleet.assign_ring)
    try:
        ansible_playbook(["ansible-playbook", *arguments])
    except SystemExit:
        pass
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    result.write_text(json.dumps([spent[0], sum(one.ru_utime + one.ru_stime for one in used)]), encoding="utf-8")


def measure(hosts: int) -> float:
    import venvs
    from terminals import RunningTerminal

    with tempfile.TemporaryDirectory(prefix="edgeai-bench-") as name:
        directory = Path(name)
        variables = {
            "ansible_connection": "local",
            "ansible_python_interpreter": sys.executable,
            "torch_root": f"{name}/t",
        }
        boards = {f"board-{number}": variables for number in range(hosts)}
        (directory / "hosts.json").write_text(json.dumps({"all": {"hosts": boards}}), encoding="utf-8")
        environment = {
            **os.environ,
            "ANSIBLE_CONFIG": str(REPOSITORY / "ansible.cfg"),
            "ANSIBLE_COLLECTIONS_PATH": str(venvs.link_collection()),
            "ANSIBLE_STDOUT_CALLBACK": "edgeai.fleet.live",
            "PWD": name,
            "TERM": "xterm-256color",
        }
        command = [sys.executable, __file__, "--inside", f"{name}/result.json"]
        command += ["edgeai.fleet.verify", "-i", f"{name}/hosts.json"]
        terminal = RunningTerminal(command, directory, environment, (160, 50))
        started = time.monotonic()
        terminal.wait(1800)
        spent, used = json.loads((directory / "result.json").read_text(encoding="utf-8"))
        frames = terminal.raw.count(b"\x1b[H")
        if not frames:
            sys.exit(f"the run had no screen:\n{terminal.text()}")
        seconds = time.monotonic() - started
        print(
            f"{hosts} boards: {spent:.2f} s of {used:.1f} s CPU in {seconds:.0f} s, {frames} screens:"
            f" {spent / used:.1%} (at most {MOST:.0%})",
            flush=True,
        )
        return spent / used


def main() -> int:
    if sys.argv[1:2] == ["--inside"]:
        inside(Path(sys.argv[2]), sys.argv[3:])
        return 0
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hosts", type=int, nargs="+", default=[20, 200])
    return int(max(map(measure, parser.parse_args().hosts)) > MOST)


if __name__ == "__main__":
    sys.exit(main())
