# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Print what each board would get, in lines that no callback folds or quotes."""

from __future__ import annotations

import typing as t

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils._cores import bench

display = Display()


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        _result, arguments = self.validate_argument_spec({"boards": {"type": "dict", "required": True}})
        blocks = ["\n".join([name, *(f"  {line}" for line in lines)]) for name, lines in arguments["boards"].items()]
        facts = {name: task_vars["hostvars"][name].get("ansible_facts", {}).get("board") for name in arguments["boards"]}
        display.display("\n" + "\n\n".join(blocks + ["\n".join(lines) for lines in [bench(facts)] if lines]))
        return {**result, "changed": False}
