# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the files on the control node, and send py-rattler to a board that lacks it. See the module's documentation."""

from __future__ import annotations

from pathlib import Path

from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.module_utils._base.secrets import mask_secrets, pack, unpack
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.heartbeat import heartbeat
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.hidden_values import split_variables
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.environment_yml import read_environment_yml
from ansible_collections.edgeai.fleet.plugins.plugin_utils._lock.installer_tools import TOOLS, tools_for
from ansible_collections.edgeai.fleet.plugins.plugin_utils._wheelhouse import delivery, package_index, store

SOURCES = ("specs", "environment_yml", "lock")

display = Display()


class ActionModule(ActionBase):
    TRANSFERS_FILES = True

    def run(self, tmp=None, task_vars=None):
        super().run(tmp, task_vars)
        self._host = (task_vars or {}).get("inventory_hostname", "the board")
        arguments = dict(self._task.args)
        wheelhouse = arguments.pop("wheelhouse", None)
        if arguments.get("state", "present") == "present":
            self._read_source(arguments)
        self._hide_secrets(arguments, task_vars or {})
        arguments["_tools"] = {architecture: tool for architecture, tools in TOOLS["conda"].items() for tool in tools}
        arguments["_incoming_uid"] = delivery.connection_uid(self, self._host)
        first = self._call_module(arguments, task_vars)
        if not first.get("lacking"):
            return first
        # In check mode the module makes no directory: Ansible's temporary one is used, which is removed.
        temporary = None if first["incoming"] else self._make_tmp_path()
        try:
            incoming = first["incoming"] or temporary
            self._deliver_rattler(first["lacking"], incoming.rstrip("/"), wheelhouse)
            return self._call_module({**arguments, "_incoming": incoming.rstrip("/")}, task_vars)
        finally:
            if temporary:
                self._remove_tmp_path(temporary)

    def _hide_secrets(self, arguments, task_vars):
        """Move passwords and tokens to where Ansible does not show them."""
        secrets = {}
        if arguments.get("environment"):
            arguments["environment"], packed = split_variables(self, task_vars, arguments["environment"])
            secrets["environment"] = unpack(packed)
        for name in ("channels", "_explicit"):
            shown = mask_secrets(arguments.get(name))
            if shown != arguments.get(name):
                secrets[name], arguments[name] = arguments[name], shown
        if any(secrets.values()):
            arguments["_secrets"] = pack(secrets)

    def _read_source(self, arguments):
        """Put the content of the named files into the module's arguments."""
        given = [name for name in SOURCES if arguments.get(name) not in (None, [], "")]
        if len(given) != 1:
            raise AnsibleActionFail(
                f"conda_env needs exactly one of {', '.join(SOURCES)}; set are: {' and '.join(given) or 'none'}"
            )
        if given == ["environment_yml"]:
            path, text = self._read_file(arguments.pop("environment_yml"))
            try:
                content = read_environment_yml(text, path)
            except ValueError as error:
                raise AnsibleActionFail(str(error)) from None
            arguments["specs"] = content["specs"]
            # The task's channels win: they may be a mirror for a file that names conda-forge.
            arguments["channels"] = arguments.get("channels") or content["channels"]
            arguments["environment"] = {**content["variables"], **(arguments.get("environment") or {})}
        elif given == ["lock"]:
            arguments["_explicit"] = self._read_file(arguments.pop("lock"))[1]

    def _read_file(self, name):
        try:
            path = self._find_needle("files", str(name))
            return path, Path(path).read_text("utf-8")
        except AnsibleError:
            raise AnsibleActionFail(
                f"{name} is not on the control node, neither in the playbook's folder nor in its folder files"
            ) from None
        except (OSError, UnicodeDecodeError) as error:
            raise AnsibleActionFail(f"{name} cannot be read: {error}") from None

    def _call_module(self, arguments, task_vars):
        with heartbeat(self._host, "installing"):
            return self._execute_module(
                module_name="edgeai.fleet.conda_env", module_args=arguments, task_vars=task_vars
            )

    def _deliver_rattler(self, tool, incoming, wheelhouse):
        """Send py-rattler's pinned wheel from the wheelhouse, which fetches it once."""
        architecture = next(
            name for name, tools in TOOLS["conda"].items() if any(entry["sha256"] == tool["sha256"] for entry in tools)
        )
        try:
            index = package_index.Sources()
            tool = tools_for({"provider": "conda", "target": {"architecture": architecture}, "mirrors": {}}, index)[0]
            house = store.Wheelhouse(
                Path(wheelhouse or store.default_wheelhouse()).absolute(),
                index.configuration,
                display.display,
            )
            with house.lock_for_run():
                failed = house.fetch_all([tool])
        except (store.WheelhouseError, ValueError) as error:
            raise AnsibleActionFail(str(error)) from None
        if failed:
            raise AnsibleActionFail(
                f"{self._host} has no py-rattler {tool['version']}, and it cannot be sent: {failed[tool['sha256']]}"
            )
        display.display(f"{self._host}: sending {tool['filename']} ({tool['size'] / 2**20:.1f} MiB)")
        self._transfer_file(str(house.path_of(tool)), f"{incoming}/{tool['sha256']}")
