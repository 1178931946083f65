# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Take one board in: its host key, and the operator's key."""

from __future__ import annotations

import pwd
import typing as t
from os import getuid
from pathlib import Path

from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils._enrol import host_keys, key_login
from ansible_collections.edgeai.fleet.plugins.plugin_utils._inventory import new_boards
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan import variables

_PASSWORDS = ("enrol_password", "ansible_password", "ansible_ssh_pass", "ansible_ssh_password")


class ActionModule(ActionBase):
    """Runs on the control node only, where OpenSSH's programs connect to the board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec(
            {
                "name": {"type": "str", "required": True},
                "address": {"type": "str", "required": True},
                "port": {"type": "int", "default": 22},
                "user": {"type": "str", "required": True},
                "accept": {"type": "bool", "default": False},
                "fingerprint": {"type": "str", "default": ""},
                "key": {"type": "str", "default": ""},
                "known_hosts": {"type": "path", "default": "~/.ssh/known_hosts"},
            }
        )
        try:
            return {**result, **self._enrol(arguments, task_vars or {})}
        except host_keys.EnrolError as error:
            return {**result, "failed": True, "msg": str(error)}
        except OSError as error:
            return {**result, "failed": True, "msg": f"{error.filename or arguments['known_hosts']}: {error.strerror}"}

    def _enrol(self, arguments: dict[str, t.Any], task_vars: dict[str, t.Any]) -> dict[str, t.Any]:
        address, port, user = arguments["address"], arguments["port"], arguments["user"]
        try:
            new_boards.check_names([arguments["name"]], "")
        except new_boards.InventoryError as error:
            raise host_keys.EnrolError(str(error)) from None
        host_keys.check_place(address, port)
        # The home of the user database, as OpenSSH's programs read it.
        home = Path(pwd.getpwuid(getuid()).pw_dir)
        public = key_login.find_public_key(arguments["key"], home)
        known_hosts = Path(arguments["known_hosts"]).absolute()
        shown = host_keys.ask_host_keys(address, port)
        wanted = arguments["fingerprint"].strip()
        if wanted and wanted not in [key.fingerprint for key in shown]:
            raise host_keys.EnrolError(
                f"enrol_fingerprint is {wanted!r}, and {address}, port {port}, shows"
                f" {', '.join(map(str, shown))}: another device answers there, or the fingerprint is wrong"
            )
        known = host_keys.is_known(known_hosts, address, port, shown)
        found = {name: arguments[name] for name in ("name", "address", "port", "user")}
        found |= {"fingerprints": list(map(str, shown)), "known": known, "accepted": arguments["accept"]}
        if not arguments["accept"]:
            return {**found, "changed": False, "key_installed": False}
        login = key_login.Login(address, port, user, public, known_hosts)
        if self._task.check_mode:  # a key that is not pinned cannot be logged in with
            missing = not known or not key_login.logs_in_with_key(login)
            return {**found, "changed": missing, "key_installed": missing}
        if not known:
            host_keys.pin_host_keys(known_hosts, address, port, shown)
        missing = not key_login.logs_in_with_key(login)
        if missing:
            key_login.check_usable(login)
            key_login.install_key(login, self._password(task_vars, user, address))
        return {**found, "changed": missing or not known, "key_installed": missing}

    def _password(self, task_vars: dict[str, t.Any], user: str, address: str) -> str:
        """Read here, not handed over as an argument, which -vvv and callbacks show."""
        for name in _PASSWORDS:
            if task_vars.get(name):
                try:
                    password = self._templar.template(variables.trust_as_template(str(task_vars[name])))
                except AnsibleError as error:
                    raise host_keys.EnrolError(f"{name} cannot be evaluated: {error}") from None
                if password:
                    return str(password)
        if self._play_context.password:  # -k
            return str(self._play_context.password)
        raise host_keys.EnrolError(
            f"{user}@{address} does not let the operator's key in, and there is no password: set enrol_password (in a"
            " vault), or ask for it with -k"
        )
