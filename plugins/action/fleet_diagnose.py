# Copyright (c) 2026 the edgeai.fleet authors
# GNU General Public License v3.0 or later (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Explain an error text on the terminal and, with diagnose_json, in a file."""

from __future__ import annotations

import json
import typing as t
from pathlib import Path

from ansible import context
from ansible.errors import AnsibleActionFail, AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.display import Display
from ansible_collections.edgeai.fleet.plugins.plugin_utils._base.files import write_atomically
from ansible_collections.edgeai.fleet.plugins.plugin_utils._playbooks import pasted_errors

display = Display()


class ActionModule(ActionBase):
    """Runs on the control node only: it needs no connection to any board."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, t.Any] | None = None) -> dict[str, t.Any]:
        result = super().run(tmp, task_vars)
        self.validate_argument_spec({})
        # The raw variables: Ansible could take an error text for a template.
        raw = {name: value for name, value in (task_vars or {}).items() if name.startswith("diagnose_")}
        try:
            question = pasted_errors.read_question(raw, context.CLIARGS.get("extra_vars") or ())
            answer = pasted_errors.answer_question(question)
            display.display("\n".join(["", *pasted_errors.answer_lines(answer, question)]))
            if question.json and not self._task.check_mode:
                write_atomically(
                    Path(question.json).expanduser(), json.dumps(answer, indent=2, ensure_ascii=False) + "\n"
                )
        except OSError as error:
            raise AnsibleActionFail(
                f"diagnose_json: {question.json} cannot be written: {error.strerror or error}."
            ) from error
        except AnsibleError as error:
            raise AnsibleActionFail(str(getattr(error, "message", error))) from error
        return {**result, "changed": False, "diagnosis": answer}
