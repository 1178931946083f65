# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
from __future__ import annotations

import dataclasses
import re
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import redact, remove_secrets
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base import errors, hidden_values, progress, urls
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.fleet_locks import FleetLocks
from ansible_collections.edgeai.fleet.plugins.plugin_utils._model.plan import KEYS
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import pip_config, store

display = Display()

# In a requirement: `name @ URL`, perhaps with a marker behind it.
_URL = re.compile(r"https?://[^\s;]+")


def _say(text: str) -> None:
    display.display(text)
    progress.append({"doing": text})


class ActionModule(ActionBase):
    """Resolve and fetch for a whole fleet at once, on the control node."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        result = super().run(tmp, task_vars)
        _checked, arguments = self.validate_argument_spec(
            {
                "plans": {"type": "dict", "required": True},
                "wheelhouse": {"type": "path", "required": True},
                "locks": {"type": "path", "required": True},
                "relock": {"type": "bool", "default": False},
                "delivery": {"type": "str", "choices": ["wheelhouse", "index"], "default": "wheelhouse"},
                "offline": {"type": "bool", "default": False},
            }
        )
        if arguments["offline"] and (arguments["relock"] or arguments["delivery"] == "index"):
            other = (
                "torch_relock: true, which resolves all versions again"
                if arguments["relock"]
                else "torch_delivery: index, with which boards fetch their packages from where they are published"
            )
            raise AnsibleActionFail(f"wheelhouse_offline: true excludes {other}. Leave one of them out.")
        plans = {host: plan for host, plan in arguments["plans"].items() if not _plan_is_refused(host, plan)}
        hidden = {
            host: hidden_values.hidden_of(self, task_vars or {}, [host])
            for host, plan in plans.items()
            if hidden_values.is_hiding(plan)
        }
        secret_texts = [part for secrets in hidden.values() for part in secrets.secret_texts()]
        plans.update((host, secrets.with_secrets(plans[host])) for host, secrets in hidden.items())
        try:
            fleet_locks = FleetLocks(
                _read_configuration(plans, arguments["offline"]),
                Path(arguments["wheelhouse"]).absolute(),
                Path(arguments["locks"]).absolute(),
                relock=arguments["relock"],
                check=self._task.check_mode,
                say=_say,
            )
            result.update(fleet_locks.lock_and_fetch(plans, arguments["delivery"]))
        except (errors.Unreachable, store.WheelhouseError, ValueError, RuntimeError) as error:
            fix = f". To do: {error.way_out}" if isinstance(error, errors.Unreachable) else ""
            message = remove_secrets(redact(f"{error}{fix}"), secret_texts)
            raise AnsibleActionFail(message) from None  # ansible-core 2.19 would repeat the message of the cause
        for host, secrets in hidden.items():
            result["boards"][host] = secrets.without_secrets(result["boards"][host])
            result["builds"] = {
                key: secrets.without_secrets(build) if host in build["hosts"] else build
                for key, build in result["builds"].items()
            }
        result["warnings"] = remove_secrets(result["warnings"], secret_texts)
        if not self._task.diff:
            del result["diff"]
        return result


def _read_configuration(plans: dict[str, dict[str, Any]], offline: bool) -> pip_config.Configuration:
    """pip's configuration, with the passwords of the URLs in the plans. Offline there is no source."""
    if offline:
        return pip_config.Configuration(sources=(), offline=True)
    configuration = pip_config.pip_configuration()
    named = [
        url
        for plan in plans.values()
        for either in (plan, plan["otherwise"])
        if either
        for url in _urls_in_plan(either)
    ]
    return dataclasses.replace(
        configuration,
        credentials={**configuration.credentials, **urls.credentials_of(named)},
        tokens={**configuration.tokens, **pip_config.tokens_of(named)},
    )


def _urls_in_plan(plan: dict[str, Any]) -> list[str]:
    return [
        *plan["sources"],
        *plan["mirrors"].values(),
        *(file["url"] for file in [*plan["wheels"], *plan["files"]]),
        *(plan["conda"] or {}).get("channels", ()),
        *(
            url
            for line in [*plan["companions"], *plan["requirements"], *plan["constraints"]]
            for url in _URL.findall(line)
        ),
    ]


def _plan_is_refused(host: str, plan: Any) -> bool:
    if isinstance(plan, dict) and plan.get("refusal"):
        return True
    if missing := sorted(set(KEYS).difference(plan)) if isinstance(plan, dict) else ["everything"]:
        raise AnsibleActionFail(
            f"plans: the plan of {host} is not one of edgeai.fleet.torch_plan: it lacks {', '.join(missing)}"
        )
    return False
