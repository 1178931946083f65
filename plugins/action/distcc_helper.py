# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Installs the packages that a helper lacks, then lets the module start the daemon. See the module's documentation."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

MODULE = "edgeai.fleet.distcc_helper"


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        first = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        missing = first.get("packages")
        if first.get("failed") or not missing or self._task.check_mode:
            return first
        apt = {
            "name": missing,
            "install_recommends": False,
            "update_cache": True,
            "cache_valid_time": 3600,
            "lock_timeout": 600,
        }
        installed = self._execute_module(module_name="ansible.builtin.apt", module_args=apt, task_vars=task_vars)
        if installed.get("failed"):
            return installed
        second = self._execute_module(module_name=MODULE, module_args=arguments, task_vars=task_vars)
        if second.get("packages"):
            return {"failed": True, "msg": f"apt did not install {' and '.join(second['packages'])}"}
        return {**second, "changed": True, **({} if second.get("failed") else {"packages": missing})}
