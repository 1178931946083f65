# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send the inputs that a builder lacks, show its progress, and copy the finished wheel to the wheelhouse.

See the module's documentation.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail, AnsibleConnectionFailure, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import mask_secrets, pack
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import progress, sent_bytes
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.hidden_values import hidden_of, is_hiding
from ansible_collections.edgeai.fleet.plugins.plugin_utils._rollout.builders import progress_text
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import build_records, delivery

#: A builder that is restarted, or its network, must be back within this time.
RECONNECT_SECONDS = 600
_RETRY_SECONDS = 10
#: How often another run may take the wheel away before that is a failure.
_ATTEMPTS = 3

display = Display()


class ActionModule(ActionBase):
    TRANSFERS_FILES = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        self._vars = task_vars or {}
        self._host = self._vars.get("inventory_hostname", "the builder")
        arguments = dict(self._task.args)
        state, wheelhouse = arguments.get("state", "finished"), arguments.get("wheelhouse")
        self._records = build_records.BuildRecords(Path(wheelhouse)) if wheelhouse else None
        if state != "cancelled" and (kept := self._recorded_result(arguments)):
            return kept
        self._hide_secrets(arguments)
        if self._task.check_mode or state == "cancelled":
            return self._call_module(arguments)
        result = self._start_build(arguments)
        if state != "finished" or result.get("failed") or "record" in result:
            return result
        for attempt in range(_ATTEMPTS):
            result = {**self._watch_build(arguments, result), "changed": True}
            if not self._records or result.get("failed") or "record" in result:
                return result
            if record := self._collect_wheel(arguments, result["build"], last=attempt == _ATTEMPTS - 1):
                return {**result, "record": record}
            result = self._start_build(arguments)
        return result

    def _call_module(self, arguments: dict[str, Any]) -> dict[str, Any]:
        return self._execute_module(module_name="edgeai.fleet.torch_build", module_args=arguments, task_vars=self._vars)

    def _recorded_result(self, arguments: dict[str, Any]) -> dict[str, Any] | None:
        """The task's result if the wheel has a record, because it was compiled before or another run waited for it."""
        try:
            kept = self._records.read_record(arguments["key"]) if self._records else None
        except ValueError as error:
            raise AnsibleActionFail(str(error)) from None
        if not kept:
            return None
        return {
            "changed": False,
            "build": {"status": "finished", **{name: kept[name] for name in ("key", "package", "version")}},
            "record": kept,
        }

    def _hide_secrets(self, arguments: dict[str, Any]) -> None:
        """Move passwords and tokens, which the variables of the waiting boards have, to where Ansible hides them."""
        job = self._templar.template(self._vars.get("torch_build_spec")) or {}
        hosts = job.get("hosts") or [self._vars["inventory_hostname"]]
        given = {
            name: arguments[name] for name in ("source", "environment", "patches", "commands") if arguments.get(name)
        }
        if is_hiding(given):
            given = hidden_of(self, self._vars, hosts).with_secrets(given)
        if secret := {name: value for name, value in given.items() if mask_secrets({name: value})[name] != value}:
            arguments.update(mask_secrets(secret), _secrets=pack(secret))

    # --- inputs of the build

    def _start_build(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """A running or finished build; or its record, if another run has just taken the wheel away."""
        result = self._deliver_inputs(arguments)
        if result.get("failed") or result["build"]["status"]:
            return result
        # It has a record if that run uses the same wheelhouse; a run of another control node uses its own.
        return self._recorded_result(arguments) or self._deliver_inputs({**arguments, "_anew": True})

    def _deliver_inputs(self, arguments: dict[str, Any]) -> dict[str, Any]:
        first = self._call_module(
            {**arguments, "_deliver": True, "_incoming_uid": delivery.connection_uid(self, self._host)}
        )
        if not first.get("missing"):
            return first
        if not arguments.get("wheelhouse"):
            raise AnsibleActionFail(
                f"{self._host} lacks {first['missing'][0]['filename']}: set wheelhouse, from which it is sent"
            )
        for artifact in first["missing"]:
            path = delivery.find_artifact(Path(arguments["wheelhouse"]), artifact)
            display.display(f"{self._host}: sending {artifact['filename']}")
            with sent_bytes.sending(self._host, path, 0, path.stat().st_size):
                # The name on the builder is its sha256; it is verified when it is used.
                self._transfer_file(str(path), f"{first['incoming']}/{artifact['sha256']}")
        return self._call_module({**arguments, "_incoming": first["incoming"]})

    # --- progress

    def _watch_build(self, arguments: dict[str, Any], result: dict[str, Any]) -> dict[str, Any]:
        """Wait until the build ends; its result."""
        timeout, poll = int(arguments.get("timeout") or 0), int(arguments.get("poll") or 60)
        deadline = time.monotonic() + timeout if timeout else None
        said = None
        while (
            not result.get("failed")
            and "record" not in result
            and result["build"]["status"] in ("running", "interrupted", None)
        ):
            line = progress_line(result["build"])
            if line != said:
                display.display(f"{self._host}: {line}")
                progress.append({"host": self._host, "doing": f"compiling: {line}"})
                said = line
            if deadline and time.monotonic() > deadline:
                return {
                    **result,
                    "failed": True,
                    "msg": (
                        f"the build was not finished within {timeout} s: {line}. It continues; run again to wait for it"
                    ),
                }
            # Without a status, another run took the wheel and removed the directory.
            if result["build"]["status"]:
                result = self._call_patiently({**arguments, "_wait": poll})
            else:
                result = self._start_build(arguments)
        return result

    def _call_patiently(self, arguments: dict[str, Any]) -> dict[str, Any]:
        """Call again while the builder cannot be reached: the build does not need the connection."""
        deadline = time.monotonic() + RECONNECT_SECONDS
        while True:
            try:
                return self._call_module(arguments)
            except AnsibleConnectionFailure as error:
                if time.monotonic() > deadline:
                    raise
                display.display(
                    f"{self._host}: no connection ({str(error).strip().splitlines()[-1]}); the build continues without"
                    " it, trying again"
                )
            time.sleep(_RETRY_SECONDS)
            self._connection.reset()

    # --- the wheel

    def _collect_wheel(self, arguments: dict[str, Any], build: dict[str, Any], last: bool) -> dict[str, Any] | None:
        """Copy wheel and log here, then write their record; None if another run takes the wheel away meanwhile."""
        folder = str(Path(build["log"]).parent)
        display.display(f"{self._host}: {build['wheel']['filename']} is finished; copying it to the wheelhouse")
        progress.append({"host": self._host, "doing": f"copying {build['wheel']['filename']} to the wheelhouse"})
        try:
            record = self._records.keep_build(
                build, self._host, lambda name, target: self._connection.fetch_file(f"{folder}/{name}", str(target))
            )
        except ValueError as error:
            raise AnsibleActionFail(str(error)) from None
        except AnsibleError:
            # Either the file or the connection is gone. If the build is unchanged, it is the connection.
            if last or self._call_patiently({**arguments, "_wait": 1}).get("build", {}).get("status") == "finished":
                raise
            return None
        self._call_module({**arguments, "_collected": True})
        return record


def progress_line(build: dict[str, Any]) -> str:
    """Such as C(compile [512/1375], 2 h left, 2 jobs, 312 MiB free, 61.2 °C), and its last event."""
    jobs, memory, temperature = build["jobs"], build["available_mib"], build["temperature"]
    parts = [
        f"compile {progress_text(build)}"
        if build["phase"] == "compile" and build["total"]
        else build["phase"] or "waiting",
        jobs and f"{jobs} job{'s' if jobs > 1 else ''}",
        f"{memory} MiB free" if memory is not None else None,
        f"{temperature} °C" if temperature is not None else None,
        build["throttled"],
        *build["events"][-1:],
    ]
    return ", ".join(filter(None, parts))
