# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Tell the module the time of the control node, and what the host's variables say of the board.

A board without a clock of its own starts with a wrong one.
"""

from __future__ import annotations

import time
import typing as t

from ansible.errors import AnsibleActionFail
from ansible.module_utils.common.validation import check_type_bool
from ansible.plugins.action import ActionBase
from ansible_collections.edgeai.fleet.plugins.plugin_utils._plan.variables import board_options


class ActionModule(ActionBase):
    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        super().run(tmp, task_vars)
        given = dict(self._task.args)
        asked = given.pop("from_variables", False)
        try:
            from_variables = check_type_bool(asked)
        except TypeError:
            raise AnsibleActionFail(f"from_variables is {asked!r}: it must be true or false.") from None
        options = board_options(task_vars or {}, self._templar.template) if from_variables else {}
        return self._execute_module(
            module_name="edgeai.fleet.board_facts",
            module_args={"control_time": time.time(), **options, **given},
            task_vars=task_vars,
        )
