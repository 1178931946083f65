# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# This file is private to edgeai.fleet: its interface may change in any release.

"""Requests and plans hold no secrets, because Ansible shows them: secrets are read from the host's variables here."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ansible.errors import AnsibleActionFail
from ansible.plugins.action import ActionBase
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import (
    MASK,
    decrypt_text,
    holds_variables,
    is_secret,
    mask_urls,
    mask_variable,
    pack,
    secret_parts,
)

# The options that may hold a URL with a password, or variables with a token.
OPTIONS = (
    "torch_environment",
    "torch_mirrors",
    "torch_catalogue",
    "torch_requirements",
    "torch_constraints",
    "torch_companions",
    "torch_build_environment",
    "torch_build_source",
    "torch_build_patches",
    "torch_build_commands",
    "x86_conda_channels",
)


class HiddenValues:
    """The secrets in the variables of a host: how each is shown, and its real value."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}
        self._variables: dict[tuple[str, str], Any] = {}

    def add(self, name: str, value: Any) -> None:
        value = decrypt_text(value)
        if isinstance(value, str):
            for text in (value, value.rstrip("/")):  # below a mirror come other paths
                if mask_urls(text) != text:
                    self._texts[mask_urls(text)] = str(text)
        elif isinstance(value, Mapping) and holds_variables(name, value):
            self._variables.update(
                ((str(key), shown), decrypt_text(item))
                for key, item in value.items()
                if (shown := mask_variable(key, item)) != item
            )
        elif isinstance(value, Mapping):
            for key, item in value.items():
                self.add("", str(key))
                self.add(str(key), item)
        elif isinstance(value, (list, tuple)):
            for item in value:
                self.add("", item)

    def secret_texts(self) -> list[str]:
        """The texts that may appear nowhere."""
        return [
            *(text for (name, _shown), value in self._variables.items() for text in secret_parts(name, value)),
            *(text for value in self._texts.values() for text in secret_parts("", value)),
        ]

    def with_secrets(self, value: Any, name: str = "") -> Any:
        """The structure with its secrets. `name` is the name of the mapping, if it is one of variables."""

        def real_value(key: str, shown: Any) -> Any:
            if MASK not in str(shown) or (key, shown) in self._variables:
                return self._variables.get((key, str(shown)), shown)
            raise AnsibleActionFail(
                f"{key} has a secret value, which plans do not hold, and the variables of this host do not have it: set"
                " torch_environment in the inventory or for the play"
            )

        return _replace_values(value, name, self._texts, real_value)

    def without_secrets(self, value: Any) -> Any:
        """The opposite of `with_secrets`."""
        shown = {(name, str(real)): shown for (name, shown), real in self._variables.items()}
        return _replace_values(
            value,
            "",
            {real: text for text, real in self._texts.items()},
            lambda key, real: shown.get((key, str(real)), real),
        )


def _replace_values(value: Any, name: str, texts: Mapping[str, str], real_value: Callable[[str, Any], Any]) -> Any:
    if isinstance(value, str):
        for before in sorted(texts, key=len, reverse=True):
            value = value.replace(before, texts[before])
        return value
    if isinstance(value, (list, tuple)):
        return [_replace_values(item, "", texts, real_value) for item in value]
    if not isinstance(value, Mapping):
        return value
    if holds_variables(name, value):
        return {key: real_value(str(key), item) for key, item in value.items()}
    return {
        _replace_values(key, "", texts, real_value): _replace_values(item, str(key), texts, real_value)
        for key, item in value.items()
    }


def is_hiding(value: Any) -> bool:
    return MASK in json.dumps(value, default=str)


def hidden_of(action: ActionBase, task_vars: Mapping[str, Any], hosts: Iterable[str]) -> HiddenValues:
    """The secrets of these hosts, as this task would see them there: with the variables of its play and its roles."""
    hidden = HiddenValues()
    for host in hosts:
        variables = _variables_of(action, task_vars, host)
        templar = action._templar.copy_with_new_env(available_variables=variables)
        for name in OPTIONS:
            if variables.get(name):
                hidden.add(name, templar.template(variables[name]))
    return hidden


def _variables_of(action: ActionBase, task_vars: Mapping[str, Any], host: str) -> Mapping[str, Any]:
    if host == task_vars["inventory_hostname"]:
        return task_vars
    hostvars = task_vars["hostvars"]
    # hostvars[host] lacks the variables of the play and of the role.
    return hostvars._variable_manager.get_vars(
        play=action._task.get_play(), host=hostvars._inventory.get_host(host), task=action._task
    )


def split_variables(
    action: ActionBase, task_vars: Mapping[str, Any], variables: Mapping[str, Any] | None, hosts: Iterable[str] = ()
) -> tuple[dict[str, Any], str]:
    """Variables as two arguments of a module: those that may be shown, and the secret ones packed into one text, of
    which no part is found by chance in a result.

    `hosts` are those whose variables have the secrets, by default this host.
    """
    variables = dict(variables or {})
    if is_hiding(variables):
        variables = hidden_of(action, task_vars, hosts or [task_vars["inventory_hostname"]]).with_secrets(
            variables, "environment"
        )
    secret = {name: value for name, value in variables.items() if is_secret(name, value)}
    return {name: value for name, value in variables.items() if name not in secret}, pack(secret)
